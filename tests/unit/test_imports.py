"""Imports point one way, only the command line prints, and only what runs plug-ins catches
everything. Read from the source text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.places import TOP

PRINTS = ("print", "pprint.pprint", "click.echo", "click.secho", "traceback.print_exc")
SOURCES = ("capture", "device", "live", "wifi")


def module_name(path: Path) -> str:
    """`netcheck.capture.read` for netcheck/capture/read.py, `netcheck.probes.gateway` for
    probes/gateway.py.
    """
    parts = list(path.relative_to(TOP).with_suffix("").parts)
    parts = ["netcheck", *parts] if parts[0] == "probes" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(path): path
    for folder in ("netcheck", "probes")
    for path in sorted((TOP / folder).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}


def imports(name: str) -> Iterator[str]:
    """Every module of ours that this one imports, at the top or inside a function; `from a import
    b` is a.b where that is a module.
    """
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = (
                package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            )
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (
                f"{module}.{alias.name}" if f"{module}.{alias.name}" in FILES else module
                for alias in node.names
            )


def ours(name: str) -> set[str]:
    return {module for module in imports(name) if module.partition(".")[0] == "netcheck"}


def inside(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def within(*packages: str) -> list[str]:
    return [name for name in FILES if inside(name, *packages)]


def test_the_model_imports_nothing_of_ours() -> None:
    assert ours("netcheck.model") == set()


@pytest.mark.parametrize("name", within("netcheck.probes"))
def test_a_probe_imports_the_contract_alone(name: str) -> None:
    assert ours(name) <= {"netcheck.probing", "netcheck.model"}


@pytest.mark.parametrize("name", [name for name in FILES if not inside(name, "netcheck.probes")])
def test_nothing_of_the_core_imports_a_probe(name: str) -> None:
    assert not [module for module in ours(name) if inside(module, "netcheck.probes")]


@pytest.mark.parametrize(
    "name",
    within("netcheck.correlator", "netcheck.report", "netcheck.casefile", "netcheck.text.redact"),
)
def test_the_middle_imports_no_source(name: str) -> None:
    sources = [f"netcheck.{source}" for source in SOURCES]
    assert not [module for module in ours(name) if inside(module, *sources)]


@pytest.mark.parametrize("source", SOURCES)
def test_no_source_imports_another_or_what_comes_after_it(source: str) -> None:
    forbidden = [
        f"netcheck.{other}" for other in (*SOURCES, "correlator") if other not in (source, "wifi")
    ]
    for name in within(f"netcheck.{source}"):
        assert not [module for module in ours(name) if inside(module, *forbidden)], name


def test_recording_stands_above_sources_and_correlator() -> None:
    users = {
        name
        for name in FILES
        if [module for module in ours(name) if inside(module, "netcheck.recording")]
    }
    assert users - set(within("netcheck.recording")) == {
        "netcheck.app.device_run",
        "netcheck.app.record_run",
    }


def test_the_interview_stands_above_answers_and_correlator() -> None:
    users = {
        name
        for name in FILES
        if [module for module in ours(name) if inside(module, "netcheck.user.interview")]
    }
    assert users - set(within("netcheck.user.interview")) == {"netcheck.app.sources"}


@pytest.mark.parametrize("name", FILES)
def test_only_the_output_of_the_command_line_prints(name: str) -> None:
    calls = [ast.unparse(node.func) for node in ast.walk(TREES[name]) if isinstance(node, ast.Call)]
    prints = [
        call
        for call in calls
        if call in PRINTS or call.endswith(("stdout.write", "stderr.write", "stdout.buffer.write"))
    ]
    assert not prints or name == "netcheck.app.output"


@pytest.mark.parametrize("name", FILES)
def test_only_what_runs_plugins_catches_everything(name: str) -> None:
    caught = [
        ast.unparse(node.type) if node.type else ""
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.ExceptHandler)
    ]
    everything = [
        what
        for what in caught
        if not what or "BaseException" in what or "Exception" in what.strip("()").split(", ")
    ]
    assert not everything or inside(name, "netcheck.live")


def test_the_rules_see_the_tree() -> None:
    assert {"netcheck.app.commands", "netcheck.live.engine", "netcheck.probes.gateway"} <= set(
        FILES
    )
    assert "netcheck.app.sources" in ours("netcheck.app.commands")
    assert "netcheck.live" in ours("netcheck.app.sources")
