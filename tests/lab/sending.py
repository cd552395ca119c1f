"""What left the laptop while `netcheck` ran, as tcpdump saw it, and whether `netcheck --plan` had
said so.

Frames are sorted without the code under test. What the system adds by itself (ARP for neighbours,
what a TCP connection needs beyond its first SYN, the refusal of an answer that came late) is told
apart, and must serve something that was planned.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dns.exception
import dns.message
import dns.rdatatype
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet
from scapy.utils import PcapReader

USUAL_TTL = 64
"""What the laptop's system gives its packets; a probe that follows the way gives less."""
IGMP = 2
TLS_HANDSHAKE = b"\x16\x03"
UDP_CLOUD = ".udp.particle.io"
"""What the names of the cloud's hosts for UDP end with; the first label is a device's id."""


@dataclass(frozen=True)
class Place:
    """Where the laptop stands: what the words of a plan mean there."""

    mac: str
    gateway: str
    resolvers: tuple[str, ...]
    offered: tuple[str, ...] = ()
    """The resolvers that DHCP names."""
    proxy: str = ""
    others: tuple[str, ...] = ()
    """MACs that nobody on this network has but those whom a probe plays."""


@dataclass
class Sent:
    """What went out: (kind, destination) → how often. `names` are the addresses that names were
    given meanwhile.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    arp_by_system: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    first_at: float | None = None
    last_at: float = 0.0


def overheard(capture: Path, place: Place) -> Sent:
    """The frames of the laptop in a capture of its interface."""
    sent, connections = Sent(), _Connections()
    with PcapReader(str(capture)) as frames:
        for frame in frames:
            if frame[Ether].src in (place.mac, *place.others):
                sent.first_at = sent.first_at or float(frame.time)
                sent.last_at = float(frame.time)
                (_sort if frame[Ether].src == place.mac else _sort_posed)(frame, sent, connections)
            else:
                _learn_names(frame, sent)
    sent.counts.update(connections.counted())
    return sent


class _Connections:
    """Each TCP connection once, by its first SYN and the first bytes that the laptop sent on it."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[int, str], str] = {}

    def add(self, packet: Packet) -> bool:
        """Does the packet belong to a connection that the laptop opened?"""
        tcp, to = packet[TCP], f"{packet[IP].dst}:{packet[TCP].dport}"
        key = tcp.sport, to
        if tcp.flags == "S":
            self._kinds.setdefault(
                key, "tcp_connection" if packet[IP].ttl == USUAL_TTL else "tcp_syn_ttl"
            )
        elif self._kinds.get(key) == "tcp_connection" and (kind := _spoken(bytes(tcp.payload))):
            self._kinds[key] = kind
        return key in self._kinds

    def counted(self) -> Counter[tuple[str, str]]:
        return Counter((kind, to) for (_, to), kind in self._kinds.items())


def _spoken(payload: bytes) -> str:
    """The kind of a connection whose first words these are; empty where they tell nothing."""
    if payload[:4] == b"GET ":
        return "http_request"
    return "tls_greeting" if payload[:2] == TLS_HANDSHAKE else ""


def _sort_posed(frame: Packet, sent: Sent, _: _Connections) -> None:
    """Count a frame under a MAC that is not the laptop's. A reset ends what its SYN began."""
    if ARP in frame:
        sent.counts["arp_request" if frame[ARP].op == 1 else "arp_reply", frame[ARP].pdst] += 1
    elif TCP in frame and frame[TCP].flags == "S":
        sent.counts["tcp_syn", f"{frame[IP].dst}:{frame[TCP].dport}"] += 1
    elif ICMP in frame and frame[ICMP].type == 8:
        sent.counts["icmp_echo", frame[IP].dst] += 1
    elif not (TCP in frame and frame[TCP].flags.R):
        sent.odd.append(frame.summary())


def _sort(frame: Packet, sent: Sent, connections: _Connections) -> None:
    """Count one frame, or note it as odd."""
    if ARP in frame:
        _sort_arp(frame[ARP], sent)
    elif IP not in frame:
        sent.odd.append(frame.summary())
    elif TCP in frame:
        if not connections.add(frame):
            sent.odd.append(frame.summary())
    elif UDP in frame:
        sent.counts[_datagram(frame)] += 1
    elif ICMP in frame and frame[ICMP].type == 8:
        sent.counts["icmp_echo", frame[IP].dst] += 1
    elif frame[IP].proto == IGMP:
        sent.counts["igmp_report", frame[IP].dst] += 1
    elif not (ICMP in frame and _refuses_late_answer(frame, sent)):
        sent.odd.append(frame.summary())


def _sort_arp(arp: Packet, sent: Sent) -> None:
    """Without a sender's address it is a probe's (RFC 5227); answers are given to whoever asks."""
    if arp.op == 1 and arp.psrc == "0.0.0.0":
        sent.counts["arp_request", arp.pdst] += 1
    elif arp.op == 1:
        sent.arp_by_system[arp.pdst] += 1


def _datagram(frame: Packet) -> tuple[str, str]:
    ip, udp = frame[IP], frame[UDP]
    if udp.dport == 53:
        question = dns.message.from_wire(bytes(udp.payload)).question[0]
        return "dns_query", f"{question.name.to_text(omit_final_dot=True)} {ip.dst}"
    if udp.dport == 67:
        return "dhcp_discover", ip.dst
    return "udp_datagram", f"{ip.dst}:{udp.dport}"


def _refuses_late_answer(frame: Packet, sent: Sent) -> bool:
    """Does the system tell a server, to whom a datagram went, that nobody waits for its answer any
    more?
    """
    quoted = frame[ICMP].payload
    asked = {
        to.split(":")[0].split()[-1]
        for kind, to in sent.counts
        if kind in ("dns_query", "udp_datagram")
    }
    return frame[ICMP].type == 3 and isinstance(quoted, IPerror) and quoted.src in asked


def _learn_names(frame: Packet, sent: Sent) -> None:
    """The addresses in a resolver's answer."""
    if UDP not in frame or frame[UDP].sport != 53:
        return
    try:
        answer = dns.message.from_wire(bytes(frame[UDP].payload))
    except dns.exception.DNSException:
        return
    for name in (question.name.to_text(omit_final_dot=True) for question in answer.question):
        sent.names[name] |= {
            record.to_text()
            for rows in answer.answer
            if rows.rdtype == dns.rdatatype.A
            for record in rows
        }


# -- against the plan


def unplanned(sent: Sent, plan: Sequence[Mapping[str, Any]], place: Place) -> list[str]:
    """What was sent and not planned, or more often than planned; a sentence each."""
    allowed = [
        (entry["kind"], destinations(entry, sent.names, place), entry["at_most"]) for entry in plan
    ]
    return [*sent.odd, *_too_many(sent.counts, allowed), *_strange_neighbours(sent, allowed)]


def destinations(entry: Mapping[str, Any], names: Mapping[str, set[str]], place: Place) -> set[str]:
    """Where an entry of the plan may go to, in the notation of `Sent.counts`; `*` is everybody.
    Fails for words nobody can check.
    """
    to = str(entry["to"])
    if entry["kind"] == "dns_query":
        wanted, _, servers = to.partition(" at ")
        return {
            f"{name} {server}"
            for name in _names(wanted, names)
            for server in _hosts(servers, names, place)
        }
    if found := re.search(r"([\w.-]+):(\d+)", to):
        return {f"{host}:{found[2]}" for host in _hosts(found[1], names, place)}
    port = re.search(r"port (\d+)", to)
    return {f"{host}:{port[1]}" if port else host for host in _hosts(to, names, place)}


def _names(words: str, names: Mapping[str, set[str]]) -> set[str]:
    """The names that these words of a plan stand for."""
    if words.startswith("the cloud's host for UDP"):
        return {name for name in names if name.endswith(UDP_CLOUD)}
    return {words}


def _hosts(words: str, names: Mapping[str, set[str]], place: Place) -> set[str]:
    """The addresses that these words of a plan stand for."""
    if "everybody" in words:
        return {"*"}
    if "resolvers" in words:
        return {
            *place.resolvers[:2],
            *place.offered,
            *([place.gateway] if "or the gateway" in words else []),
        }
    if "the gateway" in words:
        return {place.gateway}
    if "the proxy" in words:
        return {place.proxy}
    if words.startswith("the cloud's host for UDP"):
        return {address for name in _names(words, names) for address in names[name]}
    if words == "the device" or words.startswith("the host that a DHCP offer names"):
        return set()  # neither is in these networks
    if group := re.search(r"join and leave ([\d.]+)", words):
        return {
            group[1],
            "224.0.0.22",
        }  # IGMPv3 reports go to all routers that speak it (RFC 3376 §4.2.14)
    if address := re.match(r"\d+\.\d+\.\d+\.\d+", words):
        return {address[0]}
    assert re.fullmatch(r"[\w-]+(\.[\w-]+)+", words), (
        f"the plan says of {words!r} nothing that can be checked"
    )
    return set(names.get(words, ()))


SPEAKING = ("http_request", "tls_greeting")
"""Kinds of connections that show only by what is said on them."""
Allowed = Sequence[tuple[str, set[str], int]]


def _too_many(counts: Counter[tuple[str, str]], allowed: Allowed) -> Iterator[str]:
    """What no entry covers, and entries whose destinations together got more than they and those
    that share them allow.
    """
    for (kind, to), count in counts.items():
        if not any(_is_covered(kind, to, *entry[:2]) for entry in allowed):
            yield f"{count} {kind} to {to}: not planned"
    for kind, places, _ in allowed:
        here = sum(
            count for (sent, to), count in counts.items() if sent == kind and places & {to, "*"}
        )
        most = sum(
            at_most
            for other, shared, at_most in allowed
            if _may_count_as(kind, other) and shared & places
        )
        if here > most:
            yield f"{here} {kind} to {sorted(places)}: planned {most}"


def _is_covered(kind: str, to: str, planned: str, places: set[str]) -> bool:
    return _may_count_as(kind, planned) and bool(places & {to, "*"})


def _may_count_as(kind: str, planned: str) -> bool:
    """A web request whose connection did not open shows as a connection alone."""
    return planned == kind or (kind == "tcp_connection" and planned in SPEAKING)


def _strange_neighbours(sent: Sent, allowed: Allowed) -> Iterator[str]:
    """Neighbours that the system asked for though nothing planned goes there, or more often than
    once a second.
    """
    planned = {
        re.split("[: ]", to)[-1 if kind == "dns_query" else 0]
        for kind, places, _ in allowed
        for to in places
    }
    seconds = sent.last_at - (sent.first_at or 0.0)
    for address, count in sent.arp_by_system.items():
        if address not in planned or count > seconds + 2:
            yield f"{count} ARP requests of the system for {address} in {seconds:.0f} s"


def not_told(sent: Sent, observations: Iterable[Mapping[str, Any]]) -> list[str]:
    """Kinds of which more left than the probes say of themselves afterwards."""
    told: Counter[str] = Counter()
    for run in (one for one in observations if one["fact"] == "probe.run"):
        told.update({name: value for name, value in run["data"] if isinstance(value, int)})
    left: Counter[str] = Counter()
    for (kind, _), count in sent.counts.items():
        left[kind] += count
    for counts in (left, told):
        counts["tcp_connection"] += sum(counts.pop(kind, 0) for kind in SPEAKING)
    return [
        f"{count} {kind}, told {told[kind]}" for kind, count in left.items() if count > told[kind]
    ]
