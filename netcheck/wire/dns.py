"""DNS messages (RFC 1035) as captures show them. Pure; any bytes give a message, a shorter one or
None.
"""

from __future__ import annotations

import re
import struct
import sys
from socket import inet_aton
from typing import NamedTuple

from netcheck.wire.addresses import ipv4_text

NAME_OCTETS = 255
"""No name is longer (RFC 1035 §2.3.4): what says so is cut there."""
MOST_ANSWERS, MOST_ALIASES, MOST_LABELS = 64, 8, 1024
"""So many of one message are read."""

_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", re.ASCII)
OTHER_LABEL = "other"
"""Stands for a label that is no part of a host name (RFC 1123 §2.1; `_`, as in names of services,
is): it may hold any text.
"""


class Dns(NamedTuple):
    """RFC 1035. `addresses`: the A records of the answer, in order; `aliases`: the first CNAMEs.
    `is_cut`: not all records were captured.
    """

    id: int
    is_answer: bool
    rcode: int
    truncated: bool
    name: str
    qtype: int
    addresses: tuple[str, ...]
    aliases: tuple[str, ...]
    is_cut: bool = False


def read_dns(data: bytes) -> Dns | None:
    """A DNS message, read as far as it goes.

    Our own reader and not dnspython's: a message cut by the snap length must still give its
    question, and one hostile record must not hide the others.
    """
    if len(data) < 12:
        return None
    ident, flags, questions, answers = struct.unpack_from(">HHHH", data)
    names = _NameReader(data)
    name, at = names.read(12) if questions else ("", 12)
    if at is None or at + 4 > len(data) or questions != 1:
        return None
    qtype = int.from_bytes(data[at : at + 2], "big")
    addresses, aliases, is_cut = _dns_answers(names, at + 4, answers)
    return Dns(
        ident,
        bool(flags & 0x8000),
        flags & 15,
        bool(flags & 0x0200),
        name,
        qtype,
        addresses,
        aliases,
        is_cut,
    )


def encode_dns(dns: Dns) -> bytes | None:
    """The message that `read_dns` reads as these fields, without aliases; None for a name that no
    message can hold (RFC 1035 §2.3.4).
    """
    labels = [label.encode("latin-1") for label in dns.name.split(".")] if dns.name else []
    if sum(len(label) + 1 for label in labels) > 254 or not all(0 < len(x) < 64 for x in labels):
        return None
    flags = 0x8000 * dns.is_answer | 0x0200 * dns.truncated | dns.rcode
    head = struct.pack(">HHHHHH", dns.id, flags, 1, len(dns.addresses) + dns.is_cut, 0, 0)
    question = b"".join(bytes([len(label)]) + label for label in labels)
    answers = (
        struct.pack(">BHHIH4s", 0, 1, 0, 0, 4, inet_aton(address)) for address in dns.addresses
    )
    return head + question + struct.pack(">BHH", 0, dns.qtype, 0) + b"".join(answers)


def _dns_answers(
    names: _NameReader, at: int, count: int
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    data = names.data
    addresses: list[str] = []
    aliases: dict[str, None] = {}
    for _ in range(min(count, MOST_ANSWERS)):
        after = names.read(at)[1]
        if after is None or after + 10 > len(data):
            return tuple(addresses), tuple(aliases), True
        kind, _class, _ttl, size = struct.unpack_from(">HHIH", data, after)
        value = after + 10
        if kind == 1 and size == 4 and value + 4 <= len(data):
            addresses.append(ipv4_text(data[value : value + 4]))
        elif kind == 5 and len(aliases) < MOST_ALIASES:
            aliases[names.read(value)[0]] = None
        at = value + size
    return tuple(addresses), tuple(aliases), at > len(data)


class _NameReader:
    """Reads the names of one message, those that many records point to once, and no more than
    MOST_LABELS labels in all.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._labels_left = MOST_LABELS
        self._known: dict[int, tuple[str, int | None]] = {}

    def read(self, at: int) -> tuple[str, int | None]:
        """The name at a place, in lower case, and where the next field begins (None if it is
        broken).
        """
        data = self.data
        if at + 1 < len(data) and data[at] & 0xC0 == 0xC0:
            name, after = self._known_at((data[at] & 0x3F) << 8 | data[at + 1])
            return name, None if after is None else at + 2
        return self._walked(at, 0)

    def _known_at(self, at: int) -> tuple[str, int | None]:
        if at not in self._known:
            self._known[at] = self._walked(at, 1)
        return self._known[at]

    def _walked(self, at: int, jumps: int) -> tuple[str, int | None]:
        """Follows at most 16 pointers."""
        data = self.data
        labels: list[str] = []
        after: int | None = None
        octets = 1
        while at < len(data):
            size = data[at]
            if size == 0:
                return self._joined(labels), after if after is not None else at + 1
            if size & 0xC0 == 0xC0:
                jumps += 1
                if at + 1 >= len(data) or jumps > 16:
                    break
                after = at + 2 if after is None else after
                at = (size & 0x3F) << 8 | data[at + 1]
                continue
            octets += 1 + size
            if size & 0xC0 or octets > NAME_OCTETS or self._labels_left <= 0:
                break
            self._labels_left -= 1
            labels.append(data[at + 1 : at + 1 + size].decode("latin-1"))
            at += 1 + size
        return self._joined(labels), None

    def _joined(self, labels: list[str]) -> str:
        """Kept once, however many messages say it."""
        name = ".".join(labels).lower()
        if not _HOST_NAME.fullmatch(name):
            name = ".".join(_known_form(label.lower()) for label in labels)
        return sys.intern(name)


def _known_form(label: str) -> str:
    return label if _HOST_NAME.fullmatch(label) else OTHER_LABEL
