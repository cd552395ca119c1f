"""`python -m tests.helpers.many_photons OUT.pcap COUNT`: a capture of many Photons at one time,
healthy and faulty in turn, each with several boots.

Each Photon is a script of its own; its MAC, address, subnet and device id are written over those of
the script, and all are mixed by time. Equal counts make equal files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from heapq import merge
from pathlib import Path
from random import Random
from socket import inet_aton

from tests.helpers.capture_files import Frames, pcap
from tests.helpers.wire import (
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    OWN_TTL,
    ROUTER,
    ROUTER_MAC,
    Wire,
)

BOOTS = 3
STARTS_WITHIN_S = 300
"""All begin within this time, however many they are: each is a witness for all others."""
DEVICE_ID = bytes.fromhex("2a0034000347353137323334")
NETWORK = inet_aton(ROUTER)[:3]
HOSTS_OF_A_NETWORK = 200


def healthy(wire: Wire) -> None:
    wire.lease().gateway().name(CLOUD)
    talk = wire.connection().session()
    wire.announce(DEVICE_ID)
    talk.ping().ping().device_closes()


def no_offer(wire: Wire) -> None:
    for wait_s in (2, 4, 8, 6):
        wire.dhcp(1)
        wire.wait(wait_s)


def gateway_silent(wire: Wire) -> None:
    wire.lease()
    for _ in range(6):
        wire.gateway(is_there=False).wait(1)


def name_denied(wire: Wire) -> None:
    wire.lease().gateway()
    for _ in range(3):
        wire.name(rcode=3).wait(5)
    wire.internet_test()


def port_blocked(wire: Wire) -> None:
    wire.lease().gateway().name(CLOUD)
    for _ in range(2):
        talk = wire.connection().syn()
        wire.wait(3)
        talk.syn(again=True)
        wire.wait(2)
        wire.internet_test().wait(1)


def refused(wire: Wire) -> None:
    wire.lease().gateway().name(CLOUD)
    for _ in range(2):
        talk = wire.connection().syn()
        wire.wait(0.002)
        talk.reset(ttl=OWN_TTL)
        wire.internet_test().wait(1)


def no_nonce(wire: Wire) -> None:
    wire.lease().gateway().name(CLOUD)
    for _ in range(2):
        talk = wire.connection().opened()
        wire.wait(20.25)
        talk.device_closes()
        wire.wait(1)


def key_refused(wire: Wire) -> None:
    wire.lease().gateway().name(CLOUD)
    for _ in range(4):
        wire.connection().opened().nonce().request().cloud_closes().device_closes()
        wire.wait(1)


KINDS: tuple[Callable[[Wire], None], ...] = (
    healthy,
    no_offer,
    gateway_silent,
    name_denied,
    healthy,
    port_blocked,
    refused,
    no_nonce,
    key_refused,
    healthy,
)


def mac_of(index: int) -> bytes:
    """The MAC of that Photon."""
    return DEVICE_MAC[:3] + index.to_bytes(3)


def kind_of(index: int) -> str:
    """The name of what is the matter with it."""
    return KINDS[index % len(KINDS)].__name__


def frames_of_many(count: int) -> Frames:
    """The frames of that many Photons, in order of time."""
    return merge(*(_frames_of(index) for index in range(count)))


def _frames_of(index: int) -> Iterator[tuple[int, bytes]]:
    start_ns = Random(index).randrange(STARTS_WITHIN_S * 10**9)
    network, host = divmod(index, HOSTS_OF_A_NETWORK)
    own = NETWORK[:2] + bytes((NETWORK[2] + network,))
    for at_ns, frame in _script(KINDS[index % len(KINDS)]):
        changed = (
            frame.replace(DEVICE_MAC, mac_of(index))
            .replace(ROUTER_MAC, ROUTER_MAC[:5] + bytes((1 + network,)))
            .replace(inet_aton(DEVICE), own + bytes((20 + host,)))
            .replace(NETWORK, own)
            .replace(DEVICE_ID, DEVICE_ID[:9] + index.to_bytes(3))
        )
        yield at_ns + start_ns, changed


@cache
def _script(kind: Callable[[Wire], None]) -> list[tuple[int, bytes]]:
    wire = Wire()
    for _ in range(BOOTS):
        kind(wire)
        wire.wait(5 + wire.at)  # not in one rhythm, which would be a fault of its own
    return wire.frames


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pcap(frames_of_many(int(sys.argv[2])), magic=0xA1B23C4D))
