"""This computer's Wi-Fi adapter: which it is, whether it is switched on, and its list of access
points, each system in its own way.
"""
