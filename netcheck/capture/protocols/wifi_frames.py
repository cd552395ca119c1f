"""802.11 frames: which access points were received, and the frames between them and each station.

Management frames and EAPOL keys only; what is encrypted was counted by the reader. Like the other
tables this one merges by union: of each access point the first description and each changed one, of
each station its frames, both bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from netcheck.capture.files.tally import Packet
from netcheck.photon.addresses import MAKER_PREFIXES
from netcheck.wifi.codes import SHARED_KEY
from netcheck.wifi.elements import (
    BssDescription,
    asks_for_wpa,
    describe_bss,
    requested_channel,
    requested_ssid,
)
from netcheck.wire.dot11 import reception
from netcheck.wire.links import ACKED_NS, ACKNOWLEDGEMENT, EAPOL, Dot11, dot11, locate

ASSOCIATION_REQUEST, ASSOCIATION_RESPONSE, REASSOCIATION_REQUEST, REASSOCIATION_RESPONSE = (
    0,
    1,
    2,
    3,
)
PROBE_REQUEST, PROBE_RESPONSE, BEACON = 4, 5, 8
DISASSOCIATION, AUTHENTICATION, DEAUTHENTICATION, ACTION = 10, 11, 12, 13
TRANSITION_REQUEST = bytes((10, 7))
"""Category and action of a BSS transition management request (IEEE 802.11-2020 §9.6.13.9)."""
HEADER_BYTES = 24
EVERYBODY = "ff:ff:ff:ff:ff:ff"
LATER_STEPS = (2, 3)
"""Transaction sequence numbers of a station's authentications behind its first: 2 is the second of
SAE, 3 that of WEP with a shared key (IEEE 802.11-2020 table 9-41).
"""
MAX_BSS, MAX_STATIONS = 2_000, 2_000
MAX_JOIN_FRAMES, MAX_ALL_JOIN_FRAMES = 2_000, 60_000
"""Of one station, and of all. Of a station's frames the first and the newest are kept."""
FIRST_JOIN_FRAMES = 500
MAX_DATA_STATIONS, MAX_DATA_FRAMES, FIRST_DATA_FRAMES = 200, 500, 100
DHCP_LENGTHS = range(340, 720)
"""Bytes of an encrypted frame with a DHCP message: 300 to 590 (RFC 1542 §2.1, RFC 2131 §2) behind
header, CCMP or TKIP, LLC, IP and UDP.
"""
DATA_APART_NS = 200_000_000
"""Encrypted frames of one station, one direction and kind are kept no closer than this."""
RETRY = 0x08

KEY_ACK, KEY_MIC, KEY_SECURE, KEY_PAIRWISE, KEY_INSTALL = 0x0080, 0x0100, 0x0200, 0x0008, 0x0040


class JoinFrame(NamedTuple):
    """One frame between a station and an access point.

    `kind` is probe, probe_response, auth (the first of a station), auth_next (a later one),
    auth_response, assoc, assoc_response, key1 … key4, transition (the access point asks it to go
    to another) or deauth (a disassociation, too); `code` its status or reason; `up` is from the
    station. `ssid` is what a request asks for, empty for a wildcard; `algorithm` that of an
    authentication; `frequency_mhz` where it was received or, better, says that it was sent.
    """

    at_ns: int
    source: str
    number: int
    kind: str
    bssid: str
    up: bool
    code: int = 0
    ssid: bytes = b""
    frequency_mhz: int | None = None
    algorithm: int = 0
    signal_dbm: int | None = None
    is_retry: bool = False
    is_secured: bool = False
    """Does an association request ask for WPA or WPA2?"""
    is_acked: bool = False
    """Did its receiver acknowledge it? False, too, where the monitor missed that."""
    retries: int = 0
    """How often the radio sent it again at once."""


class SeenBss(NamedTuple):
    """An access point's description of itself, and the first frame with it; `last_ns` is when the
    newest was received, `signal_dbm` how strong the strongest.
    """

    at_ns: int
    source: str
    number: int
    bssid: str
    description: BssDescription
    last_ns: int = 0
    signal_dbm: int | None = None

    def united(self, other: SeenBss) -> SeenBss:
        """The same description, received at the times of both."""
        first = min(self, other, key=lambda seen: (seen.at_ns, seen.source, seen.number))
        signals = [s for s in (self.signal_dbm, other.signal_dbm) if s is not None]
        return first._replace(
            last_ns=max(self.last_ns, other.last_ns), signal_dbm=max(signals, default=None)
        )


class DataFrame(NamedTuple):
    """An encrypted data frame: what stands outside of the encryption.

    `length` is that of the whole 802.11 frame in bytes; `is_broadcast`: it goes to everybody.
    """

    at_ns: int
    source: str
    number: int
    bssid: str
    up: bool
    is_broadcast: bool
    length: int


@dataclass
class WifiFrames:
    """The Wi-Fi frames of a capture in monitor mode."""

    networks: OrderedDict[tuple[str, BssDescription], SeenBss] = field(default_factory=OrderedDict)
    stations: OrderedDict[str, list[JoinFrame]] = field(default_factory=OrderedDict)
    """Station → its frames; the one not heard for longest comes first. Under EVERYBODY stands what
    sends all stations away.
    """
    data: dict[str, list[DataFrame]] = field(default_factory=dict)
    """Station → its encrypted data frames, thinned; of those alone that the reader watches."""
    reserved: Collection[str] = ()
    """Stations that are asked about: kept before all others."""
    left_out: int = 0
    _kept: int = 0
    """Join frames of all stations."""
    _newest: tuple[str, str, int] | None = None
    """Station, sender and time of the newest join frame: an acknowledgement names its sender."""

    def add(self, packet: Packet, source: str) -> None:
        """Take in one frame of a radio link; others are passed over."""
        radio = dot11(packet.link, packet.frame)
        if radio is None:
            return
        frame = packet.frame[radio.offset : radio.end]
        if radio.is_data:
            if radio.is_protected:
                self._add_data(packet, source, frame)
            else:
                self._add_key(packet, source, frame)
        elif radio.is_management and is_readable(frame):
            self._add_management(packet, source, radio, frame)
        elif radio.kind == ACKNOWLEDGEMENT and self._newest is not None:
            self._acknowledge(packet.at_ns, frame, *self._newest)

    def _acknowledge(
        self, at_ns: int, frame: bytes, station: str, sender: str, sent_ns: int
    ) -> None:
        """An acknowledgement names no sender; it follows what it answers at once."""
        frames = self.stations.get(station)
        is_for_it = frame[4:10].hex(":") == sender and 0 <= at_ns - sent_ns <= ACKED_NS
        if frames and is_for_it:
            frames[-1] = frames[-1]._replace(is_acked=True)
        self._newest = None

    def _add_management(self, packet: Packet, source: str, radio: Dot11, frame: bytes) -> None:
        receiver, sender, bssid = (frame[at : at + 6].hex(":") for at in (4, 10, 16))
        body = frame[HEADER_BYTES:]
        frequency, signal = reception(packet.link, packet.frame)
        is_description = radio.kind in (BEACON, PROBE_RESPONSE) and not radio.is_protected
        if is_description and len(body) >= 12:
            self._add_bss(
                SeenBss(
                    packet.at_ns,
                    source,
                    packet.number,
                    bssid,
                    describe_bss(_u16(body, 10), body[12:], frequency),
                    packet.at_ns,
                    signal,
                )
            )
        up = sender != bssid
        station = sender if up else receiver
        is_farewell = station == EVERYBODY and radio.kind in (DEAUTHENTICATION, DISASSOCIATION)
        if int(station[:2], 16) & 1 and not is_farewell:
            return
        content = join_content(radio.kind, up, body, is_protected=radio.is_protected)
        if content is not None:
            name, code, ssid, algorithm, is_secured, channel = content
            frequency = 2407 + 5 * channel if channel else frequency
            self._add_join_frame(
                station,
                JoinFrame(
                    packet.at_ns,
                    source,
                    packet.number,
                    name,
                    bssid,
                    up,
                    code,
                    ssid,
                    frequency,
                    algorithm,
                    signal,
                    bool(frame[1] & RETRY),
                    is_secured,
                ),
            )

    def _add_key(self, packet: Packet, source: str, frame: bytes) -> None:
        """A message of the 4-way handshake (IEEE 802.11-2020 §12.7.6)."""
        place = locate(packet.link, packet.frame)
        if (
            place is None
            or place.ethertype != EAPOL
            or place.src is None
            or place.dst is None
            or len(frame) < 22
        ):
            return
        name = key_message(packet.frame[place.offset :])
        up = bool(frame[1] & 1)
        if name:
            station, bssid = (place.src, frame[4:10]) if up else (place.dst, frame[10:16])
            self._add_join_frame(
                station.hex(":"),
                JoinFrame(packet.at_ns, source, packet.number, name, bssid.hex(":"), up),
            )

    def _add_bss(self, bss: SeenBss) -> None:
        key = (bss.bssid, bss.description)
        if key in self.networks:
            self.networks[key] = self.networks[key].united(bss)
        else:
            self.networks[key] = bss
        if len(self.networks) > MAX_BSS:  # one that is still near sends a beacon soon
            self.networks.popitem(last=False)
            self.left_out += 1

    def _add_join_frame(self, station: str, frame: JoinFrame) -> None:
        frames = self.stations.pop(station, [])
        self.stations[station] = frames
        frames.append(frame)
        self._newest = station, station if frame.up else frame.bssid, frame.at_ns
        self._kept += 1
        if len(frames) > MAX_JOIN_FRAMES:
            del frames[FIRST_JOIN_FRAMES]
            self._kept -= 1
            self.left_out += 1
        while len(self.stations) > MAX_STATIONS or self._kept > MAX_ALL_JOIN_FRAMES:
            self._forget_a_station()

    def _add_data(self, packet: Packet, source: str, frame: bytes) -> None:
        """Of a station's encrypted frames the first, and the newest, of each kind and moment."""
        to_ds, from_ds = frame[1] & 1, frame[1] & 2
        if len(frame) < HEADER_BYTES or bool(to_ds) == bool(from_ds):
            return
        first, second, third = (frame[at : at + 6] for at in (4, 10, 16))
        station, bssid, other = (second, first, third) if to_ds else (first, second, third)
        if station[0] & 1:
            return
        one = DataFrame(
            packet.at_ns,
            source,
            packet.number,
            bssid.hex(":"),
            bool(to_ds),
            bool(other[0] & 1),
            len(frame),
        )
        self._keep_data(station.hex(":"), one)

    def _keep_data(self, station: str, one: DataFrame) -> None:
        if not station.startswith(MAKER_PREFIXES) and station not in self.reserved:
            return
        known = self.data.get(station)
        if known is None:
            if len(self.data) >= MAX_DATA_STATIONS:
                self.left_out += 1
                return
            known = self.data[station] = []
        last = next((f for f in reversed(known[-8:]) if _is_alike(f, one)), None)
        if last is not None and 0 <= one.at_ns - last.at_ns < DATA_APART_NS:
            return
        known.append(one)
        if len(known) > MAX_DATA_FRAMES:
            del known[FIRST_DATA_FRAMES]

    def _forget_a_station(self) -> None:
        """Drop the one not heard for longest, and last of all a Photon's or one asked about."""
        station = next(
            (
                one
                for one in self.stations
                if not one.startswith(MAKER_PREFIXES) and one not in self.reserved
            ),
            next(iter(self.stations)),
        )
        frames = self.stations.pop(station)
        self._kept -= len(frames)
        self.left_out += len(frames)

    def merge(self, other: WifiFrames) -> None:
        """Take in another table."""
        for bss in other.networks.values():
            self._add_bss(bss)
        for station, frames in other.stations.items():
            for frame in frames:
                self._add_join_frame(station, frame)
        for station, data in other.data.items():
            for one in data:
                self._keep_data(station, one)
        self.left_out += other.left_out


def _is_alike(one: DataFrame, other: DataFrame) -> bool:
    """Do both go the same way, and may both hold a DHCP message, or neither?"""
    kinds = [(f.up, f.is_broadcast, f.length in DHCP_LENGTHS) for f in (one, other)]
    return kinds[0] == kinds[1]


def is_readable(frame: bytes) -> bool:
    """Does a management frame begin with fixed fields? A later fragment does not (IEEE 802.11-2020
    §9.2.4.4.3).
    """
    return len(frame) >= HEADER_BYTES and not frame[22] & 0x0F


class JoinContent(NamedTuple):
    """What is read of a management frame that matters for joining: fields of `JoinFrame`."""

    kind: str
    code: int = 0
    ssid: bytes = b""
    algorithm: int = 0
    is_secured: bool = False
    channel: int = 0
    """Where a probe request says that it is sent: it may be received beside there."""


def join_content(
    kind: int, up: bool, body: bytes, *, is_protected: bool = False
) -> JoinContent | None:
    """What the frame says about joining; None where that is nothing, or is encrypted.

    Of the encrypted ones an authentication alone tells something: it is the answer to a WEP
    challenge (IEEE 802.11-2020 §12.3.3.3).
    """
    if is_protected:
        is_answer = kind == AUTHENTICATION and up
        return JoinContent("auth_next", algorithm=SHARED_KEY) if is_answer else None
    if kind == PROBE_REQUEST:
        return JoinContent("probe", ssid=requested_ssid(body), channel=requested_channel(body))
    if kind == PROBE_RESPONSE:
        return JoinContent("probe_response")
    if kind == AUTHENTICATION and len(body) >= 6:
        algorithm, sequence, status = (_u16(body, at) for at in (0, 2, 4))
        if not up:
            return JoinContent("auth_response", status, algorithm=algorithm)
        return JoinContent("auth_next" if sequence in LATER_STEPS else "auth", algorithm=algorithm)
    if kind in (ASSOCIATION_REQUEST, REASSOCIATION_REQUEST):
        fixed_bytes = 4 if kind == ASSOCIATION_REQUEST else 10
        asked = body[fixed_bytes:]
        return JoinContent("assoc", ssid=requested_ssid(asked), is_secured=asks_for_wpa(asked))
    if kind in (ASSOCIATION_RESPONSE, REASSOCIATION_RESPONSE) and len(body) >= 4:
        return JoinContent("assoc_response", _u16(body, 2))
    if kind in (DEAUTHENTICATION, DISASSOCIATION) and len(body) >= 2:
        return JoinContent("deauth", _u16(body, 0))
    if kind == ACTION and not up and body.startswith(TRANSITION_REQUEST):
        return JoinContent("transition")
    return None


def key_message(body: bytes) -> str:
    """key1 to key4, or empty for anything else. Body: 802.1X header (4), descriptor type (1), key
    information (2, big-endian).
    """
    if len(body) < 7 or body[1] != 3:
        return ""
    flags = int.from_bytes(body[5:7], "big")
    if not flags & KEY_PAIRWISE:
        return ""
    if flags & KEY_ACK:
        return "key3" if flags & KEY_MIC else "key1"
    if not flags & KEY_MIC:
        return ""
    data_bytes = int.from_bytes(body[97:99], "big")
    return "key2" if data_bytes else "key4"


def _u16(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 2], "little")
