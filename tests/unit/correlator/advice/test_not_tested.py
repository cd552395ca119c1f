"""What was not tested is listed with its reason, and nothing that was."""

from __future__ import annotations

import pytest

from netcheck.correlator.advice.not_tested import WHY_UNTESTED, not_tested
from netcheck.correlator.catalogue import load
from netcheck.correlator.judging.judge import Judged
from netcheck.model import Level, Rung, Stage, State
from netcheck.vocabulary import REASONS
from tests.helpers.notation import case

LIVE = "probe:test/1"


def rungs(**states: State) -> list[Rung]:
    return [Rung(stage=stage, state=states.get(stage.value, State.PASSED)) for stage in Stage]


def listed(ladder: list[Rung], text: str = "", source: str = LIVE) -> dict[str, str]:
    return {one.fact: one.why for one in not_tested(ladder, case(text, source=source))}


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.UNTESTED, WHY_UNTESTED[Stage.TCP]),
        (State.UNREACHED, "a step before it failed"),
        (State.PASSED, None),
        (State.IMPLIED, None),
        (State.FAILED, None),
        (State.MIXED, None),
    ],
)
def test_a_rung(state: State, why: str | None) -> None:
    assert listed(rungs(tcp=state)) == ({"tcp": why} if why else {})


def test_ownership_never_shows() -> None:
    said = listed(rungs(ownership=State.UNREACHED))
    assert said == {"ownership": WHY_UNTESTED[Stage.OWNERSHIP]}


def test_every_rung_has_its_reason() -> None:
    assert set(WHY_UNTESTED) == set(Stage)


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("ctl dhcp.offer skipped needs", LIVE, {"dhcp.offer": REASONS["needs"]}),
        ("ctl dhcp.offer skipped needs says=sudo", LIVE, {"dhcp.offer": "sudo"}),
        ("ctl dhcp.offer unclear error=oops", LIVE, {"dhcp.offer": "oops"}),
        ("ctl dhcp.offer unclear", LIVE, {"dhcp.offer": "could not tell"}),
        ("dev device.modules skipped needs", "device:usb", {"device.modules": REASONS["needs"]}),
        ("dev tcp.cloud unclear cut_off", "capture:a.pcap", {}),
        ("ctl dhcp.offer ok", LIVE, {}),
        ("ctl dhcp.offer failed no_offer", LIVE, {}),
        ("ctl dhcp.offer skipped needs @1 \n ctl dhcp.offer ok @2", LIVE, {}),
        ("ctl dhcp.offer failed no_offer @1 \n ctl dhcp.offer skipped needs @2", LIVE, {}),
    ],
)
def test_a_question(text: str, source: str, expected: dict[str, str]) -> None:
    assert listed(rungs(), text, source) == expected


def masked(below: Stage, reasons: str, explained: str = "") -> set[str]:
    because = tuple(
        one for reason in reasons.split() for one in case(f"ctl tcp.cloud failed {reason}")
    )
    ladder = [
        Rung(stage=stage, state=State.FAILED, because=because if stage is Stage.TCP else ())
        if stage in (below, Stage.TCP)
        else Rung(stage=stage, state=State.PASSED)
        for stage in Stage
    ]
    judged = (
        [
            Judged(
                cause=load().causes[explained],
                level=Level.LIKELY,
                score=3,
                held_in=1,
                out_of=1,
                holds_in_newest=True,
                support=(),
                oppose=(),
            )
        ]
        if explained
        else []
    )
    return {one.fact for one in not_tested(ladder, (), judged)}


@pytest.mark.parametrize(
    ("below", "reasons", "explained", "expected"),
    [
        (Stage.GATEWAY, "timeout", "", {"tcp"}),
        (Stage.INTERNET, "timeout late", "", {"tcp"}),
        (Stage.INTERNET, "no_route unreachable", "", {"tcp"}),
        (Stage.INTERNET, "timeout refused", "", set()),
        (Stage.INTERNET, "timeout", "cloud_port_blocked", set()),
        (Stage.INTERNET, "timeout", "dhcp_no_server", {"tcp"}),
        (Stage.DNS, "timeout", "", set()),
        (Stage.SESSION, "timeout", "", set()),
    ],
)
def test_a_rung_that_another_masks(
    below: Stage, reasons: str, explained: str, expected: set[str]
) -> None:
    assert masked(below, reasons, explained) == expected


def test_a_run_that_ended_badly_is_told_once() -> None:
    said = "ctl probe.run unclear crashed says=boom"

    assert listed(rungs(), f"ctl tcp.cloud unclear crashed says=boom\n{said}") == {
        "tcp.cloud": "boom"
    }
    assert listed(rungs(), f"ctl tcp.cloud ok\n{said}") == {"probe.run": "boom"}
