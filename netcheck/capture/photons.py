"""Which clients are Photons: chosen by their marks, without the computers and routers that only
look alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.capture.clients import Client, Clients
from netcheck.photon.fingerprint import RANKS
from netcheck.wire.ipv4 import is_private

FORWARD_NS = 1_500_000_000
"""A resolver passes a lookup on within this time."""
MAX_PHOTONS = 200
"""Clients taken for Photons at most, the best identified: more are a forgery or too many to read.
"""
SURE_RANK = 3
"""Marks worth more than this are a Photon's alone, or nearly so."""


def photons(clients: Clients) -> list[Client]:
    """The Photons, best identified first; without a better mark, the clients that only have the
    maker's prefix.
    """
    marked = [
        client
        for client in clients.by_key.values()
        if client.rank >= 2
        and not client.may_be_photon
        and (client.is_shared or not client.relative)
        and client.key not in clients.owners.outer
    ]
    marked = sorted(marked, key=_by_rank)[:MAX_PHOTONS]
    chosen = [client for client in marked if not _is_look_alike(client, marked, clients)]
    if not chosen:
        chosen = [
            client for client in clients.by_key.values() if client.rank == 1 and not client.relative
        ]
    return sorted(chosen, key=_by_rank)[:MAX_PHOTONS]


def may_be_photons(clients: Clients) -> list[Client]:
    """The clients that may be Photons, first seen first: nobody is accused on their account unless
    the user names them.
    """
    found = [
        client
        for client in clients.by_key.values()
        if client.may_be_photon and not client.relative and client.key not in clients.services
    ]
    return sorted(found, key=_by_rank)[:MAX_PHOTONS]


def _is_look_alike(client: Client, marked: Sequence[Client], clients: Clients) -> bool:
    """Is it a computer that tests the cloud's port, or a router that forwards a lookup, beside a
    better candidate?
    """
    if "maker_prefix" in client.marks or "syn_shape" in client.marks or client.rank > SURE_RANK + 1:
        return False
    others = [other for other in marked if other is not client]
    if any(_forwards_for(client, other) for other in others):
        return True
    # Computers look for pool.ntp.org and 8.8.8.8:53 as well, `netcheck` on one of them right after
    # the cloud's name.
    is_tester = client.is_desktop and {
        mark for mark in client.marks if RANKS[mark] > SURE_RANK
    } == {"internet_test"}
    if client.rank > SURE_RANK and not is_tester:
        return False
    if client.key in clients.services or client.is_desktop:
        return bool(others)
    return any(other.rank > SURE_RANK or "maker_prefix" in other.marks for other in others)


def _forwards_for(client: Client, other: Client) -> bool:
    """Does this client only repeat the other's lookups, moments later and elsewhere? Then it is a
    router seen from outside.
    """
    mine, theirs = client.marks.get("asks_cloud"), other.marks.get("asks_cloud")
    if (
        mine is None
        or theirs is None
        or mine.source == theirs.source
        or client.marks.keys() & {"handshake", "session"}
    ):
        return False
    is_inside = any(is_private(address) for address in other.addresses)
    return is_inside and (
        not any(is_private(address) for address in client.addresses)
        or 0 <= mine.at_ns - theirs.at_ns < FORWARD_NS
    )


def _by_rank(client: Client) -> tuple[int, int, str]:
    """Best identified first, then first seen so; for clients with a mark."""
    return -client.rank, min(packet.at_ns for packet in client.marks.values()), client.key
