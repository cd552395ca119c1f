"""What looks like one fault and is another, or none: found on captures that others made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Level, Target, Verdict
from tests.helpers.wire import (
    ACK,
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    FIN,
    OTHER,
    OTHER_MAC,
    ROUTER_MAC,
    TRIP_S,
    Talk,
    Wire,
    random_bytes,
)

HOST, TIME_SERVER, PUBLIC_RESOLVER = "93.184.216.34", "198.51.100.123", "9.9.9.9"
NOT_THE_CLOUD = {"captive_portal", "dns_hijacked", "server_address_wrong", "transparent_proxy"}


def diagnosis(script: Callable[[Wire], None], folder: Path) -> Diagnosis:
    wire = Wire()
    script(wire)
    [only] = diagnose(observe([wire.save(folder)], Target()).observations, Target())
    return only


def levels(one: Diagnosis) -> dict[str, Level]:
    return {f.cause: f.level for f in one.findings if f.level in STANDING and f.stops_connection}


def ready(wire: Wire) -> Wire:
    return wire.lease().wait(1).gateway().name(CLOUD)


# -- one host is not the Internet


def silent_host(wire: Wire) -> None:
    """The device's program tries a host three times; a resolver on the Internet answers it."""
    wire.lease(dns=PUBLIC_RESOLVER).wait(1).gateway()
    wire.ask(server=PUBLIC_RESOLVER)
    wire.wait(0.03)
    wire.reply(CLOUD, server=PUBLIC_RESOLVER)
    talk = wire.connection(HOST, 1883).syn()
    for gap in (1, 2, 4):
        wire.wait(gap)
        talk.syn(again=True)
    wire.wait(6)


def silent_time_server(wire: Wire) -> None:
    """A session, and a program that asks a time server of its own, which is off."""
    talk = ready(wire).connection().session()
    for _ in range(5):
        wire.udp(DEVICE, 123, TIME_SERVER, 123, bytes(48), macs=(DEVICE_MAC, ROUTER_MAC))
        wire.wait(2)
    talk.ping()


def silent_time_server_alone(wire: Wire) -> None:
    ready(wire)
    for _ in range(5):
        wire.udp(DEVICE, 123, TIME_SERVER, 123, bytes(48), macs=(DEVICE_MAC, ROUTER_MAC))
        wire.wait(2)


@pytest.mark.parametrize(
    "script", [silent_host, silent_time_server_alone], ids=lambda script: script.__name__
)
def test_one_silent_host_makes_no_dead_line_likely(
    script: Callable[[Wire], None], tmp_path: Path
) -> None:
    found = levels(diagnosis(script, tmp_path))
    assert found.get("internet_down") in (None, Level.POSSIBLE)
    assert not [cause for cause, level in found.items() if level is not Level.POSSIBLE]


def test_a_time_server_of_a_program_is_not_the_internet_test(tmp_path: Path) -> None:
    one = diagnosis(silent_time_server, tmp_path)
    assert one.verdict is Verdict.HEALTHY
    assert not [f for f in one.findings if f.level in STANDING]


# -- who answers beside the gateway


def resolver_beside_a_silent_gateway(wire: Wire) -> None:
    beside = "192.168.5.2"
    wire.lease(dns=beside).wait(1)
    for index in range(4):
        wire.arp(mac=DEVICE_MAC, ip=DEVICE, wants=beside)
        wire.arp(mac=OTHER_MAC, ip=beside, wants=DEVICE, answers=DEVICE_MAC)
        wire.ask(server=beside, ident=index + 1)
        wire.wait(0.02)
        wire.reply(CLOUD, server=beside, ident=index + 1)
        for _ in range(5):
            wire.gateway(is_there=False).wait(1)


def test_a_resolver_beside_the_gateway_says_nothing_of_the_gateway(tmp_path: Path) -> None:
    found = levels(diagnosis(resolver_beside_a_silent_gateway, tmp_path))
    assert next(iter(found)) == "gateway_unreachable"
    assert found["gateway_unreachable"] is Level.LIKELY


def lease_declined(wire: Wire) -> None:
    for _ in range(4):
        wire.lease().wait(0.1)
        wire.arp(mac=DEVICE_MAC, ip="0.0.0.0", wants=DEVICE)
        wire.arp(mac=OTHER_MAC, ip=DEVICE, wants="0.0.0.0", answers=DEVICE_MAC)
        wire.wait(0.1)
        wire.dhcp(4, options=b"")
        wire.wait(10)


def test_an_address_declined_again_and_again_is_a_conflict(tmp_path: Path) -> None:
    one = diagnosis(lease_declined, tmp_path)
    assert one.verdict is Verdict.FAULT
    assert next(iter(levels(one))) == "ip_conflict"


# -- what speaks at the cloud's port


def greeted(*greeting: bytes) -> Callable[[Wire], None]:
    def script(wire: Wire) -> None:
        for _ in range(3):
            talk = ready(wire).connection().opened()
            for part in greeting:
                wire.wait(TRIP_S)
                talk.down(part).up()
            if len(b"".join(greeting)) >= 40:
                talk.request()
            wire.wait(20.25)
            talk.device_closes()
            wire.wait(2)

    return script


@pytest.mark.parametrize(
    "greeting",
    [
        (b"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.10\r\n",),
        (b"SSH-2.0-OpenSSH_8.9p1\r\n", random_bytes(900, "exchange of keys")),
        (b"220 mail.example.com ESMTP\r\n",),
        (b"HTTP/1.1 400 \r\n\r\n" + random_bytes(30, "page"),),
    ],
    ids=["banner", "banner, then bytes", "short banner", "page"],
)
def test_readable_text_is_neither_the_cloud_nor_inspection(
    greeting: tuple[bytes, ...], tmp_path: Path
) -> None:
    found = levels(diagnosis(greeted(*greeting), tmp_path))
    assert next(iter(found)) in NOT_THE_CLOUD
    assert not {"cloud_unresponsive", "dpi_interference"} & set(found)


def hangs_after_a_session(wire: Wire) -> None:
    """The cloud served the device, and then accepts its connections and says nothing."""
    ready(wire).connection().session().ping().cloud_closes().device_closes()
    for _ in range(3):
        talk = wire.wait(1).name(CLOUD).connection().opened()
        wire.wait(20.25)
        talk.device_closes()


def hangs_after_its_nonce(wire: Wire) -> None:
    for _ in range(3):
        talk = ready(wire).connection().opened().nonce().request()
        wire.wait(20.25)
        talk.device_closes()
        wire.wait(2)


@pytest.mark.parametrize(
    "script", [hangs_after_a_session, hangs_after_its_nonce], ids=lambda s: s.__name__
)
def test_who_spoke_as_the_cloud_hangs_as_the_cloud(
    script: Callable[[Wire], None], tmp_path: Path
) -> None:
    assert next(iter(levels(diagnosis(script, tmp_path)))) == "cloud_unresponsive"


# -- sessions


def away_for(seconds: float) -> Callable[[Wire], None]:
    def script(wire: Wire) -> None:
        ready(wire).connection().session().ping().ping().cloud_closes().device_closes()
        end = wire.at + seconds
        while wire.at < end:
            wire.name(CLOUD)
            wire.connection().syn().reset()
            wire.internet_test().wait(2)
        wire.name(CLOUD).connection().session().ping().ping().ping()

    return script


def test_a_server_away_for_seconds_between_two_sessions_is_no_fault(tmp_path: Path) -> None:
    one = diagnosis(away_for(8), tmp_path)
    assert one.verdict is Verdict.HEALTHY
    assert not levels(one)
    assert any("seconds" in note for note in one.notes), one.notes


def test_a_server_away_for_minutes_is_one(tmp_path: Path) -> None:
    assert diagnosis(away_for(150), tmp_path).verdict is Verdict.FAULT


def lost(talk: Talk) -> None:
    """A keepalive that is sent again and again, and never answered."""
    talk.wire.wait(15)
    frame = b"\0\x10" + random_bytes(16, f"ping{talk.wire.at}")
    talk.up(frame)
    for gap in (2.5, 5):
        talk.wire.wait(gap)
        talk.again(frame)
    talk.wire.wait(2.5)
    talk.up(flags=FIN | ACK)


def forgotten(*answered: int) -> Callable[[Wire], None]:
    """Sessions that each get that many keepalives answered, and then no more."""

    def script(wire: Wire) -> None:
        wire.lease().wait(1).gateway()
        for pings in answered:
            talk = wire.name(CLOUD).connection().session()
            for _ in range(pings):
                talk.ping()
            lost(talk)
            wire.wait(1)

    return script


@pytest.mark.parametrize(
    ("answered", "level"),
    [((0,), Level.POSSIBLE), ((0, 0), Level.LIKELY), ((3, 0, 0), Level.LIKELY)],
)
def test_a_keepalive_lost_for_good_is_a_forgotten_connection_first(
    answered: tuple[int, ...], level: Level, tmp_path: Path
) -> None:
    found = levels(diagnosis(forgotten(*answered), tmp_path))
    assert next(iter(found.items())) == ("nat_idle_timeout", level)


# -- one direction


def one_direction(wire: Wire) -> None:
    """A whole session, of which the capture has what the device sends."""
    ready(wire).connection().session().ping().ping()
    wire.frames = [(at, frame) for at, frame in wire.frames if frame[6:12] == DEVICE_MAC]


def test_a_session_of_which_only_the_devices_packets_are_there_is_healthy(tmp_path: Path) -> None:
    wire = Wire()
    one_direction(wire)
    seen = observe([wire.save(tmp_path)], Target()).observations
    [one] = diagnose(seen, Target())
    assert one.verdict is Verdict.HEALTHY
    assert not levels(one)
    [coverage] = [o for o in seen if o.fact == "capture.coverage"]
    assert "only one direction" in coverage.text("cannot_show")


def unanswered(wire: Wire) -> None:
    for _ in range(3):
        wire.ask()
        wire.wait(5)
        talk = wire.connection().syn()
        wire.wait(3)
        talk.syn(again=True)
        wire.wait(3)


def test_where_nothing_comes_back_no_silence_is_judged(tmp_path: Path) -> None:
    one = diagnosis(unanswered, tmp_path)
    assert one.verdict is Verdict.INSUFFICIENT
    assert not levels(one)


def test_the_same_beside_a_client_that_is_answered_is_silence(tmp_path: Path) -> None:
    def script(wire: Wire) -> None:
        other = wire.connection(HOST, 443, client=OTHER, mac=OTHER_MAC)
        other.opened()
        unanswered(wire)

    assert diagnosis(script, tmp_path).verdict is not Verdict.INSUFFICIENT
