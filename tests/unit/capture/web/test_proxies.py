"""Who reaches the Web only through a proxy, and what that says of the Photon beside it."""

from __future__ import annotations

import pytest

from netcheck.capture.read import read
from netcheck.correlator.diagnosis import diagnose
from netcheck.model import Target
from tests.helpers.tables import tables_of
from tests.helpers.wire import OTHER, OTHER_MAC, TRIP_S, Wire

PROXY, OUTSIDE = "10.44.1.8", "203.0.114.9"
TUNNEL = b"CONNECT www.google.com:443 HTTP/1.1\r\nHost: www.google.com:443\r\n\r\n"
WHOLE = b"GET http://www.example.com/ HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
PATH = b"GET / HTTP/1.1\r\nHost: 10.44.1.8\r\n\r\n"


def asked(
    wire: Wire, request: bytes, status: str, *, port: int = 3128, server: str = PROXY
) -> None:
    """Another client asks a proxy."""
    talk = wire.connection(server, port, client=OTHER, mac=OTHER_MAC).syn()
    talk.syn_ack(ttl=64).up()
    talk.up(request)
    wire.wait(TRIP_S)
    talk.down(f"HTTP/1.1 {status}\r\n\r\n".encode(), ttl=64)


@pytest.mark.parametrize(
    ("request_", "status", "port", "server", "fact"),
    [
        (TUNNEL, "200 Connection established", 3128, PROXY, "internet.proxy"),
        (TUNNEL, "200 OK", 8080, OUTSIDE, "internet.proxy"),
        (WHOLE, "204 No Content", 8888, PROXY, "internet.proxy"),
        (WHOLE, "200 OK", 80, PROXY, "internet.proxy"),
        (WHOLE, "200 OK", 80, OUTSIDE, "internet.reach"),
        (PATH, "200 OK", 8080, PROXY, ""),
        (PATH, "200 OK", 8080, OUTSIDE, "internet.reach"),
        (TUNNEL, "407 Proxy Authentication Required", 3128, PROXY, ""),
        (TUNNEL, "502 Bad Gateway", 3128, PROXY, ""),
        (WHOLE, "302 Found", 3128, PROXY, ""),
        (TUNNEL, "200 OK", 3129, PROXY, ""),
    ],
)
def test_a_request_to_a_proxy(
    request_: bytes, status: str, port: int, server: str, fact: str
) -> None:
    wire = Wire().lease()
    wire.name("54.1.2.3")
    asked(wire, request_, status, port=port, server=server)
    seen = [o for o in read(tables_of(wire), Target()) if o.fact.startswith("internet")]
    assert [(o.fact, o.outcome, o.target) for o in seen] == (
        [(fact, "ok", f"{server}:{port}")] if fact else []
    )


def first_cause(wire: Wire, *, is_tested: bool, is_direct: bool) -> str:
    """Of a Photon whose connection to the cloud gets no answer, beside a client of a proxy."""
    wire.lease()
    for _ in range(2):
        wire.name("54.1.2.3")
        wire.connection().syn()
        asked(wire, TUNNEL, "200 Connection established")
        if is_direct:
            wire.connection(OUTSIDE, 443, client=OTHER, mac=OTHER_MAC).syn().syn_ack()
        wire.wait(5)
        wire.internet_test(works=is_tested)
        wire.wait(2)
    (one,) = diagnose(read(tables_of(wire), Target()), Target())
    return one.findings[0].cause


def test_where_nothing_answers_directly_the_proxy_is_required() -> None:
    assert first_cause(Wire(), is_tested=False, is_direct=False) == "proxy_required"


def test_where_others_get_out_directly_too_it_is_not() -> None:
    assert first_cause(Wire(), is_tested=False, is_direct=True) != "proxy_required"


def test_where_the_test_of_the_device_passes_it_is_not() -> None:
    assert first_cause(Wire(), is_tested=True, is_direct=False) == "cloud_port_blocked"
