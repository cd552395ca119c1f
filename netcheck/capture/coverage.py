"""The time that each file spans, and what it cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netcheck.capture.observations import SECOND_NS, PacketRef, observed
from netcheck.capture.records import CaptureRecord
from netcheck.model import NETWORK, Observation, Outcome

LINK_NAMES = {
    0: "NULL",
    1: "EN10MB",
    101: "RAW",
    105: "IEEE802_11",
    108: "LOOP",
    113: "LINUX_SLL",
    127: "IEEE802_11_RADIO",
    192: "PPI",
    276: "LINUX_SLL2",
}
"""Link type → its name at tcpdump.org/linktypes.html."""


def read_coverage(record: CaptureRecord, *, photons_left_out: int = 0) -> Iterator[Observation]:
    """One observation for each file. `photons_left_out`: clients that may be Photons beyond the
    most that are judged.
    """
    left_out = [_left_out(kind, count) for kind, count in sorted(record.left_out.items())]
    if photons_left_out:
        left_out.append(
            f"{photons_left_out} more clients may be Photons and were not judged: name yours with"
            " --device"
        )
    for file in record.files:
        yield observed(
            "capture.coverage",
            Outcome.OK,
            subject=NETWORK,
            target=file.source,
            at_ns=file.first_ns,
            end_ns=file.last_ns,
            data=[
                ("link", " ".join(LINK_NAMES.get(link, str(link)) for link in file.links)),
                ("span_s", round((file.last_ns - file.first_ns) / SECOND_NS, 3)),
                ("packets", file.packets),
                ("relevant", file.relevant),
                ("cannot_show", " | ".join((*file.limits, *left_out))),
            ],
            packets=[PacketRef(file.first_ns, file.source, 1)],
        )


def _left_out(kind: str, count: int) -> str:
    """In words, what was counted of a kind, but not read."""
    if kind == "tcp to the cloud":
        return (
            f"{count} packets of connections to the cloud, neither the first nor the newest, were"
            " counted, but not read"
        )
    if kind == "wifi":
        return f"{count} more Wi-Fi frames were counted, but not read"
    return f"{count} more {kind} messages from other traffic were counted, but not read"


def limits_of(
    *, snaplen_cut: int, backward_steps: int, protected: int, problems: Iterable[str]
) -> tuple[str, ...]:
    """In words, what a file cannot show."""
    limits = list(problems)
    if snaplen_cut:
        limits.append(
            f"{snaplen_cut} packets were cut short by the capture's length limit: the content after"
            " the cut could not be seen"
        )
    if backward_steps:
        limits.append(
            f"its clock went back {backward_steps} times: do not trust the times around these steps"
        )
    if protected:
        limits.append(
            f"{protected} frames are encrypted by Wi-Fi: nothing after the join can be read"
        )
    return tuple(limits)
