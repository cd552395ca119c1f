"""Crowds, hostile names, and open networks whose traffic is readable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netcheck.app.commands import main
from netcheck.capture import observe
from netcheck.capture.many import gather_file
from netcheck.capture.protocols.wifi_frames import MAX_ALL_JOIN_FRAMES, MAX_STATIONS
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Target
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.encrypted import RADIO, SNAP
from tests.helpers.first_cause import told
from tests.helpers.monitor import ASSOC, AUTH, RADIOTAP_LINK, WPA2, Monitor
from tests.helpers.places import CAPTURES
from tests.helpers.secret_doors import caught
from tests.helpers.wire import DEVICE_MAC, OTHER_MAC

STATIONS = 5_000
AUTHENTICATED, RETRY = bytes((0, 0, 2, 0, 0, 0)), 0x08
AP = bytes.fromhex("c04a003e71a0")


def crowded(monitor: Monitor, count: int = STATIONS) -> Monitor:
    """So many stations, each refused, answered by nobody or sent away."""
    for number in range(count):
        mac = b"\x3c\x22\xfb" + number.to_bytes(3, "big")
        monitor.asks(mac=mac).auth(mac=mac).authenticated(number % 40, mac=mac)
        monitor.deauth(number % 60, mac=mac).auth(mac=mac).encrypted(mac=mac, length=400)
        monitor.at -= 0.058
    return monitor


def test_a_crowd_is_bounded_and_never_blamed_on_the_device(tmp_path: Path) -> None:
    crowd = crowded(Monitor().beacon().joined()).beacon()
    path = crowd.save(tmp_path)
    target = Target(device=DEVICE_MAC.hex(":"))
    gathered = gather_file((path, "crowd.pcap", target))
    assert gathered.tables is not None
    wifi = gathered.tables.wifi
    assert len(wifi.stations) <= MAX_STATIONS
    assert sum(map(len, wifi.stations.values())) <= MAX_ALL_JOIN_FRAMES
    assert list(wifi.data) == [DEVICE_MAC.hex(":")]
    seen = observe([path], target).observations
    [coverage] = [o for o in seen if o.fact == "capture.coverage"]
    assert f"at most {MAX_STATIONS:,} stations" in coverage.text("cannot_show")
    assert f"{MAX_ALL_JOIN_FRAMES:,} frames" in coverage.text("cannot_show")
    own = [o for o in seen if o.subject == DEVICE_MAC.hex(":") and o.fact.startswith("wifi.")]
    assert own and all(o.ok for o in own)
    assert told(crowd, tmp_path) == "insufficient"


def test_the_devices_own_failure_shows_in_a_crowd(tmp_path: Path) -> None:
    failing = Monitor().beacon()
    for _ in range(2):
        failing.accepted().key(1).key(2).wait(1).key(1).key(2).deauth(15).wait(3)
        crowded(failing, STATIONS // 2)
    assert told(failing, tmp_path) == "fault wifi_wrong_password likely"


HOSTILE = {
    "escape": b"\x1b[2J\x1b[31mred",
    "html": b"<script>alert(1)</script>",
    "bidi": "net\u202egnp.exe".encode(),
    "newline": b"one\nHEALTHY: all is well",
    "invalid": b"\xff\xfe\xc3\x28",
    "literal": rb"\xff\xfe",
    "bar": b"a | b; c",
    "spaces": b" Lab  ",
    "nul": b"a\0b",
    "chinese": "\u5bb6\u91cc\u7684\u7f51\u7edc".encode(),
    "emoji": "\U0001f4f6 Wi-Fi \u2764\ufe0f".encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_appear_safely(name: str, tmp_path: Path) -> None:
    ssid = HOSTILE[name]
    element = bytes((0, len(ssid))) + ssid
    failing = Monitor(rsn=WPA2[:18] + b"\x08" + WPA2[19:]).beacon(element)
    for _ in range(3):
        failing.asks(element).answers(element).wait(4).beacon(element)
    path = failing.save(tmp_path)
    for more in (("--verbose",), ("--json", "--redact", "none")):
        with caught() as printed, pytest.raises(SystemExit) as ended:
            main(("pcap", path, *more))
        assert ended.value.code in (0, 1, 3)
        text = printed.getvalue().decode()
        assert all(char.isprintable() or char in "\n\u2764\ufe0f" for char in text)
        assert "\u202e" not in text
        assert "HEALTHY" not in [line[:7] for line in text.splitlines()]
        if "--json" in more:
            json.loads(text)
        elif name in ("chinese", "emoji"):
            assert ssid.decode() in text


@pytest.mark.parametrize("suffix", ["html", "md", "csv", "json"])
def test_hostile_names_do_nothing_in_a_report(suffix: str, tmp_path: Path) -> None:
    failing = Monitor(rsn=WPA2[:18] + b"\x08" + WPA2[19:])
    for ssid in HOSTILE.values():
        element = bytes((0, len(ssid))) + ssid
        for _ in range(3):
            failing.beacon(element).asks(element).answers(element).wait(4)
    report, case = tmp_path / f"report.{suffix}", tmp_path / "case.jsonl"
    words = ("--redact", "none", "--report", str(report), "--save", str(case))
    with caught(), pytest.raises(SystemExit):
        main(("pcap", failing.save(tmp_path), *words))
    for text in (report.read_text("utf-8"), case.read_text("utf-8")):
        assert all(char.isprintable() or char in "\n\r\t\u2764\ufe0f" for char in text)
        assert not any(line.startswith("HEALTHY: all") for line in text.splitlines())
    assert suffix != "html" or "<script>alert" not in report.read_text("utf-8")
    seen = [json.loads(line) for line in case.read_text("utf-8").splitlines()[1:]]
    names = {one.get("target", "") for one in seen}
    assert {f"ssid:{HOSTILE[name].decode()}" for name in ("chinese", "emoji")} <= names


def test_hostile_names_stay_different(tmp_path: Path) -> None:
    targets = set()
    for name, ssid in HOSTILE.items():
        element = bytes((0, len(ssid))) + ssid
        monitor = Monitor().beacon(element).asks(element).asks(element)
        seen = observe([monitor.save(tmp_path, f"{name}.pcap")], Target()).observations
        targets |= {o.target for o in seen if o.fact == "wifi.network"}
    assert len(targets) == len(HOSTILE)


def test_a_name_of_32_zero_bytes_is_hidden(tmp_path: Path) -> None:
    zeros = Monitor().beacon(b"\0\x20" + bytes(32)).asks().wait(3).asks().wait(3)
    seen = observe([zeros.save(tmp_path)], Target(device=DEVICE_MAC.hex(":"))).observations
    [network] = [o for o in seen if o.fact == "wifi.network"]
    assert network.target == "ssid:Lab" and not network.ok


# -- an open network


def in_the_open(name: str, station: bytes, folder: Path) -> str:
    """A capture from a wire as a monitor would have received it on an open network: the station's
    broadcasts twice, the second time from the access point.
    """
    frames: list[tuple[int, bytes]] = []
    for at_ns, frame in frames_of(CAPTURES / name):
        to, sender, rest = frame[:6], frame[6:12], SNAP + frame[12:]
        if sender == station:
            up = bytes((0x08, 1, 0, 0)) + AP + sender + to + b"\0\0"
            frames.append((at_ns, RADIO + up + rest))
            if to[0] & 1:
                down = bytes((0x08, 2, 0, 0)) + to + AP + sender + b"\0\0"
                frames.append((at_ns + 90_000_000, RADIO + down + rest))
        elif to == station or to[0] & 1:
            frames.append(
                (at_ns, RADIO + bytes((0x08, 2, 0, 0)) + to + AP + sender + b"\0\0" + rest)
            )
    opened = Monitor(rsn=b"", is_private=False).beacon().probed().accepted(mac=station).frames
    first = frames[0][0] - 2_000_000_000 - opened[0][0]
    join = [(at_ns + first, frame) for at_ns, frame in opened]
    path = folder / "open.pcap"
    every = sorted([*join, *frames], key=lambda one: one[0])
    path.write_bytes(pcap(every, magic=0xA1B23C4D, link=RADIOTAP_LINK))
    return str(path)


@pytest.mark.parametrize(
    ("name", "mac", "expected"),
    [
        ("healthy_boot.pcap", "e0:4f:43:88:fd:09", "healthy"),
        ("healthy_v231.pcap", "e0:4f:43:5f:23:e5", "healthy"),
        ("dns_nxdomain.pcap", "6c:0b:84:80:46:bb", "fault dns_name_blocked likely"),
    ],
)
def test_an_open_network_is_judged_by_what_can_be_read(
    name: str, mac: str, expected: str, tmp_path: Path
) -> None:

    path = in_the_open(name, bytes.fromhex(mac.replace(":", "")), tmp_path)
    target = Target(device=mac)
    seen = observe([path], target).observations
    [lease] = [o for o in seen if o.fact == "dhcp.lease" and o.subject == mac]
    assert lease.ok and lease.number("discovers") == 1
    one = diagnose(seen, target)[0]
    first = next((f for f in one.findings if f.level in STANDING), None)
    found = one.verdict.value + (f" {first.cause} {first.level.value}" if first else "")
    assert found == expected


def asked_in_vain(
    monitor: Monitor, *, acked: bool, mac: bytes = DEVICE_MAC, count: int = 3
) -> Monitor:
    """So many attempts, each an authentication sent three times and not answered."""
    for _ in range(count):
        for _ in range(3):
            monitor.auth(mac=mac)
            if acked:
                monitor.acked(mac)
            monitor.wait(0.3)
        monitor.wait(4).beacon()
    return monitor


@pytest.mark.parametrize(
    ("acked", "others", "expected"),
    [
        (True, "join", "fault mac_filter likely"),
        (True, "fail", "fault ap_full_or_hung likely"),
        (False, "join", "suspected weak_signal possible"),
    ],
)
def test_an_access_point_that_acknowledges_and_does_not_answer(
    acked: bool, others: str, expected: str, tmp_path: Path
) -> None:
    monitor = Monitor().beacon()
    if others == "join":
        monitor.joined(mac=OTHER_MAC)
    else:
        asked_in_vain(monitor, acked=acked, mac=OTHER_MAC)
    assert told(asked_in_vain(monitor, acked=acked), tmp_path) == expected


def test_an_answer_sent_again_and_again_was_not_heard(tmp_path: Path) -> None:
    monitor = Monitor().beacon()
    monitor.device_dbm = -88
    for _ in range(3):
        monitor.auth().acked()
        for again in range(4):
            monitor.management(AUTH, AUTHENTICATED, up=False, flags=RETRY * bool(again))
            monitor.at -= 0.008
        monitor.wait(5).beacon()
    assert told(monitor, tmp_path) == "fault weak_signal likely"


def test_a_question_sent_again_and_again_was_not_heard(tmp_path: Path) -> None:
    monitor = Monitor().beacon()
    monitor.device_dbm, monitor.access_point_dbm = -45, -86
    for _ in range(3):
        monitor.auth().authenticated().acked(DEVICE_MAC)
        for again in range(4):
            monitor.management(ASSOC, b"\x11\0\x0a\0", up=True, flags=RETRY * bool(again))
            monitor.at -= 0.008
        monitor.wait(5).beacon()
    assert told(monitor, tmp_path) == "fault weak_signal likely"


def test_who_is_refused_twice_and_then_let_in_is_online(tmp_path: Path) -> None:
    monitor = Monitor().beacon()
    for _ in range(2):
        monitor.auth().authenticated(17).wait(2)
    assert told(monitor.joined(), tmp_path) == "insufficient"
