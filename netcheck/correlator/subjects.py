"""Finds the devices to explain: which names belong to one client, and which client is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from netcheck.model import NETWORK, Device, Observation, Target
from netcheck.vocabulary import Role, has_role, is_of_package

PREFIX_RANK = 1
"""The rank of a client that shows nothing but the maker's MAC prefix."""
MOST_IDENTITIES = 5_000
"""So many names of devices are joined; of more, the best identified."""


@dataclass
class Subject:
    """One device under all its names."""

    names: set[str] = field(default_factory=set)
    identities: list[Observation] = field(default_factory=list)
    macs: set[str] = field(default_factory=set)
    """Those among its names."""

    @property
    def ids(self) -> set[str]:
        """The device ids among its names."""
        return {o.text("id") for o in self.identities if o.text("id")}

    @property
    def has_identified_itself(self) -> bool:
        """Did the device itself tell its name, over USB, its access point or its log?"""
        return any(o.source.startswith("device:") for o in self.identities)

    @property
    def rank(self) -> float:
        """How well it is identified as a Photon; 0: not at all."""
        return max((o.number("rank") or 0.0 for o in self.identities), default=0.0)

    @property
    def first(self) -> float:
        """When it was first seen."""
        return min((o.number("first") or o.at for o in self.identities), default=0.0)

    def device(self, site: str) -> Device:
        """The device with all that is known of it; of several values the newest."""
        newest = sorted(self.identities, key=lambda o: (o.at, o.ref))

        def last(name: str) -> str | None:
            return next((o.text(name) for o in reversed(newest) if o.text(name)), None)

        return Device(
            mac=last("mac"),
            id=last("id"),
            ip=last("ip"),
            firmware=last("firmware"),
            site=site or None,
        )

    def answers_to(self, name: str) -> bool:
        """Is this one of its names or addresses?"""
        wanted = name.lower()
        return wanted in self.names or any(wanted == o.text("ip") for o in self.identities)


def subjects(observations: Iterable[Observation]) -> list[Subject]:
    """Every client that has an identity, names joined across sources; best identified first, then
    first seen.
    """
    found: dict[int, Subject] = {}
    by_name: dict[str, set[int]] = {}
    for number, o in enumerate(_identities(observations)):
        joined = _named(o)
        for other in _that_share_a_name(joined, found, by_name):
            if _is_one(joined, found[other]):
                one = found.pop(other)
                for name in one.names:
                    by_name[name].discard(other)
                joined.names |= one.names
                joined.macs |= one.macs
                joined.identities += one.identities
        found[number] = joined
        for name in joined.names:
            by_name.setdefault(name, set()).add(number)
    found_in_order = list(found.values())
    return sorted(found_in_order, key=lambda s: (-s.rank, s.first, min(s.names)))


def _named(o: Observation) -> Subject:
    """The device that this names."""
    mac = o.text("mac")
    names = {name for name in (o.subject, mac, o.text("id")) if name}
    return Subject(names, [o], {mac} if mac else set())


def _identities(observations: Iterable[Observation]) -> Sequence[Observation]:
    """What names devices; of very many the best identified."""
    named = [o for o in observations if o.fact == "device.identity" and _has_name(o)]
    if len(named) <= MOST_IDENTITIES:
        return named
    best = sorted(named, key=lambda o: -(o.number("rank") or 0.0))[:MOST_IDENTITIES]
    return sorted(best, key=lambda o: o.at)


def _has_name(o: Observation) -> bool:
    return bool(o.subject or o.text("mac") or o.text("id"))


def _that_share_a_name(
    joined: Subject, found: Mapping[int, Subject], by_name: Mapping[str, set[int]]
) -> Iterator[int]:
    """Numbers of the subjects that have a name in common with this one, which may gain names
    meanwhile; in their order.
    """
    last = -1
    while True:
        numbers = {n for name in joined.names for n in by_name.get(name, ()) if n > last}
        following = min((n for n in numbers if n in found), default=None)
        if following is None:
            return
        yield following
        last = following


def _is_one(one: Subject, other: Subject) -> bool:
    """Are both one device? Two MACs with one device id are two boards, and that is a fault
    of its own.
    """
    macs, others = one.macs, other.macs
    return bool(macs & others) if macs and others else bool(one.names & other.names)


def chosen(
    found: Sequence[Subject], observations: Iterable[Observation], target: Target
) -> list[Subject]:
    """The devices to diagnose: the one asked for, else the one that identified itself, else every
    Photon.

    A maker's prefix counts only where nothing better is there.

    A device asked for by a name that no identity carries is searched among the subjects
    themselves.
    """
    if target.device:
        asked = [subject for subject in found if subject.answers_to(target.device)]
        if asked:
            return asked[:1]
        wanted = target.device.lower()
        return [Subject({wanted})] if any(o.subject == wanted for o in observations) else []
    photons = [subject for subject in found if subject.rank > PREFIX_RANK]
    return (
        _self_identified(photons)
        or photons
        or [subject for subject in found if subject.rank == PREFIX_RANK]
    )


def _self_identified(photons: Sequence[Subject]) -> list[Subject]:
    """The one whose port or log this computer read; none where another may be the same board, for
    not all names of both are known.
    """
    identified = [subject for subject in photons if subject.has_identified_itself]
    if len(identified) != 1 or identified[0].macs:
        return identified[:1] if len(identified) == 1 else []
    return identified if all(subject.ids for subject in photons) else []


def is_from_vantage(o: Observation) -> bool:
    """Did a probe of this computer ask it on the computer's own behalf? Such observations stand in
    for those of a Photon that was not seen. What another package's probe says of the whole network
    counts among them: no rule reads it as the network's word.
    """
    return (
        o.source.startswith("probe:")
        and (o.subject != NETWORK or is_of_package(o.fact))
        and not has_role(o.fact, Role.ABOUT_DEVICE)
    )


def device_named(name: str, target: Target) -> Device:
    """A device of which only the name that the user gave is known."""
    name, site = name.lower(), target.site or None
    if ":" in name:
        return Device(mac=name, site=site)
    return Device(ip=name, site=site) if "." in name else Device(id=name, site=site)
