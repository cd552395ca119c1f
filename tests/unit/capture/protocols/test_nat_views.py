"""A capture from beyond the router adds no device; it may only part look-alikes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Owner, Target
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.places import CAPTURES, RECORDED

ROWS = [
    row
    for row in json.loads((CAPTURES / "truth.json").read_text())
    if row["device_ip"] and row["device_ran"]
]
OUTER_IP = bytes((203, 0, 113, 7))
ROUTER_WAN = bytes.fromhex("02000000aa01")
ISP = bytes.fromhex("02000000bb01")
CLOCK_OFF_NS = 3_000_000
DROPPED_INSIDE = {
    "tcp_drop.pcap",
    "tcp_rst.pcapng",
    "tcp_admin_prohibited.pcapng",
    "proxy_silent.pcap",
}


def translated(frame: bytes, lan: bytes) -> bytes | None:
    """The frame as it looks beyond a router with address translation; None if it does not go
    there.
    """
    if frame[12:14] != b"\x08\x00" or frame[23] not in (6, 17):
        return None
    src, dst, rest = frame[26:30], frame[30:34], frame[34:]
    goes_out = src[:3] == lan and dst[:3] != lan and dst[0] < 224
    comes_in = dst[:3] == lan and src[:3] != lan
    if goes_out:
        return (
            ISP
            + ROUTER_WAN
            + frame[12:22]
            + bytes((frame[22] - 1,))
            + frame[23:26]
            + OUTER_IP
            + dst
            + rest
        )
    if comes_in:
        return (
            ROUTER_WAN
            + ISP
            + frame[12:22]
            + bytes((frame[22] + 1,))
            + frame[23:26]
            + src
            + OUTER_IP
            + rest
        )
    if rest[:2] == b"\0\x35" or rest[2:4] == b"\0\x35":
        return forwarded(frame, rest, to_resolver=dst[:3] == lan and rest[2:4] == b"\0\x35")
    return None


def forwarded(frame: bytes, rest: bytes, *, to_resolver: bool) -> bytes:
    """A look-up as the router's own resolver passes it on: another id and port, to a resolver
    outside.
    """
    upstream = bytes((9, 9, 9, 9))
    ident = bytes((rest[8] ^ 0x5A, rest[9]))
    ports = b"\x9c\x40\0\x35" if to_resolver else b"\0\x35\x9c\x40"
    body = ports + rest[4:8] + ident + rest[10:]
    if to_resolver:
        return ISP + ROUTER_WAN + frame[12:26] + OUTER_IP + upstream + body
    return ROUTER_WAN + ISP + frame[12:26] + upstream + OUTER_IP + body


def beyond(row: dict[str, object], folder: Path) -> str:
    """A capture from the far side of the router for a capture from the near side."""
    lan = bytes(int(part) for part in str(row["device_ip"]).split(".")[:3])
    frames = []
    for at_ns, frame in frames_of(CAPTURES / str(row["file"])):
        if (
            row["file"] in DROPPED_INSIDE
            and frame[23:24] == b"\6"
            and b"\x16\x33" in (frame[34:36], frame[36:38])
        ):
            continue
        outside = translated(frame, lan)
        if outside is not None:
            frames.append((at_ns + CLOCK_OFF_NS, outside))
    name = folder / "beyond.pcap"
    name.write_bytes(pcap(frames))
    return str(name)


def diagnosed(names: list[str]) -> list[Diagnosis]:
    return diagnose(observe(names, Target()).observations, Target())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['file']}-{row['device_ip']}")
def test_a_second_side_is_no_second_device(row: dict[str, object], tmp_path: Path) -> None:
    inner = str(CAPTURES / str(row["file"]))
    before, after = diagnosed([inner]), diagnosed([inner, beyond(row, tmp_path)])
    assert [d.device for d in after] == [d.device for d in before]
    for old, new in zip(before, after, strict=True):
        assert new.verdict is old.verdict
        assert [(rung.stage, rung.state) for rung in new.ladder] == [
            (rung.stage, rung.state) for rung in old.ladder
        ]
        was = [f.cause for f in old.findings if f.level in STANDING]
        now = [f.cause for f in new.findings if f.level in STANDING]
        assert set(now) <= set(was)
        assert now[:1] == was[:1]


def test_what_never_left_the_router_was_answered_inside(tmp_path: Path) -> None:
    row = next(row for row in ROWS if row["file"] == "tcp_drop.pcap")
    [diagnosis] = diagnosed([str(CAPTURES / "tcp_drop.pcap"), beyond(row, tmp_path)])
    says = [e.clue.says for e in diagnosis.findings[0].support]
    assert any("never appeared beyond the router" in text for text in says)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if not r["healthy"] and "key" in r["file"]], ids=lambda row: row["file"]
)
def test_the_far_side_alone_shows_the_same_fault(row: dict[str, object], tmp_path: Path) -> None:
    [diagnosis, *_] = [d for d in diagnosed([beyond(row, tmp_path)]) if d.findings]
    assert diagnosis.device.mac is None, "the frames carry the router's MAC"
    assert diagnosis.device.ip == "203.0.113.7"
    assert diagnosis.findings[0].cause in row["accept"]  # type: ignore[operator]  # a list in the JSON


def test_a_capture_from_outside_alone_blames_what_is_outside() -> None:
    [one] = diagnose(
        observe([str(RECORDED / "port_dropped_outside.pcap")], Target()).observations, Target()
    )
    assert one.findings[0].cause == "cloud_port_blocked"
    assert one.owner is Owner.ISP
