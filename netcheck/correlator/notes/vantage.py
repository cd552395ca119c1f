"""What the place of a computer lets its probes say: nothing about this network where a VPN carries
their packets, and nothing by an open port where a box opens it to everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from netcheck.correlator.catalogue import Cause
from netcheck.model import Device, Observation, Outcome, Owner, Rung, Stage, State, Verdict
from netcheck.photon.addresses import NO_PORTAL
from netcheck.vocabulary import REASONS
from netcheck.wire.ipv4 import is_private, same_subnet

SELF_GIVEN = "169.254."
"""What a computer takes that was given no address (RFC 3927)."""
DETOUR = "asked through this computer's VPN, which says nothing about this network"


def carried(observations: Sequence[Observation]) -> list[Observation]:
    """The observations, those that a VPN's way out cannot carry made unclear.

    Neighbours are reached beside a VPN, a resolver on the own subnet among them; everything above
    the gateway only through it. What a run found of its own way out holds until the same computer
    looks again.
    """
    looks = [o for o in observations if o.fact == "computer.vpn"]
    return [_unclear(o) if looks and _went_round(o, looks) else o for o in observations]


def _went_round(o: Observation, looks: Iterable[Observation]) -> bool:
    """Did this computer's own probe see that by way of its VPN?"""
    if not o.source.startswith("probe:") or o.stage <= Stage.GATEWAY:
        return False
    last = max(
        (look for look in looks if look.subject == o.subject and look.at <= o.at),
        key=lambda look: look.at,
        default=None,
    )
    return last is not None and last.failed and not _is_neighbours_answer(o, last)


def _is_neighbours_answer(o: Observation, look: Observation) -> bool:
    """Did a resolver on the own subnet say that? Its silence may be this computer's own: many VPNs
    stop look-ups beside them.
    """
    return bool(o.text("rcode")) and o.text("server") in look.text("beside").split()


def _unclear(o: Observation) -> Observation:
    if o.outcome is Outcome.SKIPPED:
        return o
    return msgspec.structs.replace(
        o, outcome=Outcome.UNCLEAR, reason="tunnel", data=(*o.data, ("says", DETOUR))
    )


def believed(observations: Sequence[Observation]) -> list[Observation]:
    """The observations, those made unclear that say a port is open where this computer is let
    through to nowhere by that port.
    """
    taken = {
        (o.subject, _port(o))
        for o in observations
        if o.fact == "tcp.nowhere" and o.reason == "accepts_all"
    }
    return [
        _means_nothing(o) if o.ok and (o.subject, _port(o)) in taken and _is_bare(o) else o
        for o in observations
    ]


def _is_bare(o: Observation) -> bool:
    """Is it a connection that opened and no more, neither a page nor a certificate?"""
    is_control = o.fact in ("internet.reach", "tcp.cloud_other_port")
    return (
        is_control
        and o.source.startswith("probe:")
        and o.value("tls_ms") is None
        and o.value("status") is None
    )


def _means_nothing(o: Observation) -> Observation:
    return msgspec.structs.replace(
        o,
        outcome=Outcome.UNCLEAR,
        reason="accepts_all",
        data=(*o.data, ("says", REASONS["accepts_all"])),
    )


def _port(o: Observation) -> str:
    return o.target.rpartition(":")[2]


def headline(observations: Sequence[Observation], *, is_stand_in: bool) -> str:
    """What to say first where nothing could be judged, and a VPN or, if it stands in for the
    device, its place is why; else empty.
    """
    vpn = _newest(observations, "computer.vpn")
    if vpn is None:
        return nowhere(observations) if is_stand_in else ""
    return (
        f"This computer's packets leave through a VPN ({vpn.text('interface')}), so what lies"
        " beyond the gateway cannot be judged from it: disconnect it and run netcheck again."
    )


def nowhere(observations: Iterable[Observation]) -> str:
    """What to say first where this computer has no network to look at, or no way through it; empty
    where it has.
    """
    place = _newest(observations, "computer.vantage")
    if place is None:
        return ""
    interface, address = place.text("interface"), place.text("address")
    if address and not address.startswith(SELF_GIVEN):
        return (
            f"This computer has an address ({address}) but no way out of its network: no gateway is"
            " set, or its own settings refuse the way, as those of a VPN may. Mend that, or use"
            " another computer, and run netcheck again."
        )
    if interface and place.value("is_linked") is not False:
        return (
            f"This computer is connected ({interface}) but was given no IPv4 address: either the"
            " network gives none, which would stop a Photon too, or the computer did not ask. Let"
            " it ask for one (DHCP), and run netcheck again."
        )
    return (
        "This computer is on no network, so there was nothing to look at: join it to the Photon's"
        " network and run netcheck again."
    )


def left_open(rungs: Iterable[Rung]) -> str:
    """What a computer that found no fault could not ask and a Photon needs first, to be added to
    that; empty where it was asked.
    """
    if not any(rung.stage is Stage.ADDRESS and rung.state is State.UNTESTED for rung in rungs):
        return ""
    return (
        "; whether one would be given a network address (DHCP) was not tested, which takes root"
        " rights on Linux"
    )


def notes(
    observations: Sequence[Observation], verdict: Verdict, leading: Cause | None
) -> Iterator[str]:
    """What is special about where this computer looked from, a sentence each. `leading`: the cause
    that the verdict rests on.
    """
    if vpn := _newest(observations, "computer.vpn"):
        local = vpn.text("local")
        yield (
            f"A VPN ({vpn.text('interface')}) holds this computer's way out: disconnect it, or on"
            f" Linux name the network's own interface (--interface {local}), and run netcheck"
            " again."
        )
    if proxy := _newest(observations, "computer.proxy"):
        yield (
            f"This computer is told to use a web proxy ({proxy.text('servers')}); netcheck connects"
            " without it, as a Photon does. Pages that open in its browser prove nothing about"
            " direct connections."
        )
    if verdict is Verdict.SUSPECTED and (place := nowhere(observations)):
        yield place
    if not any(
        o.fact == "dhcp.offer" and o.outcome in (Outcome.OK, Outcome.FAILED) for o in observations
    ):
        yield from (
            "A DHCP server gave or renewed this computer's own address"
            f" {_ago(o.number('renewed_s') or 0.0)} ago; whether it would give a new client one,"
            " such as the Photon, was not asked."
            for o in observations
            if o.fact == "dhcp.own_lease" and o.ok
        )
    offered = (o.text("portal") for o in observations if o.fact == "dhcp.options")
    if portal := next((uri for uri in offered if uri not in ("", NO_PORTAL)), ""):
        yield (
            f"This network announces a login page in its DHCP offers ({portal}). It lets each MAC"
            " address in by itself: that this computer is let through says nothing about the"
            " Photon, and the other way round."
        )
    elif verdict is Verdict.HEALTHY and any(
        o.fact == "internet.redirect" and o.ok and o.source.startswith("probe:")
        for o in observations
    ):
        yield (
            "No login page stopped this computer. Such a page lets each MAC address in by itself:"
            " where somebody has logged in with this computer, the Photon may still be held back."
        )

    if any(o.fact == "internet.mtu" and o.ok and o.number("lost_bytes") for o in observations):
        yield (
            "Large packets vanish on the way out of this network, with no word of it (ICMP type 3"
            " code 4), which makes web pages hang; those of a Photon are smaller and pass."
        )
    nat = _newest(observations, "internet.nat")
    if (
        nat
        and leading
        and _may_lie_behind(leading)
        and not _newest(observations, "tcp.blocked_where")
    ):
        yield _second_router(nat)


def _may_lie_behind(cause: Cause) -> bool:
    """May another router than this network's own do it? Addresses and names are given by the
    first.
    """
    return cause.owner is Owner.ROUTER and cause.stage >= Stage.INTERNET


def _second_router(nat: Observation) -> str:
    """Where else a rule may stand that is to be changed. A private address alone does not prove a
    second translation.
    """
    where = nat.text("private_hops")
    if nat.value("same_subnet"):
        return (
            "Behind this network's router comes another with an address of this same network"
            f" ({where}): either the lease names a router that only passes packets on, or two"
            " networks have the same numbers: renumber one of them, then look again."
        )
    if nat.text("place") == "isp":
        return (
            "Behind this network's router the provider translates addresses for many customers at"
            f" once ({where}): what its translation blocks or forgets no setting here changes; ask"
            " the provider."
        )
    return (
        f"Behind this network's router comes another with a private address ({where}): a second box"
        " at home, the building's or the provider's. A rule or time limit that is to be changed"
        " may stand there as well."
    )


def _ago(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.0f} h"
    )


def beside(
    observations: Sequence[Observation], device: Device, names: Collection[str]
) -> Iterator[str]:
    """Whether this computer stood in the device's subnet and in its Wi-Fi, a sentence each; nothing
    where that is not known.

    `names`: the subjects by which the device is known.
    """
    place = max(
        (o for o in observations if o.fact == "computer.vantage"), key=lambda o: o.at, default=None
    )
    if place is None:
        return
    address, ip = place.text("address"), device.ip or ""
    if address and is_private(ip) and same_subnet(address, ip, place.text("netmask")):
        yield f"This computer ({address}) was in the Photon's own subnet ({ip})."
    elif address and is_private(ip):
        yield (
            f"This computer ({address}) was in another subnet than the Photon ({ip}): what it met"
            " says little about the Photon's gateway and DHCP server. Join it to the Photon's"
            " Wi-Fi and run netcheck again."
        )
    ssid, wanted = place.text("ssid"), _wifi_of(o for o in observations if o.subject in names)
    if ssid and (place.value("same_ssid_as_device") is False or (wanted and ssid not in wanted)):
        yield (
            f"This computer was in the Wi-Fi {ssid}, the Photon wants another: join it to that one"
            " and run netcheck again."
        )


def _wifi_of(own: Iterable[Observation]) -> set[str]:
    """The names of the networks that the device joined, or asked for."""
    own = list(own)
    joined = {o.text("ssid") for o in own if o.fact == "wifi.join"}
    return (joined | {o.target.removeprefix("ssid:") for o in own if o.fact == "wifi.network"}) - {
        ""
    }


def _newest(observations: Iterable[Observation], fact: str) -> Observation | None:
    """The newest word on that fact if it is a bad one."""
    newest = max((o for o in observations if o.fact == fact), key=lambda o: o.at, default=None)
    return newest if newest is not None and newest.failed else None
