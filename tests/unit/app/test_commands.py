"""The command line: what goes in, what comes out, and with which code it ends. Sources and
correlator are stand-ins.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from netcheck import capture, casefile, correlator
from netcheck.app import commands, interrupt, output
from netcheck.capture.protocols.cloud_keys import makers_key
from netcheck.model import Device, Diagnosis, Observation, Stage, Target, Verdict
from netcheck.probing import Kind, Probe, Traffic
from netcheck.report import pages
from netcheck.report.layout import Style
from netcheck.text import redact
from tests.helpers.answers import OBSERVATIONS, diagnosis

Run = Callable[..., "Ended"]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Reading(NamedTuple):
    observations: list[Observation]
    unread: tuple[str, ...] = ()
    is_partial: bool = False


class CaptureError(Exception):
    pass


class World:
    """What the stand-ins say, and what they were asked."""

    def __init__(self) -> None:
        self.verdicts = [Verdict.FAULT]
        self.unread: tuple[str, ...] = ()
        self.observations = list(OBSERVATIONS)
        self.target = Target()
        self.judged: list[Observation] = []
        self.paths: tuple[str, ...] = ()

    def observe(self, paths: tuple[str, ...], target: Target) -> Reading:
        self.paths, self.target = tuple(paths), target
        return Reading(self.observations, self.unread)

    def diagnose(self, observations: list[Observation], target: Target) -> list[Diagnosis]:
        self.judged, self.target = observations, target
        return [diagnosis(verdict=verdict) for verdict in self.verdicts]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(capture, "observe", world.observe, raising=False)
    monkeypatch.setattr(capture, "CaptureError", CaptureError, raising=False)
    monkeypatch.setattr(correlator, "diagnose", world.diagnose, raising=False)
    for name in list(os.environ):
        if name.startswith("NETCHECK_") or name == "NO_COLOR":
            monkeypatch.delenv(name)
    return world


@pytest.fixture
def run(world: World, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            commands.main(arguments)
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return run


# --------------------------------------------------------------------------------------- exit codes


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
    assert "- lost.pcap: no such file." in ended.out


def test_nothing_readable_gives_no_answer(run: Run, world: World) -> None:
    world.unread, world.observations = ("x.pcap: is empty.",), []
    assert run("pcap", "x.pcap", "--json") == (2, "", "netcheck: x.pcap: is empty.\n")


def test_a_capture_error_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Reading:
        raise CaptureError("x.pcap: is text; give a capture.")

    monkeypatch.setattr(capture, "observe", refuse)
    assert run("pcap", "x.pcap") == (2, "", "netcheck: x.pcap: is text; give a capture.\n")


def test_our_own_bug_is_said_calmly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> list[Diagnosis]:
        raise KeyError("\x1b[2J")

    monkeypatch.setattr(correlator, "diagnose", break_down)
    ended = run("pcap", "x.pcap")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("netcheck: netcheck itself failed (KeyError: ")
    assert "says nothing about your network" in ended.err
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.err
    assert "Traceback" in run("pcap", "x.pcap", "--verbose").err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "No such command 'nonsense'."),
        (["pcap"], "Missing argument 'FILE...'."),
        (["case"], "Nothing to judge"),
        (["--json", "pcap", "x.pcap"], "Put --json after 'pcap'."),
        (["pcap", "x", "--device", "photon"], "photon is neither a MAC address"),
        (["pcap", "x", "--cloud", "host:99999"], "host:99999 is no host"),
        (["pcap", "x", "--cloud", "ho st"], "is no host"),
        (
            ["pcap", "x", "--cloud-key", "missing.pem"],
            "missing.pem cannot be read (No such file or directory).",
        ),
        (
            ["pcap", "x", "--report", "a.html"],
            "reports of kind .html are not in this version; use .json.",
        ),
        (["pcap", "x", "--report", "a"], "a must end in .json"),
        (["pcap", "x", "--site", "s" * 201], "longer than 200 characters"),
        (["pcap", "x", "--redact", "some"], "'some' is not one of 'none', 'it', 'public'."),
        (["pcap", "x", "--\x1b[2J"], "--\\x1b[2J"),
        (["causes", "nonsense"], "There is no cause nonsense"),
        (["--only", "nonsense"], "There is no probe nonsense; there are: "),
        (["--budget", "0"], "0"),
    ],
)
def test_wrong_usage_is_one_sentence_and_2(run: Run, arguments: list[str], says: str) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert says in ended.err
    assert ended.err.count("\n") == 1
    assert "\x1b" not in ended.err


def test_a_file_in_the_place_of_a_command_is_explained(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.pcap"
    file.touch()
    assert "is a file and no command: type 'netcheck pcap FILE'" in run(str(file)).err


# ------------------------------------------------------------------------------------------ options


@pytest.mark.parametrize(
    "spelling", ["E0:4F:43:00:00:01", "e0-4f-43-00-00-01", "e04f.4300.0001", "e04f43000001"]
)
def test_a_device_may_be_spelt_as_usual(run: Run, world: World, spelling: str) -> None:
    run("pcap", "x.pcap", "--device", spelling)
    assert world.target.device == "e0:4f:43:00:00:01"


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("cloud.example.org", "cloud.example.org", 5683),
        ("10.0.0.1:5684", "10.0.0.1", 5684),
        ("Device.Spark.IO:5683", "device.spark.io", 5683),
    ],
)
def test_the_cloud_may_be_another(run: Run, world: World, given: str, host: str, port: int) -> None:
    run("pcap", "x.pcap", "--cloud", given)
    assert (world.target.cloud_host, world.target.cloud_port) == (host, port)


def test_options_can_come_from_the_environment(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETCHECK_SITE", "attic")
    monkeypatch.setenv("NETCHECK_PCAP", os.pathsep.join(("b.pcap", "c.pcap")))
    monkeypatch.setenv("NETCHECK_JSON", "1")
    json.loads(run("pcap", "a.pcap").out)
    assert world.target.site == "attic"
    assert world.paths == ("a.pcap", "b.pcap", "c.pcap")


def repeatable() -> set[str]:
    """The names of all options that may be given several times, of all commands."""
    every = [commands.command, *commands.command.commands.values()]
    return {
        parameter.name or ""
        for one in every
        for parameter in one.params
        if isinstance(parameter, click.Option) and parameter.multiple
    }


FILES = os.pathsep.join(("my file.x", "b"))
FROM_ENVIRONMENT = {
    "led": ("slow cyan, then 3 orange blinks", ("slow cyan, then 3 orange blinks",)),
    "tell": ("ssid=My Net, 2nd floor", ("ssid=My Net, 2nd floor",)),
    "pcap": (FILES, ("my file.x", "b")),
    "case": (FILES, ("my file.x", "b")),
    "log": (FILES, ("my file.x", "b")),
    "report": (os.pathsep.join(("my file.json", "b.json")), ("my file.json", "b.json")),
    "only": ("one,two, three four", ("one", "two", "three", "four")),
    "skip": ("one", ("one",)),
    "also": ("one two", ("one", "two")),
}
"""Option → what stands in its variable, and the values that it stands for."""


def test_every_repeatable_option_is_listed_here() -> None:
    assert repeatable() == set(FROM_ENVIRONMENT)


@pytest.mark.parametrize("name", FROM_ENVIRONMENT)
def test_a_variable_holds_one_text_or_several_names_or_files(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, values = FROM_ENVIRONMENT[name]
    monkeypatch.setenv(f"NETCHECK_{name.upper()}", text)
    context = click.Context(commands.command)
    (option,) = [one for one in commands.command.params if one.name == name]
    found, _ = option.consume_value(context, {})
    assert option.type_cast_value(context, found) == values


def test_a_light_in_the_environment_is_read_whole(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETCHECK_LED", "slow cyan, then 3 orange blinks")
    monkeypatch.setenv("NETCHECK_TELL", "ssid=My Net, 2nd floor")
    run("pcap", "x.pcap")
    said = {(one.fact, value) for one in world.judged for _, value in one.data}
    assert {("led.last", "cyan_slow"), ("led.flash", "orange_3")} <= said
    assert "My Net, 2nd floor" in {value for _, value in said}


def test_a_cloud_key_is_taken_as_pem_or_der(run: Run, world: World, tmp_path: Path) -> None:
    pem = makers_key()
    der = b64decode(b"".join(pem.splitlines()[1:-1]))
    for content in (pem, der):
        (tmp_path / "key").write_bytes(content)
        run("pcap", "x.pcap", "--cloud-key", str(tmp_path / "key"))
        assert world.target.cloud_key == content


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 300, b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
)
def test_what_is_no_public_key_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    ended = run("pcap", "x.pcap", "--cloud-key", str(tmp_path / "key"))
    assert ended.code == 2
    assert "key is of no use: It holds no public key in PEM or DER form." in ended.err


# ------------------------------------------------------------------------------------------- output


def test_json_is_one_document_and_nothing_else(run: Run) -> None:
    ended = run("pcap", "x.pcap", "--json", "--quiet")
    assert json.loads(ended.out)["schema"] == "netcheck/1"
    assert ended.err == ""


def test_quiet_is_one_line(run: Run) -> None:
    (line,) = run("pcap", "x.pcap", "--quiet").out.splitlines()
    assert line.startswith(
        "fault: Photon e0:4f:43:00:00:01 (id 1f0056dfe347343232361234, at 192.168.1.7, Device OS"
        " >=0.7.0): "
    )
    assert line.endswith(": The network blocks TCP port 5683.")


def test_the_text_says_how_to_prove_the_fix_with_the_same_question(run: Run) -> None:
    out = " ".join(
        run("pcap", "x.pcap", "--device", "e04f43000001", "--cloud", "c.example:1").out.split()
    )
    assert "`netcheck pcap NEW_FILE --device e0:4f:43:00:00:01 --cloud c.example:1`" in out


def test_save_keeps_all_observations_and_case_judges_them_again(
    run: Run, world: World, tmp_path: Path
) -> None:
    file = str(tmp_path / "case.jsonl")
    run("pcap", "x.pcap", "--save", file)
    first = world.judged
    assert run("case", file).code == 1
    assert world.judged == first == list(casefile.read(file).observations)


def test_a_broken_line_of_a_case_is_named_in_the_answer(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "case.jsonl"
    casefile.write(file, OBSERVATIONS)
    file.write_bytes(file.read_bytes() + b"{}\n")
    ended = run("case", str(file), "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["unread"][0].startswith("case.jsonl: line 10 was not read")


def test_a_file_that_is_no_case_ends_with_2_beside_a_good_one(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    casefile.write(good, OBSERVATIONS)
    bad.write_text("hello")
    ended = run("case", str(good), str(bad))
    assert ended.code == 2
    assert "bad.jsonl: is no netcheck case file" in ended.err
    assert "FAULT" in ended.out


def test_reports_are_redacted_for_it_and_the_screen_is_not(run: Run, tmp_path: Path) -> None:
    report, key = tmp_path / "r.json", tmp_path / "key"
    ended = run("pcap", "x.pcap", "--json", "--report", str(report), "--redact-key", str(key))
    assert "annas-phone" in ended.out
    assert "annas-phone" not in report.read_text()
    assert json.loads(report.read_text())["redaction"] == "it"


def test_a_level_that_is_asked_for_holds_everywhere(run: Run, tmp_path: Path) -> None:
    report, saved, key = tmp_path / "r.json", tmp_path / "c.jsonl", tmp_path / "key"
    options = (
        "--redact",
        "public",
        "--redact-key",
        str(key),
        "--report",
        str(report),
        "--save",
        str(saved),
    )
    texts = (run("pcap", "x.pcap", *options).out, report.read_text(), saved.read_text())
    assert not any("192.168.1.7" in text or "annas-phone" in text for text in texts)
    run("pcap", "x.pcap", "--redact", "none", "--report", str(report))
    assert "annas-phone" in report.read_text()


def test_no_key_is_made_when_nothing_is_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str = "") -> bytes:
        raise AssertionError

    monkeypatch.setattr(redact, "load_key", refuse)
    assert run("pcap", "x.pcap").code == 1


def test_an_unwritable_report_is_named_after_the_answer(run: Run, tmp_path: Path) -> None:
    key = str(tmp_path / "key")
    ended = run(
        "pcap",
        "x.pcap",
        "--report",
        str(tmp_path / "no" / "r.json"),
        "--save",
        str(tmp_path / "no" / "c"),
        "--redact-key",
        key,
    )
    assert ended.code == 2
    assert ended.out.startswith("FAULT")
    assert ended.err.count("cannot be written (No such file or directory); name another file.") == 2


def test_a_useless_redaction_key_is_named(run: Run, tmp_path: Path) -> None:
    ended = run("pcap", "x.pcap", "--redact", "it", "--redact-key", str(tmp_path))
    assert ended.code == 2
    assert "--redact-key" in ended.err


@pytest.mark.parametrize(
    ("no_color", "term", "coloured"),
    [(None, "xterm", True), ("1", "xterm", False), (None, "dumb", False)],
)
def test_colour_only_on_a_terminal_that_wants_it(
    monkeypatch: pytest.MonkeyPatch, world: World, no_color: str | None, term: str, coloured: bool
) -> None:
    class Terminal:
        encoding = "UTF-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(output.sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", term)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert output.style(sys.stdout) == Style(colour=coloured, plain=False)


# --------------------------------------------------------------------------------------------- live


def a_probe(name: str, **more: Any) -> Probe:
    sends = (Traffic(kind=Kind.DNS_QUERY, to="{cloud_host}", at_most=2),)
    return Probe(
        name=name,
        ask="Who?",
        stage=Stage.DNS,
        settles=frozenset({"dns.cloud_name"}),
        needs=frozenset(),
        sends=sends,
        within_s=1,
        run=lambda *_: (),
        **more,
    )


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two probes, and the names of those that ran. What is plugged into the machine that runs the
    tests is left alone.
    """
    from netcheck import live
    from netcheck.live import engine

    ran: list[str] = []

    def observe(
        target: Target, net: object, probes: list[Probe], **_: object
    ) -> Iterator[Observation]:
        ran.extend(probe.name for probe in probes)
        yield from OBSERVATIONS

    monkeypatch.setenv("NETCHECK_SERIAL", "none")
    monkeypatch.setattr(engine, "find", lambda problems=None: [a_probe("one"), a_probe("two")])
    monkeypatch.setattr(live, "observe", observe)
    return ran


def test_without_a_command_the_network_is_checked(run: Run, network: list[str]) -> None:
    ended = run()
    assert ended.code == 1
    assert network == ["one", "two"]
    assert "Nothing left this machine but packets that --plan lists" in " ".join(ended.out.split())
    assert "After the change run `netcheck` again" in ended.out


@pytest.mark.parametrize("options", [("--only", "one"), ("--skip", "two")])
def test_a_probe_left_out_stays_visible(
    run: Run, world: World, network: list[str], options: tuple[str, str]
) -> None:
    run(*options)
    assert network == ["one"]
    left = [one for one in world.judged if one.reason == "not_chosen"]
    assert [(one.source, one.fact, one.outcome.value) for one in left] == [
        ("probe:two/1", "dns.cloud_name", "skipped")
    ]


@pytest.fixture
def slow(network: list[str], monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A third probe, `slow`, which runs only on request; and the budgets that were given."""
    from netcheck import live
    from netcheck.live import engine

    budgets: list[float] = []
    usual, observe = engine.find(), live.observe
    monkeypatch.setattr(
        engine, "find", lambda problems=None: [*usual, a_probe("slow", on_request=True)]
    )
    monkeypatch.setattr(
        live,
        "observe",
        lambda *args, **named: (budgets.append(named["budget_s"]), *observe(*args, **named))[1:],
    )
    return budgets


@pytest.mark.parametrize(
    ("options", "ran"),
    [
        ((), ["one", "two"]),
        (("--also", "slow"), ["one", "two", "slow"]),
        (("--only", "slow"), ["slow"]),
        (("--only", "one", "--also", "slow"), ["one", "slow"]),
        (("--also", "slow", "--skip", "slow"), ["one", "two"]),
        (("--also", "one"), ["one", "two"]),
    ],
)
def test_what_runs_only_on_request(
    run: Run, network: list[str], slow: list[float], options: tuple[str, ...], ran: list[str]
) -> None:
    run(*options)
    assert network == ran
    planned = json.loads(run(*options, "--plan", "--json").out)["sends"]
    assert planned[0]["at_most"] == 2 * len(ran)


def test_what_was_not_asked_for_stays_visible(run: Run, world: World, slow: list[float]) -> None:
    run()
    (left,) = [one for one in world.judged if one.source == "probe:slow/1"]
    assert (left.fact, left.outcome.value, left.reason) == (
        "dns.cloud_name",
        "skipped",
        "not_asked",
    )
    assert "--also slow" in left.text("says")


def test_the_time_for_all_probes_has_room_for_what_was_asked_for(
    run: Run, slow: list[float]
) -> None:
    run()
    run("--also", "slow")
    run("--also", "slow", "--budget", "20")
    assert slow == [25.0, 26.0, 20.0]


def test_the_proof_of_a_fix_asks_for_it_again(run: Run, slow: list[float]) -> None:
    assert "run `netcheck --also slow` again" in " ".join(run("--also", "slow").out.split())


def test_a_probe_on_request_is_listed_as_such(run: Run, slow: list[float]) -> None:
    assert "slow (dns, at most 1 s, only with --also slow)" in run("probes").out
    assert [probe["on_request"] for probe in json.loads(run("probes", "--json").out)["probes"]] == [
        False,
        False,
        True,
    ]


def test_the_plan_sends_nothing(run: Run, network: list[str]) -> None:
    ended = run("--plan")
    assert (ended.code, network) == (0, [])
    assert "\n  at most  what         to\n  4        DNS queries  device.spark.io\n" in ended.out
    assert "This computer's system adds, as for any program:\n  - ARP requests" in ended.out
    assert json.loads(run("--plan", "--json").out)["besides"] == list(pages.BESIDES)
    assert json.loads(run("--plan", "--json").out)["sends"] == [
        {"kind": "dns_query", "to": "device.spark.io", "at_most": 4}
    ]


def test_probes_are_listed(run: Run, network: list[str]) -> None:
    assert "two (dns, at most 1 s)" in run("probes").out
    assert [probe["name"] for probe in json.loads(run("probes", "--json").out)["probes"]] == [
        "one",
        "two",
    ]


def test_interrupted_once_judges_what_was_seen_and_twice_ends(
    run: Run, world: World, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from netcheck import live

    ended: list[int] = []

    def interrupted(*_: object, stop: threading.Event, **__: object) -> Iterator[Observation]:
        yield OBSERVATIONS[1]
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        assert not ended
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(live, "observe", interrupted)
    monkeypatch.setattr(interrupt.os, "_exit", ended.append)
    document = json.loads(run("--json").out)
    assert document["partial"] is True
    assert world.judged == [OBSERVATIONS[1]]
    assert ended == [130]


def test_interrupted_when_all_was_seen_the_answer_still_comes(
    run: Run, world: World, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(observations: list[Observation], target: Target) -> list[Diagnosis]:
        signal.raise_signal(signal.SIGINT)
        return world.diagnose(observations, target)

    monkeypatch.setattr(correlator, "diagnose", interrupted)
    ended = run("--json")
    assert (ended.code, json.loads(ended.out)["partial"]) == (1, False)


def test_interrupted_in_a_file_asks_the_network_nothing_more(
    run: Run, world: World, network: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from netcheck import live

    stopped: list[bool] = []

    def observe(*_: object, stop: threading.Event, **__: object) -> Iterator[Observation]:
        stopped.append(stop.is_set())
        yield from ()

    monkeypatch.setattr(capture, "observe", lambda *_: Reading(OBSERVATIONS, is_partial=True))
    monkeypatch.setattr(live, "observe", observe)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert json.loads(run("--pcap", "x.pcap", "--json").out)["partial"] is True
    finally:
        signal.signal(signal.SIGINT, before)
    assert stopped == [True]


def test_interrupted_while_judging_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> list[Diagnosis]:
        raise KeyboardInterrupt

    monkeypatch.setattr(correlator, "diagnose", interrupted)
    ended = run("pcap", "x.pcap")
    assert (ended.code, ended.out, ended.err.strip()) == (130, "", "")


def test_what_was_sent_is_added_up() -> None:
    from tests.helpers.notation import seen

    runs = [
        seen("net probe.run ok dns_query=2 tcp_connection=1"),
        seen("net probe.run ok dns_query=1"),
    ]
    assert (
        pages.sent(runs)
        == "Nothing left this machine but packets that --plan lists: 1 TCP connection, 3 DNS"
        " queries."
    )
    assert pages.sent([]).endswith("lists: none.")


def test_every_kind_of_packet_has_words() -> None:
    assert set(pages.WORDS) == set(Kind)


# ---------------------------------------------------------------------------------------- catalogue


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
