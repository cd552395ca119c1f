"""Scenarios that only `netcheck` on the laptop can tell apart: what differs is the laptop, not what
the device sends.
"""

from __future__ import annotations

from dataclasses import replace

from tests.doubles.cloud import Fault
from tests.lab import faults as f
from tests.lab.plan import CLOUD_ADDRESS, LanHost
from tests.lab.scenarios import BLOCKED, SCENARIOS, SYN_UNANSWERED, Scenario, any_of
from tests.lab.services import OTHER_WEBSITE_ADDRESS

_LIVE_ONLY = (
    Scenario(
        name="name_public_sinkhole",
        what="The answer for the cloud's name is a filter's host, which has a public address.",
        faults=(f.name_public_sinkhole,),
        expected=any_of("dns_hijacked"),
    ),
    Scenario(
        name="name_dropped",
        what="The router's resolver gives no answer for the cloud's name alone.",
        faults=(f.name_dropped,),
        expected=any_of("dns_name_blocked"),
    ),
    *(
        Scenario(name=name, what=what, faults=faults, expected=any_of("computer_blocks_test"))
        for name, what, faults in (
            (
                "laptop_drops_port",
                "The laptop's own firewall drops what it sends to 5683.",
                (f.laptop_filters("tcp dport 5683 drop"),),
            ),
            (
                "laptop_rejects_port",
                "The laptop's own firewall refuses 5683 by ICMP.",
                (f.laptop_filters("tcp dport 5683 reject with icmp admin-prohibited"),),
            ),
            (
                "laptop_resets_port",
                "The laptop's own firewall resets what it sends to 5683.",
                (f.laptop_filters("tcp dport 5683 reject with tcp reset"),),
            ),
            (
                "laptop_drops_names",
                "The laptop's own firewall drops its lookups.",
                (f.laptop_filters("udp dport 53 drop"),),
            ),
            (
                "laptop_drops_all",
                "The laptop's own firewall lets nothing out that goes beyond its network.",
                (f.laptop_filters("ip daddr != {lan}.0/24 tcp dport 1-65535 drop"),),
            ),
            (
                "laptop_without_way_to_cloud",
                "The laptop's own routes forbid the cloud's address.",
                (f.laptop_with(routes=(f"prohibit {CLOUD_ADDRESS}",)),),
            ),
            (
                "laptop_blackholes_cloud",
                "The laptop's own routes swallow what goes to the cloud's address.",
                (f.laptop_with(routes=(f"blackhole {CLOUD_ADDRESS}",)),),
            ),
            (
                "laptop_cloud_unreachable_by_route",
                "The laptop's own routes call the cloud's address unreachable.",
                (f.laptop_with(routes=(f"unreachable {CLOUD_ADDRESS}",)),),
            ),
        )
    ),
    Scenario(
        name="laptop_address_taken",
        what="Another machine has the laptop's address, too, and is sent the answers.",
        faults=(f.neighbour(LanHost(name="double", address=".20", does="takes answers")),),
        expected=any_of("computer_blocks_test"),
    ),
    Scenario(
        name="healthy_dead_stub",
        what="Nothing is wrong but the laptop's own stub resolver, which is down.",
        faults=(f.laptop_asks("127.0.0.53"),),
        healthy=True,
    ),
    Scenario(
        name="only_web_ports",
        what="The router lets nothing out but web traffic; it resolves names itself.",
        faults=(f.only_web_ports,),
        expected=BLOCKED,
    ),
    Scenario(
        name="healthy_own_resolver",
        what="Nothing is wrong, and the laptop's user has set a public resolver.",
        faults=(f.laptop_asks("1.1.1.1"),),
        healthy=True,
    ),
    Scenario(
        name="healthy_resolver_by_dhcp",
        what="DHCP names a public resolver, and the router's own answers nobody.",
        faults=(f.dns_silent, f.dnsmasq("dhcp-option=6,9.9.9.9"), f.laptop_asks("1.1.1.1")),
        healthy=True,
    ),
    Scenario(
        name="port_dropped_laptop_vpn",
        what=(
            "The router drops what goes to 5683; the laptop's VPN goes around it, and must not call"
            " it healthy."
        ),
        faults=(f.port_dropped, f.laptop_on_vpn),
        expected=SYN_UNANSWERED,
        healthy=None,
    ),
    Scenario(
        name="ipv6_only",
        what="The router advertises IPv6 and gives no IPv4.",
        faults=(f.ipv6_only,),
        expected=any_of("ipv6_only_network"),
    ),
    Scenario(
        name="proxy_required",
        what=(
            "Nothing is forwarded; the router's web proxy, which the laptop is told to use, leads"
            " out."
        ),
        faults=(f.proxy_required,),
        expected=any_of("proxy_required"),
    ),
    Scenario(
        name="gateway_silent_laptop_vpn",
        what="The router answers no ARP request; the laptop's VPN is up all the same.",
        faults=(f.gateway_silent, f.laptop_on_vpn),
        expected=any_of("gateway_unreachable"),
    ),
    Scenario(
        name="name_denied_laptop_vpn",
        what="The router's resolver denies the cloud's name; the laptop asks it beside its VPN.",
        faults=(f.name_unknown, f.laptop_on_vpn),
        expected=any_of("dns_name_blocked"),
    ),
    Scenario(
        name="pool_exhausted_laptop_known",
        what=(
            "Two other machines and the laptop hold the only addresses; the laptop is offered its"
            " own again, a new client none."
        ),
        faults=(f.pool_exhausted, f.laptop_with_lease),
        expected=any_of("dhcp_pool_exhausted"),
    ),
    Scenario(
        name="port_held_by_provider",
        what="A router of the provider drops what goes out to 5683.",
        faults=(f.port_held_by_provider,),
        expected=BLOCKED,
    ),
    Scenario(
        name="port_held_in_building",
        what="A second router of the building drops what goes out to 5683.",
        faults=(f.port_held_in_building,),
        expected=BLOCKED,
    ),
    Scenario(
        name="mac_refused",
        what="The router answers the device's MAC no ARP; it would give it an address.",
        faults=(f.mac_refused,),
        expected=any_of("mac_filter"),
    ),
    Scenario(
        name="only_known_macs",
        what=(
            "The router forwards for a list of MACs, in which the laptop is, and neither the device"
            " nor a new client."
        ),
        faults=(f.only_known_macs_forwarded,),
        expected=any_of("mac_filter"),
    ),
    Scenario(
        name="double_nat",
        what="A second router with a private address stands behind the first, and all is well.",
        faults=(f.double_nat,),
        healthy=True,
    ),
    Scenario(
        name="port_dropped_double_nat",
        what="The router drops what goes to 5683, and is not the only one before the Internet.",
        faults=(f.port_dropped, f.double_nat),
        expected=BLOCKED,
    ),
    Scenario(
        name="small_mtu",
        what="The path carries 576 bytes and says so.",
        faults=(f.small_mtu,),
        healthy=True,
    ),
    Scenario(
        name="large_packets_vanish",
        what=(
            "What is longer than 1000 bytes vanishes on the way; a Photon sends nothing of that"
            " size."
        ),
        faults=(f.large_packets_vanish,),
        healthy=True,
    ),
    Scenario(
        name="black_hole",
        what="What is longer than 290 bytes vanishes on the way, on every port.",
        faults=(f.black_hole,),
        expected=any_of("mtu_blackhole"),
    ),
    Scenario(
        name="idle_kept",
        what="Nothing is wrong, and the laptop also holds quiet connections.",
        healthy=True,
    ),
    Scenario(
        name="idle_forgotten",
        what=(
            "The router forgets the laptop's quiet connections after 10 s and drops what belongs to"
            " none."
        ),
        faults=(f.nat_forgets_silently,),
        expected=any_of("nat_idle_timeout"),
    ),
    Scenario(
        name="idle_reset",
        what=(
            "The router forgets the laptop's quiet connections after 10 s and resets what belongs"
            " to none."
        ),
        faults=(f.nat_forgets_with_reset,),
        expected=any_of("nat_idle_timeout"),
    ),
    Scenario(
        name="nonce_cut_on_the_way",
        what="A box of the provider resets the connection when the cloud begins to speak.",
        faults=(f.nonce_cut_on_the_way,),
        expected=any_of("dpi_interference"),
    ),
    Scenario(
        name="slow_round_trip",
        what=(
            "A round trip of 2.5 s: firmware before 0.8 gives the cloud's Hello up after 2 s, later"
            " firmware waits 4 s."
        ),
        faults=(f.path(delay_ms=1250.0),),
        expected=any_of("path_too_slow"),
    ),
    Scenario(
        name="lossy_third",
        what=(
            "Three packets in ten are lost each way: half of all questions stay without an answer."
        ),
        faults=(f.lossy(0.3, seed=3),),
        expected=any_of("path_too_slow"),
    ),
    Scenario(
        name="cloud_host_unreachable",
        what="The router says by ICMP 3/1 that the cloud's host cannot be reached.",
        faults=(f.cloud_host_rejected,),
        expected=any_of("cloud_host_blocked"),
    ),
    Scenario(
        name="healthy_laptop_ignored_by_dhcp",
        what="DHCP leaves the laptop's MAC out, which has a fixed address, and serves others.",
        faults=(f.laptop_ignored_by_dhcp,),
        healthy=True,
    ),
    Scenario(
        name="lossy_third_without_echoes",
        what="Three packets in ten are lost each way, and no echo passes the router.",
        faults=(f.lossy(0.3, seed=6), f.no_icmp),
        expected=any_of("path_too_slow"),
    ),
    Scenario(
        name="lossy_tcp",
        what="35 % of all TCP packets are lost each way, echoes and lookups are not.",
        faults=(f.tcp_lossy(35),),
        expected=any_of("path_too_slow"),
    ),
    Scenario(
        name="very_slow_round_trip",
        what="A round trip of 4.4 s: longer than any firmware waits for the cloud's Hello.",
        faults=(f.path(delay_ms=2200.0),),
        expected=any_of("path_too_slow"),
    ),
    Scenario(
        name="healthy_lossy_3",
        what="3 % of packets are lost each way.",
        faults=(f.lossy(0.03, seed=7),),
        healthy=True,
    ),
    Scenario(
        name="healthy_after_outage",
        what="The line carries nothing for 3 s, soon after the first packet.",
        faults=(f.line_silent_3_s,),
        healthy=True,
    ),
    Scenario(
        name="healthy_first_lookups_lost",
        what="The first two lookups get lost on the way to the router.",
        faults=(f.first_lookups_lost,),
        healthy=True,
    ),
    Scenario(
        name="healthy_first_nonce_lost",
        what="On one connection the cloud's 40 bytes get lost, four times.",
        faults=(f.first_nonce_lost,),
        healthy=True,
    ),
    Scenario(
        name="healthy_slow_nonce",
        what="The cloud sends its 40 bytes after 5 s; a Photon waits 20 s.",
        faults=(f.cloud(Fault.SLOW_NONCE),),
        healthy=True,
    ),
    Scenario(
        name="port_greeted_by_mail_server",
        what="Something on the router answers on 5683 as a mail server does.",
        faults=(f.proxy("greet"),),
        expected=any_of("transparent_proxy"),
    ),
    Scenario(
        name="all_ports_accepted",
        what="The router accepts connections to every port but the Web's, and then is silent.",
        faults=(f.proxy("hold", "!= { 53, 80, 443 }"),),
        expected=any_of("transparent_proxy"),
    ),
    Scenario(
        name="lossy_half",
        what="Every second packet is lost each way.",
        faults=(f.lossy(0.5, seed=4),),
        expected=any_of("path_too_slow"),
    ),
    Scenario(
        name="cut_behind_nonce",
        what=(
            "A box of the provider lets the cloud's 40 bytes pass, and then resets the connection,"
            " each time."
        ),
        faults=(f.cut_behind_nonce,),
        expected=any_of("dpi_interference"),
    ),
    Scenario(
        name="cloud_resets_behind_nonce",
        what="The cloud's own end resets each connection behind its 40 bytes.",
        faults=(f.cloud(Fault.RESET_BEHIND_NONCE),),
        expected=any_of("cloud_unresponsive"),
    ),
    Scenario(
        name="own_server_down",
        what="The user's own server is up, and its program for Photons is not.",
        faults=(),
        expected=any_of("cloud_unreachable"),
    ),
    Scenario(
        name="portal_with_interface",
        what=(
            "A login page answers plain and TLS web traffic, DHCP announces it, and its interface"
            " says that the laptop is held."
        ),
        faults=(f.portal_with_interface,),
        expected=any_of("captive_portal"),
    ),
    *(
        Scenario(
            name=f"portal_{name}",
            what=f"A login page in the place of plain web traffic; the router {does}.",
            faults=(f.portal_that(*rules),),
            expected=any_of("captive_portal"),
        )
        for name, does, rules in (
            (
                "resets_udp_free",
                "resets all other TCP, and lets UDP pass",
                ("iifname lan meta l4proto tcp reject with tcp reset",),
            ),
            (
                "tls_free",
                "lets 443 pass, and nothing else",
                ("iifname lan tcp dport != 443 drop", "iifname lan meta l4proto udp drop"),
            ),
        )
    ),
    Scenario(
        name="portal_past_laptop",
        what=(
            "The announced login page has let the laptop through, by its MAC, and not the device:"
            " for that one a doubt must stay."
        ),
        faults=(f.portal_past_laptop,),
        expected=any_of("captive_portal"),
    ),
    Scenario(
        name="portal_passes_checks",
        what=(
            "The best-known checks of phones pass, all else is held until a login: the answer must"
            " not be a blocked port."
        ),
        faults=(f.portal_passes_checks,),
        expected=any_of("captive_portal"),
    ),
)
_PUBLIC_RESOLVER = "1.1.1.1"
_ABOUT_NAMES = (
    "dns_silent",
    "dns_nxdomain",
    "dns_refused",
    "dns_servfail",
    "dns_empty",
    "dns_zero",
    "dns_private",
    "dns_option_dead",
    "no_dns_option",
    "no_router_option",
    "rogue_dhcp_server",
    "portal_by_dns",
    "name_public_sinkhole",
)
"""What a computer that asks a resolver of its own does not meet, and a Photon does."""


def _asking_elsewhere(scenario: Scenario) -> Scenario:
    """The same, with a laptop that asks a public resolver and could tell nothing by itself."""
    return replace(
        scenario,
        name=f"{scenario.name}_own_resolver",
        what=f"{scenario.what} The laptop's user has set a public resolver.",
        faults=(*scenario.faults, f.laptop_asks(_PUBLIC_RESOLVER)),
    )


OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("idle_kept", "idle_forgotten", "idle_reset"), ("--also", "idle_timeout")),
    "own_server_down": ("--cloud", OTHER_WEBSITE_ADDRESS),
}
"""What netcheck is told besides, by scenario."""
_PLAIN = {scenario.name: scenario for scenario in _LIVE_ONLY}
LIVE_ONLY: dict[str, Scenario] = _PLAIN | {
    scenario.name: scenario
    for name in _ABOUT_NAMES
    for scenario in [_asking_elsewhere((SCENARIOS | _PLAIN)[name])]
}
