"""Does the device on this network answer this computer, and does no other machine use its address?

Sends: three ARP requests and one ICMP echo to the device, only where its address is known. Listens
to broadcasts first.
Settles: gateway.neighbour, address.conflict.
Cannot tell: by silence, that the device is not there. Only silence of a device that was just heard
shows client isolation.
Source: RFC 826; RFC 5227 §2.4 (two MACs for one address); a Photon answers a ping to its own
address alone (device-os, lwIP icmp.o).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import (
    MAKER_PREFIXES,
    HeardNeighbour,
    Kind,
    Need,
    Net,
    Seen,
    Traffic,
    Vantage,
    is_unicast,
    probe,
    same_subnet,
)

_LISTEN_S = 3.5
_MASK = "255.255.255.0"


@probe(
    # started first: a device that asks for its address while the rungs are climbed is heard
    stage=Stage.POWER,
    settles={"gateway.neighbour", "address.conflict"},
    needs={Need.RAW_SOCKETS},
    sends=(
        Traffic(
            kind=Kind.ARP_REQUEST,
            to="everybody on this network, for the device's address",
            at_most=3,
        ),
        Traffic(kind=Kind.ICMP_ECHO, to="the device", at_most=1),
    ),
    within_s=_LISTEN_S + 5,
    background=True,
)
def device_answers(target: Target, net: Net) -> Iterator[Seen]:
    heard = net.listen_to_broadcasts(_LISTEN_S)
    here, known = net.vantage(), net.known_neighbours() or ()
    device = device_of(target, heard, known)
    address = address_of(device, heard, known, here)
    if not device or not address:
        return
    begun = net.clock()
    answering = net.claimants(address)
    rivals = {
        *answering,
        *(one.mac for one in heard if one.said == "arp" and one.address == address),
    } - {device}
    rivals -= {here.gateway_mac, here.mac}
    is_alive = any(
        one.mac == device and one.address == address and one.said != "dhcp" for one in heard
    )
    answers = device in answering or (not rivals and net.ping(address).ok)
    if rivals or answers or is_alive:
        yield conflict_seen(device, address, sorted(rivals), begun)
    if answers or (is_alive and not rivals):
        yield answer_seen(device, address, answers, begun)


def device_of(
    target: Target, heard: Sequence[HeardNeighbour], known: Sequence[tuple[str, str]]
) -> str:
    """The MAC of the device: the one named, one that asks as a Photon, else the only one of the
    maker. Empty where that is not clear.
    """
    named = [mac for mac in (target.as_device, target.device) if ":" in mac]
    photons = {
        one.mac for one in heard if one.id or (one.is_photon and one.mac.startswith(MAKER_PREFIXES))
    }
    makers = {
        mac
        for mac in (*(one.mac for one in heard), *(mac for _, mac in known))
        if mac.startswith(MAKER_PREFIXES)
    }
    found = named[:1] or sorted(photons or makers)
    return found[0] if len(found) == 1 else ""


def address_of(
    device: str, heard: Sequence[HeardNeighbour], known: Sequence[tuple[str, str]], here: Vantage
) -> str:
    """The device's address on this network: from its last broadcast, else from this computer's
    neighbour table; empty if neither has it.
    """
    said = [one.address for one in reversed(heard) if one.mac == device] + [
        ip for ip, mac in known if mac == device
    ]
    local = (
        ip
        for ip in said
        if is_unicast(ip) and same_subnet(ip, here.address or "", here.netmask or _MASK)
    )
    return next(local, "")


def answer_seen(device: str, address: str, answers: bool, begun: float) -> Seen:
    """Whether a device that is certainly there answers this computer."""
    outcome, reason = (Outcome.OK, "") if answers else (Outcome.FAILED, "timeout")
    return Seen(
        fact="gateway.neighbour",
        outcome=outcome,
        reason=reason,
        target=address,
        subject=device,
        at=begun,
    )


def conflict_seen(device: str, address: str, rivals: Sequence[str], begun: float) -> Seen:
    """Whether a second machine answers for the device's address; a gateway that answers for
    everybody (proxy ARP) is not one.
    """
    data = (("address", address), ("rival_mac", " ".join(rivals))) if rivals else ()
    return Seen(
        fact="address.conflict",
        outcome=Outcome.FAILED if rivals else Outcome.OK,
        reason="conflict" if rivals else "",
        target=address,
        subject=device,
        at=begun,
        data=data,
    )
