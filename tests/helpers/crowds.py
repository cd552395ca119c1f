"""Crowds of neighbours, frame by frame: what fills tables and says nothing of the device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.helpers.capture_changes import Change, Frame, Labelled, on_ethernet
from tests.helpers.wire import Wire

SPACING_NS = 20_000
RESOLVER, SERVER = "10.9.9.1", "10.9.9.2"
INFORM = 8
"""DHCP: a client that has its address (RFC 2132 §9.6)."""
Crowd = Callable[[Wire, int], None]


def neighbour(random: Random) -> bytes:
    """A MAC that no two packets share, of a maker of phones."""
    return b"\x3c\x22\xfb" + random.randbytes(3)


def anywhere(random: Random) -> str:
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


def arp(wire: Wire, count: int) -> None:
    random = Random(1)
    for _ in range(count):
        mac, own = neighbour(random), anywhere(random)
        wire.arp(mac=mac, ip=own, wants=own.replace("10.", "172.", 1))  # nobody there answers


def dhcp(wire: Wire, count: int) -> None:
    random = Random(2)
    for _ in range(count):
        wire.dhcp(INFORM, mac=neighbour(random), options=b"\x37\x04\x01\x03\x06\x0f")


def dns(wire: Wire, count: int) -> None:
    random = Random(3)
    for index in range(count // 2):
        client, mac, name = anywhere(random), neighbour(random), f"name{index}.example.com"
        wire.ask(name, ident=index & 0xFFFF, client=client, mac=mac, server=RESOLVER)
        wire.reply(
            "93.184.216.34",
            name=name,
            ident=index & 0xFFFF,
            client=client,
            mac=mac,
            server=RESOLVER,
        )


def ntp(wire: Wire, count: int) -> None:
    random = Random(4)
    for _ in range(count):
        wire.udp(
            anywhere(random),
            123,
            SERVER,
            123,
            b"\x24" + bytes(47),
            macs=(neighbour(random), neighbour(random)),
        )


def web(wire: Wire, count: int) -> None:
    random = Random(5)
    for index in range(count // 2):
        talk = wire.connection(
            f"10.8.{index // 250 % 250}.{index % 250}",  # that a server here answers proves little
            443,
            sport=1024 + index % 60_000,
            client=anywhere(random),
            mac=neighbour(random),
        )
        talk.syn()
        talk.syn_ack()


CROWDS: tuple[Crowd, ...] = (arp, dhcp, dns, ntp, web)


def before(count: int, *crowds: Crowd) -> Change:
    """The change that puts `count` frames of each of these crowds before a capture."""

    def apply(frames: Sequence[Frame], _capture: Labelled) -> list[Frame]:
        wire = Wire()
        for crowd in crowds:
            crowd(wire, count)
        start_ns = frames[0][0] - len(wire.frames) * SPACING_NS
        crowded = [
            (start_ns + index * SPACING_NS, frame) for index, (_, frame) in enumerate(wire.frames)
        ]
        return [*crowded, *frames]

    return Change("a crowd before", apply, may_weaken=False, applies_to=on_ethernet)
