"""What README.md shows is what happens, and what it names exists."""

from __future__ import annotations

import importlib
import os
import re
import shlex
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import click
import pytest

from netcheck.app.commands import command
from netcheck.app.exits import EXIT_OF
from netcheck.model import Stage, Verdict
from netcheck.probing import Probe
from tests.helpers.typed import TOP, answer, netcheck

README = (TOP / "README.md").read_text(encoding="utf-8")
ENTRY_POINTS = "options.entry_points"


def block(language: str, text: str = README) -> str:
    """The first block of code in this language, without indentation."""
    found = re.search(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    assert found, language
    return "\n".join(line.removeprefix(found[1]) for line in found[2].splitlines())


def section(heading: str) -> str:
    return re.split(r"^#", README.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


# ------------------------------------------------------------------------------------ what is shown


def test_the_example_is_what_the_command_prints() -> None:
    marked = README.split("<!-- example: begin", 1)[1].split("<!-- example: end -->", 1)[0]
    first, *shown = block("console", marked).splitlines()
    asked = re.fullmatch(r"\$ netcheck (.+)", first)
    assert asked, first
    assert shown == netcheck(*shlex.split(asked[1]), cwd=TOP).stdout.splitlines()


def test_the_first_command_explains_the_sample() -> None:
    install = block("sh", section("Two commands"))
    parts = [part.strip() for part in install.split("&&")]
    assert parts[:2] == ["python3 -m venv venv", "venv/bin/pip install -q ."]
    ended = netcheck(*shlex.split(parts[2].removeprefix("venv/bin/netcheck ")), cwd=TOP)
    assert ended.returncode == 1
    assert ended.stdout.startswith("✗ FAULT: ")


LIGHTS = re.findall(
    r"^\| `\"(.+)\"` \|.*\| `(\w+)` \|$",
    README.split("<!-- light: begin", 1)[1].split("<!-- light: end", 1)[0],
    re.MULTILINE,
)


@pytest.mark.parametrize(("light", "cause"), LIGHTS)
def test_what_is_said_of_the_light_leads_where_the_table_says(light: str, cause: str) -> None:
    (diagnosis,) = answer("case", "--led", light)["diagnoses"]
    assert diagnosis["findings"][0]["cause"] == cause


def test_the_table_of_the_light_is_read() -> None:
    assert len(LIGHTS) >= 9


def test_the_second_command_can_be_run() -> None:
    assert "\n   tests/run\n" in section("Two commands")
    assert os.access(TOP / "tests" / "run", os.X_OK)


def test_the_probe_shown_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "probe_of_the_readme.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    hub = importlib.import_module("probe_of_the_readme").hub
    assert isinstance(hub, Probe)
    assert (hub.stage, hub.settles, hub.ask) == (
        Stage.GATEWAY,
        frozenset({"acme.hub"}),
        "Does the hub on this network take connections?",
    )


def test_the_probe_shown_is_tried_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_netcheck.py").write_text(block("python"), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    marked = README.split("<!-- try: begin", 1)[1].split("<!-- try: end -->", 1)[0]
    exec(compile(block("python", marked), "README.md", "exec"), {})

    (diagnosis,) = answer("case", "hub.jsonl")["diagnoses"]

    assert diagnosis["verdict"] == "suspected"
    assert "the hub takes connections: failed" in diagnosis["headline"]


# ------------------------------------------------------------------------------------ what is named


def typed() -> list[str]:
    """What stands as code: spans, and the lines of shell blocks; programs of the virtual
    environment by their names.
    """
    blocks = re.findall(r"^ *```(?:sh|console)\n(.*?)^ *```", README, re.DOTALL | re.MULTILINE)
    plain = re.sub(r"^ *```.*?^ *```", "", README, flags=re.DOTALL | re.MULTILINE)
    commands = [
        part for text in blocks for line in text.splitlines() for part in re.split(r"&&|\|", line)
    ]
    code = (*re.findall(r"`([^`\n]+)`", plain), *commands)
    return [
        re.sub(r"^\$ |venv[/\\](?:bin|Scripts)[/\\]", "", text.strip())
        for text in code
        if text.strip()
    ]


def commands_typed() -> Iterator[tuple[list[click.Command], list[str]]]:
    """Each mention of `netcheck …` or of an option alone: the commands it may belong to, and its
    options.
    """
    for text in typed():
        words = text.split()
        options = [word for word in words if word.startswith("--")]
        if words[0] == "netcheck":
            name = words[1] if len(words) > 1 else "--"
            yield [command if name.startswith("--") else command.commands[name]], options
        elif words[0].startswith("--"):
            yield [command, *command.commands.values()], options


def test_every_command_and_option_named_exists() -> None:
    mentioned = [(known, option) for known, options in commands_typed() for option in options]
    assert len(mentioned) >= 5
    for known, option in mentioned:
        assert any(option in parameter.opts for one in known for parameter in one.params), option


def test_every_command_is_named() -> None:
    assert {f"netcheck {name}" for name in command.commands} <= {
        " ".join(text.split()[:2]) for text in typed()
    }


def test_every_folder_named_exists_and_every_package_is_named() -> None:
    named = re.findall(r"^\| `([\w/]+/)` \|", section("For engineers"), re.MULTILINE)
    assert all((TOP / name).is_dir() for name in named)
    packages = {
        f"{path.parent.relative_to(TOP)}/" for path in (TOP / "netcheck").rglob("__init__.py")
    }
    assert packages <= set(named)


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)", README))
def test_links_lead_somewhere(target: str) -> None:
    assert target.startswith("https://") or (TOP / target).exists()


def test_the_probes_named_are_all_there_are() -> None:
    settings = ConfigParser()
    settings.read(TOP / "setup.cfg", encoding="utf-8")
    registered = {
        line.split("=")[0].strip()
        for line in settings[ENTRY_POINTS]["netcheck.probes"].strip().splitlines()
    }
    named = re.search(r"live probes \(([^)]*)\)", README)
    assert named
    assert set(re.findall(r"`(\w+)`", named[1])) == registered


def test_the_exit_codes_are_the_program_s() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|[^|]*\| (\d) \|$", section("What the answer means"), re.MULTILINE
    )
    assert {word: int(code) for word, code in rows} == {
        verdict.value: int(EXIT_OF[verdict]) for verdict in Verdict
    }
