"""`netcheck record` as it is typed: what it refuses, what it hands on, what it prints. The
recording itself is a stand-in.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from netcheck.app import commands
from netcheck.recording import interfaces, recorder, sniffer
from netcheck.recording.interfaces import CannotRecord, Place
from netcheck.recording.recorder import Recording, RecordingRequest, Stopped
from netcheck.wire.links import COOKED, IPV4, locate
from tests.helpers.places import SAMPLES

CAPTURE = SAMPLES / "blocked_port.pcap"
Run = Callable[..., "Ended"]


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[RecordingRequest]:
    """What was requested of the recorder, which records a sample."""
    requests: list[RecordingRequest] = []

    def record(
        place: Place,
        request: RecordingRequest,
        say: Callable[[str], None],
        stop: threading.Event,
        give_up_rights: Callable[[], None],
        tick: Callable[[], None],
    ) -> Recording:
        assert not stop.is_set()
        give_up_rights()
        requests.append(request)
        say("Recording.")
        tick()
        shutil.copyfile(CAPTURE, request.path)
        return Recording(
            path=request.path,
            interface=place.name,
            stopped=Stopped.SETTLED,
            seconds=34.2,
            received=90,
            packets=87,
            lost=2,
            size_bytes=9400,
            why=("cloud_port_blocked is likely, seen in 3 of 3 tries",),
            notes=("This place hears little.",),
        )

    monkeypatch.setattr(recorder, "record", record)
    monkeypatch.setattr(interfaces, "choose", lambda interface: Place(name=interface or "br0"))
    monkeypatch.chdir(tmp_path)
    return requests


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            commands.main(["record", *arguments])
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return run


def test_it_says_the_verdict_the_file_and_what_explains_it(
    run: Run, requests: list[RecordingRequest]
) -> None:
    ended = run("--write", "my file.pcapng")
    assert (ended.code, ended.err) == (0, "")
    verdict, _, *rest = ended.out.splitlines()
    assert verdict.startswith("fault: Photon 6c:0b:84:6e:93:cb")
    text = " ".join(rest)
    assert "Recorded my file.pcapng: 87 packets, 9 kB, 34 s on br0." in text
    assert "nothing more is needed: cloud_port_blocked is likely, seen in 3 of 3 tries." in text
    assert "2 packets came too fast and were lost." in text
    assert "This place hears little." in text
    assert rest[-1] == "Explained in full by: netcheck pcap 'my file.pcapng'"


def test_the_file_is_named_after_the_time_unless_said_otherwise(
    run: Run, requests: list[RecordingRequest]
) -> None:
    assert run("br1").code == 0
    assert re.fullmatch(r"netcheck-\d{8}-\d{6}\.pcapng", requests[0].path)
    assert (
        requests[0].seconds,
        requests[0].most_bytes,
        requests[0].whole,
        requests[0].target.device,
    ) == (
        300,
        20_000_000,
        False,
        "",
    )


def test_all_that_was_typed_is_handed_on(run: Run, requests: list[RecordingRequest]) -> None:
    ended = run(
        "--for",
        "60",
        "--most",
        "0.5",
        "--whole",
        "--device",
        "6C-0B-84-6E-93-CB",
        "--cloud",
        "10.0.0.5:8443",
        "--write",
        "x",
    )
    [request] = requests
    assert (request.seconds, request.most_bytes, request.whole) == (60, 500_000, True)
    assert (request.target.device, request.target.cloud_host, request.target.cloud_port) == (
        "6c:0b:84:6e:93:cb",
        "10.0.0.5",
        8443,
    )
    assert ended.out.splitlines()[-1].endswith(
        "netcheck pcap x --device 6c:0b:84:6e:93:cb --cloud 10.0.0.5:8443"
    )


def test_for_a_program_there_is_one_document(run: Run, requests: list[RecordingRequest]) -> None:
    ended = run("br1", "--json", "--write", "x.pcapng")
    document = json.loads(ended.out)
    assert (ended.code, ended.err, document["schema"]) == (0, "", "netcheck-record/1")
    assert document["recording"]["interface"] == "br1"
    assert document["recording"]["stopped"] == "settled"
    assert document["diagnoses"][0]["verdict"] == "fault"
    assert document["explain"] == "netcheck pcap x.pcapng"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--write", "-"], "cannot go to standard output"),
        (["--device", "1f0056dfe347343232361234"], "is a device id"),
        (["--device", "192.168.5.20"], "is an IP address"),
        (["--for", "0"], "--for"),
        (["--most", "0"], "--most"),
        (["--guide", "moon"], "--guide"),
        (["--cloud", "?"], "no host"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    run: Run, requests: list[RecordingRequest], arguments: list[str], says: str
) -> None:
    ended = run(*arguments)
    assert (ended.code, ended.out, requests) == (2, "", [])
    assert says in ended.err
    assert ended.err.count("\n") == 1


def test_what_cannot_be_recorded_is_one_sentence(
    run: Run, requests: list[RecordingRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Recording:
        raise CannotRecord("eth0 is gone.")

    monkeypatch.setattr(recorder, "record", refuse)
    assert run() == (2, "", "netcheck: eth0 is gone.\n")


@pytest.mark.parametrize("kind", ["router", "access-point", "hotspot"])
def test_a_guide_is_shown_on_any_system_and_records_nothing(
    run: Run, requests: list[RecordingRequest], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    ended = run("--guide", kind)
    assert (ended.code, ended.err, requests) == (0, "", [])
    assert "netcheck pcap" in ended.out


def test_a_hotspot_is_waited_for_and_has_more_time(
    run: Run, requests: list[RecordingRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(
        recorder,
        "await_hotspot",
        lambda interface, say, stop: Place(name="wlan7", is_wireless=True, serves=True),
    )
    assert "on wlan7" in run("--hotspot").out
    assert requests[0].seconds == 900


# ----------------------------------------------------------------------- what the kernel hands over


def auxiliary(status: int, tag: int, kind: int) -> list[tuple[int, int, bytes]]:
    return [(1, 35, bytes(16)), (263, 8, struct.pack("=IIIHHHH", status, 60, 60, 0, 0, tag, kind))]


@pytest.mark.parametrize(
    ("ancillary", "tag"),
    [
        (auxiliary(0x51, 100, 0x88A8), b"\x88\xa8\x00\x64"),
        (auxiliary(0x11, 7, 0), b"\x81\x00\x00\x07"),
        (auxiliary(0x01, 100, 0x8100), b""),
        ([(263, 8, b"short")], b""),
        ([], b""),
    ],
)
def test_a_tag_that_the_kernel_took_off_is_put_back(
    ancillary: list[tuple[int, int, bytes]], tag: bytes
) -> None:
    frame = bytes(range(60))
    assert sniffer.with_tag(frame, ancillary) == frame[:12] + tag + frame[12:]


def test_a_link_without_a_header_of_its_own_gets_one_that_is_read() -> None:
    packet = b"\x45" + bytes(30)
    frame = sniffer.cooked(("tun0", IPV4, 4, 65534, b"")) + packet
    place = locate(COOKED, frame)
    assert place is not None
    assert (place.ethertype, frame[place.offset :]) == (IPV4, packet)
