"""Text that comes in or goes out: secrets taken out as it is read, escapes where it is shown, names
hidden where asked.
"""
