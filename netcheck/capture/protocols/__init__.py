"""The exchanges in a capture, one module a protocol: from tables of packets to what came of
each.
"""
