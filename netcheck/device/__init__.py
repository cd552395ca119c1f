"""The device as a witness: what it says over USB, in its log, and over its own access point.

Reading is apart from understanding: `usb.serial_port`, `usb.bus` and `softap.sockets` do the input
and output, the other modules turn what came back into observations and are pure.
"""
