"""A device that never tries to join: what its questions, the answers and the beacons show; and
beside each fault a capture that looks like it and accuses nobody.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.first_cause import diagnosed, told
from tests.helpers.monitor import PMF_REQUIRED, SSID, WPA2, Monitor
from tests.helpers.wire import OTHER_MAC

TKIP = bytes.fromhex("30140100000fac020100000fac020100000fac020000")
SAE = bytes.fromhex("30140100000fac040100000fac040100000fac08c000")
SHA256 = bytes.fromhex("30140100000fac040100000fac040100000fac060000")
WILDCARD = b"\0\0"
ELSE, SPELT_ELSE, HIDDEN = b"\0\4Else", b"\0\4lab ", b"\0\0"
AP5, NEXT_DOOR = bytes.fromhex("0200000000bb"), bytes.fromhex("0200000000cc")


def scans(
    monitor: Monitor, count: int = 3, *, answered: bool = True, ssid: bytes = SSID
) -> Monitor:
    """So many scans, five seconds apart, with beacons between."""
    for _ in range(count):
        monitor.asks(ssid).asks(ssid)
        if answered:
            monitor.answers().answers()
        monitor.wait(2.5).beacon().wait(2.5)
    return monitor.beacon()


OPEN = {"rsn": b"", "is_private": False}


@pytest.mark.parametrize(
    ("rsn", "is_private", "expected"),
    [
        (b"", False, "fault security_mode_mismatch likely"),
        (TKIP, True, "fault security_mode_mismatch likely"),
        (WPA2, True, "suspected security_mode_mismatch possible"),
        (SHA256, True, "fault security_mode_mismatch likely"),
        (SAE, True, "fault wpa3_only likely"),
        (PMF_REQUIRED, True, "fault pmf_required likely"),
        (b"", True, "fault wep_network likely"),
    ],
)
def test_security_that_the_beacon_shows_and_the_device_never_tries(
    rsn: bytes, is_private: bool, expected: str, tmp_path: Path
) -> None:
    assert told(scans(Monitor(rsn=rsn, is_private=is_private).beacon()), tmp_path) == expected


def test_a_device_that_joins_after_its_scans_is_not_accused(tmp_path: Path) -> None:
    for monitor in (Monitor(), Monitor(rsn=TKIP)):
        assert told(scans(monitor.beacon()).joined(), tmp_path) == "insufficient"
    opened = scans(Monitor(rsn=b"", is_private=False).beacon()).accepted()
    assert told(opened, tmp_path) == "insufficient"


def test_one_scan_or_a_capture_that_ends_with_it_accuses_nobody(tmp_path: Path) -> None:
    once = Monitor(rsn=b"", is_private=False).beacon().asks().answers().wait(9).beacon()
    assert told(once, tmp_path) == "insufficient"
    cut = Monitor(rsn=b"", is_private=False).beacon().asks().answers().wait(3).asks().answers()
    assert told(cut, tmp_path) == "insufficient"
    again = Monitor(rsn=b"", is_private=False).beacon()
    for _ in range(3):
        again.wait(3).asks().answers()
    assert told(again, tmp_path) == "fault security_mode_mismatch likely"


@pytest.mark.parametrize(
    ("rsn", "status", "expected"),
    [
        (SAE, 43, "fault wpa3_only likely"),
        (PMF_REQUIRED, 31, "fault pmf_required likely"),
        (SHA256, 43, "fault security_mode_mismatch likely"),
        (WPA2, 43, "fault security_mode_mismatch likely"),
    ],
)
def test_what_the_beacon_shows_explains_every_refusal(
    rsn: bytes, status: int, expected: str, tmp_path: Path
) -> None:
    for rounds in (1, 3, 7):
        by_name = Monitor(rsn=rsn).beacon()
        for _ in range(rounds):
            by_name.asks().answers().auth().authenticated().assoc(rsn=WPA2).associated(status)
            by_name.wait(4).beacon()
        assert told(by_name, tmp_path) == expected


def test_what_the_beacon_shows_explains_a_refusal_before_the_first_scan(tmp_path: Path) -> None:
    refused = Monitor(rsn=SAE).beacon().auth().authenticated().assoc(rsn=WPA2).associated(43)
    refused.wait(4).asks().answers().auth().authenticated().wait(4)
    refused.asks().answers().auth().authenticated().assoc(rsn=WPA2).associated(43)
    assert told(refused, tmp_path) == "fault wpa3_only likely"


def test_wpa2_asked_of_an_open_network_by_name(tmp_path: Path) -> None:
    by_name = Monitor(rsn=b"", is_private=False).beacon()
    for _ in range(3):
        by_name.asks().answers().auth().authenticated().assoc(rsn=WPA2).associated().wait(2.5)
        by_name.deauth(3, up=True).wait(1)
    assert told(by_name, tmp_path) == "fault security_mode_mismatch likely"
    plain = Monitor(rsn=b"", is_private=False).beacon()
    for _ in range(3):
        plain.asks().answers().accepted().wait(2.5).deauth(3, up=True).wait(1)
    assert told(plain, tmp_path) == "insufficient"


# -- no answer


def answering_others(monitor: Monitor) -> Monitor:
    for _ in range(3):
        monitor.asks().asks().wait(1).asks(mac=OTHER_MAC).answers(mac=OTHER_MAC)
        monitor.wait(4).beacon()
    return monitor


def test_others_are_answered_and_the_device_is_not(tmp_path: Path) -> None:
    assert told(answering_others(Monitor().beacon()), tmp_path) == "suspected mac_filter possible"
    near = Monitor()
    near.device_dbm = -58
    assert told(answering_others(near.beacon()), tmp_path) == "fault mac_filter likely"
    far = Monitor()
    far.device_dbm = -88
    assert told(answering_others(far.beacon()), tmp_path) == "fault weak_signal likely"
    both_far = Monitor()
    both_far.device_dbm, both_far.access_point_dbm = -88, -84
    said = told(answering_others(both_far.beacon()), tmp_path)
    assert said == "suspected weak_signal possible"


def test_others_are_answered_where_the_name_is_on_another_band_too(tmp_path: Path) -> None:
    both = Monitor().beacon().on(5180).beacon(bssid=AP5, channel=36).on(2437)
    assert told(answering_others(both), tmp_path) == "fault band_steering likely"
    silent = Monitor().beacon().on(5180).beacon(bssid=AP5, channel=36).on(2437)
    assert told(scans(silent, answered=False), tmp_path) == "suspected band_steering possible"


def test_nobody_is_answered(tmp_path: Path) -> None:
    silent = scans(Monitor().beacon(), answered=False)
    assert told(silent, tmp_path) == "suspected weak_signal possible"
    unacknowledged = Monitor().beacon()
    for _ in range(3):
        unacknowledged.asks().answers()
        for _ in range(4):
            unacknowledged.answers(flags=0x08)
        unacknowledged.wait(4).beacon()
    assert told(unacknowledged, tmp_path) == "suspected weak_signal possible"


def test_authentications_without_answer_of_a_device_far_away(tmp_path: Path) -> None:
    far = Monitor()
    far.device_dbm = -86
    for _ in range(3):
        far.beacon().auth().wait(0.1).auth().wait(0.1).auth().wait(4)
    assert told(far, tmp_path) == "fault weak_signal likely"
    near = Monitor()
    near.device_dbm = -60
    near.beacon().auth().wait(0.1).auth().wait(0.1).auth().wait(4)
    assert told(near, tmp_path) == "suspected weak_signal possible"


def test_questions_for_every_network_count_where_the_name_is_shown(tmp_path: Path) -> None:
    def asked_twice(own: Monitor, ssid: bytes) -> Monitor:
        for _ in range(2):
            own.asks().asks(WILDCARD).wait(2).beacon(ssid).wait(2)
        return own.beacon(ssid)

    shown = asked_twice(Monitor().beacon(), SSID)
    assert told(shown, tmp_path) == "suspected weak_signal possible"
    hidden = asked_twice(Monitor().answers(mac=OTHER_MAC).beacon(HIDDEN), HIDDEN)
    assert told(hidden, tmp_path) == "insufficient"
    by_name = Monitor().beacon().asks().wait(2).beacon().asks().wait(2).beacon()
    assert told(by_name, tmp_path) == "insufficient"


def test_some_answers_lost_accuse_nobody(tmp_path: Path) -> None:
    one_lost = Monitor().beacon().asks().wait(3).asks().answers().wait(0.1).joined()
    assert told(one_lost, tmp_path) == "insufficient"
    gone_before = Monitor().beacon().wait(60)
    for _ in range(3):
        gone_before.asks().wait(3)
    assert told(gone_before, tmp_path) == "insufficient"


# -- names


def test_a_hidden_name_that_is_never_asked_for(tmp_path: Path) -> None:
    hidden = Monitor().beacon(HIDDEN).beacon(ELSE, bssid=NEXT_DOOR)
    scans(hidden, answered=False, ssid=HIDDEN)
    hidden.frames = [f for f in hidden.frames if SSID not in f[1]]
    assert told(hidden, tmp_path) == "insufficient ssid_not_found possible"


def test_a_hidden_network_that_its_user_names_and_it_never_asks_for(tmp_path: Path) -> None:
    hidden = Monitor().beacon(HIDDEN).asks(mac=OTHER_MAC).answers(mac=OTHER_MAC)
    scans(hidden, answered=False, ssid=HIDDEN)
    hidden.frames = [f for f in hidden.frames if SSID not in f[1] or f[1][16:22] == OTHER_MAC]
    assert told(hidden, tmp_path, ssid="Lab") == "fault ssid_not_found likely"


def test_a_hidden_neighbour_of_a_device_that_joins_is_nothing(tmp_path: Path) -> None:
    other = Monitor().beacon(HIDDEN, bssid=NEXT_DOOR).beacon()
    for _ in range(3):
        other.asks(HIDDEN).answers().wait(4)
    assert told(other.joined(), tmp_path) == "insufficient"
    by_name = Monitor().beacon(HIDDEN).asks().answers().wait(3).asks().answers().joined()
    assert told(by_name, tmp_path) == "insufficient"


def test_a_name_that_is_nearly_there(tmp_path: Path) -> None:
    nearly = Monitor().beacon(SPELT_ELSE)
    for _ in range(3):
        nearly.asks().wait(4).beacon(SPELT_ELSE)
    assert told(nearly, tmp_path) == "fault ssid_not_found likely"
    [found] = [
        o for f in diagnosed(nearly, tmp_path).findings[:1] for e in f.support[:1] for o in e.seen
    ]
    assert found.text("similar") == r"lab\x20"


def test_a_name_that_is_missing_on_one_channel_may_be_on_another(tmp_path: Path) -> None:
    one = Monitor().beacon(ELSE)
    for _ in range(3):
        one.asks().wait(4).beacon(ELSE)
    assert told(one, tmp_path) == "suspected ssid_not_found possible"
    hopping = Monitor()
    for mhz in (2412, 2437, 2462):
        hopping.on(mhz).beacon(ELSE, channel=(mhz - 2407) // 5).asks().wait(3).asks().wait(3)
    assert told(hopping, tmp_path) == "fault ssid_not_found likely"


# -- the user names the network


@pytest.mark.parametrize(
    ("rsn", "mhz", "expected"),
    [
        (SAE, 2437, "fault wpa3_only likely"),
        (PMF_REQUIRED, 2437, "fault pmf_required likely"),
        (WPA2, 5180, "insufficient"),
        (WPA2, 2437, "insufficient"),
    ],
)
def test_beacons_alone_where_the_wanted_network_is_known(
    rsn: bytes, mhz: int, expected: str, tmp_path: Path
) -> None:
    beacons = Monitor(rsn=rsn, mhz=mhz).beacon().beacon().wait(9).beacon()
    assert told(beacons, tmp_path, ssid="Lab") == expected
    assert told(beacons, tmp_path, ssid="Else") == "insufficient"
    assert told(beacons, tmp_path) == "insufficient"
    wildcard = Monitor(rsn=rsn, mhz=mhz).beacon().asks(HIDDEN).wait(3).asks(HIDDEN).beacon()
    assert told(wildcard, tmp_path, ssid="Lab") == expected


def test_a_network_on_5_ghz_alone_where_the_monitor_listened_on_all_of_2_4(tmp_path: Path) -> None:
    hopping = Monitor(mhz=5180).beacon(bssid=AP5, channel=36)
    for mhz in (2412, 2437, 2462):
        hopping.on(mhz).beacon(ELSE, bssid=NEXT_DOOR, channel=(mhz - 2407) // 5)
    assert told(hopping, tmp_path, ssid="Lab") == "fault band_5ghz_only likely"
    asking = Monitor(mhz=5180).beacon(bssid=AP5, channel=36).on(2437).asks().wait(5).asks()
    assert told(asking, tmp_path) == "fault band_5ghz_only likely"


def test_another_devices_failures_are_not_the_photons(tmp_path: Path) -> None:
    others = Monitor(rsn=b"", is_private=False).beacon()
    for _ in range(3):
        others.asks(mac=OTHER_MAC).answers(mac=OTHER_MAC).wait(3).beacon()
        others.auth(mac=OTHER_MAC).authenticated(1, mac=OTHER_MAC).wait(3)
        others.auth(mac=OTHER_MAC).wait(0.2).auth(mac=OTHER_MAC).wait(3)
    assert told(others, tmp_path) == "insufficient"
    assert told(others.accepted(), tmp_path) == "insufficient"


@pytest.mark.parametrize(("channel", "cause"), [(11, "channel_not_allowed"), (12, "mac_filter")])
def test_a_question_says_on_which_channel_it_was_sent(
    channel: int, cause: str, tmp_path: Path
) -> None:
    """A strong one is received on the channels beside it."""
    monitor = Monitor(mhz=2467).beacon(channel=12).joined(mac=OTHER_MAC)
    for _ in range(4):
        monitor.asks(SSID + bytes((3, 1, channel))).asks(SSID + bytes((3, 1, channel)))
        monitor.wait(5).beacon(channel=12)
    assert told(monitor, tmp_path).split()[1:2] == [cause]
