"""Which tests are proposed, after a capture, a live run, and where all is well."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.correlator.advice.further_tests import AS_DEVICE, MAX_TESTS, METHODS, next_tests
from netcheck.correlator.catalogue import load
from netcheck.correlator.judging.judge import Judged
from netcheck.model import Level, NextTest, Observation, Target
from tests.helpers.notation import DEV, case

LIVE = "probe:test/1"
COMPUTER, IDLE, OTHER_CLIENT, START, _, LONGER = (method.test for method in METHODS)
LOOK_ALIKES = "tell the look-alikes apart"
HOTSPOT = "try a phone's hotspot"


def judged(name: str, level: Level = Level.LIKELY) -> Judged:
    return Judged(
        cause=load().causes[name],
        level=level,
        score=3,
        held_in=1,
        out_of=1,
        holds_in_newest=True,
        support=(),
        oppose=(),
    )


def proposed(
    causes: list[Judged], observations: list[Observation], names: set[str] | None = None
) -> tuple[NextTest, ...]:
    return next_tests(load(), causes, observations, {DEV} if names is None else names)


def names_of_tests(causes: list[Judged], text: str = "", names: set[str] | None = None) -> set[str]:
    return {one.test for one in proposed(causes, case(text), names)}


BLOCKED = judged("cloud_port_blocked")


@pytest.mark.parametrize(
    ("text", "is_proposed"),
    [
        ("", True),
        ("ctl probe.run ok", False),
        ("net probe.run ok", False),
        ("dev tcp.cloud failed timeout", True),
    ],
)
def test_a_computer_that_just_ran_is_not_asked_to_run(text: str, *, is_proposed: bool) -> None:
    assert (COMPUTER in names_of_tests([BLOCKED], text)) is is_proposed


STEPS = ("dev dhcp.lease ok", "dev dns.cloud_name ok", "dev tcp.cloud failed timeout")


@pytest.mark.parametrize(
    ("lines", "is_proposed"),
    [
        ((), True),
        (STEPS, True),
        (("net capture.coverage ok", *STEPS[:2]), True),
        (("net capture.coverage ok", *STEPS), False),
    ],
)
def test_a_start_that_was_captured_is_not_captured_again(
    lines: tuple[str, ...], *, is_proposed: bool
) -> None:
    assert (START in names_of_tests([BLOCKED], "\n".join(lines))) is is_proposed


COVERED = "net capture.coverage ok"


@pytest.mark.parametrize(
    ("text", "is_proposed"),
    [
        ("", False),
        (COVERED, True),
        (f"{COVERED}\ndev handshake.nonce failed timeout", False),
        (f"{COVERED}\ndev tcp.cloud failed timeout", False),
        (f"{COVERED}\ndev handshake.nonce failed timeout\ndev session.open ok @9", True),
    ],
)
def test_only_a_capture_can_last_longer(text: str, *, is_proposed: bool) -> None:
    causes = [
        judged(cause.id)
        for cause in load().causes.values()
        if cause.stops_connection
        and any(clue.fact in ("session.keepalive", "session.end") for clue in cause.clues)
    ][:2]
    assert (LONGER in names_of_tests(causes, text)) is is_proposed


@pytest.mark.parametrize(("sessions", "is_proposed"), [(2, True), (3, False)])
def test_where_many_sessions_were_seen_a_longer_capture_shows_no_more(
    sessions: int, *, is_proposed: bool
) -> None:
    text = "\n".join(f"dev session.open ok @{60 * n}" for n in range(sessions))
    names = names_of_tests([judged("power_insufficient")], f"net capture.coverage ok\n{text}")

    assert (LONGER in names) is is_proposed


@pytest.mark.parametrize(
    ("causes", "any_proposed"),
    [
        ([judged("cloud_port_blocked", Level.CONFIRMED)], False),
        ([judged("cloud_port_blocked", Level.LIKELY)], True),
        ([judged("cloud_port_blocked", Level.POSSIBLE)], True),
        ([judged("cloud_port_blocked", Level.UNLIKELY)], False),
        ([judged("cloud_port_blocked", Level.CONTESTED)], False),
        ([judged("cloud_port_blocked", Level.CONFIRMED), judged("captive_portal")], True),
        ([], False),
    ],
)
def test_what_stands_is_tested_and_what_is_sure_alone_is_not(
    causes: list[Judged], *, any_proposed: bool
) -> None:
    assert bool(names_of_tests(causes)) is any_proposed


def test_at_most_four_the_most_telling_first_and_then_the_cheapest() -> None:
    causes = [judged(name) for name in ("cloud_port_blocked", "mac_filter", "dhcp_no_server")]
    found = proposed(causes, [])
    by_method = [one for one in found if one.test != LOOK_ALIKES]
    assert len(found) <= MAX_TESTS
    assert by_method == sorted(by_method, key=lambda one: (-len(one.settles), one.cost_s))
    assert all(one.settles for one in found)


def test_look_alikes_are_told_apart_where_several_stand() -> None:
    group = load().groups[0]
    several = proposed([judged(name) for name in group.members[:2]], [])
    assert any(set(one.settles) == set(group.members[:2]) for one in several)
    assert LOOK_ALIKES not in names_of_tests([judged(group.members[0])])


@pytest.mark.parametrize(
    ("text", "names", "is_proposed"),
    [
        ("", None, True),
        ("dev dhcp.lease failed no_offer", None, True),
        ("ctl dhcp.lease ok", None, False),
        ("ctl dhcp.lease skipped needs", None, True),
        ("dev dhcp.lease ok", set(), False),
    ],
)
def test_what_was_asked_of_a_witness_is_not_asked_again(
    text: str, names: set[str] | None, *, is_proposed: bool
) -> None:
    assert (OTHER_CLIENT in names_of_tests([judged("dhcp_no_server")], text, names)) is is_proposed


FINE = "ctl tcp.cloud ok\n"
SKIPPED = "ctl tcp.as_device skipped needs\n"


@pytest.mark.parametrize(
    ("text", "causes", "expected"),
    [
        (FINE + SKIPPED, [], True),
        (FINE, [], False),
        (SKIPPED, [], False),
        (FINE + "ctl tcp.as_device failed timeout", [], False),
        (FINE + "ctl tcp.cloud_other_port skipped needs", [], False),
        (SKIPPED + "ctl tcp.cloud failed timeout", [], False),
        (FINE + SKIPPED, [judged("mac_filter", Level.RULED_OUT)], False),
        (FINE + SKIPPED, [judged("mac_filter", Level.UNLIKELY)], True),
        (FINE + SKIPPED, [judged("captive_portal", Level.RULED_OUT)], True),
    ],
)
def test_where_all_is_well_the_device_may_still_be_filtered(
    text: str, causes: list[Judged], *, expected: bool
) -> None:
    found = proposed(causes, case(text, source=LIVE), set())
    assert [one.settles for one in found] == ([("mac_filter",)] if expected else [])
    assert all(one.test == AS_DEVICE.test for one in found)


@pytest.mark.parametrize(
    ("text", "is_proposed"),
    [
        ("", True),
        ("ctl gateway.as_device failed timeout", False),
        ("dev tcp.as_device ok", False),
        ("ctl tcp.as_device skipped needs", True),
    ],
)
def test_a_filter_that_was_tested_is_not_tested_again(text: str, *, is_proposed: bool) -> None:
    assert (AS_DEVICE.test in names_of_tests([judged("mac_filter")], text)) is is_proposed


def test_a_healthy_live_run_proposes_nothing_else() -> None:
    text = "ctl dns.cloud_name ok @1 \n ctl tcp.cloud ok @2 \n ctl handshake.nonce ok @3"
    (one,) = diagnose(case(text, source=LIVE), Target())
    assert one.next_tests == ()


STORY = "dev led.connect failed\ndev led.last ok value=cyan_slow"


def test_who_only_tells_a_story_is_asked_for_no_capture() -> None:
    names = names_of_tests([judged("dhcp_no_server"), judged("mac_filter")], STORY)
    assert OTHER_CLIENT not in names
    assert not any("MAC" in name or "capture" in name for name in names)
    assert HOTSPOT in names


def test_a_hotspot_that_was_tried_is_not_proposed() -> None:
    told = f"{STORY}\ndev told.hotspot ok value=works"
    assert HOTSPOT not in names_of_tests([judged("dhcp_no_server")], told)
