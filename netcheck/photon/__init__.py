"""Facts about the device itself: how it shows on a network, which addresses it uses, which firmware
does what.
"""
