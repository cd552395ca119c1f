"""Random hostile input for everything that netcheck reads; `python -m tests.fuzz --help`."""
