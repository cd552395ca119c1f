"""`netcheck ask`: one question at a time, the one that best tells the standing causes apart."""
