"""An evidence capture holds the packets that the answer cites, and says what each shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.capture.files.stream import open_capture
from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.model import Device, Diagnosis, Target
from netcheck.recording.pcapng import evidence
from tests.helpers.places import CAPTURES, RECORDED, SAMPLES

FILES = [*sorted(SAMPLES.glob("*.pcap")), *sorted(CAPTURES.glob("*.pcap*"))]
EVERY = [*FILES, *sorted(RECORDED.glob("*.pcap")), *sorted((CAPTURES / "wifi").glob("*.pcap*"))]
SAYS = re.compile(rb"([\w.-]+) packet ([0-9]+)\n")


@cache
def titles() -> Mapping[str, str]:
    return {cause.id: cause.title for cause in load().causes.values()}


def judged(path: Path) -> list[Diagnosis]:
    return diagnose(observe([str(path)], Target()).observations, Target())


def written(path: Path, *devices: Device) -> bytes:
    shows = evidence.cited(judged(path), titles())
    return b"".join(evidence.written([str(path)], shows, Target(), devices))


def packets(content: bytes) -> set[tuple[str, int]]:
    return {(name.decode(), int(number)) for name, number in SAYS.findall(content)}


@pytest.mark.parametrize(
    "path",
    [pytest.param(one, marks=() if one in FILES else pytest.mark.slow) for one in EVERY],
    ids=lambda path: path.name,
)
def test_its_packets_are_those_that_the_answer_cites(path: Path) -> None:
    shows = evidence.cited(judged(path), titles())
    expected = {(name, number) for name, numbers in shows.items() for number in numbers}
    try:
        content = written(path)
    except evidence.NoPackets:
        content = b""
    assert packets(content) == expected


def read_by_tshark(file: Path, *fields: str) -> list[list[str]]:
    """The fields of each packet, as tshark prints them."""
    command = ["tshark", "-n", "-r", str(file), "-T", "fields", "-E", "separator=|"]
    done = subprocess.run(
        [*command, *(word for field in fields for word in ("-e", field))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [line.split("|", len(fields) - 1) for line in done.stdout.splitlines() if line]


@pytest.mark.skipif(not shutil.which("tshark"), reason="needs tshark")
@pytest.mark.slow
@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.name)
def test_tshark_reads_every_packet_that_the_report_names(path: Path, tmp_path: Path) -> None:
    shows = evidence.cited(judged(path), titles())
    expected = {(name, number) for name, numbers in shows.items() for number in numbers}
    out = tmp_path / "evidence.pcapng"
    try:
        out.write_bytes(written(path))
    except evidence.NoPackets:
        assert not expected
        return
    assert written(path) == out.read_bytes()
    comments = [comment for (comment,) in read_by_tshark(out, "frame.comment")]
    found = [
        re.match(r"(.+?) packet ([0-9]+)\\n(?:For|Against|Step|Shows) ", one) for one in comments
    ]
    assert all(found), comments
    assert {(one[1], int(one[2])) for one in found if one} == expected
    assert len(comments) == len(expected)


@pytest.mark.skipif(not shutil.which("tshark"), reason="needs tshark")
def test_tshark_reads_packets_times_and_comments(tmp_path: Path) -> None:
    path, out = RECORDED / "port_dropped.pcap", tmp_path / "evidence.pcapng"
    out.write_bytes(written(path))
    lines = read_by_tshark(out, "frame.time_epoch", "tcp.dstport", "frame.comment")
    times = {packet.number: packet.at_ns for packet in open_capture(str(path))}
    for at, _, comment in lines:
        found = re.match(r"port_dropped.pcap packet ([0-9]+)", comment)
        assert found is not None
        assert abs(float(at) - times[int(found[1])] / 1e9) < 1e-5
    syns = [comment for _, port, comment in lines if port == "5683"]
    assert 'For "Outbound TCP port 5683 is blocked"' in syns[0]


def test_of_others_nothing_is_written_where_one_device_is_asked_about() -> None:
    path = CAPTURES / "two_devices_one_bad_key.pcap"
    both = [one for one in judged(path) if one.device.mac]
    mine, other = (one.device for one in both[:2])
    content = written(path, mine)
    assert content
    assert bytes.fromhex((other.mac or "").replace(":", "")) not in content


def test_nothing_to_cite_is_a_sentence() -> None:
    with pytest.raises(evidence.NoPackets, match="holds no packet"):
        list(evidence.written([str(RECORDED / "port_dropped.pcap")], {}, Target()))


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("a.pcap#1,3-4", [("a.pcap", [1]), ("a.pcap", [3, 4])]),
        ("a.pcap#1; b#c.pcap#2", [("a.pcap", [1]), ("b#c.pcap", [2])]),
        ("serial:c", []),
        ("blocked.log:26", []),
        ("a.pcap#", []),
        ("a.pcap#9-3", [("a.pcap", [])]),
    ],
)
def test_references_are_read(ref: str, expected: list[tuple[str, list[int]]]) -> None:
    assert [(name, list(numbers)) for name, numbers in evidence.packets_of(ref)] == expected


def test_a_reference_to_very_many_packets_is_bounded() -> None:
    [(_, numbers)] = evidence.packets_of("a.pcap#1-999999999999")
    assert len(numbers) <= evidence.MOST_PACKETS + 1
