"""Is a Photon, or the device asked about, among the neighbours that this computer knows?

Sends: nothing. Settles: device.identity.
Cannot tell: that it is not here: a computer knows only the neighbours it has spoken with, and the maker's prefix is on many
computers, too, so it names a Photon only where nothing better does.
Source: the system's neighbour table (RFC 826); the prefixes are in the registry of the IEEE under the module's makers.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Stage, Target
from netcheck.plugin import MAKER_PREFIXES, CannotRun, Net, Seen, probe

_RANK = 1
"""As a maker's prefix seen in a capture: no sign is worth less."""


@probe(stage=Stage.INTERNET, settles={"device.identity"}, within_s=3)
def device_here(target: Target, net: Net) -> Iterator[Seen]:
    """Is a Photon, or the device asked about, among the neighbours that this computer knows?"""
    rows = net.known_neighbours()
    if rows is None:
        raise CannotRun("this system shows its neighbours to no program; `arp -a` shows them to you")
    for ip, mac in rows:
        if mac == target.device.lower() or mac.startswith(MAKER_PREFIXES):
            names = (("mac", mac), ("ip", ip), ("sign", "maker_prefix"), ("rank", _RANK))
            yield Seen(fact="device.identity", outcome=Outcome.OK, subject=mac, data=names)
