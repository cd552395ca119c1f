"""What is wrong with a catalogue that can be read: unknown names, missing texts, wrong order."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import pairwise

import msgspec

from netcheck.correlator.catalogue.entries import Catalogue, Cause, Elsewhere, Group
from netcheck.correlator.catalogue.patterns import Condition, Pattern, comparison
from netcheck.model import Clue, Owner, Stage, Weight
from netcheck.vocabulary import DATA, REASONS, VALUES, is_known
from netcheck.vocabulary.questions import of_fact

HEADLINE_LIMIT_CHARACTERS = 230
WITNESSES = frozenset({"device", "control", "network", "any", "elsewhere"})
OWNERS_TO_ASK = frozenset({Owner.ROUTER, Owner.ISP, Owner.CLOUD})
PRIORS = range(1, 10)
NETWORK_NAME = "told.ssid"
"""The answer whose text is a network's name as it is, no free words."""


def check(
    catalogue: Catalogue,
    rules: Container[str] | None = None,
    is_fact: Callable[[str], bool] = is_known,
) -> list[str]:
    """What is wrong with a catalogue, one sentence each; empty when nothing is.

    `rules` are the names of the rules there are; without them, rule names are not checked.
    `is_fact` says which facts may be named.
    """
    return [
        *_order_problems(catalogue.causes.values()),
        *_place_problems(catalogue.causes.values()),
        *_free_text_problems(catalogue),
        *(
            problem
            for cause in catalogue.causes.values()
            for problem in _cause_problems(cause, rules, is_fact)
        ),
        *(problem for group in catalogue.groups for problem in _group_problems(group, catalogue)),
        *(
            f"{name}: {problem}"
            for name, pattern in catalogue.patterns.items()
            for problem in _pattern_problems(pattern, rules, is_fact)
        ),
        *(
            f"{name}: rests on itself"
            for name in catalogue.patterns
            if name in _rests_on(name, catalogue)
        ),
    ]


def _rests_on(name: str, catalogue: Catalogue) -> set[str]:
    """Every rule that a pattern names, or that one of these does."""
    found: set[str] = set()
    open_to_see = [name]
    while open_to_see:
        pattern = catalogue.patterns.get(open_to_see.pop())
        named = {one.rule for one in pattern.conditions if one.rule} if pattern else set()
        open_to_see += named - found
        found |= named
    return found


def _order_problems(causes: Iterable[Cause]) -> Iterator[str]:
    for lower, upper in pairwise(causes):
        if upper.stage < lower.stage:
            yield (
                f"{upper.id}: stands after {lower.id} although {upper.stage} is below {lower.stage}"
            )


def _place_problems(causes: Iterable[Cause]) -> Iterator[str]:
    taken: dict[tuple[Stage, int], str] = {}
    for cause in causes:
        other = taken.setdefault((cause.stage, cause.place), cause.id)
        if cause.place and other != cause.id:
            yield f"{cause.id}: place {cause.place} of {cause.stage} is taken by {other}"


def _free_text_problems(catalogue: Catalogue) -> Iterator[str]:
    """Words in free text only hint."""
    for cause in catalogue.causes.values():
        for clue in cause.clues:
            pattern = catalogue.patterns.get(clue.rule)
            if pattern and _is_free_text(pattern) and clue.weight is not Weight.WEAK:
                yield (
                    f"{cause.id}: clue {clue.says!r} rests on words in free text, which only hint:"
                    f" its weight must be weak, not {clue.weight}"
                )


def _is_free_text(pattern: Pattern) -> bool:
    """Do words of a user show it, and nothing else?"""
    return bool(pattern.conditions) and all(
        one.words and one.fact != NETWORK_NAME for one in pattern.conditions
    )


def _cause_problems(
    cause: Cause, rules: Container[str] | None, is_fact: Callable[[str], bool]
) -> Iterator[str]:
    yield from _text_problems(cause)
    if cause.prior not in PRIORS:
        yield f"{cause.id}: prior {cause.prior} is not within 1 to 9"
    if cause.owner is Owner.UNKNOWN:
        yield f"{cause.id}: nobody owns it"
    if (cause.ask_it is not None) != (cause.owner in OWNERS_TO_ASK):
        yield (
            f"{cause.id}: ask_it and owner {cause.owner} do not go together (ask_it is there if and"
            " only if the owner is router, isp or cloud)"
        )
    seen: set[Clue] = set()
    for clue in cause.clues:
        if clue in seen:
            yield f"{cause.id}: duplicate clue {clue.says!r}"
        seen.add(clue)
        yield from (f"{cause.id}: {problem}" for problem in _clue_problems(clue, rules, is_fact))
    for other in cause.elsewhere:
        yield from _elsewhere_problems(cause, other)


def _elsewhere_problems(cause: Cause, other: Elsewhere) -> Iterator[str]:
    if other.rule not in {clue.rule for clue in cause.clues_for}:
        yield f"{cause.id}: elsewhere by {other.rule}, which is no rule of a clue for it"
    as_said_there = msgspec.structs.replace(
        cause.placed([other.rule]), clues_for=(), clues_against=(), elsewhere=()
    )
    yield from (
        f"{problem} (where {other.rule})"
        for problem in _cause_problems(as_said_there, None, is_known)
    )


def _text_problems(cause: Cause) -> Iterator[str]:
    texts = {
        "title": cause.title,
        "headline": cause.headline,
        "explain": cause.explain,
        "ask_it": cause.ask_it,
    }
    for name, text in texts.items():
        if text is not None and not text.strip():
            yield f"{cause.id}: {name} is missing"
    for name, lines in {"remedy": cause.remedy, "sources": cause.sources}.items():
        if not lines or not all(line.strip() for line in lines):
            yield f"{cause.id}: {name} is missing"
    if len(cause.headline) > HEADLINE_LIMIT_CHARACTERS:
        yield (
            f"{cause.id}: headline has {len(cause.headline)} characters, more than"
            f" {HEADLINE_LIMIT_CHARACTERS}"
        )


def _clue_problems(
    clue: Clue, rules: Container[str] | None, is_fact: Callable[[str], bool]
) -> Iterator[str]:
    if not clue.fact and not clue.rule:
        yield f"clue {clue.says!r} names neither a fact nor a rule"
    if clue.fact and not is_fact(clue.fact):
        yield f"unknown fact {clue.fact}"
    if clue.rule and rules is not None and clue.rule not in rules:
        yield f"unknown rule {clue.rule}"
    if clue.of not in WITNESSES:
        yield f"unknown witness {clue.of}"
    if not clue.says.strip():
        yield "a clue says nothing"
    yield from (f"unknown reason {reason}" for reason in clue.reason if reason not in REASONS)
    yield from (
        f"unknown value {value} of {clue.fact}"
        for value in clue.value
        if is_known(clue.fact) and value not in _values_of(clue.fact)
    )


def _pattern_problems(
    pattern: Pattern, rules: Container[str] | None, is_fact: Callable[[str], bool]
) -> Iterator[str]:
    if not pattern.all_of and not pattern.any_of:
        yield "nothing would be its evidence"
    for condition in pattern.conditions:
        yield from _condition_problems(condition, rules, is_fact)


def _condition_problems(
    condition: Condition, rules: Container[str] | None, is_fact: Callable[[str], bool]
) -> Iterator[str]:
    if bool(condition.fact) == bool(condition.rule):
        yield "a condition names either a fact or a rule"
    if condition.fact and not is_fact(condition.fact):
        yield f"unknown fact {condition.fact}"
    if condition.rule and rules is not None and condition.rule not in rules:
        yield f"unknown rule {condition.rule}"
    if condition.of not in WITNESSES:
        yield f"unknown witness {condition.of}"
    if condition.ever and condition.of != "device":
        yield "only the device's own tries can be asked for what was ever seen"
    yield from (f"unknown reason {reason}" for reason in condition.reason if reason not in REASONS)
    yield from (
        f"unknown value {value} of {condition.fact}"
        for value in condition.value
        if is_known(condition.fact) and value not in _values_of(condition.fact)
    )
    for text in condition.data:
        parsed = comparison(text)
        if parsed is None:
            yield f"{text!r} is no comparison"
        elif is_known(condition.fact) and parsed.name not in DATA:
            yield f"unknown datum {parsed.name}"
    yield from _word_problems(condition)


def _word_problems(condition: Condition) -> Iterator[str]:
    if condition.unless and not condition.words:
        yield "unless takes back words, and there are none"
    for words in (condition.words, condition.unless):
        try:
            re.compile(words)
        except re.error as error:
            yield f"{words!r} is no pattern: {error}"


def _values_of(fact: str) -> Container[str]:
    """The values that a clue may ask for."""
    if question := of_fact(fact):
        return question.values
    return VALUES.get(fact, ())


def _group_problems(group: Group, catalogue: Catalogue) -> Iterator[str]:
    yield from (
        f"{group.name}: unknown member {member}"
        for member in group.members
        if member not in catalogue.causes
    )
    if len(set(group.members)) != len(group.members):
        yield f"{group.name}: duplicate member"
    if len(group.members) < 2:
        yield f"{group.name}: fewer than two members look like nothing"
    if not group.tells_apart.strip():
        yield f"{group.name}: tells_apart is missing"
    if len(group.headline) > HEADLINE_LIMIT_CHARACTERS:
        yield (
            f"{group.name}: headline has {len(group.headline)} characters, more than"
            f" {HEADLINE_LIMIT_CHARACTERS}"
        )
