"""A test is found by its module's name: tests/unit mirrors netcheck and probes, and what test
modules share is in tests/helpers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.places import TESTS, TOP

UNIT = TESTS / "unit"
OF_SEVERAL_MODULES = {
    "app/test_outputs": "files that a run writes, as they are typed",
    "capture/test_crowds": "floods of packets, for the bounds of every table",
    "capture/test_hostile_captures": "hostile input, for all that reads packets",
    "capture/test_laws": "laws of a reading, whatever the packets are",
    "capture/test_link_types": "the same traffic on every kind of link",
    "capture/test_probes_in_captures": "netcheck's own packets in a capture",
    "capture/test_recorded_joins": "captures of the Wi-Fi lab in tests/captures/wifilab",
    "capture/test_stages": "what one stage of a reading hands to the next",
    "capture/test_truth": "the captures in tests/captures and what is known of them",
    "capture/test_weak_signs": "what looks on the wire like one fault and is another, or none",
    "capture/test_wifi_refusals": "every status and reason code of 802.11 as a capture",
    "capture/test_wire_patterns": "faults as they look on the wire",
    "capture/test_wire_variants": "faults as they look on the wire, in other networks",
    "capture/files/test_stream_hostile": "hostile input, for every reader of files",
    "correlator/test_examples": "the examples that each cause brings",
    "correlator/test_seed_symptoms": "two support threads",
    "correlator/test_two_faults": "two faults at a time",
    "device/log/test_log_excerpts": "logs that were cut anywhere",
    "device/log/test_log_faults": "logs of a healthy start and of each fault",
    "device/usb/test_hostile_device": "hostile input, for all that is read over USB",
    "live/test_engine_order": "the other half of test_engine: in which order probes run",
    "live/net/raw/test_hostile_frames": "hostile input, for all that reads frames",
    "text/test_secret_packets": "secrets in packets, through captures and recordings",
    "text/test_secret_templates": "secrets in free text, through every way in",
    "test_dependencies": "of the whole project",
    "test_doubles": "of tests/doubles",
    "test_imports": "of the whole project",
    "test_lab_parts": "of tests/lab, without root",
    "test_mirror": "of the whole project",
    "test_start_up": "of the whole project",
    "test_wifilab_parts": "of tests/wifilab, without a machine",
}
"""Test modules that are named after no module, and what they are about."""

FILES = sorted(file.relative_to(UNIT) for file in UNIT.rglob("test_*.py"))


def is_named_after_a_module(test: Path) -> bool:
    """Whether a module or package of the same room, or the room itself, has that name."""
    room, name = test.parent, test.stem.removeprefix("test_")
    place = TOP / room if room.parts[:1] == ("probes",) else TOP / "netcheck" / room
    return (place / f"{name}.py").is_file() or (place / name).is_dir() or place.name == name


@pytest.mark.parametrize("test", FILES, ids=str)
def test_a_test_is_named_after_its_module_or_its_reason_is_known(test: Path) -> None:
    assert is_named_after_a_module(test) != (test.with_suffix("").as_posix() in OF_SEVERAL_MODULES)


def test_only_what_is_there_has_a_reason() -> None:
    assert set(OF_SEVERAL_MODULES) <= {file.with_suffix("").as_posix() for file in FILES}


def imported(file: Path) -> Iterator[str]:
    """Every module that is imported there, and every name taken from one."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_test_modules_share_nothing_but_helpers() -> None:
    """And one way to import those: `from tests.helpers.X import …`."""
    wrong = [
        (file.relative_to(TESTS).as_posix(), name)
        for file in sorted(TESTS.rglob("*.py"))
        for name in imported(file)
        if name.startswith((".", "helpers", "doubles", "lab."))
        or (name.startswith("tests.") and ".test_" in name)
    ]
    assert wrong == []
