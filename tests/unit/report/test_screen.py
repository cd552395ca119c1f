"""The first screen: 24 lines of 80 columns, verdict first, and nothing dropped without a count."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from netcheck.correlator.advice.further_tests import METHODS
from netcheck.correlator.catalogue import load
from netcheck.model import Device, Diagnosis, Level, NextTest, Owner, Verdict
from netcheck.report import screen
from netcheck.report.layout import Style
from netcheck.report.view import view
from netcheck.report.words import VERDICTS
from netcheck.text.redact import Redaction
from tests.helpers.answers import answer, clue, diagnosis, finding
from tests.helpers.notation import case

CAUSES = load().causes
LONG = "word " * 60
HEALTHY = diagnosis(verdict=Verdict.HEALTHY, owner=Owner.UNKNOWN, findings=())


def shown(*diagnoses: Diagnosis, style: Style | None = None, **changes: object) -> str:
    return screen.render(view(answer(*diagnoses, **changes), CAUSES), style or Style())


def test_the_parts_stand_in_their_order() -> None:
    body = shown()
    labels = ("✗ FAULT: ", "power ?", "Who acts", "Do this", "Because", "Or ", "To be sure")
    more = ("Unchecked", "Unexplained", "Also seen", "Note ", "Not read", "Photon e0", "More: ")
    places = [body.index(label) for label in (*labels, *more)]
    assert places[0] == 0
    assert all(one < other for one, other in pairwise(places))


def test_how_sure_it_is_stands_at_the_right() -> None:
    first = shown().splitlines()[0]
    assert first.startswith("✗ FAULT: The network blocks TCP port 5683.")
    assert first.endswith("likely, 2 of 2 tries")
    assert len(first) == 80


def everything(size: int) -> Diagnosis:
    """A diagnosis with so many of each thing, and long texts."""
    many = tuple(
        finding(
            f"cause_{number}",
            Level.LIKELY,
            support=tuple(clue(f"{LONG} {n}") for n in range(size)),
            oppose=(clue(LONG),) * size,
            remedy=(LONG,) * size,
        )
        for number in range(size)
    )
    tests = (NextTest(test="t", settles=("cause_1",), cost_s=60, how=LONG),) * size
    return diagnosis(
        headline=LONG, findings=many, notes=(LONG,) * size, unexplained=(LONG,) * size,
        next_tests=tests,
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 4, 9])
@pytest.mark.parametrize("devices", [1, 2, 12])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_whatever_there_is_to_say_it_is_one_screen(
    size: int, devices: int, verdict: Verdict
) -> None:
    one = everything(size)
    several = [
        Diagnosis(
            **{name: getattr(one, name) for name in one.__struct_fields__}
            | {
                "verdict": verdict,
                "device": Device(mac=f"e0:4f:43:00:00:{number:02x}", site="x" * 90),
            }
        )
        for number in range(devices)
    ]
    lines = shown(*several, partial=True, sent=LONG, redaction=Redaction.IT).splitlines()
    assert len(lines) <= screen.LINES
    assert max(map(len, lines)) <= 80
    assert any(VERDICTS[verdict] in line for line in lines[:8])


@pytest.mark.parametrize("width", [40, 60, 100])
def test_it_flows_to_other_widths(width: int) -> None:
    lines = shown(style=Style(width=width)).splitlines()
    assert max(map(len, lines)) <= width


def test_what_is_dropped_is_counted() -> None:
    body = shown(everything(9))
    assert "(8 more: --verbose)" in body or "(6 more: --verbose)" in body


def test_a_command_is_never_broken_over_lines() -> None:
    how = "Join a computer to the same Wi-Fi as the Photon, and run `netcheck --save laptop.jsonl`."
    test = NextTest(test="t", settles=(), cost_s=25, how=how)
    body = shown(diagnosis(next_tests=(test,)), prove="Run `netcheck pcap NEW_FILE --device x`.")
    assert re.search(r"^To be sure  netcheck --save laptop.jsonl  \(25 s\)$", body, re.MULTILINE)
    assert "After a fix `netcheck pcap NEW_FILE --device x` should then say healthy." in body


def test_of_several_devices_each_has_a_line_and_the_worst_is_explained() -> None:
    lines = shown(HEALTHY, diagnosis(device=Device(ip="192.168.1.9"))).splitlines()
    assert lines[0] == "2 devices, worst first:"
    assert lines[1].startswith("✗ FAULT     Photon 192.168.1.9 ")
    assert lines[2].startswith("✓ HEALTHY   Photon e0:4f:43:00:00:01 ")
    assert lines[4].startswith("✗ FAULT: ")
    assert "another device: --device MAC" in " ".join(lines[-2:])


def test_many_possible_causes_are_counted_and_none_is_blamed() -> None:
    possible = tuple(
        finding(name, Level.POSSIBLE, support=(clue("led"),))
        for name in ("cloud_port_blocked", "cloud_unreachable", "internet_down", "captive_portal")
    )
    body = shown(diagnosis(verdict=Verdict.SUSPECTED, findings=possible))
    assert body.startswith(
        "? NOT SURE: The Photon fails at or before opening a connection to the cloud. 4"
        "\n            causes fit.\n"
    )
    assert "Perhaps     Outbound TCP port 5683 is blocked" in body
    assert "(1 more: --verbose)" in body


def test_a_healthy_answer_has_nothing_to_do() -> None:
    body = shown(HEALTHY)
    assert body.startswith("✓ HEALTHY: ")
    assert "Do this" not in body
    assert "After a fix" not in body
    assert "Unchecked" in body


def test_colour_carries_no_meaning_alone() -> None:
    coloured = shown(style=Style(colour=True))
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == shown()
    assert "\x1b" not in shown()


def test_plain_style_is_ascii() -> None:
    assert shown(everything(9), style=Style(plain=True)).isascii()
    assert shown(style=Style(plain=True)).startswith("x FAULT: ")


def test_quiet_says_what_to_do_first() -> None:
    (line,) = screen.line(view(answer(), CAUSES)).splitlines()
    assert line.endswith(": The network blocks TCP port 5683. Allow outgoing TCP 5683.")


def orders() -> dict[str, list[str]]:
    """What the reader is told to do, and what was seen, of the whole catalogue."""
    catalogue = load()
    causes = catalogue.causes.values()
    steps = [step for cause in causes for step in cause.remedy]
    steps += [step for group in catalogue.groups for step in group.remedy_first]
    tests = [group.tells_apart for group in catalogue.groups] + [method.how for method in METHODS]
    says = [clue.says for cause in causes for clue in (*cause.clues_for, *cause.clues_against)]
    return {"step": steps, "test": tests, "reason": says}


@pytest.mark.parametrize("kind", ["step", "test", "reason"])
def test_no_order_or_reason_of_the_catalogue_is_cut(kind: str) -> None:
    for text in orders()[kind]:
        one = diagnosis(
            findings=(
                finding(
                    "cloud_port_blocked",
                    Level.LIKELY,
                    remedy=(text,) if kind == "step" else (),
                    support=(clue(text),) if kind == "reason" else (),
                ),
            ),
            next_tests=[NextTest(test="t", settles=(), cost_s=60, how=text)][kind != "test" :],
            notes=(),
            unexplained=(),
        )
        assert "…" not in shown(one), text


def test_what_does_not_fit_goes_whole() -> None:
    command = "Join a computer and run `netcheck --save laptop.jsonl` on it, which takes a while."
    tests = (NextTest(test="t", settles=(), cost_s=25, how=command),)
    full = diagnosis(notes=(LONG,) * 2, next_tests=tests)
    leading = finding(
        "cloud_port_blocked",
        Level.LIKELY,
        remedy=("word " * 24,) * 3,
        support=(clue("word " * 20),) * 3,
    )
    many = diagnosis(findings=(leading, *full.findings[1:]), notes=(LONG,) * 2, next_tests=tests)
    for one in (full, many):
        body = shown(one, unread=(LONG,))
        assert "…" not in body
        assert "netcheck --save laptop.jsonl" in body
        assert re.search(r"more rows?\)|--verbose", body)


def test_a_proof_says_the_change_once() -> None:
    body = shown(prove="After the change look at the light again: breathing cyan is online.")
    assert "After a fix Look at the light again: breathing cyan is online." in body


def test_a_doubtful_headline_is_one_sentence() -> None:
    headline = "Perhaps, but not proven: The network blocks TCP port 5683."
    first = shown(diagnosis(verdict=Verdict.SUSPECTED, headline=headline)).splitlines()[0]
    assert first.startswith("? NOT SURE: Perhaps the network blocks TCP port 5683.")


@pytest.mark.parametrize(
    ("level", "seen_of_fault", "is_shown"),
    [
        (Level.POSSIBLE, True, False),
        (Level.LIKELY, True, True),
        (Level.POSSIBLE, False, True),
    ],
    ids=["explained by the fault", "likely by itself", "of its own evidence"],
)
def test_what_the_fault_explains_is_not_also_seen(
    level: Level, *, seen_of_fault: bool, is_shown: bool
) -> None:
    [test, cloud] = case(
        "dev internet.test failed timeout @9 >8.8.8.8:53\ndev tcp.cloud failed timeout @5"
    )
    causes = (
        finding(
            "cloud_port_blocked",
            Level.LIKELY,
            support=(clue("no answer", cloud, *([test] if seen_of_fault else [])),),
        ),
        finding(
            "internet_test_blocked", level, stops_connection=False, support=(clue("no test", test),)
        ),
    )
    body = shown(diagnosis(findings=causes))

    assert ("Also seen" in body) is is_shown
