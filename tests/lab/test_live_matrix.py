"""Every single fault, live: `netcheck` on the laptop names the right cause first and who must act,
and nothing is leased.

Eight networks side by side, each in a process of its own. With NETCHECK_LAB=full also two faults at
a time, forty networks that are well, and every single fault once more for a user without rights.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest

from tests.lab import requirements
from tests.lab.healthy import HEALTHY
from tests.lab.judge import standing
from tests.lab.live import PAIRS, SINGLES, LiveAnswer, ask, run_live
from tests.lab.live_truth import RAW_FRAMES, first, wrong, wrong_without_rights
from tests.lab.namespace import sweep
from tests.lab.network import Network

# One worker runs them all: each worker that had a share would run everything.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("live matrix")]

JOBS = 8
IN_FULL = ("_own_resolver",)
"""Scenarios of these endings repeat others with one change: with NETCHECK_LAB=full, but for two."""
OFTEN = [
    name
    for name in SINGLES
    if os.environ.get("NETCHECK_LAB") == "full"
    or not name.endswith(IN_FULL)
    or name in ("healthy_own_resolver", "dns_silent_own_resolver")
]
Answers = dict[str, Future[LiveAnswer]]


def _running(request: pytest.FixtureRequest, run: Callable[[str], LiveAnswer]) -> Iterator[Answers]:
    """Those networks that the tests chosen ask for, already running."""
    if getattr(request.config.option, "loadgroup", False):
        mine = next(item for item in request.session.items if item.path == request.path)
        assert "@" in mine.nodeid, "pytest-xdist splits the group: each worker would run it all"
    names = _names(request.session.items, str(request.fixturename))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        sweep()
        with ProcessPoolExecutor(
            JOBS, mp_context=get_context("spawn"), max_tasks_per_child=1
        ) as pool:
            yield {name: pool.submit(run, name) for name in names}


def _names(items: Iterable[pytest.Item], fixture: str) -> list[str]:
    """The scenarios of the tests of this module that use that fixture."""
    mine = [
        item
        for item in items
        if isinstance(item, pytest.Function) and item.module.__name__ == __name__
    ]
    return [str(item.callspec.params["name"]) for item in mine if fixture in item.fixturenames]


@pytest.fixture(scope="module")
def answers(request: pytest.FixtureRequest) -> Iterator[Answers]:
    """As root."""
    yield from _running(request, run_live)


@pytest.mark.parametrize("name", OFTEN)
def test_the_right_cause_comes_first(name: str, answers: Answers) -> None:
    assert not wrong(name, answers[name].result())


if os.environ.get("NETCHECK_LAB") == "full":
    # Defined only when asked for: a skipped lab test always means that something is missing.

    @pytest.mark.parametrize("name", HEALTHY)
    def test_what_is_well_is_called_well(name: str, answers: Answers) -> None:
        assert not wrong(name, answers[name].result())

    @pytest.mark.parametrize("name", PAIRS)
    def test_two_faults_are_both_named_unless_one_hides_the_other(
        name: str, answers: Answers
    ) -> None:
        assert not wrong(name, answers[name].result())

    @pytest.fixture(scope="module")
    def answers_without_rights(request: pytest.FixtureRequest) -> Iterator[Answers]:
        """As a user who may send no raw frames."""
        yield from _running(request, partial(run_live, is_root=False))

    @pytest.mark.parametrize("name", SINGLES)
    def test_without_rights_it_says_the_same_or_what_rights_would_add(
        name: str, answers: Answers, answers_without_rights: Answers
    ) -> None:
        answer = answers_without_rights[name].result()

        assert not wrong_without_rights(name, answer), RAW_FRAMES.get(name, "needs no raw frames")
        assert name in RAW_FRAMES or first(answer) == first(answers[name].result())


def test_in_five_seconds_a_blocked_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", requirements.PATH)
    with Network("port_dropped", SINGLES["port_dropped"].plan) as network:
        network.start_hosts()
        code, document = ask(network, "--budget", "5")

    assert standing(document["diagnoses"][0])[0] == "cloud_port_blocked"
    assert code == 1


def test_without_raw_frames_an_address_that_nobody_asked_for_is_named_at_the_top(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", requirements.PATH)
    answer = run_live("no_dhcp_server", is_root=False)

    states = {rung["stage"]: rung["state"] for rung in answer.diagnosis["ladder"]}
    assert (answer.diagnosis["verdict"], states["address"], states["handshake"]) == (
        "healthy",
        "untested",
        "passed",
    )
    assert "(DHCP) was not tested" in answer.diagnosis["headline"]
