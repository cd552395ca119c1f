"""The time that each file spans, and what it cannot show: of some clients one direction alone.

A mirror port set to rx or tx, `-Q in`, or a way back that is not the way there show half of a
conversation. Absence in the capture is then not absence on the wire, and no missing answer is
judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from netcheck.capture.clients import Clients
from netcheck.capture.observations import SECOND_NS, PacketRef, observed
from netcheck.capture.protocols.tcp import Connection
from netcheck.capture.protocols.wifi_frames import (
    MAX_ALL_JOIN_FRAMES,
    MAX_BSS,
    MAX_STATIONS,
)
from netcheck.capture.records import CaptureRecord
from netcheck.capture.tables import OF_PHOTONS
from netcheck.model import NETWORK, Observation, Outcome
from netcheck.wire.decode import Arp

LINK_NAMES = {
    0: "NULL",
    1: "EN10MB",
    9: "PPP",
    50: "PPP_HDLC",
    51: "PPP_ETHER",
    101: "RAW",
    105: "IEEE802_11",
    108: "LOOP",
    113: "LINUX_SLL",
    119: "IEEE802_11_PRISM",
    127: "IEEE802_11_RADIO",
    149: "PKTAP",
    163: "IEEE802_11_AVS",
    166: "PPP_PPPD",
    192: "PPI",
    239: "NFLOG",
    258: "PKTAP",
    276: "LINUX_SLL2",
    281: "DSA_TAG_BRCM",
    282: "DSA_TAG_BRCM_PREPEND",
    284: "DSA_TAG_DSA",
    285: "DSA_TAG_EDSA",
}
"""Link type → its name at tcpdump.org/linktypes.html."""


def read_coverage(record: CaptureRecord, limits: Iterable[str]) -> Iterator[Observation]:
    """One observation for each file. `limits`: what all of them together cannot show."""
    left_out = tuple(_left_out(kind, count) for kind, count in sorted(record.left_out.items()))
    for file in record.files:
        yield observed(
            "capture.coverage",
            Outcome.OK,
            subject=NETWORK,
            target=file.source,
            at_ns=file.first_ns,
            end_ns=file.last_ns,
            data=[
                ("link", " ".join(LINK_NAMES.get(link, str(link)) for link in file.links)),
                ("span_s", round((file.last_ns - file.first_ns) / SECOND_NS, 3)),
                ("packets", file.packets),
                ("relevant", file.relevant),
                ("cannot_show", " | ".join((*file.limits, *limits, *left_out))),
            ],
            packets=[PacketRef(file.first_ns, file.source, 1)],
        )


def photons_left_out(count: int) -> tuple[str, ...]:
    """In words, that so many clients that may be Photons are not judged."""
    words = f"{count} more clients may be Photons and were not judged: name yours with --device"
    return (words,) if count else ()


def _left_out(kind: str, count: int) -> str:
    """In words, what was counted of a kind, but not read."""
    if kind == "tcp to the cloud":
        return (
            f"{count} packets of connections to the cloud, neither the first nor the newest, were"
            " counted, but not read"
        )
    if kind == "wifi":
        return (
            f"{count} more Wi-Fi frames were counted, but not read: at most {MAX_STATIONS:,}"
            f" stations with {MAX_ALL_JOIN_FRAMES:,} frames, and {MAX_BSS:,} access points, are"
            " kept, the Photon's before all others"
        )
    if kind == "photons":
        return f"{count} more packets of clients that may be Photons had no room of their own"
    if kind.endswith(OF_PHOTONS):
        return (
            f"{count} more {kind.split()[0]} messages of clients that may be Photons, the oldest,"
            " were counted, but not read"
        )
    return f"{count} more {kind} messages from other traffic were counted, but not read"


def limits_of(
    *, snaplen_cut: int, backward_steps: int, protected: int, problems: Iterable[str]
) -> tuple[str, ...]:
    """In words, what a file cannot show."""
    limits = list(problems)
    if snaplen_cut:
        limits.append(
            f"{snaplen_cut} packets were cut short by the capture's length limit: the content after"
            " the cut could not be seen"
        )
    if backward_steps:
        limits.append(
            f"its clock went back {backward_steps} times: do not trust the times around these steps"
        )
    if protected:
        limits.append(
            f"{protected} frames are encrypted by Wi-Fi: nothing after the join can be read"
        )
    return tuple(limits)


# -- one direction

SENT_ONLY = (
    "only one direction: packets from the Photon were captured, the answers to it were not, so no"
    " missing answer means anything"
)
RECEIVED_ONLY = (
    "only one direction: packets to the Photon were captured, its own were not, so nothing shows"
    " what it did not do"
)


class Directions(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of the clients that these captures show one direction of."""

    sent_only: frozenset[str]
    """What they send is there, what is sent to them is not."""
    received_only: frozenset[str]
    """What is sent to them is there, what they send is not."""

    def limits(self, devices: Iterable[str]) -> tuple[str, ...]:
        """In words, what the captures cannot show of these clients."""
        keys = frozenset(devices)
        said = ((self.sent_only, SENT_ONLY), (self.received_only, RECEIVED_ONLY))
        return tuple(words for clients, words in said if clients & keys)


def read_directions(
    record: CaptureRecord, clients: Clients, connections: Sequence[Connection]
) -> Directions:
    """Of which clients is only one direction there?"""
    sent_to, received_from = _peers(record.unicast)
    heard = frozenset(sent_to) | _arp_senders(record)
    one_sided = _without_server(connections, clients)
    sent_only, received_only = set(one_sided), set()
    senders = {name for sender in record.senders for name in (sender.mac, sender.ip)}
    for client in clients.by_key.values():
        names = (client.key, *client.addresses)
        peers = _of(sent_to, names)
        is_addressed = bool(_of(received_from, names))
        if peers and not is_addressed and not peers & heard:
            sent_only.add(client.key)
        if is_addressed and not peers and client.key not in senders:
            received_only.add(client.key)
    return Directions(sent_only=frozenset(sent_only), received_only=frozenset(received_only))


Peers = Mapping[str, frozenset[str]]


def _peers(pairs: Iterable[tuple[str, str]]) -> tuple[Peers, Peers]:
    """Address → those that it sent to, and those that sent to it."""
    sent_to: dict[str, set[str]] = defaultdict(set)
    received_from: dict[str, set[str]] = defaultdict(set)
    for source, destination in pairs:
        sent_to[source].add(destination)
        received_from[destination].add(source)
    return (
        {name: frozenset(peers) for name, peers in sent_to.items()},
        {name: frozenset(peers) for name, peers in received_from.items()},
    )


def _of(peers: Peers, names: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(peers.get(name, frozenset()) for name in names))


def _arp_senders(record: CaptureRecord) -> frozenset[str]:
    return frozenset(
        captured.message.body.sender_mac
        for captured in record.arp
        if isinstance(captured.message.body, Arp)
    )


def _without_server(connections: Iterable[Connection], clients: Clients) -> set[str]:
    """Clients that show themselves that servers answered them, none of whose segments is there."""
    shown: dict[str, set[bool]] = defaultdict(set)
    for connection in connections:
        if connection.is_open or not all(s.up for s in connection.segments):
            shown[clients.owners.client_of(connection)].add(connection.lacks_server)
    return {key for key, lacks in shown.items() if lacks == {True}}
