"""Tests in a throw-away virtual machine, for what the build machine's kernel lacks: a USB bus with
a Photon on it.
"""
