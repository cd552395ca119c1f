"""Which clients are Photons: chosen by their marks, without the computers and routers that only
look alike.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence

from netcheck.capture.clients import Client, Clients
from netcheck.capture.observations import PacketRef
from netcheck.photon.fingerprint import RANKS
from netcheck.wire.addresses import is_private

FORWARD_NS = 1_500_000_000
"""A resolver passes a lookup on within this time."""
MAX_PHOTONS = 2_000
"""Clients taken for Photons at most, the best identified: more are a forgery or too many to read.
"""
SURE_RANK = 3
"""Marks worth more than this are a Photon's alone, or nearly so."""


def photons(clients: Clients) -> list[Client]:
    """The Photons, best identified first, and beyond MAX_PHOTONS too; without a better mark, the
    clients that only have the maker's prefix.
    """
    marked = [
        client
        for client in clients.by_key.values()
        if client.rank >= 2
        and not client.may_be_photon
        and (client.is_shared or not client.relative)
        and client.key not in clients.owners.outer
    ]
    others = _Candidates(marked)
    chosen = [client for client in marked if not _is_look_alike(client, others, clients)]
    if not chosen:
        chosen = [
            client for client in clients.by_key.values() if client.rank == 1 and not client.relative
        ]
    return sorted(chosen, key=_by_rank)


def may_be_photons(clients: Clients) -> list[Client]:
    """The clients that may be Photons, also by the maker's prefix alone, best identified and first
    seen first: nobody is accused on their account unless the user names them.
    """
    found = [
        client
        for client in clients.by_key.values()
        if (client.may_be_photon or client.rank == 1)
        and not client.relative
        and client.key not in clients.services
    ]
    return sorted(found, key=_by_rank)[:MAX_PHOTONS]


class _Candidates:
    """Those who may be Photons, indexed once: each is compared with all others."""

    def __init__(self, marked: Sequence[Client]) -> None:
        self.count = len(marked)
        self.better = {
            client.key
            for client in marked
            if client.rank > SURE_RANK or "maker_prefix" in client.marks
        }
        self._asked_inside: dict[str, list[int]] = defaultdict(list)
        """Capture file → when clients with a private address asked for the cloud, in ns."""
        for client in marked:
            asked = client.marks.get("asks_cloud")
            if asked is not None and any(is_private(address) for address in client.addresses):
                insort(self._asked_inside[asked.source], asked.at_ns)

    def are_better(self, client: Client) -> bool:
        """Is another one better identified?"""
        return len(self.better) > (client.key in self.better)

    def asked_before(self, asked: PacketRef, within_ns: int | None) -> bool:
        """Did one ask inside, in another file, no longer ago (None: at any time)?"""
        return any(
            within_ns is None or _has_within(times, asked.at_ns - within_ns + 1, asked.at_ns)
            for source, times in self._asked_inside.items()
            if source != asked.source
        )


def _has_within(times: Sequence[int], since_ns: int, until_ns: int) -> bool:
    """Is one of these, which are in order, in that time?"""
    at = bisect_left(times, since_ns)
    return at < len(times) and times[at] <= until_ns


def _is_look_alike(client: Client, others: _Candidates, clients: Clients) -> bool:
    """Is it a computer that tests the cloud's port, or a router that forwards a lookup, beside a
    better candidate?
    """
    if "maker_prefix" in client.marks or "syn_shape" in client.marks or client.rank > SURE_RANK + 1:
        return False
    if _forwards(client, others):
        return True
    # Computers look for pool.ntp.org and 8.8.8.8:53 as well, `netcheck` on one of them right after
    # the cloud's name.
    is_tester = client.is_desktop and {
        mark for mark in client.marks if RANKS[mark] > SURE_RANK
    } == {"internet_test"}
    if client.rank > SURE_RANK and not is_tester:
        return False
    if client.key in clients.services or client.is_desktop:
        return others.count > 1
    return others.are_better(client)


def _forwards(client: Client, others: _Candidates) -> bool:
    """Does this client only repeat another's lookups, moments later and elsewhere? Then it is a
    router seen from outside.
    """
    asked = client.marks.get("asks_cloud")
    if asked is None or client.marks.keys() & {"handshake", "session"}:
        return False
    is_inside = any(is_private(address) for address in client.addresses)
    return others.asked_before(asked, FORWARD_NS if is_inside else None)


def _by_rank(client: Client) -> tuple[int, int, str]:
    """Best identified first, then first seen so; for clients with a mark."""
    return -client.rank, min(packet.at_ns for packet in client.marks.values()), client.key
