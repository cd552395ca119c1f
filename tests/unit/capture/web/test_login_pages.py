"""Which answers to plain web requests a login page made, and what is no more than an ordinary
redirect or page.
"""

from __future__ import annotations

import pytest

from netcheck.capture.read import read
from netcheck.model import Target
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import DEVICE, OTHER, ROUTER, Wire

HOST = "93.184.216.34"

PORTAL, OTHER_SITE, REACHED = "failed portal", "unclear other_site", "ok"


@pytest.mark.parametrize(
    ("head", "location", "means"),
    [
        ("302 Found", "http://me@10.0.0.1:80/login?user=me", PORTAL),
        ("511 Network Authentication Required", "", PORTAL),
        ("303 See Other", "https://portal.net/", OTHER_SITE),
        ("307 Temporary Redirect", "http://portal.net", OTHER_SITE),
        ("302 Found", "http://www.example.fr/", OTHER_SITE),
        ("301 Moved Permanently", "http://portal.net", REACHED),
        ("512 ", "http://www.example.com/", REACHED),
        ("302 Found", "https://example.com/x", REACHED),
        ("302 Found", "https://a.www.example.com:8/x", REACHED),
        ("302 Found", "http://cdn.example.com/x", REACHED),
        ("302 Found", "http://www.example.com:80/x", REACHED),
        ("302 Found", "/login", REACHED),
        ("200 OK", "http://portal.net", REACHED),
    ],
)
def test_a_redirect(head: str, location: str, means: str) -> None:
    wire = Wire()
    visit(wire, "www.example.com:80", head, location)
    [said] = lines(read(tables_of(wire), Target()), "internet")
    place = location.replace("me@", "").partition("/login")[0].rstrip("/")
    assert said == (
        "internet.reach ok 0.00-0.09 #1-2 ttl=52 rtt_ms=90.1"
        if means == REACHED
        else f"internet.redirect {means} 0.00-0.00 #5 status={head[:3]} location={place}"
    )


def visit(
    wire: Wire,
    host: str,
    head: str = "302 Found",
    location: str = "http://login.net/",
    *,
    path: str = "/",
    server: str = HOST,
    client: str = DEVICE,
) -> None:
    """A page that one client asks for, and its answer."""
    talk = wire.connection(server, 80, client=client).opened()
    talk.up(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    wire.wait(0.1)
    talk.down(f"HTTP/1.1 {head}\r\nX: y\r\nLocation: {location}\r\n\r\n".encode())


def redirects(wire: Wire) -> list[str]:
    """What each redirect is taken for."""
    found = [o for o in read(tables_of(wire), Target()) if o.fact == "internet.redirect"]
    return [f"{o.outcome} {o.reason}" for o in found]


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("captive.apple.com", "/hotspot-detect.html"),
        ("connectivitycheck.gstatic.com", "/generate_204"),
        ("clients3.google.com", "/generate_204"),
        ("www.msftconnecttest.com", "/connecttest.txt"),
    ],
)
def test_a_page_that_finds_login_pages_is_redirected_by_one(host: str, path: str) -> None:
    wire = Wire()
    visit(wire, host, path=path)
    assert redirects(wire) == [PORTAL]


def test_a_page_behind_such_a_page_is_an_ordinary_redirect() -> None:
    wire = Wire()
    visit(wire, "www.msftconnecttest.com", location="http://go.microsoft.com/", path="/redirect")
    assert redirects(wire) == [OTHER_SITE]


def test_one_place_for_the_visitors_of_unrelated_sites_is_a_login_page() -> None:
    wire = Wire()
    visit(wire, "www.example.com", location="http://login.net/?from=example.com")
    visit(wire, "news.example.org", location="http://login.net/?from=example.org", client=OTHER)
    assert redirects(wire) == [PORTAL, PORTAL]


def test_one_place_for_two_names_of_one_site_is_none() -> None:
    wire = Wire()
    visit(wire, "www.example.com")
    visit(wire, "shop.example.com")
    assert redirects(wire) == [OTHER_SITE, OTHER_SITE]


def test_where_another_page_comes_there_is_no_login_page() -> None:
    wire = Wire()
    visit(wire, "www.example.com")
    visit(wire, "news.example.org", client=OTHER)
    visit(wire, "books.example.net", "200 OK", "", client=OTHER)
    assert redirects(wire) == [OTHER_SITE, OTHER_SITE]


def test_a_router_that_sends_its_own_name_to_its_address_is_no_login_page() -> None:
    wire = Wire()
    visit(wire, "router.example.com", location="http://192.168.5.1/", server=ROUTER)
    assert redirects(wire) == [OTHER_SITE]


LOGIN = '<html><meta http-equiv="refresh" content="0;url=http://10.7.0.1/login"></html>'
SUCCESS = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
ANDROID, APPLE = "connectivitycheck.gstatic.com", "captive.apple.com"


def page(wire: Wire, host: str, path: str, body: str, *, status: str = "200 OK", ttl: int) -> None:
    """A page that comes with that TTL, from this network (64) or from far away."""
    talk = wire.connection(HOST, 80).syn()
    wire.wait(0.004)
    talk.syn_ack(ttl=ttl).up()
    talk.up(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    talk.down((head + body).encode(), ttl=ttl)


@pytest.mark.parametrize(
    ("host", "path", "body", "is_portal"),
    [
        (ANDROID, "/generate_204", LOGIN, True),
        (ANDROID, "/anything", LOGIN, True),
        ("clients3.google.com", "/gen_204", LOGIN, True),
        (APPLE, "/hotspot-detect.html", LOGIN, True),
        (APPLE, "/hotspot-detect.html", SUCCESS + " " * 300, True),
        (APPLE, "/hotspot-detect.html", SUCCESS, False),
        ("www.msftconnecttest.com", "/connecttest.txt", "Microsoft Connect Test", False),
        (ANDROID, "/generate_204", "", False),
        (ANDROID, "/generate_204", "blocked", False),
        ("www.example.com", "/", LOGIN, False),
    ],
)
def test_a_page_in_the_place_of_a_check(
    host: str, path: str, body: str, *, is_portal: bool
) -> None:
    wire = Wire()
    page(wire, host, path, body, ttl=64)
    assert redirects(wire) == [PORTAL] * is_portal


def test_what_a_login_page_accepts_on_this_network_is_no_host_outside() -> None:
    wire = Wire()
    page(wire, ANDROID, "/generate_204", LOGIN, ttl=64)
    for port in (80, 443, 8443):
        wire.connection("142.250.1.1", port).syn().syn_ack(ttl=64)
    wire.connection("142.250.1.1", 443).syn().syn_ack(ttl=52)
    said = [o for o in read(tables_of(wire), Target()) if o.fact == "internet.reach"]
    assert [(o.outcome, o.reason) for o in said] == [
        ("unclear", "portal"),
        ("unclear", "portal"),
        ("ok", ""),
        ("ok", ""),
    ]


def test_where_no_login_page_shows_itself_a_near_answer_counts() -> None:
    wire = Wire()
    page(wire, APPLE, "/hotspot-detect.html", SUCCESS, ttl=64)
    [said] = lines(read(tables_of(wire), Target()), "internet")
    assert said.startswith("internet.reach ok")
