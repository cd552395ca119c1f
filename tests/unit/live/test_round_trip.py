"""A slow round trip lengthens the patience of what is asked after it, of hosts outside alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from netcheck.live import observe
from netcheck.live.round_trip import RoundTrip
from netcheck.live.send_limits import MeteredNet
from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Kind, Net, Reply, Seen, Traffic, probe, seen
from netcheck.probing.testing import FakeNet

NEAR, OUTSIDE = "192.168.1.1", "8.8.8.8"
ANY = Traffic(kind=Kind.TCP_CONNECTION, to="anywhere", at_most=9)


@dataclass
class PatientNet(FakeNet):
    """Remembers how long each connection was waited for."""

    rtt_ms: float = 4000.0
    waited_s: list[float] = field(default_factory=list)

    def connect(self, ip: str, port: int, timeout_s: float = 5.0) -> Reply:
        self.waited_s.append(timeout_s)
        return Reply(ok=True, took_s=self.rtt_ms / 1000, data=(("rtt_ms", self.rtt_ms),))


def waited(net: PatientNet, first: str, then: str) -> float:
    """How long the second connection is waited for, which was to be for 2 s."""
    asking = MeteredNet(net, [ANY], round_trip=RoundTrip()).net
    asking.connect(first, 443)
    asking.connect(then, 443, 2.0)
    return net.waited_s[-1]


@pytest.mark.parametrize(
    ("first", "then", "rtt_ms", "expected_s"),
    [
        (OUTSIDE, OUTSIDE, 4000.0, 6.0),
        (OUTSIDE, OUTSIDE, 990.0, 2.0),
        (OUTSIDE, OUTSIDE, 1000.0, 2.0),
        (OUTSIDE, NEAR, 4000.0, 2.0),
        (NEAR, OUTSIDE, 4000.0, 2.0),
    ],
    ids=["slow", "as usual", "patient enough", "asked near", "measured near"],
)
def test_what_is_asked_of_the_internet_is_waited_for_as_long_as_it_takes(
    first: str, then: str, rtt_ms: float, expected_s: float
) -> None:
    assert waited(PatientNet(rtt_ms=rtt_ms), first, then) == expected_s


def test_the_shortest_round_trip_counts() -> None:
    trip = RoundTrip()
    for rtt_ms in (5000.0, 2000.0, 3000.0):
        trip.note({"ip": OUTSIDE}, Reply(ok=True, data=(("rtt_ms", rtt_ms),)))

    assert trip.lengthened({"ip": OUTSIDE, "timeout_s": 1.0}) == {"timeout_s": 3.0}


@pytest.mark.parametrize(
    ("places", "expected"),
    [([(OUTSIDE, 443)], {"patience_s": 6.0}), ([(NEAR, 80)], {}), ([], {})],
)
def test_a_client_of_another_mac_waits_as_long(
    places: list[tuple[str, int]], expected: dict[str, float]
) -> None:
    trip = RoundTrip()
    trip.note({"ip": OUTSIDE}, Reply(ok=True, data=(("rtt_ms", 4000.0),)))

    assert trip.lengthened({"gateway": NEAR, "places": places, "patience_s": 3.2}) == expected


def test_what_failed_measures_nothing() -> None:
    trip = RoundTrip()
    trip.note({"ip": OUTSIDE}, Reply(ok=False, reason="refused", data=(("rtt_ms", 4000.0),)))
    trip.note({"ip": OUTSIDE}, Reply(ok=True))

    assert not trip.lengthened({"ip": OUTSIDE, "timeout_s": 1.0})


@probe(stage=Stage.TCP, settles=["tcp.cloud"], sends=[ANY], within_s=0.2)
def slow_to_answer(target: Target, net: Net) -> Iterator[Seen]:
    """Does it open?"""
    reply = net.connect(OUTSIDE, 5683)
    net.sleep(0.4)
    yield seen("tcp.cloud", reply)


@pytest.mark.parametrize(
    ("rtt_ms", "budget_s", "outcome"),
    [(4000.0, 9.0, Outcome.OK), (40.0, 9.0, Outcome.UNCLEAR), (4000.0, 0.3, Outcome.UNCLEAR)],
    ids=["slow line", "quick line", "no time left"],
)
def test_a_probe_lasts_longer_where_its_answers_do(
    rtt_ms: float, budget_s: float, outcome: Outcome
) -> None:
    net = PatientNet(rtt_ms=rtt_ms)
    net.sleep = lambda seconds: None  # type: ignore[method-assign]  # a double

    found = list(observe(Target(), net, [slow_to_answer], budget_s=budget_s))

    assert found[0].outcome is outcome
