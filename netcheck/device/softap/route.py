"""By which interface the device's own access point can be reached, if at all: it is always
192.168.0.1, as many a router is; pure.

`sockets` looks at the computer, this module understands. Nothing is sent to find out.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

import msgspec

from netcheck.device.softap.framing import ADDRESS
from netcheck.host.interfaces import InterfaceAddress
from netcheck.model import Struct

_DEVICE = IPv4Address(ADDRESS)
_SELF_GIVEN = IPv4Network("169.254.0.0/16")
"""Addresses that a computer gives itself where no DHCP server answers (RFC 3927)."""
MOBILE = ("wwan", "wwp", "rmnet", "ccmni", "pdp_ip", "usb")
"""How systems name a mobile modem's interface, or a phone's that is tethered by USB."""


def is_near(link: InterfaceAddress) -> bool:
    """Is the device's address on this interface's own subnet, and not this computer's own?"""
    try:
        own = IPv4Network(f"{link.address}/{link.netmask}", strict=False)
    except ValueError:
        return False
    return 0 < own.prefixlen < 31 and _DEVICE in own and link.address != ADDRESS


def is_without_lease(link: InterfaceAddress) -> bool:
    """Is it up with no address but one it gave itself?"""
    try:
        return IPv4Address(link.address) in _SELF_GIVEN
    except ValueError:
        return not link.address


def is_mobile(link: InterfaceAddress) -> bool:
    """Does its name say that it leads into a mobile network?"""
    return link.name.startswith(MOBILE)


class LocalNetworks(Struct, frozen=True, kw_only=True):
    """This computer's links but loopback, and that by which its routes send packets for the device;
    empty: by none.
    """

    links: tuple[InterfaceAddress, ...] = ()
    route: str = ""


class SoftApRoute(Struct, frozen=True, kw_only=True):
    """The link to hold to; None: there is none, for this `reason`. `rivals`: other links that use
    the same addresses.
    """

    link: InterfaceAddress | None = None
    reason: str = ""
    rivals: tuple[str, ...] = ()
    interface: str = ""
    """Whom the reason speaks of, where it is one interface."""

    @property
    def is_plausible(self) -> bool:
        """May it be the device's own network? A link that is known not to be Wi-Fi is another
        network that uses 192.168.0.x.
        """
        return self.link is not None and self.link.is_wifi is not False


def choose(local_networks: LocalNetworks, interface: str = "") -> SoftApRoute:
    """The route over the interface asked for, else over the one that the device's network is
    likeliest to be on.
    """
    if interface:
        return _over(
            next(
                (link for link in local_networks.links if link.name == interface),
                InterfaceAddress(name=interface),
            )
        )
    near = sorted(
        (link for link in local_networks.links if is_near(link)),
        key=lambda link: (_rank(link), link.name != local_networks.route, link.name),
    )
    if near:
        return SoftApRoute(
            link=near[0], rivals=tuple(link.name for link in near[1:]), interface=near[0].name
        )
    return _no_route(local_networks)


def _over(link: InterfaceAddress) -> SoftApRoute:
    if is_near(link):
        return SoftApRoute(
            link=msgspec.structs.replace(link, is_wifi=None), interface=link.name
        )  # the user knows what it is
    reason = (
        "no_address"
        if is_without_lease(link)
        else "route_conflict"
        if link.address == ADDRESS
        else "other_network"
    )
    return SoftApRoute(reason=reason, interface=link.name)


def _rank(link: InterfaceAddress) -> int:
    """Wi-Fi first, what may be next, what is known to be none last."""
    return {True: 0, None: 1, False: 2}[link.is_wifi]


def _no_route(local_networks: LocalNetworks) -> SoftApRoute:
    """Why no link leads there: the first that holds."""
    if own := _first(link for link in local_networks.links if link.address == ADDRESS):
        return SoftApRoute(reason="route_conflict", interface=own)
    if waiting := _first(
        link for link in local_networks.links if link.is_wifi and is_without_lease(link)
    ):
        return SoftApRoute(reason="no_address", interface=waiting)
    if mobile := _first(
        link
        for link in local_networks.links
        if link.name == local_networks.route and is_mobile(link)
    ):
        return SoftApRoute(reason="mobile_data", interface=mobile)
    return SoftApRoute(
        reason="other_network",
        interface=_first(link for link in local_networks.links if link.is_wifi),
    )


def _first(links: Iterable[InterfaceAddress]) -> str:
    return next((link.name for link in links), "")
