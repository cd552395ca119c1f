"""What the device answers over its own access point, understood; pure.

Source: device-os@v0.5.3, v0.7.0, v1.5.2: hal/src/photon/softap.cpp. Network names go into the list
of the scan as they are, so that one with a quote or a backslash breaks the JSON. Every entry ends
with four numbers, and these alone are longer than the longest name: no name can pass for the end of
its own entry, and the list can be read whatever the names hold.
"""

from __future__ import annotations

import hashlib
import re
from typing import TypeVar

import msgspec

from netcheck.model import Struct
from netcheck.wifi.elements import CCMP, PSK, TKIP, BssDescription, Suites

MOST_NETWORKS = 200
KEY_BYTES, DER_BYTES = 294, 162
"""Of what is stored of the device's public key, and of these the key itself: RSA with 1024 bits."""
DER_START = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100")
HEAD_BYTES = 8
"""So many bytes of the modulus are kept, to be compared with what the cloud sealed for this key."""
ENTERPRISE_AKM = 1

_NUMBER = rb"\s{0,4}:\s{0,4}(-?[0-9]{1,10})\s{0,4}"
_ENTRY = re.compile(
    rb'\{"ssid":"(.{0,32}?)","rssi"'
    + _NUMBER
    + rb',"sec"'
    + _NUMBER
    + rb',"ch"'
    + _NUMBER
    + rb',"mdr"'
    + _NUMBER
    + rb"\}",
    re.DOTALL,
)
_START, _END = b'{"scans":[', b"]}"
_ID = re.compile(r"[0-9A-Fa-f]{24}", re.ASCII)

T = TypeVar("T")


class ScannedNetwork(Struct, frozen=True, kw_only=True):
    """One network as the device's own radio hears it. `sec` as in wwd_constants.h."""

    ssid: bytes
    rssi_dbm: int
    sec: int
    channel: int

    @property
    def name(self) -> str:
        """The network's name as text, its odd bytes visible."""
        return self.ssid.decode("utf-8", "backslashreplace")

    @property
    def has_known_security(self) -> bool:
        """Does the radio's software have a name for that security?"""
        return self.sec in _SECURITY

    def obstacle(self) -> str:
        """The reason word for what keeps a Photon out, as far as the scan tells; empty if nothing
        does.

        A network with WPA3 or required management-frame protection beside AES is not to be told
        from one without.
        """
        is_private, rsn, wpa = _SECURITY.get(self.sec, (True, None, None))
        return BssDescription(
            self.ssid, self.channel, 2407 + 5 * self.channel, is_private, rsn, wpa
        ).obstacle()


class Scan(Struct, frozen=True, kw_only=True):
    """The networks that the device hears; names may come twice, hidden ones are left out. Not
    whole: cut, or partly not understood.
    """

    networks: tuple[ScannedNetwork, ...] = ()
    is_whole: bool = True


class Identity(Struct, frozen=True, kw_only=True):
    """The device id in lower case, and the mark of having been claimed; None where it is not
    told.
    """

    id: str
    claimed: bool | None


class DeviceKey(Struct, frozen=True, kw_only=True):
    """The device's public key: the SHA-256 of its DER form, and the first bytes of its modulus, in
    hex.
    """

    sha256: str
    head: str


class _Id(msgspec.Struct):
    id: str
    c: str | int | None = None


class UnreadableKey(Struct, frozen=True, kw_only=True):
    """The device says that it cannot read its key."""

    error: int


class _Version(msgspec.Struct):
    v: int


class _Key(msgspec.Struct):
    b: str = ""
    r: int = 0


class _Network(msgspec.Struct):
    ssid: str
    rssi: int
    sec: int
    ch: int


class _Networks(msgspec.Struct):
    scans: list[_Network]


def _suites(*ciphers: int, akm: int = PSK) -> Suites:
    return Suites(frozenset({akm}), frozenset(ciphers), is_pmf_required=False)


_WPS = 0x10000000
_OFFERED: dict[int, tuple[bool, Suites | None, Suites | None]] = {
    0: (False, None, None),
    1: (True, None, None),
    32769: (True, None, None),
    2097154: (True, None, _suites(TKIP)),
    2097156: (True, None, _suites(CCMP)),
    2097158: (True, None, _suites(TKIP, CCMP)),
    4194306: (True, _suites(TKIP), None),
    4194308: (True, _suites(CCMP), None),
    4194310: (True, _suites(TKIP, CCMP), None),
    35651586: (True, None, _suites(TKIP, akm=ENTERPRISE_AKM)),
    35651588: (True, None, _suites(CCMP, akm=ENTERPRISE_AKM)),
    35651590: (True, None, _suites(TKIP, CCMP, akm=ENTERPRISE_AKM)),
    37748738: (True, _suites(TKIP, akm=ENTERPRISE_AKM), None),
    37748740: (True, _suites(CCMP, akm=ENTERPRISE_AKM), None),
    37748742: (True, _suites(TKIP, CCMP, akm=ENTERPRISE_AKM), None),
}
_SECURITY = _OFFERED | {_WPS | sec: offered for sec, offered in _OFFERED.items()}
"""Security number → privacy, RSN and WPA element
(hal/src/photon/wiced/WWD/include/wwd_constants.h).
"""


def identity(answer: bytes) -> Identity | None:
    """The answer to `device-id`; None if it is not one."""
    found = _decoded(answer, _Id)
    if found is None or not _ID.fullmatch(found.id):
        return None
    return Identity(id=found.id.lower(), claimed={"0": False, "1": True}.get(str(found.c)))


def version(answer: bytes) -> int | None:
    """The answer to `version`: that of the protocol, 2 in every firmware; None where it is none."""
    found = _decoded(answer, _Version)
    return found.v if found is not None and 0 <= found.v < 1000 else None


def key(answer: bytes) -> DeviceKey | UnreadableKey | None:
    """The device's public key in the answer to `public-key`; None where it is none."""
    found = _decoded(answer, _Key)
    if found is None or (not found.b and not found.r):
        return None
    if found.r:
        return UnreadableKey(error=found.r)
    try:
        stored = bytes.fromhex(found.b)
    except ValueError:
        return None
    if len(stored) != KEY_BYTES or not stored.startswith(DER_START):
        return None
    modulus = stored[len(DER_START) :]
    return DeviceKey(
        sha256=hashlib.sha256(stored[:DER_BYTES]).hexdigest(), head=modulus[:HEAD_BYTES].hex()
    )


def scan(answer: bytes) -> Scan | None:
    """The answer to `scan-ap`, its names with whatever they hold; None where it is none."""
    text = answer.strip()
    if not text.startswith(_START):
        return _escaped(text)
    networks, at, is_whole = list[ScannedNetwork](), len(_START), True
    while (begin := text.find(b"{", at)) >= 0 and len(networks) < MOST_NETWORKS:
        found = _ENTRY.match(text, begin)
        if found is None:
            is_whole, at = False, begin + 1
            continue
        is_whole &= text[at:begin].strip() in (b"", b",")
        networks.append(_scanned(found))
        at = found.end()
    is_end = text[at:].replace(b" ", b"") == _END
    if not (is_whole and is_end) and (escaped := _escaped(text)) is not None:
        return escaped
    return Scan(networks=tuple(networks), is_whole=is_whole and is_end)


def _scanned(found: re.Match[bytes]) -> ScannedNetwork:
    rssi, sec, channel = (int(found[number]) for number in (2, 3, 4))
    return ScannedNetwork(ssid=found[1], rssi_dbm=rssi, sec=sec, channel=channel)


def _escaped(text: bytes) -> Scan | None:
    """The list where it is JSON after all, as no known firmware writes it."""
    found = _decoded(text, _Networks)
    if found is None:
        return None
    kept = found.scans[:MOST_NETWORKS]
    networks = (
        ScannedNetwork(
            ssid=one.ssid.encode("utf-8", "replace")[:32],
            rssi_dbm=one.rssi,
            sec=one.sec,
            channel=one.ch,
        )
        for one in kept
    )
    return Scan(networks=tuple(networks), is_whole=len(kept) == len(found.scans))


def _decoded(answer: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(answer.strip(), type=kind)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
