"""What an IPv4 address can be, by the ranges of their RFCs."""

from __future__ import annotations

import pytest

from netcheck.wire.addresses import (
    ipv4,
    is_block_page,
    is_bogon,
    is_private,
    is_shared,
    is_unicast,
    same_subnet,
)


@pytest.mark.parametrize(
    ("address", "bogon", "private", "shared", "unicast"),
    [
        ("8.8.8.8", False, False, False, True),
        ("203.0.113.77", False, False, False, True),
        ("9.255.255.255", False, False, False, True),
        ("10.0.0.0", True, True, False, True),
        ("172.16.0.1", True, True, False, True),
        ("172.32.0.1", False, False, False, True),
        ("192.168.255.255", True, True, False, True),
        ("100.63.255.255", False, False, False, True),
        ("100.64.0.1", True, False, True, True),
        ("100.128.0.1", False, False, False, True),
        ("127.0.0.1", True, False, False, True),
        ("169.254.1.1", True, False, False, True),
        ("0.0.0.0", True, False, False, False),
        ("0.1.2.3", True, False, False, True),
        ("224.0.1.187", True, False, False, False),
        ("240.0.0.1", True, False, False, True),
        ("255.255.255.255", True, False, False, False),
        ("no address", False, False, False, False),
        ("", False, False, False, False),
        ("1.2.3", False, False, False, False),
        ("::1", False, False, False, False),
    ],
)
def test_what_an_address_can_be(
    address: str, bogon: bool, private: bool, shared: bool, unicast: bool
) -> None:
    judged = (is_bogon(address), is_private(address), is_shared(address), is_unicast(address))
    assert judged == (bogon, private, shared, unicast)


@pytest.mark.parametrize(
    ("one", "other", "mask", "expected"),
    [
        ("192.168.1.5", "192.168.1.200", "255.255.255.0", True),
        ("192.168.1.5", "192.168.2.5", "255.255.255.0", False),
        ("192.168.1.5", "192.168.2.5", "255.255.0.0", True),
        ("192.168.1.5", "192.168.1.9", "", True),
        ("192.168.1.5", "192.168.2.9", "0.0.0.0", False),
        ("192.168.1.5", "none", "255.255.255.0", False),
    ],
)
def test_what_lies_in_one_subnet(one: str, other: str, mask: str, expected: bool) -> None:
    assert same_subnet(one, other, mask) is expected
    assert same_subnet(other, one, mask) is expected


def test_text_that_is_no_address_is_none() -> None:
    assert ipv4("256.0.0.1") is None
    assert str(ipv4("192.0.2.1")) == "192.0.2.1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("146.112.61.104", True),
        ("146.112.61.110", True),
        ("208.91.112.55", True),
        ("146.112.61.111", False),
        ("52.1.2.3", False),
        ("", False),
    ],
)
def test_the_pages_of_filter_services(text: str, expected: bool) -> None:
    assert is_block_page(text) is expected
