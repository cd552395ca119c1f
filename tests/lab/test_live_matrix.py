"""Every single fault, live: `netcheck` on the laptop names the right cause first, and nothing is leased.

A handful by default; with NETCHECK_LAB=full all of them, eight side by side, each in a process of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.lab import test_lab
from tests.lab.judge import standing
from tests.lab.live import LiveAnswer, run_live
from tests.lab.live_scenarios import LIVE_ONLY
from tests.lab.namespace import sweep
from tests.lab.scenarios import NO_OFFER, SCENARIOS, SYN_UNANSWERED, any_of

pytestmark = test_lab.pytestmark

NOT_FROM_HERE = frozenset(
    (
        "ack_lost",
        "answer_swallowed",
        "answer_truncated",
        "app_blocks",
        "app_crashes",
        "app_crashes_old",
        "closed_after_hello",
        "cloud_closes_after_request",
        "cloud_holds_after_request",
        "cloud_resets_after_request",
        "device_key_stale",
        "device_key_stale_new",
        "id_twice",
        "lease_refused",
        "nat_forgets_silently",
        "nat_forgets_with_reset",
        "no_server_hello",
        "payload_reset",
        "payload_swallowed",
        "pings_unanswered",
        "private_cloud_gone",
        "reset_when_idle",
        "server_key_damaged",
        "server_key_other",
        "signature_other",
        "static_leftover",
        "static_leftover_device_only",
        "static_wrong_gateway",
    )
)
"""What only the device, or a REQUEST, or more than a nonce can meet: from the laptop the network is well."""

SEEN_FROM_HERE = {
    "pool_exhausted": NO_OFFER,  # the laptop has a fixed address: whether a server is there, nothing tells
    "no_dns_option": any_of("dhcp_options_wrong", "dns_unreachable"),  # the laptop's own resolver is the one that is dropped
    "internet_test_blocked": SYN_UNANSWERED,  # the short block of the port is lifted for devices only
    "port_dropped_laptop_vpn": frozenset[str](),  # and not healthy either: the VPN goes around it
}
"""Scenarios of which the laptop sees another part than the device: the causes of which one must come first; empty: none."""

HANDFUL = (
    "healthy_slow_dhcp",
    "no_dhcp_server",
    "mac_ignored",
    "mac_not_forwarded",
    "mac_refused",
    "only_known_macs",
    "rogue_dhcp_server",
    "pool_exhausted_laptop_known",
    "dns_zero",
    "port_held_in_building",
    "cloud_host_dropped",
    "nonce_cut_on_the_way",
    "path_too_slow",
    "name_denied_laptop_vpn",
)
_ALL = tuple(name for name in SCENARIOS | LIVE_ONLY if not name.startswith("pair_"))
CHOSEN = _ALL if os.environ.get("NETCHECK_LAB") == "full" else HANDFUL


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, Future[LiveAnswer]]]:
    """All that were chosen, already running."""
    jobs = 8 if CHOSEN is _ALL else 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", test_lab.PATH)
        sweep()
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            yield {name: pool.submit(run_live, name) for name in CHOSEN}


@pytest.mark.parametrize("name", CHOSEN)
def test_the_right_cause_comes_first_and_nothing_is_leased(name: str, answers: dict[str, Future[LiveAnswer]]) -> None:
    answer = answers[name].result()
    expected = SEEN_FROM_HERE.get(name, frozenset() if name in NOT_FROM_HERE else (SCENARIOS | LIVE_ONLY)[name].expected)
    first = [cause for cause in standing(answer.diagnosis) if stops(answer, cause)][:1]

    assert set(first) <= expected and bool(first) == bool(expected), answer.diagnosis["findings"]
    assert answer.code in ((1, 3) if expected else (0, 3))
    assert answer.leases_after == answer.leases_before


def test_without_raw_frames_an_address_that_nobody_asked_for_is_named_at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", test_lab.PATH)
    answer = run_live("no_dhcp_server", with_raw_frames=False)

    states = {rung["stage"]: rung["state"] for rung in answer.diagnosis["ladder"]}
    assert (answer.diagnosis["verdict"], states["address"], states["handshake"]) == ("healthy", "untested", "passed")
    assert "(DHCP) was not tested" in answer.diagnosis["headline"]


def stops(answer: LiveAnswer, cause: str) -> bool:
    """Does this finding stop the connection?"""
    return any(finding["cause"] == cause and finding["stops_connection"] for finding in answer.diagnosis["findings"])
