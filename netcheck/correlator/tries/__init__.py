"""What several tries of one device say together."""
