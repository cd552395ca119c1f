"""Which capture files are of one network, and by which name it is known.

What is captured on one network says nothing of another: the same private addresses are other
machines there. So files of networks that are known to be several are read apart. Files that may be
of one are read as one: pieces cut by time, and both sides of a router.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from netcheck.capture.protocols.dhcp import ACK
from netcheck.capture.protocols.nat_views import SAME_NS
from netcheck.capture.tables import Tables
from netcheck.model import Observation
from netcheck.wire.addresses import is_bogon, is_unicast
from netcheck.wire.decode import ACK as TCP_ACK
from netcheck.wire.decode import ARP_ANSWER, SYN, Arp, Dhcp

FORWARDED = 2
"""Who sends from so many addresses, one of them public, is a router; a host may have a public one
of its own.
"""
NO_MAC = "00:00:00:00:00:00"


class Opening(msgspec.Struct, frozen=True):
    """The first SYN of a connection, as it was seen at one capture point."""

    client: str
    ttl: int
    at_ns: int


class FileNetwork(msgspec.Struct, frozen=True, kw_only=True):
    """What one file shows of its network. The gateway's MACs and addresses name it."""

    macs: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    """MACs of all others."""
    openings: Mapping[tuple[str, int, int], Opening] = {}
    """Server, port and sequence number → who opened it."""
    span_ns: tuple[int, int] = (0, 0)

    @property
    def is_known(self) -> bool:
        return bool(self.macs or self.addresses)


def of_one_network(files: Sequence[Tables]) -> list[list[Tables]]:
    """The files, divided where they are known to be of several networks; in the order given."""
    if len(files) < 2:
        return [list(files)] if files else []
    groups = grouped([network_of(tables) for tables in files])
    return [[files[index] for index in group] for group in groups]


def grouped(seen: Sequence[FileNetwork]) -> list[list[int]]:
    """The numbers of the files of each network, in order."""
    groups = _with_unknown(_known_groups(seen), seen)
    return sorted(sorted(group) for group in groups)


def network_of(tables: Tables) -> FileNetwork:
    """What these tables show of the network they were captured on."""
    routers = _routers(tables)
    macs = _forwarding(tables) | {
        arp.sender_mac
        for arp in (captured.message.body for captured in tables.arp)
        if isinstance(arp, Arp) and arp.operation == ARP_ANSWER and arp.sender_ip in routers
    }
    macs -= {NO_MAC}
    own = {sender.ip for sender in tables.senders if sender.mac in macs and is_bogon(sender.ip)}
    bound = {
        arp.sender_ip
        for arp in (captured.message.body for captured in tables.arp)
        if isinstance(arp, Arp) and arp.sender_mac in macs and is_unicast(arp.sender_ip)
    }
    spans = [(file.first_ns, file.last_ns) for file in tables.files if file.packets]
    return FileNetwork(
        macs=frozenset(macs),
        addresses=frozenset(routers | bound | own),
        clients=frozenset(_clients(tables)) - macs,
        openings=_openings(tables),
        span_ns=(min((a for a, _ in spans), default=0), max((b for _, b in spans), default=0)),
    )


def names(networks: Sequence[Sequence[Observation]]) -> list[str]:
    """A name for each network, of the observations that its files gave: the MAC of the gateway that
    most clients use, else its address; empty where no gateway was seen. A router that serves
    several has one MAC on all: its addresses tell them apart.
    """
    gateways = [_gateway(seen) for seen in networks]
    count = Counter(mac for mac, _ in gateways)
    return [mac if mac and count[mac] == 1 else address or mac for mac, address in gateways]


def _gateway(seen: Sequence[Observation]) -> tuple[str, str]:
    """MAC and address of the gateway that most clients use, each empty where it was not seen. A
    gateway asks for its clients' MACs, too.
    """
    devices = {o.subject for o in seen if o.fact == "device.identity"}
    macs: dict[str, set[str]] = defaultdict(set)
    addresses: dict[str, set[str]] = defaultdict(set)
    for o in seen:
        if o.fact == "dhcp.options":
            addresses[o.text("router").partition(" ")[0]].add(o.subject)
        elif o.fact == "gateway.arp" and o.text("gateway_mac") not in devices:
            macs[o.text("gateway_mac")].add(o.subject)
            addresses[o.target].add(o.subject)
    return _most_used(macs), _most_used(addresses)


def _most_used(users: Mapping[str, set[str]]) -> str:
    return min(
        (name for name in users if name), key=lambda name: (-len(users[name]), name), default=""
    )


def _routers(tables: Tables) -> set[str]:
    """The gateways that leases name."""
    return {
        body.routers[0]
        for body in (captured.message.body for captured in tables.dhcp)
        if isinstance(body, Dhcp) and body.kind == ACK and body.routers
    }


def _forwarding(tables: Tables) -> set[str]:
    """The MACs that send from addresses of others, as a router does."""
    sent: dict[str, Counter[bool]] = defaultdict(Counter)
    for sender in tables.senders:
        if sender.mac and is_unicast(sender.ip):
            sent[sender.mac][not is_bogon(sender.ip)] += 1
    return {mac for mac, kinds in sent.items() if kinds[True] and sum(kinds.values()) >= FORWARDED}


def _clients(tables: Tables) -> Iterator[str]:
    """Every MAC that sent something there."""
    yield from (sender.mac for sender in tables.senders if sender.mac)
    yield from tables.wifi.stations
    for captured in (*tables.arp, *tables.dhcp):
        if captured.message.src_mac:
            yield captured.message.src_mac


def _openings(tables: Tables) -> dict[tuple[str, int, int], Opening]:
    found = {}
    for key, segments in tables.conversations.items():
        for segment in segments:
            if segment.flags & SYN and not segment.flags & TCP_ACK:
                found[key.server, key.server_port, segment.seq] = Opening(
                    key.client, segment.ttl, segment.at_ns
                )
    return found


def _are_two_sides(one: FileNetwork, other: FileNetwork) -> bool:
    """Was one connection captured in both, on this side of a router and on the other?"""
    views = [
        (one.openings[key], other.openings[key]) for key in one.openings.keys() & other.openings
    ]
    return any(
        here.client != there.client
        and here.ttl != there.ttl
        and abs(here.at_ns - there.at_ns) < SAME_NS
        for here, there in views
    )


def _are_same(one: FileNetwork, other: FileNetwork) -> bool:
    """Are they known to be of one network? A MAC alone is none where the addresses differ: a router
    has it on each network that it serves.
    """
    has_same_gateway = one.macs & other.macs and not _are_apart(one.addresses, other.addresses)
    return bool(has_same_gateway) or _are_two_sides(one, other)


def _are_other(one: FileNetwork, other: FileNetwork) -> bool:
    """Are they known to be of two networks?"""
    if _are_same(one, other):
        return False
    return _are_apart(one.macs, other.macs) or _are_apart(one.addresses, other.addresses)


def _are_apart(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some) and bool(others) and some.isdisjoint(others)


def _known_groups(seen: Sequence[FileNetwork]) -> list[set[int]]:
    """The files that show a gateway, those of one network together: first what is known to be of
    one, then what is not known to be of another.
    """
    known = [index for index, one in enumerate(seen) if one.is_known]
    groups: list[set[int]] = []
    for index in known:
        same = [g for g in groups if any(_are_same(seen[index], seen[other]) for other in g)]
        groups = [g for g in groups if g not in same] + [{index}.union(*same)]
    half_known = [
        group
        for group in groups
        if not (any(seen[i].macs for i in group) and any(seen[i].addresses for i in group))
    ]
    for group in half_known:
        fitting = [
            other
            for other in groups
            if other is not group
            and not any(_are_other(seen[mine], seen[its]) for mine in group for its in other)
        ]
        if len(fitting) == 1:
            groups.remove(group)
            fitting[0].update(group)
    return groups


def _with_unknown(groups: list[set[int]], seen: Sequence[FileNetwork]) -> list[set[int]]:
    """The groups, and each file that shows no gateway: in the only one; of several in the one with
    a client in common, the nearest in time, else by itself.
    """
    if len(groups) < 2:
        return [set(range(len(seen)))]
    found = [set(group) for group in groups]
    for index, one in enumerate(seen):
        if one.is_known:
            continue
        sharing = (
            (_gap_ns(one, seen[other]), place)
            for place, group in enumerate(groups)
            for other in group
            if seen[other].clients & one.clients
        )
        _, place = min(sharing, default=(0, -1))
        if place < 0:
            found.append({index})
        else:
            found[place].add(index)
    return found


def _gap_ns(one: FileNetwork, other: FileNetwork) -> int:
    return max(one.span_ns[0], other.span_ns[0]) - min(one.span_ns[1], other.span_ns[1])
