"""The structure of the code: which room may import which, how large rooms and modules are, who
prints, and who catches everything. Read from the source text.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.helpers.places import TOP
from tests.helpers.sources import FILES, TREES

LAYERS: tuple[tuple[str, ...], ...] = (
    ("model",),
    ("files",),
    ("vocabulary",),
    ("text", "wire", "photon"),
    ("wifi",),
    ("host",),
    ("probing",),
    ("capture", "device", "live", "user", "correlator", "causes", "casefile"),
    ("comparison",),
    ("verification",),
    ("report",),
    ("recording",),
    ("app",),
)
"""The rooms of `netcheck/`, lowest first: each imports from its own layer's room and from below."""

MAY_ALSO = {
    ("user", "correlator"): "the interview asks what tells the standing causes apart",
}
"""Imports between rooms of one layer, or upwards, that are meant, and why."""

LINES, MODULES = 400, 15
TABLES: frozenset[str] = frozenset()
"""Modules that are one table and may be longer."""


CORE = [name for name in FILES if not name.startswith("netcheck.probes")]


def imports(name: str, *, also_lazy: bool = True) -> Iterator[str]:
    """Every module of ours that this one imports; `from a import b` is a.b where that is a module.

    `also_lazy`: those inside functions and for type checking alone, too.
    """
    package = name if FILES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(TREES[name]) if also_lazy else TREES[name].body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            parts = [*(above if node.level else []), *([node.module] if node.module else [])]
            module = ".".join(parts)
            yield from (
                f"{module}.{alias.name}" if f"{module}.{alias.name}" in FILES else module
                for alias in node.names
            )


def ours(name: str) -> set[str]:
    return {module for module in imports(name) if module.partition(".")[0] == "netcheck"}


def room(name: str) -> str:
    """`capture` for netcheck.capture.files.pcap, `model` for netcheck.model."""
    return [*name.split("."), ""][1]


HEIGHT = {one: height for height, layer in enumerate(LAYERS) for one in layer}


@pytest.mark.parametrize("name", [name for name in CORE if room(name) not in ("", "__main__")])
def test_imports_go_down_the_layers(name: str) -> None:
    here = room(name)
    assert here in HEIGHT, f"a new room: give {here} its layer"
    for module in ours(name):
        there = room(module)
        is_down = there in ("", here) or HEIGHT[there] < HEIGHT[here]
        assert is_down or (here, there) in MAY_ALSO, f"{name} imports {module}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    loaded = {
        name: {
            module
            for module in imports(name, also_lazy=False)
            # A package's face is loaded before its modules, and imports them: no circle of ours.
            if module in FILES and not name.startswith(f"{module}.")
        }
        for name in FILES
    }
    try:
        TopologicalSorter(loaded).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_the_model_imports_nothing_of_ours() -> None:
    assert ours("netcheck.model") == set()


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("netcheck.probes")])
def test_a_probe_imports_the_contract_alone(name: str) -> None:
    assert ours(name) <= {"netcheck.probing", "netcheck.model"}


@pytest.mark.parametrize("name", CORE)
def test_nothing_of_the_core_imports_a_probe(name: str) -> None:
    assert not [module for module in ours(name) if room(module) == "probes"]


def test_no_room_is_crowded() -> None:
    rooms = Counter(str(path.parent.relative_to(TOP)) for path in FILES.values())
    del rooms["probes"]  # one module a question
    assert not {name: count for name, count in rooms.items() if count > MODULES}


@pytest.mark.parametrize("name", FILES)
def test_no_module_is_long(name: str) -> None:
    lines = len(FILES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= LINES or name in TABLES


def test_class_names_are_unique() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    assert not {name: where for name, where in places.items() if len(where) > 1}


@pytest.mark.parametrize("name", FILES)
def test_only_the_output_prints(name: str) -> None:
    calls = [ast.unparse(node.func) for node in ast.walk(TREES[name]) if isinstance(node, ast.Call)]
    printing = {"print", "pprint.pprint", "click.echo", "click.secho", "traceback.print_exc"}
    printing |= {"sys.stdout.write", "sys.stderr.write"}
    assert not [call for call in calls if call in printing] or name == "netcheck.app.output"


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
    assert not everything or room(name) == "live"


def test_the_rules_see_the_tree() -> None:
    assert {"netcheck.app.commands", "netcheck.live.engine", "netcheck.probes.gateway"} <= set(
        FILES
    )
    assert "netcheck.app.sources" in ours("netcheck.app.commands")
    assert "netcheck.live" in ours("netcheck.app.sources")
