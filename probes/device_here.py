"""Is a Photon, or the device asked about, on this network?

Sends: nothing.
Settles: device.identity.
Cannot tell: that it is not here. A computer knows only neighbours it has exchanged packets with,
and hears only the broadcasts of others while it listens, for which it needs rights. The maker's
prefix is on many computers, too, so it names a Photon only where nothing better does.
Source: the system's neighbour table (RFC 826); what a Photon asks a DHCP server and announces, as
in captures (docs/wire-patterns.md); the prefixes are in the registry of the IEEE under the module's
makers.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import MAKER_PREFIXES, RANKS, CannotRun, HeardNeighbour, Net, Seen, probe

_LISTEN_S, _LONGER_S = 3.5, 2.0
"""A device that starts asks for an address at once and says its id last: who is heard without one
is listened to longer.
"""
_MOST = 150
"""Of a crowd, or a flood, only so many are reported, the surest first."""


@probe(
    stage=Stage.POWER,  # started first: a device that starts while the rungs are climbed is heard
    settles={"device.identity"},
    within_s=_LISTEN_S + _LONGER_S + 3,
    background=True,
)
def device_here(target: Target, net: Net) -> Iterator[Seen]:
    heard, hindrance = listened(net, target)
    rows = net.known_neighbours()
    found = [
        _identity(one.mac, one.address, one.id, sign, one.at)
        for one in heard
        if (sign := sign_of(one, target))
    ]
    found += [
        _identity(mac, ip, "", "maker_prefix", None)
        for ip, mac in rows or ()
        if is_meant(mac, target)
    ]
    yield from sorted(found, key=lambda one: _foremost(one, target))[:_MOST]
    hidden = (
        "this system shows its neighbours to no program, `arp -a` shows them to you"
        if rows is None
        else ""
    )
    if hidden or hindrance:
        raise CannotRun("; ".join(why for why in (hidden, hindrance) if why))


def listened(net: Net, target: Target) -> tuple[tuple[HeardNeighbour, ...], str]:
    """The neighbours whose broadcasts were received, and why none could be."""
    try:
        heard = net.listen_to_broadcasts(_LISTEN_S)
        if any(sign_of(one, target) for one in heard) and not any(one.id for one in heard):
            heard = tuple(dict.fromkeys((*heard, *net.listen_to_broadcasts(_LONGER_S))))
    except CannotRun as missing:
        return (), str(missing)
    return heard, ""


def sign_of(one: HeardNeighbour, target: Target) -> str:
    """The sign by which it is a Photon; empty if it is another client, or may be: with another
    maker's prefix stock lwIP asks for an address as a Photon does.
    """
    if one.id:
        return "device_id"
    if not is_meant(one.mac, target):
        return ""
    return "dhcp_fingerprint" if one.is_photon else "maker_prefix"


def is_meant(mac: str, target: Target) -> bool:
    """Is that the device asked about, or one of the maker?"""
    return mac in (target.device.lower(), target.as_device) or mac.startswith(MAKER_PREFIXES)


def _foremost(one: Seen, target: Target) -> tuple[bool, int]:
    """The device asked about first, then the surest signs; among equals the order of hearing
    stays.
    """
    return one.subject not in (target.device.lower(), target.as_device), -int(
        dict(one.data)["rank"]
    )


def _identity(mac: str, ip: str, device_id: str, sign: str, at: float | None) -> Seen:
    named: dict[str, Scalar] = {
        "mac": mac,
        "id": device_id,
        "ip": ip,
        "sign": sign,
        "rank": RANKS[sign],
    }
    data = tuple((name, value) for name, value in named.items() if value)
    return Seen(fact="device.identity", outcome=Outcome.OK, subject=mac, at=at, data=data)
