"""Raw frames on a busy network: what nobody asked for does not bury the answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from netcheck.live.net.raw.link import open_link
from netcheck.probing import Vantage
from netcheck.wire import bpf, links
from tests.doubles import frames
from tests.lab import requirements
from tests.lab.namespace import Namespace

pytestmark = requirements.pytestmark

MANY = 3000
"""More frames of full size than a socket's buffer holds: it takes some 90 unless told otherwise."""
NEAR, FAR = "020000000a01", "020000000a02"
SERVER = "192.0.2.1"


@pytest.fixture
def cable(monkeypatch: pytest.MonkeyPatch) -> Iterator[Namespace]:
    """A namespace whose eth0 hears what is sent on eth1."""
    monkeypatch.setenv("PATH", requirements.PATH)
    place = Namespace("cable")
    try:
        place.ip(
            "link",
            "add",
            "eth0",
            "address",
            mac(NEAR),
            "type",
            "veth",
            "peer",
            "name",
            "eth1",
            "address",
            mac(FAR),
        )
        place.ip("link", "set", "eth0", "up")
        place.ip("link", "set", "eth1", "up")
        yield place
    finally:
        place.remove()


def mac(digits: str) -> str:
    return bytes.fromhex(digits).hex(":")


def ipv4(
    protocol: int, payload: bytes, *, source: str = SERVER, options: bytes = b"", fragment: int = 0
) -> bytes:
    """An Ethernet frame with such a packet for everybody; its checksums are nobody's business
    here.
    """
    length = 20 + len(options)
    head = (
        bytes((0x40 | length // 4, 0))
        + (length + len(payload)).to_bytes(2)
        + b"\0\0"
        + fragment.to_bytes(2)
        + bytes((64, protocol, 0, 0))
    )
    packet = head + socket.inet_aton(source) + b"\xff" * 4 + options + payload
    return b"\xff" * 6 + bytes.fromhex(FAR) + b"\x08\0" + packet


def ports(source: int, target: int, size: int = 1400) -> bytes:
    """What TCP and UDP both begin with, and bytes behind it."""
    return source.to_bytes(2) + target.to_bytes(2) + bytes(size)


def heard(cable: Namespace, wanted: bpf.FrameFilter, sent: list[bytes]) -> list[bytes]:
    """What comes through of these frames, read only after all were sent."""
    here, there = (
        Vantage(interface=name, mac=mac(digits)) for name, digits in (("eth0", NEAR), ("eth1", FAR))
    )
    with (
        cable.evaluate(lambda: open_link(here, links.IPV4, only=wanted)) as near,
        cable.evaluate(lambda: open_link(there, links.IPV4)) as far,
    ):
        for frame in sent:
            far.send(frame)
        return list(near.received(time.monotonic() + 0.5))


def test_an_offer_is_heard_behind_a_flood(cable: Namespace) -> None:
    offer = frames.udp_broadcast(bytes.fromhex(FAR), 67, 68, b"offer", 1)
    flood = [
        ipv4(socket.IPPROTO_UDP, ports(40000, 40001)),
        ipv4(socket.IPPROTO_TCP, ports(67, 68)),
    ] * MANY

    assert heard(cable, bpf.udp_to(68), [*flood, offer]) == [offer]


def test_behind_options_a_port_is_found_and_in_later_fragments_none(cable: Namespace) -> None:
    wanted = ipv4(socket.IPPROTO_UDP, ports(67, 68, 40), options=bytes(8))
    later = ipv4(socket.IPPROTO_UDP, ports(67, 68, 40), fragment=100)
    other = ipv4(socket.IPPROTO_UDP, ports(68, 67, 40), options=bytes(8))

    assert heard(cable, bpf.udp_to(68), [later, other, wanted]) == [wanted]


def test_of_one_server_only_its_port_is_heard(cable: Namespace) -> None:
    wanted = ipv4(socket.IPPROTO_TCP, ports(5683, 40000, 40))
    others = [
        ipv4(socket.IPPROTO_TCP, ports(5683, 40000, 40), source="192.0.2.2"),
        ipv4(socket.IPPROTO_TCP, ports(443, 40000, 40)),
        ipv4(socket.IPPROTO_UDP, ports(5683, 40000, 40)),
    ]

    assert heard(cable, bpf.tcp_from(SERVER, 5683), [*others, wanted]) == [wanted]
