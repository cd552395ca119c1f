"""What people paste beside a log of the device: answers of its console and its access point, the
output of `particle serial inspect`, and lines of the router's own logs.
"""
