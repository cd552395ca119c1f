"""Does a Photon on this network announce that it has just connected?

Sends: IGMP reports, by which the system joins and leaves the group 224.0.1.187. Settles: session.announce, device.identity.
Cannot tell: anything by silence. A device announces itself once, right after each handshake with the cloud, and a
network that keeps its clients apart hides it.
Source: the announcement, 19 bytes to 224.0.1.187:5683 with the device id at their end, from 0.4 to 3.3.1
(device-os@v0.6.0:system/src/system_cloud_internal.cpp, v2.3.1:system/src/system_cloud_connection_compat.cpp).
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Stage, Target
from netcheck.plugin import ANNOUNCE_GROUP, RANKS, Datagram, Kind, Net, Seen, Traffic, announced_id, not_looked, probe

_PORT = 5683
_LISTEN_S = 5.0
_SIGN = "device_id"


@probe(
    stage=Stage.POWER,  # begun first: what is announced while the rungs are climbed is heard
    settles={"session.announce", "device.identity"},
    sends=(Traffic(kind=Kind.IGMP_REPORT, to=f"the routers of this network, to join and leave {ANNOUNCE_GROUP}", at_most=4),),
    within_s=_LISTEN_S + 2,
    beside=True,
)
def coap_udp(target: Target, net: Net) -> Iterator[Seen]:
    """Does a Photon on this network announce that it has just connected?"""
    if net.vantage().address is None:
        yield not_looked("session.announce", "no_address", says="this computer has no IPv4 address")
        return
    heard = {
        device_id: datagram
        for datagram in net.listen_multicast(ANNOUNCE_GROUP, _PORT, _LISTEN_S)
        if (device_id := announced_id(datagram.payload))
    }
    for device_id, datagram in heard.items():
        yield from _told(device_id, datagram)
    if not heard:
        says = f"no device announced itself in {_LISTEN_S:.0f} s; one does so only right after it has connected"
        yield Seen(fact="session.announce", outcome=Outcome.UNCLEAR, reason="timeout", data=(("says", says),))


def _told(device_id: str, datagram: Datagram) -> Iterator[Seen]:
    names = (("id", device_id), ("ip", datagram.sender), ("sign", _SIGN), ("rank", RANKS[_SIGN]))
    yield Seen(fact="device.identity", outcome=Outcome.OK, subject=device_id, at=datagram.at, data=names)
    yield Seen(fact="session.announce", outcome=Outcome.OK, subject=device_id, at=datagram.at, data=(("address", datagram.sender),))
