"""Known faults of Device OS versions: each a clue for one cause, with its own headline and cure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from netcheck.correlator.catalogue.entries import Catalogue, CatalogueError, Cause, Elsewhere
from netcheck.correlator.catalogue.patterns import Condition, Pattern
from netcheck.model import Clue, Outcome, Struct, Weight
from netcheck.photon.releases import release

FILE = "known_issues.toml"
CAUSE = "firmware_bug"
"""The cause that they are clues for."""
PREFIX = "known_issue."
_SAYS, _TOLD = "device.firmware", "told.firmware"


class KnownIssue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one range of versions, or several, does wrong; the file describes the fields."""

    key: str
    affects: tuple[tuple[str, str], ...]
    symptom: str
    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()
    cure: str = ""
    source: str

    @property
    def rule(self) -> str:
        """The name of the rule that finds it."""
        return PREFIX + self.key

    @property
    def versions(self) -> str:
        """The versions that have it, in words: `0.7.0-rc.1 to before 1.1.0-rc.2`."""
        return ", ".join(
            f"{first} to before {end}" if first else f"before {end}" for first, end in self.affects
        )

    @property
    def says(self) -> str:
        """What is said where its evidence is there."""
        return f"a known fault of Device OS {self.versions} ({self.source}): it {self.symptom}"

    def has(self, version: str) -> bool:
        """Does that version have it? False where the text is no version."""
        asked = release(version)
        return asked is not None and any(
            (release(first) or ()) <= asked < (release(end) or ()) for first, end in self.affects
        )


def read(text: str) -> tuple[KnownIssue, ...]:
    """Every issue, the most telling first. Raises CatalogueError where the file is malformed."""
    try:
        tables = tomllib.loads(text)
        return tuple(
            msgspec.convert({**table, "key": key}, KnownIssue) for key, table in tables.items()
        )
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, TypeError) as error:
        raise CatalogueError(f"{FILE}: {error}") from error


@cache
def shipped() -> tuple[KnownIssue, ...]:
    """Those that ship with the program."""
    return read(files("netcheck.causes").joinpath(FILE).read_text(encoding="utf-8"))


def with_known_issues(catalogue: Catalogue, text: str) -> Catalogue:
    """The catalogue with each issue as a clue for its cause. Raises CatalogueError where the file
    is malformed, or the cause is missing.
    """
    issues = read(text)
    cause = catalogue.causes.get(CAUSE)
    if cause is None:
        raise CatalogueError(f"{FILE}: there is no cause {CAUSE}")
    causes = {**catalogue.causes, CAUSE: _with_clues(cause, issues)}
    return msgspec.structs.replace(
        catalogue,
        causes=MappingProxyType(causes),
        patterns=MappingProxyType({**catalogue.patterns, **dict(_patterns(issues))}),
    )


def _with_clues(cause: Cause, issues: Sequence[KnownIssue]) -> Cause:
    clues = tuple(Clue(rule=issue.rule, weight=Weight.WEAK, says=issue.says) for issue in issues)
    places = tuple(
        Elsewhere(
            rule=issue.rule,
            owner=cause.owner,
            headline=f"Known Device OS fault: it {issue.symptom}.",
            remedy=(*((issue.cure,) if issue.cure else ()), *cause.remedy),
        )
        for issue in issues
    )
    return msgspec.structs.replace(
        cause, clues_for=cause.clues_for + clues, elsewhere=cause.elsewhere + places
    )


def _patterns(issues: Sequence[KnownIssue]) -> Iterator[tuple[str, Pattern]]:
    """Each issue as conditions: its versions, its evidence, and that none before it fits, so that
    however many fit, they count once.
    """
    for number, issue in enumerate(issues):
        of_version = f"{issue.rule}.version"
        yield from _of_version(of_version, issue)
        before = tuple(Condition(rule=earlier.rule) for earlier in issues[:number])
        yield (
            issue.rule,
            Pattern(
                all_of=(Condition(rule=of_version), *issue.all_of),
                any_of=issue.any_of,
                none_of=issue.none_of + before,
            ),
        )


def _of_version(name: str, issue: KnownIssue) -> Iterator[tuple[str, Pattern]]:
    """The rule that finds the version, and those it rests on: what the device says of itself counts
    before what its user does.
    """
    told = [f"{name}.told.{number}" for number, _ in enumerate(issue.affects)]
    yield (
        name,
        Pattern(
            any_of=(
                *(_runs(_SAYS, *between) for between in issue.affects),
                *(Condition(rule=one) for one in told),
            )
        ),
    )
    for one, between in zip(told, issue.affects, strict=True):
        yield one, Pattern(all_of=(_runs(_TOLD, *between),), none_of=(Condition(fact=_SAYS),))


def _runs(fact: str, first: str, end: str) -> Condition:
    after = (f"version >= {first}",) if first else ()
    return Condition(fact=fact, outcome=Outcome.OK, data=(*after, f"version < {end}"))
