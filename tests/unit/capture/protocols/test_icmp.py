"""What routers say of packets that are too large for the next link."""

from __future__ import annotations

import pytest

from netcheck.capture.read import read
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Target
from tests.helpers.tables import lines, tables_of
from tests.helpers.wire import CLOUD, OTHER, OTHER_MAC, Wire

FRAGMENTATION_NEEDED = 4


def answered_by_router(times: int, mtu_bytes: int) -> Wire:
    """The device's 256 bytes stay without an answer, while a router refuses others' packets."""
    wire = Wire().lease().gateway()
    for _ in range(2):
        wire.name(CLOUD)
        talk = wire.connection().opened().nonce().request()
        for _ in range(times):
            other = wire.connection("93.184.216.34", 443, client=OTHER, mac=OTHER_MAC).opened()
            wire.icmp(other, code=FRAGMENTATION_NEEDED, mtu_bytes=mtu_bytes)
        wire.wait(20)
        talk.device_closes()
        wire.wait(2)
    return wire


def standing(wire: Wire) -> list[str]:
    [one] = diagnose(read(tables_of(wire), Target()), Target())
    return [finding.cause for finding in one.findings if finding.level in STANDING]


def test_a_link_too_narrow_for_the_handshake_explains_its_silence() -> None:
    wire = answered_by_router(1, 380)

    [line] = lines(read(tables_of(wire), Target()), "internet.mtu")
    assert line.startswith("internet.mtu failed too_large ")
    assert "path_mtu_bytes=380" in line
    assert standing(wire)[0] == "mtu_blackhole"


@pytest.mark.parametrize("mtu_bytes", [0, 424, 1400, 1492])
def test_an_ordinary_limit_says_nothing(mtu_bytes: int) -> None:
    wire = answered_by_router(2, mtu_bytes)

    assert lines(read(tables_of(wire), Target()), "internet.mtu") == []
    assert standing(wire)[0] == "cloud_unresponsive"
