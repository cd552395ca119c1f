"""How a rule looks at a view: what the device, other clients or anyone showed of a fact, in one try
or in all.

A rule returns the observations that show its case, or nothing. It never fails: what it needs and
does not find means that its case was not shown. Rules are named in `causes.toml`; sources stand
there with the causes.
"""

from __future__ import annotations

from netcheck.correlator.weigh import Rule, View, picked
from netcheck.model import Observation
from netcheck.wire.ipv4 import is_bogon

RULES: dict[str, Rule] = {}
"""Every rule by its name."""


def rule(function: Rule) -> Rule:
    """Register a rule under its name."""
    RULES[function.__name__] = function
    return function


def own(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """What the device showed of a fact in this try."""
    return picked(view.attempt.by_witness["device"].get(fact, ()), *reasons, ok=ok)


def controls(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """What other clients showed of a fact during this try."""
    return picked(view.attempt.by_witness["control"].get(fact, ()), *reasons, ok=ok)


def anyone(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """What anyone or the network itself showed of a fact during this try."""
    return picked(view.attempt.by_witness["any"].get(fact, ()), *reasons, ok=ok)


def elsewhere(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """What anybody showed of a fact on another network."""
    return picked(view.attempt.by_witness["elsewhere"].get(fact, ()), *reasons, ok=ok)


def ever(view: View, fact: str, *reasons: str, ok: bool = False) -> tuple[Observation, ...]:
    """What the device showed of a fact in any try."""
    return view.history.ever(fact, *reasons, ok=ok)


def is_private(o: Observation) -> bool:
    """Was that tried at an address of the local network?"""
    return is_bogon(o.text("address"))
