"""Write down a Photon's traffic frame by frame, as a script reads: for tests that need a case
nobody recorded.

Times are seconds from the start of the script. Checksums are left zero: the reader does not look at
them, since network cards that compute them late write such captures every day.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from socket import inet_aton

from tests.helpers.capture_files import pcap

START_NS = 1_700_000_000 * 10**9
DEVICE_MAC = bytes.fromhex("e04f43000001")
ROUTER_MAC = bytes.fromhex("c05627000001")
OTHER_MAC = bytes.fromhex("3c22fb000001")
BROADCAST = b"\xff" * 6
DEVICE, ROUTER, OTHER, CLOUD, TEST = (
    "192.168.5.20",
    "192.168.5.1",
    "192.168.5.30",
    "54.1.2.3",
    "8.8.8.8",
)
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
PHOTON_OPTIONS = b"\x39\x02\x05\xdc\x37\x04\x01\x03\x1c\x06"
FAR_TTL, OWN_TTL = 52, 255
TRIP_S = 0.09


def random_bytes(count: int, seed: str = "") -> bytes:
    """Bytes without a pattern, the same each time."""
    return b"".join(
        hashlib.sha256(f"{seed}{index}".encode()).digest() for index in range(count // 32 + 1)
    )[:count]


class Wire:
    """A capture being written; `at` is now."""

    def __init__(self) -> None:
        self.at = 0.0
        self.frames: list[tuple[int, bytes]] = []
        self._ids = 0

    def wait(self, seconds: float) -> Wire:
        self.at += seconds
        return self

    def put(self, frame: bytes) -> None:
        self.frames.append(
            (START_NS + round(self.at * 1e9), frame + bytes(max(60 - len(frame), 0)))
        )
        self.at += 0.0001

    def save(self, folder: Path, name: str = "script.pcap") -> str:
        path = folder / name
        path.write_bytes(pcap(self.frames, magic=0xA1B23C4D))
        return str(path)

    # -- layers

    def ip(
        self,
        src: str,
        dst: str,
        protocol: int,
        payload: bytes,
        *,
        ttl: int,
        macs: tuple[bytes, bytes],
    ) -> None:
        self._ids = (self._ids + 1) & 0xFFFF
        head = (
            struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), self._ids, 0, ttl, protocol, 0)
            + inet_aton(src)
            + inet_aton(dst)
        )
        self.put(macs[1] + macs[0] + b"\x08\x00" + head + payload)

    def udp(
        self,
        src: str,
        sport: int,
        dst: str,
        dport: int,
        payload: bytes,
        *,
        ttl: int = OWN_TTL,
        macs: tuple[bytes, bytes],
    ) -> None:
        self.ip(
            src,
            dst,
            17,
            struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload,
            ttl=ttl,
            macs=macs,
        )

    # -- dhcp and arp

    def dhcp(
        self,
        kind: int,
        *,
        mac: bytes = DEVICE_MAC,
        options: bytes = PHOTON_OPTIONS,
        yiaddr: str = "0.0.0.0",
        server: str = ROUTER,
        xid: int = 0x2A,
    ) -> None:
        is_answer = kind in (2, 5, 6)
        body = (
            struct.pack(">BBBBIHH", 2 if is_answer else 1, 1, 6, 0, xid, 0, 0)
            + bytes(4)
            + inet_aton(yiaddr)
            + bytes(8)
        )
        body += mac + bytes(10 + 192) + b"\x63\x82\x53\x63\x35\x01" + bytes((kind,))
        body += b"\x36\x04" + inet_aton(server) if is_answer else b""
        body += options + b"\xff"
        if is_answer:
            self.udp(server, 67, DEVICE, 68, body, ttl=64, macs=(ROUTER_MAC, mac))
        else:
            self.udp("0.0.0.0", 68, "255.255.255.255", 67, body, macs=(mac, BROADCAST))

    def lease(self, *, router: str = ROUTER, dns: str = ROUTER, server: str = ROUTER) -> Wire:
        """A whole DHCP exchange; an empty router or dns leaves the option out."""
        given = b"\x33\x04\0\1\x51\x80\x01\x04\xff\xff\xff\0"
        given += b"\x03\x04" + inet_aton(router) if router else b""
        given += b"\x06\x04" + inet_aton(dns) if dns else b""
        for kind in (1, 2, 3, 5):
            is_answer = kind in (2, 5)
            self.dhcp(
                kind,
                options=given if is_answer else PHOTON_OPTIONS,
                yiaddr=DEVICE if is_answer else "0.0.0.0",
                server=server,
            )
            self.wait(0.01)
        return self

    def arp(self, *, mac: bytes, ip: str, wants: str, answers: bytes | None = None) -> None:
        operation = b"\0\2" if answers else b"\0\1"
        body = (
            b"\0\1\x08\0\6\4"
            + operation
            + mac
            + inet_aton(ip)
            + (answers or bytes(6))
            + inet_aton(wants)
        )
        self.put((answers or BROADCAST) + mac + b"\x08\x06" + body)

    def gateway(self, *, is_there: bool = True) -> Wire:
        """The device asks for its gateway's MAC."""
        self.arp(mac=DEVICE_MAC, ip=DEVICE, wants=ROUTER)
        if is_there:
            self.arp(mac=ROUTER_MAC, ip=ROUTER, wants=DEVICE, answers=DEVICE_MAC)
        return self

    def heard(self) -> Wire:
        """The gateway's MAC comes: so what is sent to the device is captured, too."""
        self.arp(mac=ROUTER_MAC, ip=ROUTER, wants=DEVICE, answers=DEVICE_MAC)
        return self

    # -- dns

    def ask(
        self,
        name: str = "device.spark.io",
        *,
        ident: int = 7,
        server: str = ROUTER,
        client: str = DEVICE,
        mac: bytes = DEVICE_MAC,
    ) -> None:
        self.udp(
            client,
            49153,
            server,
            53,
            struct.pack(">HHHHHH", ident, 0x0100, 1, 0, 0, 0) + question(name),
            macs=(mac, ROUTER_MAC),
        )

    def reply(
        self,
        *addresses: str,
        name: str = "device.spark.io",
        rcode: int = 0,
        ident: int = 7,
        server: str = ROUTER,
        client: str = DEVICE,
        mac: bytes = DEVICE_MAC,
        ttl: int = 64,
    ) -> None:
        body = struct.pack(">HHHHHH", ident, 0x8180 | rcode, 1, len(addresses), 0, 0) + question(
            name
        )
        body += b"".join(
            b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + inet_aton(address) for address in addresses
        )
        self.udp(server, 53, client, 49153, body, ttl=ttl, macs=(ROUTER_MAC, mac))

    def name(self, *addresses: str, **more: int | str) -> Wire:
        """Asked and answered."""
        self.ask()
        self.wait(0.02)
        self.reply(*addresses, rcode=int(more.get("rcode", 0)))
        return self

    def names_unanswered(self, name: str = "device.spark.io", times: int = 3) -> Wire:
        for index in range(times):
            self.ask(name, ident=100 + index)
            self.wait(5)
        return self

    # -- tcp

    def connection(
        self,
        server: str = CLOUD,
        port: int = 5683,
        *,
        sport: int = 0,
        client: str = DEVICE,
        mac: bytes = DEVICE_MAC,
    ) -> Talk:
        return Talk(self, server, port, sport or 50000 + len(self.frames), client, mac)

    def internet_test(self, *, works: bool = True) -> Wire:
        """What firmware before 2.0 does after a failure."""
        talk = self.connection(TEST, 53)
        talk.syn()
        if works:
            self.wait(TRIP_S)
            talk.syn_ack()
            talk.up()
            talk.up(flags=FIN | ACK)
            self.wait(0.1)
        else:
            self.wait(5)
        return self

    def icmp(self, about: Talk, *, code: int, sender: str = ROUTER, mtu_bytes: int = 0) -> None:
        quoted = (
            struct.pack(">BBHHHBBH", 0x45, 0, 44, 1, 0, 254, 6, 0)
            + inet_aton(about.client)
            + inet_aton(about.server)
        )
        body = (
            struct.pack(">BBHI", 3, code, 0, mtu_bytes)
            + quoted
            + struct.pack(">HHI", about.sport, about.port, 1)
        )
        self.ip(sender, about.client, 1, body, ttl=64, macs=(ROUTER_MAC, about.mac))

    def announce(self, device_id: bytes) -> None:
        payload = bytes.fromhex("50020000b168ff") + device_id
        self.udp(
            DEVICE,
            5683,
            "224.0.1.187",
            5683,
            payload,
            macs=(DEVICE_MAC, bytes.fromhex("01005e0001bb")),
        )


def question(name: str) -> bytes:
    return (
        b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0\0\1\0\1"
    )


class Talk:
    """One TCP connection being written."""

    own_window, own_mss = 4608, 1152

    def __init__(
        self, wire: Wire, server: str, port: int, sport: int, client: str, mac: bytes
    ) -> None:
        self.wire, self.server, self.port, self.sport, self.client, self.mac = (
            wire,
            server,
            port,
            sport,
            client,
            mac,
        )
        self.mine, self.theirs = 6510 + sport, 900_000

    def _send(
        self, *, up: bool, flags: int, payload: bytes, ttl: int, options: bytes = b""
    ) -> None:
        ports = (self.sport, self.port) if up else (self.port, self.sport)
        numbers = (self.mine, self.theirs) if up else (self.theirs, self.mine)
        size = (5 + len(options) // 4) << 4
        window = self.own_window if up else 64240
        segment = (
            struct.pack(
                ">HHIIBBHHH", *ports, *(n & 0xFFFFFFFF for n in numbers), size, flags, window, 0, 0
            )
            + options
            + payload
        )
        ends = (self.client, self.server) if up else (self.server, self.client)
        macs = (self.mac, ROUTER_MAC) if up else (ROUTER_MAC, self.mac)
        self.wire.ip(*ends, 6, segment, ttl=ttl, macs=macs)
        moved = len(payload) + bool(flags & (SYN | FIN))
        if up:
            self.mine += moved
        else:
            self.theirs += moved

    def syn(self, *, again: bool = False) -> Talk:
        self.mine -= again
        options = b"\x02\x04" + self.own_mss.to_bytes(2, "big")
        self._send(up=True, flags=SYN, payload=b"", ttl=OWN_TTL, options=options)
        return self

    def syn_ack(self, *, ttl: int = FAR_TTL) -> Talk:
        self._send(up=False, flags=SYN | ACK, payload=b"", ttl=ttl, options=b"\x02\x04\x05\xb4")
        return self

    def up(self, payload: bytes = b"", *, flags: int = ACK) -> Talk:
        self._send(up=True, flags=flags | (PSH if payload else 0), payload=payload, ttl=OWN_TTL)
        return self

    def again(self, payload: bytes) -> Talk:
        """The last payload once more."""
        self.mine -= len(payload)
        return self.up(payload)

    def down(self, payload: bytes = b"", *, flags: int = ACK, ttl: int = FAR_TTL) -> Talk:
        self._send(up=False, flags=flags | (PSH if payload else 0), payload=payload, ttl=ttl)
        return self

    # -- the steps of a handshake

    def opened(self, trip_s: float = TRIP_S) -> Talk:
        self.syn()
        self.wire.wait(trip_s)
        self.syn_ack()
        return self.up()

    def nonce(self, count: int = 40) -> Talk:
        self.wire.wait(TRIP_S)
        self.down(random_bytes(count, f"nonce{self.sport}"))
        return self.up()

    def request(self) -> Talk:
        self.wire.wait(0.05)
        self.up(b"\x10" + random_bytes(255, f"request{self.sport}"))
        self.wire.wait(TRIP_S)
        return self.down()

    def key(self, count: int = 384) -> Talk:
        self.wire.wait(0.01)
        self.down(random_bytes(count, f"key{self.sport}"))
        return self.up()

    def hello(self, count: int = 18) -> Talk:
        self.wire.wait(0.2)
        self.up(b"\0\x10" + random_bytes(count - 2, "hello"))
        self.wire.wait(TRIP_S)
        return self.down()

    def welcome(self) -> Talk:
        return self.down(b"\0\x10" + random_bytes(16, "welcome")).up()

    def session(self) -> Talk:
        """The whole handshake, and the first words after it."""
        self.opened().nonce().request().key().hello().welcome()
        self.up(b"\0\x30" + random_bytes(48, "event"))
        self.wire.wait(TRIP_S)
        return self.down(b"\0\x10" + random_bytes(16, "ack")).up()

    def ping(self, *, is_answered: bool = True) -> Talk:
        self.wire.wait(15)
        self.up(b"\0\x10" + random_bytes(16, f"ping{self.wire.at}"))
        if is_answered:
            self.wire.wait(TRIP_S)
            self.down(b"\0\x10" + random_bytes(16, f"pong{self.wire.at}")).up()
        return self

    def device_closes(self) -> Talk:
        return self.up(flags=FIN | ACK)

    def cloud_closes(self) -> Talk:
        return self.down(flags=FIN | ACK).up()

    def reset(self, *, ttl: int = FAR_TTL) -> Talk:
        return self.down(flags=RST | ACK, ttl=ttl)
