"""What answers to lookups show beside what they say: who else answers for a resolver."""
