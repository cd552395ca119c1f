"""What the catalogue is made of: causes, groups of look-alikes, and the rules that are data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import msgspec

from netcheck.correlator.catalogue.patterns import Pattern
from netcheck.model import Clue, Owner, Stage, Struct


class CatalogueError(Exception):
    """The catalogue cannot be read; the text names the file and what is wrong in it."""


class Elsewhere(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who must act, and what to say, where the rule of one of a cause's clues shows that the cause
    sits at another place than usual.
    """

    rule: str
    owner: Owner
    headline: str
    remedy: tuple[str, ...]
    ask_it: str | None = None


class ChangeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The change to ask of whoever runs the network or the line: in which place, what, and why.

    `protocol`, `port`, `direction` and `names` (the hosts reached) are a firewall's words; empty
    where the change is none of its rules. `idle_s`: how long an idle connection must be kept.
    """

    where: str
    change: str
    why: str
    protocol: str = ""
    port: str = ""
    direction: str = ""
    names: tuple[str, ...] = ()
    idle_s: int | None = None
    note: str = ""


class Cause(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"clues_for": "for", "clues_against": "against"},
):
    """One thing that can be wrong, who must act on it, and what would show it.

    `prior` is 1 (rare) to 9 (common): it orders causes that the evidence leaves equal and is no
    evidence. `place` orders the causes of one rung. `rows` are numbers of the research notes
    that the entry sums up; empty where there is none. `request`: what to ask the owner for where
    that is router or isp; `no_request`: else why asking does not help.
    """

    id: str
    title: str
    stage: Stage
    owner: Owner
    stops_connection: bool
    headline: str
    remedy: tuple[str, ...]
    ask_it: str | None = None
    request: ChangeRequest | None = None
    no_request: str = ""
    explain: str
    place: int = 0
    sources: tuple[str, ...]
    rows: str = ""
    prior: int
    clues_for: tuple[Clue, ...] = ()
    clues_against: tuple[Clue, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()

    def placed(self, rules: Collection[str]) -> Cause:
        """The same cause with the owner and the words of the place that these rules showed;
        unchanged where they showed none.
        """
        other = next((one for one in self.elsewhere if one.rule in rules), None)
        if other is None:
            return self
        return msgspec.structs.replace(
            self,
            owner=other.owner,
            headline=other.headline,
            remedy=other.remedy,
            ask_it=other.ask_it,
        )

    @property
    def clues(self) -> tuple[Clue, ...]:
        """Every clue, those for it first."""
        return self.clues_for + self.clues_against


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Causes that one capture from the LAN cannot tell apart, likeliest first.

    `tells_apart` says which test does. `headline` is said first where nothing at all does; empty:
    that of the likeliest is. `remedy_first` are steps to take before those of any one member; empty
    where the members' own remedies do.
    """

    name: str
    members: tuple[str, ...]
    tells_apart: str
    headline: str = ""
    remedy_first: tuple[str, ...] = ()


class Catalogue(Struct, frozen=True, kw_only=True):
    """The causes by id, in the order of the ladder, the groups of look-alikes, and the rules that
    are data, by name.
    """

    causes: Mapping[str, Cause]
    groups: tuple[Group, ...]
    patterns: Mapping[str, Pattern] = MappingProxyType({})
    problems: tuple[str, ...] = ()
    """What other packages bring and cannot be used, a sentence each."""

    def of(self, causes: Collection[str]) -> Catalogue:
        """The same with these causes alone."""
        kept = {name: cause for name, cause in self.causes.items() if name in causes}
        return msgspec.structs.replace(self, causes=MappingProxyType(kept))

    def groups_of(self, cause: str) -> tuple[Group, ...]:
        """The groups that cause belongs to: none, one, or (an unresponsive cloud) two."""
        return tuple(group for group in self.groups if cause in group.members)
