"""What tables take in: bounds, directions, fragments, and clocks that were set back."""

from __future__ import annotations

import pytest

from netcheck.capture.files.tally import LATEST_NS
from netcheck.capture.many import ClockSteps
from netcheck.capture.records import CapturedMessage, FileCoverage, FlowKey, Sender
from netcheck.capture.tables import KEPT_PAYLOAD, LIMITS, OF_PHOTONS, PER_CLIENT, Tables
from netcheck.wire.decode import ACK, SYN, Arp, Fragment, Message, Tcp
from netcheck.wire.fragments import MAX_DATAGRAM_BYTES, MAX_DATAGRAMS, MAX_PIECES

MAC, ROUTER_MAC, OTHER_MAC = "e0:4f:43:00:00:01", "c0:56:27:00:00:01", "3c:22:fb:00:00:01"
ONE, OTHER = "192.168.5.20", "54.1.2.3"


def arp(at_ns: int = 0, number: int = 1, mac: str = MAC) -> CapturedMessage:
    body = Arp(1, mac, ONE, "192.168.5.1")
    return CapturedMessage(at_ns, "x", number, Message(mac, ROUTER_MAC, "", "", 0, 0, body))


def tcp(
    sport: int,
    dport: int,
    flags: int = ACK,
    *,
    src: str = ONE,
    dst: str = OTHER,
    payload: bytes = b"",
    number: int = 1,
) -> CapturedMessage:
    body = Tcp(sport, dport, 1, 1, flags, 4608, None, False, len(payload), payload)
    return CapturedMessage(0, "x", number, Message(MAC, ROUTER_MAC, src, dst, 255, 1, body))


def test_one_client_has_so_much_room_and_keeps_its_newest() -> None:
    tables = Tables()
    for number in range(PER_CLIENT):
        tables.add(arp(number, number, OTHER_MAC))
    assert (len(tables.arp), dict(tables.left_out)) == (PER_CLIENT, {})
    tables.add(arp(PER_CLIENT, PER_CLIENT, OTHER_MAC))
    assert (len(tables.arp), dict(tables.left_out)) == (PER_CLIENT, {"arp": 1})
    assert [captured.number for captured in tables.arp][:: PER_CLIENT - 1] == [1, PER_CLIENT]
    assert tables.cut_ns == {"": 0}


def test_a_photon_has_three_quarters_of_the_room_of_a_kind() -> None:
    tables, most = Tables(), LIMITS["arp"] * 3 // 4
    for number in range(most + 1):
        tables.add(arp(number, number))
    assert len(tables.arp) == most
    assert dict(tables.left_out) == {f"arp {OF_PHOTONS}": 1}
    assert tables.cut_ns == {MAC: 0}


@pytest.mark.parametrize(
    ("sport", "dport", "flags", "is_up"),
    [
        (50000, 5683, SYN, True),
        (5683, 50000, SYN, False),
        (50000, 80, ACK, True),
        (53, 50000, ACK, False),
        (80, 5683, SYN, True),
        (80, 5683, SYN | ACK, False),
        (50000, 443, ACK, True),
        (5683, 443, SYN, True),
        (443, 5683, SYN | ACK, False),
        (443, 5683, ACK, False),
        (443, 50000, ACK, False),
        (443, 443, ACK, False),
        (443, 50000, SYN, True),
    ],
)
def test_who_is_the_client(sport: int, dport: int, flags: int, *, is_up: bool) -> None:
    tables = Tables()
    tables.add(tcp(sport, dport, flags))
    [(key, [segment])] = tables.conversations.items()
    assert segment.up is is_up
    assert key == (
        FlowKey(ONE, sport, OTHER, dport) if is_up else FlowKey(OTHER, dport, ONE, sport)
    )


@pytest.mark.parametrize("is_answered_first", [True, False])
def test_a_known_conversation_keeps_its_client(is_answered_first: bool) -> None:
    tables = Tables()
    tables.add(tcp(443, 50000, SYN))
    tables.add(tcp(50000, 443, src=OTHER, dst=ONE) if is_answered_first else tcp(443, 50000))
    [(key, segments)] = tables.conversations.items()
    assert key == FlowKey(ONE, 443, OTHER, 50000)
    assert [segment.up for segment in segments] == [True, not is_answered_first]


def test_content_is_kept_of_the_cloud_and_the_web_alone_and_so_much() -> None:
    tables = Tables()
    for port in (5683, 80, 443):
        for _ in range(3):
            tables.add(tcp(50000, port, payload=bytes(KEPT_PAYLOAD // 2 + 1)))
    kept = {
        key.server_port: [len(segment.payload) for segment in segments]
        for key, segments in tables.conversations.items()
    }
    half = KEPT_PAYLOAD // 2
    assert kept == {5683: [half + 1, half - 1, 0], 80: [half + 1, half - 1, 0], 443: [0, 0, 0]}


def piece(offset: int, payload: bytes, *, more: bool, ip_id: int = 7) -> CapturedMessage:
    body = Fragment(17, offset, more, payload)
    return CapturedMessage(0, "x", 1, Message(MAC, ROUTER_MAC, ONE, OTHER, 255, ip_id, body))


UDP = b"\x10\x00\x10\x01\x00\x10\x00\x00" + bytes(8)


def test_fragments_become_whole_in_any_order() -> None:
    tables = Tables()
    tables.add(piece(8, UDP[8:], more=False))
    assert tables.udp == []
    tables.add(piece(0, UDP[:8], more=True))
    assert len(tables.udp) == 1
    assert not tables.left_out


@pytest.mark.parametrize(
    ("size", "left_out"), [(MAX_DATAGRAM_BYTES, 0), (MAX_DATAGRAM_BYTES + 1, 1)]
)
def test_a_datagram_may_be_so_large(size: int, left_out: int) -> None:
    tables = Tables()
    tables.add(piece(8, bytes(size - 8), more=True))
    assert tables.left_out["fragments"] == left_out


def test_pieces_are_bounded() -> None:
    tables = Tables()
    for index in range(MAX_PIECES):
        tables.add(piece(8 + 8 * index, bytes(8), more=True))
    assert tables.left_out["fragments"] == 0
    tables.add(piece(8, b"another!", more=True))
    assert tables.left_out["fragments"] == MAX_PIECES + 1


def test_datagrams_under_way_are_bounded() -> None:
    tables = Tables()
    for ip_id in range(MAX_DATAGRAMS):
        tables.add(piece(8, bytes(8), more=True, ip_id=ip_id))
    assert tables.left_out["fragments"] == 0
    tables.add(piece(8, bytes(8), more=True, ip_id=MAX_DATAGRAMS))
    assert tables.left_out["fragments"] == 1


@pytest.mark.parametrize(
    ("times_s", "corrected_s"),
    [
        ([10, 11, 5, 6], [10, 11, 11, 12]),
        ([10, 9, 10], [10, 9, 10]),
        ([10, 5, 6, 1, 2], [10, 10, 11, 11, 12]),
        ([10, 5, 9, 4, 8, 3], [10, 5, 9, 4, 8, 3]),
    ],
)
def test_a_clock_that_was_set_back_is_corrected(times_s: list[int], corrected_s: list[int]) -> None:
    tables, steps = Tables(), ClockSteps()
    for number, at_s in enumerate(times_s, 1):
        steps.add(number, at_s * 10**9)
        tables.add(arp(at_s * 10**9, number))
    tables.files.append(FileCoverage("x", 0, 10**12, packets=len(times_s)))
    steps.correct(tables)
    assert [captured.at_ns // 10**9 for captured in tables.arp] == corrected_s


def test_a_correction_ends_where_the_calendar_does() -> None:
    tables, latest_s = Tables(), LATEST_NS // 10**9
    tables.add(arp((latest_s - 5) * 10**9, 1))
    tables.shift_forward(1, 60 * 10**9)
    assert [captured.at_ns for captured in tables.arp] == [LATEST_NS]


def test_senders_merge_to_the_widest_span() -> None:
    one, other = Tables(), Tables()
    one.add(tcp(50000, 443, number=5)._replace(at_ns=50))
    other.add(tcp(50000, 443, number=2)._replace(at_ns=20))
    other.add(tcp(50000, 443, number=3)._replace(at_ns=70))
    span = one.merge(other).senders[Sender("x", MAC, ONE)]
    assert (span.first_ns, span.last_ns, span.count, span.number) == (20, 70, 3, 2)
    assert span.ttls == {255: 3}
