"""`netcheck` without a command: which probes run, what stays visible, and Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netcheck import capture, correlator
from netcheck.model import Diagnosis, Observation, Stage, Target
from netcheck.probing import Kind, Probe, Traffic
from netcheck.report import pages
from tests.helpers.answers import OBSERVATIONS
from tests.helpers.command import Reading, Run, World


def a_probe(name: str, **more: Any) -> Probe:
    sends = (Traffic(kind=Kind.DNS_QUERY, to="{cloud_host}", at_most=2),)
    return Probe(
        name=name,
        ask="Who?",
        stage=Stage.DNS,
        settles=frozenset({"dns.cloud_name"}),
        needs=frozenset(),
        sends=sends,
        within_s=1,
        run=lambda *_: (),
        **more,
    )


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two probes, and the names of those that ran. What is plugged into the machine that runs the
    tests is left alone.
    """
    from netcheck import live
    from netcheck.live import engine

    ran: list[str] = []

    def observe(
        target: Target, net: object, probes: list[Probe], **_: object
    ) -> Iterator[Observation]:
        ran.extend(probe.name for probe in probes)
        yield from OBSERVATIONS

    monkeypatch.setenv("NETCHECK_SERIAL", "none")
    monkeypatch.setattr(engine, "find", lambda problems=None: [a_probe("one"), a_probe("two")])
    monkeypatch.setattr(live, "observe", observe)
    return ran


def test_without_a_command_the_network_is_checked(run: Run, network: list[str]) -> None:
    ended = run()
    assert ended.code == 1
    assert network == ["one", "two"]
    assert "Nothing left this machine but packets that --plan lists" in " ".join(ended.out.split())
    assert "After a fix `netcheck` should then say healthy." in ended.out


@pytest.mark.parametrize("options", [("--only", "one"), ("--skip", "two")])
def test_a_probe_left_out_stays_visible(
    run: Run, world: World, network: list[str], options: tuple[str, str]
) -> None:
    run(*options)
    assert network == ["one"]
    left = [one for one in world.judged if one.reason == "not_chosen"]
    assert [(one.source, one.fact, one.outcome.value) for one in left] == [
        ("probe:two/1", "dns.cloud_name", "skipped")
    ]


@pytest.fixture
def slow(network: list[str], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A third probe, `slow`, which runs only on request; and the budgets that were given."""
    from netcheck import live
    from netcheck.live import engine

    budgets: list[float] = []
    usual, observe = engine.find(), live.observe
    monkeypatch.setattr(
        engine, "find", lambda problems=None: [*usual, a_probe("slow", on_request=True)]
    )

    def noting(*args: Any, **named: Any) -> Iterator[Observation]:
        budgets.append(named["budget_s"])
        return observe(*args, **named)

    monkeypatch.setattr(live, "observe", noting)
    return budgets


@pytest.mark.parametrize(
    ("options", "ran"),
    [
        ((), ["one", "two"]),
        (("--also", "slow"), ["one", "two", "slow"]),
        (("--only", "slow"), ["slow"]),
        (("--only", "one", "--also", "slow"), ["one", "slow"]),
        (("--also", "slow", "--skip", "slow"), ["one", "two"]),
        (("--also", "one"), ["one", "two"]),
    ],
)
def test_what_runs_only_on_request(
    run: Run, network: list[str], slow: list[float], options: tuple[str, ...], ran: list[str]
) -> None:
    run(*options)
    assert network == ran
    planned = json.loads(run(*options, "--plan", "--json").out)["sends"]
    assert planned[0]["at_most"] == 2 * len(ran)


def test_what_was_not_asked_for_stays_visible(run: Run, world: World, slow: list[float]) -> None:
    run()
    (left,) = [one for one in world.judged if one.source == "probe:slow/1"]
    assert (left.fact, left.outcome.value, left.reason) == (
        "dns.cloud_name",
        "skipped",
        "not_asked",
    )
    assert "--also slow" in left.text("says")


def test_the_time_for_all_probes_has_room_for_what_was_asked_for(
    run: Run, slow: list[float]
) -> None:
    run()
    run("--also", "slow")
    run("--also", "slow", "--budget", "20")
    assert slow == [25.0, 26.0, 20.0]


def test_the_proof_of_a_fix_asks_for_it_again(run: Run, slow: list[float]) -> None:
    assert "After a fix `netcheck --also slow` should then say healthy." in " ".join(
        run("--also", "slow").out.split()
    )


def test_a_probe_on_request_is_listed_as_such(run: Run, slow: list[float]) -> None:
    assert "slow (dns, at most 1 s, only with --also slow)" in run("probes").out
    assert [probe["on_request"] for probe in json.loads(run("probes", "--json").out)["probes"]] == [
        False,
        False,
        True,
    ]


def test_the_plan_sends_nothing(run: Run, network: list[str]) -> None:
    ended = run("--plan")
    assert (ended.code, network) == (0, [])
    assert "\n  at most  what         to\n  4        DNS queries  device.spark.io\n" in ended.out
    assert "This computer's system adds, as for any program:\n  - ARP requests" in ended.out
    assert json.loads(run("--plan", "--json").out)["besides"] == list(pages.BESIDES)
    assert json.loads(run("--plan", "--json").out)["sends"] == [
        {"kind": "dns_query", "to": "device.spark.io", "at_most": 4}
    ]


def test_probes_are_listed(run: Run, network: list[str]) -> None:
    assert "two (dns, at most 1 s)" in run("probes").out
    assert [probe["name"] for probe in json.loads(run("probes", "--json").out)["probes"]] == [
        "one",
        "two",
    ]


def test_interrupted_once_judges_what_was_seen_and_twice_ends(
    run: Run, world: World, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from netcheck import live

    ended: list[int] = []

    def interrupted(*_: object, stop: threading.Event, **__: object) -> Iterator[Observation]:
        yield OBSERVATIONS[1]
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        assert not ended
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(live, "observe", interrupted)
    monkeypatch.setattr(os, "_exit", ended.append)
    document = json.loads(run("--json").out)
    assert document["partial"] is True
    assert world.judged == [OBSERVATIONS[1]]
    assert ended == [130]


def test_interrupted_when_all_was_seen_the_answer_still_comes(
    run: Run, world: World, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(
        observations: list[Observation], target: Target, is_over: Callable[[], bool]
    ) -> list[Diagnosis]:
        signal.raise_signal(signal.SIGINT)
        return world.diagnose(observations, target, is_over)

    monkeypatch.setattr(correlator, "diagnose", interrupted)
    ended = run("--json")
    assert (ended.code, json.loads(ended.out)["partial"]) == (1, False)


def test_interrupted_in_a_file_asks_the_network_nothing_more(
    run: Run, world: World, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from netcheck import live

    stopped: list[bool] = []

    def observe(*_: object, stop: threading.Event, **__: object) -> Iterator[Observation]:
        stopped.append(stop.is_set())
        yield from ()

    monkeypatch.setattr(
        capture, "observe", lambda *_, **__: Reading([*OBSERVATIONS], is_partial=True)
    )
    monkeypatch.setattr(live, "observe", observe)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert json.loads(run("--pcap", "x.pcap", "--json").out)["partial"] is True
    finally:
        signal.signal(signal.SIGINT, before)
    assert stopped == [True]


def test_interrupted_while_judging_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> list[Diagnosis]:
        raise KeyboardInterrupt

    monkeypatch.setattr(correlator, "diagnose", interrupted)
    ended = run("pcap", "x.pcap")
    assert (ended.code, ended.out, ended.err.strip()) == (130, "", "")
