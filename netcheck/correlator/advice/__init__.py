"""What to test or to ask next, and what was not tested."""
