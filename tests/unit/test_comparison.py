"""Cases side by side: where they part, what is another in them, and which causes that leaves."""

from __future__ import annotations

import msgspec
import pytest

from netcheck.comparison import CaseComparison, Changed, compare
from netcheck.model import Observation, Stage, Target
from tests.helpers.notation import DEV, case

HOME, OFFICE = "f4:f2:6d:10:20:30", "f4:f2:6d:aa:bb:cc"
OTHER = "e0:4f:43:00:00:02"
WELL = """
{dev} device.identity ok @0 mac={dev} rank=5
dev dhcp.lease ok @0 discovers=1
dev gateway.arp ok @1
dev dns.cloud_name ok @1
dev tcp.cloud ok @2
dev handshake.nonce ok @2
dev handshake.request ok @2
dev handshake.key ok @2
dev handshake.hello ok @3
dev session.open ok @4
"""
BLOCKED = """
{dev} device.identity ok @0 mac={dev} rank=5
dev dhcp.lease ok @0 discovers=1
dev gateway.arp ok @1
dev dns.cloud_name ok @1
dev tcp.cloud failed timeout @2 +5
dev internet.test ok @8
"""
KEYS = """
{dev} device.identity ok @0 mac={dev} rank=5
dev dhcp.lease ok @0 discovers=1
dev dns.cloud_name ok @1
dev tcp.cloud ok @2
dev handshake.nonce ok @2
dev handshake.request ok @2
dev handshake.key failed closed @2
"""


def seen(text: str, site: str = HOME, device: str = DEV) -> list[Observation]:
    lines = text.replace("dev ", f"{device} ").format(dev=device)
    return [msgspec.structs.replace(o, site=site) for o in case(lines)]


def compared(
    first: list[Observation], second: list[Observation], *more: list[Observation]
) -> CaseComparison:
    cases = {str(number): one for number, one in enumerate((first, second, *more))}
    return compare(cases, Target())


def test_the_first_rung_that_differs_is_named_with_its_cause() -> None:
    found = compared(seen(WELL, OFFICE), seen(BLOCKED, HOME))
    assert (found.differs_at, found.failing, found.working) == (Stage.TCP, 1, 0)
    assert found.cause is not None
    assert found.cause.cause == "cloud_port_blocked"


@pytest.mark.parametrize(
    ("working", "changed"),
    [
        (seen(WELL, OFFICE), Changed.NETWORK),
        (seen(WELL, HOME, OTHER), Changed.DEVICE),
        (seen(WELL, HOME), Changed.TIME),
        (seen(WELL, OFFICE, OTHER), Changed.UNKNOWN),
        (seen(WELL, ""), Changed.UNKNOWN),
    ],
    ids=["another network", "another device", "another time", "both", "no name"],
)
def test_what_is_another(working: list[Observation], changed: Changed) -> None:
    assert compared(seen(BLOCKED), working).changed is changed


def test_one_router_serves_several_networks() -> None:
    guests = "dev dhcp.options ok @0 router=192.168.20.1 \n"
    rest = "dev dhcp.options ok @0 router=192.168.1.1 \n"
    for device, changed in ((DEV, Changed.NETWORK), (OTHER, Changed.UNKNOWN)):
        found = compared(seen(guests + BLOCKED), seen(rest + WELL, HOME, device))
        assert found.changed is changed
        found = compared(seen(rest + BLOCKED), seen(rest + WELL, HOME, device))
        assert found.changed is not changed


def test_networks_with_the_same_addresses_are_not_known_as_one() -> None:
    found = compared(seen(BLOCKED, "192.168.1.1"), seen(WELL, "192.168.1.1"))
    assert found.changed is Changed.UNKNOWN


def test_a_device_that_works_elsewhere_has_the_right_keys() -> None:
    found = compared(seen(KEYS), seen(WELL, OFFICE))
    assert found.differs_at is Stage.HANDSHAKE
    refuted = {one.finding.cause for one in found.causes if one.is_refuted}
    assert {"device_key_mismatch", "server_key_wrong"} & refuted
    before = compared(seen(KEYS), seen(WELL, HOME))
    assert not [one for one in before.causes if one.is_refuted], "it may have been mended"


def test_another_device_through_the_same_line_speaks_for_the_line_and_the_cloud() -> None:
    found = compared(seen(BLOCKED), seen(WELL, HOME, OTHER))
    assert {one.finding.cause for one in found.causes if one.is_refuted} == {"cloud_unreachable"}


def test_another_day_says_nothing_of_the_line() -> None:
    later = [msgspec.structs.replace(o, at=o.at + 86_400) for o in seen(WELL, HOME, OTHER)]
    assert not [one for one in compared(seen(BLOCKED), later).causes if one.is_refuted]


def test_the_same_twice_is_the_same() -> None:
    found = compared(seen(BLOCKED), seen(BLOCKED))
    assert found.is_same
    assert (found.differs_at, found.failing, found.causes) == (None, None, ())
    assert not compared(seen(BLOCKED), seen(KEYS)).is_same


def test_what_was_not_reached_does_not_differ() -> None:
    start = BLOCKED.partition("dev tcp.cloud")[0]
    found = compared(seen(BLOCKED), seen(start, OFFICE))
    assert found.differs_at is None


def test_of_several_devices_the_one_that_is_in_all_is_compared() -> None:
    both = [*seen(BLOCKED), *seen(WELL, HOME, OTHER)]
    found = compared(both, seen(WELL, OFFICE, OTHER))
    assert found.differs_at is None
    assert [one.diagnosis.device.mac for one in found.cases] == [OTHER, OTHER]


def test_of_three_the_lowest_difference_counts() -> None:
    found = compared(seen(KEYS), seen(WELL, OFFICE), seen(BLOCKED, OFFICE, OTHER))
    assert (found.differs_at, found.failing) == (Stage.TCP, 2)
