"""Who cut the connection: frames taken apart, and a probe that rather accuses nobody."""

from __future__ import annotations

import socket
import struct

import msgspec
import pytest
from netcheck.probes.cloud_port import cloud_port
from netcheck.probes.rst_origin import rst_origin

from netcheck.correlator.diagnosis import diagnose
from netcheck.live import observe
from netcheck.live.net.raw.connection_frames import segments, ttls
from netcheck.model import Outcome, Target
from netcheck.probing import Need, Reply
from netcheck.probing.testing import HOME, FakeNet, named, opened, refusal

CLOUD, NAME = "198.51.100.7", "device.spark.io"
SYN_ACK, ACK, RST = 0x12, 0x10, 0x14


def frame(
    flags: int, ttl: int, source: str = CLOUD, port: int = 5683, local_port: int = 40000
) -> bytes:
    """A TCP segment in an Ethernet frame."""
    tcp = struct.pack("!HHIIBBHHH", port, local_port, 1, 1, 0x50, flags, 0, 0, 0)
    head = (
        struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, ttl, 6, 0)
        + socket.inet_aton(source)
        + socket.inet_aton("192.168.1.5")
    )
    return bytes(12) + b"\x08\x00" + head + tcp


def test_the_ttl_of_what_opened_and_of_what_cut_it() -> None:
    frames = [frame(SYN_ACK, 52), frame(ACK, 51), frame(RST, 63), frame(RST, 52)]

    assert ttls(segments(frames, CLOUD, 5683, 40000)) == (("server_ttl", 52), ("ttl", 63))


@pytest.mark.parametrize(
    "other",
    [
        frame(RST, 63, source="198.51.100.8"),
        frame(RST, 63, port=443),
        frame(RST, 63, local_port=40001),
        frame(RST, 63)[:40],
        b"",
    ],
)
def test_other_connections_say_nothing_of_this_one(other: bytes) -> None:
    assert ttls(segments([other], CLOUD, 5683, 40000)) == ()


def cut(ttl: int | None, server_ttl: int | None = 52) -> Reply:
    """A connection that opened, and perhaps a reset."""
    told = [
        (name, value)
        for name, value in (("server_ttl", server_ttl), ("ttl", ttl))
        if value is not None
    ]
    reply = opened(b"", "reset" if ttl else "open")
    return msgspec.structs.replace(reply, data=(*reply.data, *told))


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        ([cut(63), cut(63)], (Outcome.FAILED, "reset_near")),
        ([cut(254), cut(254)], (Outcome.FAILED, "reset_near")),
        ([cut(52), cut(52)], (Outcome.OK, "")),
        # The same distance under another start value: a front end of the server.
        ([cut(243), cut(243)], (Outcome.OK, "")),
        # One hop nearer: a load balancer right before the server?
        ([cut(53), cut(53)], (Outcome.UNCLEAR, "")),
        ([cut(63), cut(52)], (Outcome.UNCLEAR, "")),
        ([cut(63), cut(None)], (Outcome.UNCLEAR, "")),
        ([cut(63, None), cut(63, None)], (Outcome.UNCLEAR, "")),
        # Farther than the server can only be another start value.
        ([cut(40), cut(40)], (Outcome.UNCLEAR, "")),
        ([cut(None), cut(None)], None),
    ],
)
def test_only_what_is_clearly_nearer_every_time_is_accused(
    tries: list[Reply], expected: tuple[Outcome, str] | None
) -> None:
    net = FakeNet(
        {
            ("resolve", NAME, HOME.gateway or ""): named(CLOUD),
            ("ttls", CLOUD, 5683): list(tries),
        }
    )

    found = [(one.outcome, one.reason) for one in rst_origin.run(Target(), net)]

    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(("ttl", "is_box"), [(63, True), (52, False)])
def test_the_origin_of_the_reset_decides_for_a_box(ttl: int, is_box: bool) -> None:
    net = FakeNet(
        {
            ("resolve", NAME, HOME.gateway or ""): named(CLOUD),
            ("listen", CLOUD, 5683): opened(b"", "reset"),
            ("connect", "8.8.8.8", 53): opened(),
            ("ttls", CLOUD, 5683): [cut(ttl), cut(ttl)],
        }
    )

    (diagnosis,) = diagnose(observe(Target(), net, [cloud_port, rst_origin]), Target())

    assert diagnosis.best is not None
    assert (diagnosis.best.cause == "dpi_interference") is is_box


def test_without_rights_the_connection_is_not_made() -> None:
    net = FakeNet(
        {
            ("listen", CLOUD, 5683): opened(b"", "reset"),
            ("resolve", NAME, HOME.gateway or ""): named(CLOUD),
        }
    )
    net.missing[Need.RAW_SOCKETS] = refusal("needs", says="sudo netcheck")

    observations = list(observe(Target(), net, [cloud_port, rst_origin]))

    assert not [question for question in net.asked if question[0] == "ttls"]
    assert {one.reason for one in observations if one.fact == "tcp.reset_origin"} == {"needs"}
