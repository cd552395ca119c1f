"""From tables, filled in any order, to one record: sorted by time, and without what two capture
points or a mirror port saw twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import accumulate
from typing import TypeVar

from netcheck.capture.protocols.wifi_frames import EVERYBODY, JoinFrame
from netcheck.capture.records import CapturedMessage, CaptureRecord, FileCoverage, TcpSegment
from netcheck.capture.tables import Tables

MIRROR_NS = 5_000_000
"""Two equal packets closer than this are one packet seen twice (mirror port, `any` interface)."""
SLACK_NS = 1_000_000_000
"""Files that overlap by less than this are pieces of one capture, cut by time."""

T = TypeVar("T", CapturedMessage, TcpSegment)


def in_order(tables: Tables) -> CaptureRecord:
    """The record of these tables, which stay as they are."""
    overlapping = _is_overlapping(tables.files)

    def once(messages: list[CapturedMessage]) -> tuple[CapturedMessage, ...]:
        return tuple(_once(messages, _message_key, overlapping=overlapping))

    return CaptureRecord(
        cloud_name=tables.cloud_name,
        cloud_port=tables.cloud_port,
        arp=once(tables.arp),
        dhcp=once(tables.dhcp),
        dns=once(tables.dns),
        icmp=once(tables.icmp),
        udp=once(tables.udp),
        conversations={
            key: tuple(_once(tables.conversations[key], _segment_key, overlapping=overlapping))
            for key in sorted(tables.conversations)
        },
        senders=dict(tables.senders),
        unicast=frozenset(tables.unicast),
        networks=tuple(
            sorted(tables.wifi.networks.values(), key=lambda s: (s.at_ns, s.source, s.number))
        ),
        join_frames={
            station: tuple(_join_frames_once(frames))
            for station, frames in tables.wifi.stations.items()
            if station != EVERYBODY
        },
        farewells=tuple(_join_frames_once(tables.wifi.stations.get(EVERYBODY, ()))),
        wifi_data={station: tuple(sorted(frames)) for station, frames in tables.wifi.data.items()},
        files=tuple(sorted(tables.files, key=lambda file: (file.first_ns, file.source))),
        left_out=dict(tables.left_out + Counter({"wifi": tables.wifi.left_out})),
        cut_ns=dict(tables.cut_ns),
    )


def _message_key(captured: CapturedMessage) -> Hashable:
    message = captured.message
    return message.src, message.dst, message.ip_id, message.body


def _segment_key(segment: TcpSegment) -> Hashable:
    return segment.up, segment.flags, segment.seq, segment.ack, segment.length, segment.ip_id


def _is_overlapping(files: Iterable[FileCoverage]) -> bool:
    """Did two capture points see the same time? Pieces of one capture cut by time did not."""
    spans = sorted((f.first_ns, f.last_ns) for f in files if f.packets)
    ends = accumulate((last for _, last in spans), max)
    return any(first < end - SLACK_NS for (first, _), end in zip(spans[1:], ends, strict=False))


def _once(packets: Iterable[T], key: Callable[[T], Hashable], *, overlapping: bool) -> Iterator[T]:
    """The packets in order of time, each once.

    Within one file equal packets are one if they are closer than MIRROR_NS: later ones are
    retransmissions and count. Between files of the same time, the n-th of one file is the n-th of
    the other, however their clocks differ.
    """
    last: dict[tuple[str, Hashable], int] = {}
    seen_here: Counter[tuple[str, Hashable]] = Counter()
    given: Counter[Hashable] = Counter()
    for packet in sorted(packets, key=_place):
        content = key(packet)
        here = (packet.source, content)
        before = last.get(here)
        last[here] = packet.at_ns
        if before is not None and packet.at_ns - before <= MIRROR_NS:
            continue
        seen_here[here] += 1
        if overlapping and seen_here[here] <= given[content]:
            continue
        given[content] += 1
        yield packet


def _place(packet: CapturedMessage | TcpSegment) -> tuple[int, str, int]:
    return packet.at_ns, packet.source, packet.number


def _join_frames_once(frames: Iterable[JoinFrame]) -> Iterable[JoinFrame]:
    """In order of time; what two monitors received, or was sent again at once, counts once."""
    found: list[JoinFrame] = []
    seen: dict[Hashable, tuple[int, int]] = {}
    for frame in sorted(frames):
        content = (frame.kind, frame.bssid, frame.up, frame.code, frame.ssid)
        at, before = seen.get(content, (0, None))
        if before is None or frame.at_ns - before > MIRROR_NS:
            at = len(found)
            found.append(frame)
        else:
            first = found[at]
            found[at] = first._replace(
                is_acked=first.is_acked or frame.is_acked, retries=first.retries + frame.is_retry
            )
        seen[content] = at, frame.at_ns
    return found
