"""Names in DNS messages."""

from __future__ import annotations

import struct

import pytest

from netcheck.wire.dns import read_dns


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ([b"device", b"spark", b"io"], "device.spark.io"),
        ([b"_coap", b"_udp", b"Example", b"org"], "_coap._udp.example.org"),
        ([b"my password", b"example", b"org"], "other.example.org"),
        ([b"anna's phone", b"local"], "other.local"),
        ([b"s\xc3\xbc\xc3\x9f", b"b\x1b[2J", b"io"], "other.other.io"),
        ([b"a.b c", b"io"], "other.io"),
    ],
)
def test_a_label_that_is_no_part_of_a_host_name_is_not_kept(labels: list[bytes], name: str) -> None:
    question = b"".join(bytes((len(label),)) + label for label in labels) + b"\0\0\1\0\1"
    dns = read_dns(struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + question)
    assert dns is not None and dns.name == name
