"""Everything but the cloud's port: is there an internet, a login page, an answer to the device's
own test?

That test is told apart from other traffic: TCP 53 of 8.8.8.8 before Device OS 2.0, NTP from then on
(device-os@v2.3.1:hal/network/util/simple_ntp_client.cpp).

A redirect to another site is ordinary: google.com sends to google.fr, an advertisement to its
server. A login page shows itself by status 511 (RFC 6585 §6), by answering in the place of a page
that phones and computers ask to find one, by an address of the local network in the answer of a
public one, or by sending the visitors of several unrelated sites to one place, while nobody gets
another page (RFC 8952).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from netcheck.capture.clients import AddressOwners
from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.dns import ByClient, is_local
from netcheck.capture.protocols.icmp import Unreachable, icmp_report
from netcheck.capture.protocols.retransmissions import runs
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import CapturedMessage, CaptureRecord, FlowKey, TcpSegment
from netcheck.model import Observation, Outcome, Scalar
from netcheck.photon.addresses import INTERNET_TEST
from netcheck.wire.addresses import ipv4, is_bogon
from netcheck.wire.decode import Udp
from netcheck.wire.http import host_name, origin, read_fields

DNS_PORT, NTP_PORT = 53, 123
NTP_ROUND_S = 10.5
"""Five requests, 2 s apart."""
NTP_ANSWER_S = 3
CONNECT_S = 4.0
SHORT_LIVED = 24
"""A TTL that no system begins with (they take 32 and more) and no near client's packet has left
(RFC 1340: 64).
"""

WEB_PORT = 80
CHECK_HOSTS = frozenset(
    (
        "captive.apple.com",
        "connectivity-check.ubuntu.com",
        "connectivitycheck.android.com",
        "connectivitycheck.gstatic.com",
        "detectportal.firefox.com",
        "network-test.debian.org",
        "nmcheck.gnome.org",
    )
)
"""Hosts that are there to find a login page, and answer every path themselves."""
CHECK_PATHS = (b"/generate_204", b"/gen_204", b"/connecttest.txt", b"/ncsi.txt")
"""Paths of such pages on hosts that also send visitors elsewhere."""
REDIRECTS = frozenset({"302", "303", "307"})
"""Status codes of a redirect for this time (RFC 9110 §15.4): a login page does not say for ever."""
UNRELATED = 2
"""So many sites without a common name lead to one place by a login page, not by themselves."""


def is_traceroute(connection: Connection) -> bool:
    """Did its packets end on the way because they were meant to, as those of traceroute do?"""
    sent = [s for s in connection.segments if s.up]
    return (
        bool(sent)
        and all(s.ttl <= SHORT_LIVED for s in sent)
        and len(sent) == len(connection.segments)
    )


def read_other_connection(
    client: str,
    connection: Connection,
    last_ns: int,
    errors: Unreachable,
    clouds_tried: frozenset[str],
    redirects: Redirects,
    *,
    is_one_way: bool,
    others_open: bool,
) -> Iterator[Observation]:
    """The observations from a connection to another port or host. `clouds_tried`: addresses at
    which the cloud's port was tried, too; `redirects`: those of all clients; `is_one_way`: nothing
    was captured that is sent to the client; `others_open`: some connection of the client opened.
    """
    if not connection.syns:
        return
    # Where a login page answers for a host, that host was not reached.
    redirect = redirects.get(connection.id)
    if redirect is not None:
        yield redirect.observed()
        return
    key = connection.key
    if is_bogon(key.server):
        return
    fact = "tcp.cloud_other_port" if key.server in clouds_tried else "internet.reach"
    if key.server == INTERNET_TEST and key.server_port == DNS_PORT:
        fact = "internet.test"
    answer = connection.opened or connection.server_reset
    if answer is not None:
        yield _answered(fact, client, connection, answer)
    else:
        # Who has no answer sends its SYN again, even where none could be captured; a refusal ends
        # that.
        is_hidden = is_one_way and not (others_open and len(connection.syns) >= 2)
        yield _unanswered(fact, client, connection, last_ns, errors, is_hidden=is_hidden)


def _answered(fact: str, client: str, connection: Connection, answer: TcpSegment) -> Observation:
    data: list[tuple[str, Scalar]] = [("ttl", answer.ttl)]
    if connection.rtt_s is not None:
        data.append(("rtt_ms", round(connection.rtt_s * 1000, 3)))
    outcome, reason = (Outcome.OK, "") if connection.is_open else (Outcome.FAILED, "refused")
    return observed(
        fact,
        outcome,
        reason,
        subject=client,
        target=f"{connection.key.server}:{connection.key.server_port}",
        at_ns=connection.start_ns,
        end_ns=answer.at_ns,
        data=data,
        packets=[connection.syns[0], answer],
    )


def _unanswered(
    fact: str,
    client: str,
    connection: Connection,
    last_ns: int,
    errors: Unreachable,
    *,
    is_hidden: bool,
) -> Observation:
    start_ns = connection.start_ns
    error = icmp_report(errors, connection)
    outcome, reason, end_ns = Outcome.FAILED, "timeout", min(last_ns, start_ns + 5 * SECOND_NS)
    if error is not None:
        reason, end_ns = error.reason, error.captured.at_ns
    elif is_hidden:
        outcome, reason = Outcome.UNCLEAR, "one_direction"
    elif last_ns - start_ns < CONNECT_S * SECOND_NS and len(connection.syns) < 2:
        outcome, reason = Outcome.UNCLEAR, "cut_off"
    return observed(
        fact,
        outcome,
        reason,
        subject=client,
        target=f"{connection.key.server}:{connection.key.server_port}",
        at_ns=start_ns,
        end_ns=end_ns,
        data=error.data if error is not None else (),
        packets=[*connection.syns[:3], *([error.captured] if error is not None else [])],
    )


# -- login pages


class Redirect(NamedTuple):
    """The answer that sends a client to another site."""

    client: str
    connection: Connection
    host: str
    path: bytes
    """Empty where it is not known."""
    status: str
    location: str
    """Scheme, host and port."""
    is_portal: bool = False

    @property
    def went_to(self) -> str:
        """The host that it names."""
        return self.location.partition("//")[2].partition(":")[0]

    def observed(self) -> Observation:
        """The observation: a login page, or unclear what it was."""
        return observed(
            "internet.redirect",
            Outcome.FAILED if self.is_portal else Outcome.UNCLEAR,
            "portal" if self.is_portal else "other_site",
            subject=self.client,
            target=self.host,
            at_ns=self.connection.start_ns,
            data=[("status", self.status), ("location", self.location)],
            packets=[self.connection.down.arrivals[0][2]],
        )


Redirects = Mapping[tuple[FlowKey, int, int], Redirect]
"""`Connection.id` → what it was answered."""


def read_redirects(
    connections: Iterable[Connection], owners: AddressOwners, false_addresses: frozenset[str]
) -> Redirects:
    """Every redirect to another site, and which of them a login page made. `false_addresses`: those
    from false DNS answers to any client.
    """
    web = [c for c in connections if c.key.server_port == WEB_PORT and c.down.content]
    found = [r for c in web if (r := _redirect(owners.client_of(c), c)) is not None]
    redirected = frozenset(redirect.connection.id for redirect in found)
    pages = [c for c in web if c.id not in redirected and _is_page(c)]
    places = _places_of_login(found) if not pages else frozenset[str]()
    return {
        redirect.connection.id: redirect._replace(
            is_portal=_shows_itself(redirect, false_addresses) or redirect.location in places
        )
        for redirect in found
    }


def _redirect(client: str, connection: Connection) -> Redirect | None:
    answer = connection.down.content
    if not answer.startswith(b"HTTP/1.") or not connection.up.content:
        return None
    status = answer[9:12].decode("latin-1")
    request, _, _ = connection.up.content.partition(b"\n")
    words = request.split()
    redirect = Redirect(
        client,
        connection,
        host_name(read_fields(connection.up.content)),
        words[1] if len(words) > 1 else b"",
        status,
        origin(read_fields(answer)),
    )
    is_elsewhere = bool(redirect.went_to) and not _is_same_site(redirect.went_to, redirect.host)
    return redirect if status == "511" or (status in REDIRECTS and is_elsewhere) else None


def _shows_itself(redirect: Redirect, false_addresses: frozenset[str]) -> bool:
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


def _places_of_login(found: Iterable[Redirect]) -> frozenset[str]:
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


# -- NTP


def read_ntp(
    record: CaptureRecord,
    owners: AddressOwners,
    test_servers: ByClient,
    sent_only: frozenset[str],
) -> Iterator[Observation]:
    """NTP requests of each client in rounds, and whether any was answered.

    To the addresses of its internet test's name (`test_servers`) they are that test. Any other time
    server shows something only by its answer: programs ask such, too, and one host is not the
    Internet. `sent_only`: clients to which nothing was captured.
    """
    requests: dict[str, list[CapturedMessage]] = defaultdict(list)
    replies: dict[str, list[CapturedMessage]] = defaultdict(list)
    for captured in record.udp:
        message, body = captured.message, captured.message.body
        if not isinstance(body, Udp):
            continue
        if body.dport == NTP_PORT:
            client = owners.key_of(message.src_mac, message.src, message.ttl)
            requests[client].append(captured)
        elif body.sport == NTP_PORT:
            replies[owners.key_of_address(message.dst)].append(captured)
    for client, of_client in requests.items():
        for a_round in runs(
            of_client, lambda run, item: item.at_ns - run[0].at_ns > NTP_ROUND_S * SECOND_NS
        ):
            is_test = bool(test_servers.get(client, frozenset()) & {r.message.dst for r in a_round})
            found = _ntp_round(
                client,
                a_round,
                replies.get(client, ()),
                record.last_ns,
                is_one_way=client in sent_only,
            )
            if is_test:
                yield found
            elif found.ok and not is_bogon(a_round[0].message.dst):
                yield msgspec.structs.replace(found, fact="internet.reach")


def _ntp_round(
    client: str,
    requests: Sequence[CapturedMessage],
    replies: Sequence[CapturedMessage],
    last_ns: int,
    *,
    is_one_way: bool,
) -> Observation:
    start_ns, last_request_ns = requests[0].at_ns, requests[-1].at_ns
    reply = next(
        (r for r in replies if start_ns <= r.at_ns <= last_request_ns + NTP_ANSWER_S * SECOND_NS),
        None,
    )
    is_enough = len(requests) > 1 or last_ns - start_ns >= 2 * SECOND_NS
    outcome, reason = (Outcome.FAILED, "timeout") if is_enough else (Outcome.UNCLEAR, "cut_off")
    if is_one_way:
        outcome, reason = Outcome.UNCLEAR, "one_direction"
    if reply is not None:
        outcome, reason = Outcome.OK, ""
    overdue_ns = min(last_ns, last_request_ns + 2 * SECOND_NS)
    return observed(
        "internet.test",
        outcome,
        reason,
        subject=client,
        target=f"{requests[0].message.dst}:{NTP_PORT}",
        at_ns=start_ns,
        end_ns=reply.at_ns if reply is not None else overdue_ns,
        packets=[requests[0], reply] if reply is not None else requests,
    )
