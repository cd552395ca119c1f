"""When this computer's lease was last renewed, by the rows of the table of addresses."""

from __future__ import annotations

import socket
import struct

import pytest

from netcheck.host import own_lease


def address_row(ip: str, valid_s: int, updated_cs: int) -> bytes:
    """struct ifaddrmsg with IFA_LOCAL and IFA_CACHEINFO (linux/if_addr.h)."""
    row = (
        struct.pack("=BBBBI", socket.AF_INET, 24, 0, 0, 2)
        + struct.pack("=HH", 8, 2)
        + socket.inet_aton(ip)
    )
    return row + struct.pack("=HHIIII", 20, 6, valid_s, valid_s, 100, updated_cs)


def test_a_leased_address_tells_when_it_was_renewed() -> None:
    assert own_lease.parse(address_row("192.168.1.5", 3600, 123_450)) == own_lease.Life(
        ip="192.168.1.5", set_at_s=1234.5
    )


def test_an_address_without_an_end_is_no_lease() -> None:
    assert own_lease.parse(address_row("192.168.1.5", 0xFFFFFFFF, 123_450)) is None


@pytest.mark.parametrize("cut", range(0, 36, 3))
def test_a_cut_row_of_addresses_is_no_crash(cut: int) -> None:
    assert own_lease.parse(address_row("192.168.1.5", 3600, 100)[:cut]) is None


def test_an_address_that_is_not_here_is_no_lease() -> None:
    assert own_lease.renewed_s("203.0.113.77") is None
