"""What a device says of itself over USB, judged: alone, and beside captures, this computer's probes
and what the user tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from netcheck.probes.device_here import device_here

from netcheck.app import commands
from netcheck.correlator import diagnose
from netcheck.device.usb import reading
from netcheck.device.usb.boards import UsbDevice
from netcheck.model import Diagnosis, Observation, Target, Verdict
from netcheck.probing.testing import FakeNet
from tests.doubles.serial_photon import ID, MAC, Console
from tests.helpers.notation import DEV, case
from tests.helpers.places import CAPTURES
from tests.helpers.usb_desk import AT, DFU, PHOTON, SECOND, Desk

KEY_FAULTS = {"device_key_mismatch", "server_key_wrong", "device_not_registered"}
NO_WAY_OUT = {"dns_unreachable", "dns_name_blocked", "internet_down", "cloud_port_blocked"}


def of_device(desk: Desk, more: list[Observation] | None = None) -> Diagnosis:
    (diagnosis,) = diagnose([*desk.seen(), *(more or [])], Target())
    return diagnosis


def remembering(**told: object) -> Desk:
    return Desk(
        console=Console(diagnostics={name.replace("_", ":"): value for name, value in told.items()})
    )


def live(text: str) -> list[Observation]:
    return case(text, source="probe:test/1")


@pytest.mark.parametrize(
    ("told", "verdict", "first"),
    [
        ({"net_err": 1062}, Verdict.FAULT, {"wifi_wrong_password"}),
        ({"net_err": 1058}, Verdict.FAULT, {"wifi_wrong_password"}),
        ({"net_err": 1024}, Verdict.FAULT, {"ssid_not_found"}),
        ({"net_err": 1003}, Verdict.FAULT, {"weak_signal"}),
        ({"net_err": 1044}, Verdict.FAULT, {"security_mode_mismatch"}),
        ({"net_err": 1045}, Verdict.FAULT, {"wep_network"}),
        ({"net_err": 1051}, Verdict.FAULT, {"module_damaged"}),
        (
            {"net_err": 1006},
            Verdict.SUSPECTED,
            {"wifi_wrong_password", "mac_filter", "ap_full_or_hung"},
        ),
        ({"net_err": 1061}, Verdict.SUSPECTED, {"wifi_wrong_password", "security_mode_mismatch"}),
        ({"net_err": 0, "net_connatt": 0}, Verdict.SUSPECTED, {"credentials_missing"}),
        (
            {"net_err": 0, "net_connatt": 3, "cloud_connatt": 0},
            Verdict.SUSPECTED,
            {"app_does_not_connect"},
        ),
        (
            {"net_err": 0, "cloud_connatt": 9, "cloud_err": 0, "cloud_dconn": 0},
            Verdict.SUSPECTED,
            NO_WAY_OUT,
        ),
        (
            {"net_err": 0, "cloud_connatt": 9, "cloud_err": 6},
            Verdict.FAULT,
            {"device_key_mismatch"},
        ),
        ({"net_err": 0, "cloud_connatt": 9, "cloud_err": 7}, Verdict.FAULT, {"server_key_wrong"}),
        (
            {"net_err": 0, "cloud_connatt": 9, "cloud_err": 8},
            Verdict.FAULT,
            {"handshake_signature_invalid"},
        ),
        (
            {"net_err": 0, "cloud_connatt": 9, "cloud_err": 25},
            Verdict.FAULT,
            {"transparent_proxy", "cloud_unresponsive"},
        ),
        ({"net_err": 0, "cloud_connatt": 9, "cloud_err": 26}, Verdict.FAULT, KEY_FAULTS),
        ({"net_err": 0, "cloud_connatt": 9, "cloud_err": -240}, Verdict.SUSPECTED, KEY_FAULTS),
    ],
)
def test_what_a_device_remembers_names_a_cause(
    told: dict[str, object], verdict: Verdict, first: set[str]
) -> None:
    diagnosis = of_device(remembering(**told))
    assert diagnosis.best is not None
    assert (diagnosis.verdict, diagnosis.best.cause in first) == (verdict, True)


def test_an_unmet_dependency_is_proof() -> None:
    diagnosis = of_device(Desk(console=Console("1.0.1", user_needs=1512)))
    assert diagnosis.best is not None
    assert (diagnosis.verdict, diagnosis.best.cause, diagnosis.best.level) == (
        "fault",
        "module_dependency_unmet",
        "confirmed",
    )


def test_the_doctor_program_is_a_fault_and_a_listening_device_without_one_is_none() -> None:
    doctor = of_device(Desk(console=Console(state="logs", says=("Entering listen mode\r\n",))))
    assert doctor.best is not None
    assert (doctor.verdict, doctor.best.cause) == ("fault", "doctor_app_left_behind")
    plain = of_device(Desk())
    assert (plain.verdict, plain.best) == (Verdict.INSUFFICIENT, None)
    assert plain.headline.startswith("The Photon answered over USB")


@pytest.mark.parametrize(
    ("desk", "says"),
    [
        (Desk([]), "No Photon shows up on USB"),
        (Desk(refusals={"/dev/ttyACM0": "busy"}), "in use by another program"),
        (Desk(refusals={"/dev/ttyACM0": "denied"}), "you may not open it"),
        (Desk(refusals={"/dev/ttyACM0": "absent"}), "vanished"),
        (Desk([DFU]), "DFU mode"),
        (
            Desk([UsbDevice(vendor=0x2B04, product=0xC006, serial=ID, place="1-1")]),
            "no serial port",
        ),
        (Desk(console=Console(state="silent")), "sends nothing"),
        (Desk(console=Console(state="logs")), "writes its log"),
        (Desk(console=Console(state="logs", says=("hello\r\n",))), "runs a program that writes"),
        (Desk(console=Console(state="unplugged")), "vanished from USB in the middle"),
    ],
)
def test_every_end_is_one_clear_sentence_first(desk: Desk, says: str) -> None:
    diagnosis = of_device(desk)
    assert diagnosis.verdict is Verdict.INSUFFICIENT
    assert says in diagnosis.headline
    assert diagnosis.headline.endswith((".", ")."))
    assert diagnosis.headline.count("\n") == 0


@pytest.mark.parametrize(
    ("desk", "cause"),
    [
        (Desk([]), "usb_cable_or_port"),
        (Desk(refusals={"/dev/ttyACM0": "busy"}), "serial_port_busy"),
        (Desk(refusals={"/dev/ttyACM0": "denied"}), "usb_driver_missing"),
    ],
)
def test_what_keeps_this_computer_from_reading_stops_no_device(desk: Desk, cause: str) -> None:
    diagnosis = of_device(desk)
    assert [
        (f.cause, f.stops_connection)
        for f in diagnosis.findings
        if f.level in ("confirmed", "likely")
    ] == [(cause, False)]


# --------------------------------------------------------------------------- beside other witnesses

SEEN_ONLINE = f"""
dev device.identity ok @0 mac={MAC} id={ID} rank=6
dev dhcp.lease ok @1
dev dns.cloud_name ok @2
dev tcp.cloud ok @3
dev handshake.nonce ok @4
dev handshake.key ok @5
dev handshake.welcome ok @6
dev session.open ok @7
dev session.keepalive ok @30
"""


def test_a_session_that_was_seen_outweighs_an_old_error() -> None:
    diagnosis = of_device(
        remembering(net_err=1062, net_connatt=9), case(SEEN_ONLINE.replace("dev ", f"{MAC} "))
    )
    assert diagnosis.verdict is Verdict.HEALTHY
    assert "wifi_wrong_password" not in {
        f.cause for f in diagnosis.findings if f.level in ("confirmed", "likely", "possible")
    }
    assert any("remembers an earlier failure" in note for note in diagnosis.notes)


def test_device_and_capture_agree() -> None:
    closed = f"""
dev device.identity ok @0 mac={MAC} id={ID} rank=6
dev dhcp.lease ok @1
dev tcp.cloud ok @3
dev handshake.nonce ok @4
dev handshake.request ok @4.5
dev handshake.key failed closed @5
"""
    diagnosis = of_device(
        remembering(net_err=0, cloud_connatt=9, cloud_err=26),
        case(closed.replace("dev ", f"{MAC} ")),
    )
    assert diagnosis.best is not None
    assert (diagnosis.verdict, diagnosis.best.cause in KEY_FAULTS) == (Verdict.FAULT, True)
    assert {o.source for e in diagnosis.best.support for o in e.seen} == {
        "capture:test.pcap",
        "device:serial",
    }


def test_a_device_that_shows_only_its_name_leaves_this_computer_s_probes_their_word() -> None:
    blocked = live(
        "ctl dns.cloud_name ok @1 \n ctl tcp.cloud failed timeout @2 \n ctl internet.reach ok @2"
    )
    diagnosis = of_device(Desk(console=Console(state="silent")), blocked)
    assert (diagnosis.device.id, diagnosis.verdict) == (ID, Verdict.FAULT)
    assert diagnosis.best is not None
    assert diagnosis.best.cause == "cloud_port_blocked"
    assert any("sends nothing" in note for note in diagnosis.notes)


def test_the_laptop_reaches_the_cloud_and_the_device_does_not_join() -> None:
    fine = live("ctl dns.cloud_name ok @1 \n ctl tcp.cloud ok @2 \n ctl handshake.nonce ok @3")
    diagnosis = of_device(remembering(net_err=1062), fine)
    assert diagnosis.best is not None
    assert (diagnosis.verdict, diagnosis.best.cause) == (Verdict.FAULT, "wifi_wrong_password")


def test_what_the_user_tells_is_of_the_device_that_is_plugged_in() -> None:
    told = case("nameless told.hotspot ok @5 value=works", source="user")
    assert of_device(Desk(), told).device.id == ID


def test_the_board_that_spoke_is_meant_among_several_unless_it_may_be_any_of_them() -> None:
    two = case(
        f"dev device.identity ok @0 mac={DEV} rank=5 \n ctl device.identity ok @0"
        " mac=00:11:22:33:44:55 rank=5"
    )
    assert [d.device.id for d in diagnose([*Desk().seen(), *two], Target())] == [ID]
    silent = Desk(console=Console(state="silent"))
    assert len(diagnose([*silent.seen(), *two], Target())) == 3


# ------------------------------------------------------------------ USB, capture and LAN in one run


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, Any]]:
    """`netcheck` on a computer with one device plugged in, and with one probe, on a network that is
    a table.
    """
    from netcheck.live import engine
    from netcheck.live.net import system

    def run(
        desk: Desk, neighbours: tuple[tuple[str, str], ...], *arguments: str
    ) -> dict[str, object]:
        monkeypatch.setattr(reading, "this_computer", desk.host)
        monkeypatch.setattr(engine, "find", lambda problems=None: [device_here])
        monkeypatch.setattr(system, "SystemNet", lambda *_: FakeNet(known=neighbours))
        with pytest.raises(SystemExit):
            commands.main([*arguments, "--json"])
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    return run


@pytest.mark.parametrize(
    ("mac", "verdict"),
    [("6c:0b:84:68:ec:bc", "healthy"), ("b8:27:eb:55:66:77", "fault")],
    ids=["the good board", "the bad board"],
)
def test_one_id_on_usb_ties_capture_lan_and_serial(
    run: Callable[..., dict[str, Any]], mac: str, verdict: str
) -> None:
    """Of two Photons in a capture the one on USB is meant; nobody typed its name."""
    desk = Desk(console=Console(mac=mac))
    answer = run(
        desk,
        (("172.20.8.199", mac), ("172.20.8.7", "00:11:22:33:44:55")),
        "--pcap",
        str(CAPTURES / "two_devices_one_bad_key.pcap"),
    )
    (diagnosis,) = answer["diagnoses"]
    device = diagnosis["device"]
    assert (device["id"], device["mac"], diagnosis["verdict"]) == (ID, mac, verdict)
    names = [
        o
        for o in answer["observations"]
        if o["fact"] == "device.identity" and o["subject"] in (ID, mac)
    ]
    assert {o["source"].partition(":")[0] for o in names} == {"device", "capture", "probe"}


def test_several_on_usb_are_named_and_the_network_is_checked_all_the_same(
    run: Callable[..., dict[str, Any]],
) -> None:
    answer = run(Desk([PHOTON, SECOND]), ())
    (said,) = answer["unread"]
    assert "Several devices are plugged in" in said
    assert any(o["source"].startswith("probe:") for o in answer["observations"])


def test_times_of_one_reading_are_one() -> None:
    assert {o.at for o in Desk().seen()} == {AT}
