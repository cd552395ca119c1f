"""Laws: order, duplicates and cutting do not change a diagnosis; saved and read back is equal;
nothing is made up; what neighbours do, and a direction that is missing, accuse nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import pytest

from netcheck import casefile
from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import Diagnosis, Observation, Stage, State, Target
from tests.helpers.capture_changes import CHANGES, Labelled, holds, labelled
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.places import CAPTURES

pytestmark = pytest.mark.slow


FILES = sorted(path for path in CAPTURES.glob("*.pcap*"))
PIECES = 4


def gist(observations: Iterable[Observation]) -> list[object]:
    """What must not change."""
    return [_gist(d) for d in diagnose(observations, Target())]


def _gist(d: Diagnosis) -> object:
    ladder = [(rung.stage, rung.state) for rung in d.ladder]
    causes = [(f.cause, f.level, f.held_in, f.out_of) for f in d.findings]
    return d.device.mac, d.device.id, d.device.ip, d.verdict, ladder, causes


@cache
def observed(path: Path) -> tuple[Observation, ...]:
    return tuple(observe([str(path)], Target()).observations)


@cache
def whole(path: Path) -> list[object]:
    return gist(observed(path))


def written(folder: Path, pieces: Sequence[Sequence[tuple[int, bytes]]]) -> list[str]:
    names = []
    for index, piece in enumerate(pieces):
        name = folder / f"piece{index}.pcap"
        name.write_bytes(pcap(piece, magic=0xA1B23C4D))
        names.append(str(name))
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_cut_by_time_and_given_in_any_order(path: Path, tmp_path: Path) -> None:
    frames = sorted(frames_of(path))
    size = len(frames) // PIECES + 1
    names = written(tmp_path, [frames[at : at + size] for at in range(0, len(frames), size)])
    assert gist(observe(names, Target()).observations) == whole(path)
    assert gist(observe(names[::-1], Target()).observations) == whole(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_packet_twice(path: Path, tmp_path: Path) -> None:
    frames = frames_of(path)
    [name] = written(
        tmp_path, [[(at + late, frame) for at, frame in frames for late in (0, 40_000)]]
    )
    assert gist(observe([name], Target()).observations) == whole(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_the_same_capture_from_a_second_point_with_another_clock(
    path: Path, tmp_path: Path
) -> None:
    [name] = written(tmp_path, [[(at + 700_000_000, frame) for at, frame in frames_of(path)]])
    assert gist(observe([str(path), name], Target()).observations) == whole(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_packets_out_of_order(path: Path, tmp_path: Path) -> None:
    frames = frames_of(path)
    swapped = [frame for at in range(0, len(frames), 3) for frame in reversed(frames[at : at + 3])]
    [name] = written(tmp_path, [swapped])
    assert gist(observe([name], Target()).observations) == whole(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_case_file_tells_what_its_capture_told(path: Path, tmp_path: Path) -> None:
    observations = observed(path)
    name = tmp_path / "saved.jsonl"
    casefile.write(name, observations)
    assert gist(casefile.read(str(name)).observations) == whole(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_observations_in_any_order(path: Path) -> None:
    observations = observed(path)
    assert gist(observations[::-1]) == whole(path)
    assert gist([*observations, *observations]) == whole(path)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
@pytest.mark.parametrize("stage", [Stage.ADDRESS, Stage.GATEWAY, Stage.DNS])
def test_without_its_records_a_rung_is_not_passed(path: Path, stage: Stage) -> None:
    observations = [o for o in observed(path) if o.stage is not stage]
    for diagnosis in diagnose(observations, Target()):
        state = next(rung.state for rung in diagnosis.ladder if rung.stage is stage)
        assert state in (State.UNTESTED, State.IMPLIED, State.UNREACHED)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_clock_that_is_set_back_an_hour(path: Path, tmp_path: Path) -> None:
    """How long the step took nobody knows, so counts may differ; what is wrong does not."""
    frames = sorted(frames_of(path))
    middle = range(len(frames) // 3, 2 * len(frames) // 3)
    step = min(middle, key=lambda at: frames[at][0] - frames[at - 1][0])
    late = [(at - 3600 * 10**9, frame) for at, frame in frames[step:]]
    [name] = written(tmp_path, [[*frames[:step], *late]])
    reading = observe([name], Target())
    told = [
        (d.device.mac, d.verdict, d.best and d.best.cause)
        for d in diagnose(reading.observations, Target())
    ]
    before = diagnose(observed(path), Target())
    assert told == [(d.device.mac, d.verdict, d.best and d.best.cause) for d in before]
    [coverage] = [o for o in reading.observations if o.fact == "capture.coverage"]
    assert "clock went back" in coverage.text("cannot_show")


UNDECIDABLE = {
    ("only_from_the_device", "recorded-address_conflict"): "the rival's packets are not there",
    ("only_from_the_device", "recorded-id_twice"): "the twin's packets are not there",
    ("only_from_the_device", "recorded-rogue_dhcp_server"): "the rogue's offer is not there",
    ("only_from_the_device", "recorded-pair_rogue_port_dropped"): "the rogue's offer is not there",
    ("only_into_the_router", "recorded-rogue_dhcp_server"): "the rogue's offer is not there",
    ("only_into_the_router", "recorded-pair_rogue_port_dropped"): "the rogue's offer is not there",
    ("only_to_the_device", "recorded-port_dropped_for_a_while"): "the lost SYNs are not there",
    ("only_out_of_the_router", "recorded-port_dropped_for_a_while"): "the lost SYNs are not there",
}
"""Change and capture → why what is left of it looks like something else to any reader."""

PAIRS = [
    (name, capture)
    for name, change in CHANGES.items()
    for capture in labelled()
    if change.applies_to(capture) and (name, capture.name) not in UNDECIDABLE
]


@pytest.mark.parametrize(
    ("name", "capture"),
    [
        pytest.param(
            *pair,
            id=f"{pair[0]}-{pair[1].name}",
            marks=[pytest.mark.slow] if pair[1].name.startswith("recorded") else [],
        )
        for pair in PAIRS
    ],
)
def test_a_change_that_means_nothing_changes_no_answer(name: str, capture: Labelled) -> None:
    assert holds(capture, CHANGES[name]) == ""
