"""Whose connection is explained: joined names, ranks, and what this computer asks for itself."""

from __future__ import annotations

import pytest

from netcheck.correlator.subjects import chosen, is_from_vantage, subjects
from netcheck.model import Target
from tests.helpers.notation import DEV, case, seen

OTHER = "e0:4f:43:00:00:02"
ID = "3f0031000347343232323232"


def identities(*lines: str, source: str = "capture:a.pcap") -> list[str]:
    return [" ".join(sorted(one.names)) for one in subjects(case("\n".join(lines), source=source))]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((f"dev device.identity ok mac={DEV} id={ID}", f"{ID} device.identity ok id={ID}"), 1),
        ((f"dev device.identity ok mac={DEV}", f"{OTHER} device.identity ok mac={OTHER}"), 2),
        (
            (
                f"dev device.identity ok mac={DEV} id={ID}",
                f"{OTHER} device.identity ok mac={OTHER} id={ID}",
            ),
            2,
        ),
        ((f"dev device.identity ok mac={DEV}", "dev tcp.cloud ok"), 1),
        (("dev tcp.cloud ok",), 0),
    ],
)
def test_names_that_belong_together(lines: tuple[str, ...], expected: int) -> None:
    assert len(identities(*lines)) == expected


def test_the_best_identified_comes_first_and_of_those_the_first_seen() -> None:
    found = subjects(
        case(
            f"dev device.identity ok @1 rank=3 mac={DEV}"
            f" \n {OTHER} device.identity ok @2 rank=6 mac={OTHER}"
            f" \n {ID} device.identity ok @0 rank=3 id={ID}"
        )
    )
    assert [one.rank for one in found] == [6, 3, 3]
    assert found[1].ids == {ID}


def test_of_several_values_the_newest_is_known() -> None:
    (one,) = subjects(
        case(
            f"dev device.identity ok @1 mac={DEV} ip=10.0.0.2 \n dev device.identity ok @2"
            f" mac={DEV} ip=10.0.0.3"
        )
    )
    assert one.device("").ip == "10.0.0.3"
    assert one.device("").site is None
    assert one.device("Lab").site == "Lab"
    assert one.answers_to("10.0.0.2") and one.answers_to(DEV.upper())
    assert not one.answers_to(OTHER)


@pytest.mark.parametrize(
    ("line", "source", "expected"),
    [
        ("ctl tcp.cloud ok", "probe:cloud_port/1", True),
        ("ctl tcp.cloud ok", "capture:a.pcap", False),
        ("ctl tcp.cloud ok", "device:serial", False),
        ("net dhcp.servers ok", "probe:dhcp_lease/1", False),
        ("dev device.identity ok", "probe:coap_udp/1", False),
        ("dev session.announce ok", "probe:coap_udp/1", False),
    ],
)
def test_what_this_computer_asks_for_itself(line: str, source: str, *, expected: bool) -> None:
    assert is_from_vantage(seen(line, source=source)) is expected


PHOTON = f"dev device.identity ok rank=5 mac={DEV}\n"
PREFIX = f"{OTHER} device.identity ok rank=1 mac={OTHER}\n"
NO_PHOTON = f"{OTHER} device.identity ok rank=0 mac={OTHER}\n"


@pytest.mark.parametrize(
    ("text", "device", "expected"),
    [
        (PHOTON + PREFIX, "", [DEV]),
        (PREFIX, "", [OTHER]),
        (NO_PHOTON, "", []),
        (PHOTON + PREFIX, OTHER, [OTHER]),
        (PHOTON, OTHER, []),
        (PHOTON + f"{OTHER} tcp.cloud ok", OTHER.upper(), [OTHER]),
    ],
)
def test_who_is_chosen(text: str, device: str, expected: list[str]) -> None:
    observations = case(text)
    found = chosen(subjects(observations), observations, Target(device=device))
    assert [min(one.names) for one in found] == expected


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (f"{ID} device.identity ok rank=6 id={ID}", "", 1),
        (f"{ID} device.identity ok rank=6 id={ID}", PHOTON, 2),
        (f"{ID} device.identity ok rank=6 id={ID} mac={OTHER}", PHOTON, 1),
        (f"{ID} device.identity ok rank=6 id={ID}", PHOTON.replace("mac=", "id=1 mac="), 1),
    ],
)
def test_the_device_that_this_computer_read_goes_first(own: str, other: str, expected: int) -> None:
    observations = [*case(own, source="device:serial"), *case(other)]
    assert len(chosen(subjects(observations), observations, Target())) == expected
