"""How an observation names its packets, and its times."""

from __future__ import annotations

import pytest

from netcheck.capture.observations import MAX_PACKETS_NAMED, PacketRef, observed, reference
from netcheck.model import Outcome


@pytest.mark.parametrize(
    ("packets", "text"),
    [
        ([], ""),
        ([("a", 3)], "a#3"),
        ([("a", 3), ("a", 4)], "a#3-4"),
        ([("a", 4), ("a", 3), ("a", 3), ("a", 6)], "a#3-4,6"),
        ([("a", 1), ("a", 2), ("a", 3), ("a", 7), ("a", 9), ("a", 10)], "a#1-3,7,9-10"),
        ([("b", 1), ("a", 2)], "a#2; b#1"),
        ([("a", number) for number in range(1, 20)], f"a#1-{MAX_PACKETS_NAMED}"),
    ],
)
def test_the_reference(packets: list[tuple[str, int]], text: str) -> None:
    assert reference(PacketRef(0, source, number) for source, number in packets) == text


def test_the_first_packet_names_the_source_and_no_time_is_negative() -> None:
    packets = [PacketRef(5, "b", 1), PacketRef(3, "a", 2)]
    one = observed(
        "gateway.arp", Outcome.OK, subject="s", at_ns=2_000_000_900, end_ns=1, packets=packets
    )
    assert (one.source, one.ref, one.at, one.took_s) == ("capture:b", "a#2; b#1", 2.000001, 0)
    bare = observed("gateway.arp", Outcome.OK, subject="s", at_ns=1)
    assert (bare.source, bare.ref, bare.took_s) == ("capture:", "", None)
