"""Inputs made to exhaust memory or time, and how much of both netcheck takes for each."""
