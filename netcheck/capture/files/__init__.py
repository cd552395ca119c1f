"""From a capture file to its relevant packets: formats, compression, link types, and what is worth
decoding.
"""
