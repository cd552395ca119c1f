"""Where this computer stands: interface, addresses, gateway, resolvers. Asks the system, sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from netcheck.addresses import ipv4, is_unicast
from netcheck.live import neighbours
from netcheck.plugin import Vantage

_UPLINK_RESOLVERS = Path("/run/systemd/resolve/resolv.conf")
"""Where systemd-resolved keeps the servers of the lease; /etc/resolv.conf then names only its own stub, 127.0.0.53."""


def interfaces() -> tuple[str, ...]:
    """The names of this computer's network interfaces."""
    import netifaces  # here: a compiled library that `netcheck --help` does not need

    return tuple(netifaces.interfaces())


def look(interface: str = "") -> Vantage:
    """The vantage of that interface; without a name, of the one with the default route, else of any with an address.

    An unknown interface is one without addresses.
    """
    import netifaces  # here: a compiled library that `netcheck --help` does not need

    routing: Any = netifaces.gateways()  # one dict of two shapes: routes by family, and the default of each
    routes = [(str(route[0]), str(route[1])) for route in routing.get(netifaces.AF_INET, ())]
    default = routing.get("default", {}).get(netifaces.AF_INET)
    tables = {name: netifaces.ifaddresses(name) for name in netifaces.interfaces()}
    inets = {name: _usable(table.get(netifaces.AF_INET, ())) for name, table in tables.items()}
    name = interface or (str(default[1]) if default else _first_with_address(inets))
    inet, link = inets.get(name, {}), tables.get(name, {}).get(netifaces.AF_LINK, [{}])[0]
    gateway = gateway_of(name, routes)
    return Vantage(
        interface=name,
        mac=_mac(link),
        address=inet.get("addr"),
        netmask=inet.get("netmask"),
        gateway=gateway,
        gateway_mac=_known_mac(gateway) if gateway else None,
        resolvers=resolvers(),
    )


def gateway_of(interface: str, routes: Iterable[tuple[str, str]]) -> str | None:
    """The first gateway that a default route names for that interface; None where it has none (or a tunnel's, 0.0.0.0)."""
    return next((ip for ip, name in routes if name == interface and is_unicast(ip)), None)


def _usable(rows: Iterable[Mapping[str, str]]) -> Mapping[str, str]:
    """The first address by which the interface can be reached: not loopback."""
    return next((row for row in rows if is_unicast(row.get("addr", "")) and not row["addr"].startswith("127.")), {})


def _first_with_address(inets: Mapping[str, Mapping[str, str]]) -> str:
    return next((name for name, inet in inets.items() if inet), "")


def _mac(link: Mapping[str, Any]) -> str | None:
    """The MAC in the notation of observations; None for a tunnel, which has none or zeros."""
    mac = str(link.get("addr", "")).lower().replace("-", ":")
    return mac if len(mac) == 17 and mac.strip("0:") else None


def _known_mac(ip: str) -> str | None:
    """What the neighbour table holds already: nobody is asked."""
    if not neighbours.can_look():
        return None
    try:
        entry = neighbours.look(ip)
    except OSError:
        return None
    return entry.mac if entry else None


def resolvers() -> tuple[str, ...]:
    """The resolvers that this system asks, first the first; those behind a local stub where the system tells them."""
    servers = _configured(None)
    if servers and all(server.startswith("127.") for server in servers) and _UPLINK_RESOLVERS.exists():
        return _configured(str(_UPLINK_RESOLVERS)) or servers
    return servers


def _configured(file: str | None) -> tuple[str, ...]:
    """The IPv4 resolvers of a resolv.conf, or of the system's own settings (Windows: its registry)."""
    import dns.exception  # here: `netcheck --help` must not load dnspython
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver(file) if file else dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return ()
    return tuple(server for server in map(str, resolver.nameservers) if ipv4(server) is not None)
