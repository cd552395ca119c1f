"""Where this computer stands: interface, addresses, gateway, resolvers. Asks the system, sends
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from netcheck.host import interfaces, neighbours, own_lease, routes
from netcheck.model import Struct
from netcheck.wire.addresses import ipv4, is_unicast, same_subnet

_UPLINK_RESOLVERS = Path("/run/systemd/resolve/resolv.conf")
"""Where systemd-resolved keeps the servers of the lease; /etc/resolv.conf then names only its own
stub, 127.0.0.53.
"""
_RESOLV_CONF = "/etc/resolv.conf"
_MOST_BYTES = 1 << 16


class Vantage(Struct, frozen=True, kw_only=True):
    """This computer's network settings. None: it has none, or this system does not show them."""

    interface: str = ""
    mac: str | None = None
    address: str | None = None
    netmask: str | None = None
    gateway: str | None = None
    gateway_mac: str | None = None
    resolvers: tuple[str, ...] = ()
    is_linked: bool = True
    """Is the interface connected: its cable in, or its Wi-Fi joined? True where the system does not
    tell.
    """
    on_link_servers: tuple[str, ...] = ()
    """Resolvers, and the gateway, on this interface's own subnet that are reached by it, whatever a
    VPN takes.
    """
    egress: str = ""
    """The interface by which packets leave for the Internet; empty: none, or not to be learned."""
    is_egress_refused: bool = False
    """Do this computer's own routes block the Internet, although there is a gateway?
    """
    is_tunnelled: bool = False
    """Is that a VPN or another tunnel, so that what lies outside is not seen from this network?"""
    ipv6_gateway: str | None = None
    lease_renewed_s: float | None = None
    """How long ago a DHCP server last confirmed the address; None: it is set by hand, or this
    system does not tell (Linux does).
    """
    proxies: tuple[str, ...] = ()
    """Web proxies that this computer's programs are told to use, as host:port. Nothing here uses
    them.
    """
    is_wireless: bool = False
    """Is the interface known to be a Wi-Fi one? Only Linux tells."""
    other_networks: tuple[str, ...] = ()
    """Interfaces, no tunnels, by which there is a way out to the Internet too."""


def look(interface: str = "") -> Vantage:
    """The vantage of that interface; without a name, of the one with the default route, else of any
    with an address, else with a link.

    A tunnel that has the default route is passed over: the network to check is the one below it. An
    unknown interface is one without addresses, and so is one that is not connected, whatever was
    set there.
    """
    import netifaces  # here: a compiled library that `netcheck --help` does not need

    routing: Any = (
        netifaces.gateways()
    )  # one dict of two shapes: routes by family, and the default of each
    tables = {
        name: table
        for name in interfaces.names()
        if (table := interfaces.addresses(name)) is not None
    }
    links = {name: interfaces.is_linked(name) for name in tables}
    dead = {name for name, is_linked in links.items() if is_linked is False}
    defaults, defaults6 = (
        _routes(routing, family, dead) for family in (netifaces.AF_INET, netifaces.AF_INET6)
    )
    inets = {
        name: {} if name in dead else _usable(table.get(netifaces.AF_INET, ()))
        for name, table in tables.items()
    }
    macs = {name: _mac(table.get(netifaces.AF_LINK, [{}])[0]) for name, table in tables.items()}
    with_routes, with_routes6 = ([name for _, name in rows] for rows in (defaults, defaults6))
    bare = [
        name
        for name, is_linked in links.items()
        if is_linked and macs[name] and not interfaces.is_port(name)
    ]
    name = interface or first_local(
        [*with_routes, *(name for name, inet in inets.items() if inet), *with_routes6, *bare], macs
    )
    inet, gateway = inets.get(name, {}), gateway_of(name, defaults)
    # A tunnel without carrier may hold the routes all the same: packets leave by it, and are lost.
    every = {name: _usable(table.get(netifaces.AF_INET, ())) for name, table in tables.items()}
    names = {inet["addr"]: name for name, inet in every.items() if inet.get("addr")}
    servers = resolvers()
    source = routes.source(interface)
    egress = names.get(source, "")
    near = [
        server
        for server in (*servers, gateway or "")
        if is_near(server, inet) and names.get(routes.source(interface, server)) == name
    ]
    return Vantage(
        interface=name,
        mac=macs.get(name),
        address=inet.get("addr"),
        netmask=inet.get("netmask"),
        gateway=gateway,
        gateway_mac=_known_mac(gateway) if gateway else None,
        resolvers=servers,
        on_link_servers=tuple(dict.fromkeys(near)),
        is_linked=name not in dead,
        egress=egress,
        is_egress_refused=gateway is not None and not source,
        is_tunnelled=bool(egress) and interfaces.is_tunnel(egress, macs.get(egress)),
        ipv6_gateway=next((ip for ip, route in defaults6 if route == name), None),
        lease_renewed_s=own_lease.renewed_s(inet.get("addr", "")),
        proxies=routes.proxies(),
        is_wireless=interfaces.is_wireless(name) is True,
        other_networks=tuple(
            other
            for other in dict.fromkeys(with_routes)
            if other != name and inets.get(other) and not interfaces.is_tunnel(other, macs[other])
        ),
    )


def is_near(address: str, inet: Mapping[str, str]) -> bool:
    """Is it a neighbour by the interface's own address and mask?"""
    own, mask = inet.get("addr", ""), inet.get("netmask", "")
    return (
        is_unicast(address) and is_unicast(own) and bool(mask) and same_subnet(own, address, mask)
    )


def _routes(routing: Any, family: int, dead: Collection[str]) -> list[tuple[str, str]]:
    """The default routes of that family, the one in use first: gateway and interface. Those of dead
    interfaces lead nowhere.
    """
    default = routing.get("default", {}).get(family)
    rows = [*([default] if default else []), *routing.get(family, ())]
    return list(dict.fromkeys((str(row[0]), str(row[1])) for row in rows if row[1] not in dead))


def first_local(candidates: Sequence[str], macs: Mapping[str, str | None]) -> str:
    """The first interface that is no tunnel; where all are tunnels, the first; empty where there
    are none.
    """
    local = (name for name in candidates if not interfaces.is_tunnel(name, macs.get(name)))
    return next(local, next(iter(candidates), ""))


def gateway_of(interface: str, routes: Iterable[tuple[str, str]]) -> str | None:
    """The first gateway that a default route names for that interface; None where it has none (or a
    tunnel's, 0.0.0.0).
    """
    return next((ip for ip, name in routes if name == interface and is_unicast(ip)), None)


def _usable(rows: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """The first address by which the interface can be reached: not loopback."""
    return next(
        (
            row
            for row in rows
            if is_unicast(row.get("addr", "")) and not row["addr"].startswith("127.")
        ),
        {},
    )


def _mac(link: Mapping[str, Any]) -> str | None:
    """The MAC in the notation of observations; None for a tunnel, which has none or zeros."""
    mac = str(link.get("addr", "")).lower().replace("-", ":")
    return mac if len(mac) == 17 and mac.strip("0:") else None


def _known_mac(ip: str) -> str | None:
    """What the neighbour table has already; sends nothing."""
    if not neighbours.can_look():
        return None
    try:
        entry = neighbours.look(ip)
    except OSError:
        return None
    return entry.mac if entry else None


def resolvers() -> tuple[str, ...]:
    """The resolvers that this system asks, first the first; those behind a local stub where the
    system tells them.
    """
    servers = configured(None)
    if (
        servers
        and all(server.startswith("127.") for server in servers)
        and _UPLINK_RESOLVERS.exists()
    ):
        return configured(str(_UPLINK_RESOLVERS)) or servers
    return servers


def configured(file: str | None) -> tuple[str, ...]:
    """The IPv4 resolvers of a resolv.conf, or of the system's own settings (Windows: its
    registry).
    """
    import dns.exception  # here: `netcheck --help` must not load dnspython
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver(file) if file else dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return ()
    except ValueError:  # one line that nobody can read spoils no other
        return _readable(Path(file or _RESOLV_CONF))
    return tuple(server for server in map(str, resolver.nameservers) if ipv4(server) is not None)


def _readable(file: Path) -> tuple[str, ...]:
    """The resolvers that the file's good lines name."""
    try:
        with file.open("rb") as opened:
            lines = opened.read(_MOST_BYTES).decode("latin-1").splitlines()
    except OSError:
        return ()
    named = [
        words[1] for line in lines if (words := line.split())[:1] == ["nameserver"] and words[1:]
    ]
    return tuple(server for server in named if ipv4(server) is not None)
