"""The fingerprint of a Photon on a network, which captures and probes share.

Sources: device-os@v0.6.0:hal/src/photon and its lwIP (dhcp.o),
system/src/system_cloud_internal.cpp; device-os@v2.3.1:system/src/system_network_internal.h (host
name).
"""

from __future__ import annotations

import re

RANKS = {
    "device_id": 6,
    "handshake": 5,
    "dhcp_fingerprint": 4,
    "internet_test": 4,
    "session": 4,
    "asks_cloud": 3,
    "tries_cloud": 3,
    "syn_shape": 2,
    "maker_prefix": 1,
}
"""Signs that a client is a Photon, and how much each is worth. From 2 on a client is one; 1 only if
it is alone.
"""

FIXED_XID, FIRST_XID = 0x2A, 0xABCD0001
"""The DHCP transaction ids: always the first, or in older firmware the second and those that follow
it.
"""
_OLD_XIDS = 0x400
PARAMETERS = bytes((1, 3, 28, 6))
_ANNOUNCEMENT = bytes.fromhex("50020000b168ff")
"""A CoAP message (RFC 7252 §3): non-confirmable, POST, to /h; the 12 bytes of the device id follow.
"""
_ID_BYTES = 12
_DEVICE_ID = re.compile(r"[0-9a-f]{24}")


PROBE_REQUESTED_OPTIONS = (*PARAMETERS, 114, 252)
"""The options that `netcheck` itself requests of DHCP servers: a Photon's, and those of a login
page and a proxy script.
"""


def is_old_xid(xid: int) -> bool:
    """Is it one of the transaction ids that older firmware counts through?"""
    return 0 <= xid - FIRST_XID < _OLD_XIDS


def is_photon_request(parameters: bytes, xid: int) -> bool:
    """Does a DHCP client that requests these options, under that id, ask as a Photon does?"""
    return parameters == PARAMETERS and (xid == FIXED_XID or is_old_xid(xid))


def requested_id(parameters: bytes, host_name: bytes) -> str:
    """The device id in a DHCP request that also asks for a Photon's options; empty where it does
    not: other makers' chips have names of 24 hex digits, too.
    """
    return named_id(host_name) if parameters == PARAMETERS else ""


def named_id(host_name: bytes) -> str:
    """The device id that firmware from 0.7.0 on gives as its DHCP host name, 24 hex digits; empty
    where the name is another.
    """
    name = host_name.decode("latin-1").lower()
    return name if _DEVICE_ID.fullmatch(name) else ""


def announced_id(payload: bytes) -> str:
    """The device id in the payload of a multicast announcement, 24 hex digits; empty if it is not
    one.
    """
    head, device_id = payload[: len(_ANNOUNCEMENT)], payload[len(_ANNOUNCEMENT) :]
    return device_id.hex() if head == _ANNOUNCEMENT and len(device_id) == _ID_BYTES else ""
