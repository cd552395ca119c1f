"""The access points that the Linux kernel knows, and the order to scan anew (linux/nl80211.h, over
generic netlink, linux/genetlink.h).

Anyone may read the list, which the kernel forgets after half a minute; the order to scan needs
CAP_NET_ADMIN in the process that opens the socket and in the one that sends (netlink_capable).
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from netcheck.host import netlink
from netcheck.model import Struct
from netcheck.wifi.elements import BssDescription, channel_utilization, describe_bss
from netcheck.wifi.scan import MOST_BSS, ScannedBss

GENERIC = 16
"""NETLINK_GENERIC."""
_CONTROL, _GET_FAMILY = 0x10, 3
_FAMILY_ID, _FAMILY_NAME, _GROUPS, _GROUP_NAME, _GROUP_ID = 1, 2, 7, 1, 2
_GET_SCAN, _TRIGGER_SCAN, _NEW_RESULTS, _ABORTED = 32, 33, 34, 35
_INDEX, _FREQUENCIES, _SSIDS, _BSS = 3, 44, 45, 47
_BSSID, _FREQUENCY, _CAPABILITIES, _ELEMENTS, _SIGNAL = 1, 2, 5, 6, 7
_STATUS, _SEEN_MS_AGO, _BEACON_ELEMENTS = 9, 10, 11
_JOINED = (1, 2)
_SOL_NETLINK, _ADD_MEMBERSHIP = 270, 1
_HEADER = struct.Struct("=BBH")
_TYPE = 0x3FFF
"""The bits of an attribute's type beside its flags."""
_BUFFER_BYTES = 1 << 16
_USUAL_2GHZ = tuple(2407 + 5 * channel for channel in range(1, 14))
"""In MHz. Some adapters have no channel 14, and refuse an order that names it."""
LONGEST_NAME = 32
"""IEEE 802.11-2020 §9.4.2.2."""


class ScanOrder(Struct, frozen=True, kw_only=True):
    """What is to be scanned. `name`: asked for beside every network, for hidden ones answer that
    alone. `only_2ghz`: on the channels of 2.4 GHz alone. `listen_mhz`: nothing is sent, and these
    channels alone are listened to, each longer than the time from beacon to beacon.
    """

    name: bytes = b""
    only_2ghz: bool = False
    listen_mhz: tuple[int, ...] = ()


class OrderScan(Protocol):
    """Orders a scan of the interface of that number, as `trigger` does; raises OSError."""

    def __call__(self, index: int, order: ScanOrder, /) -> None: ...


class Family(Struct, frozen=True, kw_only=True):
    """The number of nl80211 in this kernel, and of its group that tells of scans; 0: none."""

    number: int
    scans: int = 0


def family() -> Family:
    """Raises OSError where the kernel has no Wi-Fi."""
    request = _HEADER.pack(_GET_FAMILY, 1, 0) + netlink.attribute(_FAMILY_NAME, b"nl80211\0")
    for payload in netlink.ask(_CONTROL, request, GENERIC):
        found = family_in(payload)
        if found is not None:
            return found
    raise OSError("the kernel names no nl80211")


def family_in(payload: bytes) -> Family | None:
    """The family that an answer of the controller describes; None where it describes none."""
    told = _attributes(payload[_HEADER.size :])
    number = _number(told, _FAMILY_ID)
    if not number:
        return None
    groups = (_attributes(one) for _, one in netlink.attributes(told.get(_GROUPS, b"")))
    scans = [_number(one, _GROUP_ID) for one in groups if one.get(_GROUP_NAME) == b"scan\0"]
    return Family(number=number, scans=next((one for one in scans if one), 0))


def trigger(index: int, order: ScanOrder, /) -> None:
    """Order that scan of that interface. Raises OSError: EPERM without the right, EBUSY while one
    is running, ENETDOWN.
    """
    netlink.ask(family().number, scan_order(index, order), GENERIC)


def scan_order(index: int, order: ScanOrder) -> bytes:
    """That order as a message. One that names no network makes a scan a passive one."""
    channels = order.listen_mhz or (_USUAL_2GHZ if order.only_2ghz else ())
    given = b""
    if not order.listen_mhz:
        names = [b"", order.name[:LONGEST_NAME]] if order.name else [b""]
        given = netlink.attribute(_SSIDS, _listed(names))
    if channels:
        given += netlink.attribute(
            _FREQUENCIES, _listed([struct.pack("=I", mhz) for mhz in channels])
        )
    return _order(_TRIGGER_SCAN, index, given)


def _listed(values: Sequence[bytes]) -> bytes:
    """A nested list: attributes numbered from 1."""
    return b"".join(netlink.attribute(at, one) for at, one in enumerate(values, 1))


class ScanEnd:
    """Waits for the end of a scan of that interface; to be made before it is ordered, and used by
    `with`. Needs no rights. Raises OSError.
    """

    def __init__(self, index: int) -> None:
        self._index = index
        self._family = family()
        self._sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, GENERIC)
        try:
            self._sock.bind((0, 0))
            self._sock.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, self._family.scans)
        except OSError:
            self._sock.close()
            raise

    def __enter__(self) -> ScanEnd:
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def wait(self, seconds: float) -> bool:
        """Did one end with results meanwhile? False where it was aborted, too."""
        deadline = time.monotonic() + seconds
        while (left_s := deadline - time.monotonic()) > 0:
            self._sock.settimeout(left_s)
            try:
                datagram = self._sock.recv(_BUFFER_BYTES)
            except OSError:  # TimeoutError too
                return False
            for kind, payload in netlink.split(datagram):
                if kind == self._family.number and (ended := ending(payload, self._index)):
                    return ended == _NEW_RESULTS
        return False


def ending(payload: bytes, index: int) -> int:
    """The command of a message that ends a scan of that interface; 0 for any other message."""
    if len(payload) < _HEADER.size:
        return 0
    command = payload[0]
    is_own = _number(_attributes(payload[_HEADER.size :]), _INDEX) == index
    return command if is_own and command in (_NEW_RESULTS, _ABORTED) else 0


def known(index: int) -> tuple[ScannedBss, ...]:
    """The access points that the kernel knows of that interface. Raises OSError."""
    number = family().number
    found: list[ScannedBss] = []
    for payload in netlink.dump(number, _order(_GET_SCAN, index), number, GENERIC):
        one = bss_in(payload)
        if one is not None and len(found) < MOST_BSS:
            found.append(one)
    return tuple(found)


def bss_in(payload: bytes) -> ScannedBss | None:
    """The access point of one message; None where it holds none."""
    outer = _attributes(payload[_HEADER.size :])
    bss = _attributes(outer.get(_BSS, b""))
    bssid = bss.get(_BSSID, b"")
    if len(bssid) != 6:
        return None
    beacon = bss.get(_BEACON_ELEMENTS, b"")
    body = bss.get(_ELEMENTS) or beacon
    mhz = _number(bss, _FREQUENCY) or None
    told = describe_bss(_number(bss, _CAPABILITIES), body, mhz)
    age_ms = _number(bss, _SEEN_MS_AGO) if _SEEN_MS_AGO in bss else None
    return ScannedBss(
        bssid=bssid.hex(":"),
        description=told,
        signal_dbm=_signal_dbm(bss.get(_SIGNAL, b"")),
        age_s=None if age_ms is None else age_ms / 1000,
        is_joined=_STATUS in bss and _number(bss, _STATUS) in _JOINED,
        is_hidden=_is_hidden(told, beacon),
        is_beacon_heard=bool(beacon),
        utilization=channel_utilization(body),
    )


def _is_hidden(told: BssDescription, beacon: bytes) -> bool:
    return told.is_hidden or (bool(beacon) and describe_bss(0, beacon, None).is_hidden)


def _order(command: int, index: int, given: bytes = b"") -> bytes:
    place = netlink.attribute(_INDEX, struct.pack("=I", index))
    return _HEADER.pack(command, 1, 0) + place + given


def _attributes(data: bytes) -> Mapping[int, bytes]:
    return {kind & _TYPE: value for kind, value in netlink.attributes(data)}


def _number(told: Mapping[int, bytes], kind: int) -> int:
    """An unsigned number of any size; 0 where it is missing."""
    value = told.get(kind, b"")
    return int.from_bytes(value, sys.byteorder) if len(value) in (1, 2, 4, 8) else 0


def _signal_dbm(value: bytes) -> int | None:
    """NL80211_BSS_SIGNAL_MBM, in hundredths of a dBm."""
    if len(value) != 4:
        return None
    return round(int.from_bytes(value, sys.byteorder, signed=True) / 100)
