"""With the pass phrase of a network, encrypted frames as the Ethernet frames they stand for: for
each station whose 4-way handshake was received.

A pass phrase that does not fit shows at once, by the check sum of the second message. New keys that
are agreed on later, for one station or for groups, are in frames that the older keys open. Keys
stay in this process and are dropped with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from netcheck.capture.files.tally import Packet
from netcheck.capture.protocols.wifi_frames import (
    BEACON,
    HEADER_BYTES,
    PROBE_RESPONSE,
    is_readable,
    join_content,
    key_message,
)
from netcheck.capture.wifi.packet_numbers import PacketNumbers
from netcheck.wifi.ccmp import (
    AES_KEY_VERSION,
    RC4_KEY_VERSION,
    KeyFrame,
    PairKeys,
    Passphrase,
    decrypted,
    group_key,
    header_bytes,
    is_signed_with,
    key_frame,
    packet_number,
    pair_keys,
)
from netcheck.wifi.elements import describe_bss
from netcheck.wire.links import EAPOL, Dot11, dot11, locate

MAX_PAIRS, MAX_NAMES, MAX_NONCES = 2_000, 64, 4
"""Stations with keys, network names that a key is derived for, and nonces of one station."""
MAX_GROUP_KEYS = 3
"""Of one access point: a new one is handed to each station in turn before it is used."""
MAX_AGGREGATED = 64
_ETHERNET_ENDS, _AGGREGATE_HEAD = 12, 14
_IS_AGGREGATE = 0x80
_SNAP = (b"\xaa\xaa\x03\x00\x00\x00", b"\xaa\xaa\x03\x00\x00\xf8")
_DIFFERS = (
    "the Wi-Fi pass phrase given is wrong for every 4-way handshake captured ({count}): nothing was"
    " decrypted; check it, capital letters too"
)
_SOME_DIFFER = (
    "{count} 4-way handshakes were made with another pass phrase than the one given: of another"
    " network, or by a device with a wrong one"
)
_OTHER_KEYS = (
    "{count} 4-way handshakes were made with WPA3 or another kind of key, which a pass phrase does"
    " not give: what came after them stays encrypted"
)
_NO_HANDSHAKE = (
    "the pass phrase given could not be tried: no 4-way handshake was captured; start the capture"
    " before the device joins, for example by its RESET button"
)

Pair = tuple[bytes, bytes]
"""Access point and station."""


@dataclass
class Decryption:
    """The keys found so far, and what they open."""

    passphrase: Passphrase
    opened: int = 0
    """Frames decrypted."""
    _names: dict[bytes, bytes] = field(default_factory=dict)
    _master_keys: dict[bytes, bytes] = field(default_factory=dict)
    _nonces: dict[Pair, list[bytes]] = field(default_factory=dict)
    _pairs: dict[Pair, list[PairKeys]] = field(default_factory=dict)
    """Newest keys first: those before a new handshake hold until it is through."""
    _groups: dict[bytes, list[bytes]] = field(default_factory=dict)
    """Newest keys first."""
    _fitting: set[Pair] = field(default_factory=set)
    _differing: set[Pair] = field(default_factory=set)
    _of_other_kind: set[Pair] = field(default_factory=set)
    _numbers: PacketNumbers = field(default_factory=PacketNumbers)

    def read(self, packet: Packet) -> tuple[bytes, ...]:
        """The frames as they would be on a wire, several where the radio joined them; none where
        it holds none of those, or stays closed.
        """
        radio = dot11(packet.link, packet.frame)
        if radio is None:
            return ()
        frame = packet.frame[radio.offset : radio.end]
        if radio.is_management:
            self._learn_name(radio, frame)
        elif radio.is_data and not radio.is_protected:
            place = locate(packet.link, packet.frame)
            if place is not None and place.ethertype == EAPOL:
                self._learn_keys(frame, packet.frame[place.offset : radio.end])
        elif radio.is_data and len(frame) >= HEADER_BYTES:
            return self._open(frame)
        return ()

    def limits(self) -> tuple[str, ...]:
        """In words, what did not fit."""
        others = self._of_other_kind - self._fitting - self._differing
        said = (_OTHER_KEYS.format(count=len(others)),) if others else ()
        if not self._fitting and not self._differing:
            return said or (_NO_HANDSHAKE,)
        count = len(self._differing - self._fitting)
        if not self._fitting:
            return (_DIFFERS.format(count=count), *said)
        said = (*said, *self._numbers.limits())
        return (_SOME_DIFFER.format(count=count), *said) if count else said

    def _learn_name(self, radio: Dot11, frame: bytes) -> None:
        if radio.is_protected or not is_readable(frame):
            return
        body, bssid = frame[HEADER_BYTES:], frame[16:22]
        ssid = b""
        if radio.kind in (BEACON, PROBE_RESPONSE) and len(body) >= HEADER_BYTES // 2:
            ssid = describe_bss(0, body[12:], None).ssid
        elif (content := join_content(radio.kind, frame[10:16] != bssid, body)) is not None:
            ssid = content.ssid if content.kind == "assoc" else b""
        if ssid and (bssid in self._names or len(self._names) < MAX_PAIRS):
            self._names[bssid] = ssid

    def _learn_keys(self, frame: bytes, body: bytes) -> None:
        """What an EAPOL-Key frame tells, received in the clear or opened."""
        message = key_frame(body)
        if message is None or len(frame) < HEADER_BYTES:
            return
        name, is_up = key_message(body), bool(frame[1] & 1)
        pair = (frame[4:10], frame[10:16]) if is_up else (frame[10:16], frame[4:10])
        if name in ("key1", "key3"):
            self._note_nonce(pair, message.nonce)
        if name == "key2":
            self._derive(pair, message)
        elif name == "key3" or message.is_for_group:
            self._note_group_key(pair, message)

    def _note_group_key(self, pair: Pair, message: KeyFrame) -> None:
        found = [group_key(keys, message) for keys in self._pairs.get(pair, ())]
        known = self._groups.setdefault(pair[0], []) if any(found) else []
        for key in found:
            if key is not None and key not in known:
                known.insert(0, key)
                del known[MAX_GROUP_KEYS:]

    def _note_nonce(self, pair: Pair, nonce: bytes) -> None:
        if pair not in self._nonces and len(self._nonces) >= MAX_PAIRS:
            return
        known = self._nonces.setdefault(pair, [])
        if nonce not in known:
            known.insert(0, nonce)
            del known[MAX_NONCES:]

    def _derive(self, pair: Pair, message: KeyFrame) -> None:
        """Try the pass phrase on a second message."""
        master_key = self._master_key(self._names.get(pair[0], b""))
        nonces = self._nonces.get(pair, ())
        if master_key is None or not nonces:
            return
        if message.version not in (RC4_KEY_VERSION, AES_KEY_VERSION):
            self._of_other_kind.add(pair)
            return
        for nonce in nonces:
            keys = pair_keys(master_key, *pair, (nonce, message.nonce), message.version)
            if is_signed_with(keys, message):
                self._fitting.add(pair)
                known = self._pairs.setdefault(pair, [])
                if keys not in known:
                    known.insert(0, keys)
                    del known[2:]
                return
        self._differing.add(pair)

    def _master_key(self, ssid: bytes) -> bytes | None:
        if not ssid:
            return None
        if ssid not in self._master_keys:
            if len(self._master_keys) >= MAX_NAMES:
                return None
            self._master_keys[ssid] = self.passphrase.master_key(ssid)
        return self._master_keys[ssid]

    def _open(self, frame: bytes) -> tuple[bytes, ...]:
        up, down = bool(frame[1] & 1), bool(frame[1] & 2)
        if up == down:
            return ()
        receiver, sender, third = frame[4:10], frame[10:16], frame[16:22]
        if down and receiver[0] & 1:
            keys = self._groups.get(sender, [])
        else:
            pair = (receiver, sender) if up else (sender, receiver)
            keys = [k.temporal for k in self._pairs.get(pair, ())]
        ends = third + sender if up else receiver + third
        for key in keys:
            body = decrypted(key, frame)
            if body is not None:
                self.opened += 1
                self._numbers.note(key, sender, packet_number(key, frame))
                return self._frames(frame, ends, body)
        return ()

    def _frames(self, frame: bytes, ends: bytes, body: bytes) -> tuple[bytes, ...]:
        """The Ethernet frames in the body of an opened one; keys in them are learnt."""
        bodies = _deaggregated(body) if _is_aggregate(frame) else [(ends, body)]
        found = tuple(both + rest[6:] for both, rest in bodies if rest[:6] in _SNAP)
        for one in found:
            if int.from_bytes(one[_ETHERNET_ENDS:_AGGREGATE_HEAD], "big") == EAPOL:
                self._learn_keys(frame, one[_AGGREGATE_HEAD:])
        return found


def _is_aggregate(frame: bytes) -> bool:
    """Does it hold several frames (A-MSDU, IEEE 802.11-2020 §9.3.2.2)?"""
    start = header_bytes(frame)
    return bool(frame[0] & 0x80) and bool(frame[start - 2] & _IS_AGGREGATE)


def _deaggregated(body: bytes) -> list[tuple[bytes, bytes]]:
    """Both ends and the content, from LLC on, of each frame in an A-MSDU; up to a cut."""
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at + _AGGREGATE_HEAD <= len(body) and len(found) < MAX_AGGREGATED:
        start = at + _AGGREGATE_HEAD
        end = start + int.from_bytes(body[start - 2 : start], "big")
        if end > len(body):
            break
        found.append((body[at : at + _ETHERNET_ENDS], body[start:end]))
        at = end + -(end - at) % 4
    return found
