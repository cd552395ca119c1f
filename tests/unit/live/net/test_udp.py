"""Questions over UDP and HTTP: the door on the loopback interface alone, and the parser on
bytes.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from netcheck.live.net import http, tcp
from netcheck.live.net.system import SystemNet
from netcheck.probing import Reply

HERE = "127.0.0.1"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nServer: x\r\n\r\nsuccess"


# udp


@contextmanager
def answering(answer: Callable[[int, bytes], bytes | None]) -> Iterator[int]:
    """A UDP service on loopback: `answer` gets the number of the datagram and its bytes; yields its
    port.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HERE, 0))
        server.settimeout(2)

        def serve() -> None:
            count = 0
            try:
                while True:
                    request, client = server.recvfrom(100)
                    count += 1
                    if (reply := answer(count, request)) is not None:
                        server.sendto(reply, client)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_a_datagram_is_answered() -> None:
    with answering(lambda _, request: b"re: " + request) as port:
        reply = SystemNet().exchange(HERE, port, b"hello")

    assert (reply.ok, reply.payload, reply.text("remote")) == (True, b"re: hello", f"{HERE}:{port}")


def test_an_unanswered_datagram_is_sent_again() -> None:
    with answering(lambda count, request: request if count == 2 else None) as port:
        reply = SystemNet().exchange(HERE, port, b"again", sendings=2, apart_s=1.0)

    assert reply.ok
    assert reply.text("rtt_ms") == "", "which of the two was answered is not known"


def test_the_answer_to_a_first_datagram_tells_the_round_trip() -> None:
    with answering(lambda _, request: request) as port:
        assert 0 <= float(SystemNet().exchange(HERE, port, b"hello").text("rtt_ms")) < 5000


def test_silence_ends_after_the_last_sending() -> None:
    asked: list[int] = []
    with answering(lambda count, _: asked.append(count)) as port:
        reply = SystemNet().exchange(HERE, port, b"hello", sendings=2, apart_s=0.05)

    assert (reply.ok, reply.reason, asked) == (False, "timeout", [1, 2])
    assert reply.took_s < 3


def test_an_error_that_did_not_come_is_not_waited_for() -> None:
    begun = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        tcp.hear_icmp(sock)
        sock.settimeout(20)

        assert tcp.icmp_error(sock) is None
    assert time.monotonic() - begun < 10


def test_a_closed_port_refuses() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HERE, 0))
        port = sock.getsockname()[1]

    assert SystemNet().exchange(HERE, port, b"hello", apart_s=0.5).reason == "refused"


# http


def fetched(*parts: bytes, ends: bool = True, timeout_s: float = 0.3) -> Reply:
    """What comes of asking a service that sends these parts and then closes, or holds, the
    connection.
    """
    with socket.create_server((HERE, 0)) as server:
        held = []

        def serve() -> None:
            connection, _ = server.accept()
            connection.recv(1000)
            for part in parts:
                connection.sendall(part)
            if ends:
                with suppress(OSError):  # who asked may have gone already
                    connection.shutdown(socket.SHUT_WR)
            held.append(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
            reply = http.get(sock, HERE, "host.test", "/page", timeout_s, server.getsockname()[1])
        thread.join(2)
        for connection in held:
            connection.close()
        return reply


def test_a_page_with_its_length_is_read_without_waiting() -> None:
    reply = fetched(PAGE[:30], PAGE[30:], ends=False, timeout_s=20)

    assert (reply.ok, reply.text("status"), reply.payload) == (True, "200", b"success")
    assert reply.took_s < 10


def test_a_redirect_is_told_and_not_followed() -> None:
    reply = fetched(b"HTTP/1.0 302 Found\r\nLocation: http://192.168.1.1/login\r\n\r\n")

    assert (reply.text("status"), reply.text("location")) == ("302", "http://192.168.1.1")


@pytest.mark.parametrize(
    ("parts", "ends", "reason"),
    [
        ((), False, "silent"),
        ((), True, "closed"),
        ((b"SSH-2.0-OpenSSH_9.6\r\n\r\n",), True, "malformed"),
        ((b"HTTP/1.1 200 OK\r\nNever: ends",), True, "malformed"),
    ],
)
def test_what_is_no_page(parts: tuple[bytes, ...], ends: bool, reason: str) -> None:
    reply = fetched(*parts, ends=ends)

    assert (reply.ok, reply.reason) == (False, reason)


def test_an_endless_page_is_cut() -> None:
    reply = fetched(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000)

    assert reply.ok
    assert len(reply.payload) < 8192


def test_the_request_asks_for_the_page_of_the_host() -> None:
    assert http.request("captive.apple.com", "/x").startswith(
        b"GET /x HTTP/1.1\r\nHost: captive.apple.com\r\n"
    )
