"""From a diagnosis to bytes for people and programs."""
