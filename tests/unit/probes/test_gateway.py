"""Tells the gateway's ARP from its echo."""

from __future__ import annotations

import pytest
from netcheck.probes.gateway import gateway

from netcheck.probing import Reply, Vantage
from netcheck.probing.testing import FakeNet, refusal
from tests.helpers.probe_lines import (
    GATEWAY,
    lines,
)


@pytest.mark.parametrize(
    ("arp", "echo", "expected"),
    [
        (Reply(ok=True), Reply(ok=True), {"gateway.arp ok", "gateway.icmp ok"}),
        (Reply(ok=True), refusal("timeout"), {"gateway.arp ok", "gateway.icmp failed timeout"}),
        (
            refusal("timeout"),
            refusal("timeout"),
            {"gateway.arp failed timeout", "gateway.icmp failed timeout"},
        ),
        (refusal("timeout", state="stale"), Reply(ok=True), {"gateway.arp ok", "gateway.icmp ok"}),
        (
            refusal("timeout", state="reachable"),
            refusal("timeout"),
            {"gateway.arp unclear timeout", "gateway.icmp failed timeout"},
        ),
        (
            refusal("needs"),
            refusal("needs"),
            {"gateway.arp skipped needs", "gateway.icmp skipped needs"},
        ),
        (refusal("needs"), Reply(ok=True), {"gateway.arp ok", "gateway.icmp ok"}),
    ],
)
def test_gateway_tells_arp_from_echo(arp: Reply, echo: Reply, expected: set[str]) -> None:
    net = FakeNet({("arp", GATEWAY): arp, ("ping", GATEWAY): echo})

    assert lines(gateway, net) == expected


@pytest.mark.parametrize(
    ("here", "reason"),
    [(Vantage(), "no_address"), (Vantage(interface="eth0", address="192.168.1.5"), "no_route")],
)
def test_without_a_gateway_nobody_is_asked(here: Vantage, reason: str) -> None:
    net = FakeNet(here=here)

    assert lines(gateway, net) == {
        f"gateway.arp skipped {reason}",
        f"gateway.icmp skipped {reason}",
    }
    assert net.asked == []
