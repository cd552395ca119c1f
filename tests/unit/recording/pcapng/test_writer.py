"""Is a recording whole at every moment, read back as it was written, and nobody else's?"""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcheck.capture.files.stream import open_capture
from netcheck.recording.interfaces import CannotRecord
from netcheck.recording.pcapng import blocks
from netcheck.recording.pcapng.writer import Writer
from tests.helpers.packets import SYN_FRAME

T0_NS = 1_750_000_000 * 10**9
SECOND_NS = 10**9
TIMES = st.integers(0, (1 << 64) - 1)  # until the year 2554, as a time in nanoseconds has 64 bits


@given(
    st.lists(st.tuples(TIMES, st.integers(0, 300), st.integers(0, 5000)), min_size=1, max_size=20),
    st.text(max_size=40),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back(
    tmp_path: Path, packets: list[tuple[int, int, int]], name: str
) -> None:
    written = [
        (at_ns, SYN_FRAME + bytes(more), len(SYN_FRAME) + more + cut)
        for at_ns, more, cut in packets
    ]
    path = tmp_path / "x.pcapng"
    path.write_bytes(
        blocks.section("test")
        + blocks.interface(1, name)
        + b"".join(blocks.packet(*one) for one in written)
    )
    capture = open_capture(str(path))
    assert [(packet.at_ns, packet.frame, packet.wire_len) for packet in capture] == written
    assert (capture.problems, capture.snaplen_cut) == ([], 0)


def test_after_every_step_the_file_is_whole_and_says_how_long_was_listened(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    spans = []
    with Writer(str(path), 1, "eth0", T0_NS) as writer:
        for step in range(1, 4):
            writer.add(T0_NS + step * SECOND_NS, SYN_FRAME, 60)
            writer.tell(T0_NS + step * SECOND_NS + 5, received=9 * step, lost=0, comment="tëst")
            capture = open_capture(str(path))
            assert len(list(capture)) == step == writer.packets
            assert capture.problems == []
            assert writer.size_bytes == path.stat().st_size
            spans.append((capture.first_ns, capture.last_ns))
    assert spans == [(T0_NS, T0_NS + step * SECOND_NS + 5) for step in range(1, 4)]


def test_lost_packets_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    with Writer(str(path), 1, "eth0", T0_NS) as writer:
        writer.add(T0_NS, SYN_FRAME, 54)
        writer.tell(T0_NS, received=9, lost=3)
        writer.tell(T0_NS, received=19, lost=4)
    capture = open_capture(str(path))
    list(capture)
    assert capture.problems == [
        "4 packets were lost where this was captured: what seems to be missing may have been among"
        " them."
    ]


def test_a_recording_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    with Writer(str(path), 1, "eth0", T0_NS):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("user", "group", "owner"),
    [("1234", "2345", (1234, 2345)), ("", "", None), ("x", "1", None), ("9" * 30, "1", None)],
)
def test_under_sudo_it_belongs_to_whoever_typed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    group: str,
    owner: tuple[int, int] | None,
) -> None:
    given_to = []

    def give(_: int, user: int, group: int) -> None:
        if user > 1 << 32:
            raise OverflowError
        given_to.append((user, group))

    monkeypatch.setenv("SUDO_UID", user)
    monkeypatch.setenv("SUDO_GID", group)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", give)
    with Writer(str(tmp_path / "x.pcapng"), 1, "eth0", T0_NS):
        pass
    assert given_to == ([owner] if owner else [])


def test_a_file_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    path.write_text("mine")
    with pytest.raises(
        CannotRecord, match=r"exists already and is not overwritten: name another file with --write"
    ):
        Writer(str(path), 1, "eth0", T0_NS)
    assert path.read_text() == "mine"


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRecord, match="cannot be written"):
        Writer(str(tmp_path / "missing" / "x.pcapng"), 1, "eth0", T0_NS)


def test_a_full_disk_leaves_what_was_written_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.pcapng"
    really = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) < 50:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really(descriptor, bytes(data)[:50])

    with Writer(str(path), 1, "eth0", T0_NS) as writer:
        writer.add(T0_NS, SYN_FRAME, 54)
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(CannotRecord, match="No space left on device"):
            writer.add(T0_NS, SYN_FRAME, 54)
    capture = open_capture(str(path))
    assert (len(list(capture)), capture.problems) == (1, [])
