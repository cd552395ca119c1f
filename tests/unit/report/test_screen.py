"""The first screen: 24 lines of 80 columns, verdict first, and nothing dropped without a count."""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec
import pytest

from netcheck.correlator.catalogue import load
from netcheck.model import Device, Diagnosis, Level, NextTest, Observation, Owner, Verdict
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


NARROW = 12
"""So many other causes and notes leave each reason one line."""


def crowded(says: str, name: str) -> str:
    """A screen on which each row has one line, and a reason seen in packets of that capture."""
    seen = tuple(
        case(
            "\n".join(f"dev tcp.cloud failed timeout >192.0.2.10:5683 @{n}" for n in range(1, 7)),
            source=f"capture:{name}",
        )
    )
    seen = tuple(msgspec.structs.replace(o, ref=f"{name}#{n},{n + 9}") for n, o in enumerate(seen))
    causes = (
        finding(
            "cloud_port_blocked",
            Level.LIKELY,
            support=(clue(says, *seen),) + (clue(f"{LONG} other"),) * 3,
            oppose=(clue(LONG),),
            remedy=(LONG,) * 3,
        ),
        *(finding(f"cause_{n}", Level.POSSIBLE) for n in range(NARROW)),
    )
    one = diagnosis(findings=causes, notes=(LONG,) * 3, unexplained=(LONG,))
    return shown(one, observations=(covered(name), *seen))


def covered(name: str) -> Observation:
    [one] = case("net capture.coverage ok @0 span_s=61.2 packets=9", source=f"capture:{name}")
    return msgspec.structs.replace(one, target=name)


def because(body: str) -> str:
    return next(line for line in body.splitlines() if line.startswith("Because"))


SAYS = "attempts to open the cloud's port get no answer"


def test_packet_numbers_make_room_for_the_reason() -> None:
    line = because(crowded(SAYS, "a_capture_with_a_name.pcap"))

    assert SAYS in line
    assert line.endswith("  #0,9 #1,10 #2,11 +3"), "without the name of the only file"


def test_where_even_their_count_has_no_room_the_reason_stands_alone() -> None:
    says = "attempts to open the cloud's port never get any kind of an answer"
    line = because(crowded(says, "a_capture_with_a_name.pcap"))

    assert line == f"Because     {says}"


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
