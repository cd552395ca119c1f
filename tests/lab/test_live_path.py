"""What the laptop says of the way beyond its router: a second router, narrow links, connections
that are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from tests.lab import requirements
from tests.lab.live import LiveAnswer, run_live
from tests.lab.namespace import sweep

# One worker runs them all: each worker that had a share would start the networks of all.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("live path")]

HEALTHY: dict[str, tuple[str, str, dict[str, str | int | float]]] = {
    "double_nat": ("internet.nat", "failed", {"private_hops": "10.255.1.1", "hop": 2}),
    "small_mtu": ("internet.mtu", "ok", {"request_bytes": 1300, "path_mtu_bytes": 576}),
    "large_packets_vanish": ("internet.mtu", "ok", {"request_bytes": 256, "lost_bytes": 1300}),
    "idle_kept": ("session.idle", "ok", {"idle_s": 16.0}),
}
"""Scenario → what is seen of a network that is well all the same."""

FAULTS = {
    "black_hole": ("mtu_blackhole", "internet.mtu", "silent"),
    "idle_forgotten": ("nat_idle_timeout", "session.idle", "timeout"),
    "idle_reset": ("nat_idle_timeout", "session.idle", "reset"),
}
"""Scenario → the cause that comes first, and what shows it."""


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, Future[LiveAnswer]]]:
    """All of them, already running; those that wait longest begin first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        sweep()
        with ProcessPoolExecutor(3, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            yield {name: pool.submit(run_live, name) for name in reversed([*HEALTHY, *FAULTS])}


def seen(answer: LiveAnswer, fact: str) -> dict[str, Any]:
    """The one observation of that fact."""
    one: dict[str, Any]
    (one,) = [o for o in answer.document["observations"] if o["fact"] == fact]
    return one | {"data": dict(one.get("data", []))}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_network_that_is_well_stays_well(
    name: str, answers: dict[str, Future[LiveAnswer]]
) -> None:
    answer = answers[name].result()
    fact, outcome, data = HEALTHY[name]
    one = seen(answer, fact)

    assert (answer.diagnosis["verdict"], answer.code) == ("healthy", 0)
    assert one["outcome"] == outcome
    assert data.items() <= one["data"].items()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_way_is_named(name: str, answers: dict[str, Future[LiveAnswer]]) -> None:
    answer = answers[name].result()
    cause, fact, reason = FAULTS[name]

    assert (answer.diagnosis["findings"][0]["cause"], answer.code) == (cause, 1)
    assert seen(answer, fact)["reason"] == reason


def test_what_was_not_asked_for_is_named(answers: dict[str, Future[LiveAnswer]]) -> None:
    untested = {
        one["fact"]: one["why"] for one in answers["double_nat"].result().diagnosis["not_tested"]
    }

    assert "--also idle_timeout" in untested["session.idle"]
