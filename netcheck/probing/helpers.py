"""Questions that several probes share: which resolvers a Photon asks, and where the cloud is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from netcheck.host.vantage import Vantage
from netcheck.model import Struct, Target
from netcheck.photon.addresses import NO_PORTAL
from netcheck.probing.net import QUERIES_A_LOOKUP, CannotRun, Net, Reply
from netcheck.probing.plugin import Kind, Traffic
from netcheck.wire.addresses import (
    is_block_page,
    is_bogon,
    is_private,
    is_shared,
    is_unicast,
    same_subnet,
)
from netcheck.wire.http import place_of

CONNECT_PATIENCE_S = 5.0
"""How long a Photon waits for a TCP connection to open, and for a name
(device-os@v0.6.0:hal/src/photon/socket_hal.cpp, inet_hal.cpp).
"""


_TIME_EXCEEDED = "11"  # ICMP type, RFC 792


def is_impossible_for(address: str, target: Target) -> bool:
    """Can it not be an address of that cloud? The maker's is public, and no page of a filter
    service; one that the user named may live anywhere.
    """
    if target.cloud_host != Target().cloud_host:
        return not is_unicast(address)
    return is_bogon(address) or is_block_page(address)


class Resolvers(Struct, frozen=True, kw_only=True):
    """Whom a Photon here asks for names, and who else gives them."""

    servers: tuple[str, ...]
    """The first two of the DHCP offer; where none was heard the gateway, unless this computer's own
    are of this network. A lease that names none makes it ask the gateway and a public one.
    """
    others: tuple[str, ...]
    """This computer's own first two, and a public one, without these."""
    is_offered: bool
    """Do the servers stand in a DHCP offer?"""

    @property
    def every(self) -> tuple[str, ...]:
        """All of them, the device's first."""
        return (*self.servers, *self.others)


_MOST_RESOLVERS = 2
"""Two are stored (device-os, WICED DNS client), and the fallback is compiled in."""
_OFFER_S, _FOREIGN_OFFER_S = 0.3, 5.0
"""How long an offer is waited for: servers that ping an address first need up to 3 s. A computer
whose own resolvers are not of this network has more reason to wait.
"""


def device_resolvers(net: Net, target: Target, patience_s: float | None = None) -> Resolvers:
    """Whom a Photon on this network asks. Waits for a DHCP offer, and sends nothing."""
    here = net.vantage()
    own = here.resolvers[:_MOST_RESOLVERS]
    are_near = any(server == here.gateway or is_private(server) for server in own)
    offer = net.dhcp_offer(
        (_OFFER_S if are_near else _FOREIGN_OFFER_S) if patience_s is None else patience_s
    )
    routers = tuple(filter(_is_host, offer.routers)) if offer else ()
    gateway = routers[:1] or ((here.gateway,) if here.gateway else ())
    fallback = (*gateway, target.neutral_host)
    offered = tuple(filter(_is_host, offer.resolvers)) if offer else ()
    if offer:
        servers = offered[:_MOST_RESOLVERS] or fallback
    elif own and (are_near or not gateway):
        servers = own
    else:
        servers = gateway if own else fallback
    others = [server for server in (*own, target.neutral_host) if server not in servers]
    return Resolvers(servers=servers, others=tuple(dict.fromkeys(others)), is_offered=bool(offered))


def _is_host(address: str) -> bool:
    """May it be a host of the Internet or of a private network? An offer steers no lookup to
    link-local, loopback and multicast addresses.
    """
    return (
        is_private(address) or is_shared(address) or (is_unicast(address) and not is_bogon(address))
    )


RESOLVERS = "the first two resolvers of a DHCP offer and of this computer, or the gateway"
_QUERIES = QUERIES_A_LOOKUP * 2 * _MOST_RESOLVERS


def lookups(name: str, note: str = "") -> Traffic:
    """What `addresses_of` may send for that name."""
    return Traffic(kind=Kind.DNS_QUERY, to=f"{name} at {RESOLVERS}{note}", at_most=_QUERIES)


def cloud_lookups() -> tuple[Traffic, Traffic]:
    """What `cloud_addresses` may send."""
    return (
        lookups("{cloud_host}", ", unless known"),
        Traffic(
            kind=Kind.DNS_QUERY,
            to="{cloud_host} at {neutral_host}, unless known",
            at_most=QUERIES_A_LOOKUP,
        ),
    )


def cloud_addresses(target: Target, net: Net) -> Iterator[str]:
    """The cloud's addresses as a Photon's resolvers, then this computer's and then a public one
    give them; each once.

    Raises CannotRun where there is none.
    """
    if is_unicast(target.cloud_host):
        yield target.cloud_host
        return
    given: set[str] = set()
    for server in device_resolvers(net, target).every:
        for address in net.resolve(target.cloud_host, server).words("addresses"):
            if not is_impossible_for(address, target) and address not in given:
                given.add(address)
                yield address
    if not given:
        raise CannotRun("no usable address for the cloud's name is known")


MOST_CLOUD_ADDRESSES = 3


class CloudPlaces(Struct, frozen=True, kw_only=True):
    """The cloud's addresses as a Photon's resolvers give them, those that only others give, and the
    first false one, if any. `soonest_s`: how long the quickest of those that gave one took.
    """

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    soonest_s: float = 0.0


def cloud_places(target: Target, net: Net) -> CloudPlaces:
    """At most three usable addresses, one of them of a resolver that the device does not ask where
    that one gives another.
    """
    if is_unicast(target.cloud_host):
        return CloudPlaces(own=(target.cloud_host,))
    resolvers, here = device_resolvers(net, target), net.vantage()
    replies = net.together(
        [partial(net.resolve, target.cloud_host, server) for server in resolvers.every]
    )
    asked = dict(zip(resolvers.every, replies, strict=True))
    given = {
        server: [*filter(is_unicast, reply.words("addresses"))] for server, reply in asked.items()
    }
    usable = {
        server: [ip for ip in ips if not is_impossible_for(ip, target)]
        for server, ips in given.items()
    }
    own = dict.fromkeys(ip for server in resolvers.servers for ip in usable[server])
    others = dict.fromkeys(
        ip for server in resolvers.others for ip in usable[server] if ip not in own
    )
    false = [
        ip
        for server in resolvers.every
        for ip in given[server]
        if ip not in usable[server] and is_askable(ip, here)
    ]
    mine = tuple(own)[: MOST_CLOUD_ADDRESSES - bool(others)]
    return CloudPlaces(
        own=mine,
        others=tuple(others)[: 1 if mine else MOST_CLOUD_ADDRESSES],
        false=tuple(dict.fromkeys(false))[:1],
        soonest_s=min((reply.took_s for reply in replies if reply.ok), default=0.0),
    )


def addresses_of(name: str, target: Target, net: Net, timeout_s: float = 2.0) -> Iterator[str]:
    """The name's addresses as those resolvers give them that a Photon here would ask, and then this
    computer's own; a later one is asked only if need be.
    """
    resolvers = device_resolvers(net, target)
    own = net.vantage().resolvers
    for server in (*resolvers.servers, *(one for one in resolvers.others if one in own)):
        yield from net.resolve(name, server, timeout_s).words("addresses")


def public_address(name: str, target: Target, net: Net) -> str:
    """The first of them that a host on the Internet can have; empty where there is none."""
    return next(
        (address for address in addresses_of(name, target, net) if not is_bogon(address)), ""
    )


def connections_by_ttl(net: Net, places: Sequence[tuple[str, int]], hops: int) -> list[list[Reply]]:
    """The results of connections with TTL 1, 2 … `hops` to each of these addresses and ports;
    asked in parallel.
    """
    lives = range(1, hops + 1)
    replies = net.together(
        [partial(net.connect_with_ttl, ip, port, life) for ip, port in places for life in lives]
    )
    return [replies[count * hops : (count + 1) * hops] for count in range(len(places))]


def expired_at(reply: Reply) -> str:
    """The address of the router at which a packet's TTL expired, as its ICMP error says; empty for
    any other answer.
    """
    return reply.text("sender") if reply.text("icmp_type") == _TIME_EXCEEDED else ""


def is_neighbour(address: str, here: Vantage) -> bool:
    """Is it an address of this computer's own network, to which no router leads?"""
    return bool(here.address and here.netmask) and same_subnet(
        here.address or "", address, here.netmask or ""
    )


def web_address(url: str) -> str:
    """Of a web address that a network names the scheme, host and port: the rest may hold a token.
    The word for "no login page" (RFC 8910 §2) stays; `?` for what is no address.
    """
    return url if url == NO_PORTAL else place_of(url)


def named_address(host: str, target: Target, net: Net, *, is_own_choice: bool = False) -> str:
    """The first of them that may be asked, or the name itself if it is an address; empty where
    there is none. `is_own_choice`: the user or this computer's settings name the host, which may
    live in any private network.
    """
    if is_unicast(host):
        return host
    here = net.vantage()
    return next(
        (
            address
            for address in addresses_of(host, target, net)
            if is_askable(address, here) or (is_own_choice and is_private(address))
        ),
        "",
    )


def is_askable(address: str, here: Vantage) -> bool:
    """May a resolver's or a DHCP server's answer lead there: to the Internet, the gateway, or a
    private host of this computer's own subnet (a login page's)? Not into another network, nor to
    link-local, loopback and multicast addresses: nobody's answer steers packets there.
    """
    if not address or not is_bogon(address):
        return bool(address)
    if address == here.gateway:
        return is_private(address) or is_shared(address)
    is_near = bool(here.address and here.netmask) and same_subnet(
        address, here.address or "", here.netmask or ""
    )
    return is_private(address) and is_near
