"""Faults and traits: each is a change of a plan, or a function that makes one.

Row numbers are those of the diagnostic table in the fact sheet of the handshake; what a fault does
is what its docstring says, and nothing else in the network changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from tests.doubles.cloud import Fault
from tests.doubles.dhcp import Lease
from tests.doubles.photon import Behaviour
from tests.lab.plan import CLOUD_ADDRESS, CapturePoint, Change, DevicePlan, LanHost, Plan
from tests.lab.relay import Path
from tests.lab.services import OTHER_WEBSITE_ADDRESS, PORTAL_NAME, WEBSITE_ADDRESS

# -- traits of a network that is well
# ---------------------------------------------------------------------------


def firmware(version: str) -> Change:
    """Every device runs this release."""
    return lambda plan: replace(
        plan, devices=tuple(replace(device, firmware=version) for device in plan.devices)
    )


def seen_from(point: CapturePoint) -> Change:
    """The capture is taken there."""
    return lambda plan: replace(plan, captured_at=point)


def seen_late(seconds: float) -> Change:
    """The capture begins so long after the device."""
    return lambda plan: replace(plan, captured_from_s=seconds)


def path(**changes: float | bool | tuple[float, float]) -> Change:
    """The way through the Internet is other in these points (fields of `relay.Path`)."""
    return lambda plan: replace(plan, path=replace(plan.path, **changes))  # type: ignore[arg-type]  # replace() checks the names


double_nat = path(private_hops=1)
"""Behind the network's own router stands another with a private address."""


def laptop(does: Literal["browses", "fails elsewhere"]) -> Change:
    """The other machine is busy."""
    return lambda plan: replace(
        plan, hosts=tuple(replace(h, does=does) if h.name == "laptop" else h for h in plan.hosts)
    )


def laptop_with(**changes: object) -> Change:
    """The other machine differs in these fields of `LanHost`."""
    return lambda plan: replace(
        plan,
        hosts=tuple(
            replace(h, **changes) if h.name == "laptop" else h  # type: ignore[arg-type]  # replace() checks the names
            for h in plan.hosts
        ),
    )


def laptop_asks(resolver: str) -> Change:
    """The other machine's user has set this name server by hand."""
    return laptop_with(resolver=resolver)


def laptop_filters(*rules: str) -> Change:
    """The other machine's own firewall has these rules for what it sends."""
    return laptop_with(rules=rules)


def laptop_on_vpn(plan: Plan) -> Plan:
    """The other machine's VPN takes it around the router."""
    return replace(
        plan, hosts=tuple(replace(h, vpn=True) if h.name == "laptop" else h for h in plan.hosts)
    )


def laptop_with_lease(plan: Plan) -> Plan:
    """The other machine has its address from the DHCP server, which so knows it; the pool is one
    larger for it.
    """
    hosts = tuple(replace(h, address=None) if h.name == "laptop" else h for h in plan.hosts)
    return replace(plan, hosts=hosts, pool=(plan.pool[0], plan.pool[1] + 1))


def neighbour(host: LanHost) -> Change:
    """One more machine on the LAN."""
    return lambda plan: replace(plan, hosts=(*plan.hosts, host))


def second_photon(device: DevicePlan) -> Change:
    """One more Photon on the LAN."""
    return lambda plan: replace(plan, devices=(*plan.devices, device))


def dnsmasq(*lines: str) -> Change:
    """The router's DHCP server and resolver is configured with these lines too."""
    return lambda plan: replace(plan, dnsmasq=(*plan.dnsmasq, *lines))


def lifted_after(seconds: float) -> Change:
    """All rules of the router's filter vanish so long after the device's start."""
    return lambda plan: replace(plan, lift_after_s=seconds)


def static_address(plan: Plan) -> Plan:
    """The device has a stored address that fits."""
    return plan.with_behaviour(Behaviour(static=_static(plan.lan, 60, plan.gateway)))


def reboots_once(plan: Plan) -> Plan:
    """The device resets once, in a session."""
    return plan.with_behaviour(Behaviour(reboots_after_s=12.0, reboots=1))


def _static(lan: str, last: int, gateway: str) -> Lease:
    return Lease(
        address=f"{lan}.{last}",
        mask="255.255.255.0",
        router=gateway,
        dns=(gateway,),
        server="0.0.0.0",
    )


# -- address
# --------------------------------------------------------------------------------------------------


def no_dhcp_server(plan: Plan) -> Plan:
    """Nobody answers DISCOVER (row 4)."""
    return replace(plan, dhcp=False)


def ipv6_only(plan: Plan) -> Plan:
    """The router advertises IPv6, and nobody gives IPv4 addresses."""
    return replace(plan, dhcp=False, ipv6_only=True)


def pool_exhausted(plan: Plan) -> Plan:
    """Two other machines hold the only two addresses (row 4)."""
    visitors = (LanHost(name="phone"), LanHost(name="tablet"))
    return replace(plan, pool=(100, 101), hosts=(*plan.hosts, *visitors))


def mac_ignored_by_dhcp(plan: Plan) -> Plan:
    """The server ignores this MAC, and serves another machine that comes and goes (row 4)."""
    other = LanHost(name="phone", does="joins now and then")
    return replace(
        plan, dnsmasq=(*plan.dnsmasq, "dhcp-host={mac},ignore"), hosts=(*plan.hosts, other)
    )


def ack_lost(plan: Plan) -> Plan:
    """OFFER arrives, ACK never (row 5): option 53 = 5 at the head of the options is dropped on its
    way out.
    """
    return plan.with_rules("output", "udp sport 67 @th,1984,24 0x350105 drop")


def lease_refused(plan: Plan) -> Plan:
    """The only server offers and then refuses, again and again (row 6)."""
    return replace(
        plan,
        dhcp=False,
        hosts=(*plan.hosts, LanHost(name="dhcp", address=".2", does="refuses leases")),
    )


def rogue_dhcp_server(plan: Plan) -> Plan:
    """A second, quicker server names a gateway and resolver that are not there (row 5)."""
    rogue = LanHost(name="rogue", address=".66", does="serves wrong leases")
    return replace(plan, dnsmasq=(*plan.dnsmasq, "dhcp-reply-delay=1"), hosts=(*plan.hosts, rogue))


no_router_option = dnsmasq("dhcp-option=3")
"""The lease names no gateway."""
no_dns_option = dnsmasq("dhcp-option=6")
"""The lease names no resolver; the device then asks the gateway and 8.8.8.8 (row 8)."""
router_option_off_subnet = dnsmasq("dhcp-option=3,192.168.254.1")
"""The gateway in the lease lies outside its subnet."""
dns_option_dead = dnsmasq("dhcp-option=6,{lan}.253")
"""The resolver in the lease is not there."""


def static_leftover(plan: Plan) -> Plan:
    """The device has a stored address of another network."""
    return plan.with_behaviour(Behaviour(static=_static("192.168.43", 50, "192.168.43.1")))


def static_wrong_gateway(plan: Plan) -> Plan:
    """The stored address fits, its gateway is not there."""
    return plan.with_behaviour(Behaviour(static=_static(plan.lan, 60, f"{plan.lan}.254")))


def address_conflict(plan: Plan) -> Plan:
    """Another, busy machine has the device's address."""
    squatter = LanHost(name="squatter", address=".123", does="browses")
    return replace(
        plan, dnsmasq=(*plan.dnsmasq, "dhcp-host={mac},{lan}.123"), hosts=(*plan.hosts, squatter)
    )


def clients_apart(plan: Plan) -> Plan:
    """The access point passes nothing from one client to another but what is for everybody."""
    return plan.with_rules(
        "bridge_forward", "ether daddr & 01:00:00:00:00:00 == 00:00:00:00:00:00 drop"
    )


def clients_apart_wholly(plan: Plan) -> Plan:
    """The access point passes nothing at all from one client to another."""
    return plan.with_rules("bridge_forward", "drop")


def names_filtered(plan: Plan) -> Plan:
    """DHCP names a machine of the LAN as the resolver, which denies trackers; the others ask it."""
    address = f"{plan.lan}.3"
    asking = tuple(replace(host, resolver=address) for host in plan.hosts)
    names = LanHost(name="filter", address=".3", does="filters names", resolver="9.9.9.9")
    return replace(
        plan, dnsmasq=(*plan.dnsmasq, f"dhcp-option=6,{address}"), hosts=(*asking, names)
    )


def tls_inspected(plan: Plan) -> Plan:
    """A company's filter shows certificates of its own in the place of the web hosts'."""
    return replace(plan, inspects_tls=True)


# -- gateway, resolver, Internet
# ----------------------------------------------------------------------------------


def gateway_silent(plan: Plan) -> Plan:
    """The router answers no ARP request (row 7), nor gives its address away by asking."""
    return plan.with_rules("arp_input", "arp operation request drop").with_rules(
        "arp_output", "arp operation request drop"
    )


def gateway_does_not_forward(plan: Plan) -> Plan:
    """The router itself is on the Internet and forwards nothing."""
    return replace(plan, settings=(*plan.settings, ("ipv4/ip_forward", 0)))


def mac_not_forwarded(plan: Plan) -> Plan:
    """The router forwards nothing of this MAC; others pass."""
    return plan.with_rules("forward", "ether saddr {mac} drop")


def mac_refused(plan: Plan) -> Plan:
    """The router answers this MAC neither ARP nor anything else; others pass."""
    return plan.with_rules("arp_input", "arp saddr ether {mac} drop").with_rules(
        "input", "ether saddr {mac} udp dport != 67 drop"
    )


def only_known_macs_forwarded(plan: Plan) -> Plan:
    """The router forwards what comes from the other machines of the LAN alone: the lab gives them
    MACs that begin with 06.
    """
    return plan.with_rules(
        "forward", "iifname lan ether saddr & ff:00:00:00:00:00 != 06:00:00:00:00:00 drop"
    )


def dns_silent(plan: Plan) -> Plan:
    """The router's resolver is not heard (row 9)."""
    return plan.with_rules("input", "udp dport 53 drop")


def dns_dropped_everywhere(plan: Plan) -> Plan:
    """Neither the router nor any resolver outside is heard over UDP."""
    return dns_silent(plan).with_rules("forward", "udp dport 53 drop")


name_unknown = dnsmasq("address=/spark.io/", "address=/device.tcp.particle.io/")
"""NXDOMAIN for the cloud's names (row 10)."""


def name_dropped(plan: Plan) -> Plan:
    """The router answers no question whose name begins with `device`, and all others."""
    return plan.with_rules("input", "udp dport 53 @th,160,56 0x06646576696365 drop")


name_zero = dnsmasq("address=/device.spark.io/0.0.0.0")
"""0.0.0.0, as ad blockers answer (row 11)."""
name_private = dnsmasq("address=/device.spark.io/10.10.34.34")
"""A private sinkhole (row 11)."""

name_public_sinkhole = dnsmasq(f"address=/device.spark.io/{OTHER_WEBSITE_ADDRESS}")
"""A sinkhole with a public address, as some filters have (row 11)."""


def resolver_answers(code: str) -> Change:
    """This return code for the cloud's name, or for every name with `*` in front (row 10)."""
    return lambda plan: replace(plan, broken_resolver=code)


def portal_by_dns(plan: Plan) -> Plan:
    """Every name is the login page's, and nothing is forwarded (row 11)."""
    portal = replace(plan, portal=True, dnsmasq=(*plan.dnsmasq, "address=/#/{gateway}"))
    return portal.with_rules("forward", "drop")


def portal_by_redirect(plan: Plan) -> Plan:
    """Names resolve, the Web is redirected to a login page, and nothing else is forwarded."""
    portal = replace(plan, portal=True).with_rules("prerouting", "tcp dport 80 redirect to :80")
    return portal.with_rules("forward", "drop")


def portal_that(*rules: str) -> Change:
    """The same, with these rules for all else that is forwarded."""
    return lambda plan: (
        replace(plan, portal=True)
        .with_rules("prerouting", "tcp dport 80 redirect to :80")
        .with_rules("forward", *rules)
    )


def portal_with_interface(plan: Plan) -> Plan:
    """A login page in the place of all plain and TLS web traffic, announced by DHCP; its interface
    says that whoever asks is held.
    """
    portal = _announced(plan, "held").with_rules("prerouting", "tcp dport { 80, 443 } redirect")
    return portal.with_rules("forward", "drop")


def portal_past_laptop(plan: Plan) -> Plan:
    """The same for the device alone: somebody has logged in with the other machines, which pass."""
    portal = _announced(plan, "open").with_rules(
        "prerouting", "ether saddr {mac} tcp dport { 80, 443 } redirect"
    )
    return portal.with_rules("forward", "ether saddr {mac} drop")


def _announced(plan: Plan, says: Literal["held", "open"]) -> Plan:
    named = (f"address=/{PORTAL_NAME}/{{gateway}}", f"dhcp-option=114,https://{PORTAL_NAME}/api")
    return replace(plan, portal=True, portal_says=says, dnsmasq=(*plan.dnsmasq, *named))


def portal_passes_checks(plan: Plan) -> Plan:
    """A login page that lets the best-known checks of phones pass, so that they do not notice; one
    that it does not know is redirected.
    """
    portal = replace(plan, portal=True).with_rules(
        "prerouting", f"ip daddr != {WEBSITE_ADDRESS} tcp dport 80 redirect"
    )
    return portal.with_rules("forward", f"oifname wan0 ip daddr != {WEBSITE_ADDRESS} drop")


def proxy_required(plan: Plan) -> Plan:
    """Only the router's web proxy leads out; the computers are told so, by a setting with a
    password in it.
    """
    return replace(plan, proxy=True).with_rules("forward", "drop")


internet_dead = path(dead=True)
"""The line is dead: what goes out vanishes."""


def internet_unreachable(plan: Plan) -> Plan:
    """The router has no way out and says so: ICMP 3/0."""
    return replace(plan, default_route=False)


def internet_test_blocked(plan: Plan) -> Plan:
    """Only the device's own test of the Internet is dropped, of either era."""
    return plan.with_rules(
        "internet_input", "ip daddr 8.8.8.8 tcp dport 53 drop", "udp dport 123 drop"
    )


# -- tcp
# --------------------------------------------------------------------------------------------------


def port_dropped(plan: Plan) -> Plan:
    """The router drops whatever goes out to 5683 (row 12)."""
    return plan.with_rules("forward", "tcp dport 5683 drop")


def only_web_ports(plan: Plan) -> Plan:
    """The router drops whatever goes out but TCP to 80 and 443."""
    return plan.with_rules(
        "forward", "iifname lan tcp dport != { 80, 443 } drop", "iifname lan meta l4proto udp drop"
    )


def port_rejected(how: str) -> Change:
    """The router refuses 5683 in this manner of nftables (rows 13 and 14)."""
    return lambda plan: plan.with_rules("forward", f"tcp dport 5683 reject with {how}")


def port_dropped_outside(plan: Plan) -> Plan:
    """Something beyond the router drops 5683."""
    return plan.with_rules("internet_input", "tcp dport 5683 drop")


port_held_by_provider = path(holds_port=5683, box_at=3)
"""A router of the provider drops what goes out to 5683."""
port_held_in_building = path(holds_port=5683, box_at=2, private_hops=2)
"""A second router of the building drops it."""
nonce_cut_on_the_way = path(cuts_port=5683, box_at=4)
"""A box of the provider resets the connection when the cloud begins to speak (row 17)."""


cut_behind_nonce = path(cuts_behind=5683, box_at=4)
"""A box of the provider lets the cloud's 40 bytes pass and then resets the connection."""


def first_lookups_lost(plan: Plan) -> Plan:
    """The first two questions to the router's resolver vanish; later ones are answered."""
    return plan.with_rules("input", "iifname lan udp dport 53 quota until 130 bytes drop")


def first_nonce_lost(plan: Plan) -> Plan:
    """The cloud's first 40 bytes vanish, and so do their first retransmissions, until 3 s are
    over: one connection stays without a word.
    """
    return plan.with_rules("forward", "tcp sport 5683 ip length > 60 quota until 400 bytes drop")


def tcp_lossy(share: int) -> Change:
    """So many in a hundred TCP packets are lost each way; echoes and lookups are not."""
    lost = f"meta l4proto tcp numgen random mod 100 < {share} drop"
    return lambda plan: plan.with_rules("forward", lost)


def no_icmp(plan: Plan) -> Plan:
    """The router forwards no ICMP."""
    return plan.with_rules("forward", "meta l4proto icmp drop")


line_silent_3_s = path(silent_s=(0.3, 3.3))
"""The line carries nothing for 3 s, from soon after the first packet."""


def cloud_host_dropped(plan: Plan) -> Plan:
    """The router drops whatever goes to the cloud's address."""
    return plan.with_rules("forward", f"ip daddr {CLOUD_ADDRESS} drop")


def cloud_host_rejected(plan: Plan) -> Plan:
    """The router says that the cloud's host cannot be reached: ICMP 3/1."""
    return plan.with_rules("forward", f"ip daddr {CLOUD_ADDRESS} reject with icmp host-unreachable")


laptop_ignored_by_dhcp = dnsmasq("dhcp-host=06:*:*:*:*:*,ignore")
"""The DHCP server offers the other machines of the LAN nothing, whose MACs the lab begins with 06.
"""


def cloud_closed(plan: Plan) -> Plan:
    """The cloud's host is up and refuses the connection itself (row 13)."""
    return plan.with_rules(
        "internet_input", f"ip daddr {CLOUD_ADDRESS} tcp dport 5683 reject with tcp reset"
    )


def cloud_host_dead(plan: Plan) -> Plan:
    """The cloud's host answers nothing at all (row 12)."""
    return plan.with_rules("internet_input", f"ip daddr {CLOUD_ADDRESS} drop")


def private_cloud_gone(plan: Plan) -> Plan:
    """The device has the stored address of a cloud on the LAN, where a laptop is now (row 13)."""
    return plan.with_behaviour(Behaviour(cloud_address=f"{plan.lan}.20"))


# -- handshake and session
# ----------------------------------------------------------------------------------------


small_mtu = path(mtu=576)
"""A link on the way carries packets of 576 bytes at most, and says so: enough for everything a
Photon sends.
"""
large_packets_vanish = path(mtu=1000, mtu_untold=True)
"""Packets of more than 1000 bytes vanish without a word; a Photon sends none."""
black_hole = path(mtu=290, mtu_untold=True)
"""The same from 291 bytes: a Photon's 256 bytes and their headers are lost."""


def proxy(manner: Literal["hold", "close", "greet"], ports: str = "5683") -> Change:
    """The router takes connections to these ports itself (rows 15, 16 and 18)."""
    return lambda plan: replace(plan, intercept=manner).with_rules(
        "prerouting", f"iifname lan tcp dport {ports} redirect to :9999"
    )


def cloud(fault: Fault) -> Change:
    """The cloud has this fault (rows 15 to 30)."""
    return lambda plan: replace(plan, cloud=fault)


def payload_reset(plan: Plan) -> Plan:
    """A box resets the connection when the device's 256 bytes pass."""
    return plan.with_rules("forward", "tcp dport 5683 ip length > 200 reject with tcp reset")


def payload_swallowed(plan: Plan) -> Plan:
    """A box drops the device's 256 bytes, whenever they come (row 21)."""
    return plan.with_rules("forward", "tcp dport 5683 ip length > 200 drop")


def answer_swallowed(plan: Plan) -> Plan:
    """A box drops the cloud's 384 bytes, whenever they come (row 22)."""
    return plan.with_rules("forward", "tcp sport 5683 ip length > 200 drop")


def device_unknown(plan: Plan) -> Plan:
    """The cloud does not know the id, and closes (row 23c)."""
    return plan.with_device(registered="no")


def device_key_stale(plan: Plan) -> Plan:
    """The cloud holds another public key for the device, and uses it (row 24)."""
    return plan.with_device(registered="other key")


def server_key_other(plan: Plan) -> Plan:
    """The device holds the key of another cloud: nothing decrypts, the cloud closes (row 23b)."""
    return plan.with_device(server_key="other")


def server_key_damaged(plan: Plan) -> Plan:
    """The device cannot use its key of the cloud (row 19)."""
    return plan.with_device(server_key="damaged")


_IMPATIENT = (
    ("netfilter/nf_conntrack_tcp_timeout_established", 10),
    ("netfilter/nf_conntrack_tcp_loose", 0),
)


def nat_forgets_silently(plan: Plan) -> Plan:
    """The router forgets connections after 10 s of silence and drops what belongs to none (row
    29).
    """
    return replace(plan, settings=(*plan.settings, *_IMPATIENT)).with_rules(
        "forward", "ct state invalid drop"
    )


def nat_forgets_with_reset(plan: Plan) -> Plan:
    """The same, and it resets what belongs to no connection (row 30)."""
    forgetful = replace(plan, settings=(*plan.settings, *_IMPATIENT))
    return forgetful.with_rules(
        "forward", "meta l4proto tcp ct state invalid reject with tcp reset"
    )


def app_blocks(plan: Plan) -> Plan:
    """The device's application stops serving the system (row 31)."""
    return plan.with_behaviour(Behaviour(app_blocks=True))


def app_crashes(plan: Plan) -> Plan:
    """The device resets 4 s into every session (row 32)."""
    return plan.with_behaviour(Behaviour(reboots_after_s=4.0))


def id_twice(plan: Plan) -> Plan:
    """A second board has the first one's id and key; the cloud keeps the newer connection (row
    28).
    """
    return replace(plan, devices=(*plan.devices, replace(plan.devices[0], shares_id=True)))


slow_enough_to_fail = path(delay_ms=3000.0)
"""A round trip of 6 s: the device gives each connection up before its answer comes."""
slow_hello = path(delay_ms=1200.0)
"""A round trip of 2.4 s: more than the 2 s that old firmware waits for the cloud's Hello."""
slow_but_working = path(delay_ms=300.0, jitter_ms=60.0)
"""A round trip of 600 ms and more."""


def lossy(share: float, seed: int = 1) -> Change:
    """This share of packets is lost each way, and a few are repeated or overtake others."""
    return lambda plan: replace(
        plan, path=Path(loss=share, duplicates=0.01, reordered=0.02, jitter_ms=10.0, seed=seed)
    )
