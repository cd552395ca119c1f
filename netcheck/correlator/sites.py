"""Sites: the network that an observation was made in, and a computer's runs of the probes there.

A site is one network, named by the user or by its gateway's MAC or address (`Device.site`,
`Observation.site`). Another client of the same site is a control; one of another site is not, but
its observations tell faults of the network apart from faults of the cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from netcheck.model import Observation
from netcheck.wire.ipv4 import ipv4

RUN_GAP_S = 60.0
"""A run of the probes ends within half a minute unless told otherwise; after a silence as long as
this another one began.
"""
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")
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
    kind = _kind(o.site)
    comparable = {name for name in here if _kind(name) == kind}
    return bool(o.site) and bool(comparable) and o.site not in comparable


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
    for site in [site for site in groups if not site or _kind(site) == _BY_ADDRESS]:
        same = [
            other
            for other, seen in groups.items()
            if other != site and (not site or site in names_of(seen))
        ]
        if len(same) == 1:
            groups[same[0]] += groups.pop(site)
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
