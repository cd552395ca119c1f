"""Every pattern that a capture of a Photon can end in leads to the causes that
`docs/wire-patterns.md` names for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target, Verdict
from tests.helpers.wire import (
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    OTHER,
    OTHER_MAC,
    ROUTER,
    ROUTER_MAC,
    TRIP_S,
    Wire,
    random_bytes,
)

NO_OFFER = {"dhcp_no_server", "dhcp_pool_exhausted", "dhcp_refuses_device", "mac_filter"}
KEYS = {"device_key_mismatch", "server_key_wrong", "device_not_registered"}
DEVICE_ID = random_bytes(12, "id")


def ready(wire: Wire) -> Wire:
    """A device with address, gateway and name."""
    return wire.lease().wait(1).gateway().name(CLOUD)


def again(wire: Wire, attempt: Callable[[Wire], None], times: int = 3) -> None:
    """A lease, then the same attempt over and over."""
    wire.lease().wait(1).gateway()
    for _ in range(times):
        wire.name(CLOUD)
        attempt(wire)
        wire.wait(1)


def row_4(wire: Wire) -> None:
    for _ in range(2):
        for gap in (2, 4, 8, 6):
            wire.dhcp(1)
            wire.wait(gap)


def row_5(wire: Wire) -> None:
    for _ in range(3):
        wire.dhcp(1)
        wire.dhcp(2, yiaddr=DEVICE, options=b"")
        for gap in (2, 4, 14):
            wire.dhcp(3)
            wire.wait(gap)


def row_6(wire: Wire) -> None:
    for _ in range(4):
        wire.dhcp(1)
        wire.dhcp(2, yiaddr=DEVICE, options=b"")
        wire.dhcp(3)
        wire.dhcp(6, options=b"")
        wire.wait(1)


def row_7(wire: Wire) -> None:
    wire.lease().wait(1)
    for _ in range(8):
        wire.gateway(is_there=False).wait(1)


def row_7_other_server(wire: Wire) -> None:
    wire.lease(server="192.168.5.2").wait(1)
    for _ in range(8):
        wire.gateway(is_there=False).wait(1)


def row_8(wire: Wire) -> None:
    wire.lease(dns="").wait(1).gateway()
    for _ in range(2):
        wire.names_unanswered().internet_test().wait(1)


def row_9(wire: Wire) -> None:
    wire.lease().wait(1).gateway()
    for _ in range(2):
        wire.names_unanswered().internet_test().wait(1)


def row_9_all_dead(wire: Wire) -> None:
    wire.lease().wait(1).gateway()
    for _ in range(2):
        wire.names_unanswered().internet_test(works=False).wait(1)


def denied(rcode: int) -> Callable[[Wire], None]:
    def row_10(wire: Wire) -> None:
        wire.lease().wait(1).gateway()
        for _ in range(3):
            wire.name(rcode=rcode).wait(5).internet_test().wait(1)

    return row_10


def row_11(wire: Wire) -> None:
    wire.lease().wait(1).gateway()
    for _ in range(3):
        wire.name(ROUTER)
        talk = wire.connection(ROUTER)
        talk.syn()
        talk.reset(ttl=64)
        wire.wait(0.1).internet_test().wait(1)


def row_12(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection()
        talk.syn()
        wire.wait(3)
        talk.syn(again=True)
        wire.wait(2).internet_test()

    again(wire, attempt)


def row_12_all_dead(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        wire.connection().syn()
        wire.wait(5).internet_test(works=False)

    again(wire, attempt)


def row_13_near(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        wire.connection().syn().reset(ttl=64)
        wire.wait(0.1).internet_test()

    again(wire, attempt)


def row_13_far(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().syn()
        wire.wait(TRIP_S)
        talk.reset()
        wire.internet_test()

    again(wire, attempt)


def row_14(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().syn()
        wire.icmp(talk, code=13)
        wire.wait(3)
        talk.syn(again=True)
        wire.icmp(talk, code=13)
        wire.wait(2).internet_test()

    again(wire, attempt)


def row_15(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened()
        wire.wait(20.25)
        talk.device_closes()

    again(wire, attempt, 2)


def row_16(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        wire.connection().opened().reset(ttl=64)

    again(wire, attempt)


def row_17(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce(39)
        wire.wait(20.25)
        talk.device_closes()

    again(wire, attempt, 2)


def row_18(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened()
        wire.wait(TRIP_S)
        talk.down(b"HTTP/1.1 400 Bad Request\r\nServer: gateway\r\nConnection: close\r\n\r\n").up()
        talk.request()
        wire.wait(20.25)
        talk.device_closes()

    again(wire, attempt, 2)


def row_19(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce()
        wire.wait(0.25)
        talk.device_closes()

    again(wire, attempt)


def row_20(wire: Wire) -> None:
    ready(wire).connection().opened().nonce()
    wire.wait(60).gateway()


def row_21(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce()
        payload = b"\x10" + random_bytes(255)
        talk.up(payload)
        for gap in (2.5, 5, 10):
            wire.wait(gap)
            talk.again(payload)
        wire.wait(2.8)
        talk.device_closes()

    again(wire, attempt, 2)


def row_22(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce().request()
        wire.wait(20.25)
        talk.device_closes()

    again(wire, attempt, 2)


def row_23(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce().request().cloud_closes()
        wire.wait(0.25)
        talk.device_closes()

    again(wire, attempt)


def row_24(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce().request().key()
        wire.wait(0.45)
        talk.device_closes()

    again(wire, attempt)


def row_26(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce().request().key(200)
        wire.wait(20.25)
        talk.device_closes()

    again(wire, attempt, 2)


def row_27(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().opened().nonce().request().key().hello()
        wire.wait(4.25)
        talk.device_closes()

    again(wire, attempt)


def row_28(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        wire.connection().opened().nonce().request().key().hello().welcome().cloud_closes().device_closes()

    again(wire, attempt)


def row_29(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().session().ping(is_answered=False)
        wire.wait(10)
        talk.device_closes()

    again(wire, attempt)


def row_29_irregular(wire: Wire) -> None:
    wire.lease().wait(1).gateway()
    for answered in (3, 0, 5):
        wire.name(CLOUD)
        talk = wire.connection().session()
        for _ in range(answered):
            talk.ping()
        talk.ping(is_answered=False)
        wire.wait(10)
        talk.device_closes()
        wire.wait(40)


def row_30(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        wire.connection().session().ping(is_answered=False).reset(ttl=64)

    again(wire, attempt)


def row_31(wire: Wire) -> None:
    def attempt(wire: Wire) -> None:
        talk = wire.connection().session()
        wire.wait(25)
        talk.device_closes()

    again(wire, attempt)


def row_32(wire: Wire) -> None:
    for _ in range(5):
        ready(wire).connection().session()
        wire.wait(4)


def row_33(wire: Wire) -> None:
    """The Wi-Fi is joined anew after each failed round: still a blocked port."""
    for _ in range(3):
        ready(wire)
        wire.connection().syn()
        wire.wait(5).internet_test().wait(3)


def row_35(wire: Wire) -> None:
    talk = ready(wire).connection().session()
    wire.announce(DEVICE_ID)
    talk.ping().ping().ping()


ROWS: dict[str, tuple[Callable[[Wire], None], set[str], set[str]]] = {
    # name: (script, one of these is first, these stand too)
    "4": (row_4, NO_OFFER, NO_OFFER - {"mac_filter"}),
    "5": (row_5, {"dhcp_refuses_device", "dhcp_rogue_server"}, set()),
    "6": (row_6, {"dhcp_refuses_device"}, set()),
    "7": (row_7, {"gateway_unreachable"}, set()),
    "7 another server": (row_7_other_server, {"gateway_unreachable"}, {"dhcp_options_wrong"}),
    "8": (row_8, {"dhcp_options_wrong", "dns_unreachable"}, {"dhcp_options_wrong"}),
    "9": (row_9, {"dns_unreachable"}, set()),
    "9 all dead": (row_9_all_dead, {"internet_down"}, set()),
    "10 nxdomain": (denied(3), {"dns_name_blocked"}, set()),
    "10 refused": (denied(5), {"dns_name_blocked"}, set()),
    "10 empty": (denied(0), {"dns_name_blocked"}, set()),
    "10 servfail": (denied(2), {"dns_unreachable"}, {"dns_name_blocked"}),
    "11": (row_11, {"dns_hijacked"}, {"captive_portal"}),
    "12": (row_12, {"cloud_port_blocked"}, {"cloud_host_blocked", "cloud_unreachable"}),
    "12 all dead": (row_12_all_dead, {"internet_down"}, set()),
    "13 near": (row_13_near, {"cloud_port_blocked"}, set()),
    "13 far": (row_13_far, {"cloud_unreachable"}, {"cloud_port_blocked"}),
    "14": (row_14, {"cloud_port_blocked"}, {"cloud_host_blocked"}),
    "15": (
        row_15,
        {"transparent_proxy", "cloud_unresponsive"},
        {"transparent_proxy", "cloud_unresponsive"},
    ),
    "16": (row_16, {"dpi_interference"}, set()),
    "17": (row_17, {"transparent_proxy"}, {"cloud_unresponsive"}),
    "18": (row_18, {"transparent_proxy"}, {"dns_hijacked", "captive_portal"}),
    "19": (row_19, {"server_key_wrong"}, set()),
    "21": (row_21, {"dpi_interference"}, set()),
    "22": (row_22, {"cloud_unresponsive"}, {"dpi_interference", "mtu_blackhole"}),
    "23": (row_23, {"device_key_mismatch"}, KEYS),
    "24": (row_24, {"device_key_mismatch"}, set()),
    "26": (row_26, {"dpi_interference"}, {"cloud_unresponsive"}),
    "27": (row_27, {"cloud_unresponsive"}, set()),
    "28": (row_28, {"cloud_rejects_session"}, {"duplicate_device_id"}),
    "29": (row_29, {"nat_idle_timeout"}, set()),
    "29 irregular": (row_29_irregular, {"session_unstable"}, set()),
    "30": (row_30, {"nat_idle_timeout"}, set()),
    "31": (row_31, {"app_blocks_system"}, set()),
    "32": (row_32, {"app_crashes", "power_insufficient"}, {"app_crashes", "power_insufficient"}),
    "33": (row_33, {"cloud_port_blocked"}, set()),
}


def diagnosis(script: Callable[[Wire], None], folder: Path) -> Diagnosis:
    wire = Wire()
    script(wire)
    [only] = diagnose(observe([wire.save(folder)], Target()).observations, Target())
    return only


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str, tmp_path: Path) -> None:
    script, first, beside = ROWS[name]
    result = diagnosis(script, tmp_path)
    standing = [f.cause for f in result.findings if f.level in STANDING]
    assert standing, f"{result.headline} {[(f.cause, f.level) for f in result.findings]}"
    assert standing[0] in first
    assert beside <= set(standing)
    assert result.verdict is Verdict.FAULT
    assert result.unexplained == ()


def test_row_20_is_a_stated_ambiguity(tmp_path: Path) -> None:
    result = diagnosis(row_20, tmp_path)
    assert result.verdict is Verdict.SUSPECTED
    assert not [f for f in result.findings if f.level in ("confirmed", "likely")]


def test_row_35_is_healthy_and_names_the_device(tmp_path: Path) -> None:
    result = diagnosis(row_35, tmp_path)
    assert result.verdict is Verdict.HEALTHY
    assert result.device.id == DEVICE_ID.hex()
    assert result.device.mac == DEVICE_MAC.hex(":")


def test_another_clients_new_lease_shows_that_one_device_is_refused(tmp_path: Path) -> None:
    def script(wire: Wire) -> None:
        row_4(wire)
        wire.dhcp(1, mac=OTHER_MAC, options=b"\x37\x01\x01")
        wire.dhcp(2, mac=OTHER_MAC, yiaddr=OTHER, options=b"")
        wire.dhcp(3, mac=OTHER_MAC, options=b"\x37\x01\x01")
        wire.dhcp(5, mac=OTHER_MAC, yiaddr=OTHER, options=b"\x03\x04\xc0\xa8\x05\x01")
        row_4(wire)

    result = diagnosis(script, tmp_path)
    assert result.findings[0].cause == "dhcp_refuses_device"
    levels = {f.cause: f.level for f in result.findings}
    assert levels["dhcp_no_server"] == "ruled_out"
    assert ROUTER_MAC.hex(":") != result.device.mac


def test_a_private_cloud_on_another_port(tmp_path: Path) -> None:
    wire = Wire()
    wire.lease().wait(1).gateway()
    wire.ask("cloud.lab.example")
    wire.reply("10.1.2.3", name="cloud.lab.example")
    wire.connection("10.1.2.3", 8443).session().ping().ping()
    name = wire.save(tmp_path)
    target = Target(cloud_host="cloud.lab.example", cloud_port=8443)
    [result] = diagnose(observe([name], target).observations, target)
    assert result.verdict is Verdict.HEALTHY
    [usual] = diagnose(observe([name], Target()).observations, Target())
    assert usual.verdict is Verdict.INSUFFICIENT
