"""Does this network give IPv6 alone, and no IPv4?

Sends: nothing.
Settles: address.ipv4, and only where it fails: an IPv4 address of this computer may be set by hand,
and so says nothing about what the network gives.
Cannot tell: IPv6 alone on purpose from a DHCP server that died in a network with both.
Source: RFC 4861 §4.2 (a router advertisement brings the default route); RFC 3927 (169.254/16 is
what a computer takes that was given nothing); the Photon's network software has no IPv6
(device-os@v2.3.1, lwIP options).
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Net, Seen, probe

_SELF_GIVEN = "169.254."


@probe(stage=Stage.ADDRESS, settles={"address.ipv4"}, within_s=3)
def ipv6(target: Target, net: Net) -> Iterator[Seen]:
    here = net.vantage()
    has_ipv4 = here.address is not None and not here.address.startswith(_SELF_GIVEN)
    if not has_ipv4 and here.ipv6_gateway:
        data = (("interface", here.interface), ("gateway", here.ipv6_gateway))
        yield Seen(fact="address.ipv4", outcome=Outcome.FAILED, reason="no_address", data=data)
