"""A management frame of Wi-Fi without what a password could be guessed from, all else in its place;
pure.

A client that was here before names the key that it remembers (PMKID), and one that changes its
access point proves that it has the key (the Fast BSS Transition element): both are hashes of the
password (IEEE 802.11-2020 §9.4.2.24, §9.4.2.47, §12.7.1.3).
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.wire.links import Dot11

_HEADER_BYTES, _MORE_HEADER_BYTES, _HAS_MORE = 24, 4, 0x80
_FIXED_BYTES = {0: 4, 1: 6, 2: 10, 3: 6, 11: 6}
"""Subtype (association and reassociation, each question and answer; authentication) → what comes
before the elements (§9.3.3).
"""
_RSN, _FAST_TRANSITION = 48, 55
_SUITE_BYTES, _PMKID_BYTES = 4, 16


def without_hashes(frame: bytes, radio: Dot11) -> bytes:
    """The frame with zeros in place of such hashes; as it is where it holds none."""
    changed = bytearray(frame)
    for begin, end in _hashes(frame, radio):
        changed[begin:end] = bytes(end - begin)
    return bytes(changed)


def _hashes(frame: bytes, radio: Dot11) -> Iterator[tuple[int, int]]:
    """Where they stand, from and until."""
    for kind, at, end in _elements(frame, radio):
        if kind == _FAST_TRANSITION:
            yield at, end
        elif kind == _RSN:
            begin = _pmkids_at(frame, at, end)
            yield begin, min(begin + _PMKID_BYTES * _count(frame, begin - 2, end), end)


def _elements(frame: bytes, radio: Dot11) -> Iterator[tuple[int, int, int]]:
    """Each element's kind, and where its content begins and ends."""
    fixed_bytes = _FIXED_BYTES.get(radio.kind)
    if fixed_bytes is None or radio.is_protected:
        return
    at = (
        radio.offset
        + _HEADER_BYTES
        + fixed_bytes
        + (_MORE_HEADER_BYTES if frame[radio.offset + 1] & _HAS_MORE else 0)
    )
    while at + 2 <= len(frame):
        yield frame[at], at + 2, min(at + 2 + frame[at + 1], len(frame))
        at += 2 + frame[at + 1]


def _pmkids_at(frame: bytes, at: int, end: int) -> int:
    """Behind version, group cipher, the lists of ciphers and of key managements, capabilities and
    the count; `end` at the latest.
    """
    at += 2 + _SUITE_BYTES
    for _ in range(2):
        at += 2 + _SUITE_BYTES * _count(frame, at, end)
    return min(at + 4, end)


def _count(frame: bytes, at: int, end: int) -> int:
    return int.from_bytes(frame[at : at + 2], "little") if at + 2 <= end else 0
