"""ICMP errors (RFC 792): a router reports a packet that it did not forward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from netcheck.capture.clients import AddressOwners
from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.records import CapturedMessage, FlowKey
from netcheck.model import Observation, Outcome, Scalar
from netcheck.wire.decode import UNREACHABLE, Icmp
from netcheck.wire.icmp import TCP_PROHIBITED_CODES

ICMP_WITHIN_S = 5.0
"""A router that finds no neighbour says so after its own three questions, about 3 s."""
TCP, UDP = 6, 17

Unreachable = Mapping[FlowKey, tuple[CapturedMessage, ...]]
"""The conversation of the packet that an error quotes → the errors, in order of time."""


def unreachable(messages: Iterable[CapturedMessage], protocol: int) -> Unreachable:
    """The "destination unreachable" errors about packets of that protocol."""
    errors: dict[FlowKey, list[CapturedMessage]] = defaultdict(list)
    for captured in messages:
        body = captured.message.body
        if (
            isinstance(body, Icmp)
            and body.kind == UNREACHABLE
            and body.about
            and body.about[0] == protocol
        ):
            errors[FlowKey(*body.about[1:])].append(captured)
    return {key: tuple(of_one) for key, of_one in errors.items()}


class IcmpReport(NamedTuple):
    """A router's report about a connection."""

    captured: CapturedMessage
    reason: str
    data: tuple[tuple[str, Scalar], ...]


def icmp_report(errors: Unreachable, connection: Connection) -> IcmpReport | None:
    """The first of these errors that came while the connection was tried."""
    for captured in errors.get(connection.key, ()):
        body = captured.message.body
        until_ns = connection.last_ns + ICMP_WITHIN_S * SECOND_NS
        if isinstance(body, Icmp) and connection.start_ns <= captured.at_ns <= until_ns:
            return IcmpReport(
                captured,
                "prohibited" if body.code in TCP_PROHIBITED_CODES else "unreachable",
                (("icmp_from", captured.message.src), ("icmp_code", body.code)),
            )
    return None


LARGEST_BYTES = 424
"""The handshake's largest packet: 384 bytes behind 20 of IP and 20 of TCP."""


def narrow_links(
    messages: Iterable[CapturedMessage], owners: AddressOwners
) -> Iterator[Observation]:
    """For each client that routers told, more than once, that its packets were too large, and that
    not even the handshake's largest would fit. A limit of 1300 to 1500 bytes is ordinary.
    """
    told: dict[str, list[CapturedMessage]] = defaultdict(list)
    for captured in messages:
        body = captured.message.body
        if isinstance(body, Icmp) and 0 < body.mtu_bytes < LARGEST_BYTES:
            told[owners.key_of_address(captured.message.dst)].append(captured)
    for client, errors in told.items():
        if len(errors) > 1:
            yield observed(
                "internet.mtu",
                Outcome.FAILED,
                "too_large",
                subject=client,
                at_ns=errors[0].at_ns,
                end_ns=errors[-1].at_ns,
                data=[("path_mtu_bytes", min(map(_mtu_bytes, errors)))],
                packets=errors,
            )


def _mtu_bytes(captured: CapturedMessage) -> int:
    body = captured.message.body
    return body.mtu_bytes if isinstance(body, Icmp) else 0
