"""Which clues match what was seen in one try."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from netcheck.correlator.judging.view import View
from netcheck.model import Clue, Observation

Rule = Callable[[View], Sequence[Observation]]


@dataclass(frozen=True)
class RuleOfFacts:
    """A rule that finds nothing where none of these facts was shown."""

    facts: frozenset[str]
    find: Rule

    def __call__(self, view: View) -> Sequence[Observation]:
        return self.find(view)


class Possible(NamedTuple):
    """The clues of one side of a cause that may match where certain facts were shown."""

    clues: tuple[Clue, ...]
    rules: frozenset[str]
    """Those that its clues name."""
    ask_facts: bool
    """Does any of them ask for a fact by itself?"""


MOST_KNOWN = 12_000
_KNOWN: dict[tuple[int, int, frozenset[str]], tuple[object, object, Possible]] = {}
"""Clues and rules (by identity, so they are kept beside), facts shown → the clues that may match:
an interview judges a hundred answers of nearly the same facts for each question.
"""


def found_by(name: str, view: View, rules: Mapping[str, Rule]) -> Sequence[Observation]:
    """What a rule finds in this try: one may be a clue of many causes."""
    if name not in view.asked and name not in view.found:
        view.asked.add(name)
        if seen := rules[name](view):
            view.found[name] = seen
    return view.found.get(name, ())


def matching(
    clues: tuple[Clue, ...], view: View, rules: Mapping[str, Rule]
) -> Sequence[tuple[Clue, Sequence[Observation]]]:
    """Each of the clues that something matches in this try, and what."""
    found = view.found
    possible = _possible(clues, view, rules)
    for name in possible.rules - view.asked:
        found_by(name, view, rules)
    if not possible.ask_facts and possible.rules.isdisjoint(found):
        return ()
    return [
        (clue, seen)
        for clue in possible.clues
        if (seen := found.get(clue.rule) if clue.rule else _seen(clue, view))
    ]


def _seen(clue: Clue, view: View) -> Sequence[Observation]:
    shown = view.attempt.by_witness[clue.of].get(clue.fact, ())
    return [o for o in shown if _matches(clue, o)]


def _possible(clues: tuple[Clue, ...], view: View, rules: Mapping[str, Rule]) -> Possible:
    """Those that may match by the facts that were shown: of a thousand tries most show the same."""
    key = id(clues), id(rules), view.facts
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        may_match = tuple(clue for clue in clues if _may_match(clue, view.facts, rules))
        names = frozenset(clue.rule for clue in may_match if clue.rule)
        possible = Possible(may_match, names, not all(clue.rule for clue in may_match))
        known = _KNOWN[key] = clues, rules, possible
    return known[2]


def _may_match(clue: Clue, facts: frozenset[str], rules: Mapping[str, Rule]) -> bool:
    if clue.fact:
        return clue.fact in facts
    rule = rules[clue.rule] if clue.rule else None
    return not isinstance(rule, RuleOfFacts) or not rule.facts.isdisjoint(facts)


def _matches(clue: Clue, o: Observation) -> bool:
    if clue.outcome is not None and o.outcome is not clue.outcome:
        return False
    if clue.value and o.text("value") not in clue.value:
        return False
    return not clue.reason or o.reason in clue.reason
