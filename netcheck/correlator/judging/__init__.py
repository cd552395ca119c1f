"""From the tries of one device to its causes, each with its level."""
