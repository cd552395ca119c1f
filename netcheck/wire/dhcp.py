"""DHCP messages (RFC 2131) and their options (RFC 2132). Pure; any bytes give a message or None.

The only reader of options: captures and probes both read through it, so that they agree on a broken
list.
"""

from __future__ import annotations

from collections.abc import Iterable
from socket import inet_aton
from typing import NamedTuple

from netcheck.wire.addresses import first_ipv4, ipv4_list, ipv4_text, mac_bytes, mac_text

SERVER_PORT, CLIENT_PORT = 67, 68
BOOT_REQUEST, BOOT_REPLY = 1, 2
DISCOVER, OFFER, REQUEST = 1, 2, 3

_ETHERNET, _MAC_BYTES = 1, 6
_COOKIE = b"\x63\x82\x53\x63"
_FIXED_BYTES = 240
"""Up to and with the cookie: the options follow."""
_PAD, _END = 0, 255
_MASK, _ROUTERS, _RESOLVERS, _HOST_NAME = 1, 3, 6, 12
_REQUESTED, _LEASE_TIME, _KIND, _SERVER, _PARAMETERS, _MESSAGE = 50, 51, 53, 54, 55, 56
_PORTAL = 114  # RFC 8910
_PROXY_SCRIPT = 252
"""For private use, and by custom where a proxy script lies (draft-ietf-wrec-wpad-01 §4.4.1)."""
_MOST_NAME_BYTES, _MOST_MESSAGE_BYTES, _MOST_URL_BYTES = 64, 128, 255


class Dhcp(NamedTuple):
    """RFC 2131 and 2132. Options that are absent or cut off are None or empty."""

    # option 53: 1 DISCOVER, 2 OFFER, 3 REQUEST, 4 DECLINE, 5 ACK, 6 NAK, 7 RELEASE, 8 INFORM
    kind: int
    xid: int
    client_mac: str
    ciaddr: str
    yiaddr: str
    relay: str
    server: str
    requested: str
    mask: str
    routers: tuple[str, ...]
    resolvers: tuple[str, ...]
    lease_s: int | None
    host_name: bytes
    parameters: bytes
    message: bytes
    op: int  # BOOT_REQUEST of a client, BOOT_REPLY of a server
    portal: bytes
    proxy_script: bytes


def read_dhcp(data: bytes) -> Dhcp | None:
    """The message in a UDP payload; None where its fixed part is cut, or it is none of an Ethernet
    or Wi-Fi client.
    """
    if len(data) < _FIXED_BYTES or data[236:_FIXED_BYTES] != _COOKIE:
        return None
    if data[1] != _ETHERNET or data[2] != _MAC_BYTES:
        return None
    options = read_options(data[_FIXED_BYTES:])
    kind = options.get(_KIND, b"")
    lease = options.get(_LEASE_TIME, b"")
    return Dhcp(
        kind=kind[0] if kind else 0,
        xid=int.from_bytes(data[4:8], "big"),
        client_mac=mac_text(data[28:34]),
        ciaddr=ipv4_text(data[12:16]),
        yiaddr=ipv4_text(data[16:20]),
        relay=ipv4_text(data[24:28]),
        server=first_ipv4(options.get(_SERVER, b"")),
        requested=first_ipv4(options.get(_REQUESTED, b"")),
        mask=first_ipv4(options.get(_MASK, b"")),
        routers=ipv4_list(options.get(_ROUTERS, b"")),
        resolvers=ipv4_list(options.get(_RESOLVERS, b"")),
        lease_s=int.from_bytes(lease, "big") if len(lease) == 4 else None,
        host_name=options.get(_HOST_NAME, b"")[:_MOST_NAME_BYTES],
        parameters=options.get(_PARAMETERS, b""),
        message=options.get(_MESSAGE, b"")[:_MOST_MESSAGE_BYTES],
        op=data[0],
        portal=options.get(_PORTAL, b"")[:_MOST_URL_BYTES],
        proxy_script=options.get(_PROXY_SCRIPT, b"")[:_MOST_URL_BYTES],
    )


def encode_dhcp(dhcp: Dhcp) -> bytes:
    """The message that `read_dhcp` reads as these fields."""
    fixed = b"".join(
        (
            bytes((dhcp.op, _ETHERNET, _MAC_BYTES, 0)),
            dhcp.xid.to_bytes(4, "big"),
            bytes(4),
            _addresses((dhcp.ciaddr, dhcp.yiaddr)),
            bytes(4),
            _addresses((dhcp.relay,)),
            mac_bytes(dhcp.client_mac),
        )
    )
    options = {
        _KIND: bytes([dhcp.kind]) if dhcp.kind else b"",
        _SERVER: _addresses((dhcp.server,)),
        _REQUESTED: _addresses((dhcp.requested,)),
        _MASK: _addresses((dhcp.mask,)),
        _ROUTERS: _addresses(dhcp.routers),
        _RESOLVERS: _addresses(dhcp.resolvers),
        _LEASE_TIME: b"" if dhcp.lease_s is None else dhcp.lease_s.to_bytes(4, "big"),
        _HOST_NAME: dhcp.host_name,
        _PARAMETERS: dhcp.parameters,
        _MESSAGE: dhcp.message,
        _PORTAL: dhcp.portal,
        _PROXY_SCRIPT: dhcp.proxy_script,
    }
    return (
        fixed.ljust(_FIXED_BYTES - len(_COOKIE), b"\0")
        + _COOKIE
        + b"".join(
            _option(code, value[at : at + 255])
            for code, value in options.items()
            for at in range(0, len(value), 255)
        )
    )


def _addresses(texts: Iterable[str]) -> bytes:
    return b"".join(inet_aton(text) for text in texts if text)


def _option(code: int, value: bytes) -> bytes:
    return bytes((code, len(value))) + value


def read_options(data: bytes) -> dict[int, bytes]:
    """Option → value; the pieces of an option given twice are joined (RFC 3396).

    Reading ends at an option whose length reaches behind the end of the data. That option is
    absent, with its earlier pieces: half of an address list or of a name is another one, not a
    shorter view of the same.
    """
    options: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _END:
        code = data[at]
        if code == _PAD:
            at += 1
            continue
        length = data[at + 1] if at + 1 < len(data) else 0
        if at + 2 + length > len(data):
            options.pop(code, None)
            break
        options[code] = options.get(code, b"") + data[at + 2 : at + 2 + length]
        at += 2 + length
    return options
