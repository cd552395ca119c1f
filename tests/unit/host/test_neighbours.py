"""Rows of the neighbour table, whole and cut, and the netlink messages that carry them."""

from __future__ import annotations

import socket
import struct
import sys

import pytest

from netcheck.host import neighbours, netlink


def neighbour_row(ip: str, mac: str, state: int, ticks: int | None = None) -> bytes:
    """struct ndmsg with NDA_DST, NDA_LLADDR and NDA_CACHEINFO (linux/neighbour.h)."""
    row = (
        struct.pack("=BxxxiHBB", socket.AF_INET, 2, state, 0, 1)
        + struct.pack("=HH", 8, 1)
        + socket.inet_aton(ip)
    )
    if mac:
        row += struct.pack("=HH", 10, 2) + bytes.fromhex(mac) + b"\0\0"
    if ticks is not None:
        row += struct.pack("=HHIIII", 20, 3, ticks, 0, 0, 0)
    return row


@pytest.mark.skipif(sys.platform != "linux", reason="reads the neighbour table of Linux")
@pytest.mark.parametrize(
    ("state", "ticks", "is_fresh"),
    [(0x02, 0, True), (0x02, 100_000, False), (0x04, 0, False), (0x80, None, True)],
)
def test_a_row_of_the_neighbour_table(state: int, ticks: int | None, is_fresh: bool) -> None:
    entry = neighbours.parse(neighbour_row("192.168.1.1", "020000000001", state, ticks))

    assert entry is not None
    assert (entry.ip, entry.mac, entry.is_fresh) == ("192.168.1.1", "02:00:00:00:00:01", is_fresh)


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_a_cut_row_is_no_crash(cut: int) -> None:
    row = neighbour_row("192.168.1.1", "020000000001", 0x02, 100)[:cut]

    entry = neighbours.parse(row)

    assert entry is None or entry.ip == "192.168.1.1"


def test_netlink_messages_are_split_by_their_lengths() -> None:
    first, second = b"abcde", b"fg"
    datagram = b"".join(
        struct.pack("=IHHII", 16 + len(payload), 28, 0, 1, 0)
        + payload
        + b"\0" * (-len(payload) % 4)
        for payload in (first, second)
    )

    assert list(netlink.split(datagram)) == [(28, first), (28, second)]
    assert list(netlink.split(struct.pack("=IHHII", 3, 28, 0, 1, 0))) == []
