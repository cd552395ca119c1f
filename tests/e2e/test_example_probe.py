"""The sample plug-in asks what it says it asks."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from netcheck.live import engine
from netcheck.model import Outcome, Target
from netcheck.probing import Probe, Reply, Vantage
from netcheck.probing.testing import HOME, FakeNet
from tests.helpers.typed import SAMPLES


@pytest.fixture
def gateway_web(monkeypatch: pytest.MonkeyPatch) -> Probe:
    spec = importlib.util.spec_from_file_location(
        "example_probe", SAMPLES / "example_probe" / "example_probe.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "example_probe", module)
    spec.loader.exec_module(module)
    found: Probe = module.gateway_web
    return found


def settled(probe: Probe, net: FakeNet) -> list[tuple[Outcome, str, str]]:
    """Outcome, reason and target of what it settled."""
    seen = engine.observe(Target(), net, [probe])
    return [(one.outcome, one.reason, one.target) for one in seen if one.fact in probe.settles]


def test_an_open_port_is_ok(gateway_web: Probe) -> None:
    net = FakeNet({("connect", HOME.gateway or "", 80): Reply(ok=True)})
    assert settled(gateway_web, net) == [(Outcome.OK, "", "192.168.1.1:80")]


def test_a_closed_port_is_an_answer(gateway_web: Probe) -> None:
    net = FakeNet({("connect", HOME.gateway or "", 80): Reply(ok=False, reason="refused")})
    assert settled(gateway_web, net) == [(Outcome.FAILED, "refused", "192.168.1.1:80")]


def test_without_a_gateway_it_does_not_look(gateway_web: Probe) -> None:
    net = FakeNet(here=Vantage())
    assert [outcome for outcome, _, _ in settled(gateway_web, net)] == [Outcome.SKIPPED]
    assert net.asked == []
