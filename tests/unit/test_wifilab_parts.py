"""The parts of the Wi-Fi lab that need no machine: its scenarios as data, and thinned captures."""

from __future__ import annotations

import pytest

from netcheck.correlator.catalogue import load
from tests.helpers.monitor import Monitor
from tests.helpers.places import RECORDED
from tests.lab.scenarios import SCENARIOS as NETWORKS
from tests.wifilab import live
from tests.wifilab.radios import ROLES
from tests.wifilab.scenarios import PASSPHRASE, SCENARIOS, Scenario
from tests.wifilab.thinning import thinned

EVERY = [*SCENARIOS.values(), *live.SCENARIOS.values()]


@pytest.mark.parametrize("scenario", EVERY, ids=lambda one: one.name)
def test_a_scenario_names_what_there_is(scenario: Scenario) -> None:
    assert set(scenario.accept) <= set(load().causes)
    assert not scenario.network or scenario.network in NETWORKS
    assert not scenario.same_as or (RECORDED / f"{scenario.same_as}.pcap").exists()
    radios = [ap["radio"] for ap in scenario.access_points]
    assert set(radios) <= set(ROLES) and len(set(radios)) == len(radios)
    assert not (scenario.neighbour and "second" in radios)


def test_there_are_enough() -> None:
    assert len(SCENARIOS) >= 40
    assert len([one for one in SCENARIOS.values() if one.is_healthy]) >= 8
    assert len([one for one in live.SCENARIOS.values() if not one.is_healthy]) >= 15


def test_a_pass_phrase_is_that_of_both() -> None:
    assert SCENARIOS["healthy_wpa2"].passphrase == PASSPHRASE
    assert SCENARIOS["wrong_password"].passphrase == ""
    assert SCENARIOS["healthy_open"].passphrase == ""


def test_of_beacons_one_a_second_is_kept_and_of_the_rest_all() -> None:
    monitor = Monitor()
    for _ in range(20):
        monitor.beacon().wait(0.1)
    monitor.joined()
    kept = list(thinned(monitor.frames))
    beacons = [at_ns for at_ns, _ in kept if at_ns < monitor.frames[20][0]]
    assert len(beacons) == 3
    assert len(kept) == len(monitor.frames) - 20 + 3
