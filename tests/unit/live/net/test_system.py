"""The real door to the network, on the loopback interface alone, and its parsers on bytes."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import dns.flags
import dns.message
import dns.rrset
import pytest

from netcheck.host import vantage
from netcheck.live.net import http, icmp, resolver, tcp, udp
from netcheck.live.net.parallel import as_answered, together
from netcheck.live.net.system import SystemNet
from netcheck.probing import CannotRun, Need, Vantage
from netcheck.probing.net import Reply

HERE = "127.0.0.1"
NONCE = bytes(range(40))


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP service on loopback that treats each connection with `answer`; yields its port."""
    with socket.create_server((HERE, 0)) as server:

        def accept() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        answer(connection)
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def until_closed(connection: socket.socket) -> None:
    connection.settimeout(30)
    while connection.recv(100):
        pass


def speaking(*parts: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.02)
        until_closed(connection)

    return answer


def resetting(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def heard(port: int, *, patience_s: float = 0.3, quiet_s: float = 0.1) -> tuple[bytes, str]:
    reply = SystemNet().listen_after_connect(
        HERE, port, want_bytes=40, patience_s=patience_s, quiet_s=quiet_s
    )
    assert reply.ok
    return reply.payload, reply.text("ended")


# tcp


def test_an_open_port() -> None:
    with serving(until_closed) as port:
        reply = SystemNet().connect(HERE, port)

    assert reply.ok
    assert reply.text("remote") == f"{HERE}:{port}"
    assert 0 <= float(reply.text("rtt_ms")) < 5000


def test_a_closed_port() -> None:
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]

    reply = SystemNet().connect(HERE, port)

    assert (reply.ok, reply.reason) == (False, "refused")


@pytest.mark.skipif(
    sys.platform != "linux", reason="fills an accept queue, which other systems size differently"
)
def test_a_refusal_says_how_long_it_took() -> None:
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]

    assert 0 <= float(SystemNet().connect(HERE, port).text("rtt_ms")) < 5000


def test_a_connection_of_short_life_is_like_any_other_to_a_neighbour() -> None:
    with serving(until_closed) as port:
        assert SystemNet().connect_with_ttl(HERE, port, 1).ok


def test_a_silent_port() -> None:
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind((HERE, 0))
        server.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(server.getsockname())

        reply = SystemNet().connect(HERE, server.getsockname()[1], timeout_s=0.1)

    assert (reply.ok, reply.reason) == (False, "timeout")
    assert 0.1 <= reply.took_s < 30


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (speaking(NONCE), (NONCE, "open")),
        (speaking(NONCE[:7], NONCE[7:]), (NONCE, "open")),
        (speaking(NONCE, b"more"), (NONCE + b"more", "open")),
        (speaking(), (b"", "open")),
        (lambda connection: connection.sendall(NONCE[:5]), (NONCE[:5], "closed")),
        (lambda connection: None, (b"", "closed")),
        (resetting, (b"", "reset")),
    ],
    ids=["nonce", "in two parts", "and more", "silent", "short and closed", "closed", "reset"],
)
def test_what_arrives_unasked(
    service: Callable[[socket.socket], None], expected: tuple[bytes, str]
) -> None:
    with serving(service) as port:
        assert heard(port) == expected


def test_a_flood_is_cut_off() -> None:
    with serving(speaking(b"x" * 1_000_000)) as port:
        payload, _ = heard(port)

    assert 4096 <= len(payload) < 2 * 4096


def test_a_trickle_ends_with_the_patience() -> None:
    begun = time.monotonic()
    with serving(speaking(*[b"x"] * 300)) as port:
        payload, _ = heard(port, patience_s=2.5)

    assert 0 < len(payload) < 300
    assert time.monotonic() - begun < 30


def test_who_opened_too_late_is_not_listened_to_behind_what_was_wanted() -> None:
    opened: list[float] = []

    def on_open(after_s: float) -> bool:
        opened.append(after_s)
        return False

    with serving(speaking(bytes(40))) as port:
        reply = SystemNet().listen_after_connect(
            HERE, port, want_bytes=40, quiet_s=30.0, on_open=on_open
        )

    assert (len(reply.payload), reply.text("ended"), len(opened)) == (40, "open", 1)
    assert reply.took_s < 5


def extended_error(origin: int, kind: int, code: int, offender: str) -> bytes:
    """struct sock_extended_err and the sockaddr_in behind it (linux/errqueue.h)."""
    return (
        struct.pack("=IBBBxII", 113, origin, kind, code, 0, 0)
        + struct.pack("=HH", socket.AF_INET, 0)
        + socket.inet_aton(offender)
    )


def test_an_icmp_error_names_its_sender() -> None:
    assert tcp.parse_extended_error(extended_error(2, 3, 13, "192.168.1.1")) == tcp.IcmpError(
        sender="192.168.1.1", type=3, code=13
    )


@pytest.mark.parametrize(
    "value",
    [b"", extended_error(1, 3, 13, "192.168.1.1"), extended_error(2, 3, 13, "192.168.1.1")[:20]],
)
def test_other_errors_name_nobody(value: bytes) -> None:
    assert tcp.parse_extended_error(value) is None


@pytest.mark.parametrize(
    ("icmp_error", "reason"),
    [
        (None, "unreachable"),
        (tcp.IcmpError(sender="192.168.1.1", type=3, code=13), "prohibited"),
        (tcp.IcmpError(sender="192.168.1.1", type=3, code=9), "prohibited"),
        (tcp.IcmpError(sender="192.168.1.1", type=3, code=1), "unreachable"),
        (tcp.IcmpError(sender="192.168.1.5", type=3, code=1), "no_route"),
        (tcp.IcmpError(sender="192.168.1.5", type=3, code=3), "held_here"),
        (tcp.IcmpError(sender="192.168.1.5", type=3, code=13), "held_here"),
    ],
)
def test_who_refused_decides_the_reason(icmp_error: tcp.IcmpError | None, reason: str) -> None:
    assert tcp.reason_for(OSError(113, "No route to host"), icmp_error, "192.168.1.5") == reason


# dns


@contextmanager
def resolving(
    answer: Callable[[dns.message.Message, int], list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[int]]:
    """A resolver on loopback; `answer` turns a query and its number into datagrams. Yields the list
    of queries.
    """
    queries: list[int] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HERE, 0))
        server.settimeout(5)
        monkeypatch.setattr(resolver, "_PORT", server.getsockname()[1])

        def serve() -> None:
            try:
                while True:
                    wire, client = server.recvfrom(4096)
                    queries.append(len(queries) + 1)
                    for datagram in answer(dns.message.from_wire(wire), queries[-1]):
                        server.sendto(datagram, client)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield queries


def _rrset(row: str) -> dns.rrset.RRset:
    name, ttl, rdclass, rdtype, *data = row.split()
    return dns.rrset.from_text(name, int(ttl), rdclass, rdtype, *data)


def answering(
    query: dns.message.Message, *rows: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR
) -> dns.message.Message:
    reply = dns.message.make_response(query, recursion_available=True)
    reply.set_rcode(rcode)
    reply.answer = [_rrset(row) for row in rows]
    return reply


ALIAS = "device.spark.io. 60 IN CNAME device.tcp.particle.io."
ADDRESS = "device.tcp.particle.io. 30 IN A 198.51.100.7"


def test_a_name_with_an_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    with resolving(lambda query, _: [answering(query, ALIAS, ADDRESS).to_wire()], monkeypatch):
        reply = SystemNet().resolve("device.spark.io", HERE)

    assert reply.ok
    assert (reply.words("addresses"), reply.words("cnames")) == (
        ("198.51.100.7",),
        ("device.tcp.particle.io.",),
    )
    assert (reply.text("rcode"), reply.text("ttl_s"), reply.text("server")) == (
        "NOERROR",
        "30",
        HERE,
    )


@pytest.mark.parametrize(
    ("rcode", "reason"),
    [
        (dns.rcode.NXDOMAIN, "nxdomain"),
        (dns.rcode.REFUSED, "dns_refused"),
        (dns.rcode.SERVFAIL, "servfail"),
        (dns.rcode.NOTIMP, "servfail"),
        (dns.rcode.NOERROR, "empty"),
    ],
)
def test_answers_without_an_address(
    rcode: dns.rcode.Rcode, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with resolving(lambda query, _: [answering(query, rcode=rcode).to_wire()], monkeypatch):
        assert SystemNet().resolve("device.spark.io", HERE).reason == reason


def test_a_lost_query_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with resolving(
        lambda query, number: [answering(query, ADDRESS).to_wire()] if number == 2 else [],
        monkeypatch,
    ) as queries:
        reply = SystemNet().resolve("device.tcp.particle.io", HERE, timeout_s=4.0)

    assert reply.ok
    assert queries == [1, 2]


def test_who_asks_the_same_meanwhile_waits_for_that_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    net = SystemNet()
    with resolving(lambda query, number: [], monkeypatch) as queries:
        ask = partial(net.resolve, "device.spark.io", HERE, timeout_s=0.2)
        replies = net.together([ask, ask, ask])

    assert [reply.reason for reply in replies] == ["timeout"] * 3
    assert queries == [1, 2, 3]


def test_a_silent_resolver_is_asked_three_times_and_its_silence_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = SystemNet()
    with resolving(lambda query, number: [], monkeypatch) as queries:
        replies = [net.resolve("device.spark.io", HERE, timeout_s=0.1) for _ in range(2)]

    assert [reply.reason for reply in replies] == ["timeout", "timeout"]
    assert queries == [1, 2, 3]


def test_a_forged_answer_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def forging(query: dns.message.Message, number: int) -> list[bytes]:
        genuine = answering(query, ALIAS, ADDRESS).to_wire()
        other_id = bytes([genuine[0] ^ 1]) + genuine[1:]
        other_question = answering(
            dns.message.make_query("evil.example", "A", id=query.id)
        ).to_wire()
        return [other_id, other_question, genuine]

    with resolving(forging, monkeypatch):
        assert SystemNet().resolve("device.spark.io", HERE).words("addresses") == ("198.51.100.7",)


def test_an_answer_that_cannot_be_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with resolving(lambda query, _: [query.id.to_bytes(2, "big") + b"\xff" * 9], monkeypatch):
        assert SystemNet().resolve("device.spark.io", HERE).reason == "malformed"


def test_no_resolver_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HERE, 0))
        monkeypatch.setattr(resolver, "_PORT", free.getsockname()[1])

    assert SystemNet().resolve("device.spark.io", HERE).reason == "refused"


class Forbidding:
    """A socket of a computer whose own firewall drops what it sends (sendto(2): EPERM)."""

    def __enter__(self) -> Forbidding:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, *_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    sendto = send

    def recvmsg(self, *_: object) -> None:
        raise BlockingIOError

    def getsockname(self) -> tuple[str, int]:
        return (HERE, 40000)

    def __getattr__(self, _: str) -> Callable[..., None]:
        return lambda *_, **__: None


def test_this_computers_own_firewall_is_no_word_of_a_router() -> None:
    sock: Any = Forbidding()

    assert resolver.ask("device.spark.io", HERE, 0.1, lambda: sock).reason == "held_here"
    assert udp.exchange(sock, HERE, 5684, b"x", 2, 0.1).reason == "held_here"
    assert icmp.ping(sock, HERE, 0.1).reason == "held_here"


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_dns_cannot_carry(name: str) -> None:
    with pytest.raises(CannotRun, match="no host name"):
        SystemNet().resolve(name, HERE)


def test_the_query_is_the_photons(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dns.message.Message] = []

    def noting(query: dns.message.Message, number: int) -> list[bytes]:
        seen.append(query)
        return [answering(query, ALIAS, ADDRESS).to_wire()]

    with resolving(noting, monkeypatch):
        SystemNet().resolve("device.spark.io", HERE)

    assert seen[0].question[0].to_text() == "device.spark.io. IN A"
    assert seen[0].flags == dns.flags.RD
    assert seen[0].edns == -1


# icmp


@pytest.mark.parametrize("header", [b"", b"\x45" + b"\0" * 19], ids=["linux", "macos"])
def test_only_the_reply_to_our_own_echo_counts(header: bytes) -> None:
    token = os.urandom(16)
    reply = header + struct.pack("!BBHHH", 0, 0, 0, 7, 1)

    assert icmp.is_reply(reply + token, token)
    assert not icmp.is_reply(reply + token[::-1], token)
    assert not icmp.is_reply(header + struct.pack("!BBHHH", 8, 0, 0, 7, 1) + token, token)
    assert not icmp.is_reply(b"", token)


def test_ping_answers_or_says_what_it_needs() -> None:
    reply = SystemNet().ping(HERE)

    assert reply.ok or (reply.reason == "needs" and "ping_group_range" in reply.text("says"))


# vantage


def test_the_gateway_is_that_of_the_interface() -> None:
    routes = [("10.0.0.1", "eth0"), ("192.168.1.1", "wlan0"), ("0.0.0.0", "tun0")]

    assert vantage.gateway_of("wlan0", routes) == "192.168.1.1"
    assert vantage.gateway_of("tun0", routes) is None
    assert vantage.gateway_of("lo", routes) is None


def test_an_unknown_interface_has_nothing() -> None:
    here = SystemNet("none9").vantage()

    assert (here.mac, here.address, here.gateway) == (None, None, None)


def test_internet_needs_an_address_and_a_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    net = SystemNet()
    for here, reason in [
        (Vantage(), "no_address"),
        (Vantage(address="192.168.1.5"), "no_route"),
        (Vantage(address="192.168.1.5", gateway="192.168.1.1"), ""),
        (Vantage(address="192.168.1.5", gateway="192.168.1.1", is_egress_refused=True), "no_route"),
    ]:
        monkeypatch.setattr(vantage, "look", lambda interface, here=here: here)
        assert net.lacks(Need.INTERNET).reason == reason


# together


def test_questions_are_asked_side_by_side_and_answered_in_order() -> None:
    meeting = threading.Barrier(3, timeout=30)

    def meet(number: int) -> int:
        meeting.wait()
        return number

    assert together([partial(meet, number) for number in range(3)]) == [
        0,
        1,
        2,
    ]


def test_a_question_that_fails_fails_the_asker() -> None:
    def failing() -> int:
        raise CannotRun("no")

    with pytest.raises(CannotRun):
        together([lambda: 1, failing])


# http


PAGE = b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n"


def paging(*ends: Callable[[socket.socket], object]) -> Callable[[socket.socket], None]:
    """A web server that answers one request, and then does that with its connection."""

    def answer(connection: socket.socket) -> None:
        connection.settimeout(30)
        connection.recv(2000)
        connection.sendall(PAGE)
        for end in ends:
            end(connection)

    return answer


def page_again(connection: socket.socket) -> None:
    connection.recv(2000)
    connection.sendall(PAGE)


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (paging(page_again), (True, "", "0.2", "")),
        (paging(until_closed), (False, "silent", "0.2", "")),
        (paging(lambda connection: connection.recv(2000), resetting), (False, "reset", "0.2", "")),
        (paging(), (False, "closed", "", "closed")),
        (paging(resetting), (False, "reset", "", "reset")),
        (paging(speaking(b"", b"more")), (False, "malformed", "", "open")),
        (until_closed, (False, "silent", "", "")),
    ],
    ids=["kept", "silent", "reset", "closed sooner", "reset sooner", "spoke", "never answered"],
)
def test_a_second_request_after_a_silence(
    server: Callable[[socket.socket], None],
    expected: tuple[bool, str, str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    timeout_s = 2.5 if expected[1] == "silent" else 10.0
    with serving(server) as port:
        monkeypatch.setattr(http, "_PORT", port)
        reply = SystemNet().http_get_again(HERE, "a.example", "/", 0.2, timeout_s=timeout_s)

    assert (reply.ok, reply.reason, reply.text("idle_s"), reply.text("ended")) == expected


def test_the_path_mtu_is_told_where_the_system_knows_it() -> None:
    with serving(paging()) as port:
        reply = SystemNet().http_get(HERE, "a.example", "/", port=port)

    assert reply.ok
    assert bool(reply.text("path_mtu_bytes")) == (sys.platform == "linux")


def test_where_nobody_may_ping_a_raw_socket_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> socket.socket:
        raise PermissionError

    monkeypatch.setattr(icmp, "_datagram_socket", refuse)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as raw:
        assert icmp.open_echo_socket(lambda: raw) is raw
    missing = icmp.open_echo_socket(refuse)
    assert isinstance(missing, Reply)
    assert missing.reason == "needs"


# several at once


def test_answers_are_told_as_they_come() -> None:
    late = threading.Event()

    def wait() -> str:
        late.wait(5)
        return "late"

    found = as_answered([wait, lambda: "soon"])

    assert next(found) == "soon"
    late.set()
    assert list(found) == ["late"]


def test_what_one_question_raises_is_raised_when_it_comes() -> None:
    def fail() -> str:
        raise ValueError("told")

    with pytest.raises(ValueError, match="told"):
        list(as_answered([fail]))
