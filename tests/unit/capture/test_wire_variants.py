"""Traffic that differs from the textbook in detail leads to what a careful reader of that capture
alone would say.

The clients here use Linux's IP stack: SYN at 0, 1 and 3 s, two tries of 5 s for each of three
look-ups, a retransmission time of fractions of a second. What a device does after a failure is its
firmware's: a TCP connection to 8.8.8.8:53 up to 1.5, a look-up of pool.ntp.org and NTP from 2.0 on,
that one before it closes (device-os@v2.3.1:system/src/system_task.cpp).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import inet_aton
from typing import Any

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Level, Stage, State, Target, Verdict
from tests.helpers.capture_files import pcap
from tests.helpers.wire import (
    ACK,
    BROADCAST,
    CLOUD,
    DEVICE,
    FAR_TTL,
    FIN,
    OTHER,
    OTHER_MAC,
    ROUTER,
    ROUTER_MAC,
    RST,
    SYN,
    TEST,
    TRIP_S,
    Talk,
    Wire,
    question,
    random_bytes,
)

pytestmark = pytest.mark.slow


PHOTON = bytes.fromhex("6c0b84a37559")
SECOND = bytes.fromhex("e04f43887701")
ODD = bytes.fromhex("b827eb556677")
LAPTOP = "192.168.5.77"
LAPTOP_MAC = bytes.fromhex("a4c3f0112233")
WAN_ROUTER_MAC = bytes.fromhex("001122000001")
WAN = "203.0.113.44"
NTP_SERVER = "198.51.100.123"
FALLBACK = "54.208.229.4"
WEB = "198.51.100.80"
OTHER_CLOUD = "198.51.100.56"
DEVICE_ID = bytes.fromhex("1f00b3215c47343232361234")
LINUX_MSS = b"\x02\x04\x05\xb4"
DESKTOP_OPTIONS = b"\x02\x04\x05\xb4\x04\x02\x08\x0a\0\1\2\3\0\0\0\0\x01\x03\x03\x07"
UDHCPC = b"\x3d\x07\x01\x6c\x0b\x84\xa3\x75\x59\x3c\x05udhcp\x37\x07\x01\x03\x06\x0c\x0f\x1c\x2a"
GIVEN = b"\x33\x04\0\1\x51\x80\x01\x04\xff\xff\xff\0"

NO_OFFER = {"dhcp_no_server", "dhcp_pool_exhausted", "dhcp_refuses_device", "mac_filter"}
KEYS = {"device_key_mismatch", "server_key_wrong", "device_not_registered"}
BLOCKED = {"cloud_port_blocked", "cloud_host_blocked"}
SURE = (Level.CONFIRMED, Level.LIKELY)
DOWN = {State.UNREACHED, State.UNTESTED}


@dataclass
class Host:
    """A client: its addresses, its resolver, and the firmware's way of testing the Internet."""

    mac: bytes = PHOTON
    ip: str = DEVICE
    system: str = "0.7.0"
    resolver: str = ROUTER
    ttl: int = 64
    router_mac: bytes = ROUTER_MAC
    rich: bool = False
    next_port: int = 40001
    next_id: int = 3001


class LinuxTalk(Talk):
    """A connection as Linux's TCP makes it."""

    def __init__(self, wire: Wire, server: str, port: int, sport: int, host: Host) -> None:
        super().__init__(wire, server, port, sport, host.ip, host.mac)
        self.host = host
        self.far_ttl = FAR_TTL
        self.mine = int.from_bytes(random_bytes(4, f"{host.mac.hex()} {sport} {wire.at}"))

    def _send(
        self, *, up: bool, flags: int, payload: bytes, ttl: int, options: bytes = b""
    ) -> None:
        if up:
            ttl = self.host.ttl
            options = (DESKTOP_OPTIONS if self.host.rich else LINUX_MSS) if flags & SYN else b""
        elif ttl == FAR_TTL:
            ttl = self.far_ttl
        super()._send(up=up, flags=flags, payload=payload, ttl=ttl, options=options)

    def unanswered_syns(self) -> LinuxTalk:
        """SYN at 0, 1 and 3 s; given up at 5 s."""
        self.syn()
        for gap in (1, 2):
            self.wire.wait(gap)
            self.syn(again=True)
        self.wire.wait(2)
        return self

    def lost(self, payload: bytes, until_s: float) -> LinuxTalk:
        """A payload that is never acknowledged: repeated after 0.3 s and then twice as long each
        time.
        """
        self.up(payload)
        waited, gap = 0.0, 0.3
        while waited + gap < until_s:
            self.wire.wait(gap)
            self.again(payload)
            waited, gap = waited + gap, gap * 2
        self.wire.wait(until_s - waited)
        return self

    def frame(self, blocks: int = 1, *, up: bool = False) -> LinuxTalk:
        """One encrypted frame and its acknowledgement."""
        payload = struct.pack(">H", blocks * 16) + random_bytes(blocks * 16, f"frame{self.wire.at}")
        if up:
            self.up(payload)
            self.wire.wait(TRIP_S)
            self.down()
        else:
            self.down(payload)
            self.up()
        return self


# -- what a client does


def connect(wire: Wire, host: Host, server: str = CLOUD, port: int = 5683) -> LinuxTalk:
    host.next_port += 2
    return LinuxTalk(wire, server, port, host.next_port, host)


def dhcp(
    wire: Wire,
    host: Host,
    kind: int,
    *,
    xid: int,
    server: str = ROUTER,
    server_mac: bytes = ROUTER_MAC,
    options: bytes = b"",
    ip: str = "",
) -> None:
    """One DHCP message as udhcpc and dnsmasq send it."""
    is_answer = kind in (2, 5, 6)
    yiaddr = (ip or host.ip) if kind in (2, 5) else "0.0.0.0"
    body = (
        struct.pack(">BBBBIHH", 2 if is_answer else 1, 1, 6, 0, xid, 0, 0)
        + bytes(4)
        + inet_aton(yiaddr)
        + bytes(8)
    )
    body += host.mac + bytes(10 + 192) + b"\x63\x82\x53\x63\x35\x01" + bytes((kind,))
    body += (b"\x36\x04" + inet_aton(server) + options if is_answer else UDHCPC + options) + b"\xff"
    if is_answer:
        wire.udp(server, 67, ip or host.ip, 68, body, ttl=64, macs=(server_mac, host.mac))
    else:
        wire.udp("0.0.0.0", 68, "255.255.255.255", 67, body, ttl=64, macs=(host.mac, BROADCAST))


def given(*, router: str = ROUTER, dns: str = ROUTER) -> bytes:
    """The options of a lease; an empty router or resolver is left out."""
    options = GIVEN + (b"\x03\x04" + inet_aton(router) if router else b"")
    return options + (b"\x06\x04" + inet_aton(dns) if dns else b"")


def lease(
    wire: Wire,
    host: Host,
    *,
    router: str = ROUTER,
    dns: str = ROUTER,
    server: str = ROUTER,
    server_mac: bytes = ROUTER_MAC,
    heard: bool = True,
) -> None:
    """A whole exchange; `heard` false: the capture stands where only broadcasts come."""
    host.next_id += 1
    for kind in (1, 2, 3, 5):
        if heard or kind in (1, 3):
            options = given(router=router, dns=dns) if kind in (2, 5) else b""
            dhcp(
                wire,
                host,
                kind,
                xid=0x5EED0000 + host.next_id,
                options=options,
                server=server,
                server_mac=server_mac,
            )
        wire.wait(0.012)


def arp(
    wire: Wire,
    host: Host,
    wants: str = ROUTER,
    *,
    times: int = 1,
    answered_by: bytes | None = ROUTER_MAC,
    gap_s: float = 1.0,
) -> None:
    """The client asks for a neighbour; Linux asks three times, a second apart, before it gives
    up.
    """
    for _ in range(times):
        wire.arp(mac=host.mac, ip=host.ip, wants=wants)
        if answered_by:
            wire.arp(mac=answered_by, ip=wants, wants=host.ip, answers=host.mac)
            return
        wire.wait(gap_s)


def boot(wire: Wire, host: Host) -> None:
    lease(wire, host)
    wire.wait(1.2)
    arp(wire, host)


def ask(wire: Wire, host: Host, name: str, *, server: str = "", qtype: int = 1) -> None:
    body = (
        struct.pack(">HHHHHH", host.next_id, 0x0100, 1, 0, 0, 0)
        + question(name)[:-4]
        + struct.pack(">HH", qtype, 1)
    )
    wire.udp(
        host.ip,
        host.next_port,
        server or host.resolver,
        53,
        body,
        ttl=host.ttl,
        macs=(host.mac, host.router_mac),
    )


def answer(
    wire: Wire,
    host: Host,
    name: str,
    *addresses: str,
    rcode: int = 0,
    server: str = "",
    alias: str = "",
) -> None:
    """The answer to the newest question; `alias` puts a CNAME in front of the addresses."""
    count = len(addresses) + bool(alias)
    body = struct.pack(">HHHHHH", host.next_id, 0x8180 | rcode, 1, count, 0, 0) + question(name)
    owner = b"\xc0\x0c"
    if alias:
        target = question(alias)[:-4]
        body += owner + struct.pack(">HHIH", 5, 1, 60, len(target)) + target
        owner = struct.pack(">H", 0xC000 | (len(body) - len(target)))
    body += b"".join(
        owner + b"\0\1\0\1\0\0\0\x3c\0\4" + inet_aton(address) for address in addresses
    )
    resolver = server or host.resolver
    wire.udp(
        resolver,
        53,
        host.ip,
        host.next_port,
        body,
        ttl=64 if resolver == ROUTER else FAR_TTL,
        macs=(host.router_mac, host.mac),
    )


def look_up(
    wire: Wire,
    host: Host,
    *addresses: str,
    name: str = "device.spark.io",
    rcode: int | None = 0,
    times: int = 1,
    after_s: float = 0.02,
    alias: str = "",
) -> None:
    """`times` look-ups; without a return code each is two questions that meet 5 s of silence.
    SERVFAIL and REFUSED are asked twice.
    """
    for _ in range(times):
        host.next_port += 7
        host.next_id += 11
        if rcode is None:
            for _ in range(2):
                ask(wire, host, name)
                wire.wait(5)
            continue
        for _ in range(2 if rcode in (2, 5) else 1):
            ask(wire, host, name)
            wire.wait(after_s)
            answer(wire, host, name, *addresses, rcode=rcode, alias=alias)


def icmp(
    wire: Wire,
    host: Host,
    *,
    code: int,
    server: str,
    protocol: int,
    sport: int,
    dport: int,
    sender: str = ROUTER,
) -> None:
    """A router's word on a packet of the client."""
    quoted = (
        struct.pack(">BBHHHBBH", 0x45, 0, 60, 1, 0, 63, protocol, 0)
        + inet_aton(host.ip)
        + inet_aton(server)
    )
    body = (
        struct.pack(">BBHI", 3, code, 0, 0)
        + quoted
        + struct.pack(">HHI", sport, dport, 1)
        + bytes(24)
    )
    wire.ip(
        sender,
        host.ip,
        1,
        body,
        ttl=64 if sender == ROUTER else FAR_TTL,
        macs=(host.router_mac, host.mac),
    )


def ntp(wire: Wire, host: Host, works: str) -> None:
    """Up to five requests, 2 s apart; `works`: yes, silent, or the code of an ICMP error."""
    host.next_port += 3
    for _ in range(5):
        wire.udp(
            host.ip,
            host.next_port,
            NTP_SERVER,
            123,
            b"\xe3" + bytes(47),
            ttl=host.ttl,
            macs=(host.mac, host.router_mac),
        )
        if works == "yes":
            wire.wait(TRIP_S)
            wire.udp(
                NTP_SERVER,
                123,
                host.ip,
                host.next_port,
                b"\x24\1" + bytes(46),
                ttl=FAR_TTL,
                macs=(host.router_mac, host.mac),
            )
            return
        if works != "silent":
            icmp(
                wire,
                host,
                code=int(works),
                server=NTP_SERVER,
                protocol=17,
                sport=host.next_port,
                dport=123,
            )
        wire.wait(2)


def internet_test(wire: Wire, host: Host, works: str = "yes", *, name_works: bool = True) -> None:
    """The test of the host's firmware; `works` as for `ntp`."""
    if host.system >= "2":
        if name_works:
            look_up(wire, host, NTP_SERVER, name="pool.ntp.org")
            ntp(wire, host, works)
        else:
            look_up(wire, host, name="pool.ntp.org", rcode=None)
        return
    talk = connect(wire, host, TEST, 53)
    if works == "yes":
        talk.opened()
        talk.up(flags=FIN | ACK)
        wire.wait(TRIP_S)
        talk.down(flags=FIN | ACK).up()
    elif works == "silent":
        talk.unanswered_syns()
    else:
        talk.syn()
        icmp(wire, host, code=int(works), server=TEST, protocol=6, sport=talk.sport, dport=53)


def gives_up(wire: Wire, talk: LinuxTalk, *, works: str = "yes") -> None:
    """The close after a failed handshake: at once up to 1.5, from 2.0 on behind the test."""
    if talk.host.system >= "2":
        internet_test(wire, talk.host, works)
    wire.wait(0.25)
    talk.device_closes()
    wire.wait(TRIP_S)


def tries(wire: Wire, host: Host, attempt: Callable[[LinuxTalk], None], times: int = 3) -> None:
    """A boot, then the same attempt over and over."""
    boot(wire, host)
    for _ in range(times):
        look_up(wire, host, CLOUD)
        attempt(connect(wire, host))
        wire.wait(1)


def online(wire: Wire, host: Host, *, pings: int = 3, server: str = CLOUD) -> LinuxTalk:
    """A whole handshake, the first events, and keepalives."""
    talk = connect(wire, host, server)
    talk.session()
    for _ in range(pings):
        talk.ping()
    return talk


def healthy(wire: Wire, host: Host, *, pings: int = 3) -> LinuxTalk:
    boot(wire, host)
    look_up(wire, host, CLOUD)
    return online(wire, host, pings=pings)


def announce(wire: Wire, host: Host, device_id: bytes = DEVICE_ID) -> None:
    payload = bytes.fromhex("50020000b168ff") + device_id
    wire.udp(
        host.ip,
        5683,
        "224.0.1.187",
        5683,
        payload,
        ttl=1,
        macs=(host.mac, bytes.fromhex("01005e0001bb")),
    )


def browse(
    wire: Wire, host: Host, server: str = WEB, port: int = 443, *, trip_s: float = TRIP_S
) -> None:
    """Another client reaches something outside."""
    talk = connect(wire, host, server, port).opened(trip_s)
    talk.up(flags=FIN | ACK)
    wire.wait(trip_s)
    talk.down(flags=FIN | ACK).up()


def online_at_once(wire: Wire) -> None:
    healthy(wire, Host())


def laptop(**more: Any) -> Host:
    return Host(mac=LAPTOP_MAC, ip=LAPTOP, rich=True, **more)


def other(**more: Any) -> Host:
    return Host(mac=OTHER_MAC, ip=OTHER, rich=True, **more)


@contextmanager
def meanwhile(wire: Wire, at: float) -> Iterator[None]:
    """Write frames of an earlier moment; saving sorts them in."""
    now, wire.at = wire.at, at
    yield
    wire.at = max(now, wire.at)


# -- the table


@dataclass(frozen=True)
class Case:
    """A script, and what a careful reader concludes from its capture alone."""

    script: Callable[[Wire], None]
    first: frozenset[str]
    verdict: Verdict
    beside: frozenset[str]
    never: frozenset[str]
    rungs: dict[Stage, set[State]]
    device: bytes | None
    ip: str | None
    firmware: str | None
    photons: int
    write: Callable[[Wire], bytes]


CASES: dict[str, Case] = {}
"""Name → case, in the order of the ladder."""


def ethernet(wire: Wire) -> bytes:
    return pcap(sorted(wire.frames, key=lambda f: f[0]), magic=0xA1B23C4D)


def case(
    name: str,
    *first: str,
    verdict: Verdict = Verdict.FAULT,
    beside: set[str] = frozenset(),  # type: ignore[assignment]  # an empty set that is not shared
    never: set[str] = frozenset(),  # type: ignore[assignment]  # the same
    rungs: dict[Stage, set[State]] | None = None,
    device: bytes | None = PHOTON,
    ip: str | None = None,
    firmware: str | None = None,
    photons: int = 1,
    write: Callable[[Wire], bytes] = ethernet,
) -> Callable[[Callable[[Wire], None]], Callable[[Wire], None]]:
    """Register a script."""

    def register(script: Callable[[Wire], None]) -> Callable[[Wire], None]:
        assert name not in CASES
        CASES[name] = Case(
            script,
            frozenset(first),
            verdict,
            frozenset(beside),
            frozenset(never),
            rungs or {},
            device,
            ip,
            firmware,
            photons,
            write,
        )
        return script

    return register


NOTHING_ABOVE_ADDRESS = dict.fromkeys(
    (Stage.GATEWAY, Stage.DNS, Stage.INTERNET, Stage.TCP, Stage.HANDSHAKE, Stage.SESSION), DOWN
)
NOTHING_ABOVE_TCP = {Stage.HANDSHAKE: DOWN, Stage.SESSION: DOWN}


# -- address


@case(
    "udhcpc meets silence", *NO_OFFER, beside=NO_OFFER - {"mac_filter"}, rungs=NOTHING_ABOVE_ADDRESS
)
def no_server(wire: Wire) -> None:
    for round_ in range(3):
        for _ in range(3):
            dhcp(wire, Host(), 1, xid=0x77000001 + round_)
            wire.wait(3)
        wire.wait(20)


@case("dhclient meets silence with growing gaps", *NO_OFFER, rungs=NOTHING_ABOVE_ADDRESS)
def no_server_dhclient(wire: Wire) -> None:
    for gap in (3, 7, 12, 15, 21, 9):
        dhcp(wire, Host(), 1, xid=0x3A3A0001)
        wire.wait(gap)


@case("no server; a static host browses", *NO_OFFER, rungs=NOTHING_ABOVE_ADDRESS)
def no_server_static_neighbour(wire: Wire) -> None:
    for round_ in range(3):
        for _ in range(3):
            dhcp(wire, Host(), 1, xid=0x77000001 + round_)
            wire.wait(3)
        arp(wire, other())
        browse(wire, other())
        wire.wait(20)


@case("pool of two taken, then the device asks", *NO_OFFER, rungs=NOTHING_ABOVE_ADDRESS)
def pool_exhausted(wire: Wire) -> None:
    for host in (other(), laptop()):
        lease(wire, host)
        wire.wait(2)
        arp(wire, host)
    wire.wait(5)
    no_server(wire)


@case(
    "the device alone is ignored",
    "dhcp_refuses_device",
    "mac_filter",
    never={"dhcp_no_server"},
    rungs=NOTHING_ABOVE_ADDRESS,
)
def device_ignored(wire: Wire) -> None:
    no_server(wire)
    lease(wire, other())
    wire.wait(1)
    arp(wire, other())
    no_server(wire)


@case("every REQUEST refused", "dhcp_refuses_device", rungs=NOTHING_ABOVE_ADDRESS)
def nak_loop(wire: Wire) -> None:
    for round_ in range(4):
        for kind in (1, 2, 3, 6):
            dhcp(wire, Host(), kind, xid=0x66000001 + round_, options=given() if kind == 2 else b"")
            wire.wait(0.02)
        wire.wait(3)


@case("one refusal of an old address, then a lease", verdict=Verdict.HEALTHY)
def nak_once(wire: Wire) -> None:
    dhcp(wire, Host(), 3, xid=0x66000001, options=b"\x32\x04" + inet_aton("192.168.9.20"))
    wire.wait(0.01)
    dhcp(wire, Host(), 6, xid=0x66000001)
    wire.wait(1)
    healthy(wire, Host())


@case(
    "a rogue server wins, its gateway is dead",
    "dhcp_rogue_server",
    never={"cloud_port_blocked"},
    rungs={Stage.DNS: DOWN, Stage.TCP: DOWN, Stage.SESSION: DOWN},
)
def rogue_gateway(wire: Wire) -> None:
    rogue, host = "192.168.5.66", Host()
    for round_ in range(2):
        xid = 0x55000001 + round_
        dhcp(wire, host, 1, xid=xid)
        wire.wait(0.002)
        dhcp(
            wire,
            host,
            2,
            xid=xid,
            server=rogue,
            server_mac=LAPTOP_MAC,
            options=given(router="192.168.5.254", dns="192.168.5.254"),
        )
        wire.wait(0.02)
        dhcp(wire, host, 2, xid=xid, options=given(), ip="192.168.5.21")
        dhcp(wire, host, 3, xid=xid, options=b"\x36\x04" + inet_aton(rogue))
        wire.wait(0.002)
        dhcp(
            wire,
            host,
            5,
            xid=xid,
            server=rogue,
            server_mac=LAPTOP_MAC,
            options=given(router="192.168.5.254", dns="192.168.5.254"),
        )
        wire.wait(1.2)
        for _ in range(5):
            arp(wire, host, "192.168.5.254", times=3, answered_by=None)
            wire.wait(2)


@case(
    "a rogue server names a resolver that is not there",
    "dhcp_rogue_server",
    rungs=NOTHING_ABOVE_TCP,
)
def rogue_resolver(wire: Wire) -> None:
    rogue, host = "192.168.5.66", Host()
    dhcp(wire, host, 1, xid=0x55000001)
    wire.wait(0.002)
    dhcp(
        wire,
        host,
        2,
        xid=0x55000001,
        server=rogue,
        server_mac=LAPTOP_MAC,
        options=given(dns="192.168.5.253"),
    )
    wire.wait(0.02)
    dhcp(wire, host, 2, xid=0x55000001, options=given(), ip="192.168.5.21")
    dhcp(wire, host, 3, xid=0x55000001, options=b"\x36\x04" + inet_aton(rogue))
    wire.wait(0.002)
    dhcp(
        wire,
        host,
        5,
        xid=0x55000001,
        server=rogue,
        server_mac=LAPTOP_MAC,
        options=given(dns="192.168.5.253"),
    )
    wire.wait(1.2)
    for _ in range(2):
        for _ in range(6):
            arp(wire, host, "192.168.5.253", times=3, answered_by=None)
            wire.wait(2)
        arp(wire, host)
        internet_test(wire, host)
        wire.wait(1)


@case(
    "the offered address is taken, declined again and again",
    "ip_conflict",
    rungs={Stage.TCP: DOWN, Stage.SESSION: DOWN},
)
def declined(wire: Wire) -> None:
    host = Host()
    for round_ in range(3):
        xid = 0x44000001 + round_
        for kind in (1, 2, 3, 5):
            dhcp(wire, host, kind, xid=xid, options=given() if kind in (2, 5) else b"")
            wire.wait(0.02)
        wire.arp(mac=host.mac, ip="0.0.0.0", wants=host.ip)
        wire.arp(mac=OTHER_MAC, ip=host.ip, wants="0.0.0.0", answers=host.mac)
        dhcp(
            wire,
            host,
            4,
            xid=xid,
            options=b"\x32\x04" + inet_aton(host.ip) + b"\x36\x04" + inet_aton(ROUTER),
        )
        wire.wait(10)


@case("two machines answer for the device's address", "ip_conflict")
def two_answer(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(4):
        look_up(wire, host, CLOUD)
        talk = connect(wire, host).opened().nonce()
        wire.arp(mac=ROUTER_MAC, ip=ROUTER, wants=host.ip)
        wire.arp(mac=OTHER_MAC, ip=host.ip, wants=ROUTER, answers=ROUTER_MAC)
        wire.arp(mac=host.mac, ip=host.ip, wants=ROUTER, answers=ROUTER_MAC)
        talk.up(b"\x10" + random_bytes(255, f"request{talk.sport}"))
        talk.up(flags=RST, payload=b"")
        wire.wait(20)
        talk.device_closes()
        wire.wait(1)


@case(
    "the lease names no resolver, so Linux asks nobody",
    "dhcp_options_wrong",
    "dns_unreachable",
    beside={"dhcp_options_wrong"},
    never={"app_does_not_connect"},
    rungs=NOTHING_ABOVE_TCP,
)
def no_resolver(wire: Wire) -> None:
    host = Host()
    lease(wire, host, dns="")
    wire.wait(1.2)
    for _ in range(4):
        arp(wire, host)
        internet_test(wire, host)
        wire.wait(10)


@case("the lease names no gateway", "dhcp_options_wrong", rungs=NOTHING_ABOVE_TCP)
def no_router(wire: Wire) -> None:
    host = Host()
    lease(wire, host, router="")
    wire.wait(1.2)
    for _ in range(3):
        arp(wire, host)
        look_up(wire, host, CLOUD)
        wire.wait(1)


@case("the leased gateway is in another subnet", "dhcp_options_wrong", rungs=NOTHING_ABOVE_TCP)
def gateway_off_subnet(wire: Wire) -> None:
    host = Host()
    lease(wire, host, router="192.168.6.1", dns="192.168.6.1")
    wire.wait(30)


@case(
    "the leased resolver does not exist; the Internet is fine",
    "dhcp_options_wrong",
    "dns_unreachable",
    never={"app_does_not_connect", "internet_down"},
    rungs=NOTHING_ABOVE_TCP,
)
def resolver_absent(wire: Wire) -> None:
    host = Host()
    lease(wire, host, dns="192.168.5.99")
    wire.wait(1.2)
    for _ in range(2):
        for _ in range(6):
            arp(wire, host, "192.168.5.99", times=3, answered_by=None)
            wire.wait(2)
        arp(wire, host)
        internet_test(wire, host)
        wire.wait(1)


@case("the lease is renewed in passing", verdict=Verdict.HEALTHY, ip=DEVICE)
def renewal(wire: Wire) -> None:
    host = Host()
    talk = healthy(wire, host)
    dhcp(wire, host, 3, xid=0x99000001)
    wire.wait(0.003)
    dhcp(wire, host, 5, xid=0x99000001, options=given())
    talk.ping().ping()


@case("a renewal is not answered, the session goes on", verdict=Verdict.HEALTHY)
def renewal_unanswered(wire: Wire) -> None:
    host = Host()
    talk = healthy(wire, host)
    dhcp(wire, host, 3, xid=0x99000001)
    wire.wait(5)
    dhcp(wire, host, 3, xid=0x99000001)
    talk.ping().ping().ping()


@case("the device gets another address", verdict=Verdict.HEALTHY, ip="192.168.5.24")
def new_address(wire: Wire) -> None:
    healthy(wire, Host()).device_closes()
    wire.wait(5)
    healthy(wire, Host(ip="192.168.5.24"))


# -- gateway


@case(
    "the gateway is dead, the address static",
    "gateway_unreachable",
    "static_ip_leftover",
    "dhcp_options_wrong",
    rungs={Stage.TCP: DOWN},
)
def gateway_dead(wire: Wire) -> None:
    for _ in range(10):
        arp(wire, Host(), times=3, answered_by=None)
        wire.wait(2)


@case(
    "a static address of another network; the others are fine",
    "static_ip_leftover",
    rungs={Stage.TCP: DOWN},
)
def static_leftover(wire: Wire) -> None:
    host = Host(ip="192.168.1.50")
    for _ in range(6):
        arp(wire, host, "192.168.1.1", times=3, answered_by=None)
        wire.wait(1)
        arp(wire, other())
        browse(wire, other())
        wire.wait(1)


@case(
    "the gateway vanishes in a session", "gateway_unreachable", "session_unstable", "internet_down"
)
def gateway_vanishes(wire: Wire) -> None:
    host = Host()
    talk = healthy(wire, host)
    wire.wait(15)
    talk.lost(b"\0\x10" + random_bytes(16, "ping"), 5)
    for _ in range(12):
        arp(wire, host, times=3, answered_by=None)
        wire.wait(1)


# -- names


def names_fail(
    rcode: int | None,
    *addresses: str,
    system: str = "0.7.0",
    works: str = "yes",
    name_works: bool = True,
) -> Callable[[Wire], None]:
    """Three rounds of three look-ups with that end, each with the test of the firmware."""

    def script(wire: Wire) -> None:
        host = Host(system=system)
        boot(wire, host)
        for _ in range(3):
            look_up(wire, host, *addresses, rcode=rcode, times=3)
            internet_test(wire, host, works, name_works=name_works)
            wire.wait(1)

    return script


for _system in ("0.7.0", "2.3.1"):
    _up = {**NOTHING_ABOVE_TCP, Stage.TCP: DOWN}
    case(f"{_system}: NXDOMAIN, Internet fine", "dns_name_blocked", rungs=_up)(
        names_fail(3, system=_system)
    )
    case(f"{_system}: REFUSED, Internet fine", "dns_name_blocked", rungs=_up)(
        names_fail(5, system=_system)
    )
    case(f"{_system}: empty answer, Internet fine", "dns_name_blocked", rungs=_up)(
        names_fail(0, system=_system)
    )
    case(f"{_system}: SERVFAIL, Internet fine", "dns_unreachable", "dns_name_blocked", rungs=_up)(
        names_fail(2, system=_system)
    )
    case(
        f"{_system}: 0.0.0.0, to which Linux never goes",
        "dns_hijacked",
        "dns_name_blocked",
        rungs=NOTHING_ABOVE_TCP,
    )(names_fail(0, "0.0.0.0", system=_system))
case(
    "0.7.0: resolver silent, Internet fine",
    "dns_unreachable",
    never={"internet_down"},
    rungs=NOTHING_ABOVE_TCP,
)(names_fail(None))
case(
    "2.3.1: resolver silent for every name",
    "internet_down",
    "dns_unreachable",
    beside={"internet_down", "dns_unreachable"},
    rungs=NOTHING_ABOVE_TCP,
)(names_fail(None, system="2.3.1", name_works=False))
case("0.7.0: resolver silent, test silent", "internet_down", rungs=NOTHING_ABOVE_TCP)(
    names_fail(None, works="silent")
)
case(
    "0.7.0: no upstream, so the resolver refuses all; the router says the net is unreachable",
    "internet_down",
    rungs=NOTHING_ABOVE_TCP,
)(names_fail(5, works="0"))
case("0.7.0: no upstream, SERVFAIL, test silent", "internet_down", rungs=NOTHING_ABOVE_TCP)(
    names_fail(2, works="silent")
)


@case(
    "2.3.1: the resolver refuses every name",
    "internet_down",
    "dns_unreachable",
    rungs=NOTHING_ABOVE_TCP,
)
def all_refused(wire: Wire) -> None:
    host = Host(system="2.3.1")
    boot(wire, host)
    for _ in range(4):
        look_up(wire, host, rcode=5, times=3)
        look_up(wire, host, name="pool.ntp.org", rcode=5)
        wire.wait(1)


@case("NXDOMAIN, and again with the search domain", "dns_name_blocked", rungs=NOTHING_ABOVE_TCP)
def search_domain(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(3):
        for _ in range(3):
            look_up(wire, host, rcode=3)
            look_up(wire, host, name="device.spark.io.lan", rcode=3)
        internet_test(wire, host)
        wire.wait(1)


@case("NXDOMAIN; another client only asks for wpad", "dns_name_blocked", rungs=NOTHING_ABOVE_TCP)
def wpad_neighbour(wire: Wire) -> None:
    names_fail(3)(wire)
    for _ in range(3):
        look_up(wire, other(), name="wpad.lan", rcode=3)
        look_up(wire, other(), name="isatap.lan", rcode=3)
    names_fail(3)(wire)


@case(
    "the resolver answers after 12 s, when nobody listens any more",
    "dns_unreachable",
    "path_too_slow",
    rungs=NOTHING_ABOVE_TCP,
)
def late_answers(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(3):
        begun = wire.at
        for index in range(6):
            if index % 2 == 0:
                host.next_id += 11
                host.next_port += 7
            ask(wire, host, "device.spark.io")
            with meanwhile(wire, begun + index * 5 + 12):
                answer(wire, host, "device.spark.io", CLOUD)
                icmp_of_device(wire, host)
            wire.at = begun + index * 5 + 5
        internet_test(wire, host)
        wire.wait(1)


def icmp_of_device(wire: Wire, host: Host) -> None:
    """The device's own "port unreachable" for an answer that came too late."""
    quoted = (
        struct.pack(">BBHHHBBH", 0x45, 0, 77, 1, 0, 64, 17, 0)
        + inet_aton(ROUTER)
        + inet_aton(host.ip)
    )
    body = struct.pack(">BBHI", 3, 3, 0, 0) + quoted + struct.pack(">HHI", 53, host.next_port, 1)
    wire.ip(host.ip, ROUTER, 1, body, ttl=64, macs=(host.mac, ROUTER_MAC))


@case(
    "the answer comes 6 s after the first question, in the second try's time",
    verdict=Verdict.HEALTHY,
)
def answer_in_second_try(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    ask(wire, host, "device.spark.io")
    wire.wait(5)
    ask(wire, host, "device.spark.io")
    wire.wait(1)
    answer(wire, host, "device.spark.io", CLOUD)
    online(wire, host)


@case("the answers take 2 s and the device goes online", verdict=Verdict.HEALTHY)
def slow_answers(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, CLOUD, after_s=2)
    online(wire, host)


@case(
    "the router answers DNS with ICMP port unreachable", "dns_unreachable", rungs=NOTHING_ABOVE_TCP
)
def resolver_closed(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(3):
        for _ in range(6):
            host.next_port += 1
            host.next_id += 1
            ask(wire, host, "device.spark.io")
            icmp(wire, host, code=3, server=ROUTER, protocol=17, sport=host.next_port, dport=53)
        internet_test(wire, host)
        wire.wait(1)


@case(
    "every name leads to the gateway, which resets",
    "dns_hijacked",
    "captive_portal",
    rungs=NOTHING_ABOVE_TCP,
)
def portal(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(4):
        look_up(wire, host, ROUTER)
        talk = connect(wire, host, ROUTER)
        talk.far_ttl = 64
        talk.syn()
        talk.reset(ttl=64)
        internet_test(wire, host)
        wire.wait(1)


@case("an alias chain, then online", verdict=Verdict.HEALTHY)
def alias(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, CLOUD, alias="device.tcp.particle.io")
    online(wire, host)


@case(
    "a private cloud on the LAN",
    verdict=Verdict.HEALTHY,
    never={"dns_hijacked", "server_address_wrong"},
)
def private_cloud(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, "192.168.5.10")
    arp(wire, host, "192.168.5.10", answered_by=bytes.fromhex("dca632000001"))
    talk = connect(wire, host, "192.168.5.10")
    talk.far_ttl = 64
    talk.session().ping().ping().ping()


@case(
    "0.5.3: no name, and the built-in address is silent",
    "dns_unreachable",
    never={"server_address_wrong"},
)
def fallback(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(2):
        look_up(wire, host, rcode=None, times=3)
        connect(wire, host, FALLBACK).unanswered_syns()
        internet_test(wire, host)
        wire.wait(1)


# -- internet


@case("0.7.0: line dead, name from the router's cache", "internet_down", rungs=NOTHING_ABOVE_TCP)
def line_dead(wire: Wire) -> None:
    def attempt(talk: LinuxTalk) -> None:
        talk.unanswered_syns()
        internet_test(wire, talk.host, "silent")

    tries(wire, Host(), attempt)


@case("2.3.1: line dead, names from the router's cache", "internet_down", rungs=NOTHING_ABOVE_TCP)
def line_dead_231(wire: Wire) -> None:
    def attempt(talk: LinuxTalk) -> None:
        talk.unanswered_syns()
        internet_test(wire, talk.host, "silent")

    tries(wire, Host(system="2.3.1"), attempt)


@case("0.7.0: the router says that no net is reachable", "internet_down", rungs=NOTHING_ABOVE_TCP)
def net_unreachable(wire: Wire) -> None:
    def attempt(talk: LinuxTalk) -> None:
        talk.syn()
        icmp(wire, talk.host, code=0, server=CLOUD, protocol=6, sport=talk.sport, dport=5683)
        internet_test(wire, talk.host, "0")

    tries(wire, Host(), attempt, 6)


@case("2.3.1: the router says that no host is reachable", "internet_down", rungs=NOTHING_ABOVE_TCP)
def host_unreachable_231(wire: Wire) -> None:
    def attempt(talk: LinuxTalk) -> None:
        talk.syn()
        icmp(wire, talk.host, code=1, server=CLOUD, protocol=6, sport=talk.sport, dport=5683)
        internet_test(wire, talk.host, "1")

    tries(wire, Host(system="2.3.1"), attempt, 4)


# -- tcp


def tcp_fails(how: str, *, system: str = "0.7.0", works: str = "yes") -> Callable[[Wire], None]:
    """`how`: drop, near (reset by the router), far (reset by the server), or the code of an ICMP
    error of the router.
    """

    def script(wire: Wire) -> None:
        def attempt(talk: LinuxTalk) -> None:
            if how == "drop":
                talk.unanswered_syns()
            else:
                talk.syn()
                if how in ("near", "far"):
                    wire.wait(TRIP_S if how == "far" else 0.0003)
                    talk.reset(ttl=FAR_TTL if how == "far" else 64)
                else:
                    icmp(
                        wire,
                        talk.host,
                        code=int(how),
                        server=CLOUD,
                        protocol=6,
                        sport=talk.sport,
                        dport=5683,
                    )
            internet_test(wire, talk.host, works)

        tries(wire, Host(system=system), attempt, 4)

    return script


for _system in ("0.7.0", "2.3.1"):
    case(
        f"{_system}: 5683 dropped",
        *BLOCKED,
        "cloud_unreachable",
        beside=BLOCKED,
        rungs=NOTHING_ABOVE_TCP,
    )(tcp_fails("drop", system=_system))
    case(f"{_system}: 5683 reset by the router", *BLOCKED, rungs=NOTHING_ABOVE_TCP)(
        tcp_fails("near", system=_system)
    )
    case(f"{_system}: 5683 refused with ICMP 3/3", *BLOCKED, rungs=NOTHING_ABOVE_TCP)(
        tcp_fails("3", system=_system)
    )
    case(f"{_system}: 5683 refused with ICMP 3/13", *BLOCKED, rungs=NOTHING_ABOVE_TCP)(
        tcp_fails("13", system=_system)
    )
    case(f"{_system}: the cloud's host refused with ICMP 3/10", *BLOCKED, rungs=NOTHING_ABOVE_TCP)(
        tcp_fails("10", system=_system)
    )
    case(f"{_system}: the server refuses", "cloud_unreachable", rungs=NOTHING_ABOVE_TCP)(
        tcp_fails("far", system=_system)
    )


@case(
    "the cloud's host is behind a dead route: ICMP 3/1 from afar",
    "cloud_unreachable",
    "cloud_host_blocked",
    never={"internet_down"},
)
def far_host_unreachable(wire: Wire) -> None:
    def attempt(talk: LinuxTalk) -> None:
        talk.syn()
        wire.wait(3.1)
        icmp(
            wire,
            talk.host,
            code=1,
            server=CLOUD,
            protocol=6,
            sport=talk.sport,
            dport=5683,
            sender="203.0.113.9",
        )
        internet_test(wire, talk.host)

    tries(wire, Host(), attempt)


@case(
    "a laptop opens 5683 of another host: the cloud's host is blocked",
    "cloud_host_blocked",
    rungs=NOTHING_ABOVE_TCP,
)
def host_blocked(wire: Wire) -> None:
    tcp_fails("drop")(wire)
    browse(wire, laptop(), OTHER_CLOUD, 5683)
    browse(wire, laptop())
    connect(wire, laptop(), CLOUD, 443).unanswered_syns()
    tcp_fails("drop")(wire)


@case("only the web passes: 5683 and NTP dropped, a laptop browses", *BLOCKED)
def only_web_231(wire: Wire) -> None:
    browse(wire, laptop())
    tcp_fails("drop", system="2.3.1", works="silent")(wire)
    browse(wire, laptop())


@case("only the web passes: 5683 and TCP 53 dropped, a laptop browses", *BLOCKED)
def only_web(wire: Wire) -> None:
    browse(wire, laptop())
    tcp_fails("drop", works="silent")(wire)
    browse(wire, laptop())


@case(
    "a laptop's netcheck gets the nonce, the device's SYN is dropped",
    "mac_filter",
    "cloud_port_blocked",
    "cloud_host_blocked",
)
def device_alone_blocked(wire: Wire) -> None:
    tcp_fails("drop")(wire)
    netcheck_on_laptop(wire)
    tcp_fails("drop")(wire)


@case(
    "a login page for a laptop, resets for the device",
    "captive_portal",
    *BLOCKED,
    beside={"captive_portal"},
)
def portal_redirect(wire: Wire) -> None:
    tcp_fails("near", works="silent")(wire)
    talk = connect(wire, other(), WEB, 80).opened(0.001)
    talk.up(b"GET /generate_204 HTTP/1.1\r\nHost: connectivity.example.org\r\n\r\n")
    talk.down(
        b"HTTP/1.1 302 Found\r\nLocation: http://login.hotspot.example.net/\r\n\r\n",
        flags=FIN | ACK,
    ).up()
    tcp_fails("near", works="silent")(wire)


# -- handshake


def handshake(
    step: Callable[[Wire, LinuxTalk], None], *, system: str = "0.7.0", times: int = 3
) -> Callable[[Wire], None]:
    def script(wire: Wire) -> None:
        tries(wire, Host(system=system), lambda talk: step(wire, talk), times)

    return script


def proxy_silent(wire: Wire, talk: LinuxTalk) -> None:
    talk.far_ttl = 64
    talk.opened(0.0004)
    wire.wait(20)
    gives_up(wire, talk)


def proxy_closes(wire: Wire, talk: LinuxTalk) -> None:
    talk.far_ttl = 64
    talk.opened(0.0004)
    wire.wait(0.002)
    talk.cloud_closes()
    gives_up(wire, talk)


def proxy_closes_late(wire: Wire, talk: LinuxTalk) -> None:
    talk.far_ttl = 64
    talk.opened(0.0004)
    wire.wait(10)
    talk.cloud_closes()
    gives_up(wire, talk)


def hold_nonce(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened()
    wire.wait(20)
    gives_up(wire, talk)


def close_at_once(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened()
    wire.wait(0.01)
    talk.cloud_closes()
    gives_up(wire, talk)


def short_nonce(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce(20)
    wire.wait(19.9)
    gives_up(wire, talk)


def close_after_nonce(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce()
    talk.up(b"\x10" + random_bytes(255, f"request{talk.sport}"))
    talk.down(flags=FIN | ACK)
    wire.wait(TRIP_S)
    talk.reset()
    gives_up(wire, talk)


def hold_key(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request()
    wire.wait(20)
    gives_up(wire, talk)


def short_key(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key(200)
    wire.wait(19.9)
    gives_up(wire, talk)


def short_key_closed(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key(200).cloud_closes()
    gives_up(wire, talk)


def key_fault(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request()
    wire.wait(0.28)
    talk.cloud_closes()
    gives_up(wire, talk)


def key_fault_reset(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request()
    wire.wait(0.01)
    talk.reset()


def unreadable_key(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key()
    gives_up(wire, talk)


def close_after_key(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key().cloud_closes()
    gives_up(wire, talk)


def hold_welcome(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key().hello()
    wire.wait(2 if talk.host.system < "0.8" else 4)
    gives_up(wire, talk)


def close_after_hello(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key().hello().cloud_closes()
    gives_up(wire, talk)


def close_after_welcome(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key().hello().welcome().cloud_closes().device_closes()
    wire.wait(TRIP_S)


def dpi_drops_request(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce()
    talk.lost(b"\x10" + random_bytes(255, f"request{talk.sport}"), 20)
    gives_up(wire, talk)


def dpi_resets_request(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce()
    talk.up(b"\x10" + random_bytes(255, f"request{talk.sport}"))
    wire.wait(0.0004)
    talk.reset(ttl=64)


def dpi_resets_nonce(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened()
    wire.wait(0.0004)
    talk.reset(ttl=64)


def dpi_resets_hello(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key()
    wire.wait(0.005)
    talk.up(b"\0\x10" + random_bytes(16, "hello"))
    wire.wait(0.0004)
    talk.reset(ttl=64)


def dpi_drops_key(wire: Wire, talk: LinuxTalk) -> None:
    """The 256 bytes are acknowledged; the answer is swallowed on its way."""
    talk.opened().nonce().request()
    wire.wait(20)
    gives_up(wire, talk)


def dpi_drops_hello(wire: Wire, talk: LinuxTalk) -> None:
    talk.opened().nonce().request().key()
    talk.lost(b"\0\x10" + random_bytes(16, "hello"), 2 if talk.host.system < "0.8" else 4)
    gives_up(wire, talk)


_HANDSHAKES: dict[str, tuple[Callable[[Wire, LinuxTalk], None], set[str], set[str]]] = {
    # name: (one try, one of these first, never standing)
    "silent proxy": (proxy_silent, {"transparent_proxy", "cloud_unresponsive"}, KEYS),
    "proxy that closes": (
        proxy_closes,
        {"transparent_proxy", "dpi_interference"},
        KEYS | {"cloud_rejects_session"},
    ),
    "proxy that closes after 10 s": (
        proxy_closes_late,
        {"transparent_proxy", "dpi_interference"},
        KEYS,
    ),
    "server holds the nonce": (hold_nonce, {"transparent_proxy", "cloud_unresponsive"}, KEYS),
    "server closes at once": (
        close_at_once,
        {"dpi_interference", "cloud_unresponsive", "transparent_proxy"},
        KEYS,
    ),
    "20 bytes of nonce": (short_nonce, {"transparent_proxy", "cloud_unresponsive"}, KEYS),
    "closed behind the nonce": (
        close_after_nonce,
        {"dpi_interference", "device_key_mismatch", "cloud_unresponsive"},
        set(),
    ),
    "server holds the key": (hold_key, {"cloud_unresponsive", "dpi_interference"}, KEYS),
    "200 bytes of key": (short_key, {"dpi_interference", "cloud_unresponsive"}, KEYS),
    "200 bytes of key, then closed": (
        short_key_closed,
        {"dpi_interference", "cloud_unresponsive"},
        KEYS,
    ),
    "closed after 256 bytes": (key_fault, {"device_key_mismatch"}, set()),
    "reset by the server after 256 bytes": (key_fault_reset, {"device_key_mismatch"}, set()),
    "the device cannot read the key": (unreadable_key, {"device_key_mismatch"}, set()),
    "closed after the key": (
        close_after_key,
        {"dpi_interference", "cloud_unresponsive", "cloud_rejects_session"},
        set(),
    ),
    "server holds its Hello": (hold_welcome, {"cloud_unresponsive"}, KEYS),
    "closed after the Hello": (close_after_hello, {"cloud_rejects_session"}, KEYS),
    "closed after both Hellos": (close_after_welcome, {"cloud_rejects_session"}, KEYS),
    "256 bytes swallowed": (dpi_drops_request, {"dpi_interference"}, KEYS),
    "256 bytes met by a near reset": (dpi_resets_request, {"dpi_interference"}, set()),
    "open, then a near reset": (dpi_resets_nonce, {"dpi_interference"}, KEYS),
    "Hello met by a near reset": (dpi_resets_hello, {"dpi_interference"}, KEYS),
    "the answer to 256 bytes swallowed": (
        dpi_drops_key,
        {"cloud_unresponsive", "dpi_interference"},
        KEYS,
    ),
    "Hello swallowed": (dpi_drops_hello, {"dpi_interference", "cloud_unresponsive"}, KEYS),
}
for _name, (_step, _first, _never) in _HANDSHAKES.items():
    for _system in ("0.7.0", "2.3.1"):
        case(f"{_system}: {_name}", *_first, never=_never)(handshake(_step, system=_system))


# -- session


@case("0.7.0: a ping leads the server's Hello", verdict=Verdict.HEALTHY)
def early_ping(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, CLOUD)
    talk = connect(wire, host).opened().nonce().request().key()
    wire.wait(0.2)
    talk.up(b"\0\x10" + random_bytes(16, "hello")).up(b"\0\x10" + random_bytes(16, "ping"))
    wire.wait(TRIP_S)
    talk.down().welcome()
    talk.down(b"\0\x10" + random_bytes(16, "pong")).up()
    for _ in range(3):
        talk.ping()


@case("3.1.0: a Hello of 34 bytes", verdict=Verdict.HEALTHY, firmware=">=3.0.0")
def long_hello(wire: Wire) -> None:
    host = Host(system="3.1.0")
    boot(wire, host)
    look_up(wire, host, CLOUD)
    talk = connect(wire, host).opened().nonce().request().key().hello(34).welcome()
    for _ in range(3):
        talk.ping()


@case("the server pings too", verdict=Verdict.HEALTHY)
def server_pings(wire: Wire) -> None:
    talk = healthy(wire, Host(), pings=1)
    for _ in range(5):
        wire.wait(9)
        talk.frame()
        wire.wait(0.01)
        talk.frame(up=True)


@case("a firmware update, then a restart", verdict=Verdict.HEALTHY)
def update(wire: Wire) -> None:
    host = Host()
    talk = healthy(wire, host, pings=1)
    for index in range(40):
        talk.down(struct.pack(">H", 528) + random_bytes(528, f"chunk{index}")).up()
        wire.wait(0.05)
        talk.frame(up=True)
    talk.device_closes()
    wire.wait(6)
    healthy(wire, host)


@case("the session is older than the capture", verdict=Verdict.HEALTHY)
def session_only(wire: Wire) -> None:
    talk = connect(wire, Host())
    for _ in range(4):
        talk.ping()


@case("the capture begins in a handshake that succeeds", verdict=Verdict.HEALTHY)
def begins_in_handshake(wire: Wire) -> None:
    talk = connect(wire, Host())
    talk.request().key().hello().welcome()
    for _ in range(3):
        talk.ping()


@case("the capture begins in a handshake that fails for its keys", "device_key_mismatch")
def begins_in_failure(wire: Wire) -> None:
    host = Host()
    talk = connect(wire, host)
    talk.request()
    wire.wait(0.28)
    talk.cloud_closes()
    gives_up(wire, talk)
    for _ in range(3):
        wire.wait(1)
        look_up(wire, host, CLOUD)
        key_fault(wire, connect(wire, host))


def pings_lost(
    *, system: str = "0.7.0", ages: tuple[int, ...] = (0, 0, 0), how: str = "silent"
) -> Callable[[Wire], None]:
    """Sessions of so many good pings, then one that is lost. `how`: silent, reset (by the router),
    or acked (by TCP only).
    """

    def script(wire: Wire) -> None:
        host = Host(system=system)
        boot(wire, host)
        for good in ages:
            look_up(wire, host, CLOUD)
            talk = online(wire, host, pings=good)
            wire.wait(15)
            payload = b"\0\x10" + random_bytes(16, f"lost{wire.at}")
            if how == "reset":
                talk.up(payload)
                wire.wait(0.0004)
                talk.reset(ttl=64)
            elif how == "acked":
                talk.up(payload)
                wire.wait(TRIP_S)
                talk.down()
                wire.wait(10)
                talk.device_closes()
            else:
                talk.lost(payload, 10)
                talk.device_closes()
            wire.wait(0.6)
        look_up(wire, host, CLOUD)
        online(wire, host, pings=0)
        wire.wait(5)

    return script


for _system in ("0.7.0", "2.3.1"):
    case(f"{_system}: idle connections forgotten in silence", "nat_idle_timeout")(
        pings_lost(system=_system)
    )
    case(f"{_system}: idle connections forgotten with a reset", "nat_idle_timeout")(
        pings_lost(system=_system, how="reset")
    )
    case(
        f"{_system}: pings acknowledged by TCP and never answered",
        "cloud_unresponsive",
        "session_unstable",
        never={"nat_idle_timeout"},
    )(pings_lost(system=_system, how="acked"))
    case(
        f"{_system}: sessions die after different times",
        "session_unstable",
        never={"nat_idle_timeout"},
    )(pings_lost(system=_system, ages=(3, 1, 5)))


@case(
    "0.7.0: the line dies in a session and stays dead", "internet_down", never={"nat_idle_timeout"}
)
def outage(wire: Wire) -> None:
    host = Host()
    talk = healthy(wire, host)
    wire.wait(15)
    talk.lost(b"\0\x10" + random_bytes(16, "lost"), 10)
    talk.device_closes()
    for _ in range(2):
        look_up(wire, host, rcode=None, times=3)
        internet_test(wire, host, "silent")
        wire.wait(1)


@case(
    "2.3.1: the line dies in a session and stays dead",
    "internet_down",
    "dns_unreachable",
    never={"nat_idle_timeout"},
)
def outage_231(wire: Wire) -> None:
    host = Host(system="2.3.1")
    talk = healthy(wire, host)
    wire.wait(15)
    talk.lost(b"\0\x10" + random_bytes(16, "lost"), 10)
    talk.device_closes()
    for _ in range(2):
        look_up(wire, host, rcode=None, times=3)
        internet_test(wire, host, name_works=False)
        wire.wait(1)


@case(
    "the line dies in a session, the name stays in the router's cache",
    "internet_down",
    never={"nat_idle_timeout"},
)
def outage_cached(wire: Wire) -> None:
    host = Host()
    talk = healthy(wire, host)
    wire.wait(15)
    talk.lost(b"\0\x10" + random_bytes(16, "lost"), 10)
    talk.device_closes()
    for _ in range(3):
        look_up(wire, host, CLOUD)
        connect(wire, host).unanswered_syns()
        internet_test(wire, host, "silent")
        wire.wait(1)


@case(
    "an outage of two minutes, over since",
    "internet_down",
    "session_unstable",
    never={"nat_idle_timeout"} | BLOCKED,
)
def outage_over(wire: Wire) -> None:
    outage_cached(wire)
    wire.wait(16)
    look_up(wire, Host(next_port=47001, next_id=9001), CLOUD)
    online(wire, Host(next_port=47011))


@case("the program blocks: no ping, then the device closes", "app_blocks_system")
def blocked_program(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(3):
        look_up(wire, host, CLOUD)
        talk = online(wire, host, pings=0)
        wire.wait(27)
        talk.device_closes()
        wire.wait(TRIP_S)
        talk.down(flags=FIN | ACK).up()
        wire.wait(10)


@case(
    "the program blocks: server pings meet TCP only",
    "app_blocks_system",
    never={"nat_idle_timeout"},
)
def blocked_program_pinged(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(3):
        look_up(wire, host, CLOUD)
        talk = online(wire, host, pings=0)
        wire.wait(12)
        talk.frame()
        wire.wait(18)
        talk.device_closes()
        wire.wait(10)


@case(
    "restarts seconds after each success",
    "app_crashes",
    "power_insufficient",
    beside={"app_crashes", "power_insufficient"},
)
def restarts(wire: Wire) -> None:
    for index in range(6):
        healthy(wire, Host(next_port=33000 + 501 * (index * 7 % 11), next_id=5000 + index), pings=0)
        wire.wait(6)


@case(
    "restarts, each said goodbye by its Linux",
    "app_crashes",
    "power_insufficient",
    beside={"app_crashes", "power_insufficient"},
)
def restarts_with_fin(wire: Wire) -> None:
    for index in range(6):
        talk = healthy(
            wire, Host(next_port=33000 + 501 * (index * 7 % 11), next_id=5000 + index), pings=0
        )
        wire.wait(4)
        talk.device_closes()
        wire.wait(4)


# -- slow and lossy lines


@case("a round trip of 0.6 s", verdict=Verdict.HEALTHY)
def slow_line(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, CLOUD, after_s=0.6)
    talk = connect(wire, host).opened(0.6)
    wire.wait(0.6)
    talk.nonce()
    wire.wait(0.6)
    talk.request()
    wire.wait(0.6)
    talk.key()
    wire.wait(0.6)
    talk.hello()
    wire.wait(0.6)
    talk.welcome()
    for _ in range(3):
        talk.ping()


@case("0.7.0: a round trip of 2.6 s, the server's Hello comes too late", "path_too_slow")
def too_slow(wire: Wire) -> None:
    trip_s = 2.6

    def attempt(talk: LinuxTalk) -> None:
        talk.syn()
        wire.wait(1)
        talk.syn(again=True)
        wire.wait(trip_s - 1)
        talk.syn_ack()
        talk.up()
        wire.wait(trip_s)
        talk.nonce()
        talk.lost(b"\x10" + random_bytes(255, f"request{talk.sport}"), trip_s)
        talk.down().key()
        talk.lost(b"\0\x10" + random_bytes(16, "hello"), 2)
        wire.wait(0.25)
        talk.device_closes()
        wire.wait(0.4)
        talk.down().down(b"\0\x10" + random_bytes(16, "welcome"))
        talk.up(flags=RST)
        wire.wait(0.5)

    tries(wire, Host(), attempt)


@case("SYN-ACKs come after 6 s", "path_too_slow", never=BLOCKED)
def syn_ack_late(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(3):
        look_up(wire, host, CLOUD)
        talk = connect(wire, host).unanswered_syns()
        test = connect(wire, host, TEST, 53)
        test.syn()
        wire.wait(1)
        test.syn(again=True)
        talk.syn_ack()
        talk.up(flags=RST)
        wire.wait(4)
        with meanwhile(wire, wire.at + 1):
            test.syn_ack()
            test.up(flags=RST)
        wire.wait(1)


@case("a lossy line with repeats, online all the same", verdict=Verdict.HEALTHY)
def lossy(wire: Wire) -> None:
    host = Host()
    lease(wire, host)
    wire.wait(1.2)
    arp(wire, host, times=1, answered_by=None)
    arp(wire, host)
    ask(wire, host, "device.spark.io")
    wire.wait(5)
    ask(wire, host, "device.spark.io")
    wire.wait(0.02)
    answer(wire, host, "device.spark.io", CLOUD)
    talk = connect(wire, host)
    talk.syn()
    wire.wait(1)
    talk.syn(again=True)
    wire.wait(TRIP_S)
    talk.syn_ack().up()
    talk.nonce()
    request = b"\x10" + random_bytes(255, "request")
    talk.lost(request, 2.2)
    talk.down().key()
    wire.wait(0.005)
    talk.up(b"\0\x10" + random_bytes(16, "hello"))
    wire.wait(0.3)
    talk.again(b"\0\x10" + random_bytes(16, "hello"))
    wire.wait(TRIP_S)
    talk.welcome()
    for _ in range(4):
        wire.wait(15)
        ping = b"\0\x10" + random_bytes(16, f"ping{wire.at}")
        talk.lost(ping, 1.5)
        talk.down(b"\0\x10" + random_bytes(16, f"pong{wire.at}")).up()


@case("a lossy line: one try fails, the next holds", verdict=Verdict.HEALTHY)
def lossy_once(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, CLOUD)
    connect(wire, host).unanswered_syns()
    internet_test(wire, host)
    wire.wait(1)
    look_up(wire, host, CLOUD)
    online(wire, host, pings=6)


# -- who else is there


def netcheck_on_laptop(wire: Wire) -> None:
    """This program's own probes: two connections that read the nonce, look-ups at three resolvers,
    a few controls.
    """
    host = laptop()
    arp(wire, host)
    for server in (ROUTER, "8.8.8.8", "1.1.1.1"):
        host.next_port += 1
        host.next_id += 1
        ask(wire, host, "device.spark.io", server=server)
        wire.wait(0.02)
        answer(wire, host, "device.spark.io", CLOUD, server=server)
    for _ in range(2):
        talk = connect(wire, host).opened().nonce()
        wire.wait(2)
        talk.device_closes()
        wire.wait(TRIP_S)
        talk.down(flags=FIN | ACK).up()
    connect(wire, host, CLOUD, 443).unanswered_syns()
    browse(wire, host, "8.8.8.8", 443)
    browse(wire, host, WEB, 443)


@case("a laptop runs netcheck beside a healthy device", verdict=Verdict.HEALTHY)
def laptop_beside(wire: Wire) -> None:
    talk = healthy(wire, Host())
    netcheck_on_laptop(wire)
    talk.ping().ping()


@case("a laptop runs netcheck beside a device with a key fault", "device_key_mismatch")
def laptop_beside_key_fault(wire: Wire) -> None:
    handshake(key_fault)(wire)
    netcheck_on_laptop(wire)
    handshake(key_fault)(wire)


@case("a laptop runs netcheck beside an old prefix of no Photon", "device_key_mismatch", device=ODD)
def odd_prefix(wire: Wire) -> None:
    netcheck_on_laptop(wire)
    host = Host(mac=ODD)
    boot(wire, host)
    for _ in range(4):
        look_up(wire, host, CLOUD)
        key_fault(wire, connect(wire, host))
        wire.wait(1)
    netcheck_on_laptop(wire)


def trouble(wire: Wire) -> None:
    """Another client in every kind of trouble."""
    host = other()
    talk = connect(wire, host, WEB, 8883)
    talk.syn()
    wire.wait(TRIP_S)
    talk.reset()
    connect(wire, host, "198.51.100.81", 1883).unanswered_syns()
    look_up(wire, host, name="broken.example.org", rcode=5)
    look_up(wire, host, name="slow.example.org", rcode=None)
    look_up(wire, host, name="wpad.lan", rcode=3)
    arp(wire, host, "192.168.5.200", times=3, answered_by=None)
    no_cloud = connect(wire, host, OTHER_CLOUD, 5683).opened()
    no_cloud.up(b"GET / HTTP/1.1\r\nHost: 198.51.100.56:5683\r\n\r\n")
    no_cloud.down(random_bytes(40, "their nonce"))
    wire.wait(0.1)
    no_cloud.cloud_closes().device_closes()
    connect(wire, host, OTHER_CLOUD, 5683).unanswered_syns()
    dhcp(wire, Host(mac=bytes.fromhex("001a11223344")), 1, xid=0x31000001)
    wire.wait(3)
    dhcp(wire, Host(mac=bytes.fromhex("001a11223344")), 1, xid=0x31000001)


@case("others in trouble, the device is fine", verdict=Verdict.HEALTHY)
def busy(wire: Wire) -> None:
    trouble(wire)
    talk = healthy(wire, Host())
    trouble(wire)
    talk.ping().ping()


@case("others in trouble, the device has a key fault", "device_key_mismatch")
def busy_key_fault(wire: Wire) -> None:
    trouble(wire)
    handshake(key_fault)(wire)
    trouble(wire)


@case("others in trouble, 5683 is dropped for the device", *BLOCKED)
def busy_blocked(wire: Wire) -> None:
    connect(wire, other(), "198.51.100.81", 1883).unanswered_syns()
    tcp_fails("drop")(wire)
    look_up(wire, other(), name="slow.example.org", rcode=None)
    arp(wire, other(), "192.168.5.200", times=3, answered_by=None)


@case(
    "others fail outside on their ports, no test of the device to be seen",
    *BLOCKED,
    never={"internet_down"},
)
def busy_no_test(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for _ in range(3):
        look_up(wire, host, CLOUD)
        connect(wire, host).unanswered_syns()
        connect(wire, other(), "198.51.100.81", 1883).unanswered_syns()
        browse(wire, other())


@case("two devices: this one online, the other ignored by DHCP", verdict=Verdict.HEALTHY, photons=2)
def two_devices(wire: Wire) -> None:
    second = Host(mac=SECOND, ip="192.168.5.21")
    talk = healthy(wire, Host())
    for round_ in range(3):
        for _ in range(3):
            dhcp(wire, second, 1, xid=0x88000001 + round_)
            wire.wait(2)
        talk.ping()
    boot(wire, second)
    look_up(wire, second, CLOUD)
    key_fault(wire, connect(wire, second))


@case(
    "two devices: this one's port is dropped, the other is online",
    *BLOCKED,
    "mac_filter",
    photons=2,
)
def two_devices_blocked(wire: Wire) -> None:
    second = Host(mac=SECOND, ip="192.168.5.21")
    talk = healthy(wire, second)
    tcp_fails("drop")(wire)
    talk.ping()


@case(
    "three devices: one name service fault for this one only",
    "dns_unreachable",
    photons=3,
    never={"internet_down"},
)
def three_devices(wire: Wire) -> None:
    talk = healthy(wire, Host(mac=SECOND, ip="192.168.5.21"))
    healthy(wire, Host(mac=ODD, ip="192.168.5.22"))
    names_fail(None, system="2.3.1", name_works=False)(wire)
    talk.ping()


@case("two boards with one id push each other out", "duplicate_device_id", photons=-1, device=None)
def twins(wire: Wire) -> None:
    hosts = [Host(), Host(mac=SECOND, ip="192.168.5.21")]
    for host in hosts:
        boot(wire, host)
    held: LinuxTalk | None = None
    for index in range(8):
        host = hosts[index % 2]
        look_up(wire, host, CLOUD)
        talk = online(wire, host, pings=0)
        announce(wire, host)
        if held is not None:
            held.cloud_closes().device_closes()
        held = talk
        wire.wait(1.5)


@case("an Argon on DTLS beside the Photon", verdict=Verdict.HEALTHY)
def argon(wire: Wire) -> None:
    host = Host(mac=bytes.fromhex("94944a112233"), ip="192.168.5.60")
    look_up(wire, host, "198.51.100.84", name="0123456789abcdef01234567.udp.particle.io")
    hello = b"\x16\xfe\xfd" + bytes(8) + b"\0\x80" + random_bytes(128, "client hello")
    for _ in range(3):
        wire.udp(host.ip, 40000, "198.51.100.84", 5684, hello, ttl=64, macs=(host.mac, ROUTER_MAC))
        wire.wait(3)
    healthy(wire, Host())


@case("only an Argon on DTLS", verdict=Verdict.INSUFFICIENT, device=None, photons=0)
def argon_alone(wire: Wire) -> None:
    host = Host(mac=bytes.fromhex("94944a112233"), ip="192.168.5.60")
    lease(wire, host)
    look_up(wire, host, "198.51.100.84", name="0123456789abcdef01234567.v3.udp.particle.io")
    hello = b"\x16\xfe\xfd" + bytes(8) + b"\0\x80" + random_bytes(128, "client hello")
    for _ in range(3):
        wire.udp(host.ip, 40000, "198.51.100.84", 5684, hello, ttl=64, macs=(host.mac, ROUTER_MAC))
        wire.wait(3)


@case("nothing but a laptop that browses", verdict=Verdict.INSUFFICIENT, device=None, photons=0)
def laptop_only(wire: Wire) -> None:
    boot(wire, laptop())
    for _ in range(4):
        look_up(wire, laptop(), WEB, name="www.example.org")
        browse(wire, laptop())


# -- where the capture stands


@case(
    "another Wi-Fi host: only broadcasts of a device that came through",
    verdict=Verdict.HEALTHY,
    never={"gateway_unreachable", *NO_OFFER},
)
def broadcasts_healthy(wire: Wire) -> None:
    host = Host()
    browse(wire, laptop())
    lease(wire, host, heard=False)
    wire.wait(1.2)
    wire.arp(mac=host.mac, ip=host.ip, wants=ROUTER)
    wire.wait(1)
    announce(wire, host)
    for _ in range(3):
        wire.wait(45)
        wire.arp(mac=host.mac, ip=host.ip, wants=ROUTER)
    browse(wire, laptop())


@case(
    "another Wi-Fi host: only broadcasts, no announcement",
    verdict=Verdict.INSUFFICIENT,
    never={"gateway_unreachable", "app_does_not_connect", "dhcp_options_wrong", *NO_OFFER},
)
def broadcasts_only(wire: Wire) -> None:
    host = Host()
    lease(wire, host, heard=False)
    wire.wait(1.2)
    wire.arp(mac=host.mac, ip=host.ip, wants=ROUTER)
    for _ in range(4):
        wire.wait(35)
        wire.arp(mac=host.mac, ip=host.ip, wants=ROUTER)
        arp(wire, laptop())
        browse(wire, laptop())


@case("another Wi-Fi host: DISCOVER again and again", *NO_OFFER)
def broadcasts_no_offer(wire: Wire) -> None:
    no_server_static_neighbour(wire)


def wan_host(**more: Any) -> Host:
    """The router as its provider sees it: public address, one hop used up."""
    return Host(
        mac=ROUTER_MAC, ip=WAN, ttl=63, router_mac=WAN_ROUTER_MAC, resolver="198.51.100.53", **more
    )


@case("beyond the router: online", verdict=Verdict.HEALTHY, device=None, ip=WAN)
def wan_healthy(wire: Wire) -> None:
    host = wan_host()
    host.ttl = 64
    look_up(wire, host, CLOUD)
    host.ttl = 63
    online(wire, host)


@case(
    "beyond the router: the SYN gets no answer", *BLOCKED, "cloud_unreachable", device=None, ip=WAN
)
def wan_dropped(wire: Wire) -> None:
    host = wan_host()
    for _ in range(4):
        host.ttl = 64
        look_up(wire, host, CLOUD)
        host.ttl = 63
        connect(wire, host).unanswered_syns()
        internet_test(wire, host)
        wire.wait(1)


@case("beyond the router: a key fault", "device_key_mismatch", device=None, ip=WAN)
def wan_key_fault(wire: Wire) -> None:
    host = wan_host()
    for _ in range(4):
        key_fault(wire, connect(wire, host))
        wire.wait(1)


@case(
    "beyond the router: only its look-ups pass",
    verdict=Verdict.INSUFFICIENT,
    device=None,
    photons=-1,
)
def wan_names_only(wire: Wire) -> None:
    host = wan_host()
    for _ in range(5):
        host.ttl = 64
        look_up(wire, host, CLOUD)
        wire.wait(60)


def _wrapped(link: int, head: Callable[[bytes], bytes]) -> Callable[[Wire], bytes]:
    """A writer of another link type; `head` turns an Ethernet frame into one of that type."""

    def write(wire: Wire) -> bytes:
        return pcap(
            [(at, head(frame)) for at, frame in sorted(wire.frames, key=lambda f: f[0])],
            magic=0xA1B23C4D,
            link=link,
        )

    return write


def _cooked(frame: bytes) -> bytes:
    """Linux's cooked header (LINKTYPE_LINUX_SLL): the sender's MAC only."""
    return struct.pack(">HHH", 0, 1, 6) + frame[6:12] + bytes(2) + frame[12:]


def _vlan(frame: bytes) -> bytes:
    return frame[:12] + b"\x81\x00\x00\x14" + frame[12:]


def _radio(frame: bytes) -> bytes:
    """Radiotap, an open data frame from the access point, LLC and SNAP (IEEE 802.11-2020
    §9.3.2).
    """
    down = frame[6:12] == ROUTER_MAC
    bssid = bytes.fromhex("c05627000002")
    addresses = frame[:6] + bssid + frame[6:12] if down else bssid + frame[6:12] + frame[:6]
    head = b"\x08" + (b"\x02" if down else b"\x01") + bytes(2) + addresses + bytes(2)
    return b"\0\0\x08\0\0\0\0\0" + head + b"\xaa\xaa\x03\0\0\0" + frame[12:]


def _raw(wire: Wire) -> bytes:
    frames = [
        (at, frame[14:])
        for at, frame in sorted(wire.frames, key=lambda f: f[0])
        if frame[12:14] == b"\x08\0"
    ]
    return pcap(frames, magic=0xA1B23C4D, link=101)


def _snapped(wire: Wire) -> bytes:
    """At most 96 bytes of each packet, as tcpdump -s 96 writes them."""
    out = pcap([], magic=0xA1B23C4D)
    for at, frame in sorted(wire.frames, key=lambda f: f[0]):
        out += (
            struct.pack("<IIII", at // 10**9, at % 10**9, min(len(frame), 96), len(frame))
            + frame[:96]
        )
    return out


def _truncated(wire: Wire) -> bytes:
    return ethernet(wire)[:-37]


LINKS: dict[str, Callable[[Wire], bytes]] = {
    "cooked": _wrapped(113, _cooked),
    "VLAN": _wrapped(1, _vlan),
    "open radio": _wrapped(127, _radio),
    "raw IP": _raw,
    "snap length 96": _snapped,
    "cut off": _truncated,
}
for _name, _write in LINKS.items():
    _mac = None if _name == "raw IP" else PHOTON
    _ip = DEVICE if _name == "raw IP" else None
    case(f"{_name}: online", verdict=Verdict.HEALTHY, write=_write, device=_mac, ip=_ip)(
        online_at_once
    )
    case(f"{_name}: key fault", "device_key_mismatch", write=_write, device=_mac, ip=_ip)(
        handshake(key_fault)
    )
    case(f"{_name}: 5683 dropped", *BLOCKED, write=_write, device=_mac, ip=_ip)(tcp_fails("drop"))
    case(f"{_name}: 5683 refused with ICMP 3/13", *BLOCKED, write=_write, device=_mac, ip=_ip)(
        tcp_fails("13")
    )
    case(f"{_name}: NXDOMAIN", "dns_name_blocked", write=_write, device=_mac, ip=_ip)(names_fail(3))
    case(
        f"{_name}: idle connections forgotten",
        "nat_idle_timeout",
        write=_write,
        device=_mac,
        ip=_ip,
    )(pings_lost())
    case(f"{_name}: 256 bytes swallowed", "dpi_interference", write=_write, device=_mac, ip=_ip)(
        handshake(dpi_drops_request)
    )
    case(
        f"{_name}: the device cannot read the key",
        "device_key_mismatch",
        write=_write,
        device=_mac,
        ip=_ip,
    )(handshake(unreadable_key))


# -- what a second look found


def fork_limit_request(wire: Wire, talk: LinuxTalk) -> None:
    """A box swallows the 256 bytes; the server, which closes after 10 s, acknowledges none of
    them.
    """
    talk.opened().nonce()
    talk.lost(b"\x10" + random_bytes(255, f"request{talk.sport}"), 9.9)
    talk.mine -= 256
    talk.down(flags=FIN | ACK)
    talk.mine += 256
    talk.up()
    gives_up(wire, talk)


def fork_limit_key(wire: Wire, talk: LinuxTalk) -> None:
    """A box swallows the 384 bytes; the server's FIN carries the number behind them."""
    talk.opened().nonce().request()
    wire.wait(9.9)
    talk.theirs += 384
    talk.down(flags=FIN | ACK)
    talk.theirs -= 385
    talk.up()
    wire.wait(10)
    gives_up(wire, talk)


def fork_limit_hold(wire: Wire, talk: LinuxTalk) -> None:
    """The server acknowledges the 256 bytes, hangs, and closes after 10 s."""
    talk.opened().nonce().request()
    wire.wait(9.9)
    talk.cloud_closes()
    gives_up(wire, talk)


def proxy_resets(wire: Wire, talk: LinuxTalk) -> None:
    talk.far_ttl = 64
    talk.opened(0.0004)
    wire.wait(0.003)
    talk.reset(ttl=64)


def split_answers(wire: Wire, talk: LinuxTalk) -> None:
    """Every answer in pieces; the first frames of the device in one segment."""
    talk.opened()
    wire.wait(TRIP_S)
    nonce, key = random_bytes(40, "nonce"), random_bytes(384, "key")
    talk.down(nonce[:20]).down(nonce[20:])
    talk.up().request()
    for part in (key[:100], key[100:228], key[228:]):
        talk.down(part)
    talk.up()
    wire.wait(0.005)
    talk.up(b"\0\x10" + random_bytes(16, "hello") + b"\0\x30" + random_bytes(48, "event"))
    wire.wait(TRIP_S)
    talk.down(
        b"\0\x10" + random_bytes(16, "welcome") + b"\0\x10" + random_bytes(16, "describe")
    ).up()
    talk.ping().ping().ping()


case("256 bytes swallowed, the server closes after 10 s", "dpi_interference", never=KEYS)(
    handshake(fork_limit_request)
)
case(
    "the key swallowed, the server closes after 10 s: its FIN is 384 bytes ahead",
    "dpi_interference",
    "mtu_blackhole",
    "cloud_unresponsive",
    never=KEYS,
)(handshake(fork_limit_key))
case(
    "the server hangs after 256 bytes and closes after 10 s",
    "cloud_unresponsive",
    "dpi_interference",
    never=KEYS,
)(handshake(fork_limit_hold))
for _system in ("0.7.0", "2.3.1"):
    case(f"{_system}: proxy that resets", "transparent_proxy", "dpi_interference", never=KEYS)(
        handshake(proxy_resets, system=_system)
    )
case("answers in pieces, frames in one", verdict=Verdict.HEALTHY)(handshake(split_answers, times=1))


@case(
    "2.3.1: a key fault behind a firewall that drops NTP",
    "device_key_mismatch",
    never={"internet_down"},
)
def key_fault_without_ntp(wire: Wire) -> None:
    def attempt(talk: LinuxTalk) -> None:
        talk.opened().nonce().request()
        wire.wait(0.1)
        talk.cloud_closes()
        gives_up(wire, talk, works="silent")

    tries(wire, Host(system="2.3.1"), attempt)


@case("the first of two resolvers is silent", verdict=Verdict.HEALTHY)
def second_resolver(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    ask(wire, host, "device.spark.io", server="192.168.5.2")
    wire.wait(5)
    look_up(wire, host, CLOUD)
    online(wire, host)


@case("the first of two resolvers refuses", verdict=Verdict.HEALTHY)
def second_resolver_answers(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    ask(wire, host, "device.spark.io", server="8.8.4.4")
    wire.wait(0.03)
    answer(wire, host, "device.spark.io", rcode=5, server="8.8.4.4")
    ask(wire, host, "device.spark.io")
    wire.wait(0.03)
    answer(wire, host, "device.spark.io", CLOUD)
    online(wire, host)


@case("UDP 53 to 8.8.8.8 dropped, TCP passes", "dns_unreachable", never={"internet_down"})
def public_resolver_dropped(wire: Wire) -> None:
    host = Host(resolver="8.8.8.8")
    lease(wire, host, dns="8.8.8.8")
    wire.wait(1)
    arp(wire, host)
    for _ in range(2):
        look_up(wire, host, rcode=None, times=3)
        internet_test(wire, host)
        wire.wait(1)


@case("everything to 8.8.8.8 dropped, a laptop browses", "dns_unreachable", never={"internet_down"})
def public_resolver_blocked(wire: Wire) -> None:
    host = Host(resolver="8.8.8.8")
    lease(wire, host, dns="8.8.8.8")
    wire.wait(1)
    arp(wire, host)
    for _ in range(2):
        look_up(wire, host, rcode=None, times=3)
        internet_test(wire, host, "silent")
        look_up(wire, laptop(), WEB, name="www.example.org")
        browse(wire, laptop())
        wire.wait(1)


@case(
    "the resolver gives another address than two public ones, where nobody listens", "dns_hijacked"
)
def sinkhole(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    for index in range(4):
        look_up(wire, host, "198.51.100.99")
        talk = connect(wire, host, "198.51.100.99").syn()
        wire.wait(0.01)
        talk.reset(ttl=60)
        internet_test(wire, host)
        if index == 1:
            netcheck_on_laptop(wire)
        wire.wait(1)


@case(
    "a static address of this network with a wrong gateway",
    "static_ip_leftover",
    "gateway_unreachable",
    rungs={Stage.TCP: DOWN},
)
def static_wrong_gateway(wire: Wire) -> None:
    host = Host()
    for _ in range(6):
        arp(wire, host, "192.168.5.254", times=3, answered_by=None)
        wire.wait(1)
        arp(wire, other())
        browse(wire, other())


@case("the lease runs out and nobody renews it", *NO_OFFER)
def lease_runs_out(wire: Wire) -> None:
    host = Host()
    talk = healthy(wire, host, pings=4)
    for _ in range(3):
        dhcp(wire, host, 3, xid=0x99000001)
        talk.ping()
    for round_ in range(3):
        for _ in range(3):
            dhcp(wire, host, 1, xid=0x99000002 + round_)
            wire.wait(3)
        wire.wait(20)


@case("one round without an offer, then all is well", verdict=Verdict.HEALTHY)
def slow_server(wire: Wire) -> None:
    for _ in range(3):
        dhcp(wire, Host(), 1, xid=0x77000001)
        wire.wait(3)
    wire.wait(20)
    healthy(wire, Host())


@case("restarts of a device with a static address", "app_crashes", "power_insufficient")
def static_restarts(wire: Wire) -> None:
    for index in range(7):
        host = Host(next_port=33000 + 501 * (index * 7 % 11), next_id=5000 + index)
        wire.arp(mac=host.mac, ip=host.ip, wants=host.ip)
        wire.wait(2)
        arp(wire, host)
        look_up(wire, host, CLOUD)
        online(wire, host, pings=0)
        wire.wait(6)


@case("a round trip of 1.4 s, with SYN and all else sent twice", verdict=Verdict.HEALTHY)
def very_slow(wire: Wire) -> None:
    host, trip_s = Host(system="2.3.1"), 1.4
    boot(wire, host)
    look_up(wire, host, CLOUD, after_s=trip_s)
    talk = connect(wire, host)
    talk.syn()
    wire.wait(1)
    talk.syn(again=True)
    wire.wait(0.4)
    talk.syn_ack().up()
    wire.wait(trip_s)
    talk.nonce()
    talk.lost(b"\x10" + random_bytes(255, "request"), trip_s)
    talk.down().key()
    talk.lost(b"\0\x10" + random_bytes(16, "hello"), trip_s)
    talk.down().welcome()
    for _ in range(3):
        wire.wait(15)
        talk.lost(b"\0\x10" + random_bytes(16, f"ping{wire.at}"), trip_s)
        talk.down(b"\0\x10" + random_bytes(16, f"pong{wire.at}")).up()


@case("two devices, 5683 dropped for both", "cloud_port_blocked", photons=2)
def both_blocked(wire: Wire) -> None:
    tcp_fails("drop")(wire)
    second = Host(mac=SECOND, ip="192.168.5.21")

    def attempt(talk: LinuxTalk) -> None:
        talk.unanswered_syns()
        internet_test(wire, talk.host)

    tries(wire, second, attempt, 3)


@case(
    "two Photons started together: lwIP numbers their first connections alike",
    verdict=Verdict.HEALTHY,
    device=SECOND,
    photons=2,
)
def alike_numbers(wire: Wire) -> None:
    for host in (Host(ttl=255), Host(mac=SECOND, ip="192.168.5.21", ttl=255)):
        boot(wire, host)
        look_up(wire, host, CLOUD)
        talk = connect(wire, host)
        talk.mine = 6530
        talk.session()
        for _ in range(3):
            talk.ping()


@case("the capture ends in the handshake", verdict=Verdict.INSUFFICIENT)
def ends_early(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, CLOUD)
    connect(wire, host).opened().nonce()


@case("the capture ends while the third SYN waits", verdict=Verdict.INSUFFICIENT, never=BLOCKED)
def ends_in_syn(wire: Wire) -> None:
    host = Host()
    boot(wire, host)
    look_up(wire, host, CLOUD)
    talk = connect(wire, host)
    talk.syn()
    wire.wait(1)
    talk.syn(again=True)
    wire.wait(0.5)


@case("the device joins anew in a session", verdict=Verdict.HEALTHY)
def joins_anew(wire: Wire) -> None:
    host = Host()
    healthy(wire, host)
    wire.wait(7)
    healthy(wire, host)


def _forwarded(wire: Wire) -> bytes:
    """All interfaces of the router in one cooked capture: what it forwards is there twice,
    translated and one hop older.
    """
    frames = []
    for at, frame in sorted(wire.frames, key=lambda f: f[0]):
        frames.append((at, _cooked(frame)))
        is_ip = frame[12:14] == b"\x08\0"
        source, target = frame[26:30], frame[30:34]
        inner = b"\xc0\xa8\x05"
        if is_ip and source[:3] == inner and target[:3] != inner and target[0] < 224:
            frames.append(
                (at + 40_000, _cooked(_translated(frame, source=inet_aton(WAN), mac=WAN_OWN_MAC)))
            )
        elif is_ip and target[:3] == inner and source[:3] != inner and frame[22] == FAR_TTL:
            frames.insert(
                len(frames) - 1,
                (
                    at - 40_000,
                    _cooked(_translated(frame, target=inet_aton(WAN), mac=WAN_ROUTER_MAC, older=1)),
                ),
            )
    return pcap(frames, magic=0xA1B23C4D, link=113)


WAN_OWN_MAC = bytes.fromhex("c05627000009")


def _translated(
    frame: bytes, *, source: bytes = b"", target: bytes = b"", mac: bytes, older: int = -1
) -> bytes:
    return (
        frame[:6]
        + mac
        + frame[12:22]
        + bytes((frame[22] + older,))
        + frame[23:26]
        + (source or frame[26:30])
        + (target or frame[30:34])
        + frame[34:]
    )


def _pppoe(wire: Wire) -> bytes:
    """PPPoE session frames (RFC 2516) as beyond a home router."""
    frames = []
    for at, frame in sorted(wire.frames, key=lambda f: f[0]):
        packet = frame[14:]
        frames.append(
            (
                at,
                frame[:12]
                + b"\x88\x64\x11\0\0\x01"
                + struct.pack(">H", len(packet) + 2)
                + b"\0\x21"
                + packet,
            )
        )
    return pcap(frames, magic=0xA1B23C4D)


def _echoed(wire: Wire) -> bytes:
    """Open radio where the access point repeats each broadcast of a client 30 ms later, as it
    must.
    """
    frames = []
    for at, frame in wire.frames:
        frames.append((at, _radio(frame)))
        if frame[0] & 1 and frame[6:12] != ROUTER_MAC:
            bssid = bytes.fromhex("c05627000002")
            head = b"\x08\x02" + bytes(2) + frame[:6] + bssid + frame[6:12] + bytes(2)
            frames.append(
                (at + 30_000_000, b"\0\0\x08\0\0\0\0\0" + head + b"\xaa\xaa\x03\0\0\0" + frame[12:])
            )
    return pcap(sorted(frames, key=lambda f: f[0]), magic=0xA1B23C4D, link=127)


MORE_LINKS: dict[str, Callable[[Wire], bytes]] = {
    "all interfaces of the router": _forwarded,
    "radio with repeated broadcasts": _echoed,
    "cooked, second version": _wrapped(
        276,
        lambda f: f[12:14] + bytes(6) + struct.pack(">HBB", 1, 0, 6) + f[6:12] + bytes(2) + f[14:],
    ),
    "two VLAN tags": _wrapped(1, lambda f: f[:12] + b"\x88\xa8\x00\x05\x81\x00\x00\x14" + f[12:]),
}
for _name, _write in MORE_LINKS.items():
    case(f"{_name}: online", verdict=Verdict.HEALTHY, write=_write)(online_at_once)
    case(f"{_name}: key fault", "device_key_mismatch", write=_write)(handshake(key_fault))
    case(f"{_name}: 5683 reset by the router", *BLOCKED, write=_write)(tcp_fails("near"))
    case(f"{_name}: the server refuses", "cloud_unreachable", write=_write)(tcp_fails("far"))
    case(f"{_name}: resolver silent", "dns_unreachable", write=_write)(names_fail(None))
    case(f"{_name}: idle connections forgotten", "nat_idle_timeout", write=_write)(pings_lost())
    case(f"{_name}: silent proxy", "transparent_proxy", "cloud_unresponsive", write=_write)(
        handshake(proxy_silent)
    )
    case(f"{_name}: no offer", *NO_OFFER, write=_write)(no_server)
case("PPPoE beyond the router: online", verdict=Verdict.HEALTHY, device=None, ip=WAN, write=_pppoe)(
    wan_healthy
)
case(
    "PPPoE beyond the router: the SYN gets no answer",
    *BLOCKED,
    "cloud_unreachable",
    device=None,
    ip=WAN,
    write=_pppoe,
)(wan_dropped)


# -- the test


def judged(name: str, folder: Path) -> tuple[Case, Diagnosis, int]:
    """The case, the diagnosis of its device, and how many devices were named."""
    expected = CASES[name]
    wire = Wire()
    expected.script(wire)
    path = folder / "script.pcap"
    path.write_bytes(expected.write(wire))
    results = diagnose(observe([str(path)], Target()).observations, Target())
    found = [r for r in results if r.device.mac or r.device.id or r.device.ip]
    wanted = [
        r for r in found if expected.device is not None and r.device.mac == expected.device.hex(":")
    ] or results[:1]
    return expected, wanted[0], len(found)


@pytest.mark.parametrize("name", CASES)
def test_variant(name: str, tmp_path: Path) -> None:
    expected, result, count = judged(name, tmp_path)
    standing = [f for f in result.findings if f.level in STANDING]
    seen = [(f.cause, f.level.value) for f in result.findings]
    assert result.verdict is expected.verdict, f"{result.verdict} {seen} {result.headline}"
    causes = [f.cause for f in standing if f.stops_connection]
    if expected.first:
        assert causes, seen
        assert causes[0] in expected.first, seen
    elif expected.verdict in (Verdict.HEALTHY, Verdict.INSUFFICIENT):
        assert not [f.cause for f in standing if f.stops_connection and f.level in SURE], seen
    if expected.verdict is Verdict.FAULT:
        assert standing[0].level in SURE, seen
        assert result.unexplained == ()
    assert expected.beside <= set(causes), seen
    assert not expected.never & {f.cause for f in standing if f.level in SURE}, seen
    states = {rung.stage: rung.state for rung in result.ladder}
    for stage, allowed in expected.rungs.items():
        assert states[stage] in allowed, f"{stage}: {states[stage]}"
    for stage in (Stage.RADIO, Stage.JOIN, Stage.POWER):
        assert states[stage] is not State.PASSED
    if expected.device is not None:
        assert result.device.mac == expected.device.hex(":")
    if expected.ip is not None:
        assert result.device.ip == expected.ip
    if expected.firmware is not None:
        assert result.device.firmware == expected.firmware
    if expected.photons >= 0:
        assert count == expected.photons
