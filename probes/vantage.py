"""From where does this computer look at the network?

Sends: nothing.
Settles: computer.vantage, computer.vpn, computer.proxy: facts about this computer, not the network.
Cannot tell: whether the device is on the same network, only whether the names of the Wi-Fi and the
subnets agree; and not every system tells the name of its Wi-Fi.
Source: RFC 7042 §2.1 (the locally administered bit of a random MAC); the routes and settings of
this system.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import Net, Seen, Vantage, is_unicast, probe, same_subnet, ssid_text

_LOCALLY_ADMINISTERED = 0x02


@probe(
    stage=Stage.POWER, settles={"computer.vantage", "computer.vpn", "computer.proxy"}, within_s=3
)
def vantage(target: Target, net: Net) -> Iterator[Seen]:
    here = net.vantage()
    missing = (
        "no_address"
        if here.address is None
        else "no_route"
        if here.gateway is None or here.is_egress_refused
        else ""
    )
    yield _seen("computer.vantage", missing, **_place(here, target), **_wifi(net, target))
    if here.egress:
        beside: dict[str, Scalar] = (
            {"beside": " ".join(here.on_link_servers)}
            if here.is_tunnelled and here.on_link_servers
            else {}
        )
        yield _seen(
            "computer.vpn",
            "tunnel" if here.is_tunnelled else "",
            interface=here.egress,
            local=here.interface,
            **beside,
        )
    yield _seen("computer.proxy", "proxy" if here.proxies else "", servers=" ".join(here.proxies))


def _place(here: Vantage, target: Target) -> dict[str, Scalar]:
    """Where it stands, without what is not known."""
    known: dict[str, Scalar] = {
        "interface": here.interface,
        "address": here.address or "",
        "netmask": here.netmask or "",
        "gateway": here.gateway or "",
        "ipv6_gateway": here.ipv6_gateway or "",
        "resolvers": " ".join(here.resolvers),
        "other_networks": " ".join(here.other_networks),
    }
    place = {name: value for name, value in known.items() if value}
    if here.mac:
        place |= {"mac": here.mac, "mac_is_random": is_random(here.mac)}
    if not here.is_linked:
        place["is_linked"] = False
    if here.address and here.netmask and is_unicast(target.device):
        place["same_subnet_as_device"] = same_subnet(here.address, target.device, here.netmask)
    return place


def _wifi(net: Net, target: Target) -> dict[str, Scalar]:
    """The Wi-Fi it is in, and whether that is the one named for the device; nothing where it is in
    none, or does not say.
    """
    ssid = net.ssid()
    if not ssid:
        return {}
    if not target.ssid:
        return {"ssid": ssid}
    typed = ssid_text(target.ssid.encode("utf-8", "surrogateescape"))
    return {"ssid": ssid, "same_ssid_as_device": ssid in (target.ssid, typed)}


def is_random(mac: str) -> bool:
    """Was the MAC made up by the system, as phones and laptops do for privacy?"""
    return bool(int(mac[:2], 16) & _LOCALLY_ADMINISTERED)


def _seen(fact: str, reason: str, **data: Scalar) -> Seen:
    return Seen(
        fact=fact,
        outcome=Outcome.FAILED if reason else Outcome.OK,
        reason=reason,
        data=tuple(data.items()),
    )
