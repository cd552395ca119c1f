"""Sites: the network that an observation was made in, and a computer's runs of the probes there.

A site is one network, named by the user or by its gateway's MAC or address (`Device.site`,
`Observation.site`). Another client of the same site is a control; one of another site is not, but
its observations tell faults of the network apart from faults of the cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from netcheck.model import NAMELESS, Observation
from netcheck.wire.addresses import ipv4

RUN_GAP_S = 60.0
"""A run of the probes ends within half a minute unless told otherwise; after a silence as long as
this another one began.
"""
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")
_ID = re.compile(r"[0-9a-f]{24}")
_SITE = "site "
_GIVEN, _BY_MAC, _BY_ADDRESS = range(3)


def names_of(observations: Iterable[Observation]) -> frozenset[str]:
    """Every name that these observations know their network by: as it was given, and the gateway's
    MACs and addresses.
    """
    names: set[str] = set()
    for o in observations:
        names |= {o.site, o.text("gateway_mac"), *(_gateways(o))}
    return frozenset(names - {""})


def _gateways(o: Observation) -> Sequence[str]:
    if o.fact == "computer.vantage":
        return (o.text("gateway"),)
    if o.fact == "dhcp.options":
        return o.text("router").split()[:1]
    return (o.target,) if o.fact == "gateway.arp" else ()


def is_elsewhere(o: Observation, here: Iterable[str]) -> bool:
    """Was that seen on another network than the one with these names? Only names of one kind are
    compared.
    """
    return bool(o.site) and _is_another(o.site, frozenset(here))


def is_known_as_other(one: str, other: str) -> bool:
    """Are these the names of two networks? Only names of one kind tell."""
    return bool(one) and bool(other) and _is_another(one, frozenset((other,)))


def is_known_as_same(one: str, other: str) -> bool:
    """Are these names of one network? Many networks have the same addresses."""
    return bool(one) and one == other and _kind(one) != _BY_ADDRESS


def have_other_gateways(some: Iterable[Observation], others: Iterable[Observation]) -> bool:
    """Are the gateways' addresses known in both, and none in common? A router has one MAC on each
    network that it serves (guests, a VLAN).
    """
    here, there = (
        {name for name in names_of(seen) if _kind(name) == _BY_ADDRESS} for seen in (some, others)
    )
    return bool(here) and bool(there) and here.isdisjoint(there)


@lru_cache(maxsize=1 << 16)
def _is_another(site: str, here: frozenset[str]) -> bool:
    kind = _kind(site)
    return site not in here and any(_kind(name) == kind for name in here)


@lru_cache(maxsize=1 << 12)
def _kind(name: str) -> int:
    if _MAC.fullmatch(name):
        return _BY_MAC
    return _GIVEN if ipv4(name) is None else _BY_ADDRESS


def grouped(observations: Iterable[Observation]) -> Mapping[str, list[Observation]]:
    """Name → what was seen on that network, the first seen first.

    One that is known by its gateway's address alone, as where the gateway was silent, is the one
    that has that gateway. One without any name, as where the computer was on no network yet, is the
    only other one.
    """
    groups: dict[str, list[Observation]] = {}
    for o in sorted(observations, key=lambda o: o.at):
        groups.setdefault(o.site, []).append(o)
    known_as: dict[str, set[str]] = {}
    for site, seen in groups.items():
        for name in names_of(seen):
            known_as.setdefault(name, set()).add(site)
    for site in [site for site in groups if not site or _kind(site) == _BY_ADDRESS]:
        same = known_as.get(site, set()) if site else set(groups) if len(groups) == 2 else set()
        same = {other for other in same if other != site and other in groups}
        if len(same) == 1:
            [other] = same
            moved = groups.pop(site)
            groups[other] += moved
            for name in names_of(moved):
                known_as[name].add(other)
    return groups


def runs(observations: Iterable[Observation]) -> list[list[Observation]]:
    """What computers saw on one network, divided where nothing was asked for a while."""
    divided: list[list[Observation]] = []
    end = float("-inf")
    for o in sorted(observations, key=lambda o: o.at):
        if not divided or o.at - end > RUN_GAP_S:
            divided.append([])
        divided[-1].append(o)
        end = max(end, o.end)
    return divided


def name_of(own: Sequence[Observation]) -> str:
    """Which network it was: as the witness says, else by its gateway's MAC, else by the gateway's
    address; of several the newest.
    """
    named = [o.site for o in own if o.site]
    macs = [o.text("gateway_mac") for o in own if o.fact == "gateway.arp" and o.text("gateway_mac")]
    routers = [
        router for o in own if o.fact == "dhcp.options" for router in o.text("router").split()[:1]
    ]
    return next((found[-1] for found in (named, macs, routers) if found), "")


def unrelated(files: Sequence[Sequence[Observation]]) -> list[list[int]]:
    """The numbers of several case files, divided where they must not be weighed together.

    Files of networks that are known to be several, with no device in common, come from several
    customers: the devices of one are no controls for those of another. So do files of which each
    only tells of a device without a name. All others are one set where no two networks are known: a
    file without a network may be about any of them.
    """
    groups: list[tuple[set[str], list[int]]] = []
    for index, seen in enumerate(files):
        names, numbers = _identities(seen), [index]
        for other in [group for group in groups if group[0] & names]:
            groups.remove(other)
            names |= other[0]
            numbers = [*other[1], *numbers]
        groups.append((names, sorted(numbers)))
    known = [names for names, _ in groups if any(name.startswith(_SITE) for name in names)]
    if len(known) >= 2:
        return [numbers for _, numbers in groups]
    telling = [
        numbers
        for names, numbers in groups
        if not names and any(o.subject == NAMELESS for o in files[numbers[0]])
    ]
    if len(telling) < 2:
        return [list(range(len(files)))]
    rest = sorted(index for _, numbers in groups if numbers not in telling for index in numbers)
    return [rest, *telling] if rest else telling


def _identities(seen: Sequence[Observation]) -> set[str]:
    """What files can have in common: MACs, device ids, and names of networks that are unique."""
    names = {o.subject for o in seen if _MAC.fullmatch(o.subject) or _ID.fullmatch(o.subject)}
    sites = {*(o.site for o in seen), name_of(seen)} - {""}
    return names | {f"{_SITE}{site}" for site in sites if _kind(site) != _BY_ADDRESS}
