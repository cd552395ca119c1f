"""Several networks in one answer: each is judged by itself, and counts for the others as what it
is, another network.
"""

from __future__ import annotations

from itertools import chain

import msgspec
import pytest

from netcheck.correlator import diagnose, sites
from netcheck.model import STANDING, Diagnosis, Observation, Target, Verdict
from netcheck.report.answer import Answer
from netcheck.report.layout import Style
from netcheck.report.terminal import render
from netcheck.report.view import view
from tests.helpers.notation import DEV, case

HOME, OFFICE = "f4:f2:6d:10:20:30", "f4:f2:6d:aa:bb:cc"
WELL = """
ctl computer.vantage ok @0 address=192.168.1.20 gateway=192.168.1.1
ctl gateway.arp ok >192.168.1.1 @1
ctl dns.cloud_name ok @2
ctl internet.test ok @3
ctl internet.reach ok @3
ctl tcp.cloud ok @4
ctl handshake.nonce ok @4
"""
BLOCKED = WELL.replace("tcp.cloud ok @4", "tcp.cloud failed timeout @4 +5").replace(
    "ctl handshake.nonce ok @4", ""
)
HANGING = WELL.replace("handshake.nonce ok", "handshake.nonce failed silent")


def at(site: str, text: str, later_s: float = 0.0) -> list[Observation]:
    return [
        msgspec.structs.replace(o, site=site, at=o.at + later_s)
        for o in case(text, source="probe:test/1")
    ]


def judged(
    *observations: list[Observation], target: Target | None = None
) -> dict[str | None, Diagnosis]:
    return {
        one.device.site: one
        for one in diagnose([o for part in observations for o in part], target or Target())
    }


def first(one: Diagnosis) -> str:
    return next((finding.cause for finding in one.findings if finding.level in STANDING), "")


def test_the_network_that_fails_is_named() -> None:
    found = judged(at(HOME, WELL), at(OFFICE, BLOCKED, 600))

    assert {site: one.verdict for site, one in found.items()} == {
        HOME: Verdict.HEALTHY,
        OFFICE: Verdict.FAULT,
    }
    assert first(found[OFFICE]) == "cloud_port_blocked"
    assert "from another network the cloud's port opens" in [
        e.clue.says for e in found[OFFICE].findings[0].support
    ]


@pytest.mark.parametrize(
    ("text", "cause"), [(BLOCKED, "cloud_unreachable"), (HANGING, "cloud_unresponsive")]
)
def test_what_fails_alike_from_two_networks_is_the_clouds(text: str, cause: str) -> None:
    found = judged(at(HOME, text), at(OFFICE, text, 600))

    assert [first(one) for one in found.values()] == [cause, cause]


def test_a_named_network_can_be_asked_for_alone() -> None:
    found = judged(at("home", WELL), at("office", BLOCKED), target=Target(site="office"))

    assert list(found) == ["office"]


def test_a_network_whose_gateway_fell_silent_is_still_the_same() -> None:
    silent = (
        "ctl computer.vantage ok @0 gateway=192.168.1.1\nctl gateway.arp failed timeout"
        " >192.168.1.1 @1"
    )
    found = judged(at(HOME, WELL), at("192.168.1.1", silent, 3600))

    assert len(found) == 1
    assert [(first(one), one.verdict) for one in found.values()] == [
        ("gateway_unreachable", Verdict.FAULT)
    ]


def test_of_two_runs_on_one_network_the_newer_one_counts() -> None:
    mended, broken = (
        judged(at(HOME, BLOCKED), at(HOME, WELL, 3600)),
        judged(at(HOME, WELL), at(HOME, BLOCKED, 3600)),
    )

    assert mended[HOME].verdict is Verdict.HEALTHY
    assert broken[HOME].verdict is Verdict.FAULT
    assert (broken[HOME].findings[0].held_in, broken[HOME].findings[0].out_of) == (1, 2)


def test_a_computer_on_another_network_is_no_control_of_the_device() -> None:
    device = case(
        f"dev device.identity ok mac={DEV} rank=5\ndev gateway.arp ok >192.168.1.1 @1"
        f" gateway_mac={OFFICE}\ndev internet.test ok @9"
    )
    stuck = case("dev dns.cloud_name ok @2\ndev tcp.cloud failed timeout @4 +5")
    says = {
        site: [
            e.clue.says
            for f in diagnose([*device, *stuck, *at(site, WELL)], Target())[0].findings
            for e in (*f.support, *f.oppose)
        ]
        for site in (HOME, OFFICE)
    }

    assert "another client opened the cloud's port" in says[OFFICE]
    assert "another client opened the cloud's port" not in says[HOME]
    assert "from another network the cloud's port opens" in says[HOME]


@pytest.mark.parametrize(
    ("site", "here", "expected"),
    [
        (OFFICE, {HOME, "192.168.1.1"}, True),
        (HOME, {HOME, "192.168.1.1"}, False),
        ("192.168.1.1", {HOME, "192.168.1.1"}, False),
        ("10.0.0.1", {HOME, "192.168.1.1"}, True),
        ("office", {HOME, "192.168.1.1"}, False),
        (OFFICE, {"192.168.1.1"}, False),
        ("", {HOME}, False),
        (HOME, set(), False),
    ],
)
def test_only_names_of_one_kind_tell_networks_apart(
    site: str, here: set[str], expected: bool
) -> None:
    [o] = at(site, "ctl tcp.cloud ok")

    assert sites.is_elsewhere(o, here) is expected


def test_the_report_shows_several_networks_at_a_glance() -> None:
    observations = (*at(HOME, WELL), *at(OFFICE, BLOCKED, 600))
    found = tuple(diagnose(observations, Target()))
    whole = Answer(diagnoses=found, observations=observations, prove="x")
    text = render(view(whole, {}), Style())

    assert text.splitlines()[0] == "2 networks, worst first: 1 fault, 1 healthy"
    assert text.splitlines()[2:4] == [
        f"FAULT    network {OFFICE}  cloud_port_blocked (likely)",
        f"HEALTHY  network {HOME}  seen up to handshake",
    ]


# ------------------------------------------------------------------------------ several customers

A, B = "f4:f2:6d:00:00:0a", "f4:f2:6d:00:00:0b"
FIRST, SECOND = "e0:4f:43:00:00:01", "e0:4f:43:00:00:02"


def of_customer(device: str, gateway: str = "", site: str = "") -> list[Observation]:
    lines = f"{device} dhcp.lease failed no_offer @1"
    if gateway:
        lines += f"\n{device} gateway.arp ok @2 gateway_mac={gateway}"
    return [msgspec.structs.replace(o, site=site) for o in case(lines)]


@pytest.mark.parametrize(
    ("files", "groups"),
    [
        ([of_customer(FIRST, A), of_customer(SECOND, B)], 2),
        ([of_customer(FIRST, site="one"), of_customer(SECOND, site="two")], 2),
        ([of_customer(FIRST, A), of_customer(SECOND, B), of_customer("nameless")], 3),
        ([of_customer(FIRST, A), of_customer(SECOND, A)], 1),
        ([of_customer(FIRST, A), of_customer(FIRST, B)], 1),
        ([of_customer(FIRST), of_customer(SECOND, A)], 1),
        ([of_customer(FIRST, site="10.0.0.1"), of_customer(SECOND, site="10.0.0.2")], 1),
        ([of_customer(FIRST, A), of_customer(SECOND, B), of_customer(FIRST, B)], 1),
        ([of_customer("nameless"), of_customer(FIRST, A)], 1),
        ([of_customer("nameless"), of_customer("nameless")], 2),
        ([of_customer("nameless"), of_customer(FIRST, A), of_customer("nameless")], 3),
    ],
    ids=[
        "two networks",
        "two names",
        "and one that only tells",
        "one network",
        "one device on two networks",
        "one without a network",
        "addresses that many networks have",
        "joined by a third",
        "answers and a capture",
        "two that only tell",
        "two that only tell, and a capture",
    ],
)
def test_files_of_several_customers_are_weighed_apart(
    files: list[list[Observation]], groups: int
) -> None:
    found = sites.unrelated(files)
    assert len(found) == groups
    assert sorted(chain(*found)) == list(range(len(files)))
