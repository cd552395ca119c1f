"""Which of this computer's links leads to the device, and why nothing came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netcheck.correlator.notes import softap as softap_notes
from netcheck.correlator.notes.wording import sentence
from netcheck.device.softap.route import LocalNetworks, choose
from netcheck.host.interfaces import InterfaceAddress
from netcheck.model import (
    NAMELESS,
    Level,
    Observation,
    Outcome,
    Stage,
    Verdict,
)
from tests.doubles.softap_server import Fault, SoftAp
from tests.helpers.softap import AT, WIFI, judged, levels, observed, of

LAN = InterfaceAddress(name="eth0", address="192.168.0.20", netmask="255.255.255.0", is_wifi=False)


ELSEWHERE = InterfaceAddress(
    name="wlan0", address="10.1.2.3", netmask="255.255.255.0", is_wifi=True
)


def ways() -> Iterator[tuple[tuple[InterfaceAddress, ...], str, str, str]]:
    """Links, the one the routes choose, the link held to, and why there is none."""
    yield (WIFI,), "wlan0", "wlan0", ""
    yield (LAN, WIFI), "eth0", "wlan0", ""
    yield (
        (
            WIFI,
            InterfaceAddress(
                name="tun0", address="10.8.0.2", netmask="255.255.255.255", is_wifi=False
            ),
        ),
        "tun0",
        "wlan0",
        "",
    )
    yield (LAN,), "eth0", "eth0", ""
    yield (ELSEWHERE,), "wlan0", "", "other_network"
    yield (), "", "", "other_network"
    yield (
        (
            InterfaceAddress(name="wlan0", is_wifi=True),
            InterfaceAddress(name="eth0", address="10.0.0.2", netmask="255.0.0.0", is_wifi=False),
        ),
        "eth0",
        "",
        "no_address",
    )
    yield (
        (
            InterfaceAddress(
                name="wlan0", address="169.254.9.9", netmask="255.255.0.0", is_wifi=True
            ),
        ),
        "wlan0",
        "",
        "no_address",
    )
    yield (
        (InterfaceAddress(name="rmnet0", address="10.99.1.2", netmask="255.255.255.252"),),
        "rmnet0",
        "",
        "mobile_data",
    )
    yield (
        (
            InterfaceAddress(
                name="wlan0", address="192.168.0.1", netmask="255.255.255.0", is_wifi=True
            ),
        ),
        "wlan0",
        "",
        "route_conflict",
    )
    yield (
        (InterfaceAddress(name="wlan0", address="nonsense", netmask="?", is_wifi=True),),
        "wlan0",
        "",
        "other_network",
    )


@pytest.mark.parametrize(("links", "route", "name", "reason"), list(ways()))
def test_which_link_leads_there(
    links: tuple[InterfaceAddress, ...], route: str, name: str, reason: str
) -> None:
    path = choose(LocalNetworks(links=links, route=route))
    assert (path.link.name if path.link else "", path.reason) == (name, reason)


def test_a_link_that_was_asked_for_is_the_only_one() -> None:
    assert choose(LocalNetworks(links=(WIFI, LAN)), "eth0").interface == "eth0"
    assert choose(LocalNetworks(links=(WIFI, LAN)), "wlan9").reason == "no_address"
    assert choose(LocalNetworks(links=(ELSEWHERE,)), "wlan0").reason == "other_network"


@pytest.mark.parametrize(
    ("fault", "links", "reason", "says"),
    [
        (Fault.ROUTER, (WIFI,), "not_photon", "most likely a router"),
        (Fault.ROUTER, (WIFI, LAN), "route_conflict", "(eth0, beside wlan0)"),
        (Fault.ROUTER, (LAN,), "other_network", "has not joined"),
        (Fault.SILENT, (WIFI,), "silent", "sends nothing"),
        (Fault.NONE, (ELSEWHERE,), "other_network", "blinks blue"),
        (
            Fault.NONE,
            (InterfaceAddress(name="wwan0", address="10.9.9.9", netmask="255.255.255.0"),),
            "mobile_data",
            "switch mobile data off",
        ),
        (Fault.NONE, (InterfaceAddress(name="wlan0", is_wifi=True),), "no_address", "(wlan0)"),
    ],
)
def test_a_sentence_says_why_nothing_came(
    fault: Fault, links: tuple[InterfaceAddress, ...], reason: str, says: str
) -> None:
    seen = observed(SoftAp(fault=fault), links=links)
    diagnosis = judged(seen)
    assert of(seen, "softap.reach").reason == reason
    assert says in diagnosis.headline
    assert diagnosis.verdict is Verdict.INSUFFICIENT
    assert levels(diagnosis).get("softap_unreachable", Level.POSSIBLE) in (
        Level.LIKELY,
        Level.POSSIBLE,
    )


def test_another_network_with_its_numbers_does_no_harm_where_the_device_answers() -> None:
    assert of(observed(SoftAp(), links=(WIFI, LAN)), "softap.reach").ok


@pytest.mark.parametrize(
    "reason",
    [
        "timeout",
        "prohibited",
        "no_route",
        "not_photon",
        "silent",
        "other_network",
        "no_address",
        "route_conflict",
        "mobile_data",
    ],
)
def test_every_reason_has_one_sentence(reason: str) -> None:
    o = Observation(
        stage=Stage.POWER,
        fact="softap.reach",
        outcome=Outcome.FAILED,
        reason=reason,
        subject=NAMELESS,
        source="device:softap",
        at=AT,
    )
    ended = softap_notes.how_it_ended(o)
    assert ended is not None
    said = sentence(ended)
    assert said.endswith(".")
    assert "{" not in said
