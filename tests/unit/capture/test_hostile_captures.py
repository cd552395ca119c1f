"""Damaged and malicious captures: every one gives an answer, never a traceback, and nothing unsafe
gets out.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import Target
from netcheck.report import json, terminal
from netcheck.report.answer import Answer
from netcheck.report.layout import Style
from netcheck.report.view import view
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.places import CAPTURES
from tests.helpers.wire import CLOUD, DEVICE_MAC, PHOTON_OPTIONS, Wire

FILES = sorted(CAPTURES.glob("*.pcap*"))
FRAMES = {path.name: frames_of(path) for path in FILES}
UNSAFE = "\x1b[2J\u202e\x00"
patient = settings(max_examples=60, suppress_health_check=list(HealthCheck))


def answered(data: bytes) -> str:
    """What netcheck says of a file with these bytes: text and JSON."""
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder) / "hostile.pcap"
        name.write_bytes(data)
        reading = observe([str(name)], Target())
    observations = tuple(reading.observations)
    answer = Answer(
        diagnoses=tuple(diagnose(observations, Target())),
        observations=observations,
        unread=reading.unread,
        prove="",
    )
    document = json.render(answer, 0.0)
    json.load(document)
    return terminal.render(view(answer, {}), Style()) + document.decode()


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real capture with bytes changed inside its frames, frames left out, cut short, repeated or
    put elsewhere in time.
    """
    frames = list(FRAMES[draw(st.sampled_from(sorted(FRAMES)))])
    for _ in range(draw(st.integers(1, 12))):
        index = draw(st.integers(0, len(frames) - 1))
        at_ns, frame = frames[index]
        what = draw(st.sampled_from(("byte", "byte", "cut", "grow", "drop", "repeat", "time")))
        if what == "byte" and frame:
            place = draw(st.integers(0, len(frame) - 1))
            frame = frame[:place] + bytes((draw(st.integers(0, 255)),)) + frame[place + 1 :]
        elif what == "cut":
            frame = frame[: draw(st.integers(0, len(frame)))]
        elif what == "grow":
            frame += draw(st.binary(max_size=64))
        elif what == "drop" and len(frames) > 1:
            del frames[index]
            continue
        elif what == "repeat":
            frames.insert(draw(st.integers(0, len(frames))), (at_ns, frame))
        elif what == "time":
            at_ns = draw(st.integers(0, 2**32 * 10**9 - 1))
        frames[index] = (at_ns, frame)
    return pcap(frames, magic=0xA1B23C4D)


@pytest.mark.slow
@patient
@given(mutated())
def test_a_damaged_capture_gives_an_answer(data: bytes) -> None:
    assert answered(data)


@patient
@given(st.sampled_from(FILES), st.data())
def test_a_file_with_any_bytes_changed_gives_an_answer(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(24, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert answered(bytes(content[: data.draw(st.integers(24, len(content)))]))


@patient
@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.binary(max_size=120)), min_size=1, max_size=30)
)
def test_frames_of_noise_give_an_answer(frames: list[tuple[int, bytes]]) -> None:
    assert answered(pcap(frames))


def test_names_from_the_wire_cannot_drive_the_terminal(tmp_path: Path) -> None:
    wire = Wire()
    evil = UNSAFE.encode("utf-8", "replace")
    wire.dhcp(1, options=PHOTON_OPTIONS + b"\x0c" + bytes((len(evil),)) + evil)
    wire.dhcp(6, options=b"\x38" + bytes((len(evil),)) + evil)
    wire.lease().ask("dev\x1b[2J.example")
    wire.name(CLOUD)
    told = answered(Path(wire.save(tmp_path)).read_bytes())
    assert DEVICE_MAC.hex(":") in told
    for mark in ("\x1b", "\u202e", "\x00"):
        assert mark not in told
