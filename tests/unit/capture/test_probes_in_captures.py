"""`netcheck` on a computer while a capture runs: its own packets are no device's, and its questions
about the way no failures.
"""

from __future__ import annotations

from pathlib import Path

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Observation, Target, Verdict
from netcheck.photon.fingerprint import PROBE_REQUESTED_OPTIONS
from netcheck.wire.frames import dhcp_discover
from tests.helpers.wire import (
    CLOUD,
    DEVICE_MAC,
    ROUTER,
    ROUTER_MAC,
    SYN,
    TEST,
    TRIP_S,
    Talk,
    Wire,
    question,
)

COMPUTER, COMPUTER_MAC = "192.168.1.20", bytes.fromhex("a4c3f0112233")
KEY = COMPUTER_MAC.hex(":")
OF_COMPUTER = (KEY, COMPUTER)
"""By its MAC, or its address where most of its packets have a TTL that is no host's own."""
WAN, OUTER_MAC = "81.2.69.142", bytes.fromhex("001122000001")
NOWHERE, WEB = "203.0.113.77", 443
_UDP_PAYLOAD = 42
DESKTOP_OPTIONS = b"\x02\x04\x05\xb4\x04\x02\x08\x0a\0\1\2\3\0\0\0\0\x01\x03\x03\x07"


class ComputerTalk(Talk):
    """A connection as a computer's TCP makes it."""

    own_ttl = 64

    def _send(
        self, *, up: bool, flags: int, payload: bytes, ttl: int, options: bytes = b""
    ) -> None:
        if up:
            ttl, options = self.own_ttl, DESKTOP_OPTIONS if flags & SYN else options
        super()._send(up=up, flags=flags, payload=payload, ttl=ttl, options=options)


class DeviceBeyond(Talk):
    """A connection of a Photon's stack, forwarded once."""

    def _send(
        self, *, up: bool, flags: int, payload: bytes, ttl: int, options: bytes = b""
    ) -> None:
        super()._send(up=up, flags=flags, payload=payload, ttl=254 if up else ttl, options=options)


class ComputerBeyond(ComputerTalk):
    """A computer's, forwarded once."""

    own_ttl = 63


def opening(
    wire: Wire, server: str, port: int, *, client: str = COMPUTER, mac: bytes = COMPUTER_MAC
) -> ComputerTalk:
    return ComputerTalk(wire, server, port, 50000 + len(wire.frames), client, mac)


def hangs_up(talk: Talk) -> None:
    """What a probe does that has seen the cloud's 40 bytes."""
    talk.opened().nonce().device_closes()


def looks_up(
    wire: Wire,
    *,
    client: str = COMPUTER,
    mac: bytes = COMPUTER_MAC,
    ttl: int = 64,
    host: str = "device.spark.io",
) -> None:
    head = b"\x12\x34\x81\x80\0\1\0\1\0\0\0\0"
    name = question(host)
    wire.udp(
        client,
        40000,
        ROUTER,
        53,
        b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + name,
        ttl=ttl,
        macs=(mac, ROUTER_MAC),
    )
    given = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes(map(int, CLOUD.split(".")))
    wire.udp(ROUTER, 53, client, 40000, head + name + given, ttl=64, macs=(ROUTER_MAC, mac))


def probes(wire: Wire) -> None:
    """The whole run, where the computer reaches everything."""
    looks_up(wire)
    opening(wire, TEST, 53).opened().device_closes()
    opening(wire, TEST, WEB).opened().device_closes()
    opening(wire, TEST, 5683).syn().reset()
    opening(wire, NOWHERE, 5683).syn().syn(again=True)
    hangs_up(opening(wire, CLOUD, 5683))


def short_lives(wire: Wire) -> None:
    """Connections that are to die on the way."""
    for ttl in range(1, 20):
        talk = opening(wire, CLOUD, 5683)
        talk.own_ttl = ttl
        talk.syn()
        talk = opening(wire, TEST, 53)
        talk.own_ttl = ttl
        talk.syn()


def filtered(wire: Wire) -> None:
    """A device that has an address and a name, and reaches nothing outside."""
    wire.lease().gateway()
    for _ in range(3):
        wire.name(CLOUD)
        wire.connection().syn()
        wire.wait(5)
        wire.internet_test(works=False)


def seen(wire: Wire, folder: Path) -> tuple[Observation, ...]:
    return observe([wire.save(folder)], Target()).observations


def judged(wire: Wire, folder: Path) -> list[Diagnosis]:
    return diagnose(seen(wire, folder), Target())


def test_a_computer_that_runs_the_probes_is_no_device(tmp_path: Path) -> None:
    wire = Wire()
    filtered(wire)
    probes(wire)
    wire.wait(20)
    filtered(wire)

    (one,) = judged(wire, tmp_path)

    assert one.device.mac == DEVICE_MAC.hex(":")
    assert next(f.cause for f in one.findings if f.level in STANDING) == "mac_filter"


def test_what_it_asks_of_other_hosts_is_not_said_of_the_cloud(tmp_path: Path) -> None:
    wire = Wire()
    filtered(wire)
    probes(wire)

    said = {
        (o.fact, o.outcome.value, o.target)
        for o in seen(wire, tmp_path)
        if o.subject in OF_COMPUTER and o.fact.startswith("tcp.")
    }

    assert said == {
        ("tcp.cloud", "ok", f"{CLOUD}:5683"),
        ("tcp.neutral_same_port", "failed", f"{TEST}:5683"),
    }


def test_connections_that_were_to_die_on_the_way_failed_nowhere(tmp_path: Path) -> None:
    wire = Wire()
    filtered(wire)
    looks_up(wire)
    short_lives(wire)
    wire.wait(20)
    filtered(wire)

    assert not [o for o in seen(wire, tmp_path) if o.subject in OF_COMPUTER and o.failed]


def test_one_that_was_answered_all_the_same_opened(tmp_path: Path) -> None:
    wire = Wire()
    filtered(wire)
    looks_up(wire)
    talk = opening(wire, CLOUD, 5683)
    talk.own_ttl = 19
    talk.opened()

    assert [
        o.outcome.value
        for o in seen(wire, tmp_path)
        if o.subject in OF_COMPUTER and o.fact == "tcp.cloud"
    ] == ["ok"]


def beyond_the_router(wire: Wire, *hanging_up: type[Talk]) -> None:
    """One address for all clients of a network; a device has a session, and others hang up after
    the cloud's 40 bytes.
    """
    looks_up(wire, client=WAN, mac=OUTER_MAC, ttl=63)
    session = DeviceBeyond(wire, CLOUD, 5683, 1, WAN, OUTER_MAC)
    session.session()
    for sport, kind in enumerate(hanging_up, 2):
        hangs_up(kind(wire, CLOUD, 5683, sport, WAN, OUTER_MAC))
        wire.wait(TRIP_S)
    session.ping().ping()


def test_a_computer_behind_the_same_address_is_not_the_device(tmp_path: Path) -> None:
    wire = Wire()
    beyond_the_router(wire, ComputerBeyond, ComputerBeyond)

    (one,) = judged(wire, tmp_path)

    assert one.verdict is Verdict.HEALTHY
    assert not [f.cause for f in one.findings if f.level in STANDING]


def test_nor_is_the_device_what_a_computer_behind_the_same_address_asks_for(tmp_path: Path) -> None:
    wire = Wire()
    beyond_the_router(wire)
    looks_up(
        wire, client=WAN, mac=OUTER_MAC, ttl=63, host="a10aced202194944a042f04c.v5.udp.particle.io"
    )

    (one,) = judged(wire, tmp_path)

    assert (one.device.ip, one.verdict) == (WAN, Verdict.HEALTHY)


def test_what_a_device_behind_that_address_does_is_still_told(tmp_path: Path) -> None:
    wire = Wire()
    beyond_the_router(wire, DeviceBeyond, DeviceBeyond, ComputerBeyond)

    requests = [o for o in seen(wire, tmp_path) if o.fact == "handshake.request" and o.failed]

    assert len(requests) == 2


def asks_in_the_name_of(wire: Wire, client: bytes, sender: bytes) -> None:
    """A DISCOVER as `netcheck` sends it."""
    frame = dhcp_discover(sender.hex(":"), 7, client.hex(":"), PROBE_REQUESTED_OPTIONS)
    wire.udp(
        "0.0.0.0",
        68,
        "255.255.255.255",
        67,
        frame[_UDP_PAYLOAD:],
        ttl=64,
        macs=(sender, b"\xff" * 6),
    )
    wire.wait(20)


def test_what_netcheck_asks_in_the_devices_name_is_no_try_of_the_device(tmp_path: Path) -> None:
    wire = Wire()
    asks_in_the_name_of(wire, DEVICE_MAC, COMPUTER_MAC)
    wire.lease().gateway().name(CLOUD)
    wire.connection().session().ping()
    asks_in_the_name_of(wire, DEVICE_MAC, COMPUTER_MAC)

    (one,) = judged(wire, tmp_path)

    assert one.verdict is Verdict.HEALTHY
    assert not [o for o in seen(wire, tmp_path) if o.fact == "dhcp.lease" and o.failed]


def test_a_client_that_asks_so_for_itself_is_a_client(tmp_path: Path) -> None:
    wire = Wire()
    asks_in_the_name_of(wire, COMPUTER_MAC, COMPUTER_MAC)
    filtered(wire)

    assert [
        o.reason for o in seen(wire, tmp_path) if o.fact == "dhcp.lease" and o.subject == KEY
    ] == ["no_offer"]
