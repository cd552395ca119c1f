"""Rules that are data: the observations that match a pattern in a try."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from netcheck.correlator.catalogue.patterns import Condition, Pattern, comparison, ordered
from netcheck.correlator.judging.clues import Rule, RuleOfFacts, found_by
from netcheck.correlator.judging.view import View
from netcheck.model import Observation
from netcheck.photon.releases import release
from netcheck.vocabulary import negation

Test = Callable[[Observation], bool]
Reader = Callable[[View], Sequence[Observation]]

_COMPARED: Mapping[str, Callable[[tuple[float, ...], tuple[float, ...]], bool]] = {
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
}


def compiled(patterns: Mapping[str, Pattern], rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """These rules, and one for each pattern, whose conditions may name any of them."""
    every = dict(rules)
    every |= {name: _rule(pattern, patterns, every) for name, pattern in patterns.items()}
    return every


def _rule(pattern: Pattern, patterns: Mapping[str, Pattern], rules: Mapping[str, Rule]) -> Rule:
    """The rule that a pattern is, made ready when it is first asked: most never are."""
    ready: list[Rule] = []
    needs = _needed(pattern, patterns)

    def found(view: View) -> Sequence[Observation]:
        if not ready:
            ready.append(_prepared(pattern, rules))
        return ready[0](view)

    return RuleOfFacts(needs, found) if needs else found


def _needed(pattern: Pattern, patterns: Mapping[str, Pattern]) -> frozenset[str]:
    """Facts of which one must be shown in the try for the pattern to be found; empty where that is
    not known.
    """
    for one in (*pattern.all_of, *pattern.given):
        if needs := _asked(one, patterns):
            return needs
    choices = [_asked(one, patterns) for one in pattern.any_of]
    return frozenset().union(*choices) if all(choices) else frozenset()


def _asked(condition: Condition, patterns: Mapping[str, Pattern]) -> frozenset[str]:
    if condition.rule in patterns:
        return _needed(patterns[condition.rule], patterns)
    return frozenset({condition.fact}) if condition.fact and not condition.ever else frozenset()


def _prepared(pattern: Pattern, rules: Mapping[str, Rule]) -> Rule:
    given, all_of, any_of, none_of = (
        [_reader(condition, rules) for condition in conditions]
        for conditions in (pattern.given, pattern.all_of, pattern.any_of, pattern.none_of)
    )

    needed_readers = (*given, *all_of)

    def found(view: View) -> Sequence[Observation]:
        needed: list[Sequence[Observation]] = []
        for read in needed_readers:  # most miss already the first
            if not (seen := read(view)):
                return ()
            needed.append(seen)
        choices = [o for read in any_of for o in read(view)]
        if (any_of and not choices) or any(read(view) for read in none_of):
            return ()
        if pattern.same_target:
            needed = [*_of_one_target(needed)]
        cited = [o for seen in needed[len(given) :] for o in seen]
        return tuple(dict.fromkeys((*cited, *choices)))

    return found


def _of_one_target(seen: Iterable[Sequence[Observation]]) -> list[list[Observation]]:
    """Of each condition what is of a target that all of them have in common."""
    groups = list(seen)
    common = set.intersection(*({o.target for o in group} for group in groups))
    return [[o for o in group if o.target in common] for group in groups]


def _reader(condition: Condition, rules: Mapping[str, Rule]) -> Reader:
    """A function that finds the observations that match a condition."""
    tests = tuple(_tests(condition))
    of, fact, name, ever = condition.of, condition.fact, condition.rule, condition.ever

    def read(view: View) -> Sequence[Observation]:
        if name:
            seen = found_by(name, view, rules)
        elif ever:
            seen = view.history.own.get(fact, ())
        else:
            seen = view.attempt.by_witness[of].get(fact, ())
        if not seen:
            return ()
        return [o for o in seen if all(test(o) for test in tests)]

    return read


def _tests(condition: Condition) -> Iterator[Test]:
    outcome, reason, value, source = (
        condition.outcome,
        condition.reason,
        condition.value,
        condition.source,
    )
    if outcome is not None:
        yield lambda o: o.outcome is outcome
    if reason:
        yield lambda o: o.reason in reason
    if value:
        yield lambda o: o.text("value") in value
    if source:
        yield lambda o: o.source.startswith(source)
    if condition.words:
        yield _says(condition)
    yield from (_compares(text) for text in condition.data)


def _says(condition: Condition) -> Test:
    wanted = re.compile(condition.words)
    unwanted = re.compile(condition.unless) if condition.unless else None

    def says(o: Observation) -> bool:
        text = o.text("text").casefold()
        if not wanted.search(text) or (unwanted and stands(unwanted, text)):
            return False
        if condition.denied:
            return negation.is_denied(wanted, text)
        if condition.meant and not any(negation.asserted(wanted, text)):
            return False
        return not negation.is_hearsay(wanted, text)

    def stands(unwanted: re.Pattern[str], text: str) -> bool:
        """Is it there; and where what is sought must be meant, is it meant, too?"""
        if condition.meant:
            return any(negation.asserted(unwanted, text))
        return unwanted.search(text) is not None

    return says


def _compares(text: str) -> Test:
    """The test that a comparison is. Raises ValueError where it is malformed, which `check` finds
    first.
    """
    parsed = comparison(text)
    if parsed is None:
        raise ValueError(f"{text!r} is no comparison")
    name, sign, value = parsed
    if sign in ("", "no"):
        return lambda o: (_written(o, name) == "") is (sign == "no")
    if sign in ("=", "!="):
        values = frozenset(value.split("|"))
        return lambda o: (_written(o, name) in values) is (sign == "=")
    compared, limit = _COMPARED[sign], ordered(name, value)
    return lambda o: (found := _measured(o, name)) != () and compared(found, limit)


def _written(o: Observation, name: str) -> str:
    """A datum as text: truth values in lower case, whole numbers without a fraction, and empty
    where there is none.
    """
    value = o.value(name)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return o.text(name).lower() if isinstance(value, bool) else o.text(name)


def _measured(o: Observation, name: str) -> tuple[float, ...]:
    if name == "version":
        return release(o.text(name)) or ()
    number = o.number(name)
    return () if number is None else (number,)
