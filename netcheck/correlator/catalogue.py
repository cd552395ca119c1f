"""The catalogue of causes as data: what is known of each cause, and which of them look alike.

Reads `causes.toml`, and the clues from what a user told in `user_clues.toml`; both ship in the
package. A file that cannot be read is our own bug and raises; one that reads but makes no sense is
described by `check`, which the tests call.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from netcheck.correlator import package_causes, user_clues
from netcheck.correlator.package_causes import CauseFile, Unusable
from netcheck.model import Clue, Owner, Stage, Struct
from netcheck.vocabulary import REASONS, VALUES, is_known, is_of_package
from netcheck.vocabulary.questions import of_fact

GROUPS_KEY = "groups"
HEADLINE_LIMIT_CHARACTERS = 230
WITNESSES = frozenset({"device", "control", "network", "any", "elsewhere"})
OWNERS_TO_ASK = frozenset({Owner.ROUTER, Owner.ISP, Owner.CLOUD})
PRIORS = range(1, 10)
_MOST_STEPS, _MOST_CLUES = 10, 40
"""Of a package's cause."""

Entry = TypeVar("Entry", "Cause", "Group")


class CatalogueError(Exception):
    """The catalogue cannot be read; the text names the table and what is wrong in it."""


class Elsewhere(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who must act, and what to say, where the rule of one of a cause's clues shows that the cause
    sits at another place than usual.
    """

    rule: str
    owner: Owner
    headline: str
    remedy: tuple[str, ...]
    ask_it: str


class Cause(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"clues_for": "for", "clues_against": "against"},
):
    """One thing that can be wrong, who must act on it, and what would show it.

    `prior` is 1 (rare) to 9 (common): it orders causes that the evidence leaves equal and is no
    evidence. `rows` are numbers of the research notes that the entry sums up; empty where there is
    none.
    """

    id: str
    title: str
    stage: Stage
    owner: Owner
    stops_connection: bool
    headline: str
    remedy: tuple[str, ...]
    ask_it: str | None = None
    explain: str
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
    """Causes that one capture from the LAN cannot part, likeliest first.

    `part` says which test parts them. `headline` is said first where nothing at all does; empty:
    that of the likeliest is. `remedy_first` are steps to take before those of any one member; empty
    where the members' own remedies do.
    """

    name: str
    members: tuple[str, ...]
    part: str
    headline: str = ""
    remedy_first: tuple[str, ...] = ()


class Catalogue(Struct, frozen=True, kw_only=True):
    """The causes by id, in the order of the ladder, and the groups of look-alikes."""

    causes: Mapping[str, Cause]
    groups: tuple[Group, ...]
    problems: tuple[str, ...] = ()
    """What other packages bring and cannot be used, a sentence each."""

    def groups_of(self, cause: str) -> tuple[Group, ...]:
        """The groups that cause belongs to: none, one, or (an unresponsive cloud) two."""
        return tuple(group for group in self.groups if cause in group.members)


@cache
def load() -> Catalogue:
    """The catalogue that ships with the program, and the causes of other packages."""
    return with_packages(shipped())


@cache
def shipped() -> Catalogue:
    """The catalogue that ships with the program."""
    return with_answers(parse(_text("causes.toml")), _text("user_clues.toml"))


def with_packages(catalogue: Catalogue) -> Catalogue:
    """The catalogue with the causes of other packages, each after ours of its rung."""
    added, problems = package_causes.additions(catalogue.causes, _of_package, _package_flaws)
    causes = sorted([*catalogue.causes.values(), *added.values()], key=lambda one: one.stage.height)
    return msgspec.structs.replace(
        catalogue,
        causes=MappingProxyType({cause.id: cause for cause in causes}),
        problems=problems,
    )


def _of_package(file: CauseFile) -> Cause:
    """The cause in a package's file. Raises Unusable."""
    try:
        table = tomllib.loads(file.text)
        return _row(table | {"stage": file.rung}, Cause, "id", file.id)
    except (tomllib.TOMLDecodeError, CatalogueError, RecursionError) as error:
        raise Unusable(f"not usable: {error}") from error


def _package_flaws(cause: Cause) -> list[str]:
    """What is wrong with a cause of a package. It names facts; rules are code of ours, written for
    our own causes.
    """
    alone = Catalogue(causes={cause.id: cause}, groups=())
    crowded = [
        f"{cause.id}: more than {most} entries in {name}"
        for name, most, entries in (
            ("remedy", _MOST_STEPS, cause.remedy),
            ("sources", _MOST_STEPS, cause.sources),
            ("for and against", _MOST_CLUES, cause.clues),
        )
        if len(entries) > most
    ]
    return [*crowded, *check(alone, (), lambda fact: is_known(fact) or is_of_package(fact))]


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def with_answers(catalogue: Catalogue, text: str) -> Catalogue:
    """The catalogue with the clues from what a user told. Raises CatalogueError for a cause that
    there is not.
    """
    support, oppose = user_clues.read(text)
    if unknown := sorted({*support, *oppose} - set(catalogue.causes)):
        raise CatalogueError(f"user_clues.toml: unknown cause {', '.join(unknown)}")
    causes = {
        name: msgspec.structs.replace(
            cause,
            clues_for=cause.clues_for + support.get(name, ()),
            clues_against=cause.clues_against + oppose.get(name, ()),
        )
        for name, cause in catalogue.causes.items()
    }
    return msgspec.structs.replace(catalogue, causes=MappingProxyType(causes))


def parse(text: str) -> Catalogue:
    """A catalogue from the text of a TOML file. Raises CatalogueError where a table is
    malformed.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"not valid TOML: {error}") from error
    groups = tuple(
        _row(table, Group, "name", name) for name, table in tables.pop(GROUPS_KEY, {}).items()
    )
    causes = {name: _row(table, Cause, "id", name) for name, table in tables.items()}
    return Catalogue(causes=MappingProxyType(causes), groups=groups)


def _row(table: object, kind: type[Entry], key: str, name: str) -> Entry:
    """One table as the type it should be, its heading put in under `key`."""
    if not isinstance(table, dict):
        raise CatalogueError(f"[{name}]: not a table")
    _refuse_unknown_clue_keys(table, name)
    try:
        return msgspec.convert({**table, key: name}, kind)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"[{name}]: {error}") from error


def _refuse_unknown_clue_keys(table: Mapping[str, Any], name: str) -> None:
    """A misspelt key (`reasons`) would otherwise silently widen a clue: `Clue` itself is read
    leniently elsewhere.
    """
    for side in ("for", "against"):
        for clue in table.get(side, ()):
            unknown = sorted(set(clue) - set(Clue.__struct_fields__))
            if unknown:
                raise CatalogueError(f"[[{name}.{side}]]: unknown key {', '.join(unknown)}")


def check(
    catalogue: Catalogue,
    rules: Container[str] | None = None,
    is_fact: Callable[[str], bool] = is_known,
) -> list[str]:
    """What is wrong with a catalogue, one sentence each; empty when nothing is.

    `rules` are the names of the rules there are; without them, rule names are not checked.
    `is_fact` says which facts clues may name.
    """
    return [
        *_order_problems(catalogue.causes.values()),
        *(
            problem
            for cause in catalogue.causes.values()
            for problem in _cause_problems(cause, rules, is_fact)
        ),
        *(problem for group in catalogue.groups for problem in _group_problems(group, catalogue)),
    ]


def _order_problems(causes: Iterable[Cause]) -> Iterator[str]:
    for lower, upper in pairwise(causes):
        if upper.stage < lower.stage:
            yield (
                f"{upper.id}: stands after {lower.id} although {upper.stage} is below {lower.stage}"
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
        yield f"{cause.id}: ask_it and owner {cause.owner} do not go together"
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
    if not group.part.strip():
        yield f"{group.name}: part is missing"
    if len(group.headline) > HEADLINE_LIMIT_CHARACTERS:
        yield (
            f"{group.name}: headline has {len(group.headline)} characters, more than"
            f" {HEADLINE_LIMIT_CHARACTERS}"
        )
