"""TLS and HTTPS through the one door, on the loopback interface: whose certificate is it, and what
is made of it.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from netcheck.live.net import http, tls
from netcheck.live.net.system import SystemNet
from tests.doubles.certificates import Authority

HERE, HOST = "127.0.0.1", "www.example.com"
DAY = timedelta(days=1)
TRUSTED, STRANGER = Authority.new("Known CA"), Authority.new("Box of the company")
PAGE = b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"captive": true}'


@pytest.fixture(autouse=True)
def trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This computer trusts one authority alone."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TRUSTED.write_trust(tmp_path / "trusted.pem")))


@contextmanager
def serving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP service on loopback that does this with each connection; yields its port."""
    with socket.create_server((HERE, 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=handle, args=(connection,), daemon=True).start()

        def handle(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                serve(connection)

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]


def by_tls(
    shown: Path, secret: Path, answer: bytes = b"", asked: list[bytes] | None = None
) -> Callable[[socket.socket], None]:
    """A web server with that certificate that gives this answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, secret)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            question = wrapped.recv(4096)
            if asked is not None:
                asked.append(question)
            wrapped.sendall(answer)
            wrapped.recv(1)

    return serve


@pytest.mark.parametrize(
    ("authority", "names", "before", "after", "reason"),
    [
        (TRUSTED, (HOST,), DAY, DAY, ""),
        (TRUSTED, ("*.example.com",), DAY, DAY, ""),
        (TRUSTED, ("login.guest.test",), DAY, DAY, "other_host"),
        (TRUSTED, (HOST,), 3 * DAY, -DAY, "not_in_date"),
        (TRUSTED, (HOST,), -DAY, 3 * DAY, "not_in_date"),
        (TRUSTED, ("login.guest.test",), 3 * DAY, -DAY, "other_host"),
        (STRANGER, (HOST,), DAY, DAY, "unknown_issuer"),
        (STRANGER, ("login.guest.test",), DAY, DAY, "other_host"),
        (STRANGER, (HOST,), 3 * DAY, -DAY, "unknown_issuer"),
    ],
)
def test_whose_certificate_it_is(
    authority: Authority,
    names: tuple[str, ...],
    before: timedelta,
    after: timedelta,
    reason: str,
    tmp_path: Path,
) -> None:
    with serving(by_tls(*authority.vouch(tmp_path, *names, before=before, after=after))) as port:
        reply = SystemNet().tls_handshake(HERE, HOST, port=port)

    assert (reply.ok, reply.reason) == (not reason, reason)
    assert float(reply.text("rtt_ms")) >= 0


def test_a_strange_certificate_says_who_made_it(tmp_path: Path) -> None:
    with serving(by_tls(*STRANGER.vouch(tmp_path, HOST))) as port:
        reply = SystemNet().tls_handshake(HERE, HOST, port=port)

    assert (reply.text("names"), reply.text("issuer")) == (HOST, "CN=Box of the company")


@pytest.mark.parametrize(
    ("serve", "reason"),
    [
        (lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "malformed"),
        (lambda connection: connection.recv(1), "reset"),
        (lambda connection: connection.recv(4096), "closed"),
        (lambda connection: threading.Event().wait(5), "silent"),
    ],
    ids=["plain", "reset", "closed", "silent"],
)
def test_what_is_no_tls(serve: Callable[[socket.socket], None], reason: str) -> None:
    timeout_s = 0.5 if reason == "silent" else 10.0
    with serving(serve) as port:
        reply = SystemNet().tls_handshake(HERE, HOST, timeout_s=timeout_s, port=port)
    assert reply.reason == reason


def test_a_port_that_is_closed_is_told_as_any_other() -> None:
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]

    assert SystemNet().tls_handshake(HERE, HOST, port=port).reason == "refused"


def test_without_any_authority_nothing_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))

    assert SystemNet().tls_handshake(HERE, HOST, port=9).reason == "needs"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (HOST, True),
        ("WWW.Example.COM.", True),
        ("*.example.com", True),
        ("*.com", False),
        ("example.com", False),
        ("*.www.example.com", False),
        ("", False),
    ],
)
def test_which_names_mean_the_host(name: str, expected: bool) -> None:
    assert tls.is_made_out_to(name, HOST) is expected


@pytest.mark.parametrize("certificate", [b"", b"\x30\x03\x02\x01", b"\xff" * 99])
def test_a_certificate_that_cannot_be_read_says_nothing(certificate: bytes) -> None:
    assert tls.written_in(certificate) == ([], "")


# https


def test_a_page_by_https_and_how_it_is_asked_for(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with serving(by_tls(*TRUSTED.vouch(tmp_path, HOST), answer=PAGE, asked=asked)) as port:
        reply = SystemNet().https_get(
            HERE, HOST, "/api?x=1", accept="application/captive+json", port=port
        )

    assert (reply.ok, reply.text("status"), reply.payload) == (True, "200", b'{"captive": true}')
    assert asked[0].startswith(b"GET /api?x=1 HTTP/1.0\r\nHost: www.example.com:%d\r\n" % port)
    assert b"Accept: application/captive+json\r\n" in asked[0]


def test_nobody_is_asked_who_shows_the_wrong_certificate(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with serving(by_tls(*STRANGER.vouch(tmp_path, HOST), answer=PAGE, asked=asked)) as port:
        reply = SystemNet().https_get(HERE, HOST, "/", port=port)

    assert (reply.ok, reply.reason, asked) == (False, "unknown_issuer", [])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"", "silent"), (b"220 mail ready\r\n", "malformed"), (PAGE[:30], "malformed")],
)
def test_an_answer_that_is_none(answer: bytes, reason: str, tmp_path: Path) -> None:
    timeout_s = 0.5 if reason == "silent" else 2.0
    with serving(by_tls(*TRUSTED.vouch(tmp_path, HOST), answer=answer)) as port:
        reply = SystemNet().https_get(HERE, HOST, "/", timeout_s=timeout_s, port=port)
    assert reply.reason == reason


@pytest.mark.parametrize(
    ("host", "path"), [("a b", "/"), ("a", "/\r\nX: y"), ("a", ""), ("a\n", "/"), ("a", "/\u00e9")]
)
def test_a_request_holds_no_second_line(host: str, path: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        http.request(host, path)


def test_a_connection_cut_before_the_greeting_is_a_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reset may come between the opening and the first look of the TLS library."""

    class Cut(ssl.SSLContext):
        def wrap_socket(self, *_: Any, **__: Any) -> Any:
            raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(tls, "trusting", lambda: Cut(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setattr(tls, "is_anyone_trusted", lambda _: True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        reply = SystemNet().tls_handshake("127.0.0.1", "example.com", port=server.getsockname()[1])

    assert (reply.ok, reply.reason) == (False, "reset")
