"""`netcheck ask`: one question at a time, the one that best parts the causes still standing."""
