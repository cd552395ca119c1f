"""Forty networks that are well, half of them on lines or with habits that look like faults."""

from __future__ import annotations

from dataclasses import replace

from tests.doubles.cloud import Fault
from tests.lab import faults as f
from tests.lab.plan import Change
from tests.lab.relay import Path
from tests.lab.scenarios import Scenario


def _lossy(seed: int) -> Change:
    """3 % of the packets are lost each way, other ones with each seed."""
    return f.lossy(0.03, seed=seed)


def _silent(from_s: float) -> Change:
    """The line carries nothing for 3 s, so long after the first packet."""
    return f.path(silent_s=(from_s, from_s + 3.0))


def _slow(ms: float, jitter_ms: float) -> Change:
    """A round trip of so many milliseconds."""
    return lambda plan: replace(plan, path=Path(delay_ms=ms / 2, jitter_ms=jitter_ms))


def _pool(first: int) -> Change:
    return lambda plan: replace(plan, pool=(first, first + 20))


_PLAIN: dict[str, tuple[Change, ...]] = {
    "as_usual": (),
    "public_resolver": (f.laptop_asks("1.1.1.1"),),
    "other_public_resolver": (f.laptop_asks("9.9.9.9"),),
    "dead_stub": (f.laptop_asks("127.0.0.53"),),
    "resolver_by_dhcp": (f.dnsmasq("dhcp-option=6,9.9.9.9"),),
    "two_resolvers_by_dhcp": (f.dnsmasq("dhcp-option=6,8.8.8.8,9.9.9.9"),),
    "no_resolver_by_dhcp": (f.no_dns_option,),
    "slow_dhcp": (f.dnsmasq("dhcp-reply-delay=2"),),
    "small_pool": (_pool(200),),
    "leased_laptop": (f.laptop_with_lease,),
    "laptop_ignored_by_dhcp": (f.laptop_ignored_by_dhcp,),
    "busy_laptop": (f.laptop("browses"),),
    "second_router": (f.double_nat,),
    "three_routers": (f.path(private_hops=2),),
    "small_mtu": (f.small_mtu,),
    "large_packets_vanish": (f.large_packets_vanish,),
    "slow_nonce": (f.cloud(Fault.SLOW_NONCE),),
    "near": (_slow(8.0, 1.0),),
    "far": (_slow(250.0, 10.0),),
    "across_the_world": (_slow(350.0, 30.0),),
}
_ODD: dict[str, tuple[Change, ...]] = {
    **{f"lossy_3_{seed}": (_lossy(seed),) for seed in (11, 12, 13, 14, 15)},
    "lossy_3_own_resolver": (_lossy(16), f.laptop_asks("1.1.1.1")),
    **{f"silent_3_s_from_{from_s}": (_silent(from_s),) for from_s in (0.0, 0.3, 1.0, 2.5)},
    "600_ms": (_slow(600.0, 10.0),),
    "600_ms_and_jitter": (f.slow_but_working,),
    "600_ms_own_resolver": (_slow(600.0, 10.0), f.laptop_asks("1.1.1.1")),
    "no_icmp": (f.no_icmp,),
    "no_icmp_lossy_3": (f.no_icmp, _lossy(17)),
    "names_filtered": (f.names_filtered,),
    "names_filtered_lossy_3": (f.names_filtered, _lossy(18)),
    "tls_inspected": (f.tls_inspected,),
    "tls_inspected_and_names_filtered": (f.tls_inspected, f.names_filtered),
    "static_address": (f.static_address, f.laptop_with(address=".9")),
}
HEALTHY: dict[str, Scenario] = {
    f"well_{name}": Scenario(
        name=f"well_{name}",
        what=f"Nothing is wrong: {name.replace('_', ' ')}.",
        faults=changes,
        healthy=True,
    )
    for name, changes in (_PLAIN | _ODD).items()
}
"""Name → scenario."""
