"""Login pages: which answers to plain web requests did the site itself not give?

A redirect to another site is ordinary: google.com sends to google.fr, an advertisement to its
server. A login page shows itself by status 511 (RFC 6585 §6), by answering in the place of a page
that phones and computers ask to find one, by an address of the local network in the answer of a
public one, or by sending the visitors of several unrelated sites to one place, while nobody gets
another page (RFC 8952).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from netcheck.capture.clients import AddressOwners
from netcheck.capture.files.relevant import WEB_PORT
from netcheck.capture.names.local_names import is_local
from netcheck.capture.observations import observed
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import FlowKey
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wire.addresses import ipv4, is_bogon
from netcheck.wire.http import host_name, origin, read_fields

WEB_PORTS = frozenset({WEB_PORT, 443})
NO_CONTENT_HOSTS = frozenset(
    (
        "connectivity-check.ubuntu.com",
        "connectivitycheck.android.com",
        "connectivitycheck.gstatic.com",
    )
)
"""Hosts that are there to find a login page, and never answer with a page of their own."""
CHECK_HOSTS = NO_CONTENT_HOSTS | {
    "captive.apple.com",
    "detectportal.firefox.com",
    "network-test.debian.org",
    "nmcheck.gnome.org",
}
"""Hosts that are there to find a login page, and answer every path themselves."""
NO_CONTENT_PATHS = (b"/generate_204", b"/gen_204")
CHECK_PATHS = (*NO_CONTENT_PATHS, b"/connecttest.txt", b"/ncsi.txt")
"""Paths of such pages on hosts that also send visitors elsewhere."""
CHECK_BODIES = (
    b"<BODY>Success</BODY>",
    b"Microsoft Connect Test",
    b"Microsoft NCSI",
    b"success",
    b"NetworkManager is online",
)
"""What the pages say where nothing stands in the way (as `netcheck.probing.webchecks` asks)."""
LONGEST_CHECK_BYTES = 300
"""These pages have at most 70 bytes; a login page that quotes one is longer."""
REDIRECTS = frozenset({"302", "303", "307"})
"""Status codes of a redirect for this time (RFC 9110 §15.4): a login page does not say for ever."""
UNRELATED = 2
"""So many sites without a common name lead to one place by a login page, not by themselves."""
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,9})\s*?(?:\n|$)", re.IGNORECASE)
UNDIMINISHED = frozenset({64, 128, 255})
"""The TTLs that systems begin with: no router forwarded such a packet (RFC 791 §3.2)."""


class WebAnswer(NamedTuple):
    """An answer that the site itself may not have given."""

    client: str
    connection: Connection
    host: str
    path: bytes
    """Empty where it is not known."""
    status: str
    location: str
    """Scheme, host and port that it sends the client to; empty for a page in its place."""
    is_portal: bool = False

    @property
    def went_to(self) -> str:
        """The host that it names."""
        return self.location.partition("//")[2].partition(":")[0]

    def observed(self) -> Observation:
        """The observation: a login page, or unclear what it was."""
        data: list[tuple[str, Scalar]] = [("status", self.status)]
        if self.location or self.status != "200":
            data.append(("location", self.location))
        return observed(
            "internet.redirect",
            Outcome.FAILED if self.is_portal else Outcome.UNCLEAR,
            "portal" if self.is_portal else "other_site",
            subject=self.client,
            target=self.host,
            at_ns=self.connection.start_ns,
            data=data,
            packets=[self.connection.down.arrivals[0][2]],
        )


class WebAnswers(NamedTuple):
    """The answers that the sites themselves may not have given."""

    by_connection: Mapping[tuple[FlowKey, int, int], WebAnswer]
    """`Connection.id` → what it was answered."""
    near_ttls: frozenset[int]
    """The TTLs of login pages that no router forwarded."""

    def is_near(self, connection: Connection) -> bool:
        """Did something on this network accept that connection to the Web, as it does those that
        it answers with a login page? Then no host outside was reached.
        """
        opened = connection.opened
        return (
            opened is not None
            and not opened.up
            and opened.ttl in self.near_ttls
            and connection.key.server_port in WEB_PORTS
        )


def read_web_answers(
    connections: Iterable[Connection], owners: AddressOwners, false_addresses: frozenset[str]
) -> WebAnswers:
    """Every redirect to another site and every page in the place of a check, and which of them a
    login page made. `false_addresses`: those from false DNS answers to any client.
    """
    web = [c for c in connections if c.key.server_port == WEB_PORT and c.down.content]
    asked = [a for c in web if (a := _answer(owners.client_of(c), c)) is not None]
    found = [a for a in asked if a.status == "511" or _leads_elsewhere(a)]
    instead = [a for a in asked if _is_page_instead(a)]
    foreign = frozenset(answer.connection.id for answer in (*found, *instead))
    pages = [c for c in web if c.id not in foreign and _is_page(c)]
    places = _places_of_login(found) if not pages else frozenset[str]()
    judged = [
        *(a._replace(is_portal=True) for a in instead),
        *(
            a._replace(is_portal=_shows_itself(a, false_addresses) or a.location in places)
            for a in found
        ),
    ]
    ttls = {
        answer.connection.down.arrivals[0][2].ttl
        for answer in judged
        if answer.is_portal and not is_bogon(answer.connection.key.server)
    }
    return WebAnswers(
        {answer.connection.id: answer for answer in judged}, frozenset(ttls & UNDIMINISHED)
    )


def _answer(client: str, connection: Connection) -> WebAnswer | None:
    content = connection.down.content
    if not content.startswith(b"HTTP/1.") or not connection.up.content:
        return None
    request, _, _ = connection.up.content.partition(b"\n")
    words = request.split()
    return WebAnswer(
        client,
        connection,
        host_name(read_fields(connection.up.content)),
        words[1] if len(words) > 1 else b"",
        content[9:12].decode("latin-1"),
        origin(read_fields(content)),
    )


def _leads_elsewhere(answer: WebAnswer) -> bool:
    return (
        answer.status in REDIRECTS
        and bool(answer.went_to)
        and not _is_same_site(answer.went_to, answer.host)
    )


def _is_page_instead(answer: WebAnswer) -> bool:
    """Did a web page come where that check never gets one, or gets a short one?

    An empty or odd answer is a broken proxy's or a filter's (Android's NetworkMonitor).
    """
    if answer.status != "200" or is_bogon(answer.connection.key.server):
        return False
    host = answer.host.partition(":")[0]
    never = host in NO_CONTENT_HOSTS or answer.path.startswith(NO_CONTENT_PATHS)
    if not (never or host in CHECK_HOSTS or answer.path.startswith(CHECK_PATHS)):
        return False
    head, _, body = answer.connection.down.content.partition(b"\r\n\r\n")
    size = announced_bytes(head)
    is_long = size > LONGEST_CHECK_BYTES or len(body) > LONGEST_CHECK_BYTES
    is_own = not never and not is_long and any(text in body for text in CHECK_BODIES)
    if is_own or not _is_html(head, body):
        return False
    return bool(body) or is_long or (never and size > 0)


def announced_bytes(message: bytes) -> int:
    """How long the content is by the head of the answer; 0 where it does not say."""
    found = _LENGTH.search(message.partition(b"\r\n\r\n")[0])
    return int(found[1]) if found is not None else 0


def _is_html(head: bytes, body: bytes) -> bool:
    kind = read_fields(head + b"\r\n\r\n").get("content-type", "")
    return b"<" in body or (not body and kind.lower().startswith("text/html"))


def _shows_itself(redirect: WebAnswer, false_addresses: frozenset[str]) -> bool:
    """Does this one answer alone show a login page?"""
    host, server = redirect.host.partition(":")[0], redirect.connection.key.server
    is_check = host in CHECK_HOSTS or redirect.path.startswith(CHECK_PATHS)
    is_outside = bool(host) and ipv4(host) is None and not is_local(host, "")
    is_led_inside = is_bogon(redirect.went_to) and not is_bogon(server)
    return (
        redirect.status == "511"
        or is_check
        or (is_outside and (is_led_inside or server in false_addresses))
    )


def _places_of_login(found: Iterable[WebAnswer]) -> frozenset[str]:
    """The places to which the visitors of several unrelated sites are sent."""
    sites: dict[str, list[str]] = defaultdict(list)
    for redirect in found:
        known = sites[redirect.location]
        if redirect.host and not any(_is_same_site(redirect.host, other) for other in known):
            known.append(redirect.host)
    return frozenset(place for place, hosts in sites.items() if len(hosts) >= UNRELATED)


def _is_page(connection: Connection) -> bool:
    """Did a site outside answer with a page of its own?"""
    answer = connection.down.content
    return (
        answer.startswith(b"HTTP/1.")
        and answer[9:12] in (b"200", b"204", b"206", b"304")
        and not is_bogon(connection.key.server)
    )


def _is_same_site(one: str, other: str) -> bool:
    """Do two host names belong together, as example.com and www.example.com do?"""
    other = other.partition(":")[0]
    return (
        one == other
        or one.endswith(f".{other}")
        or other.endswith(f".{one}")
        or one.split(".")[-2:] == other.split(".")[-2:]
    )
