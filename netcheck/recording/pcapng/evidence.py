"""The packets that a diagnosis cites, each with a comment that says what it shows: a small pcapng
for whoever doubts the answer.

Written is of each packet what an analysis reads (`trim`), so that no key, password or content is in
it. Packets of a file keep their order and their times; what they were numbered there stands in the
comment.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from netcheck import __version__
from netcheck.capture.files.stream import open_capture
from netcheck.capture.files.tally import CaptureError, Packet
from netcheck.capture.many import labels
from netcheck.files import MARK
from netcheck.model import STANDING, Device, Diagnosis, Level, Target
from netcheck.recording.pcapng import blocks
from netcheck.recording.trim import Trim
from netcheck.text.escape import safe
from netcheck.wire.decode import Arp, Dhcp, decode

MOST_PACKETS = 2_000
_MOST_COMMENTS = 4
_COMMENT_LIMIT = 300
_RANGES = re.compile(r"[0-9]{1,12}(?:-[0-9]{1,12})?(?:,[0-9]{1,12}(?:-[0-9]{1,12})?)*")

Cited = Mapping[str, Mapping[int, Sequence[str]]]
"""File → packet → what it shows."""


class NoPackets(Exception):
    """There is nothing to write; the text says why."""


def cited(diagnoses: Iterable[Diagnosis], titles: Mapping[str, str]) -> Cited:
    """The packets that speak for the causes that stand, or against those that were ruled out, and
    those by which the rungs were decided.
    """
    found: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in diagnoses:
        for finding in one.findings:
            title = titles.get(finding.cause, finding.cause)
            if finding.level in STANDING or finding.level is Level.CONTESTED:
                for evidence in finding.support:
                    for o in evidence.seen:
                        _note(found, o.ref, f'For "{title}": {evidence.clue.says}')
            for evidence in finding.oppose:
                for o in evidence.seen:
                    _note(found, o.ref, f'Against "{title}": {evidence.clue.says}')
        for rung in one.ladder:
            for o in rung.because:
                _note(found, o.ref, f"Step {rung.stage.value}: {rung.state.value}")
    return found


def _note(found: dict[str, dict[int, list[str]]], ref: str, says: str) -> None:
    for source, numbers in packets_of(ref):
        for number in numbers:
            said = found[source][number]
            if says not in said and len(said) < _MOST_COMMENTS:
                said.append(says)


def packets_of(ref: str) -> Iterator[tuple[str, range]]:
    """File and packet numbers that a reference names: `lobby.pcap#12,15-17`, several parted by
    "; ".
    """
    for part in ref.split("; "):
        source, mark, numbers = part.rpartition("#")
        if not mark or not _RANGES.fullmatch(numbers):
            continue
        for piece in numbers.split(","):
            first, _, last = piece.partition("-")
            begin, end = int(first), int(last or first)
            yield source, range(begin, min(end, begin + MOST_PACKETS) + 1)


def written(
    paths: Sequence[str], shows: Cited, target: Target, devices: Sequence[Device] = ()
) -> Iterator[bytes]:
    """The blocks of the pcapng, at most MOST_PACKETS packets. `devices`: those that it is about; of
    others nothing is written then but what names one of them. Raises NoPackets, and CaptureError
    for a file that cannot be read again.
    """
    mac = devices[0].mac or "" if len(devices) == 1 else ""
    yield blocks.section(f"netcheck {__version__}, {MARK.decode()}evidence")
    interfaces: dict[tuple[str, int], int] = {}
    count = 0
    for path, label in zip(paths, labels(paths), strict=True):
        wanted = shows.get(label, {})
        if not wanted:
            continue
        trim = Trim(target.cloud_host, target.cloud_port, mac)
        for packet in open_capture(path, cloud_port=target.cloud_port):
            kept = trim.kept(packet.link, packet.frame)
            says = wanted.get(packet.number)
            if says is None or kept is None or count >= MOST_PACKETS:
                continue
            if devices and not any(_is_about(packet, device) for device in devices):
                continue
            key = (label, packet.link)
            if key not in interfaces:
                interfaces[key] = len(interfaces)
                yield blocks.interface(packet.link, safe(label, 100))
            comment = f"{label} packet {packet.number}\n" + "\n".join(says)
            yield blocks.packet(
                packet.at_ns,
                kept,
                max(packet.wire_len, len(kept)),
                interface_number=interfaces[key],
                comment="\n".join(safe(line, _COMMENT_LIMIT) for line in comment.split("\n")),
            )
            count += 1
    if not count:
        raise NoPackets("holds no packet, since the answer cites none of a capture given here")


def _is_about(packet: Packet, device: Device) -> bool:
    """Is the device one end, or does a message to everybody name it?"""
    message = decode(packet.link, packet.frame)
    if message is None or not device.mac or message.src_mac is None:
        return True
    if device.mac in (message.src_mac, message.dst_mac):
        return True
    match message.body:
        case Arp() as arp:
            return device.ip in (arp.sender_ip, arp.target_ip)
        case Dhcp() as dhcp:
            return dhcp.client_mac == device.mac
        case _:
            return False


__all__ = ["CaptureError", "NoPackets", "cited", "packets_of", "written"]
