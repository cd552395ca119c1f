"""What a station's attempts to join come to, and whether it can join what it asks for.

A row of frames: `KIND[~ALGORITHM][:CODE]` in order, a tenth of a second apart; `<` marks the access
point's, `+N` waits N seconds more before a frame.
"""

from __future__ import annotations

import re

import pytest

from netcheck.capture.protocols.wifi_frames import JoinFrame, SeenBss
from netcheck.capture.wifi.read import read_wifi
from netcheck.model import Observation
from netcheck.wifi.elements import CCMP, PSK, BssDescription, Suites

WPA2 = Suites(frozenset({PSK}), frozenset({CCMP}), False)
_FRAME = re.compile(r"(?:\+([\d.]+))?(<?)(\w+?)(?:~(\d))?(?::(\d+))?(?:@(\d+))?")


def bss(
    *, ssid: bytes = b"Lab", channel: int = 6, mhz: int | None = None, rsn: Suites | None = WPA2
) -> SeenBss:
    return SeenBss(0, "x", 90, "ap", BssDescription(ssid, channel, mhz, rsn is not None, rsn, None))


def frames(row: str) -> list[JoinFrame]:
    found, at_s = [], 0.0
    for number, word in enumerate(row.split(), 1):
        match = _FRAME.fullmatch(word)
        assert match, word
        wait, down, kind, algorithm, code, mhz = match.groups()
        at_s += 0.1 + float(wait or 0)
        ssid = b"Lab" if kind in ("probe", "assoc") else b""
        number_of = int(code or 0)
        found.append(
            JoinFrame(
                round(at_s * 10**9),
                "x",
                number,
                kind.removeprefix("other_"),
                "ap2" if kind.startswith("other_") else "ap",
                not down,
                number_of,
                ssid,
                int(mhz) if mhz else None,
                int(algorithm or 0),
            )
        )
    return found


def said(row: str, *networks: SeenBss, fact: str) -> list[Observation]:
    seen = read_wifi(networks, {"s": frames(row)}, frozenset({"s"}))
    return [o for o in seen if o.fact == fact]


CUT_OFF = "unclear cut_off"
JOINED = "auth <auth_response assoc <assoc_response"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (f"{JOINED} <key1 key2 <key3 key4", ["ok"]),
        (f"{JOINED} <key1 key2 <key3", ["ok"]),
        (f"{JOINED} <key1 key2 <key1 key2", ["failed wrong_password"]),
        (f"{JOINED} <key1 key2 <deauth:15", ["failed wrong_password"]),
        (f"{JOINED} <key1 key2 <deauth:3", ["unclear cut_off"]),
        (f"{JOINED} <key1 key2", ["unclear cut_off"]),
        (f"{JOINED} <key1 <key1", ["failed timeout"]),
        ("auth assoc key2 +0.9key2 +0.9key2", ["failed wrong_password"]),
        ("auth assoc key2 key2", ["unclear cut_off"]),
        ("<auth_response <assoc_response <key1 <key1 <deauth:15", ["failed wrong_password"]),
        ("<auth_response <assoc_response <key1 <key1 <deauth:3", ["failed timeout"]),
        (f"{JOINED} <key1 <key1 <deauth:15", ["failed unheard"]),
        (f"{JOINED} <key1", ["unclear cut_off"]),
        (JOINED, ["unclear cut_off"]),
        ("auth auth", ["failed timeout"]),
        ("auth", ["unclear cut_off"]),
        ("auth <auth_response:17", ["failed full"]),
        ("auth <auth_response:5", ["failed refused_unclear"]),
        ("auth <auth_response:82", ["failed steered"]),
        ("<auth_response:17", ["failed full"]),
        ("<assoc_response:17 <assoc_response:17", ["failed full"]),
        (f"{JOINED}:1 assoc <assoc_response <key1 key2 <key3", ["failed refused", "ok"]),
        (f"{JOINED} <deauth:5", ["failed full"]),
        (f"{JOINED} <deauth:3", ["unclear cut_off"]),
        (f"{JOINED} deauth:17", ["failed other_security"]),
        (f"{JOINED} <key1 key2 <key3 key4 +4.8<deauth:1", ["failed thrown_out"]),
        (f"{JOINED} <key1 key2 <key3 key4 +4.9<deauth:1", ["failed thrown_out"]),
        (f"{JOINED} <key1 key2 <key3 key4 +5<deauth:1", ["ok"]),
        (f"{JOINED} <key1 key2 <key3 key4 <deauth:3", ["ok"]),
        (f"{JOINED} <key1 key2 <key3 key4 deauth:1", ["ok"]),
        (f"{JOINED} <key1 key2 <key3 +4.8<key3 <deauth:15", ["failed unheard"]),
        ("auth <auth_response assoc assoc", ["failed timeout"]),
        ("auth <auth_response assoc", ["unclear cut_off"]),
        ("auth other_auth <deauth:7", ["unclear cut_off"] * 2),
        ("auth <auth_response auth <auth_response", ["unclear cut_off"] * 2),
        ("auth~3 <auth_response~3:76 auth~3 <auth_response~3", ["unclear cut_off"]),
        ("auth~3 <auth_response~3 auth_next~3 <auth_response~3:1", ["failed wrong_password"]),
        ("auth~3 auth_next~3 <auth_response~3:1 auth~3", ["failed wrong_password", CUT_OFF]),
        ("auth~1 <auth_response~1:14", ["failed wrong_wep_key"]),
        ("auth~0 <auth_response~0:14", ["failed refused_unclear"]),
        ("auth~1 <auth_response~1 auth_next~1 auth_next~1", ["failed wrong_wep_key"]),
        ("auth~1 <auth_response~1 auth_next~1", ["unclear cut_off"]),
        ("auth~1 <auth_response~1 auth_next~1 auth_next~1 <auth_response~1", ["unclear cut_off"]),
        ("auth <auth_response:34", ["failed weak"]),
        ("auth <auth_response:40", ["failed other_security"]),
        ("auth <auth_response:1", ["failed refused"]),
        ("auth <auth_response assoc <assoc_response:12", ["failed refused"]),
        ("auth <auth_response:1 auth <auth_response:1", ["failed refused"] * 2),
        ("auth auth +0.9auth", ["failed timeout"]),
        ("auth +0.95auth", ["unclear cut_off"] * 2),
        ("auth other_auth", ["unclear cut_off"] * 2),
        ("probe <probe_response auth", ["unclear cut_off"]),
        ("<deauth:3 auth", ["unclear cut_off"]),
        ("assoc <assoc_response <key1 key2 <key3", ["ok"]),
    ],
)
def test_the_attempts(row: str, says: list[str]) -> None:
    found = said(row, bss(), fact="wifi.join")
    assert [f"{o.outcome} {o.reason}".strip() for o in found] == says


def test_an_open_network_is_joined_without_keys() -> None:
    [one] = said(JOINED, bss(rsn=None), fact="wifi.join")
    assert one.ok
    [one] = said(JOINED, fact="wifi.join")
    assert not one.ok


def test_an_attempt_names_network_code_and_the_other_band() -> None:
    row = "auth <auth_response:17"
    [one] = said(row, bss(), bss(mhz=5180, channel=36), fact="wifi.join")
    told = {"bssid": "ap", "code": 17, "code_of": "status", "ssid": "Lab", "other_band": True}
    assert dict(one.data) == told
    assert (one.at, one.took_s, one.ref, one.target) == (0.1, 0.1, "x#1-2", "ap")
    [one] = said(row, bss(), bss(mhz=5180, ssid=b"Else"), fact="wifi.join")
    assert ("other_band", False) in one.data
    [one] = said("auth", fact="wifi.join")
    assert dict(one.data) == {"bssid": "ap"}


@pytest.mark.parametrize(
    ("row", "networks", "says"),
    [
        ("probe probe", [bss()], ["ok"]),
        ("probe probe", [], []),
        ("probe probe", [bss(ssid=b"Else")], ["failed not_on_air"]),
        ("probe", [bss(ssid=b"Else")], []),
        ("probe probe auth", [bss(ssid=b"Else")], []),
        ("probe probe", [bss(mhz=5180)], ["failed only_5ghz"]),
        ("probe probe", [bss(mhz=5180), bss(mhz=2437)], ["ok"]),
        ("probe", [bss(channel=12)], ["failed channel"]),
        ("probe", [bss(channel=14)], ["failed channel"]),
        ("probe", [bss(channel=11)], ["ok"]),
        ("probe@2467", [bss(channel=12)], ["ok"]),
        ("probe@2462", [bss(channel=12)], ["failed channel"]),
        ("probe", [bss(channel=12), bss(channel=1)], ["ok"]),
        ("probe auth", [bss(channel=12)], ["ok"]),
    ],
)
def test_can_it_join_what_it_asks_for(row: str, networks: list[SeenBss], says: list[str]) -> None:
    found = said(row, *networks, fact="wifi.network")
    assert [f"{o.outcome} {o.reason}".strip() for o in found] == says


def test_only_devices_are_asked_what_they_could_join() -> None:
    seen = list(read_wifi([bss()], {"s": frames("probe auth")}, frozenset()))
    assert [o.fact for o in seen] == ["wifi.join"]
    [one] = said("+1assoc", bss(), fact="wifi.network")
    assert (one.at, one.target, one.ref, one.data) == (1.1, "ssid:Lab", "x#90", (("channel", 6),))


KEPT = f"{JOINED} <key1 key2 <key3 key4"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (KEPT, []),
        (f"{KEPT} +4.8<deauth:7", []),
        (f"{KEPT} +9<deauth:7", ["state_lost 9.9"]),
        (f"{KEPT} +9<deauth:7 <deauth:1", ["state_lost 9.9"]),
        (f"{KEPT} +9<deauth:4", []),
        (f"{KEPT} +9<deauth:8 <deauth:7", []),
        (f"{KEPT} +9deauth:1", []),
        (f"{JOINED} +9<deauth:7", []),
        ("<deauth:7 +1<deauth:7", ["state_lost 0.1"]),
        ("<deauth:7 +4.9<deauth:7", ["state_lost 0.1"]),
        ("<deauth:7 +5<deauth:7", ["state_lost 0.1", "state_lost 5.2"]),
        ("<deauth:4 deauth:7", []),
        (f"<deauth:12 {KEPT} +9<deauth:5", ["steered 0.1", "full 10.0"]),
        (f"{KEPT} other_auth <deauth:7", []),
    ],
)
def test_when_the_access_point_does_not_keep_it(row: str, says: list[str]) -> None:
    found = said(row, bss(), fact="wifi.link")
    assert [f"{o.reason} {o.at:.1f}" for o in found] == says
    assert all(o.failed and o.target == "ap" for o in found)


def test_an_attempt_says_how_far_it_was_accepted() -> None:
    def reached(row: str, *networks: SeenBss) -> list[str]:
        return [o.text("reached") for o in said(row, *networks, fact="wifi.join")]

    assert reached("auth <auth_response", bss()) == [""]
    assert reached(f"{JOINED}:1", bss()) == [""]
    assert reached(JOINED, bss()) == ["associated"]
    assert reached("<key1", bss()) == ["associated"]
    assert reached(KEPT, bss()) == ["joined"]
    assert reached(JOINED, bss(rsn=None)) == ["joined"]
