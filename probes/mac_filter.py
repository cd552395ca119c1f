"""Does this network refuse the device by its MAC address, and let others through?

Sends: only with --as-device, from a computer on a cable and while the device is not on the network.
The same questions under two client identities, one of a made-up MAC and one of the device's: ARP
and an echo to the gateway, a SYN to the cloud's port and to a web port. Where the device is
refused, all again with their addresses exchanged. Before them ARP requests: is it here, and which
addresses are free?
Settles: gateway.as_device, internet.as_device, tcp.as_device, and the same as_new_client.
Cannot tell: whom an access point lets join (a capture of Wi-Fi frames shows that), nor a list of
allowed devices from a switch that lets one MAC pass on each port. Such a switch may be set to shut
the port of a computer that shows another MAC.
Source: RFC 826, RFC 792, RFC 9293 §3.5; RFC 5227 §2.1.1 (is an address in use).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce
from ipaddress import IPv4Network
from itertools import zip_longest

import msgspec

from netcheck.model import Stage, Target
from netcheck.probing import (
    NEW_CLIENT,
    CannotRun,
    ClientAnswers,
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    Vantage,
    cloud_addresses,
    cloud_lookups,
    probe,
    seen,
    skipped,
)

_WEB_PORT = 443
_LISTEN_S = 3.0
"""A device without a connection sends a request more often; a server gives a lease that it
knows at once.
"""
_CANDIDATES = 6
_MOST_LEASES = 3
_MOST_ROUNDS = 4
"""Two clients, and both again where the device is refused what the other is given, or nothing
outside answers.
"""
_SLOW_S = 7.5
"""Where the first answers took so long to come or not, a way is slow or dead, and silence is not
asked for again; a refusal is.
"""
_GROUP_BIT = 0x01
_MASK = "255.255.255.0"
_AS_DEVICE = ("gateway.as_device", "internet.as_device", "tcp.as_device")
_AS_NEW_CLIENT = ("gateway.as_new_client", "internet.as_new_client", "tcp.as_new_client")
_OTHERS = "under two other MACs, only with --as-device"
_HOW = (
    "from a computer on a cable, with the Photon switched off, `--as-device MAC` shows whether this"
    " network refuses its MAC alone"
)


@probe(
    stage=Stage.INTERNET,
    settles={*_AS_DEVICE, *_AS_NEW_CLIENT},
    needs={Need.INTERNET, Need.RAW_SOCKETS},
    sends=(
        *cloud_lookups(),
        Traffic(
            kind=Kind.ARP_REQUEST,
            to="everybody on this network, only with --as-device",
            at_most=2 * (_CANDIDATES + _MOST_LEASES),
        ),
        Traffic(kind=Kind.ARP_REQUEST, to=f"the gateway {_OTHERS}", at_most=_MOST_ROUNDS * 3),
        Traffic(kind=Kind.ARP_REPLY, to=f"the gateway {_OTHERS}", at_most=_MOST_ROUNDS * 8),
        Traffic(kind=Kind.ICMP_ECHO, to=f"the gateway {_OTHERS}", at_most=_MOST_ROUNDS * 3),
        Traffic(
            kind=Kind.TCP_SYN,
            to=f"{{cloud_host}}:{{cloud_port}} {_OTHERS}",
            at_most=_MOST_ROUNDS * 3,
        ),
        Traffic(
            kind=Kind.TCP_SYN,
            to=f"{{neutral_host}}:{_WEB_PORT} {_OTHERS}",
            at_most=_MOST_ROUNDS * 3,
        ),
    ),
    within_s=19,
    background=True,
)
def mac_filter(target: Target, net: Net) -> Iterator[Seen]:
    here, device = net.vantage(), target.as_device
    if hindrance := why_not(device, here):
        raise CannotRun(hindrance)
    started = net.clock()
    addresses = free_addresses(device, here, net)
    places = [(target.neutral_host, _WEB_PORT), *cloud_place(target, net)]
    begun, gateway = net.clock(), here.gateway or ""
    rounds = [ask_both(net, device, addresses, gateway, places)]
    is_slow = net.clock() - started >= _SLOW_S
    if is_refused(*rounds[0]) or (any(map(is_unheard, rounds[0])) and not is_slow):
        rounds.append(ask_both(net, device, addresses[::-1], gateway, places))
    new_client, as_device = (reduce(better, answers) for answers in zip(*rounds, strict=True))
    for mac, facts, answers in (
        (NEW_CLIENT, _AS_NEW_CLIENT, new_client),
        (device, _AS_DEVICE, as_device),
    ):
        for one in told(facts, answers, target, gateway):
            yield msgspec.structs.replace(
                one, subject=mac, at=begun, data=(*one.data, ("tries", len(rounds)))
            )


def why_not(device: str, here: Vantage) -> str:
    """Why this computer cannot take the device's identity here, and what would help; empty where it
    can.
    """
    if not device:
        return f"the device's MAC was not given: {_HOW}"
    if here.is_wireless:
        return f"an access point passes no frames of a MAC that did not join it: {_HOW}"
    if device == here.mac or int(device[:2], 16) & _GROUP_BIT:
        return (
            f"{device} is this computer's own MAC, or no client's: give the Photon's with"
            " --as-device"
        )
    return ""


def free_addresses(device: str, here: Vantage, net: Net) -> list[str]:
    """Two addresses that no machine uses. Raises CannotRun where there are none, or one of the MACs
    is on the network now.

    Frames of a second machine with its MAC would draw the device's own traffic to this computer.
    """
    candidates = candidates_in(here, net)
    owners: dict[str, str] = {}
    heard: set[str] = set()

    def ask() -> None:
        leased = sorted(_leases(device, net))[:_MOST_LEASES]
        owners.update(net.who_has([*candidates, *leased]))

    net.together([ask, lambda: heard.update(_heard(net))])
    in_use = {device, NEW_CLIENT} & {*heard, *owners.values()}
    if in_use:
        raise CannotRun(
            f"{min(in_use)} is in use on this network now: switch the Photon off, so that this"
            " computer can take its place"
        )
    free = [address for address in candidates if address not in owners]
    if len(free) < 2:
        raise CannotRun(
            "this network has no two free addresses to ask under; a capture beside the device's"
            " start shows the same"
        )
    return free[:2]


def _leases(device: str, net: Net) -> set[str]:
    """The addresses that the device would have: what servers offer it, and where it was a
    neighbour.
    """
    neighbours = net.known_neighbours() or ()
    offered = net.dhcp_address(device, _LISTEN_S)
    return {ip for ip in (offered, *(ip for ip, mac in neighbours if mac == device)) if ip}


def _heard(net: Net) -> set[str]:
    return {sighting.mac for sighting in net.listen_to_broadcasts(_LISTEN_S)}


def candidates_in(here: Vantage, net: Net) -> list[str]:
    """The highest addresses of this network that are free as far as is known: address pools
    begin low.
    """
    network = IPv4Network(f"{here.address}/{here.netmask or _MASK}", strict=False)
    taken = {
        here.address,
        here.gateway,
        *here.resolvers,
        *(ip for ip, _ in net.known_neighbours() or ()),
    }
    most = min(network.num_addresses - 2, _CANDIDATES + len(taken))
    highest = [str(network.broadcast_address - place) for place in range(1, most + 1)]
    return [address for address in highest if address not in taken][:_CANDIDATES]


def cloud_place(target: Target, net: Net) -> list[tuple[str, int]]:
    """An address of the cloud with its port; empty where its name does not resolve."""
    try:
        return [(next(cloud_addresses(target, net)), target.cloud_port)]
    except CannotRun:
        return []


def ask_both(
    net: Net, device: str, addresses: Sequence[str], gateway: str, places: Sequence[tuple[str, int]]
) -> list[ClientAnswers]:
    """The answers to a client of the made-up MAC and to one of the device's, side by side, at these
    two addresses.
    """
    clients = zip((NEW_CLIENT, device), addresses, strict=True)
    return net.together(
        [partial(net.ask_as_client, mac, ip, gateway, places) for mac, ip in clients]
    )


def is_refused(new_client: ClientAnswers, device: ClientAnswers) -> bool:
    """Is the device refused what the new client is given? Asked again, with addresses exchanged, it
    is neither chance nor theirs.
    """
    pairs = zip_longest(
        (new_client.arp, *new_client.connections), (device.arp, *device.connections)
    )
    return any(given and given.ok and not (got and got.ok) for given, got in pairs)


def is_unheard(client: ClientAnswers) -> bool:
    """Did no host outside answer this client? Asked again, it is no moment in which nothing gets
    through.
    """
    return bool(client.connections) and client.connections[0].reason == "timeout"


def better(one: ClientAnswers, other: ClientAnswers) -> ClientAnswers:
    """Of two rounds, for each question the answer that came: a refusal counts only where it came
    twice.
    """
    return ClientAnswers(
        arp=_better(one.arp, other.arp) or one.arp,
        echo=_better(one.echo, other.echo),
        connections=tuple(
            reply
            for pair in zip_longest(one.connections, other.connections)
            if (reply := _better(*pair))
        ),
    )


def _better(one: Reply | None, other: Reply | None) -> Reply | None:
    return other if one is None or (other is not None and other.ok) else one


def told(
    facts: Sequence[str], answers: ClientAnswers, target: Target, gateway: str
) -> Iterator[Seen]:
    """Whether that client was answered by the gateway, by a host outside and by the cloud."""
    at_gateway, outside, cloud = facts
    echo = {} if answers.echo is None else {"answers_ping": answers.echo.ok}
    yield seen(at_gateway, answers.arp, gateway, **echo)
    web, port, *_ = (*answers.connections, None, None)
    why = (
        "no usable address for the cloud's name is known"
        if answers.arp.ok
        else "the gateway did not answer this MAC"
    )
    yield _connection(outside, web, f"{target.neutral_host}:{_WEB_PORT}", why)
    yield _connection(cloud, port, f"{target.cloud_host}:{target.cloud_port}", why)


def _connection(fact: str, reply: Reply | None, place: str, why_not_asked: str) -> Seen:
    return (
        skipped(fact, "not_asked", place, says=why_not_asked)
        if reply is None
        else seen(fact, reply, place)
    )
