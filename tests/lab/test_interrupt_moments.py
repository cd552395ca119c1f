"""Ctrl-C at any moment of a live run and of a recording, in a small network: an answer, and files
that are whole.

Some moments of each; with NETCHECK_INTERRUPTS=full 100 of each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from netcheck.capture.files.stream import open_capture
from tests.helpers.interrupted import Ended, check_answer, check_moments
from tests.lab import requirements
from tests.lab.namespace import Namespace

pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("interrupt")]


@pytest.fixture
def computer(clean: None) -> Iterator[Namespace]:
    """One computer, with an address, a gateway that is not there and packets to record."""
    namespace = Namespace("moments")
    try:
        namespace.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
        for name in ("eth0", "eth1"):
            namespace.ip("link", "set", name, "up")
        namespace.ip("address", "add", "192.0.2.7/24", "dev", "eth0")
        namespace.ip("route", "add", "default", "via", "192.0.2.1")
        yield namespace
    finally:
        namespace.remove()


def check_recording(ended: Ended, folder: Path) -> None:
    """One whole JSON document, a recording that is whole, and no other file; a sentence where
    nothing was recorded.
    """
    assert ended.code == 0
    document = json.loads(ended.out)
    assert [file.name for file in folder.iterdir()] == ["x.pcapng"]
    recording = open_capture(str(folder / "x.pcapng"))
    packets = len(list(recording))
    assert recording.problems == []
    assert packets == document["recording"]["packets"]
    assert (folder / "x.pcapng").stat().st_size == document["recording"]["size_bytes"]


def test_a_live_run(computer: Namespace, tmp_path: Path) -> None:
    command = ["--budget", "3", "--serial", "none", "--json", "--save", "saved.jsonl"]
    inside = computer.command()
    check_moments("live", command, tmp_path, check_answer, few=1, inside=inside)


def test_a_recording(computer: Namespace, tmp_path: Path) -> None:
    computer.start("ping", "-i", "0.05", "192.0.2.1")
    command = ["record", "eth0", "--for", "2", "--json", "--write", "x.pcapng"]
    inside = computer.command()
    check_moments("record", command, tmp_path, check_recording, few=1, inside=inside)
