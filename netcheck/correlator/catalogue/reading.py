"""The catalogue read from its files."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from netcheck.correlator.catalogue import known_issues, user_answers
from netcheck.correlator.catalogue.entries import Catalogue, CatalogueError, Cause, Group
from netcheck.correlator.catalogue.patterns import Condition, Pattern, WordPattern
from netcheck.model import Clue, Stage

PACKAGE = "netcheck.causes"
RUNGS = frozenset(stage.value for stage in Stage)
GROUPS, RULES, WORDS, ANSWERS = "groups.toml", "rules.toml", "words.toml", "user_answers.toml"
EXAMPLES = "\n[examples]\n"
"""The heading under which a file has its examples: they come last, and only tests read them."""

Entry = TypeVar("Entry", Cause, Group, Pattern, WordPattern)
_CLUE = frozenset(Clue.__struct_fields__)
_PATTERN = frozenset(Pattern.__struct_fields__) - {"means"}
_CONDITION = frozenset(Condition.__struct_fields__)
_COMPOSED = (_PATTERN | _CONDITION) - _CLUE
"""Keys that make a clue more than one fact or the name of a rule."""


def shipped() -> dict[str, str]:
    """Text by name of every file of the catalogue: `RUNG/CAUSE.toml`, and those beside the
    rungs.
    """
    top = files(PACKAGE)
    texts = {}
    for entry in top.iterdir():
        if entry.name.endswith(".toml"):
            texts[entry.name] = entry.read_text(encoding="utf-8")
        elif entry.name in RUNGS:
            for file in entry.iterdir():
                if file.name.endswith(".toml"):
                    texts[f"{entry.name}/{file.name}"] = file.read_text(encoding="utf-8")
    return texts


def parse(texts: Mapping[str, str]) -> Catalogue:
    """A catalogue from the texts of its files, by name. Raises CatalogueError where one is
    malformed, or names an unknown cause.
    """
    patterns = {
        **{name: row.pattern for name, row in _rows(texts, WORDS, WordPattern).items()},
        **_rows(texts, RULES, Pattern),
    }
    causes = []
    for name, text in texts.items():
        if "/" in name:
            cause, own_patterns = read_cause(name, text)
            causes.append(cause)
            patterns |= own_patterns
    causes.sort(key=lambda cause: (cause.stage.height, cause.place, cause.id))
    catalogue = Catalogue(
        causes=MappingProxyType({cause.id: cause for cause in causes}),
        groups=tuple(_rows(texts, GROUPS, Group, key="name").values()),
        patterns=MappingProxyType(patterns),
    )
    if known_issues.FILE in texts:
        catalogue = known_issues.with_known_issues(catalogue, texts[known_issues.FILE])
    return with_answers(catalogue, texts[ANSWERS]) if ANSWERS in texts else catalogue


def with_answers(catalogue: Catalogue, text: str) -> Catalogue:
    """The catalogue with the clues from the user's answers. Raises CatalogueError for an unknown
    cause.
    """
    support, oppose = user_answers.read(text)
    if unknown := sorted({*support, *oppose} - set(catalogue.causes)):
        raise CatalogueError(f"{ANSWERS}: unknown cause {', '.join(unknown)}")
    causes = {
        name: msgspec.structs.replace(
            cause,
            clues_for=cause.clues_for + support.get(name, ()),
            clues_against=cause.clues_against + oppose.get(name, ()),
        )
        for name, cause in catalogue.causes.items()
    }
    return msgspec.structs.replace(catalogue, causes=MappingProxyType(causes))


def _tables(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.partition(EXAMPLES)[0])
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}: not valid TOML: {error}") from error


def _rows(
    texts: Mapping[str, str], file: str, kind: type[Entry], key: str = ""
) -> dict[str, Entry]:
    """The tables of a file, each as the type it should be, its heading put in under `key`."""
    tables = _tables(file, texts.get(file, ""))
    return {name: _converted(table, kind, file, key, name) for name, table in tables.items()}


def _converted(table: object, kind: type[Entry], file: str, key: str, name: str) -> Entry:
    if not isinstance(table, dict):
        raise CatalogueError(f"{file}: {name} is not a table")
    try:
        return msgspec.convert({**table, key: name} if key else table, kind)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"{file}: {name}: {error}") from error


def read_cause(file: str, text: str) -> tuple[Cause, dict[str, Pattern]]:
    """The cause of a file `RUNG/CAUSE.toml`, and the patterns of its clues by the names that the
    clues know them by. Raises CatalogueError where it is malformed.
    """
    rung, _, name = file.removesuffix(".toml").rpartition("/")
    if rung not in RUNGS:
        raise CatalogueError(f"{file}: there is no rung {rung}")
    table = _tables(file, text) | {"stage": rung}
    patterns: dict[str, Pattern] = {}
    for side in ("for", "against"):
        rows = table.get(side, ())
        table[side] = []
        for number, (clue, pattern) in enumerate(_clues(rows, file, side), start=1):
            if pattern is not None:
                clue = {**clue, "rule": f"{name}.{side}.{number}"}
                patterns[clue["rule"]] = pattern
            table[side].append(clue)
    return _converted(table, Cause, file, "id", name), patterns


def _clues(
    rows: Collection[dict[str, Any]], file: str, side: str
) -> Iterator[tuple[dict[str, Any], Pattern | None]]:
    """Each clue, and the pattern that it says beside what makes it a clue. A misspelt key
    (`reasons`) would otherwise silently widen it.
    """
    for row in rows:
        if unknown := sorted(set(row) - _CLUE - _COMPOSED):
            raise CatalogueError(f"{file}: {side}: unknown key {', '.join(unknown)}")
        if not _COMPOSED.intersection(row):
            yield row, None
            continue
        own = {key: value for key, value in row.items() if key in _CONDITION}
        rest = {key: value for key, value in row.items() if key in _PATTERN}
        rest["all_of"] = [*([own] if own else []), *rest.get("all_of", ())]
        pattern = _converted(rest, Pattern, file, "", side)
        yield (
            {key: value for key, value in row.items() if key not in _CONDITION | _PATTERN},
            pattern,
        )
