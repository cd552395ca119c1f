"""Everything but the cloud's port: is there an internet, a login page, an answer to the device's
own test?

That test is told apart from other traffic: TCP 53 of 8.8.8.8 before Device OS 2.0, NTP from then on
(device-os@v2.3.1:hal/network/util/simple_ntp_client.cpp).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from netcheck.capture.clients import AddressOwners
from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.dns import ByClient
from netcheck.capture.protocols.icmp import Unreachable, icmp_report
from netcheck.capture.protocols.retransmissions import runs
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import CapturedMessage, CaptureRecord, TcpSegment
from netcheck.capture.web.login_pages import WebAnswers
from netcheck.capture.web.proxies import Proxied
from netcheck.model import Observation, Outcome, Scalar
from netcheck.photon.addresses import INTERNET_TEST
from netcheck.wire.addresses import is_bogon
from netcheck.wire.decode import Udp

DNS_PORT, NTP_PORT = 53, 123
NTP_ROUND_S = 10.5
"""Five requests, 2 s apart."""
NTP_ANSWER_S = 3
CONNECT_S = 4.0
SHORT_LIVED = 24
"""A TTL that no system begins with (they take 32 and more) and no near client's packet has left
(RFC 1340: 64).
"""


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
    web_answers: WebAnswers,
    proxied: Proxied,
    *,
    is_one_way: bool,
    others_open: bool,
) -> Iterator[Observation]:
    """The observations from a connection to another port or host. `clouds_tried`: addresses at
    which the cloud's port was tried, too; `web_answers`: and `proxied`: those of all clients;
    `is_one_way`: nothing was captured that is sent to the client; `others_open`: some connection of
    the client opened.
    """
    if not connection.syns:
        return
    # Where a login page answers for a host, that host was not reached.
    web_answer = web_answers.by_connection.get(connection.id)
    if web_answer is not None:
        yield web_answer.observed()
        return
    if connection.id in proxied:
        yield proxied[connection.id]
        return
    key = connection.key
    if is_bogon(key.server):
        return
    fact = "tcp.cloud_other_port" if key.server in clouds_tried else "internet.reach"
    if key.server == INTERNET_TEST and key.server_port == DNS_PORT:
        fact = "internet.test"
    answer = connection.opened or connection.server_reset
    if answer is not None:
        found = _answered(fact, client, connection, answer)
        is_near = web_answers.is_near(connection)
        yield (
            msgspec.structs.replace(found, outcome=Outcome.UNCLEAR, reason="portal")
            if is_near
            else found
        )
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
