"""Who is a Photon: devices that only resemble one are not named, and nobody is accused for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target, Verdict
from tests.helpers import other_clients
from tests.helpers.other_clients import FIRST_LWIP_XID, PLAIN, STACKS, Client, Stack, captures
from tests.helpers.wire import (
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    OTHER,
    OTHER_MAC,
    ROUTER,
    TRIP_S,
    Talk,
    Wire,
    random_bytes,
)

CAPTURES = captures()


def diagnosed(wire: Wire, folder: Path, device: str = "") -> list[Diagnosis]:
    target = Target(device=device)
    return diagnose(observe([wire.save(folder)], target).observations, target)


def test_there_are_forty_captures_of_other_clients() -> None:
    assert len(CAPTURES) == 40


@pytest.mark.parametrize("name", CAPTURES)
def test_another_client_gets_no_fault_and_no_name(name: str, tmp_path: Path) -> None:
    [one] = diagnosed(CAPTURES[name], tmp_path)
    assert one.verdict is Verdict.INSUFFICIENT
    assert [f.cause for f in one.findings if f.level in STANDING] == []
    assert (one.device.mac, one.device.id, one.device.ip) == (None, None, None)


def test_a_capture_of_controllers_names_none(tmp_path: Path) -> None:
    [one] = diagnosed(other_clients.controllers(), tmp_path)
    assert (one.verdict, one.device.mac, one.findings) == (Verdict.INSUFFICIENT, None, ())


def test_what_may_be_a_photon_is_told_and_judged_when_it_is_named(tmp_path: Path) -> None:
    wire, mac = CAPTURES["lwip_1_4-no_lease"], STACKS["lwip_1_4"].mac
    [one] = diagnosed(wire, tmp_path)
    assert mac in one.headline
    assert "may be" in one.headline
    [named] = diagnosed(wire, tmp_path, mac)
    assert named.device.mac == mac
    assert named.verdict is Verdict.FAULT


@pytest.mark.parametrize("xid", [FIRST_LWIP_XID, 0x2A])
@pytest.mark.parametrize(
    ("mac", "is_looking_up"), [("00:80:e1:11:22:33", True), ("6c:0b:84:11:22:33", False)]
)
def test_a_second_sign_makes_it_a_photon(
    xid: int, mac: str, tmp_path: Path, *, is_looking_up: bool
) -> None:
    one = Client(Stack(mac, PLAIN, xid), Wire())
    one.asks_for_address()
    one.asks_gateway()
    if is_looking_up:
        one.wire.ask(mac=one.mac)
    one.wire.wait(20)
    [found] = diagnosed(one.wire, tmp_path)
    assert found.device.mac == mac


def test_a_device_is_named_by_an_address_that_it_had(tmp_path: Path) -> None:
    wire = Wire().lease().gateway().name("54.1.2.3")
    wire.arp(mac=DEVICE_MAC, ip="192.168.5.21", wants=ROUTER)
    wire.arp(mac=OTHER_MAC, ip=OTHER, wants=ROUTER)
    for address in (DEVICE, "192.168.5.21"):
        [one] = diagnosed(wire, tmp_path, address)
        assert (one.device.mac, one.device.ip) == (DEVICE_MAC.hex(":"), address)
    [other] = diagnosed(wire, tmp_path, OTHER)
    assert other.device.mac == OTHER_MAC.hex(":")
    [nobody] = diagnosed(wire, tmp_path, "192.168.5.99")
    assert "192.168.5.99 was not seen" in nobody.headline


def spoken_first(wire: Wire, server: str) -> Talk:
    """Another client speaks TLS, or CoAP over TCP, on the cloud's port: before the server does."""
    talk = wire.connection(server, client=OTHER, mac=OTHER_MAC)
    talk.own_window, talk.own_mss = 64240, 1460
    talk.opened().up(b"\x16\3\1\2\0" + random_bytes(512))
    wire.wait(TRIP_S)
    return talk.down(random_bytes(1200)).down(random_bytes(1200)).up()


@pytest.mark.parametrize("is_named", [True, False])
def test_who_speaks_first_on_the_port_is_no_photon(tmp_path: Path, *, is_named: bool) -> None:
    wire = Wire().lease().gateway()
    if is_named:
        wire.ask("shop.example.com", client=OTHER, mac=OTHER_MAC)
        wire.reply("45.33.32.156", name="shop.example.com", client=OTHER, mac=OTHER_MAC)
    for _ in range(2):
        wire.name(CLOUD).connection().syn()
        spoken_first(wire, "45.33.32.156")
        wire.wait(5)
        wire.internet_test()
        wire.wait(3)
    [one] = diagnosed(wire, tmp_path)
    assert one.device.mac == DEVICE_MAC.hex(":")
    standing = [f.cause for f in one.findings if f.level in STANDING]
    assert standing[0] == "cloud_host_blocked"


def test_a_request_whose_nonce_was_not_captured_is_a_photons(tmp_path: Path) -> None:
    wire = Wire()
    talk = wire.connection(client=OTHER, mac=OTHER_MAC)
    talk.own_window, talk.own_mss = 64240, 1460
    talk.opened().theirs += 40
    talk.request().key().hello().welcome()
    [one] = diagnosed(wire, tmp_path)
    assert one.device.mac == OTHER_MAC.hex(":")


def test_beside_photons_one_with_the_prefix_alone_is_named(tmp_path: Path) -> None:
    wire = Wire().lease().gateway().name(CLOUD)
    wire.connection().session().ping()
    for _ in range(3):
        wire.arp(mac=bytes.fromhex("6c0b84000009"), ip="192.168.0.150", wants="192.168.0.1")
        wire.wait(5)
    wire.arp(mac=OTHER_MAC, ip=OTHER, wants=ROUTER)
    [one] = diagnosed(wire, tmp_path)
    assert (one.verdict, one.device.mac) == (Verdict.HEALTHY, DEVICE_MAC.hex(":"))
    assert [n for n in one.notes if "may be a Photon, too" in n and "6c:0b:84:00:00:09" in n]
