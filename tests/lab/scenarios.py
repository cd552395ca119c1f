"""The scenarios, as data: which faults go in, which causes must and must not come out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from tests.doubles.cloud import Fault
from tests.doubles.firmware import FIRMWARE
from tests.lab import faults as f
from tests.lab.plan import Change, DevicePlan, LanHost, Plan

_LANS = (
    "192.168.0",
    "192.168.1",
    "192.168.77",
    "192.168.178",
    "10.0.0",
    "10.42.7",
    "172.20.8",
    "172.16.31",
)

SHARP = frozenset(
    (
        "app_blocks_system",
        "app_crashes",
        "captive_portal",
        "cloud_port_blocked",
        "device_key_mismatch",
        "device_not_registered",
        "dhcp_no_server",
        "dhcp_options_wrong",
        "dhcp_pool_exhausted",
        "dhcp_refuses_device",
        "dhcp_rogue_server",
        "dns_hijacked",
        "dns_name_blocked",
        "dns_unreachable",
        "duplicate_device_id",
        "gateway_unreachable",
        "handshake_signature_invalid",
        "internet_down",
        "ip_conflict",
        "nat_idle_timeout",
        "server_key_wrong",
        "static_ip_leftover",
    )
)
"""Causes that a capture can settle: they must not stand where nothing was done to bring them about.
"""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A network with faults in it, and what a right diagnosis of its first device says."""

    name: str
    what: str
    faults: tuple[Change, ...] = ()
    seconds: float = 50.0
    expected: frozenset[str] = frozenset()
    """Causes of which one must come first; several where one capture cannot part them."""
    also: tuple[frozenset[str], ...] = ()
    """For pairs: of each group a cause must stand too, or be named as not testable under the first.
    """
    tolerated: frozenset[str] = frozenset()
    """Sharp causes that may stand besides, because the capture leaves room for them."""
    healthy: bool | None = False
    """None: the verdict is left open."""

    @property
    def forbidden(self) -> frozenset[str]:
        """Causes that must not stand (confirmed, likely or possible)."""
        return SHARP - self.expected - self.tolerated - frozenset[str]().union(*self.also)

    @property
    def plan(self) -> Plan:
        """The network that the faults make of a healthy one; its LAN is chosen by the scenario's
        name.
        """
        lan = _LANS[hashlib.sha256(self.name.encode()).digest()[0] % len(_LANS)]
        return reduce(lambda plan, change: change(plan), self.faults, Plan(lan=lan))


def any_of(*causes: str) -> frozenset[str]:
    """A set of cause ids."""
    return frozenset(causes)


NO_OFFER = any_of("dhcp_no_server", "dhcp_pool_exhausted", "dhcp_refuses_device", "mac_filter")
SYN_UNANSWERED = any_of("cloud_port_blocked", "cloud_host_blocked", "cloud_unreachable")
OPEN_AND_SILENT = any_of("transparent_proxy", "cloud_unresponsive")
SILENT_AFTER_REQUEST = any_of("cloud_unresponsive", "dpi_interference", "mtu_blackhole")
KEYS = any_of("device_key_mismatch", "server_key_wrong", "device_not_registered")
NOTHING_RESOLVES = any_of("internet_down", "dns_unreachable")
CLOSED_AFTER_HELLO = any_of("cloud_rejects_session", "duplicate_device_id")
BLOCKED = any_of("cloud_port_blocked")
"""Look-alike groups: what one capture from the LAN cannot part."""


def _healthy() -> Iterable[Scenario]:
    for version in FIRMWARE:
        yield Scenario(
            name=f"healthy_{version.replace('.', '_')}",
            what=f"Firmware {version} connects and keeps its session.",
            faults=(f.firmware(version),),
            seconds=40,
            healthy=True,
        )
    for name, what, changes, seconds in _HEALTHY_VARIANTS:
        yield Scenario(
            name=f"healthy_{name}", what=what, faults=changes, seconds=seconds, healthy=True
        )


_HEALTHY_VARIANTS: tuple[tuple[str, str, tuple[Change, ...], float], ...] = (
    ("slow_link", "A round trip of 600 ms and more, and all is well.", (f.slow_but_working,), 45),
    ("lossy_5", "5 % of packets lost each way; TCP makes it good.", (f.lossy(0.05),), 70),
    (
        "lossy_8_new",
        "8 % of packets lost each way, Device OS 3.3.1.",
        (f.firmware("3.3.1"), f.lossy(0.08, seed=3)),
        70,
    ),
    ("reboot", "The device resets once and connects again.", (f.reboots_once,), 45),
    ("begun_late", "The capture begins when the session is already up.", (f.seen_late(12),), 40),
    ("static_address", "A stored address that fits; no DHCP is seen.", (f.static_address,), 35),
    (
        "two_photons",
        "Two Photons of different firmware.",
        (f.second_photon(DevicePlan(firmware="0.6.4")), f.seen_from("lan")),
        40,
    ),
    (
        "busy_lan",
        "Other machines browse and fail elsewhere.",
        (
            f.laptop("fails elsewhere"),
            f.seen_from("lan"),
            f.neighbour(LanHost(name="desktop", address=".21", does="browses")),
        ),
        45,
    ),
    (
        "wan_side",
        "Captured behind the router's address translation.",
        (f.seen_from("wan"), f.firmware("3.3.1")),
        40,
    ),
    (
        "no_dns_option",
        "The lease names no resolver, and the gateway is one.",
        (f.no_dns_option,),
        35,
    ),
    (
        "slow_dhcp",
        "The server takes 3 s for each answer.",
        (f.dnsmasq("dhcp-reply-delay=3"), f.firmware("0.6.0")),
        40,
    ),
    (
        "test_would_fail",
        "Only the internet test is blocked, and never needed.",
        (f.internet_test_blocked, f.firmware("2.3.1")),
        35,
    ),
)


_ADDRESS = (
    Scenario(
        name="no_dhcp_server",
        what="Nobody answers DISCOVER.",
        faults=(f.no_dhcp_server,),
        expected=NO_OFFER,
        seconds=60,
    ),
    Scenario(
        name="no_dhcp_server_old",
        what="Nobody answers DISCOVER, firmware 0.6.4.",
        faults=(f.no_dhcp_server, f.firmware("0.6.4")),
        expected=NO_OFFER,
        seconds=60,
    ),
    Scenario(
        name="pool_exhausted",
        what="Two other machines take the only two addresses, then the device asks.",
        faults=(f.pool_exhausted, f.seen_from("lan")),
        expected=NO_OFFER - {"dhcp_no_server"},
        tolerated=any_of("dhcp_no_server"),
        seconds=60,
    ),
    Scenario(
        name="mac_ignored",
        what="The DHCP server ignores this MAC and serves another machine meanwhile.",
        faults=(f.mac_ignored_by_dhcp, f.seen_from("lan")),
        expected=NO_OFFER - {"dhcp_no_server"},
        seconds=60,
    ),
    Scenario(
        name="ack_lost",
        what="OFFER arrives, ACK never.",
        faults=(f.ack_lost,),
        expected=any_of(
            "dhcp_refuses_device", "dhcp_rogue_server", "dhcp_pool_exhausted", "mac_filter"
        ),
        tolerated=any_of("dhcp_no_server"),
        seconds=60,
    ),
    Scenario(
        name="lease_refused",
        what="The only server offers an address and then refuses it, over and over.",
        faults=(f.lease_refused,),
        expected=any_of("dhcp_refuses_device"),
        tolerated=any_of("dhcp_rogue_server", "dhcp_pool_exhausted"),
    ),
    Scenario(
        name="rogue_dhcp_server",
        what="A second, quicker DHCP server names a gateway that is not there.",
        faults=(f.rogue_dhcp_server, f.seen_from("lan")),
        expected=any_of("dhcp_rogue_server"),
        tolerated=any_of("dhcp_options_wrong", "gateway_unreachable", "dns_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="no_router_option",
        what="The lease names no gateway.",
        faults=(f.no_router_option,),
        expected=any_of("dhcp_options_wrong"),
    ),
    Scenario(
        name="no_dns_option",
        what="The lease names no resolver, and neither the gateway nor 8.8.8.8 may be asked.",
        faults=(f.no_dns_option, f.dns_dropped_everywhere),
        expected=any_of("dhcp_options_wrong"),
        tolerated=any_of("dns_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="router_option_off_subnet",
        what="The lease names a gateway outside its own subnet.",
        faults=(f.router_option_off_subnet,),
        expected=any_of("dhcp_options_wrong"),
        tolerated=any_of("gateway_unreachable"),
    ),
    Scenario(
        name="dns_option_dead",
        what="The lease names a resolver that is not there.",
        faults=(f.dns_option_dead,),
        expected=any_of("dhcp_options_wrong", "dns_unreachable"),
        seconds=70,
    ),
    Scenario(
        name="static_leftover",
        what="A stored address of another network; the laptop shows which one this is.",
        faults=(f.static_leftover, f.firmware("0.6.4"), f.laptop("browses"), f.seen_from("lan")),
        expected=any_of("static_ip_leftover"),
        tolerated=any_of("gateway_unreachable", "dns_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="static_leftover_device_only",
        what="A stored address of another network; nothing shows which one this is.",
        faults=(f.static_leftover,),
        expected=any_of("static_ip_leftover", "gateway_unreachable"),
        tolerated=any_of("dns_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="static_wrong_gateway",
        what="A stored address that fits with a gateway that is not there.",
        faults=(f.static_wrong_gateway,),
        expected=any_of("static_ip_leftover", "gateway_unreachable"),
        tolerated=any_of("dns_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="address_conflict",
        what="Another, busy machine has the device's address.",
        faults=(f.address_conflict, f.seen_from("lan")),
        expected=any_of("ip_conflict"),
        seconds=60,
        healthy=None,
    ),
)

_NETWORK = (
    Scenario(
        name="gateway_silent",
        what="The router answers no ARP request.",
        faults=(f.gateway_silent,),
        expected=any_of("gateway_unreachable"),
        tolerated=any_of("dns_unreachable", "dhcp_options_wrong"),
        seconds=60,
    ),
    Scenario(
        name="gateway_does_not_forward",
        what="The router resolves names and forwards nothing.",
        faults=(f.gateway_does_not_forward,),
        expected=any_of("gateway_unreachable", "internet_down"),
        tolerated=any_of("cloud_port_blocked"),
    ),
    Scenario(
        name="mac_not_forwarded",
        what="The router forwards nothing of this MAC; a second Photon connects.",
        faults=(
            f.mac_not_forwarded,
            f.second_photon(DevicePlan(firmware="1.5.2")),
            f.seen_from("lan"),
        ),
        expected=any_of("mac_filter"),
        tolerated=any_of("cloud_port_blocked", "gateway_unreachable"),
    ),
    Scenario(
        name="dns_silent",
        what="The resolver is not heard; the internet test by address passes.",
        faults=(f.dns_silent,),
        expected=any_of("dns_unreachable"),
        seconds=70,
    ),
    Scenario(
        name="dns_silent_fallback",
        what=(
            "The resolver is not heard; firmware 0.5.5 turns to its compiled-in address, where"
            " nobody is."
        ),
        faults=(f.dns_silent, f.firmware("0.5.5")),
        expected=any_of("dns_unreachable"),
        seconds=80,
        tolerated=any_of("cloud_port_blocked"),
    ),
    Scenario(
        name="dns_nxdomain",
        what="The resolver denies the cloud's name only.",
        faults=(f.name_unknown, f.laptop("browses"), f.seen_from("lan")),
        expected=any_of("dns_name_blocked"),
        seconds=60,
    ),
    Scenario(
        name="dns_nxdomain_new",
        what="The resolver denies the cloud's name only, as the look-up of pool.ntp.org shows.",
        faults=(f.name_unknown, f.firmware("2.3.1")),
        expected=any_of("dns_name_blocked"),
        seconds=60,
    ),
    Scenario(
        name="dns_refused",
        what="The resolver refuses the cloud's name only.",
        faults=(f.resolver_answers("REFUSED"), f.laptop("browses"), f.seen_from("lan")),
        expected=any_of("dns_name_blocked"),
        seconds=60,
        tolerated=any_of("dns_unreachable"),
    ),
    Scenario(
        name="dns_servfail",
        what="The resolver cannot find out anything.",
        faults=(f.resolver_answers("*SERVFAIL"), f.laptop("browses"), f.seen_from("lan")),
        expected=any_of("dns_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="dns_empty",
        what="The answer for the cloud's name holds no address.",
        faults=(f.resolver_answers("NOERROR"), f.firmware("3.3.1")),
        expected=any_of("dns_name_blocked"),
        seconds=60,
    ),
    Scenario(
        name="dns_zero",
        what="The answer for the cloud's name is 0.0.0.0.",
        faults=(f.name_zero,),
        expected=any_of("dns_hijacked"),
        tolerated=any_of("dns_name_blocked", "captive_portal"),
    ),
    Scenario(
        name="dns_private",
        what="The answer for the cloud's name is a private sinkhole.",
        faults=(f.name_private,),
        expected=any_of("dns_hijacked"),
        tolerated=any_of("cloud_port_blocked", "captive_portal"),
    ),
    Scenario(
        name="portal_by_dns",
        what="Every name is the login page's; the laptop is sent there.",
        faults=(f.portal_by_dns, f.laptop("browses"), f.seen_from("lan")),
        expected=any_of("captive_portal"),
        tolerated=any_of("dns_hijacked", "internet_down", "cloud_port_blocked"),
    ),
    Scenario(
        name="portal_by_dns_device_only",
        what="Every name is the login page's; only the device is seen.",
        faults=(f.portal_by_dns, f.firmware("2.3.1")),
        expected=any_of("captive_portal", "dns_hijacked"),
        tolerated=any_of("internet_down", "cloud_port_blocked"),
    ),
    Scenario(
        name="portal_by_redirect",
        what="Names resolve; the Web is redirected to a login page and the rest dropped.",
        faults=(f.portal_by_redirect, f.laptop("browses"), f.seen_from("lan")),
        expected=any_of("captive_portal"),
        tolerated=any_of("internet_down", "gateway_unreachable", "cloud_port_blocked"),
    ),
    Scenario(
        name="internet_dead",
        what="The line is dead, firmware 1.5.2.",
        faults=(f.internet_dead,),
        expected=any_of("internet_down"),
        tolerated=any_of("dns_unreachable", "gateway_unreachable"),
        seconds=90,
    ),
    Scenario(
        name="internet_dead_new",
        what="The line is dead, Device OS 2.3.1: no name, no further test.",
        faults=(f.internet_dead, f.firmware("2.3.1")),
        expected=NOTHING_RESOLVES,
        tolerated=any_of("gateway_unreachable"),
        seconds=80,
    ),
    Scenario(
        name="internet_unreachable",
        what="The router has no way out and says so.",
        faults=(f.internet_unreachable,),
        expected=any_of("internet_down"),
        tolerated=any_of("dns_unreachable", "gateway_unreachable"),
        seconds=80,
    ),
    Scenario(
        name="internet_test_blocked",
        what=(
            "The first attempt fails on a short block, its internet test is dropped for another"
            " reason, then all is well."
        ),
        faults=(f.port_dropped, f.lifted_after(7), f.internet_test_blocked),
        expected=any_of("internet_test_blocked"),
        tolerated=SYN_UNANSWERED | {"internet_down", "gateway_unreachable"},
        healthy=None,
    ),
)

_TCP = (
    Scenario(
        name="port_dropped",
        what="The router drops 5683, firmware 1.5.2.",
        faults=(f.port_dropped,),
        expected=SYN_UNANSWERED,
    ),
    Scenario(
        name="port_dropped_old",
        what="The router drops 5683, firmware 0.5.5.",
        faults=(f.port_dropped, f.firmware("0.5.5")),
        expected=SYN_UNANSWERED,
    ),
    Scenario(
        name="port_dropped_new",
        what="The router drops 5683, Device OS 3.3.1.",
        faults=(f.port_dropped, f.firmware("3.3.1")),
        expected=SYN_UNANSWERED,
    ),
    Scenario(
        name="port_dropped_outside",
        what="Something beyond the router drops 5683; captured behind address translation.",
        faults=(f.port_dropped_outside, f.seen_from("wan")),
        expected=SYN_UNANSWERED,
    ),
    Scenario(
        name="port_dropped_for_a_while",
        what="5683 is dropped for 20 s, then open: two attempts fail, the third holds.",
        faults=(f.port_dropped, f.lifted_after(20)),
        expected=SYN_UNANSWERED,
        seconds=60,
        healthy=None,
    ),
    Scenario(
        name="port_reset",
        what="The router answers 5683 with a reset of its own.",
        faults=(f.port_rejected("tcp reset"),),
        expected=BLOCKED,
    ),
    Scenario(
        name="port_admin_prohibited",
        what="The router answers 5683 with ICMP 3/13.",
        faults=(f.port_rejected("icmp admin-prohibited"),),
        expected=BLOCKED,
    ),
    Scenario(
        name="port_host_prohibited",
        what="The router answers 5683 with ICMP 3/10.",
        faults=(f.port_rejected("icmp host-prohibited"), f.firmware("2.3.1")),
        expected=BLOCKED,
    ),
    Scenario(
        name="port_unreachable",
        what="The router answers 5683 with ICMP 3/3.",
        faults=(f.port_rejected("icmp port-unreachable"), f.firmware("0.6.4")),
        expected=BLOCKED,
    ),
    Scenario(
        name="cloud_host_dropped",
        what="The router drops whatever goes to the cloud's address.",
        faults=(f.cloud_host_dropped,),
        expected=SYN_UNANSWERED,
    ),
    Scenario(
        name="cloud_closed",
        what="The cloud's own host refuses the connection, a full round trip away.",
        faults=(f.cloud_closed,),
        expected=any_of("cloud_unreachable"),
        tolerated=BLOCKED,
    ),
    Scenario(
        name="cloud_host_dead",
        what="The cloud's host is dead.",
        faults=(f.cloud_host_dead, f.firmware("2.3.1")),
        expected=SYN_UNANSWERED,
    ),
    Scenario(
        name="private_cloud_gone",
        what="The device is told to use a cloud on the LAN; the machine there refuses.",
        faults=(f.private_cloud_gone,),
        expected=any_of("server_address_wrong"),
        tolerated=BLOCKED,
    ),
    Scenario(
        name="path_too_slow",
        what="A round trip of 6 s: each connection is given up before its answer comes.",
        faults=(f.slow_enough_to_fail,),
        expected=any_of("path_too_slow"),
        tolerated=any_of("dns_unreachable"),
        seconds=70,
    ),
)

_HANDSHAKE = (
    Scenario(
        name="proxy_silent",
        what="The router takes the connection itself and keeps silent.",
        faults=(f.proxy("hold"),),
        expected=any_of("transparent_proxy"),
        seconds=70,
    ),
    Scenario(
        name="proxy_closes",
        what="The router takes the connection itself and closes it at once.",
        faults=(f.proxy("close"),),
        expected=any_of("transparent_proxy", "dpi_interference"),
        seconds=30,
    ),
    Scenario(
        name="cloud_holds_at_accept",
        what="The cloud accepts and says nothing.",
        faults=(f.cloud(Fault.HOLD_AT_ACCEPT),),
        expected=OPEN_AND_SILENT,
        seconds=70,
    ),
    Scenario(
        name="cloud_closes_at_accept",
        what="The connection is closed right after it opened, a full round trip away.",
        faults=(f.cloud(Fault.CLOSE_AT_ACCEPT),),
        expected=any_of(
            "dpi_interference", "cloud_unreachable", "cloud_unresponsive", "transparent_proxy"
        ),
        seconds=30,
    ),
    Scenario(
        name="cloud_resets_at_accept",
        what="The connection is reset right after it opened, a full round trip away.",
        faults=(f.cloud(Fault.RESET_AT_ACCEPT), f.firmware("2.3.1")),
        expected=any_of(
            "dpi_interference", "cloud_unreachable", "cloud_unresponsive", "transparent_proxy"
        ),
        seconds=30,
    ),
    Scenario(
        name="short_nonce",
        what="39 bytes come and no more.",
        faults=(f.cloud(Fault.SHORT_NONCE),),
        expected=any_of("transparent_proxy", "cloud_unresponsive", "dpi_interference"),
        seconds=70,
    ),
    Scenario(
        name="text_banner",
        what="The greeting of another service comes.",
        faults=(f.cloud(Fault.BANNER),),
        expected=any_of(
            "transparent_proxy", "dns_hijacked", "server_address_wrong", "captive_portal"
        ),
        seconds=70,
    ),
    Scenario(
        name="late_nonce",
        what="The nonce comes after 25 s, when the device has given up.",
        faults=(f.cloud(Fault.LATE_NONCE),),
        expected=OPEN_AND_SILENT,
        seconds=80,
    ),
    Scenario(
        name="payload_reset",
        what="The router resets the connection when the device's 256 bytes pass.",
        faults=(f.payload_reset,),
        expected=any_of("dpi_interference"),
        seconds=30,
    ),
    Scenario(
        name="payload_swallowed",
        what="The device's 256 bytes are dropped whenever they come.",
        faults=(f.payload_swallowed,),
        expected=any_of("dpi_interference"),
        seconds=70,
    ),
    Scenario(
        name="answer_swallowed",
        what="The cloud's 384 bytes are dropped whenever they come.",
        faults=(f.answer_swallowed,),
        expected=SILENT_AFTER_REQUEST,
        seconds=70,
    ),
    Scenario(
        name="cloud_holds_after_request",
        what="The cloud takes the 256 bytes and says nothing.",
        faults=(f.cloud(Fault.HOLD_AFTER_REQUEST), f.firmware("0.7.0")),
        expected=SILENT_AFTER_REQUEST,
        seconds=70,
    ),
    Scenario(
        name="cloud_closes_after_request",
        what="The cloud does not know the id and closes after the 256 bytes.",
        faults=(f.device_unknown,),
        expected=KEYS,
        seconds=30,
    ),
    Scenario(
        name="cloud_resets_after_request",
        what="The cloud resets the connection after the 256 bytes.",
        faults=(f.cloud(Fault.RESET_AFTER_REQUEST), f.firmware("0.6.4")),
        expected=KEYS,
        seconds=30,
    ),
    Scenario(
        name="server_key_other",
        what="The device holds the key of another cloud.",
        faults=(f.server_key_other, f.firmware("2.3.1")),
        expected=KEYS,
        seconds=30,
    ),
    Scenario(
        name="server_key_damaged",
        what="The device cannot use its key of the cloud and closes after the nonce.",
        faults=(f.server_key_damaged,),
        expected=any_of("server_key_wrong"),
        seconds=30,
    ),
    Scenario(
        name="device_key_stale",
        what="The cloud answers under another public key; the device closes.",
        faults=(f.device_key_stale,),
        expected=any_of("device_key_mismatch"),
        tolerated=any_of("handshake_signature_invalid"),
        seconds=30,
    ),
    Scenario(
        name="device_key_stale_new",
        what="The same with Device OS 2.3.1, which tests the Internet before it closes.",
        faults=(f.device_key_stale, f.firmware("2.3.1")),
        expected=any_of("device_key_mismatch"),
        tolerated=any_of("handshake_signature_invalid"),
        seconds=30,
    ),
    Scenario(
        name="answer_truncated",
        what="200 of the 384 bytes come and no more.",
        faults=(f.cloud(Fault.TRUNCATED_ANSWER),),
        expected=any_of("dpi_interference", "cloud_unresponsive", "mtu_blackhole"),
        seconds=70,
    ),
    Scenario(
        name="signature_other",
        what="The 384 bytes decrypt and are signed by another key; the device closes.",
        faults=(f.cloud(Fault.OTHER_SIGNER),),
        expected=any_of("device_key_mismatch", "handshake_signature_invalid"),
        seconds=30,
    ),
    Scenario(
        name="no_server_hello",
        what="The cloud does not answer the Hello.",
        faults=(f.cloud(Fault.NO_HELLO),),
        expected=any_of("cloud_unresponsive", "cloud_rejects_session"),
        seconds=40,
    ),
    Scenario(
        name="slow_hello",
        what="A round trip of 2.4 s: firmware 0.6.4 waits 2 s for the cloud's Hello.",
        faults=(f.slow_hello, f.firmware("0.6.4")),
        expected=any_of("path_too_slow"),
        seconds=70,
    ),
)

_SESSION = (
    Scenario(
        name="closed_after_hello",
        what="The cloud closes right after its Hello.",
        faults=(f.cloud(Fault.CLOSE_AFTER_HELLO),),
        expected=CLOSED_AFTER_HELLO,
        seconds=15,
    ),
    Scenario(
        name="id_twice",
        what="Two boards with one id push each other out.",
        faults=(f.id_twice, f.seen_from("lan")),
        expected=any_of("duplicate_device_id"),
        seconds=15,
    ),
    Scenario(
        name="pings_unanswered",
        what="The cloud acknowledges no ping, though its host acknowledges the bytes.",
        faults=(f.cloud(Fault.NO_PING_ACK),),
        expected=any_of("cloud_unresponsive", "session_unstable"),
        seconds=85,
    ),
    Scenario(
        name="nat_forgets_silently",
        what="The router forgets the idle connection after 10 s and drops the ping.",
        faults=(f.nat_forgets_silently,),
        expected=any_of("nat_idle_timeout"),
        seconds=85,
    ),
    Scenario(
        name="nat_forgets_with_reset",
        what="The router forgets the idle connection after 10 s and resets the ping.",
        faults=(f.nat_forgets_with_reset, f.firmware("2.3.1")),
        expected=any_of("nat_idle_timeout"),
        seconds=60,
    ),
    Scenario(
        name="reset_when_idle",
        what="The cloud resets the session after 8 s without traffic, before any ping.",
        faults=(f.cloud(Fault.RESET_WHEN_IDLE),),
        expected=any_of("session_unstable", "cloud_rejects_session", "nat_idle_timeout"),
        seconds=45,
    ),
    Scenario(
        name="app_blocks",
        what="The application stops serving the system: no ping, then the device closes.",
        faults=(f.app_blocks,),
        expected=any_of("app_blocks_system"),
        seconds=65,
    ),
    Scenario(
        name="app_crashes",
        what="The device resets 4 s into every session.",
        faults=(f.app_crashes,),
        expected=any_of("app_crashes", "power_insufficient"),
        seconds=45,
    ),
    Scenario(
        name="app_crashes_old",
        what="The same with firmware 0.6.4, whose DHCP ids begin anew.",
        faults=(f.app_crashes, f.firmware("0.6.4")),
        expected=any_of("app_crashes", "power_insufficient"),
        seconds=45,
    ),
)

_PAIRS = (
    Scenario(
        name="pair_port_dropped_test_blocked",
        what="5683 and the internet test dropped: looks like no Internet, but for DNS.",
        faults=(f.port_dropped, f.internet_test_blocked, f.laptop("browses"), f.seen_from("lan")),
        expected=SYN_UNANSWERED,
        also=(any_of("internet_test_blocked"),),
        tolerated=any_of("internet_down"),
    ),
    Scenario(
        name="pair_name_denied_port_dropped",
        what="The name is denied; 5683 would be dropped too, which nothing here can show.",
        faults=(f.name_unknown, f.port_dropped, f.firmware("2.3.1")),
        expected=any_of("dns_name_blocked"),
        also=(SYN_UNANSWERED,),
        seconds=60,
    ),
    Scenario(
        name="pair_fallback_port_dropped",
        what=(
            "The name is denied and 5683 dropped; firmware 0.5.5 shows both by its compiled-in"
            " address."
        ),
        faults=(
            f.name_unknown,
            f.port_dropped,
            f.firmware("0.5.5"),
            f.laptop("browses"),
            f.seen_from("lan"),
        ),
        expected=SYN_UNANSWERED | {"dns_name_blocked"},
        also=(any_of("dns_name_blocked"), SYN_UNANSWERED),
        seconds=80,
    ),
    Scenario(
        name="pair_gateway_silent_dns_silent",
        what="The router answers no ARP; its resolver would be silent too.",
        faults=(f.gateway_silent, f.dns_silent),
        expected=any_of("gateway_unreachable"),
        also=(any_of("dns_unreachable"),),
        tolerated=any_of("dhcp_options_wrong"),
        seconds=60,
    ),
    Scenario(
        name="pair_rogue_port_dropped",
        what="A second DHCP server, and 5683 dropped behind it.",
        faults=(f.rogue_dhcp_server, f.port_dropped, f.seen_from("lan")),
        expected=any_of("dhcp_rogue_server"),
        also=(SYN_UNANSWERED,),
        tolerated=any_of("dhcp_options_wrong", "gateway_unreachable", "dns_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="pair_key_stale_lossy",
        what="The cloud holds another key, on a line that loses 5 %.",
        faults=(f.device_key_stale, f.lossy(0.05, seed=5)),
        expected=any_of("device_key_mismatch"),
        tolerated=any_of("handshake_signature_invalid"),
        seconds=45,
    ),
    Scenario(
        name="pair_key_stale_test_blocked",
        what="The cloud holds another key and NTP is blocked: the close comes 10 s late.",
        faults=(f.device_key_stale, f.internet_test_blocked, f.firmware("2.3.1")),
        expected=any_of("device_key_mismatch"),
        also=(any_of("internet_test_blocked"),),
        tolerated=any_of("handshake_signature_invalid"),
        seconds=60,
    ),
    Scenario(
        name="pair_nat_forgets_slow",
        what="The router forgets idle connections, on a line of 600 ms.",
        faults=(f.nat_forgets_silently, f.slow_but_working),
        expected=any_of("nat_idle_timeout"),
        seconds=90,
    ),
    Scenario(
        name="pair_conflict_port_reset",
        what="Another machine has the device's address, and the router resets 5683.",
        faults=(f.address_conflict, f.port_rejected("tcp reset"), f.seen_from("lan")),
        expected=BLOCKED | {"ip_conflict"},
        also=(any_of("ip_conflict"), BLOCKED),
    ),
    Scenario(
        name="pair_portal_name_denied",
        what="A login page by redirection, and the cloud's name denied.",
        faults=(f.portal_by_redirect, f.name_unknown, f.laptop("browses"), f.seen_from("lan")),
        expected=any_of("captive_portal", "dns_name_blocked"),
        also=(any_of("captive_portal"), any_of("dns_name_blocked")),
        tolerated=any_of("internet_down", "gateway_unreachable"),
        seconds=60,
    ),
    Scenario(
        name="pair_lost_dns_option_port_rejected",
        what="The lease names no resolver, which does no harm here, and 5683 is prohibited.",
        faults=(f.no_dns_option, f.port_rejected("icmp admin-prohibited")),
        expected=BLOCKED,
        tolerated=any_of("dhcp_options_wrong"),
    ),
    Scenario(
        name="pair_app_blocks_slow",
        what="The application blocks the system, on a line of 600 ms.",
        faults=(f.app_blocks, f.slow_but_working),
        expected=any_of("app_blocks_system"),
        seconds=70,
    ),
    Scenario(
        name="pair_two_devices_two_faults",
        what="The first device holds another cloud's key; the second one's id is unknown.",
        faults=(
            f.server_key_other,
            f.second_photon(DevicePlan(firmware="3.3.1", registered="no")),
            f.seen_from("lan"),
        ),
        expected=KEYS,
        seconds=30,
    ),
    Scenario(
        name="pair_dns_silent_internet_dead",
        what="The router's resolver is not heard and the line is dead.",
        faults=(f.dns_silent, f.internet_dead),
        expected=NOTHING_RESOLVES,
        also=(NOTHING_RESOLVES,),
        tolerated=any_of("gateway_unreachable"),
        seconds=90,
    ),
    Scenario(
        name="pair_fallback_port_reset",
        what=(
            "The name is refused and 5683 reset; firmware 0.5.5 shows both by its compiled-in"
            " address."
        ),
        faults=(
            f.resolver_answers("REFUSED"),
            f.port_rejected("tcp reset"),
            f.firmware("0.5.5"),
            f.laptop("browses"),
            f.seen_from("lan"),
        ),
        expected=BLOCKED | {"dns_name_blocked"},
        also=(any_of("dns_name_blocked"), BLOCKED),
        seconds=80,
    ),
    Scenario(
        name="pair_conflict_key_stale",
        what="Another machine has the device's address, and the cloud holds another key.",
        faults=(f.address_conflict, f.device_key_stale, f.seen_from("lan")),
        expected=any_of("device_key_mismatch", "ip_conflict"),
        also=(any_of("device_key_mismatch"), any_of("ip_conflict")),
        tolerated=any_of("handshake_signature_invalid"),
        seconds=40,
    ),
    Scenario(
        name="pair_proxy_test_blocked",
        what="A silent proxy, and NTP blocked: Device OS 2.3.1 closes 10 s later than it would.",
        faults=(f.proxy("hold"), f.internet_test_blocked, f.firmware("2.3.1")),
        expected=any_of("transparent_proxy"),
        also=(any_of("internet_test_blocked"),),
        seconds=75,
    ),
    Scenario(
        name="pair_proxy_key_stale",
        what=(
            "A silent proxy in front of a cloud that holds another key, which nothing here can"
            " show."
        ),
        faults=(f.proxy("hold"), f.device_key_stale),
        expected=any_of("transparent_proxy"),
        also=(KEYS,),
        seconds=70,
    ),
)

SCENARIOS = {
    s.name: s for s in (*_healthy(), *_ADDRESS, *_NETWORK, *_TCP, *_HANDSHAKE, *_SESSION, *_PAIRS)
}
"""Name → scenario."""
