"""The device on this LAN: its announcement, its place among the neighbours, and what is judged when only its name is known."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest
from fake_net import HOME, FakeNet
from netcheck.probes.coap_udp import announced, coap_udp
from netcheck.probes.device_here import device_here
from notation import DEV, case

from netcheck.correlator import diagnose
from netcheck.live import multicast
from netcheck.model import Observation, Target, Verdict
from netcheck.plugin import CannotRun, Datagram, Kind, Vantage

HEAD = bytes.fromhex("50020000b168ff")
ID = bytes(range(12))
ANNOUNCED = Datagram(sender="192.168.1.77", at=1234.5, payload=HEAD + ID)
NETWORK_IS_FINE = "ctl tcp.cloud ok @4 \n ctl handshake.nonce ok @5"
PORT_IS_SHUT = "ctl tcp.cloud failed timeout @4 \n ctl internet.reach ok @4"


def named(mac: str = DEV, ip: str = "192.168.1.77", rank: int = 1) -> str:
    return f"{mac} device.identity ok @3 mac={mac} ip={ip} rank={rank}\n"


def live(text: str) -> list[Observation]:
    return case(text, source="probe:test/1")


# coap_udp


def test_an_announcement_names_the_device_and_proves_its_handshake() -> None:
    seen = list(coap_udp.run(Target(), FakeNet(announced=[ANNOUNCED, ANNOUNCED])))

    assert [(one.fact, one.outcome, one.subject, one.at) for one in seen] == [
        ("device.identity", "ok", ID.hex(), 1234.5),
        ("session.announce", "ok", ID.hex(), 1234.5),
    ]
    assert dict(seen[0].data) == {"id": ID.hex(), "ip": "192.168.1.77", "sign": "device_id", "rank": 6}


@pytest.mark.parametrize("payload", [b"", HEAD, HEAD + ID[:11], HEAD + ID + b"x", b"\x50\x01" + HEAD[2:] + ID])
def test_what_is_no_announcement(payload: bytes) -> None:
    datagram = Datagram(sender="192.168.1.77", at=0.0, payload=payload)
    seen = list(coap_udp.run(Target(), FakeNet(announced=[datagram])))

    assert announced(datagram) == ""
    assert [(one.fact, one.outcome, one.reason) for one in seen] == [("session.announce", "unclear", "timeout")]


def test_without_an_address_no_group_is_joined() -> None:
    net = FakeNet(here=Vantage())

    assert [(one.outcome, one.reason) for one in coap_udp.run(Target(), net)] == [("skipped", "no_address")]
    assert net.asked == []


def test_joining_is_declared() -> None:
    assert [(traffic.kind, traffic.at_most) for traffic in coap_udp.sends] == [(Kind.IGMP_REPORT, 4)]


def test_the_group_is_heard_on_loopback() -> None:
    def announce() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 0))
            for _ in range(10):
                sock.sendto(HEAD + ID + bytes(100), ("224.0.1.187", port))
                time.sleep(0.02)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    thread = threading.Thread(target=announce, daemon=True)
    thread.start()
    heard = multicast.listen("224.0.1.187", port, "127.0.0.1", 0.3)
    thread.join()

    assert heard and heard[0].sender == "127.0.0.1"
    assert heard[0].payload[:19] == HEAD + ID and len(heard[0].payload) == 64


def test_a_group_that_cannot_be_joined_is_said() -> None:
    with pytest.raises(CannotRun, match="cannot be joined"):
        multicast.listen("224.0.1.187", 0, "192.0.2.1", 0.1)


# device_here


def test_neighbours_of_the_maker_are_named() -> None:
    net = FakeNet(beside=(("192.168.1.77", DEV), ("192.168.1.9", "00:11:22:33:44:55")))

    (seen,) = device_here.run(Target(), net)

    assert (seen.fact, seen.subject) == ("device.identity", DEV)
    assert dict(seen.data) == {"mac": DEV, "ip": "192.168.1.77", "sign": "maker_prefix", "rank": 1}


def test_the_device_asked_about_is_named_whatever_its_prefix() -> None:
    net = FakeNet(beside=(("192.168.1.9", "00:11:22:33:44:55"),))

    assert [one.subject for one in device_here.run(Target(device="00:11:22:33:44:55"), net)] == ["00:11:22:33:44:55"]


def test_a_system_that_shows_no_neighbours_is_said() -> None:
    with pytest.raises(CannotRun, match="arp -a"):
        list(device_here.run(Target(), FakeNet(beside=None, here=HOME)))


# what is judged


@pytest.mark.parametrize(
    ("network", "verdict", "begins"),
    [(NETWORK_IS_FINE, Verdict.HEALTHY, "Nothing tested here would stop a Photon"), (PORT_IS_SHUT, Verdict.FAULT, "The network lets")],
)
def test_of_a_device_known_by_name_alone_the_network_is_judged(network: str, verdict: Verdict, begins: str) -> None:
    (one,) = diagnose(live(named() + network), Target())

    assert (one.device.mac, one.device.ip) == (DEV, "192.168.1.77")
    assert one.verdict is verdict
    assert one.headline.startswith(begins)


def test_several_neighbours_of_the_maker_name_nobody() -> None:
    (one,) = diagnose(live(named() + named("e0:4f:43:00:00:02", "192.168.1.78") + PORT_IS_SHUT), Target())

    assert one.device.mac is None
    assert one.verdict is Verdict.FAULT


def test_the_device_asked_about_is_judged_by_the_network_where_it_is_a_neighbour() -> None:
    (one,) = diagnose(live(named() + PORT_IS_SHUT), Target(device=DEV))

    assert (one.device.mac, one.verdict) == (DEV, Verdict.FAULT)


def test_a_device_asked_about_and_not_seen_stays_unseen() -> None:
    (one,) = diagnose(live(PORT_IS_SHUT), Target(device=DEV))

    assert one.verdict is Verdict.INSUFFICIENT
    assert "was not seen" in one.headline


def test_an_announcement_makes_the_device_healthy_beside_a_network_that_is() -> None:
    device = f"{ID.hex()} device.identity ok @3 id={ID.hex()} rank=6 \n {ID.hex()} session.announce ok @3 \n"
    (one,) = diagnose(live(device + NETWORK_IS_FINE), Target())

    assert (one.device.id, one.verdict) == (ID.hex(), Verdict.HEALTHY)


def test_a_capture_of_the_device_goes_before_the_network() -> None:
    own = case(named() + f"{DEV} tcp.cloud failed refused @4")
    (one,) = diagnose([*own, *live(NETWORK_IS_FINE)], Target())

    assert one.device.mac == DEV
    assert one.verdict is not Verdict.HEALTHY
