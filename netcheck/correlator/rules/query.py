"""How a rule looks at a view: what the device, other clients or anyone showed of a fact, in one try
or in all.

A rule returns the observations that show its case, or nothing. It never fails: what it needs and
does not find means that its case was not shown. Clues name rules in
`netcheck.causes`; sources stand there with the causes. What is no more than facts together is a
rule in `netcheck/causes/rules.toml` instead.
"""

from __future__ import annotations

from netcheck.correlator.judging.clues import Rule
from netcheck.correlator.judging.view import View, picked
from netcheck.model import Observation
from netcheck.wire.addresses import is_bogon

RULES: dict[str, Rule] = {}
"""Every rule in code by its name."""


def rule(function: Rule) -> Rule:
    """Register a rule under its name."""
    RULES[function.__name__] = function
    return function


def own(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """The device's observations of a fact in this try."""
    return picked(view.attempt.by_witness["device"].get(fact, ()), *reasons, ok=ok)


def controls(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """Other clients' observations of a fact during this try."""
    return picked(view.attempt.by_witness["control"].get(fact, ()), *reasons, ok=ok)


def anyone(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """All observations of a fact, by clients or of the network, during this try."""
    return picked(view.attempt.by_witness["any"].get(fact, ()), *reasons, ok=ok)


def elsewhere(view: View, fact: str, *reasons: str, ok: bool = False) -> list[Observation]:
    """The observations of a fact on other networks."""
    return picked(view.attempt.by_witness["elsewhere"].get(fact, ()), *reasons, ok=ok)


def ever(view: View, fact: str, *reasons: str, ok: bool = False) -> tuple[Observation, ...]:
    """The device's observations of a fact in any try."""
    return view.history.ever(fact, *reasons, ok=ok)


def is_private(o: Observation) -> bool:
    """Was that tried at an address of the local network?"""
    return is_bogon(o.text("address"))
