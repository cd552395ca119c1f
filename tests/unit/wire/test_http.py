"""HTTP messages: whole, cut, odd and hostile."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from netcheck.wire.http import read_fields, read_response

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nServer: x\r\n\r\nsuccess"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"", None),
        (b"HTTP/1.1 2000 OK\r\n\r\n", None),
        (b"HTTP/2 200\r\n\r\n", None),
        (b"HTTP/1.1 204\r\n\r\n", 204),
        (b"HTTP/1.1 511 Network Authentication Required\r\nA\r\n: b\r\n\r\n", 511),
    ],
)
def test_a_head(message: bytes, expected: int | None) -> None:
    response = read_response(message)

    assert (response.status if response else None) == expected


@pytest.mark.parametrize(
    ("message", "whole"),
    [
        (PAGE, True),
        (PAGE[:-1], False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n\r\nwho knows", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", False),
    ],
)
def test_when_a_page_is_whole(message: bytes, whole: bool) -> None:
    response = read_response(message)

    assert response is not None
    assert response.is_whole is whole


@pytest.mark.parametrize(
    "line",
    [
        b"A",
        b": b",
        b"Bad Name: 1",
        b"X: a\0b",
        b"X: \x01",
        b"Content-Length: -5",
        b"Content-Length: 5, 6",
        b"Content-Length: " + b"9" * 40,
        b"Transfer-Encoding: gzip, chunked",
        b" folded",
        b"\xff\xfe: 1",
    ],
)
def test_a_line_that_no_parser_takes_hides_no_other(line: bytes) -> None:
    for lines in ((line, b"Location: http://a.example/"), (b"Location: http://a.example/", line)):
        response = read_response(b"\r\n".join((b"HTTP/1.1 302 Found", *lines, b"", b"body")))

        assert response is not None
        assert (response.status, response.headers["location"]) == (302, "http://a.example/")
        assert response.body == b"body"


@pytest.mark.parametrize(
    "message",
    [
        b"HTTP/1.0 302 Found\nLocation : http://a.example/\n\nbody",
        b"HTTP/1.1 302 \x01\xff\r\nlocation:http://a.example/ \r\n\r\nbody",
        b"HTTP/1.1 302\r\nLocation: http://a.example/\r\nLocation: http://b.example/\r\n\r\nbody",
        b"HTTP/1.1 302 Found\r\nContent-Length: 4\r\nContent-Length: 9\r\nLocation: "
        b"http://a.example/\r\n\r\nbody",
    ],
    ids=["bare line feeds", "odd status line", "given twice", "two lengths"],
)
def test_odd_heads_of_the_field_are_read(message: bytes) -> None:
    response = read_response(message)

    assert response is not None
    assert (response.status, response.headers["location"], response.body) == (
        302,
        "http://a.example/",
        b"body",
    )


def test_chunks_are_joined() -> None:
    response = read_response(CHUNKED)

    assert response is not None
    assert (response.body, response.is_whole) == (b"helloabc", True)


def test_a_broken_chunk_ends_the_content() -> None:
    response = read_response(CHUNKED.replace(b"3\r\n", b"zz\r\n"))

    assert response is not None
    assert (response.body, response.is_whole) == (b"hello", False)


def test_what_is_said_before_the_response_is_passed_over() -> None:
    response = read_response(b"HTTP/1.1 100 Continue\r\n\r\n" + PAGE)

    assert response is not None
    assert (response.status, response.body) == (200, b"success")


@pytest.mark.parametrize("whole", [PAGE, CHUNKED])
def test_cut_at_any_byte_content_grows_and_is_never_whole(whole: bytes) -> None:
    read = [read_response(whole[:length]) for length in range(len(whole) + 1)]

    bodies = [response.body for response in read if response is not None]
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(bodies))
    assert [response is not None and response.is_whole for response in read].index(True) == len(
        whole
    )


def test_of_a_cut_head_the_fields_that_are_there_are_read() -> None:
    head = b"GET /x HTTP/1.1\r\nHost: A.example\r\nCookie: secret\r\n"

    assert read_fields(head + b"Loc") == {"host": "A.example", "cookie": "secret"}
    assert read_fields(b"GET xxxxxxxxxxx\r\nHost: A.example") == {"host": "A.example"}
    assert read_fields(head + b"\r\nNot: a field") == {"host": "A.example", "cookie": "secret"}
    assert read_fields(b"") == read_fields(b"\r\n\r\n") == {}


def test_random_bytes_are_read_in_bounded_time() -> None:
    rng = random.Random(11)
    begun = time.process_time()
    for _ in range(1500):
        message = bytearray(rng.choice((PAGE, CHUNKED)))
        for _ in range(rng.randrange(1, 10)):
            message[rng.randrange(len(message))] = rng.choice((0, 10, 13, 32, 58, 255))
        read_response(bytes(message))
        read_fields(bytes(message))
    for flood in (b"\n", b"A: b\r\n", b"A:" + b" " * 1000, b"\r\n ", b"0", b":", b"\t"):
        head = b"HTTP/1.1 200 OK\r\n" + flood * (65_536 // len(flood))
        read_response(head)
        read_response(head + b"\r\n\r\n")
        read_response(CHUNKED[:47] + flood * (65_536 // len(flood)))
        read_fields(head)
    assert time.process_time() - begun < 20
