"""DNS messages (RFC 1035) as captures show them. Pure; any bytes give a message, a shorter one or
None.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from netcheck.wire.addresses import ipv4_text


class Dns(NamedTuple):
    """RFC 1035. `addresses` are the A records of the answer, in order; `aliases` the CNAMEs."""

    id: int
    is_answer: bool
    rcode: int
    truncated: bool
    name: str
    qtype: int
    addresses: tuple[str, ...]
    aliases: tuple[str, ...]


def read_dns(data: bytes) -> Dns | None:
    """A DNS message, read as far as it goes.

    Our own reader and not dnspython's: a message cut by the snap length must still give its
    question, and one hostile record must not hide the others.
    """
    if len(data) < 12:
        return None
    ident, flags, questions, answers = struct.unpack_from(">HHHH", data)
    name, at = _dns_name(data, 12) if questions else ("", 12)
    if at is None or at + 4 > len(data) or questions != 1:
        return None
    qtype = int.from_bytes(data[at : at + 2], "big")
    addresses, aliases = _dns_answers(data, at + 4, answers)
    return Dns(
        ident,
        bool(flags & 0x8000),
        flags & 15,
        bool(flags & 0x0200),
        name.lower(),
        qtype,
        addresses,
        aliases,
    )


def _dns_answers(data: bytes, at: int, count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    addresses: list[str] = []
    aliases: list[str] = []
    for _ in range(min(count, 64)):
        _, after = _dns_name(data, at)
        if after is None or after + 10 > len(data):
            break
        kind, _class, _ttl, size = struct.unpack_from(">HHIH", data, after)
        value = after + 10
        if kind == 1 and size == 4 and value + 4 <= len(data):
            addresses.append(ipv4_text(data[value : value + 4]))
        elif kind == 5:
            aliases.append(_dns_name(data, value)[0].lower())
        at = value + size
    return tuple(addresses), tuple(aliases)


def _dns_name(data: bytes, at: int) -> tuple[str, int | None]:
    """The name at a place and where the next field begins (None if it is broken). Follows at most
    16 pointers.
    """
    labels: list[str] = []
    after: int | None = None
    jumps = 0
    while at < len(data):
        size = data[at]
        if size == 0:
            return ".".join(labels), after if after is not None else at + 1
        if size & 0xC0 == 0xC0:
            jumps += 1
            if at + 1 >= len(data) or jumps > 16:
                break
            after = at + 2 if after is None else after
            at = (size & 0x3F) << 8 | data[at + 1]
            continue
        if size & 0xC0 or len(labels) > 127:
            break
        labels.append(data[at + 1 : at + 1 + size].decode("latin-1"))
        at += 1 + size
    return ".".join(labels), None
