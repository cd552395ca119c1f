"""Notes on this computer: its VPN and proxy, its network, its router's router, and whether it is in
the device's network.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from netcheck.correlator.catalogue import Cause
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Device, Observation, Owner, Stage, Verdict
from netcheck.photon.addresses import NO_PORTAL
from netcheck.vocabulary import Role, names_with
from netcheck.wire.addresses import is_private, same_subnet

SELF_ASSIGNED = "169.254."
"""The addresses that a computer without a lease gives itself (RFC 3927)."""


def headline(observations: Sequence[Observation], *, is_vantage: bool) -> Note | None:
    """The headline where nothing could be judged because of a VPN or, if this computer's probes
    stand in for the device (`is_vantage`), because of its network; else None.
    """
    vpn = _newest_failure(observations, "computer.vpn")
    if vpn is None:
        return without_network(observations) if is_vantage else None
    return note("behind_vpn", interface=vpn.text("interface"))


def without_network(observations: Iterable[Observation]) -> Note | None:
    """The headline where this computer has no network, or no route out of it; None if it has, or
    was not asked.
    """
    place = _newest_failure(observations, "computer.vantage")
    if place is None:
        return None
    interface, address = place.text("interface"), place.text("address")
    if address and not address.startswith(SELF_ASSIGNED):
        return note("no_route_out", address=address)
    if interface and place.value("is_linked") is not False:
        return note("no_ipv4_address", interface=interface)
    return note("on_no_network")


def notes(
    observations: Sequence[Observation], verdict: Verdict, leading: Cause | None
) -> Iterator[Note]:
    """The notes on this computer's place in the network. `leading`: the cause that the verdict
    rests on.
    """
    if vpn := _newest_failure(observations, "computer.vpn"):
        yield note("vpn", interface=vpn.text("interface"), local=vpn.text("local"))
    if proxy := _newest_failure(observations, "computer.proxy"):
        yield note("proxy", servers=proxy.text("servers"))
    if taken := _newest_failure(observations, "computer.address"):
        yield note(
            "own_address_taken", rival=taken.text("rival_mac"), address=taken.text("address")
        )
    yield from _other_network(observations)
    if verdict is Verdict.SUSPECTED and (place := without_network(observations)):
        yield place
    if verdict is Verdict.HEALTHY and _is_device_mac_untested(observations):
        yield note("device_mac_untested")
    yield from _own_lease(observations)
    if _asked(observations, "new_client", ok=True) and _asked(
        observations, "this_computer", ok=False
    ):
        yield note("own_mac_ignored")
    yield from _login_page(observations, verdict)
    if any(o.fact == "internet.mtu" and o.ok and o.number("lost_bytes") for o in observations):
        yield note("large_packets_lost")
    nat = _newest_failure(observations, "internet.nat")
    if (
        nat
        and leading
        and _may_lie_behind(leading)
        and not _newest_failure(observations, "tcp.blocked_where")
    ):
        yield _second_router(nat)


def _is_device_mac_untested(observations: Sequence[Observation]) -> bool:
    """Does only this computer speak, which was answered, and not in the device's place?"""
    as_device = names_with(Role.AS_DEVICE)
    return any(
        o.ok and o.stage is Stage.HANDSHAKE and o.source.startswith("probe:") for o in observations
    ) and not any(
        (o.fact in as_device and (o.ok or o.failed))
        or o.text("asked_as") == "device"
        or (o.ok and o.stage is Stage.SESSION)
        for o in observations
    )


def _asked(observations: Iterable[Observation], asked_as: str, *, ok: bool) -> bool:
    """Was the DHCP server asked for that client, and did it offer an address, or none?"""
    return any(
        (o.ok if ok else o.failed) and o.text("asked_as") == asked_as
        for o in observations
        if o.fact == "dhcp.offer"
    )


def _other_network(observations: Iterable[Observation]) -> Iterator[Note]:
    """That there is another network that was not checked, with the command that does so."""
    runs = [o for o in observations if o.fact == "computer.vantage"]
    checked = {o.text("interface") for o in runs}
    newest = max(runs, key=lambda o: o.at, default=None)
    others = newest.text("other_networks").split() if newest else []
    if newest and (left := [one for one in others if one not in checked]):
        yield note("other_network", interface=left[0], used=newest.text("interface"))


def _own_lease(observations: Sequence[Observation]) -> Iterator[Note]:
    """This computer's own lease, where no offer to a new client was asked for."""
    if any(o.fact == "dhcp.offer" and (o.ok or o.failed) for o in observations):
        return
    for o in observations:
        if o.fact == "dhcp.own_lease" and o.ok:
            yield note("own_lease", ago=_ago(o.number("renewed_s") or 0.0))


def _login_page(observations: Sequence[Observation], verdict: Verdict) -> Iterator[Note]:
    """A note that a login page may let this computer through and not the Photon."""
    offered = (o.text("portal") for o in observations if o.fact == "dhcp.options")
    if portal := next((uri for uri in offered if uri not in ("", NO_PORTAL)), ""):
        yield note("portal_announced", uri=portal)
    elif verdict is Verdict.HEALTHY and any(
        o.fact == "internet.redirect" and o.ok and o.source.startswith("probe:")
        for o in observations
    ):
        yield note("portal_possible")


def _may_lie_behind(cause: Cause) -> bool:
    """May another router than this network's own do it? Addresses and names are given by the
    first.
    """
    return cause.owner is Owner.ROUTER and cause.stage >= Stage.INTERNET


def _second_router(nat: Observation) -> Note:
    """A note on the second router, where the rule to change may be. A private address alone does
    not prove a second translation.
    """
    hops = nat.text("private_hops")
    if nat.value("same_subnet"):
        return note("second_router_same_subnet", hops=hops)
    return note("carrier_nat" if nat.text("place") == "isp" else "second_router", hops=hops)


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def beside_device(
    observations: Sequence[Observation], device: Device, names: Collection[str]
) -> Iterator[Note]:
    """Whether this computer was in the device's subnet and in its Wi-Fi; nothing where that is not
    known.

    `names`: the subjects by which the device is known.
    """
    place = max(
        (o for o in observations if o.fact == "computer.vantage"), key=lambda o: o.at, default=None
    )
    if place is None:
        return
    address, ip = place.text("address"), device.ip or ""
    if address and is_private(ip):
        is_near = same_subnet(address, ip, place.text("netmask"))
        yield note("same_subnet" if is_near else "other_subnet", address=address, ip=ip)
    ssid, wanted = place.text("ssid"), _wifi_of(o for o in observations if o.subject in names)
    if ssid and (place.value("same_ssid_as_device") is False or (wanted and ssid not in wanted)):
        yield note("other_wifi", ssid=ssid)


def _wifi_of(own: Iterable[Observation]) -> set[str]:
    """The names of the networks that the device joined, or asked for."""
    own = list(own)
    joined = {o.text("ssid") for o in own if o.fact == "wifi.join"}
    return (joined | {o.target.removeprefix("ssid:") for o in own if o.fact == "wifi.network"}) - {
        ""
    }


def _newest_failure(observations: Iterable[Observation], fact: str) -> Observation | None:
    """The newest observation of that fact if it failed."""
    newest = max((o for o in observations if o.fact == fact), key=lambda o: o.at, default=None)
    return newest if newest is not None and newest.failed else None
