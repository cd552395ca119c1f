"""Two faults at a time, as `netcheck` on the laptop meets them: the parts, and which of them go
together.

The laptop has an address of its own and asks a resolver outside, too, so that what stops a Photon
low on the ladder leaves it to see what would stop it higher up; only what stops the laptop itself
hides the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.doubles.cloud import Fault
from tests.lab import faults as f
from tests.lab.plan import Change
from tests.lab.scenarios import NO_OFFER, NOTHING_RESOLVES, SYN_UNANSWERED, Scenario, any_of


@dataclass(frozen=True, kw_only=True)
class Part:
    """One fault, and the causes of which the laptop must name one. `tolerated`: others that what it
    shows leaves room for.
    """

    changes: tuple[Change, ...]
    causes: frozenset[str]
    tolerated: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class LivePair:
    """Two faults in one network. `is_masked`: under the first nothing can show the second."""

    scenario: Scenario
    is_masked: bool


def _part(
    change: Change,
    *causes: str,
    more: tuple[Change, ...] = (),
    tolerated: frozenset[str] = frozenset(),
) -> Part:
    return Part(changes=(change, *more), causes=any_of(*causes), tolerated=tolerated)


PARTS = {
    # address
    "no_dhcp_server": _part(f.no_dhcp_server, "dhcp_no_server", tolerated=NO_OFFER),
    "mac_ignored": _part(
        f.mac_ignored_by_dhcp, "dhcp_refuses_device", "mac_filter", tolerated=NO_OFFER
    ),
    "pool_exhausted": _part(
        f.pool_exhausted, "dhcp_pool_exhausted", more=(f.laptop_with_lease,), tolerated=NO_OFFER
    ),
    "rogue_server": _part(f.rogue_dhcp_server, "dhcp_rogue_server"),
    "no_router_option": _part(f.no_router_option, "dhcp_options_wrong"),
    "router_off_subnet": _part(f.router_option_off_subnet, "dhcp_options_wrong"),
    "resolver_option_dead": _part(f.dns_option_dead, "dhcp_options_wrong"),
    "address_conflict": _part(f.address_conflict, "ip_conflict"),
    # gateway
    "gateway_silent": _part(f.gateway_silent, "gateway_unreachable"),
    "no_forwarding": _part(f.gateway_does_not_forward, "gateway_unreachable", "internet_down"),
    # dns
    "resolver_silent": _part(f.dns_silent, "dns_unreachable"),
    "name_denied": _part(f.name_unknown, "dns_name_blocked"),
    "name_refused": _part(f.resolver_answers("REFUSED"), "dns_name_blocked"),
    "name_empty": _part(f.resolver_answers("NOERROR"), "dns_name_blocked"),
    "nothing_resolves": _part(
        f.resolver_answers("*SERVFAIL"), "dns_unreachable", tolerated=any_of("dns_name_blocked")
    ),
    "name_zero": _part(f.name_zero, "dns_hijacked"),
    "name_private": _part(f.name_private, "dns_hijacked", tolerated=any_of("captive_portal")),
    # internet
    "portal_by_redirect": _part(f.portal_by_redirect, "captive_portal"),
    "portal_by_dns": _part(f.portal_by_dns, "captive_portal", "dns_hijacked"),
    "proxy_required": _part(f.proxy_required, "proxy_required"),
    "line_dead": _part(f.internet_dead, "internet_down", tolerated=NOTHING_RESOLVES),
    "no_way_out": _part(f.internet_unreachable, "internet_down", tolerated=NOTHING_RESOLVES),
    "test_blocked": _part(f.internet_test_blocked, "internet_test_blocked"),
    # tcp
    "port_dropped": _part(f.port_dropped, "cloud_port_blocked", tolerated=SYN_UNANSWERED),
    "port_reset": _part(
        f.port_rejected("tcp reset"), "cloud_port_blocked", tolerated=SYN_UNANSWERED
    ),
    "port_prohibited": _part(
        f.port_rejected("icmp admin-prohibited"), "cloud_port_blocked", tolerated=SYN_UNANSWERED
    ),
    "port_unreachable": _part(
        f.port_rejected("icmp port-unreachable"), "cloud_port_blocked", tolerated=SYN_UNANSWERED
    ),
    "port_held_by_provider": _part(
        f.port_held_by_provider, "cloud_port_blocked", tolerated=SYN_UNANSWERED
    ),
    "port_held_in_building": _part(
        f.port_held_in_building, "cloud_port_blocked", tolerated=SYN_UNANSWERED
    ),
    "host_dropped": _part(f.cloud_host_dropped, "cloud_host_blocked", tolerated=SYN_UNANSWERED),
    "cloud_closed": _part(f.cloud_closed, "cloud_unreachable", tolerated=SYN_UNANSWERED),
    "cloud_dead": _part(f.cloud_host_dead, "cloud_unreachable", tolerated=SYN_UNANSWERED),
    # handshake
    "proxy_silent": _part(f.proxy("hold"), "transparent_proxy"),
    "proxy_closes": _part(f.proxy("close"), "transparent_proxy", "dpi_interference"),
    "cloud_silent": _part(f.cloud(Fault.HOLD_AT_ACCEPT), "cloud_unresponsive", "transparent_proxy"),
    "cloud_late": _part(f.cloud(Fault.LATE_NONCE), "cloud_unresponsive", "transparent_proxy"),
    "short_nonce": _part(
        f.cloud(Fault.SHORT_NONCE), "transparent_proxy", "cloud_unresponsive", "dpi_interference"
    ),
    "banner": _part(
        f.cloud(Fault.BANNER),
        "transparent_proxy",
        "dns_hijacked",
        "server_address_wrong",
        tolerated=any_of("captive_portal"),
    ),
    "nonce_cut": _part(f.nonce_cut_on_the_way, "dpi_interference"),
}

_IN_THIS_ORDER = (
    # the address is refused or spoilt, and something higher up is wrong as well
    ("no_dhcp_server", "name_denied"),
    ("no_dhcp_server", "line_dead"),
    ("no_dhcp_server", "port_dropped"),
    ("no_dhcp_server", "proxy_silent"),
    ("mac_ignored", "resolver_silent"),
    ("mac_ignored", "test_blocked"),
    ("mac_ignored", "port_reset"),
    ("pool_exhausted", "name_private"),
    ("pool_exhausted", "port_prohibited"),
    ("pool_exhausted", "short_nonce"),
    ("rogue_server", "name_zero"),
    ("rogue_server", "portal_by_redirect"),
    ("rogue_server", "port_held_by_provider"),
    ("rogue_server", "nonce_cut"),
    ("no_router_option", "nothing_resolves"),
    ("no_router_option", "no_way_out"),
    ("no_router_option", "host_dropped"),
    ("no_router_option", "banner"),
    ("router_off_subnet", "port_unreachable"),
    ("router_off_subnet", "proxy_closes"),
    ("resolver_option_dead", "cloud_closed"),
    ("resolver_option_dead", "port_held_in_building"),
    ("address_conflict", "name_refused"),
    ("address_conflict", "portal_by_dns"),
    ("address_conflict", "port_reset"),
    ("address_conflict", "cloud_late"),
    # both about addresses
    ("no_router_option", "address_conflict"),
    ("no_router_option", "mac_ignored"),
    ("rogue_server", "address_conflict"),
    # what stops the connection, and a blocked test of the Internet, which alone would not
    ("name_denied", "test_blocked"),
    ("port_dropped", "test_blocked"),
    ("port_reset", "test_blocked"),
    ("cloud_closed", "test_blocked"),
    ("proxy_silent", "test_blocked"),
    ("cloud_late", "test_blocked"),
)
"""The first comes first: it lies lower, or is the one that stops the connection."""
_BOTH_SEEN = (
    # names, and what lies behind the address that a resolver outside gives
    ("name_denied", "port_dropped"),
    ("name_denied", "proxy_silent"),
    ("name_refused", "port_held_by_provider"),
    ("name_refused", "nonce_cut"),
    ("name_empty", "port_held_in_building"),
    ("name_zero", "port_reset"),
    ("name_zero", "banner"),
    ("name_private", "port_prohibited"),
    ("nothing_resolves", "port_unreachable"),
    ("resolver_silent", "host_dropped"),
    ("resolver_silent", "cloud_silent"),
    ("resolver_silent", "cloud_closed"),
    ("name_empty", "cloud_dead"),
    ("name_denied", "portal_by_redirect"),
    # a router that says nothing at all: its DHCP is missing with doubt, for this computer may be on
    # a dead cable
    ("no_dhcp_server", "gateway_silent"),
    # look-alikes: the port towards every host, and every port of the cloud's host
    ("port_dropped", "host_dropped"),
)
"""Either comes first."""
_SECOND_MASKED = (
    ("gateway_silent", "resolver_silent"),
    ("gateway_silent", "port_dropped"),
    ("gateway_silent", "banner"),
    ("no_forwarding", "host_dropped"),
    ("line_dead", "resolver_silent"),
    ("line_dead", "port_prohibited"),
    ("no_way_out", "cloud_closed"),
    ("portal_by_redirect", "port_dropped"),
    ("portal_by_redirect", "cloud_silent"),
    ("portal_by_dns", "cloud_closed"),
    ("proxy_required", "port_held_by_provider"),
    ("port_dropped", "cloud_silent"),
    ("port_held_by_provider", "cloud_late"),
    ("cloud_closed", "short_nonce"),
)
"""Under the first nothing can show the second."""


def _pair(first: str, second: str, *, is_first: bool, is_masked: bool = False) -> LivePair:
    """`is_first`: the first one must come first."""
    one, other = PARTS[first], PARTS[second]
    scenario = Scenario(
        name=f"pair_{first}_and_{second}",
        what=f"{first} and {second}.".replace("_", " ").capitalize(),
        faults=(*one.changes, *other.changes),
        expected=one.causes if is_first else one.causes | other.causes,
        also=(one.causes, other.causes),
        tolerated=one.tolerated | other.tolerated,
    )
    return LivePair(scenario=scenario, is_masked=is_masked)


def _pairs() -> Iterable[LivePair]:
    yield from (_pair(*names, is_first=True) for names in _IN_THIS_ORDER)
    yield from (_pair(*names, is_first=False) for names in _BOTH_SEEN)
    yield from (_pair(*names, is_first=True, is_masked=True) for names in _SECOND_MASKED)


LIVE_PAIRS: dict[str, LivePair] = {pair.scenario.name: pair for pair in _pairs()}
"""Name → pair."""
