"""Refused, or accepted and sent away: every status and reason code of IEEE 802.11-2020 (tables 9-50
and 9-49) as a whole capture, and what comes first in the answer.

A row is `CODES | VERDICT CAUSE`; without a cause nothing is accused. The rows were written from the
standard's meanings, not from the tables of the program.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target
from tests.helpers.monitor import PMF_REQUIRED, SAE, SHARED, WPA2, Monitor
from tests.helpers.wire import DEVICE_MAC, OTHER_MAC

pytestmark = pytest.mark.slow


STATUS = """
0 76 77 85 121 126 127        | insufficient
1 12 37                       | fault mac_filter
2 3 5 6 7 14 32 38 39         | suspected mac_filter
47 48 49 50 56 57 58 59       | suspected mac_filter
60 61 62 63 64 65 67 68       | suspected mac_filter
73 74 75 78 79 80 81 83 84    | suspected mac_filter
86 87 88 89 92 94 95 96 97 98 | suspected mac_filter
100 101 102 105 106 107 108   | suspected mac_filter
109 110 111 112 113 116 117   | suspected mac_filter
118 120 122 125               | suspected mac_filter
4 8 9 36 66 69 70 71 90 91    | suspected mac_filter
114 115 128 200 999 65535     | suspected mac_filter
10 18 19 20 21 25 26 27 29    | fault phy_mode_unsupported
35 51 104 119 124             | fault phy_mode_unsupported
22 23 24 103                  | suspected phy_mode_unsupported
11                            | suspected
13 40 41 42 43 44 45 46 72    | fault security_mode_mismatch
28 52 53 54 55                | suspected security_mode_mismatch
15 123                        | fault wifi_wrong_password
16                            | suspected weak_signal
34                            | fault weak_signal
17 33 93                      | fault ap_full_or_hung
30                            | fault ap_full_or_hung
31                            | fault pmf_required
82 99                         | fault band_steering
"""
"""Association refused, twice, by an access point whose beacons offer WPA2."""

AFTER_ASSOCIATION = """
3 4 8 36                      | insufficient
1 2 14 25 26 27 28 30 31 32   | suspected band_steering
35 37 38 46 47 52 53 54 55 56 | suspected band_steering
57 58 59 60 61 62 63 64 65 66 | suspected band_steering
0 40 67 68 72 999             | suspected band_steering
5 33                          | fault ap_full_or_hung
6 7 9                         | suspected
10 11                         | suspected phy_mode_unsupported
12                            | fault band_steering
13 17 18 19 20 21 22 24 29 45 | fault security_mode_mismatch
15 16 39                      | suspected weak_signal
23                            | fault wpa_enterprise_failed
34 71                         | fault weak_signal
48 49 50 51                   | suspected security_mode_mismatch
"""
"""Sent away as soon as it was associated, twice, with no key exchanged."""

LATER = """
3 4 8 36                      | insufficient
1 2 6 7 9 10 11 13 14 17 18   | fault session_unstable
19 20 21 22 23 24 25 26 27 28 | fault session_unstable
29 30 31 32 35 37 38 45 46 47 | fault session_unstable
48 49 50 51 52 53 54 55 56 57 | fault session_unstable
58 59 60 61 62 63 64 65 66    | fault session_unstable
0 40 67 68 72 999             | fault session_unstable
5 33                          | suspected ap_full_or_hung
12                            | fault band_steering
16                            | fault session_unstable
15 34 39 71                   | suspected weak_signal
"""
"""Sent away a minute after it had joined, twice."""

ONCE_LATER = """
3 4 8 36                      | insufficient
1 2 6 7 9 10 11 12 13 14      | suspected
17 18 19 20 21 22 23 24 47 66 | suspected
5 33                          | suspected ap_full_or_hung
15 16 34 39 71                | suspected weak_signal
"""
"""The same, but once."""


def rows(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for line in text.strip().splitlines():
        codes, _, expected = line.partition("|")
        found += [(int(code), expected.strip()) for code in codes.split()]
    return found


def tries(one: Callable[[Monitor], object], count: int = 2, *, rsn: bytes = WPA2) -> Monitor:
    """A capture with so many attempts, three seconds apart."""
    monitor = Monitor(rsn=rsn).beacon()
    for _ in range(count):
        one(monitor.probed())
        monitor.wait(3)
    return monitor


def diagnosed(monitor: Monitor, folder: Path) -> Diagnosis:
    target = Target(device=DEVICE_MAC.hex(":"))
    [one] = diagnose(observe([monitor.save(folder)], target).observations, target)
    return one


def told(monitor: Monitor, folder: Path) -> str:
    """Verdict and the first cause that stands."""
    one = diagnosed(monitor, folder)
    first = next((f.cause for f in one.findings if f.level in STANDING), "")
    return f"{one.verdict.value} {first}".strip()


@pytest.mark.parametrize(("code", "expected"), rows(STATUS))
def test_a_status_code(code: int, expected: str, tmp_path: Path) -> None:
    refused = tries(lambda m: m.auth().authenticated().assoc().associated(code))
    assert told(refused, tmp_path) == expected


def test_every_status_and_reason_code_has_a_row() -> None:
    for table, codes in (
        (STATUS, range(128)),
        (AFTER_ASSOCIATION, range(40)),
        (AFTER_ASSOCIATION, range(45, 67)),
        (LATER, range(40)),
        (LATER, range(45, 67)),
    ):
        assert {*codes} <= {code for code, _ in rows(table)}
        assert len(rows(table)) == len(dict(rows(table)))


@pytest.mark.parametrize(("code", "expected"), rows(AFTER_ASSOCIATION))
def test_a_reason_code_of_an_access_point_that_had_accepted_it(
    code: int, expected: str, tmp_path: Path
) -> None:
    assert told(tries(lambda m: m.accepted().deauth(code)), tmp_path) == expected


@pytest.mark.parametrize(("code", "expected"), rows(LATER))
def test_a_reason_code_of_an_access_point_that_it_had_joined(
    code: int, expected: str, tmp_path: Path
) -> None:
    assert told(tries(lambda m: m.joined().wait(60).deauth(code)), tmp_path) == expected


@pytest.mark.parametrize(("code", "expected"), rows(ONCE_LATER))
def test_to_be_sent_away_once_accuses_nobody_of_more_than_it_says(
    code: int, expected: str, tmp_path: Path
) -> None:
    assert told(tries(lambda m: m.joined().wait(60).deauth(code), 1), tmp_path) == expected


WEP = b""
"""No RSN element, and the privacy bit set."""
CHALLENGE = b"\x10\x80" + bytes(range(128))


def challenged(monitor: Monitor) -> Monitor:
    """The first half of a WEP log-in with a shared key."""
    return monitor.auth(algorithm=SHARED).authenticated(algorithm=SHARED, more=CHALLENGE)


@pytest.mark.parametrize("status", [14, 15])
@pytest.mark.parametrize("count", [1, 3])
def test_a_wrong_wep_key(status: int, count: int, tmp_path: Path) -> None:
    wrong = tries(
        lambda m: (
            challenged(m).challenge_answered().authenticated(status, algorithm=SHARED, sequence=4)
        ),
        count,
        rsn=WEP,
    )
    assert told(wrong, tmp_path) == "fault wifi_wrong_password"
    causes = [f.cause for f in diagnosed(wrong, tmp_path).findings if f.level in STANDING]
    assert causes == ["wifi_wrong_password", "wep_network"]


def test_a_wrong_wep_key_that_the_access_point_drops_without_a_word(tmp_path: Path) -> None:
    silent = tries(
        lambda m: challenged(m).challenge_answered().wait(0.2).challenge_answered(), rsn=WEP
    )
    assert told(silent, tmp_path) == "fault wifi_wrong_password"
    again_at_once = tries(
        lambda m: challenged(m).challenge_answered().challenge_answered(), rsn=WEP
    )
    assert told(again_at_once, tmp_path) == "fault wep_network"


def test_a_network_that_requires_protected_management_frames(tmp_path: Path) -> None:
    refused = tries(lambda m: m.auth().authenticated().assoc().associated(31), 1, rsn=PMF_REQUIRED)
    assert told(refused, tmp_path) == "fault pmf_required"
    assert told(tries(lambda _: None, 3, rsn=PMF_REQUIRED), tmp_path) == "fault pmf_required"


def test_put_off_once_is_no_fault(tmp_path: Path) -> None:
    once = tries(lambda m: m.auth().authenticated().assoc().associated(30), 1)
    assert told(once, tmp_path) == "suspected ap_full_or_hung"
    assert told(once.joined(), tmp_path) == "insufficient"


@pytest.mark.parametrize("status", [1, 12, 17, 30, 31, 37, 53, 82, 92, 200])
def test_an_accepted_try_refutes_a_refusal(status: int, tmp_path: Path) -> None:
    capture = tries(lambda m: m.auth().authenticated(status))
    before = told(capture, tmp_path)
    assert before != "insufficient"
    assert "mac_filter" not in told(capture.joined(), tmp_path)


def test_a_filter_is_refuted_by_an_association_before_too(tmp_path: Path) -> None:
    capture = Monitor().beacon().joined().wait(60)
    for _ in range(3):
        capture.auth().authenticated(1).wait(3)
    assert "mac_filter" not in told(capture, tmp_path)
    wrong = Monitor().beacon().accepted().key(1).key(2).wait(1).key(1).key(2).wait(9)
    assert "mac_filter" not in told(wrong.auth().authenticated(1), tmp_path)


def test_a_refusal_whose_question_was_not_received(tmp_path: Path) -> None:
    refused = tries(lambda m: m.authenticated(1))
    assert told(refused, tmp_path) == "fault mac_filter"
    assert told(tries(lambda m: m.associated(43)), tmp_path) == "fault security_mode_mismatch"
    assert told(tries(lambda m: m.associated(200)), tmp_path) == "suspected mac_filter"


def test_a_station_that_was_connected_before_the_capture(tmp_path: Path) -> None:
    once = Monitor().beacon().deauth(7).wait(0.1).deauth(7).wait(0.1).disassoc(7)
    assert told(once, tmp_path) == "suspected"
    again = Monitor().beacon().deauth(7).wait(60).deauth(7).wait(60)
    assert told(again, tmp_path) == "fault session_unstable"
    assert told(Monitor().beacon().deauth(3).wait(60).deauth(4), tmp_path) == "insufficient"
    rejoined = Monitor().beacon().deauth(7).wait(0.1).joined()
    assert told(rejoined, tmp_path) == "insufficient"


def test_a_station_that_leaves_blames_nobody(tmp_path: Path) -> None:
    left = Monitor().beacon()
    for reason in (1, 3, 8, 15):
        left.joined().wait(60).deauth(reason, up=True).wait(3)
    assert told(left, tmp_path) == "insufficient"
    differs = tries(lambda m: m.accepted().key(1).deauth(17, up=True))
    assert told(differs, tmp_path) == "fault security_mode_mismatch"


def test_the_third_message_proves_the_password(tmp_path: Path) -> None:
    lost = tries(lambda m: m.accepted().key(1).key(2).key(3).wait(1).key(3).deauth(15))
    assert told(lost, tmp_path) == "suspected weak_signal"


def test_another_station_in_sae_with_a_wrong_password(tmp_path: Path) -> None:
    def confirmed(m: Monitor) -> Monitor:
        m.auth(algorithm=SAE).authenticated(126, algorithm=SAE, sequence=1)
        return m.auth(algorithm=SAE, sequence=2).authenticated(15, algorithm=SAE)

    assert told(tries(confirmed), tmp_path) == "fault wifi_wrong_password"


def test_the_neighbours_refusals_say_nothing_of_the_device(tmp_path: Path) -> None:
    capture = tries(lambda m: m.auth(mac=OTHER_MAC).authenticated(17, mac=OTHER_MAC))
    for reason in (5, 7, 12):
        capture.deauth(reason, mac=OTHER_MAC).wait(3)
    assert told(capture.joined(), tmp_path) == "insufficient"
