"""What a probe can ask the network, each with a time limit of its own; all sockets are opened
here.
"""
