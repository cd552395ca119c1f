"""With the pass phrase of a network, encrypted frames as the Ethernet frames they stand for: for
each station whose 4-way handshake was received.

A pass phrase that does not fit shows at once, by the check sum of the second message. Keys stay in
this process and are dropped with it.
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
from netcheck.wifi.ccmp import (
    KeyFrame,
    PairKeys,
    Passphrase,
    decrypted,
    group_key,
    is_signed_with,
    key_frame,
    pair_keys,
)
from netcheck.wifi.elements import describe_bss
from netcheck.wire.links import EAPOL, Dot11, dot11, locate

MAX_PAIRS, MAX_NAMES, MAX_NONCES = 2_000, 64, 4
"""Stations with keys, network names that a key is derived for, and nonces of one station."""
_SNAP = (b"\xaa\xaa\x03\x00\x00\x00", b"\xaa\xaa\x03\x00\x00\xf8")
_DIFFERS = (
    "the Wi-Fi pass phrase given is wrong for every 4-way handshake captured ({count}): nothing was"
    " decrypted; check it, capital letters too"
)
_SOME_DIFFER = (
    "{count} 4-way handshakes were made with another pass phrase than the one given: of another"
    " network, or by a device with a wrong one"
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
    _groups: dict[bytes, bytes] = field(default_factory=dict)
    _fitting: set[Pair] = field(default_factory=set)
    _differing: set[Pair] = field(default_factory=set)

    def read(self, packet: Packet) -> bytes | None:
        """The frame as it would be on a wire; None where it is none of those, or stays closed."""
        radio = dot11(packet.link, packet.frame)
        if radio is None:
            return None
        frame = packet.frame[radio.offset : radio.end]
        if radio.is_management:
            self._learn_name(radio, frame)
        elif radio.is_data and not radio.is_protected:
            self._learn_keys(packet, frame)
        elif radio.is_data and len(frame) >= HEADER_BYTES:
            return self._open(frame)
        return None

    def limits(self) -> tuple[str, ...]:
        """In words, what did not fit."""
        if not self._fitting and not self._differing:
            return (_NO_HANDSHAKE,)
        count = len(self._differing - self._fitting)
        if not self._fitting:
            return (_DIFFERS.format(count=count),)
        return (_SOME_DIFFER.format(count=count),) if count else ()

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

    def _learn_keys(self, packet: Packet, frame: bytes) -> None:
        place = locate(packet.link, packet.frame)
        if place is None or place.ethertype != EAPOL or len(frame) < HEADER_BYTES:
            return
        body = packet.frame[place.offset :]
        name, message = key_message(body), key_frame(body)
        if not name or message is None:
            return
        is_up = bool(frame[1] & 1)
        pair = (frame[4:10], frame[10:16]) if is_up else (frame[10:16], frame[4:10])
        if name in ("key1", "key3"):
            self._note_nonce(pair, message.nonce)
        if name == "key2":
            self._derive(pair, message)
        elif name == "key3":
            for keys in self._pairs.get(pair, ())[:1]:
                if (group := group_key(keys, message)) is not None:
                    self._groups[pair[0]] = group

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
        for nonce in nonces:
            keys = pair_keys(master_key, *pair, (nonce, message.nonce))
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

    def _open(self, frame: bytes) -> bytes | None:
        up, down = bool(frame[1] & 1), bool(frame[1] & 2)
        if up == down:
            return None
        receiver, sender, third = frame[4:10], frame[10:16], frame[16:22]
        if up:
            keys = [k.temporal for k in self._pairs.get((receiver, sender), ())]
            ends = third + sender
        elif receiver[0] & 1:
            keys = [self._groups[sender]] if sender in self._groups else []
            ends = receiver + third
        else:
            keys = [k.temporal for k in self._pairs.get((sender, receiver), ())]
            ends = receiver + third
        for key in keys:
            body = decrypted(key, frame)
            if body is not None:
                self.opened += 1
                return ends + body[6:] if body[:6] in _SNAP else None
        return None
