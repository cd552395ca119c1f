"""What Wi-Fi frames tell of a device beside its attempts to join: what it asks for, whether it is
kept, and what can be told through encryption.
"""
