"""Records beside the device's next attempts, and stops when the question is settled. Listens
only.
"""
