"""What the user tells: whose it is, which answer holds, and what is a symptom."""

from __future__ import annotations

import pytest

from netcheck.correlator import user_reports
from netcheck.model import NAMELESS, Clue, Device, Evidence, Target, Weight
from tests.helpers.notation import DEV, case, seen

TOLD = f"{NAMELESS} told.hotspot ok value=works @1\n"
OTHER = "e0:4f:43:00:00:02"


@pytest.mark.parametrize(
    ("others", "device", "expected"),
    [
        ("", "", NAMELESS),
        (f"dev device.identity ok rank=5 mac={DEV}", "", DEV),
        (
            f"dev device.identity ok rank=5 mac={DEV} \n {OTHER} device.identity ok rank=5"
            f" mac={OTHER}",
            "",
            NAMELESS,
        ),
        (
            f"dev device.identity ok rank=5 mac={DEV} \n {OTHER} device.identity ok rank=5"
            f" mac={OTHER}",
            OTHER,
            OTHER,
        ),
        ("", OTHER.upper(), OTHER),
    ],
)
def test_whose_report_it_is(others: str, device: str, expected: str) -> None:
    kept = user_reports.attributed(case(TOLD + others), Target(device=device))
    assert [o.subject for o in kept if o.fact == "told.hotspot"] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev told.hotspot ok value=works @1 \n dev told.hotspot ok value=same @2", ["same"]),
        ("dev told.hotspot ok value=same @2 \n dev told.hotspot ok value=works @1", ["same"]),
        ("dev told.hotspot ok value=a @1 \n ctl told.hotspot ok value=b @2", ["a", "b"]),
        ("dev told.tried ok value=restart @1 \n dev told.tried ok value=update @2", None),
        ("dev led.state ok value=off @1 \n dev led.last ok value=white @2", ["white"]),
        ("dev led.state ok value=off @2 \n dev led.last ok value=white @2", ["off", "white"]),
        ("dev tcp.cloud ok value=1 @1 \n dev tcp.cloud ok value=2 @2", ["1", "2"]),
    ],
)
def test_the_newest_answer_holds(text: str, expected: list[str] | None) -> None:
    kept = [o.text("value") for o in user_reports.newest_answers(case(text))]
    assert kept == (["restart", "update"] if expected is None else expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dev told.hotspot ok value=same", True),
        ("dev told.hotspot ok value=works", False),
        ("dev told.fails_how ok value=always", True),
        ("dev led.last ok value=cyan_breathing", False),
        ("dev led.last ok value=magenta_breathing", False),
        ("dev led.last ok value=cyan_slow", True),
        ("dev led.flash ok value=red_1", True),
        ("dev led.flash failed value=red_1", False),
        ("dev led.sos ok number=1", True),
        ("dev led.state ok value=off", False),
    ],
)
def test_a_symptom(line: str, *, expected: bool) -> None:
    assert user_reports.is_symptom(seen(line)) is expected
    assert user_reports.tells_of_symptom([seen(line)]) is expected


@pytest.mark.parametrize(
    ("line", "context", "expected"),
    [
        ("dev told.hotspot ok value=same", False, True),
        ("dev told.hotspot ok value=same", True, False),
        ("dev told.hotspot ok value=works", False, False),
        ("dev tcp.cloud failed timeout", False, False),
    ],
)
def test_a_cause_that_explains_a_symptom(line: str, *, context: bool, expected: bool) -> None:
    clue = Clue(weight=Weight.WEAK, says="x", context=context)
    support = [Evidence(clue=clue, seen=(seen(line),))]
    assert user_reports.explains_symptom(support) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev told.hotspot ok value=same", True),
        ("dev told.hotspot ok value=works", False),
        ("dev told.hotspot ok value=same \n dev tcp.cloud ok", False),
    ],
)
def test_a_try_that_is_a_complaint_alone(text: str, *, expected: bool) -> None:
    assert user_reports.is_complaint_alone(case(text)) is expected


@pytest.mark.parametrize(
    ("known", "text", "expected"),
    [
        (None, "dev told.firmware ok version=1.5.2", "1.5.2"),
        ("0.7.0", "dev told.firmware ok version=1.5.2", "0.7.0"),
        (None, "dev device.firmware ok version=1.5.2", None),
    ],
)
def test_the_version_that_the_user_names(
    known: str | None, text: str, expected: str | None
) -> None:
    assert user_reports.with_firmware(Device(firmware=known), case(text)).firmware == expected
