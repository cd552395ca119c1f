"""The sample plug-in asks what it says it asks, and the answer shows what it and others found."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netcheck import casefile
from netcheck.live import engine
from netcheck.model import Outcome, Stage, Target
from netcheck.probing import CannotRun, Kind, Net, OwnFact, Probe, Reply, Seen, Traffic, Vantage
from netcheck.probing import probe as declared_probe
from netcheck.probing.testing import HOME, FakeNet
from tests.helpers.packages import CAUSE, declared, with_cause
from tests.helpers.places import TOP
from tests.helpers.typed import SAMPLES

SAMPLE = SAMPLES / "example_probe"
GATEWAY = HOME.gateway or ""
WEB, HUB = ("connect", GATEWAY, 80), ("connect", GATEWAY, 8080)
CLOSED = Reply(ok=False, reason="refused")


@pytest.fixture
def gateway_web(monkeypatch: pytest.MonkeyPatch) -> Probe:
    monkeypatch.syspath_prepend(SAMPLE)
    import example_probe  # type: ignore[import-not-found]  # found by the path above

    found: Probe = example_probe.gateway_web
    return found


@declared_probe(
    stage=Stage.GATEWAY,
    facts={"acme.hub": OwnFact(meaning="the hub \x1b[2J takes connections")},
    sends=[Traffic(kind=Kind.TCP_CONNECTION, to="the hub", at_most=1)],
)
def hub(target: Target, net: Net) -> Iterator[Seen]:
    """Does the hub take connections?"""
    gateway = net.vantage().gateway
    if gateway is None:
        raise CannotRun("needs a gateway \x1b[2J")
    reply = net.connect(gateway, 8080)
    yield Seen(fact="acme.hub", outcome=Outcome.OK if reply.ok else Outcome.FAILED)


Answer = Callable[[FakeNet, Probe], str]


@pytest.fixture
def answer(tmp_path: Path) -> Answer:
    """The whole answer to what these probes saw on that network, by the command as a user types
    it, where the sample and the package of the hub are installed.
    """
    declared(tmp_path, "example", netcheck__causes={"example": "example_probe.causes"})
    declared(tmp_path, "acme", netcheck__causes={"acme": "acme_causes"})
    with_cause(tmp_path, CAUSE.replace("acme.hub", "acme.other"))

    def answered(net: FakeNet, probe: Probe) -> str:
        case = tmp_path / "case.jsonl"
        casefile.write(str(case), list(engine.observe(Target(), net, [probe])))
        path = os.pathsep.join([str(tmp_path), str(SAMPLE)])
        done = subprocess.run(
            [sys.executable, "-m", "netcheck", "case", str(case), "--verbose"],
            cwd=TOP,
            env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert done.stderr == ""
        assert "\x1b" not in done.stdout
        return " ".join(done.stdout.split())

    return answered


def settled(probe: Probe, net: FakeNet) -> list[tuple[Outcome, str, str]]:
    """Outcome, reason and target of what it settled."""
    seen = engine.observe(Target(), net, [probe])
    return [(one.outcome, one.reason, one.target) for one in seen if one.fact in probe.settles]


def test_an_open_port_is_ok(gateway_web: Probe) -> None:
    net = FakeNet({WEB: Reply(ok=True)})
    assert settled(gateway_web, net) == [(Outcome.OK, "", "192.168.1.1:80")]


def test_a_closed_port_is_an_answer(gateway_web: Probe) -> None:
    net = FakeNet({WEB: CLOSED})
    assert settled(gateway_web, net) == [(Outcome.FAILED, "refused", "192.168.1.1:80")]


def test_without_a_gateway_it_does_not_look(gateway_web: Probe) -> None:
    net = FakeNet(here=Vantage())
    assert [outcome for outcome, _, _ in settled(gateway_web, net)] == [Outcome.SKIPPED]
    assert net.asked == []


def test_its_cause_is_named_with_headline_and_remedy(answer: Answer, gateway_web: Probe) -> None:
    said = answer(FakeNet({WEB: CLOSED}), gateway_web)

    assert "The router shows no page with its settings: likely" in said
    assert "port 80 of the gateway takes no connection" in said
    assert "1. Read the label on the router" in said
    assert "SUSPECTED" not in said


def test_what_it_could_not_ask_is_not_tested(answer: Answer, gateway_web: Probe) -> None:
    said = answer(FakeNet(here=Vantage()), gateway_web)

    assert (
        "example.gateway_web: needs a gateway; join the device's network first (asked: the gateway"
        " shows a web page with its settings)"
    ) in said


def test_a_failed_fact_that_no_cause_explains_is_told_first(answer: Answer) -> None:
    said = answer(FakeNet({HUB: CLOSED}), hub)

    assert said.startswith("SUSPECTED: Something fails that no known cause explains: gateway: the")
    assert said.count("gateway: the hub … takes connections: failed (acme.hub,") == 1
    assert "x gateway failed" in said or "✗ gateway failed" in said


def test_a_skipped_fact_is_told_with_its_meaning(answer: Answer) -> None:
    said = answer(FakeNet(here=Vantage()), hub)

    assert "acme.hub: needs a gateway … (asked: the hub … takes connections)" in said


def test_a_cause_of_its_package_explains_it(answer: Answer, tmp_path: Path) -> None:
    with_cause(tmp_path)

    said = answer(FakeNet({HUB: CLOSED}), hub)

    assert said.startswith("FAULT: The hub on this network takes no connection: switch it on.")
    assert "1. Switch the hub on." in said
    assert "Unexplained" not in said
