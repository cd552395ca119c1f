"""A capture from a wire as a monitor would have received it on a WPA2 network: the join with real
keys, and every frame of the device encrypted by CCMP. Written from IEEE 802.11-2020 §12.5.3 and
§12.7 with `cryptography` alone, so that it checks the reader.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.monitor import BEACON, RADIOTAP_LINK, RATES, WPA2
from tests.helpers.wire import BROADCAST

SSID, PASSPHRASE = b"Lab", b"correct horse battery"
RADIO = b"\0\0\x0c\0\x08\0\0\0" + (2437).to_bytes(2, "little") + b"\xa0\0"
AP = bytes.fromhex("c04a003e71a0")
SNAP = b"\xaa\xaa\x03\0\0\0"
GROUP_KEY, NEW_GROUP_KEY = bytes(range(16)), bytes(range(16, 32))
AGGREGATED = 0x80
SECOND_NS = 10**9


class Network:
    """One access point and one station that joined it."""

    def __init__(
        self,
        station: bytes,
        *,
        passphrase: bytes = PASSPHRASE,
        is_qos: bool = True,
        is_aggregated: bool = False,
    ) -> None:
        self.station, self.is_qos, self._number = station, is_qos, 0
        self.is_aggregated, self.group_key = is_aggregated, GROUP_KEY
        self._master = hashlib.pbkdf2_hmac("sha1", passphrase, SSID, 4096, 32)
        self._agree(b"A", b"S")

    def _agree(self, mine: bytes, stations: bytes) -> None:
        """Nonces out of these, and the keys that come of them."""
        self.nonces = hashlib.sha256(mine).digest(), hashlib.sha256(stations).digest()
        seed = b"".join(sorted((AP, self.station))) + b"".join(sorted(self.nonces))
        blocks = [
            hmac.digest(self._master, b"Pairwise key expansion\0" + seed + bytes([n]), "sha1")
            for n in range(3)
        ]
        keys = b"".join(blocks)
        self.kck, self.kek, self.key = keys[:16], keys[16:32], keys[32:48]

    def join(self) -> list[bytes]:
        """Beacon, authentication, association and the four messages."""
        up, down = AP + self.station + AP, self.station + AP + AP
        beacon = bytes(10) + b"\x11\0\0\3Lab" + RATES + b"\3\1\6" + WPA2
        return [
            _management(BEACON, BROADCAST + AP + AP, beacon),
            _management(11, up, b"\0\0\1\0\0\0"),
            _management(11, down, b"\0\0\2\0\0\0"),
            _management(0, up, b"\x11\0\x0a\0\0\3Lab" + RATES + WPA2),
            _management(1, down, b"\x11\0\0\0\1\xc0" + RATES),
            self._eapol(0x008A, self.nonces[0], b"", is_up=False),
            self._eapol(0x010A, self.nonces[1], WPA2, is_up=True),
            self._eapol(0x13CA, self.nonces[0], self._wrapped(GROUP_KEY), is_up=False),
            self._eapol(0x030A, bytes(32), b"", is_up=True),
        ]

    def rekey(self) -> list[bytes]:
        """The access point hands out another key for groups, in an encrypted frame, and uses it."""
        body = self._key_frame(0x1382, bytes(32), self._wrapped(NEW_GROUP_KEY))
        sealed = self._sealed(2, self.station, AP, AP, b"\x88\x8e" + body)
        self.group_key = NEW_GROUP_KEY
        return [sealed]

    def rekey_station(self) -> list[bytes]:
        """The four messages again, under the keys of the first, then packets count from 1."""
        old = self.key
        self._agree(*self.nonces)
        messages = (
            (0x028A, self.nonces[0], b"", False),
            (0x030A, self.nonces[1], WPA2, True),
            (0x13CA, self.nonces[0], self._wrapped(self.group_key), False),
            (0x030A, bytes(32), b"", True),
        )
        self.key, new = old, self.key
        sealed = []
        for flags, nonce, data, is_up in messages:
            body = b"\x88\x8e" + self._key_frame(flags, nonce, data)
            ends = (1, AP, self.station, AP) if is_up else (2, self.station, AP, AP)
            sealed.append(self._sealed(*ends, body))
        self.key, self._number = new, 0
        return sealed

    def _wrapped(self, key: bytes) -> bytes:
        data = WPA2 + b"\xdd\x16\x00\x0f\xac\x01\x01\x00" + key
        data += b"\xdd" + bytes(-(len(data) + 1) % 8)
        return aes_key_wrap(self.kek, data)

    def _key_frame(self, flags: int, nonce: bytes, data: bytes) -> bytes:
        body = b"\2" + flags.to_bytes(2, "big") + b"\0\x10" + bytes(8) + nonce + bytes(32)
        frame = b"\2\3" + (95 + len(data)).to_bytes(2, "big") + body + bytes(16)
        frame += len(data).to_bytes(2, "big") + data
        if flags & 0x0100:
            mic = hmac.digest(self.kck, frame, "sha1")[:16]
            frame = frame[:81] + mic + frame[97:]
        return frame

    def _eapol(self, flags: int, nonce: bytes, data: bytes, *, is_up: bool) -> bytes:
        frame = self._key_frame(flags, nonce, data)
        ends = AP + self.station + AP if is_up else self.station + AP + AP
        head = bytes((0x08, 1 if is_up else 2, 0, 0)) + ends + b"\0\0"
        return RADIO + head + SNAP + b"\x88\x8e" + frame

    def sent(self, frame: bytes) -> list[bytes]:
        """An Ethernet frame of the station, or to it, on its way through the air."""
        target, source, rest = frame[:6], frame[6:12], frame[12:]
        if source == self.station:
            relayed = [self._sealed(2, target, AP, source, rest)] if target[0] & 1 else []
            return [self._sealed(1, AP, source, target, rest), *relayed]
        if target == self.station or target[0] & 1:
            return [self._sealed(2, target, AP, source, rest)]
        return []

    def _sealed(self, flags: int, first: bytes, second: bytes, third: bytes, rest: bytes) -> bytes:
        self._number += 1
        number = self._number.to_bytes(6, "little")
        is_qos = self.is_qos and not first[0] & 1
        control = bytes((0x88 if is_qos else 0x08, flags | 0x40))
        head = control + b"\x2c\0" + first + second + third + bytes((self._number << 4 & 0xF0, 1))
        is_aggregated = self.is_aggregated and is_qos
        header = head + (bytes((AGGREGATED * is_aggregated, 0)) if is_qos else b"")
        content = SNAP + rest
        if is_aggregated:
            ends = third + second if flags == 1 else first + third
            content = _subframe(ends, SNAP + b"\x08\x01no") + _subframe(ends, content)
        authenticated = control + head[4:22] + b"\0\0" + (b"\0\0" if is_qos else b"")
        nonce = b"\0" + second + number[::-1]
        key = self.group_key if first[0] & 1 else self.key
        sealed = AESCCM(key, tag_length=8).encrypt(nonce, content, authenticated)
        return RADIO + header + number[:2] + b"\0\x20" + number[2:] + sealed


def _subframe(ends: bytes, content: bytes) -> bytes:
    """One of an A-MSDU, filled up to 4 bytes."""
    one = ends + len(content).to_bytes(2, "big") + content
    return one + bytes(-len(one) % 4)


def _management(kind: int, addresses: bytes, body: bytes) -> bytes:
    return RADIO + bytes((kind << 4, 0, 0, 0)) + addresses + b"\0\0" + body


def as_encrypted(
    wired: Path,
    station: bytes,
    to: Path,
    *,
    passphrase: bytes = PASSPHRASE,
    is_qos: bool = True,
    is_aggregated: bool = False,
    is_rekeyed: bool = False,
    has_new_pair: bool = False,
) -> Path:
    """The same frames as a monitor had received them, with the join a second before.

    `is_rekeyed`: there is a new key for groups before the first; `has_new_pair`: new ones for the
    station alone then, and in the middle.
    """
    network = Network(station, passphrase=passphrase, is_qos=is_qos, is_aggregated=is_aggregated)
    frames = frames_of(wired)
    start = frames[0][0] - SECOND_NS
    through = [(start + n * 1_000_000, frame) for n, frame in enumerate(network.join())]
    if is_rekeyed:
        through += [(start + SECOND_NS // 2, frame) for frame in network.rekey()]
    for number, (at_ns, frame) in enumerate(frames):
        if has_new_pair and number in (0, len(frames) // 2):
            through += [(at_ns - 1, one) for one in network.rekey_station()]
        through += [(at_ns + n * 20_000_000, one) for n, one in enumerate(network.sent(frame))]
    through.sort(key=lambda one: one[0])
    to.write_bytes(pcap(through, magic=0xA1B23C4D, link=RADIOTAP_LINK))
    return to
