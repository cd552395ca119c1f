"""What a failure means in one try: nothing above a failed gateway, and nothing where a probe waited
too briefly or lost its packets.
"""

from __future__ import annotations

import pytest

from netcheck.correlator.attempts import Attempt
from netcheck.correlator.catalogue import load
from netcheck.correlator.judging.view import FAR_MS, History, View, failed_base_stages, picked
from netcheck.correlator.judging.weigh import weigh
from netcheck.correlator.ladder import climb
from netcheck.correlator.rules import every_rule
from netcheck.model import Stage
from tests.helpers.notation import case, seen

PROBE = "probe:test/1"


def view(text: str, others: str = "", source: str = PROBE) -> View:
    attempt = Attempt(own=case(text, source=source), others=case(others, source=PROBE))
    return View(attempt, History([attempt]), failed_base_stages(climb(attempt)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev internet.test ok rtt_ms=90", 90),
        ("dev internet.reach ok rtt_ms=90 \n dev internet.test ok rtt_ms=20", 20),
        ("dev internet.reach failed late rtt_ms=2500", 2500),
        ("dev internet.loss failed lossy rtt_ms=50", 50),
        ("dev internet.reach failed timeout rtt_ms=90", None),
        (f"dev internet.reach ok rtt_ms={FAR_MS}", FAR_MS),
        ("dev internet.reach ok rtt_ms=7.9", None),
        ("dev tcp.cloud ok rtt_ms=90", None),
        ("dev internet.reach ok", None),
        ("", None),
    ],
)
def test_the_round_trip(text: str, expected: float | None) -> None:
    found = view(text).history.round_trip
    assert (found.number("rtt_ms") if found is not None else None) == expected
    beside = view("dev dhcp.lease ok", text).history.round_trip
    assert (beside.number("rtt_ms") if beside is not None else None) == expected


@pytest.mark.parametrize(
    ("took", "rtt", "expected"),
    [
        ("+1", 1500, True),
        ("+1.5", 1500, False),
        ("+2", 1500, False),
        ("", 1500, False),
        ("+0", 1500, False),
        ("+1", 0, False),
    ],
)
def test_a_probe_that_gave_up_before_the_answer_was_due(
    took: str, rtt: int, *, expected: bool
) -> None:
    failed = f"ctl tcp.cloud failed timeout @9 {took}"
    one = view(f"ctl internet.reach ok rtt_ms={rtt} \n {failed}")
    assert one.is_meaningless(seen(failed, source=PROBE)) is expected


@pytest.mark.parametrize(
    ("line", "source", "expected"),
    [
        ("ctl tcp.cloud failed silent @9 +1", PROBE, True),
        ("ctl tcp.cloud failed refused @9 +1", PROBE, False),
        ("ctl gateway.arp failed timeout @9 +1", PROBE, False),
        ("ctl dns.cloud_name failed timeout @9 +1", PROBE, True),
        ("ctl tcp.cloud ok @9 +1", PROBE, False),
        ("dev tcp.cloud failed timeout @9 +1", "capture:a.pcap", False),
    ],
)
def test_only_a_probes_timeout_outside_is_too_short(
    line: str, source: str, *, expected: bool
) -> None:
    one = view("ctl internet.reach ok rtt_ms=1500", line)
    assert one.is_meaningless(seen(line, source=source)) is expected


@pytest.mark.parametrize(
    ("below", "line", "source", "expected"),
    [
        ("dev gateway.arp failed timeout", "dev tcp.cloud failed timeout", "capture:a.pcap", True),
        ("dev gateway.arp failed timeout", "dev tcp.cloud ok", "capture:a.pcap", False),
        ("dev dhcp.lease failed nak", "dev gateway.arp failed timeout", "capture:a.pcap", True),
        (
            "dev dns.cloud_name failed timeout",
            "dev tcp.cloud failed reset",
            "capture:a.pcap",
            False,
        ),
        ("ctl dhcp.offer failed no_offer", "ctl tcp.cloud failed refused", PROBE, False),
        (
            "ctl dhcp.offer failed no_offer \n ctl computer.vantage failed no_address",
            "ctl tcp.cloud failed refused",
            PROBE,
            True,
        ),
        (
            "ctl dhcp.offer failed no_offer \n ctl computer.vantage failed no_route",
            "ctl tcp.cloud failed refused",
            PROBE,
            False,
        ),
        ("ctl gateway.arp failed timeout", "ctl tcp.cloud failed refused", PROBE, True),
    ],
)
def test_what_fails_above_a_rung_that_carries_it(
    below: str, line: str, source: str, *, expected: bool
) -> None:
    one = view(f"{below} \n {line}", source=source)
    assert one.is_meaningless(one.attempt.own[-1]) is expected


def test_what_another_client_meets_is_its_own_failure() -> None:
    line = "ctl tcp.cloud failed refused"
    one = view("dev gateway.arp failed timeout", line, source="capture:a.pcap")
    assert not one.is_meaningless(one.attempt.others[0])


LOSSY = "ctl internet.loss failed lossy rtt_ms=50\n"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("", 1),
        ("ctl tcp.cloud ok @1 rtt_ms=60", 1),
        ("ctl tcp.cloud ok @1 rtt_ms=950", 2),
        ("ctl tcp.cloud ok @1 rtt_ms=949", 1),
        ("\n".join(f"ctl internet.reach ok @{n} rtt_ms=60" for n in range(1, 6)), 0),
        ("\n".join(f"ctl internet.reach ok @{n} rtt_ms=60" for n in range(1, 5)), 1),
        ("\n".join(f"ctl internet.reach ok @1 rtt_ms=60 n={n}" for n in range(1, 9)), 1),
        ("\n".join(f"ctl gateway.arp ok @{n} rtt_ms=60" for n in range(1, 9)), 1),
        ("\n".join(f"ctl tcp.cloud failed timeout @{n} rtt_ms=60" for n in range(1, 9)), 1),
        ("\n".join(f"dev internet.reach ok @{n} rtt_ms=60" for n in range(1, 9)), 1),
        ("\n".join(f"ctl dns.cloud_name ok @{n} +0.05" for n in range(1, 6)), 0),
        ("ctl dns.cloud_name ok @1 +1", 2),
        ("ctl dns.cloud_name failed differs @1 +1", 2),
        ("ctl dns.cloud_name failed nxdomain @1 +1", 1),
    ],
)
def test_lost_packets(answers: str, expected: int) -> None:
    assert len(view(LOSSY + answers).losses) == expected


def test_without_a_lossy_series_nothing_was_lost() -> None:
    assert not view("ctl internet.loss ok rtt_ms=50 \n ctl tcp.cloud ok @1 rtt_ms=990").losses


def openings(*round_trips_ms: int) -> str:
    """Connections that open so fast, a tenth of a second apart."""
    return "\n".join(
        f"ctl internet.reach ok @{count / 10} rtt_ms={ms} +{ms / 1000}"
        for count, ms in enumerate(round_trips_ms, 1)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ctl internet.loss failed lossy >8.8.8.8:443 rtt_ms=50 sent=20 lost=7", 1),
        (openings(1060, 60, 2060, 60, 1060, 60, 3060, 60), 4),
        (openings(1060, 60, 2060, 60, 1060, 60, 60, 60), 0),
        (openings(1060, 60, 2060, 60, 1060, 60, 3060, *[60] * 6), 0),
        # a moment in which nothing got through
        (openings(3060, 3060, 3060, 3060, 2860, 2760) + "\nctl internet.test ok @5 rtt_ms=60", 0),
    ],
)
def test_loss_shows_where_echoes_say_nothing(text: str, expected: int) -> None:
    assert len(view(text).losses) == expected


def test_a_timeout_among_losses_means_nothing() -> None:
    failed = "ctl tcp.cloud failed timeout @9 +5"
    one = view(LOSSY + failed)
    assert one.is_meaningless(one.attempt.own[-1])


def test_several_reasons_for_which_one_step_failed_are_one_fact() -> None:
    """A refusal, and the silence where another got lost: routers limit their ICMP errors."""
    refused = "dev tcp.cloud failed prohibited >device.spark.io:5683 @4\n"
    silent = "dev tcp.cloud failed timeout >device.spark.io:5683 @4\n"
    cause, rules = load().causes["cloud_port_blocked"], every_rule()

    balances = [
        weigh(cause, view(text), rules).balance for text in (refused, silent, refused + silent)
    ]

    assert balances == [3, 3, 3]


def test_what_is_picked() -> None:
    seen_so = case("dev tcp.cloud ok \n dev tcp.cloud failed timeout \n dev tcp.cloud failed reset")
    seen_so += case("dev tcp.cloud unclear timeout")
    assert len(picked(seen_so)) == 2
    assert len(picked(seen_so, "timeout")) == 1
    assert len(picked(seen_so, ok=True)) == 1
    history = History([Attempt(own=seen_so[:2], others=seen_so[2:])])
    assert len(history.ever("tcp.cloud", ok=False)) == 1
    assert len(history.ever("tcp.cloud", ok=False, others=True)) == 1
    assert history.ever("tcp.cloud", "nak", ok=False) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev dhcp.lease failed nak", (Stage.ADDRESS,)),
        ("dev gateway.arp failed timeout", (Stage.GATEWAY,)),
        ("dev tcp.cloud failed timeout", ()),
        ("dev dhcp.lease failed nak @1 \n dev tcp.cloud ok @2", ()),
    ],
)
def test_which_rungs_carry_the_others(text: str, expected: tuple[Stage, ...]) -> None:
    assert failed_base_stages(climb(Attempt(own=case(text)))) == expected
