"""Did a DHCP server give this computer its address, and when last?

Sends: nothing.
Settles: dhcp.own_lease, and only where it did.
Cannot tell: whether the server would give a new client one: its pool may be empty, and it may have
died since. An address that never expires says nothing against a server: it was set by hand, or by a
client that does not tell the system how long the lease lasts.
Source: RFC 2131 §4.4.5 (a lease is renewed after half of its time); rtnetlink(7), where Linux keeps
an address's lifetime.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Net, Seen, probe


@probe(stage=Stage.ADDRESS, settles={"dhcp.own_lease"}, within_s=3)
def own_lease(target: Target, net: Net) -> Iterator[Seen]:
    here = net.vantage()
    if here.address is not None and here.lease_renewed_s is not None:
        data = (("address", here.address), ("renewed_s", round(here.lease_renewed_s)))
        yield Seen(fact="dhcp.own_lease", outcome=Outcome.OK, data=data)
