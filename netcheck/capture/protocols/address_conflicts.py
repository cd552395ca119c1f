"""Address conflicts (RFC 5227), clients with a static address that does not fit the network, and
networks without IPv4.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv6Address
from itertools import accumulate
from typing import NamedTuple

import msgspec

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.dhcp import ACK, OFFER, Exchanges
from netcheck.capture.records import CapturedMessage, CaptureRecord
from netcheck.model import NETWORK, Observation, Outcome
from netcheck.wire.addresses import is_bogon, is_unicast, same_subnet
from netcheck.wire.decode import ARP_ANSWER, ARP_ASK, Arp, RouterAdvertisement

WATCHED_S = 3.5
"""So long after the capture's beginning a client that had just asked for a lease would have been
seen to ask.
"""
REPEATED_S = 0.1
"""A repeater passes a frame on within milliseconds; where it waits for the air, within a beacon."""
MAX_NETWORKS = 16
"""Networks that a static address is compared with; those that most clients use come first."""


class Network(NamedTuple):
    """A subnet, by a gateway in it and the mask that came with it."""

    gateway: str
    mask: str


def without_repeated(record: CaptureRecord) -> CaptureRecord:
    """The record without the ARP messages that a repeater or bridge sent again with its own MAC in
    them, milliseconds after the client's own: they claim no address for it.

    A rival sends requests of its own, or packets from that address. Answers of both to one question
    come within milliseconds, too, and an announcement may defend another (RFC 5227 §2.4).
    """
    speaking = {(sender.mac, sender.ip) for sender in record.senders}
    claims: dict[tuple[str, str], list[tuple[CapturedMessage, bool]]] = defaultdict(list)
    first: dict[tuple[int, str, str], tuple[int, str]] = {}
    for captured in record.arp:
        arp = captured.message.body
        if not isinstance(arp, Arp) or not is_unicast(arp.sender_ip):
            continue
        what = (arp.operation, arp.sender_ip, arp.target_ip)
        at_ns, sender = first.get(what, (0, arp.sender_mac))
        is_copy = sender != arp.sender_mac and captured.at_ns - at_ns <= REPEATED_S * SECOND_NS
        claims[arp.sender_mac, arp.sender_ip].append((captured, is_copy))
        if not is_copy:
            first[what] = captured.at_ns, arp.sender_mac
    repeated = {
        id(captured)
        for claim, messages in claims.items()
        if all(is_copy for _, is_copy in messages)
        and any(_is_question(captured) for captured, _ in messages)
        and claim not in speaking
        for captured, _ in messages
    }
    if not repeated:
        return record
    kept = tuple(captured for captured in record.arp if id(captured) not in repeated)
    return msgspec.structs.replace(record, arp=kept)


def _is_question(captured: CapturedMessage) -> bool:
    arp = captured.message.body
    return isinstance(arp, Arp) and arp.operation == ARP_ASK


def address_conflicts(record: CaptureRecord) -> Iterator[Observation]:
    """Two MACs that claim one address at the same time."""
    claims: dict[str, dict[str, list[CapturedMessage]]] = defaultdict(lambda: defaultdict(list))
    for captured in record.arp:
        arp = captured.message.body
        if isinstance(arp, Arp) and is_unicast(arp.sender_ip):
            claims[arp.sender_ip][arp.sender_mac].append(captured)
    for address, by_mac in claims.items():
        claimants = list(by_mac.values())
        for claimant, rival in zip(claimants, _rivals(claimants), strict=True):
            if rival is not None:
                yield _conflict(address, claimant[0], rival[0])


def _rivals(
    claimants: Sequence[Sequence[CapturedMessage]],
) -> Iterator[Sequence[CapturedMessage] | None]:
    """For each claimant, the one of the others that began first and whose time overlaps its own;
    None where none does.

    Claimants are in the order in which they began. So the first that lasted until this one began is
    found by the farthest end so far; failing that, only the next one can still overlap.
    """
    ends = list(accumulate((claims[-1].at_ns for claims in claimants), max))
    for index, claims in enumerate(claimants):
        earlier = bisect_left(ends, claims[0].at_ns, hi=index)
        if earlier == index:
            earlier = index + 1
        is_rival = earlier < len(claimants) and claimants[earlier][0].at_ns <= claims[-1].at_ns
        yield claimants[earlier] if is_rival else None


def _conflict(address: str, mine: CapturedMessage, other: CapturedMessage) -> Observation:
    return observed(
        "address.conflict",
        Outcome.FAILED,
        "conflict",
        subject=mine.message.body.sender_mac if isinstance(mine.message.body, Arp) else "",
        target=address,
        at_ns=other.at_ns,
        data=[("address", address), ("rival_mac", other.message.src_mac or "")],
        packets=[mine, other],
    )


def static_addresses(
    record: CaptureRecord,
    services: frozenset[str],
    exchanges: Exchanges,
    gateways: Mapping[str, str],
) -> Iterator[Observation]:
    """Clients that use an address without a lease: does it fit the network of the others?"""
    known = _networks(record, exchanges)
    asked = _questions(record)
    for client, gateway in gateways.items():
        if client not in exchanges and client not in services and client in asked:
            others = [network for network, clients in known if len(clients) > (client in clients)]
            yield from _static(record, client, gateway, asked[client], others)


def _static(
    record: CaptureRecord,
    client: str,
    gateway: str,
    asked: Sequence[tuple[CapturedMessage, Arp]],
    others: Sequence[Network],
) -> Iterator[Observation]:
    address = next((arp.sender_ip for _, arp in asked if is_unicast(arp.sender_ip)), "")
    start = _start_without_dhcp(record, asked)
    if not address or not (others or start):
        return
    fits = not others or any(
        same_subnet(own, net.gateway, net.mask) for net in others for own in (gateway, address)
    )
    outcome, reason = (Outcome.UNCLEAR, "") if fits else (Outcome.FAILED, "off_subnet")
    yield observed(
        "address.static",
        outcome,
        reason,
        subject=client,
        target=address,
        at_ns=asked[0][0].at_ns,
        data=[
            ("address", address),
            ("gateway", gateway),
            ("others", " ".join(sorted(net.gateway for net in others))),
            ("start_seen", start is not None),
        ],
        packets=[start] if start else [captured for captured, _ in asked[:2]],
    )


def _start_without_dhcp(
    record: CaptureRecord, asked: Iterable[tuple[CapturedMessage, Arp]]
) -> CapturedMessage | None:
    """The announcement of an address just taken (RFC 5227 §2.3) by a client that asked no server
    for it.
    """
    since_ns = record.first_ns + int(WATCHED_S * SECOND_NS)
    return next(
        (
            captured
            for captured, arp in asked
            if arp.sender_ip == arp.target_ip and captured.at_ns >= since_ns
        ),
        None,
    )


def _questions(record: CaptureRecord) -> dict[str, list[tuple[CapturedMessage, Arp]]]:
    """Client MAC → its ARP questions, in order."""
    asked: dict[str, list[tuple[CapturedMessage, Arp]]] = defaultdict(list)
    for captured in record.arp:
        arp = captured.message.body
        if isinstance(arp, Arp) and arp.operation == ARP_ASK:
            asked[arp.sender_mac].append((captured, arp))
    return asked


def _networks(record: CaptureRecord, exchanges: Exchanges) -> list[tuple[Network, set[str]]]:
    """Networks, each with the clients to whom a lease named it or whom its gateway answered; those
    that most know first.
    """
    known: dict[Network, set[str]] = defaultdict(set)
    for client, own in exchanges.items():
        for exchange in own:
            for _, body in exchange.of_kind(ACK, OFFER):
                if body.routers:
                    known[Network(body.routers[0], body.mask)].add(client)
    for captured in record.arp:
        arp = captured.message.body
        if isinstance(arp, Arp) and arp.operation == ARP_ANSWER and is_bogon(arp.sender_ip):
            known[Network(arp.sender_ip, "255.255.255.0")].add(captured.message.dst_mac or "")
    return sorted(known.items(), key=lambda item: (-len(item[1]), item[0]))[:MAX_NETWORKS]


def without_ipv4(record: CaptureRecord, exchanges: Exchanges) -> Iterator[Observation]:
    """A network on which clients use IPv6, by a router that announces itself, and nobody IPv4:
    DHCP is asked for an address in vain, and no IPv4 address is in use.

    Where others have IPv4 addresses, the DHCP server alone may be off.
    """
    adverts = [
        captured
        for captured in record.icmp
        if isinstance(captured.message.body, RouterAdvertisement)
        and captured.message.body.lifetime_s
    ]
    routers = {captured.message.src_mac for captured in adverts}
    is_used = any(
        sender.mac not in routers and ":" in sender.ip and not IPv6Address(sender.ip).is_link_local
        for sender in record.senders
    )
    has_ipv4 = any(map(_is_in_use, _ipv4_addresses(record))) or any(
        exchange.of_kind(OFFER, ACK) for own in exchanges.values() for exchange in own
    )
    if not adverts or not is_used or not exchanges or has_ipv4:
        return
    yield observed(
        "address.ipv4",
        Outcome.FAILED,
        "no_address",
        subject=NETWORK,
        at_ns=record.first_ns,
        end_ns=record.last_ns,
        data=[("ipv6_gateway", adverts[0].message.src)],
        packets=adverts[:3],
    )


def _ipv4_addresses(record: CaptureRecord) -> Iterator[str]:
    """Those that packets and ARP messages came from."""
    yield from (sender.ip for sender in record.senders if ":" not in sender.ip)
    for captured in record.arp:
        if isinstance(captured.message.body, Arp):
            yield captured.message.body.sender_ip


def _is_in_use(address: str) -> bool:
    """Was it given, or set by hand: not "none yet", and not one that a client took where none was
    given (RFC 3927)?
    """
    return is_unicast(address) and not address.startswith("169.254.")
