"""The user as a witness: what the light was seen to do, what is told, and the interview that
asks.
"""
