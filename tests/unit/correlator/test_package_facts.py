"""A fact that another package brings is seen: failed on its rung, skipped among what was not
tested, and never a step that held.
"""

from __future__ import annotations

import msgspec
import pytest

from netcheck.correlator import diagnose
from netcheck.model import NETWORK, Diagnosis, Observation, Outcome, Stage, State, Target, Verdict
from tests.helpers.notation import case

HEALTHY = """
ctl computer.vantage ok @0
ctl gateway.arp ok @1
ctl dns.cloud_name ok @2
ctl internet.reach ok @3
ctl tcp.cloud ok @4
ctl handshake.nonce ok @5
"""
BLOCKED = """
ctl computer.vantage ok @0
ctl gateway.arp ok @1
ctl dns.cloud_name ok @2
ctl internet.reach ok @3
ctl tcp.cloud_other_port ok @3
ctl tcp.neutral_same_port failed timeout @3
ctl tcp.cloud failed timeout @4
"""


def of_hub(outcome: Outcome, reason: str = "", **more: object) -> Observation:
    """What the hub's probe saw, on the rung of the gateway."""
    (like,) = case("ctl gateway.icmp ok @2")
    return msgspec.structs.replace(
        like,
        fact="acme.hub",
        stage=Stage.GATEWAY,
        outcome=outcome,
        reason=reason,
        source="probe:hub/1",
        ref="",
        data=(("meaning", "the hub takes connections"), *more.items()),
    )


def judged(lines: str, *of_package: Observation) -> Diagnosis:
    (one,) = diagnose([*case(lines, "probe:test/1"), *of_package], Target())
    return one


def states(one: Diagnosis) -> dict[Stage, State]:
    return {rung.stage: rung.state for rung in one.ladder}


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (HEALTHY, State.MIXED),
        ("ctl computer.vantage ok @0", State.FAILED),
        ("ctl tcp.cloud ok @4", State.MIXED),
    ],
    ids=["where it had held", "where nothing else was seen", "where a higher one held"],
)
def test_a_failed_one_stands_on_its_rung_and_is_told(lines: str, state: State) -> None:
    one = judged(lines, of_hub(Outcome.FAILED, "refused"))

    assert states(one)[Stage.GATEWAY] is state
    assert one.verdict is Verdict.SUSPECTED
    assert one.unexplained == (
        "gateway: the hub takes connections: failed (the host answered that the port is closed;"
        " acme.hub, probe:hub/1)",
    )
    assert one.unexplained[0] in one.headline


def test_it_changes_no_other_rung() -> None:
    without, with_it = judged(HEALTHY), judged(HEALTHY, of_hub(Outcome.FAILED, "refused"))

    assert without.verdict is Verdict.HEALTHY
    assert states(without) | {Stage.GATEWAY: State.MIXED} == states(with_it)


def test_it_does_not_hide_a_fault_above_it() -> None:
    without, with_it = judged(BLOCKED), judged(BLOCKED, of_hub(Outcome.FAILED, "timeout"))

    assert with_it.findings == without.findings
    assert (with_it.verdict, with_it.headline) == (without.verdict, without.headline)
    assert any("the hub takes connections" in sentence for sentence in with_it.unexplained)


def test_it_masks_nothing_above_it() -> None:
    silent = "ctl computer.vantage ok @0\nctl internet.reach failed timeout @3"
    why = "what it rests on fails already"

    one = judged(silent, of_hub(Outcome.FAILED, "refused"))

    assert states(one)[Stage.GATEWAY] is State.FAILED
    assert not [untested for untested in one.not_tested if why in untested.why]


def test_one_that_is_ok_passes_no_rung() -> None:
    lines = "ctl computer.vantage ok @0"

    assert judged(lines, of_hub(Outcome.OK)) == judged(lines)


@pytest.mark.parametrize(
    ("outcome", "reason", "more", "why"),
    [
        (Outcome.SKIPPED, "needs", {"says": "needs a gateway"}, "needs a gateway"),
        (Outcome.UNCLEAR, "crashed", {"error": "boom"}, "boom"),
    ],
)
def test_one_that_was_not_settled_is_not_tested(
    outcome: Outcome, reason: str, more: dict[str, object], why: str
) -> None:
    one = judged(HEALTHY, of_hub(outcome, reason, **more))

    told = {untested.fact: untested.why for untested in one.not_tested}
    assert told["acme.hub"] == f"{why} (asked: the hub takes connections)"
    assert one.verdict is Verdict.HEALTHY


def test_one_that_keeps_no_photon_offline_is_a_note() -> None:
    one = judged(HEALTHY, of_hub(Outcome.FAILED, "refused", stops_connection=False))

    assert one.verdict is Verdict.HEALTHY
    assert one.unexplained == ()
    assert any(note.startswith("the hub takes connections: ") for note in one.notes)


def test_many_are_told_in_part() -> None:
    many = [
        msgspec.structs.replace(of_hub(Outcome.FAILED, "refused"), ref=f"hub {number}")
        for number in range(200)
    ]

    assert judged(HEALTHY, *many).unexplained[5:] == ("and 195 more (--verbose)",)


def test_only_a_probe_brings_such_facts() -> None:
    forged = msgspec.structs.replace(
        of_hub(Outcome.FAILED, "refused"), source="capture:x.pcap", fact="acme.hub"
    )

    assert judged(HEALTHY, forged).verdict is Verdict.HEALTHY


def test_a_fact_of_a_newer_netcheck_is_no_package_s() -> None:
    newer = msgspec.structs.replace(of_hub(Outcome.FAILED, "refused"), fact="tcp.from_the_future")

    assert judged(HEALTHY, newer).verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    "beside", ["", HEALTHY], ids=["nothing else was seen", "a healthy network"]
)
def test_one_that_speaks_of_the_whole_network_stands_on_its_rung(beside: str) -> None:
    """A test network without a MAC makes every observation one of the network."""
    failed = msgspec.structs.replace(of_hub(Outcome.FAILED, "timeout"), subject=NETWORK)

    one = judged(beside, failed)

    assert states(one)[Stage.GATEWAY] in (State.FAILED, State.MIXED)
    assert one.verdict is Verdict.SUSPECTED
    assert "the hub takes connections: failed (no answer; acme.hub" in one.headline


def test_one_is_told_where_the_device_asked_for_was_not_seen() -> None:
    (one,) = diagnose([of_hub(Outcome.FAILED, "timeout")], Target(device="6c:0b:84:00:00:01"))

    assert one.headline.startswith("6c:0b:84:00:00:01 was not seen")
    assert any(note.startswith("the hub takes connections: failed") for note in one.notes)


def test_where_only_probes_ran_no_capture_is_asked_for() -> None:
    (one,) = diagnose(case("net tcp.cloud failed timeout @1", "probe:test/1"), Target())

    assert "capture" not in one.headline
