"""The device as a witness: what it says over USB and its own access point, what its light showed,
and what its user knows.

Reading is apart from understanding: `serial_port` and `softap` do the input and output, the other
modules turn what came back into observations and are pure.
"""
