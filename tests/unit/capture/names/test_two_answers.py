"""A forged answer that comes before the true one, and two answers that are no forgery."""

from __future__ import annotations

from netcheck.capture.read import read
from netcheck.correlator.diagnosis import diagnose
from netcheck.model import Target
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import CLOUD, Wire

FORGED, RESOLVER = "195.175.254.2", "9.9.9.9"


def twice(wire: Wire, first: str, second: str, *, ttls: tuple[int, int] = (60, 52)) -> Wire:
    """One question, two answers."""
    wire.ask(server=RESOLVER)
    wire.wait(0.002)
    wire.reply(first, server=RESOLVER, ttl=ttls[0])
    wire.wait(0.05)
    wire.reply(second, server=RESOLVER, ttl=ttls[1])
    return wire


def said(wire: Wire) -> list[str]:
    found = lines(read(tables_of(wire), Target()), "dns.cloud_name")
    return [" ".join(line.split()[:3]) for line in found]


def test_both_answers_are_cited_and_the_forged_address_is_no_cloud() -> None:
    wire = twice(Wire(), FORGED, CLOUD)
    wire.connection(FORGED).syn()
    wire.wait(6)
    assert lines(read(tables_of(wire), Target()), "dns", "tcp") == [
        "dns.cloud_name failed two_answers 0.00-0.05 #1-3 resolver=9.9.9.9 queries=1"
        " addresses=195.175.254.2 server=9.9.9.9 latency_ms=2.1 others=54.1.2.3",
        "tcp.false_address failed timeout 0.05-0.05 #4",
    ]


def test_the_resolver_is_named_as_the_cause() -> None:
    wire = Wire().lease()
    for _ in range(2):
        twice(wire, FORGED, CLOUD).connection(FORGED).syn()
        wire.wait(5)
        wire.internet_test()
        wire.wait(3)
    (one,) = diagnose(read(tables_of(wire), Target()), Target())
    assert [f.cause for f in one.findings][:1] == ["dns_hijacked"]


def test_a_false_first_answer_is_not_excused_by_the_second() -> None:
    assert said(twice(Wire(), "0.0.0.0", CLOUD)) == ["dns.cloud_name failed two_answers"]


def test_where_the_first_address_speaks_as_the_cloud_nothing_is_forged() -> None:
    wire = twice(Wire(), CLOUD, FORGED)
    wire.connection().opened().down(bytes(range(40)))
    wire.wait(6)
    assert said(wire) == ["dns.cloud_name ok 0.00-0.00"]


def test_one_sender_may_answer_twice_with_addresses_in_turn() -> None:
    assert said(twice(Wire(), FORGED, CLOUD, ttls=(52, 52))) == ["dns.cloud_name ok 0.00-0.00"]


def test_one_address_by_two_ways_is_one_answer() -> None:
    assert said(twice(Wire(), CLOUD, CLOUD)) == ["dns.cloud_name ok 0.00-0.00"]


def test_two_questions_may_have_two_answers() -> None:
    wire = Wire()
    wire.ask(server=RESOLVER)
    wire.wait(0.2)
    assert said(twice(wire, FORGED, CLOUD)) == ["dns.cloud_name ok 0.00-0.20"]
