"""What setup.cfg declares is what is imported: no more, and no less. Read from the source text."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.helpers.places import TOP

SETUP = ConfigParser()
SETUP.read(TOP / "setup.cfg", encoding="utf-8")
FOR_TESTS = "test"
"""The extra whose packages the tests themselves use."""


def normal(name: str) -> str:
    """A distribution's name as indexes compare it (packaging specification, "Names and
    normalization").
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(lines: str) -> set[str]:
    """The distributions that these requirements name."""
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines.splitlines())
    return {normal(name[0]) for name in names if name}


REQUIRED = declared(SETUP["options"]["install_requires"])
OPTIONAL = {
    name
    for extra, lines in SETUP["options.extras_require"].items()
    if extra != FOR_TESTS
    for name in declared(lines)
}
DISTRIBUTIONS = {
    package: {normal(name) for name in names} for package, names in packages_distributions().items()
}


def imported(path: Path) -> Iterator[tuple[str, bool]]:
    """Each package from outside that the file imports, and whether it goes on without it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    optional = {
        id(node)
        for attempt in ast.walk(tree)
        if isinstance(attempt, ast.Try) and any(map(is_for_imports, attempt.handlers))
        for statement in attempt.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            package = name.partition(".")[0]
            if package not in sys.stdlib_module_names and package != "netcheck":
                yield package, id(node) in optional


def is_for_imports(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.type, ast.Name) and handler.type.id in {
        "ImportError",
        "ModuleNotFoundError",
    }


USES = {
    (package, is_optional)
    for folder in ("netcheck", "probes")
    for path in sorted((TOP / folder).rglob("*.py"))
    for package, is_optional in imported(path)
}


def distributions(package: str) -> set[str]:
    return DISTRIBUTIONS.get(package, {package})


def test_something_is_read() -> None:
    assert {"msgspec", "click", "scapy"} <= {package for package, _ in USES}
    assert {"msgspec", "click", "scapy"} <= REQUIRED


@pytest.mark.parametrize("package", sorted({package for package, _ in USES}))
def test_what_is_imported_is_declared(package: str) -> None:
    assert distributions(package) & (REQUIRED | OPTIONAL)


@pytest.mark.parametrize("name", sorted(REQUIRED | OPTIONAL))
def test_what_is_declared_is_imported(name: str) -> None:
    assert name in set().union(*(distributions(package) for package, _ in USES))


@pytest.mark.parametrize("name", sorted(OPTIONAL - REQUIRED))
def test_what_may_be_missing_is_imported_with_an_alternative(name: str) -> None:
    assert {is_optional for package, is_optional in USES if name in distributions(package)} == {
        True
    }
