"""WPA and WPA2 with a pass phrase: from it and the 4-way handshake to the keys, and with these to
what an encrypted frame holds.

IEEE 802.11-2020 §12.7 (keys, EAPOL-Key frames), §12.5.3 (CCMP), annex J.4 (pass phrase). Nothing
here is kept or shown; a pass phrase prints as dots. Pure; any bytes are accepted. A key's length
tells its cipher: 16 bytes for CCMP, 32 for TKIP.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
from typing import NamedTuple

from netcheck.wifi import tkip

ROUNDS, PMK_BYTES = 4096, 32
_KEYS_BYTES, _KEY_BYTES = 64, 16
_EXPANSION = b"Pairwise key expansion\0"
RC4_KEY_VERSION, AES_KEY_VERSION = 1, 2
"""Descriptor versions: HMAC-MD5 and RC4, which go with TKIP; HMAC-SHA1-128 and AES key wrap, which
go with CCMP. Others belong to keys that no pass phrase gives, as those of WPA3.
"""
_WPA_DESCRIPTOR = 254
_RC4_SKIPPED_BYTES = 256
_NONCE, _NONCE_END, _IV_END, _MIC, _MIC_END, _DATA = 17, 49, 65, 81, 97, 99
"""Places in an EAPOL-Key frame, from its 802.1X header on (§12.7.2)."""
_GROUP_KEY = b"\x00\x0f\xac\x01"
_HEADER_BYTES, _CCMP_BYTES, _MIC_BYTES = 24, 8, 8
_EXTENDED_IV = 0x20
_IS_PAIRWISE, _IS_ASKING = 0x0008, 0x0080
_CCMP_AND_TKIP_BYTES = (_KEY_BYTES, tkip.PAIR_BYTES)


class PassphraseError(ValueError):
    """It cannot be one; the text says what one looks like, and nothing of what was given."""


class Passphrase:
    """A pass phrase of WPA, or the 64 hexadecimal digits of its key. It is nowhere shown."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        is_key = re.fullmatch(rb"[0-9A-Fa-f]{64}", secret)
        if not is_key and not (8 <= len(secret) <= 63):
            raise PassphraseError(
                "a Wi-Fi pass phrase has 8 to 63 characters, or is a key of 64 hexadecimal digits."
            )
        self._secret = secret

    def __repr__(self) -> str:
        return "Passphrase(…)"

    def master_key(self, ssid: bytes) -> bytes:
        """The pairwise master key of the network of that name; takes some milliseconds."""
        if len(self._secret) == 2 * PMK_BYTES:
            return bytes.fromhex(self._secret.decode("ascii"))
        return hashlib.pbkdf2_hmac("sha1", self._secret, ssid, ROUNDS, PMK_BYTES)


class PairKeys(NamedTuple):
    """The keys of one station at one access point."""

    confirmation: bytes
    encryption: bytes
    temporal: bytes

    def __repr__(self) -> str:
        return "PairKeys(…)"


def pair_keys(
    master_key: bytes,
    access_point: bytes,
    station: bytes,
    nonces: tuple[bytes, bytes],
    version: int = AES_KEY_VERSION,
) -> PairKeys:
    """The keys that both derive from the master key, their addresses and their nonces; those of
    TKIP for the version of its frames.
    """
    ends, seeds = sorted((access_point, station)), sorted(nonces)
    data = _EXPANSION + ends[0] + ends[1] + seeds[0] + seeds[1]
    keys = b""
    while len(keys) < _KEYS_BYTES:
        keys += hmac.digest(master_key, data + bytes([len(keys) // 20]), "sha1")
    end = 64 if version == RC4_KEY_VERSION else 48
    return PairKeys(keys[:16], keys[16:32], keys[32:end])


class KeyFrame(NamedTuple):
    """What is needed of an EAPOL-Key frame."""

    descriptor: int
    flags: int
    nonce: bytes
    iv: bytes
    mic: bytes
    data: bytes
    signed: bytes
    """The whole frame, with zeros where the check sum (MIC) stands."""

    @property
    def key_bytes(self) -> int:
        """The length of the key that WPA hands out."""
        return int.from_bytes(self.signed[7:9], "big")

    @property
    def version(self) -> int:
        """How it is signed and its data are encrypted."""
        return self.flags & 7

    @property
    def is_for_group(self) -> bool:
        """Does the access point hand out a new key for frames to everybody (§12.7.7)?"""
        return not self.flags & _IS_PAIRWISE and bool(self.flags & _IS_ASKING)


def key_frame(body: bytes) -> KeyFrame | None:
    """The frame that begins with this 802.1X header; None where it is cut short."""
    if len(body) < _DATA:
        return None
    size = 4 + int.from_bytes(body[2:4], "big")
    data_bytes = int.from_bytes(body[_MIC_END:_DATA], "big")
    if not _DATA <= size <= len(body) or _DATA + data_bytes > size:
        return None
    signed = body[:_MIC] + bytes(_MIC_END - _MIC) + body[_MIC_END:size]
    return KeyFrame(
        body[4],
        int.from_bytes(body[5:7], "big"),
        body[_NONCE:_NONCE_END],
        body[_NONCE_END:_IV_END],
        body[_MIC:_MIC_END],
        body[_DATA : _DATA + data_bytes],
        signed,
    )


def is_signed_with(keys: PairKeys, frame: KeyFrame) -> bool:
    """Does its check sum fit these keys, and so the pass phrase?"""
    digest = {RC4_KEY_VERSION: "md5", AES_KEY_VERSION: "sha1"}.get(frame.version)
    if digest is None:
        return False
    mic = hmac.digest(keys.confirmation, frame.signed, digest)[:_KEY_BYTES]
    return hmac.compare_digest(mic, frame.mic)


def group_key(keys: PairKeys, frame: KeyFrame) -> bytes | None:
    """The key for frames to everybody, in the third message of a handshake or the first of that for
    groups; None where there is none.
    """
    data = _key_data(keys, frame)
    if frame.descriptor == _WPA_DESCRIPTOR:
        size = frame.key_bytes
        return data[:size] if frame.is_for_group and size in _CCMP_AND_TKIP_BYTES else None
    at = 0
    while at + 2 <= len(data) and data[at + 1]:
        value = data[at + 2 : at + 2 + data[at + 1]]
        if data[at] == 0xDD and value.startswith(_GROUP_KEY):
            key = value[6:]
            return key if len(key) in _CCMP_AND_TKIP_BYTES else None
        at += 2 + data[at + 1]
    return None


def _key_data(keys: PairKeys, frame: KeyFrame) -> bytes:
    """The key data of a signed frame, decrypted; empty where that fails."""
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    if not is_signed_with(keys, frame):
        return b""
    if frame.version == RC4_KEY_VERSION:
        return tkip.rc4(frame.iv + keys.encryption, frame.data, skipped=_RC4_SKIPPED_BYTES)
    try:
        return aes_key_unwrap(keys.encryption, frame.data)
    except (InvalidUnwrap, ValueError):
        return b""


def decrypted(key: bytes, frame: bytes) -> bytes | None:
    """The body of an 802.11 data frame that CCMP or TKIP protects, from LLC on; None where the key
    does not fit, or it is cut short.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM

    start = header_bytes(frame)
    if len(key) == tkip.PAIR_BYTES:
        return tkip.opened(key, frame[10:16], frame[start:])
    if len(frame) < start + _CCMP_BYTES + _MIC_BYTES or not frame[start + 3] & _EXTENDED_IV:
        return None
    is_qos = bool(frame[0] & 0x80)
    priority = frame[start - 2] & 0x0F if is_qos else 0
    number = bytes(frame[start + at] for at in (7, 6, 5, 4, 1, 0))
    nonce = bytes([priority]) + frame[10:16] + number
    try:
        return AESCCM(key, tag_length=_MIC_BYTES).decrypt(
            nonce, frame[start + _CCMP_BYTES :], _authenticated(frame, priority if is_qos else None)
        )
    except (InvalidTag, ValueError):
        return None


def packet_number(key: bytes, frame: bytes) -> int:
    """The number of a frame that this key opens (§12.5.3.2; of TKIP §12.5.2.2)."""
    start = header_bytes(frame)
    places = (7, 6, 5, 4, 0, 2) if len(key) == tkip.PAIR_BYTES else (7, 6, 5, 4, 1, 0)
    return int.from_bytes(bytes(frame[start + at] for at in places))


def header_bytes(frame: bytes) -> int:
    """The length of the MAC header of a data frame (§9.3.2.1)."""
    size = _HEADER_BYTES + (6 if len(frame) > 1 and frame[1] & 3 == 3 else 0)
    return size + (2 if frame and frame[0] & 0x80 else 0)


def _authenticated(frame: bytes, priority: int | None) -> bytes:
    """The part of the header that CCMP protects (§12.5.3.3.3): without what the radio changes."""
    control = struct.pack("BB", frame[0] & 0x8F, frame[1] & 0xC7)
    sequence = bytes((frame[22] & 0x0F, 0))
    fourth = frame[24:30] if frame[1] & 3 == 3 else b""
    qos = b"" if priority is None else bytes((priority, 0))
    return control + frame[4:22] + sequence + fourth + qos
