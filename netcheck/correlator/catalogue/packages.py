"""Causes that other packages bring: one TOML file a cause, `RUNG/CAUSE.toml` in a folder that an
entry point of the group `netcheck.causes` names, as in `acme_netcheck.causes`.

The folder is found and read; nothing of the package is run. What it says is untrusted: bounded,
escaped, and checked as our own catalogue is. A file that cannot be used costs one sentence.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

from netcheck.correlator.catalogue.check import check
from netcheck.correlator.catalogue.entries import Catalogue, CatalogueError, Cause
from netcheck.correlator.catalogue.patterns import Pattern
from netcheck.correlator.catalogue.reading import parse, read_cause, shipped
from netcheck.model import Stage, Struct
from netcheck.text.escape import rewritten, safe
from netcheck.vocabulary import is_known, is_of_package

ENTRY_POINTS = "netcheck.causes"
_MOST_FILES = 100
_MOST_BYTES = 16_384
"""Of one file; ours have 7 kB at most."""
_MOST_TEXT = 600
_MOST_STEPS, _MOST_CLUES = 10, 40
_ID = re.compile(r"[a-z][a-z0-9_]{2,59}", re.ASCII)
_RUNGS = frozenset(stage.value for stage in Stage)


class Unusable(Exception):
    """A folder or a file that cannot be used; the text says why."""


class CauseFile(Struct, frozen=True, kw_only=True):
    """One file: of which package, on which rung, the cause's id, and the text."""

    package: str
    rung: str
    id: str
    text: str

    @property
    def title(self) -> str:
        """Its name in a sentence."""
        return f"cause {safe(self.id, 80)} of {self.package}"


@cache
def load() -> Catalogue:
    """The catalogue that ships with the program, and the causes of other packages."""
    return with_packages(parse(shipped()))


def with_packages(catalogue: Catalogue) -> Catalogue:
    """The catalogue with the causes of other packages, each after ours of its rung."""
    problems: list[str] = []
    causes, patterns = dict(catalogue.causes), dict(catalogue.patterns)
    for file in _files(problems):
        try:
            if file.id in causes:
                raise Unusable("another cause has that id already; it is left out")
            cause, own_patterns = _read(file)
        except Unusable as error:
            problems.append(f"{file.title}: {safe(str(error), _MOST_TEXT)}")
            continue
        causes[file.id] = cause
        patterns |= own_patterns
    in_order = sorted(causes.values(), key=lambda one: one.stage.height)
    return msgspec.structs.replace(
        catalogue,
        causes=MappingProxyType({cause.id: cause for cause in in_order}),
        patterns=MappingProxyType(patterns),
        problems=tuple(problems),
    )


def _read(file: CauseFile) -> tuple[Cause, dict[str, Pattern]]:
    """The cause in a package's file, escaped, and the patterns of its clues. Raises Unusable."""
    try:
        cause, patterns = read_cause(f"{file.rung}/{file.id}.toml", file.text)
    except (CatalogueError, RecursionError) as error:
        raise Unusable(f"not usable: {error}") from error
    cause = rewritten(cause, lambda text: safe(text, _MOST_TEXT))
    if flaw := next(_flaws(cause, patterns), ""):
        raise Unusable(flaw)
    return cause, patterns


def _flaws(cause: Cause, patterns: Mapping[str, Pattern]) -> Iterator[str]:
    """The faults of a package's cause. It names facts: rules are code of ours, written for
    our own causes, and a regular expression of a stranger may take for ever.
    """
    entries = {"remedy": cause.remedy, "sources": cause.sources}
    yield from (
        f"{cause.id}: more than {_MOST_STEPS} entries in {name}"
        for name, rows in entries.items()
        if len(rows) > _MOST_STEPS
    )
    conditions = [one for pattern in patterns.values() for one in pattern.conditions]
    if len(cause.clues) + len(conditions) > _MOST_CLUES:
        yield f"{cause.id}: more than {_MOST_CLUES} entries in for and against"
    for condition in conditions:
        if condition.rule:
            yield f"{cause.id}: unknown rule {condition.rule}"
        if condition.words or condition.unless:
            yield f"{cause.id}: a package's cause may not search a user's words"
    alone = Catalogue(causes={cause.id: cause}, groups=(), patterns=patterns)
    yield from check(alone, patterns, lambda fact: is_known(fact) or is_of_package(fact))


def _files(problems: list[str]) -> Iterator[CauseFile]:
    """Every usable file of every package, in the order of their names."""
    entries = importlib.metadata.entry_points(group=ENTRY_POINTS)
    for entry in sorted(entries, key=lambda entry: (_package(entry), entry.name)):
        package = _package(entry)
        try:
            files = sorted(_folder(entry.value).glob("*/*.toml"))
        except Unusable as error:
            problems.append(f"causes {safe(entry.name, 80)} of {package}: {error}")
            continue
        if len(files) > _MOST_FILES:
            problems.append(
                f"causes {safe(entry.name, 80)} of {package}: more than {_MOST_FILES} files; the"
                " rest is left out"
            )
        for path in files[:_MOST_FILES]:
            file = CauseFile(package=package, rung=path.parent.name, id=path.stem, text="")
            try:
                yield CauseFile(package=package, rung=file.rung, id=file.id, text=_text(path))
            except Unusable as error:
                problems.append(f"{file.title}: {error}")


def _folder(module: str) -> Path:
    """The folder of that package, found without running anything of it. Raises Unusable."""
    top, *below = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError, OSError):
        spec = None
    for place in spec.submodule_search_locations or () if spec else ():
        folder = Path(place).joinpath(*below)
        if folder.is_dir():
            return folder
    raise Unusable(f"there is no folder {safe(module, 80)}; name a package that holds one")


def _text(path: Path) -> str:
    """What the file holds. Raises Unusable where it is no file of a cause."""
    if path.parent.name not in _RUNGS:
        raise Unusable(f"there is no rung {safe(path.parent.name, 80)}")
    if not _ID.fullmatch(path.stem):
        raise Unusable("an id has 3 to 60 small letters, digits and underscores")
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise Unusable(f"the file has more than {_MOST_BYTES} bytes")
        return content.decode("utf-8")
    except OSError as error:
        raise Unusable(f"the file cannot be read ({safe(error.strerror or '', 80)})") from error
    except UnicodeDecodeError as error:
        raise Unusable("the file is not UTF-8") from error


def _package(entry: importlib.metadata.EntryPoint) -> str:
    return safe(entry.dist.name, 80) if entry.dist else "an unknown package"
