"""Recorded evidence in another order, twice, or with one probe left out: the first cause stays.

In another order the whole diagnosis is the same. A run or capture that comes again, later, leaves
verdict and first cause. A probe left out may make the answer weaker, for it may be the one that
tells causes apart. Then there is no cause, a possible one, or one that evidence without that probe
cannot tell from the right one: a look-alike of the catalogue, or what is true besides. It never is
another one that is likely.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from functools import cache

import msgspec
import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.model import STANDING, Diagnosis, Finding, Level, Observation, Target
from tests.helpers.places import RECORDED
from tests.helpers.recorded import NAMES, RUN_NAMES, first_device, seen_in_run
from tests.lab.live import SINGLES
from tests.lab.live_truth import expected
from tests.lab.plan import mac_of
from tests.lab.scenarios import any_of

LATER_S = (20.0, 120.0, 3600.0)
"""Within one run of the probes, soon behind it, and much later."""
COMES_AND_GOES = frozenset({"internet_test_blocked"})
"""Here the first try meets a block that is over at the second: an accident once, and twice a fault
that comes and goes.
"""
TRUE_BESIDES = {
    # the name server that the second DHCP server names is silent
    "rogue_dhcp_server": any_of("dns_unreachable"),
    # the login page's address in the place of the cloud's is a false one
    "portal_by_dns": any_of("dns_hijacked"),
    "portal_by_dns_device_only": any_of("dns_hijacked"),
    # a page that lets in each MAC by itself refuses this one, and only DHCP says that it is there
    "portal_past_laptop": any_of("mac_filter"),
}
NEVER_LEFT_OUT = "probe:vantage/1"
"""Where this computer stands: it asks nothing, and without it no answer has a meaning."""


def asked_about(name: str) -> Target:
    """The device of a live run."""
    return Target(as_device=mac_of(name, 0))


def judged(observations: Iterable[Observation], target: Target) -> Diagnosis:
    return diagnose(observations, target)[0]


def first(one: Diagnosis) -> Finding | None:
    """The first standing cause that stops the connection."""
    return next((f for f in one.findings if f.level in STANDING and f.stops_connection), None)


def in_short(one: Diagnosis) -> tuple[str, str]:
    """The verdict and the first cause."""
    found = first(one)
    return one.verdict.value, found.cause if found else ""


def mixed(observations: Iterable[Observation]) -> list[Observation]:
    several = list(observations)
    random.Random(len(several)).shuffle(several)
    return several


def again(observations: Sequence[Observation], after_s: float) -> list[Observation]:
    """The same once more, so much later."""
    later = [msgspec.structs.replace(o, at=o.at + after_s) for o in observations]
    return [*observations, *later]


@cache
def captured(name: str) -> tuple[Observation, ...]:
    """What the capture of a scenario shows."""
    target = first_device(name)
    return tuple(observe([str(RECORDED / f"{name}.pcap")], target).observations)


def look_alikes(causes: Iterable[str]) -> frozenset[str]:
    """These causes and those that the catalogue counts among their look-alikes."""
    groups = [group for cause in causes for group in load().groups_of(cause)]
    return frozenset(causes).union(*(group.members for group in groups))


@pytest.mark.parametrize("name", RUN_NAMES)
def test_the_order_of_arrival_changes_no_answer(name: str) -> None:
    seen, target = seen_in_run(name), asked_about(name)

    assert judged(mixed(seen), target) == judged(seen, target)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_packets_observed_changes_no_answer(name: str) -> None:
    seen, target = captured(name), first_device(name)

    assert judged(mixed(seen), target) == judged(seen, target)


@pytest.mark.parametrize("name", RUN_NAMES)
def test_a_second_run_changes_no_first_cause(name: str) -> None:
    seen, target = seen_in_run(name), asked_about(name)
    once = in_short(judged(seen, target))

    assert [in_short(judged(again(seen, after_s), target)) for after_s in LATER_S] == [once] * len(
        LATER_S
    )


@pytest.mark.parametrize("name", sorted({*NAMES} - COMES_AND_GOES))
def test_a_second_capture_changes_no_first_cause(name: str) -> None:
    seen, target = captured(name), first_device(name)
    span_s = max(o.end for o in seen) - min(o.at for o in seen)

    assert in_short(judged(again(seen, span_s + 600.0), target)) == in_short(judged(seen, target))


@pytest.mark.parametrize("name", RUN_NAMES)
def test_a_probe_left_out_accuses_nobody_else(name: str) -> None:
    seen, target = seen_in_run(name), asked_about(name)
    besides = TRUE_BESIDES.get(name.removesuffix("_own_resolver"), frozenset())
    right = look_alikes(expected(name)) | besides
    probes = {o.source for o in seen if o.fact != "probe.run"} - {NEVER_LEFT_OUT}

    for probe in sorted(probe for probe in probes if probe.startswith("probe:")):
        found = first(judged([o for o in seen if o.source != probe], target))
        assert found is None or found.cause in right or found.level is Level.POSSIBLE, probe


def test_runs_of_most_faults_are_recorded() -> None:
    assert len(RUN_NAMES) >= 100
    assert {*RUN_NAMES} <= {*SINGLES}
