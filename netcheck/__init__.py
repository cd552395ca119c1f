"""Why won't my Photon connect? Explains it from the LAN, from captures and from the device
itself.
"""

__version__ = "0.1.0"
