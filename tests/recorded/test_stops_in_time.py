"""Each recorded scenario, heard little by little: the recording stops in time, and what it holds
then gives the right answer.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from netcheck.capture.files.stream import Packet, open_capture
from netcheck.capture.read import read
from netcheck.capture.records import CapturedMessage, FileCoverage
from netcheck.capture.tables import Tables
from netcheck.correlator import diagnose
from netcheck.model import Observation, Target
from netcheck.recording.settled import settled
from netcheck.wire.decode import decode
from tests.helpers.places import RECORDED
from tests.helpers.recorded import NAMES, first_device
from tests.lab.judge import Truth, complaints

SECOND_NS = 10**9
LOOK_EVERY_NS = 2 * SECOND_NS
"""As `netcheck record` looks."""

TOO_SHORT = {
    "closed_after_hello": "12 s long, and each try takes one",
    "id_twice": "12 s long, and each try takes one",
    "healthy_begun_late": "begins when the session is up: there is no attempt in it",
}
"""Scenarios in which the question is never settled."""

SECOND_FAULT_COMES_LATER = {
    "pair_proxy_test_blocked": (
        "the device makes the test that the second fault fails only now and then; it does not stop"
        " the connection"
    ),
}


def heard_until(
    packets: list[Packet], first_ns: int, until_ns: int, target: Target
) -> list[Observation]:
    """What the packets until then show, to somebody who listened until then."""
    tables = Tables(cloud_name=target.cloud_host, cloud_port=target.cloud_port)
    heard = [packet for packet in packets if packet.at_ns <= until_ns]
    for packet in heard:
        if message := decode(packet.link, packet.frame):
            tables.add(CapturedMessage(packet.at_ns, "x", packet.number, message))
    count = len(heard)
    tables.files.append(
        FileCoverage(
            source="x",
            first_ns=first_ns,
            last_ns=until_ns,
            packets=count,
            relevant=count,
            links=(1,),
        )
    )
    return read(tables, target)


@pytest.mark.parametrize("name", NAMES)
def test_it_stops_in_time_with_the_right_answer(name: str) -> None:
    target, capture = first_device(name), open_capture(str(RECORDED / f"{name}.pcap"))
    packets = list(capture)
    assert capture.first_ns is not None and capture.last_ns is not None
    looks = range(capture.first_ns + LOOK_EVERY_NS, capture.last_ns + LOOK_EVERY_NS, LOOK_EVERY_NS)
    for until_ns in looks:
        observations = heard_until(
            packets, capture.first_ns, min(until_ns, capture.last_ns), target
        )
        diagnoses = diagnose(observations, target)
        if settled(observations, diagnoses, until_ns / SECOND_NS):
            break
    else:
        assert name in TOO_SHORT
        return
    assert name not in TOO_SHORT
    truth = Truth.load(json.loads(Path(RECORDED / f"{name}.json").read_text()))
    wrong = complaints(msgspec.to_builtins(diagnoses[0]), truth)
    assert wrong == [] or name in SECOND_FAULT_COMES_LATER
    assert not [one for one in wrong if not one.startswith("nothing of ")]
