"""The command line: options in, evidence gathered, an answer out."""
