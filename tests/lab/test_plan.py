"""`netcheck --plan` is the whole truth: what tcpdump sees leave the laptop was planned, in kind,
destination and number.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from netcheck.probing import NEW_CLIENT
from tests.lab import requirements
from tests.lab.live_scenarios import LIVE_ONLY
from tests.lab.network import Network
from tests.lab.plan import mac_of
from tests.lab.scenarios import SCENARIOS
from tests.lab.sending import Place, Sent, destinations, not_told, overheard, unplanned
from tests.lab.services import PROXY_PORT

# One worker runs them all: each worker that had a share would start the networks of all.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("plan")]

NETWORKS = (
    "healthy_1_5_2",
    "port_dropped",
    "nonce_cut_on_the_way",
    "portal_by_dns",
    "portal_by_redirect",
    "proxy_required",
    "no_dhcp_server",
    "gateway_silent",
    "dns_option_dead",
    "dns_silent_own_resolver",
)
OFFERED = {"dns_option_dead": ".253"}
"""The name server that DHCP offers, by its last number, where it is not the router."""


@dataclass(frozen=True)
class Watched:
    """A run on the laptop: what was planned, what left, and what the answer says of it."""

    plan: list[dict[str, Any]]
    planned_at: float
    sent: Sent
    answer: dict[str, Any]
    place: Place


def watch(name: str) -> Watched:
    """That network: first the plan, then the run, with tcpdump on the laptop's interface all the
    time.
    """
    plan = (SCENARIOS | LIVE_ONLY)[name].plan
    quiet = replace(
        plan,
        hosts=tuple(
            replace(host, does="nothing") if host.name == "laptop" else host for host in plan.hosts
        ),
    )
    with Network(name, quiet) as network:
        network.start_hosts()
        laptop = network.namespace("laptop")
        options = ("--json", "--as-device", mac_of(name, 0))
        place = Place(
            mac=_mac(laptop.command("cat", "/sys/class/net/eth0/address")),
            gateway=network.plan.gateway,
            resolvers=(quiet.hosts[0].resolver or network.plan.gateway,),
            offered=(f"{network.plan.lan}{OFFERED.get(name, '.1')}",),
            proxy=_proxy(network),
            others=(NEW_CLIENT, mac_of(name, 0)),
        )
        capture, log = network.folder / "laptop.pcap", network.folder / "laptop.log"
        tcpdump = laptop.start(
            "tcpdump", "-i", "eth0", "-n", "-U", "-Z", "root", "-w", str(capture), log=log
        )
        _await_text(log, "listening on")
        planned = _document(laptop.command(sys.executable, "-m", "netcheck", "--plan", *options))
        planned_at = time.time()
        answer = _document(laptop.command(sys.executable, "-m", "netcheck", *options))
        tcpdump.terminate()
        tcpdump.wait()
        return Watched(planned["sends"], planned_at, overheard(capture, place), answer, place)


def _proxy(network: Network) -> str:
    return f"{network.plan.gateway}:{PROXY_PORT}" if network.plan.proxy else ""


def _mac(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _document(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _await_text(log: Path, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[Watched]]]:
    """All networks, three side by side, each in a process of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        with ProcessPoolExecutor(3, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
            yield {name: pool.submit(watch, name) for name in NETWORKS}


@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_leaves_that_was_not_planned(name: str, runs: dict[str, Future[Watched]]) -> None:
    watched = runs[name].result()

    assert unplanned(watched.sent, watched.plan, watched.place) == []
    assert watched.sent.counts


@pytest.mark.parametrize("name", NETWORKS)
def test_no_more_left_than_the_answer_says(name: str, runs: dict[str, Future[Watched]]) -> None:
    watched = runs[name].result()

    assert not_told(watched.sent, watched.answer["observations"]) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_the_plan_itself_sends_nothing(name: str, runs: dict[str, Future[Watched]]) -> None:
    watched = runs[name].result()

    assert watched.sent.first_at is not None
    assert watched.sent.first_at > watched.planned_at


def test_what_is_planned_is_no_empty_promise(runs: dict[str, Future[Watched]]) -> None:
    """Each kind of packet that the plan names left the laptop in one of these networks at least.

    But for ARP replies under another MAC: these routers learn a neighbour from its own question,
    and ask nothing. And for Wi-Fi scans: this lab has no radio.
    """
    unseen = {"arp_reply", "wifi_scan"}
    watched = [run.result() for run in runs.values()]
    planned = {entry["kind"] for one in watched for entry in one.plan}

    assert planned - unseen == {kind for one in watched for kind, _ in one.sent.counts} - unseen


def test_what_was_not_planned_is_noticed(runs: dict[str, Future[Watched]]) -> None:
    """The test itself looks: each entry taken out of the plan, or counted down, leaves packets that
    nothing explains.
    """
    watched = runs["healthy_1_5_2"].result()
    used = [
        entry
        for entry in watched.plan
        if any(
            (entry["kind"], to) in watched.sent.counts
            for to in destinations(entry, watched.sent.names, watched.place)
        )
    ]
    without = [
        [
            other
            for other in watched.plan
            if (other["kind"], other["to"]) != (entry["kind"], entry["to"])
        ]
        for entry in used
    ]

    assert used
    assert (
        sum(bool(unplanned(watched.sent, rest, watched.place)) for rest in without) > len(used) / 2
    )
