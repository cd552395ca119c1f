"""The command line: how a run ends, and what is refused. Sources and correlator are stand-ins."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from netcheck import capture, correlator
from netcheck.correlator import catalogue
from netcheck.model import Device, Diagnosis, Verdict
from tests.helpers.answers import diagnosis
from tests.helpers.command import CaptureError, Reading, Run, World


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.HEALTHY], 0),
        ([Verdict.FAULT], 1),
        ([Verdict.SUSPECTED], 3),
        ([Verdict.INSUFFICIENT], 3),
        ([Verdict.HEALTHY, Verdict.INSUFFICIENT], 3),
        ([Verdict.INSUFFICIENT, Verdict.FAULT, Verdict.HEALTHY], 1),
    ],
)
def test_the_worst_device_decides(
    run: Run, world: World, verdicts: list[Verdict], code: int
) -> None:
    world.verdicts = verdicts
    assert run("pcap", "x.pcap").code == code


def test_an_unreadable_input_among_readable_ones_is_named_and_ends_with_2(
    run: Run, world: World
) -> None:
    world.unread = ("lost.pcap: no such file.",)
    ended = run("pcap", "x.pcap", "lost.pcap")
    assert ended.code == 2
    assert ended.err == "netcheck: lost.pcap: no such file.\n"
    assert re.search(r"^Not read +lost\.pcap: no such file\.$", ended.out, re.MULTILINE)


def test_nothing_readable_gives_no_answer(run: Run, world: World) -> None:
    world.unread, world.observations = ("x.pcap: is empty.",), []
    assert run("pcap", "x.pcap", "--json") == (2, "", "netcheck: x.pcap: is empty.\n")


def test_a_capture_error_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Reading:
        raise CaptureError("x.pcap: is text; give a capture.")

    monkeypatch.setattr(capture, "observe", refuse)
    assert run("pcap", "x.pcap") == (2, "", "netcheck: x.pcap: is text; give a capture.\n")


def test_our_own_bug_is_said_calmly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> list[Diagnosis]:
        raise KeyError("\x1b[2J")

    monkeypatch.setattr(correlator, "diagnose", break_down)
    ended = run("pcap", "x.pcap")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("netcheck: netcheck itself failed (KeyError); ")
    assert "says nothing about your network" in ended.err
    assert "break_down" not in ended.err
    assert "[2J" not in ended.err
    shown = run("pcap", "x.pcap", "--verbose").err
    assert "in break_down" in shown and "[2J" not in shown


def test_a_broken_catalogue_is_its_author_s_to_correct(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> catalogue.Catalogue:
        raise catalogue.CatalogueError("dns/new.toml: not valid TOML")

    monkeypatch.setattr(catalogue, "load", break_down)
    ended = run("causes")
    assert (ended.code, ended.out) == (4, "")
    assert "dns/new.toml: not valid TOML" in ended.err
    assert "report it" not in ended.err


def test_what_is_wrong_in_the_catalogue_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = catalogue.load()
    cause = msgspec.structs.replace(whole.causes["wpa3_only"], prior=10)
    broken = msgspec.structs.replace(whole, causes={**whole.causes, cause.id: cause})

    assert run("causes").err == ""
    monkeypatch.setattr(catalogue, "load", lambda: broken)
    ended = run("causes")
    assert ended.err == "netcheck: wpa3_only: prior 10 is not within 1 to 9\n"
    assert ended.code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "There is no command nonsense; there are: "),
        (["pcpa"], "There is no command pcpa; did you mean pcap?"),
        (["pcap"], "Missing argument 'FILE...'."),
        (["case"], "Nothing to judge"),
        (["--json", "pcap", "x.pcap"], "Put --json after 'pcap'."),
        (["pcap", "x", "--device", "photon"], "that is neither a MAC address"),
        (["pcap", "x", "--device", "224.0.1.187"], "nor an IP address of one device"),
        (["pcap", "x", "--device", "192.168.5"], "nor an IP address of one device"),
        (["pcap", "x", "--cloud", "host:99999"], "that is no host"),
        (["pcap", "x", "--cloud", "ho st"], "is no host"),
        (
            ["pcap", "x", "--cloud-key", "missing.pem"],
            "the file cannot be read (No such file or directory).",
        ),
        (
            ["pcap", "x", "--report", "a.docx"],
            "its name must end in .html, .pdf, .md, .csv, .txt, .json, .pcapng: the suffix says",
        ),
        (
            ["pcap", "x", "--report", "a"],
            "its name must end in .html, .pdf, .md, .csv, .txt, .json",
        ),
        (["pcap", "x", "--site", "s" * 201], "up to six plain words"),
        (["pcap", "x", "--serial", "s" * 201], "longer than 200 characters"),
        (["pcap", "x", "--redact", "some"], "it must be one of: none, it, public."),
        (["pcap", "x", "--\x1b[2J"], "There is no option."),
        (["pcap", "x", "--ledd", "x"], "There is no option --ledd; did you mean --led?"),
        (["probes", "more", "words"], "There are 2 words more than it takes."),
        (["causes", "nonsense"], "There is no cause nonsense"),
        (["--only", "nonsense"], "There is no probe nonsense; there are: "),
        (["--budget", "0"], "it must be a number from 1 to 3600."),
        (["--budget", "soon"], "it must be a number from 1 to 3600."),
    ],
)
def test_wrong_usage_is_one_sentence_and_2(run: Run, arguments: list[str], says: str) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert "\x1b" not in ended.err


SECRETS = ("Zq7vKx9W", "my Zq7vKx9W dog's", "süß Zq7vKx9W", "Zq7vKx9W=1", "-Zq7vKx9W", "@Zq7vKx9W/")


@pytest.mark.parametrize(
    "arguments",
    [
        ["{S}"],
        ["{S}", "pcap", "x"],
        ["--{S}"],
        ["-{S}"],
        ["--tell", "{S}"],
        ["case", "--tell", "{S}"],
        ["case", "--tell", "password={S}"],
        ["case", "--tell", "hotspot={S}"],
        ["case", "--tell", "password_length={S}"],
        ["case", "--led", "{S}"],
        ["case", "--{S}", "x"],
        ["case", "--json={S}"],
        ["case", "--device", "{S}"],
        ["case", "--cloud", "{S}"],
        ["case", "--site", "{S}"],
        ["case", "--redact", "{S}"],
        ["case", "--cloud-key", "{S}"],
        ["case", "--report", "{S}"],
        ["case", "--serial", "{S}"],
        ["device", "--serial", "{S}"],
        ["device", "--for", "{S}"],
        ["device", "{S}"],
        ["device", "--softap", "--interface", "{S}"],
        ["ask", "{S}"],
        ["causes", "{S}"],
        ["causes", "cloud_port_blocked", "{S}"],
        ["probes", "{S}"],
        ["record", "--for", "{S}"],
        ["record", "--most", "{S}"],
        ["record", "--guide", "{S}"],
        ["record", "--device", "{S}"],
        ["record", "{S}"],
        ["record", "eth0", "{S}"],
        ["--interface", "{S}"],
        ["--as-device", "{S}"],
        ["--only", "{S}"],
        ["--skip", "{S}"],
        ["--budget", "{S}"],
    ],
    ids=" ".join,
)
def test_no_complaint_repeats_what_may_be_a_password(
    run: Run, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in SECRETS:
        ended = run(*(one.replace("{S}", secret) for one in arguments))
        assert ended.code == 2
        assert "Zq7v" not in ended.out + ended.err
    name = arguments[-2].removeprefix("--").replace("-", "_").upper() if arguments[1:] else ""
    if arguments[-2:-1] == [f"--{name.lower().replace('_', '-')}"]:
        monkeypatch.setenv(f"NETCHECK_{name}", SECRETS[0])
        assert "Zq7v" not in run(*arguments[:-2]).err


def test_a_file_in_the_place_of_a_command_is_explained(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.pcap"
    file.touch()
    assert "is a file and no command: type 'netcheck pcap FILE'" in run(str(file)).err


def test_causes_lists_every_one_and_explains_one(run: Run) -> None:
    listed = run("causes").out
    assert "cloud_port_blocked" in listed
    page = run("causes", "cloud_port_blocked").out
    assert {"What to do", "Sources"} <= set(page.splitlines())
    assert max(map(len, (listed + page).splitlines())) <= 80


def test_causes_as_json(run: Run) -> None:
    document = json.loads(run("causes", "cloud_port_blocked", "--json").out)
    assert [cause["id"] for cause in document["causes"]] == ["cloud_port_blocked"]
    assert len(json.loads(run("causes", "--json").out)["causes"]) > 50


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("netcheck 0.")


def test_a_device_without_a_name_is_no_error(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        correlator,
        "diagnose",
        lambda *_: [diagnosis(device=Device(), verdict=Verdict.INSUFFICIENT)],
    )
    assert run("pcap", "x.pcap").code == 3
