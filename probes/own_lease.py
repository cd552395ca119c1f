"""Did a DHCP server give this computer its address, and when last?

Sends: nothing. Settles: dhcp.own_lease.
Cannot tell: whether the server would give a new client one: its pool may be empty, and it may have died since. An address
without an end is no word against a server: somebody set it by hand, or a client that keeps the lease's time to itself.
Source: RFC 2131 §4.4.5 (a lease is renewed after half of its time); rtnetlink(7), where Linux keeps an address's lifetime.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Stage, Target
from netcheck.plugin import Net, Seen, not_looked, probe

_SAYS = "this computer's address has no end: it was set by hand, or the system does not tell that it is leased"


@probe(stage=Stage.ADDRESS, settles={"dhcp.own_lease"}, within_s=3)
def own_lease(target: Target, net: Net) -> Iterator[Seen]:
    """Did a DHCP server give this computer its address, and when last?"""
    here = net.vantage()
    if here.address is None:
        yield not_looked("dhcp.own_lease", "no_address", says="this computer has no IPv4 address")
    elif here.lease_renewed_s is None:
        yield Seen(fact="dhcp.own_lease", outcome=Outcome.UNCLEAR, data=(("says", _SAYS),))
    else:
        data = (("address", here.address), ("renewed_s", round(here.lease_renewed_s)))
        yield Seen(fact="dhcp.own_lease", outcome=Outcome.OK, data=data)
