"""Frames that probes send: every byte as the RFCs want it, whoever's MAC they carry."""

from __future__ import annotations

import random
import socket
import struct
import subprocess
import sys

from netcheck.photon.fingerprint import PROBE_REQUESTED_OPTIONS
from netcheck.wire import frames
from netcheck.wire.decode import Tcp, decode, read_ipv4
from netcheck.wire.dhcp import DISCOVER, read_dhcp
from netcheck.wire.frames import Ends
from netcheck.wire.icmp import is_echo_reply
from netcheck.wire.links import ETHERNET
from tests.doubles import dhcp as double
from tests.doubles.frames import checksum, mac_bytes, parse_udp

OURS, CLIENT, ROUTER = "02:00:00:00:00:05", "6c:0b:84:00:00:01", "02:00:00:00:00:01"
ENDS = Ends(CLIENT, ROUTER, "192.168.1.254", "192.52.193.10")


def is_transport_right(frame: bytes) -> bool:
    """Do the checksums of the IPv4 header and of the segment or datagram in it hold?"""
    packet = read_ipv4(frame)
    assert packet is not None
    pseudo = frame[26:34] + struct.pack("!BBH", 0, packet.protocol, packet.length)
    return checksum(frame[14:34]) == 0 and checksum(pseudo + packet.payload) == 0


def test_a_discover_asks_for_the_client_in_a_frame_of_our_own() -> None:
    frame = frames.dhcp_discover(OURS, 7, CLIENT, PROBE_REQUESTED_OPTIONS)

    datagram = parse_udp(frame)
    assert datagram is not None
    message = double.decode(datagram.payload)
    assert message is not None
    assert (message.reply, message.xid, message.kind, message.mac.hex(":")) == (
        False,
        7,
        double.Kind.DISCOVER,
        CLIENT,
    )
    assert frame[:12] == b"\xff" * 6 + mac_bytes(OURS)
    assert is_transport_right(frame)
    assert frame[42 + 10] & 0x80  # the broadcast flag
    assert len(datagram.payload) == 304


def test_whatever_is_wished_for_it_is_a_discover() -> None:
    rng = random.Random(5)
    for _ in range(200):
        parameters = tuple(rng.choices(range(1, 255), k=rng.randrange(1, 20)))
        frame = frames.dhcp_discover(OURS, rng.getrandbits(32), CLIENT, parameters)
        message = read_dhcp(frame[42:])
        assert message is not None
        assert (message.kind, message.requested, message.server) == (DISCOVER, "", "")
        assert message.parameters == bytes(parameters)


def test_an_arp_request_without_an_address_of_its_own_teaches_nobody() -> None:
    frame = frames.arp_request(OURS, "192.168.1.100")

    assert frame[:14] == b"\xff" * 6 + mac_bytes(OURS) + b"\x08\x06"
    assert frame[14:22] == struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
    assert frame[22:32] == mac_bytes(OURS) + bytes(4)
    assert frame[32:] == bytes(6) + socket.inet_aton("192.168.1.100")


def test_an_arp_reply_goes_to_the_one_that_asked() -> None:
    frame = frames.arp_reply(CLIENT, "192.168.1.254", ROUTER, "192.168.1.1")

    assert frame[:12] == mac_bytes(ROUTER) + mac_bytes(CLIENT)
    assert frame[14:22] == struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2)
    assert frame[22:] == (
        mac_bytes(CLIENT)
        + socket.inet_aton("192.168.1.254")
        + mac_bytes(ROUTER)
        + socket.inet_aton("192.168.1.1")
    )


def test_an_echo_request_carries_its_token() -> None:
    token = bytes(range(16))
    packet = read_ipv4(frames.icmp_echo(ENDS, token))

    assert packet is not None
    assert (packet.src, packet.dst, packet.ttl, packet.protocol) == (ENDS.src, ENDS.dst, 64, 1)
    assert checksum(packet.payload) == 0
    assert is_echo_reply(b"\0" + packet.payload[1:], token)


def test_a_connection_is_asked_for_and_ended() -> None:
    for frame, flags, mss in (
        (frames.tcp_syn(ENDS, 40000, 5683, 9), 0x02, 1152),
        (frames.tcp_reset(ENDS, 40000, 5683, 10), 0x04, None),
    ):
        message = decode(ETHERNET, frame)
        assert message is not None
        assert (message.src_mac, message.dst_mac, message.src, message.dst) == tuple(ENDS)
        assert isinstance(message.body, Tcp)
        segment = message.body
        assert (segment.sport, segment.dport, segment.flags, segment.mss) == (
            40000,
            5683,
            flags,
            mss,
        )
        assert is_transport_right(frame)


def test_making_a_frame_asks_the_system_nothing_and_says_nothing() -> None:
    """Neither routes nor neighbours; and not a line on stderr about odd interfaces."""
    program = (
        "from netcheck.wire import frames\n"
        "import socket\n"
        "def forbidden(*_): raise AssertionError('asked the system')\n"
        "socket.socket = forbidden\n"
        "ends = frames.Ends('02:00:00:00:00:05', '02:00:00:00:00:01', '10.1.2.3', '8.8.8.8')\n"
        "frames.tcp_syn(ends, 1, 2, 3), frames.icmp_echo(ends, bytes(16))\n"
        "frames.arp_request(ends.src_mac, '10.1.2.9')\n"
        "frames.dhcp_discover(ends.src_mac, 1, ends.dst_mac, (1, 3))\n"
        "import sys; assert 'scapy.all' not in sys.modules\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
