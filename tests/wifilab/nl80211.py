"""A join by name, as simple firmware does it: open-system authentication and association with one
fixed RSN element, whatever the beacon says.

Source: linux/nl80211.h and linux/genetlink.h.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import time
from pathlib import Path

RSN_PSK_CCMP = bytes.fromhex("30140100000fac040100000fac040100000fac020000")
_NETLINK_GENERIC, _CONTROLLER, _REQUEST_ACK, _ERROR = 16, 0x10, 5, 2
_GET_FAMILY, _AUTHENTICATE, _ASSOCIATE, _DEAUTHENTICATE = 3, 37, 38, 39
_FAMILY_ID, _FAMILY_NAME = 1, 2
_IFINDEX, _MAC, _FREQUENCY, _IE, _SSID, _AUTH_TYPE, _REASON = 3, 6, 38, 42, 52, 53, 54


class Nl80211:
    """Commands to one interface of the current namespace; the join lives as long as this does."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_GENERIC)
        self._socket.bind((0, 0))
        self._socket.settimeout(5)
        self._interface = interface
        self._index = socket.if_nametoindex(interface)
        answer = self._ask(_CONTROLLER, _GET_FAMILY, (_FAMILY_NAME, b"nl80211\0"))
        self._family = next(
            int.from_bytes(v, "little") for k, v in _attributes(answer[20:]) if k == _FAMILY_ID
        )

    def join(self, ssid: str, bssid: str, mhz: int, rounds: int) -> None:
        """So many attempts, 5 s apart; whether one is accepted shows on the air alone."""
        name, mac = ssid.encode(), bytes.fromhex(bssid.replace(":", ""))
        frequency = (_FREQUENCY, struct.pack("<I", mhz))
        for _ in range(rounds):
            scan = ["iw", "dev", self._interface, "scan", "freq", str(mhz), "ssid", ssid]
            subprocess.run(scan, capture_output=True)
            self._command(_AUTHENTICATE, mac, (_SSID, name), frequency, (_AUTH_TYPE, bytes(4)))
            time.sleep(0.5)
            self._command(_ASSOCIATE, mac, (_SSID, name), frequency, (_IE, RSN_PSK_CCMP))
            time.sleep(2.5)
            self._command(_DEAUTHENTICATE, mac, (_REASON, struct.pack("<H", 3)))
            time.sleep(1)

    def _command(self, command: int, mac: bytes, *attributes: tuple[int, bytes]) -> None:
        own = ((_IFINDEX, struct.pack("<I", self._index)), (_MAC, mac))
        with contextlib.suppress(OSError):  # refused: the frames on the air say so
            self._ask(self._family, command, *own, *attributes)

    def _ask(self, family: int, command: int, *attributes: tuple[int, bytes]) -> bytes:
        """The first message that comes back; OSError where that is an error."""
        body = struct.pack("<BBxx", command, 1) + b"".join(_attribute(*a) for a in attributes)
        head = struct.pack("<IHHII", 16 + len(body), family, _REQUEST_ACK, 1, 0)
        self._socket.send(head + body)
        answer = self._socket.recv(1 << 16)
        if struct.unpack_from("<H", answer, 4)[0] == _ERROR:
            code = struct.unpack_from("<i", answer, 16)[0]
            if code:
                raise OSError(-code, "refused by the kernel")
        return answer


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _attributes(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("<HH", data, at)
        found.append((kind, data[at + 4 : at + size]))
        at += max(4, size + 3 & ~3)
    return found


def up(interface: str) -> None:
    """Switch the interface of the current namespace on."""
    subprocess.run(["ip", "link", "set", interface, "up"], check=True)
    Path("/proc/sys/net/ipv6/conf", interface, "disable_ipv6").write_text("1")
