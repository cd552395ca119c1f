"""What the author of a probe imports, besides `netcheck.model`."""
