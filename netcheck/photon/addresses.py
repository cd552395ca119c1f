"""The addresses that a Photon has, uses, or is given, as its firmware and its maker fix them."""

PHOTON_FALLBACK = "54.208.229.4"
"""Where firmware 0.4.9-0.5.5 goes when no look-up succeeds
(device-os@v0.5.3:system/src/system_cloud_internal.cpp).
"""

INTERNET_TEST = "8.8.8.8"
"""Whom firmware before 2.0 asks, on TCP 53, whether there is an Internet
(device-os@v0.6.0:system/src/system_task.cpp).
"""

ANNOUNCE_GROUP = "224.0.1.187"
"""All-CoAP-nodes group (RFC 7252 §12.8): a Photon announces itself there after a finished
handshake.
"""

MAKER_PREFIXES = ("6c:0b:84", "e0:4f:43", "44:39:c4", "94:94:4a")
"""MAC prefixes of Universal Global Scientific Industrial, who built the module (also in many
computers), and of Particle Industries.
"""

NO_PORTAL = "urn:ietf:params:capport:unrestricted"
"""The URI that a DHCP server names where there is no login page (RFC 8910 §2)."""
