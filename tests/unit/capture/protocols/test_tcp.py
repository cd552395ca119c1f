"""From segments to connections: bytes counted once, who closed, and how long an answer took."""

from __future__ import annotations

import pytest

from netcheck.capture.protocols.tcp import Connection, connections, relative, until
from netcheck.capture.records import FlowKey
from tests.helpers.segments import KEY, connection, segments


@pytest.mark.parametrize(
    ("seq", "base", "distance"),
    [
        (5, 3, 2),
        (3, 5, -2),
        (1, 0xFFFFFFFF, 2),
        (0xFFFFFFFF, 1, -2),
        (1 << 31, 0, -(1 << 31)),
        ((1 << 31) - 1, 0, (1 << 31) - 1),
    ],
)
def test_the_distance_of_sequence_numbers(seq: int, base: int, distance: int) -> None:
    assert relative(seq, base) == distance


@pytest.mark.parametrize(
    ("row", "up", "down"),
    [
        ("0 >S | .1 <SA | .2 >10 | .3 <20", 10, 20),
        ("0 >S | .1 <SA | .2 >10 | .3 >10r | .4 >5", 15, 0),
        ("0 >S | .1 <SA", 0, 0),
        ("0 >10 | .1 <20", 10, 20),
        ("0 >S | .1 <SA | .2 >10 | .3 >FA | .4 <A", 10, 0),
        ("0 >S | .1 <20", 0, 20),
        ("0 >A", 0, 0),
    ],
)
def test_bytes_count_once(row: str, up: int, down: int) -> None:
    one = connection(row)
    assert (one.up.length, one.down.length) == (up, down)


def test_what_the_other_side_acknowledged_was_sent() -> None:
    sent = segments("0 >S | .1 <SA | .2 >10 | .3 <A | .4 >5 | .5 <A")
    [one] = connections(KEY, [s for s in sent if s.number not in (3, 5)])
    assert (one.up.length, one.up.acked, one.up.arrivals) == (15, 15, ())
    [fin] = connections(KEY, segments("0 >S | .1 <SA | .2 >10 | .3 >FA | .4 <A"))
    assert fin.up.acked == 10


def test_content_ends_at_a_gap() -> None:
    sent = segments("0 >S | .1 <SA | .2 <40 | .3 <10 | .4 <5")
    [whole] = connections(KEY, sent)
    assert whole.down.content == b"".join(s.payload for s in sent)
    [gap] = connections(KEY, [s for s in sent if s.number != 4])
    assert gap.down.content == sent[2].payload
    [swapped] = connections(KEY, [*sent[:2], sent[4], sent[3], sent[2]])
    assert swapped.down.content == whole.down.content
    [twice] = connections(KEY, [*sent, sent[2]])
    assert (twice.down.content, twice.down.retransmissions()) == (whole.down.content, 1)


@pytest.mark.parametrize(("count", "number"), [(1, 3), (40, 3), (41, 4), (50, 4), (51, None)])
def test_the_segment_that_completes_a_count(count: int, number: int | None) -> None:
    reached = connection("0 >S | .1 <SA | .2 <40 | .3 <10").down.reached(count)
    assert (reached and reached.number) == number


@pytest.mark.parametrize(
    ("row", "rtt_s"),
    [
        ("0 >S | .1 <SA", 0.1),
        ("0 >S | 1 >Sr | 1.1 <SA", None),
        ("0 >S | .1 <SA | 1 >Sr", 0.1),
        (".1 <SA", None),
        ("0 >S", None),
    ],
)
def test_the_round_trip_time(row: str, rtt_s: float | None) -> None:
    assert connection(row).rtt_s == (rtt_s and pytest.approx(rtt_s))


@pytest.mark.parametrize(
    ("row", "number", "is_open", "is_begun_before"),
    [
        ("0 >S | .1 <SA | .2 >FA | .3 <FA", 3, True, False),
        ("0 >S | .1 <SA | .2 <R | .3 >FA", 3, True, False),
        ("0 >S | .1 <RA", 2, False, False),
        ("0 >S | .1 <SA | .2 <A", None, True, False),
        ("0 >10 | .1 <A", None, True, True),
        ("0 >R", 1, False, False),
        ("0 >S | .1 <5", None, True, False),
    ],
)
def test_who_closed_it(
    row: str, number: int | None, *, is_open: bool, is_begun_before: bool
) -> None:
    one = connection(row)
    assert (one.closer and one.closer.number) == number
    assert (one.is_open, one.is_begun_before) == (is_open, is_begun_before)


def test_fresh_segments_are_those_with_new_content() -> None:
    one = connection("0 >S | 1 >Sr | 1.1 <SA | 1.2 >10 | 2 >10r | 3 <5 | 4 <5r | 5 >1")
    assert [segment.number for segment in one.fresh()] == [1, 4, 8, 6]
    assert [segment.number for segment in one.replies] == [6, 7]
    assert one.last_down_ack_ns == 4 * 10**9
    assert connection("0 >S").last_down_ack_ns == 0


def test_a_new_syn_number_begins_a_new_connection() -> None:
    first = segments("0 >S | 1 >Sr | 2 >R")
    second = [s._replace(seq=s.seq + 7, at_ns=s.at_ns + 3 * 10**9) for s in first[:2]]
    found = list(connections(KEY, [*first, *second]))
    assert [len(one.segments) for one in found] == [3, 2]
    assert found[0].id != found[1].id


@pytest.mark.parametrize(("late_ns", "count"), [(49_999_999, 1), (50_000_000, 2)])
def test_a_syn_may_be_captured_just_behind_its_answer(late_ns: int, count: int) -> None:
    syn, answer = segments("0 >S | 0 <SA")
    found = list(connections(KEY, [answer, syn._replace(at_ns=late_ns)]))
    assert len(found) == count


@pytest.mark.parametrize(("offset", "count"), [(-1, 0), (0, 1), ((1 << 24) - 1, 1), (1 << 24, 0)])
def test_keepalives_and_foreign_segments_bring_no_content(offset: int, count: int) -> None:
    syn, answer, data = segments("0 >S | .1 <SA | .2 >1")
    [one] = connections(KEY, [syn, answer, data._replace(seq=syn.seq + 1 + offset)])
    assert len(one.up.arrivals) == count


def test_a_connection_as_it_was_at_a_time() -> None:
    one = connection("0 >S | 1 <SA | 2 >10 | 3 <5", FlowKey("a", 1, "b", 443))
    assert until(one, 2 * 10**9).segments == one.segments[:3]
    assert until(one, 2 * 10**9).down.length == 0


HALF = (
    "0 >S | .1 <SA | .2 >A | .3 <40 | .4 >256 | 1 <A | 2 <384 | 2.1 >A"
    " | 3 <FA | 3.1 >A | 3.2 >FA | 3.3 <A"
)


def half(*, up: bool) -> Connection:
    """The same connection, of which one direction was captured."""
    [one] = connections(KEY, [s for s in segments(HALF) if s.up is up])
    return one


def test_acknowledgements_stand_for_the_server_that_was_not_captured() -> None:
    one = half(up=True)
    assert one.is_open and one.lacks_server and not one.lacks_client
    assert one.opened is not None and one.opened.number == 3
    assert one.rtt_s == pytest.approx(0.2)
    assert (one.up.length, one.down.length) == (256, 424)
    reached = one.down.reached(424)
    assert reached is not None and reached.number == 8
    assert [(end.up, end.number) for end in one.ends] == [(False, 10), (True, 11)]


def test_acknowledgements_stand_for_the_client_that_was_not_captured() -> None:
    one = half(up=False)
    assert one.is_open and one.lacks_client and not one.lacks_server
    assert (one.up.length, one.down.length) == (256, 424)
    assert [(end.up, end.number) for end in one.ends] == [(False, 9), (True, 12)]


@pytest.mark.parametrize(
    ("line", "missed", "numbers"),
    [
        ("0 >S | 1 <SA | 2 <18 | 2.1 >A | 3 >18 | 4 <18 | 4.1 >A", (6,), [3, 7]),
        ("0 >S | 1 <SA | 2 <18 | 2.1 >A | 3 >18 | 4 <18 | 4.1 >A", (), [3, 6]),
        ("0 >S | 1 <SA | 2 <18 | 2.1 >A | 3 >18 | 4 <FA | 4.1 >A", (6,), [3]),
        ("0 >S | 1 <SA | 2 <18 | 2.1 >A | 3 <18 | 4 <18 | 4.1 >A", (3, 5, 6), [4, 7]),
    ],
)
def test_an_acknowledgement_stands_for_a_segment_that_was_not_captured(
    line: str, missed: tuple[int, ...], numbers: list[int]
) -> None:
    [one] = connections(KEY, [s for s in segments(line) if s.number not in missed])
    assert [segment.number for segment in one.replies] == numbers


def test_whole_connections_are_told_by_what_was_captured() -> None:
    whole = connection(HALF)
    assert not (whole.lacks_server or whole.lacks_client)
    assert [(end.up, end.number) for end in whole.ends] == [(False, 9), (True, 11)]
    assert not connection("0 >S | 1 >Sr").lacks_server
