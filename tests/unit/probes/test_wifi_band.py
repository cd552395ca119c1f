"""What a scan shows of the Photon's network, situation by situation, and which cause that comes to:
alone, and beside a light that does not get past blinking green.
"""

from __future__ import annotations

import pytest
from netcheck.probes.wifi_band import wifi_band
from netcheck.probes.wifi_scan import wifi_scan

from netcheck.correlator.diagnosis import diagnose
from netcheck.live import observe
from netcheck.model import STANDING, Observation, Target
from netcheck.probing import Kind
from netcheck.probing.testing import FakeNet
from netcheck.text import known_observations
from netcheck.user import led
from tests.helpers.scans import scan

FINE, FAINT = "06 2437 ch6 psk ccmp b g n -50", "06 2437 ch6 psk ccmp b g n -88"
FIVE = "05 5180 ch36 psk ccmp g n ac -50"
NAME, SIX = "HomeNet", "06 2437 ch6"

SITUATIONS = f"""
usual | {FINE} | ok |
joined | {FINE} joined | ok |
first of 1 to 11 | 06 2412 ch1 psk ccmp b g n -50 | ok |
5 GHz alone | {FIVE} | failed only_5ghz | band_5ghz_only
5 GHz, joined | {FIVE} joined | failed only_5ghz | band_5ghz_only
6 GHz alone | 05 5975 ch5 sae ccmp mfpr g -50 | failed only_5ghz | band_5ghz_only
others on 2.4 | {FIVE} ; {FINE} name=Other | failed only_5ghz | band_5ghz_only
both bands | {FIVE} ; {FINE} | ok / two_bands | band_steering?
hidden | {FINE} beacon-hidden | ok / hidden | ssid_not_found?
channel 13 | 06 2472 ch13 psk ccmp b g n -50 | ok / channel | channel_not_allowed?
channel 14 | 06 2484 ch14 psk ccmp b -50 | ok / channel | channel_not_allowed?
channel 11 | 06 2462 ch11 psk ccmp b g n -50 | ok |
WPA3 alone | {SIX} sae ccmp mfpr b g n -50 | failed sae_only | wpa3_only
WPA3 transition | {SIX} psk sae ccmp mfpc b g n -50 | ok / sae_only | security_mode_mismatch?
802.11w required | {SIX} psk ccmp mfpr b g n -50 | failed pmf_required | pmf_required
802.11w possible | {SIX} psk ccmp mfpc b g n -50 | ok |
SHA-256 alone | {SIX} psk-sha256 ccmp b g n -50 | failed other_security | security_mode_mismatch
enterprise | {SIX} eap ccmp b g n -50 | failed enterprise | wpa_enterprise_failed
WEP | {SIX} wep b g -50 | failed wep | wep_network
open | {SIX} open b g n -50 | ok |
enhanced open | {SIX} owe ccmp mfpr b g n -50 | failed other_security | security_mode_mismatch
WPA1 | {SIX} wpa wpa-ccmp b g -50 | ok |
TKIP alone | {SIX} psk tkip b g n -50 | ok / other_security | security_mode_mismatch?
GCMP alone | {SIX} psk gcmp b g n -50 | failed other_security | security_mode_mismatch
40 MHz | {SIX} psk ccmp b g n 40 -50 | ok / unsupported_mode | phy_mode_unsupported?
802.11n alone | {SIX} psk ccmp need-n g n -50 | ok / unsupported_mode | phy_mode_unsupported?
802.11ax alone | {SIX} psk ccmp need-ax g n ax -50 | failed unsupported_mode | phy_mode_unsupported
802.11ax as well | {SIX} psk ccmp b g n ax -50 | ok |
mixed security | {FINE} ; 07 2462 ch11 sae b g -60 | ok / mixed_security | security_mode_mismatch?
two of one kind | {FINE} ; 07 2462 ch11 psk ccmp b g n -60 | ok |
weak | {FAINT} | ok / weak | weak_signal?
weak, one near | {FINE} ; {FAINT} | ok |
busy channel | {FINE} load=0.9 | ok / crowded |
quiet channel | {FINE} load=0.1 | ok |
absent | {FINE} name=Other | unclear not_on_air | ssid_not_found
other capitals | {FINE} name=homenet | failed not_on_air | ssid_not_found
trailing space | {FINE} name=HomeNet_ | failed not_on_air | ssid_not_found
5 GHz fine, 2.4 no | {FIVE} ; {SIX} sae mfpr b g n -50 | failed sae_only / two_bands | wpa3_only
a list by a tool | {FINE} words | ok |
unknown security | {FINE} words unknown | unclear needs |
"""
ROWS = [[part.strip() for part in row.split("|")] for row in SITUATIONS.strip().splitlines()]


def observed(net: FakeNet, target: Target) -> list[Observation]:
    return list(observe(target, net, [wifi_scan, wifi_band]))


def seen(lines: str, name: str = NAME, firmware: str = "") -> list[Observation]:
    net = FakeNet(scans=[scan(lines.replace(" ; ", "\n"))])
    return observed(net, Target(ssid=name, firmware=firmware))


def facts(observations: list[Observation]) -> str:
    """As in the table: the network, and what is odd about it."""
    (network,) = [o for o in observations if o.fact == "wifi.network"]
    odd = [o.reason for o in observations if o.fact == "wifi.offer" and o.text("says")]
    return " / ".join([f"{network.outcome} {network.reason}".strip(), *odd])


def first_cause(observations: list[Observation], light: str = "") -> str:
    told = led.observations(led.read(light), Target(), 1000.0) if light else []
    (diagnosis,) = diagnose([*observations, *told], Target())
    return next((one.cause for one in diagnosis.findings if one.level in STANDING), "")


@pytest.mark.parametrize(("title", "lines", "expected", "cause"), ROWS, ids=[r[0] for r in ROWS])
def test_what_a_scan_shows(title: str, lines: str, expected: str, cause: str) -> None:
    observations = seen(lines)

    assert facts(observations) == expected
    # With `?`: what is odd about a network makes no fault by itself.
    assert first_cause(observations) == ("" if cause.endswith("?") else cause)
    usual = "wifi_wrong_password"  # what a light that stops there most often means
    assert first_cause(observations, "blinking green") == (cause.removesuffix("?") or usual)


@pytest.mark.parametrize(
    ("firmware", "expected"),
    [
        ("0.6.3", "ok"),
        ("0.7.0", "failed unsupported_mode"),
        ("1.0.1", "failed unsupported_mode"),
        ("1.1.0", "ok"),
        ("", "ok / unsupported_mode"),
    ],
)
def test_the_device_os_decides_on_802_11n_alone(firmware: str, expected: str) -> None:
    lines = "06 2437 ch6 psk ccmp need-n g n -50"

    assert facts(seen(lines, firmware=firmware)) == expected


@pytest.mark.parametrize(
    ("firmware", "expected"), [("0.6.3", "failed enterprise"), ("1.5.2", "failed enterprise")]
)
def test_enterprise_keeps_out_who_has_a_pass_phrase(firmware: str, expected: str) -> None:
    assert facts(seen("06 2437 ch6 eap ccmp b g n -50", firmware=firmware)) == expected


def test_ten_others_crowd_a_channel_and_nine_do_not() -> None:
    others = [f"{n:02x} 2442 ch7 psk ccmp b g n -60 name=N{n}" for n in range(16, 26)]

    assert facts(seen("\n".join([FINE, *others]))) == "ok / crowded"
    assert facts(seen("\n".join([FINE, *others[:9]]))) == "ok"


def test_a_busy_channel_explains_a_session_that_falls_back_and_no_join() -> None:
    light = "breathing cyan, then blinking green"
    busy, quiet = (
        signs_of("radio_interference", seen(f"{FINE} load={n}"), light) for n in (0.9, 0)
    )

    assert (busy, quiet) == (2, 1)
    assert first_cause(seen(f"{FINE} load=0.9"), "blinking green") == "wifi_wrong_password"


def signs_of(cause: str, observations: list[Observation], light: str) -> int:
    """How many weak signs speak for it."""
    told = led.observations(led.read(light), Target(), 1000.0)
    (diagnosis,) = diagnose([*observations, *told], Target())
    (found,) = [one for one in diagnosis.findings if one.cause == cause]
    return len(found.support)


def test_a_name_that_set_up_apps_change() -> None:
    observations = seen(f'{FINE} name=Bob"s', name='Bob"s')

    assert facts(observations) == "ok / odd_name"
    assert first_cause(observations, "blinking green") == "ssid_special_characters"
    assert first_cause(observations) == ""


def test_the_network_of_this_computer_where_none_is_named() -> None:
    observations = seen(f"{FIVE} joined", name="")

    assert facts(observations) == "failed only_5ghz"
    assert {o.target for o in observations if o.fact == "wifi.network"} == {f"ssid:{NAME}"}


def test_no_name_at_all_is_not_asked() -> None:
    observations = seen(FINE, name="")

    (network,) = [o for o in observations if o.fact == "wifi.network"]
    assert (network.outcome, network.reason) == ("skipped", "not_asked")
    assert "--tell ssid=" in network.text("says")


def test_what_one_scan_misses_the_second_finds() -> None:
    net = FakeNet(scans=[scan(FIVE), scan(f"{FIVE}\n{FINE}")])

    observations = observed(net, Target(ssid=NAME))

    assert facts(observations) == "ok / two_bands"
    assert net.asked.count(("scan", NAME)) == 3  # the last of them is the second one made


def test_a_network_that_is_found_is_not_scanned_for_again() -> None:
    net = FakeNet(scans=[scan(FINE)])

    observations = observed(net, Target(ssid=NAME))

    sent = {o.target: o.number(Kind.WIFI_SCAN) for o in observations if o.fact == "probe.run"}
    assert sent == {"wifi_scan": 1, "wifi_band": 1}
    assert net.asked == [("scan", NAME)] * 2


@pytest.mark.parametrize(
    ("lines", "expected", "cause"),
    [
        (FIVE, "unclear only_5ghz", "band_5ghz_only"),
        (f"{FIVE}\n{FINE} name=Other", "failed only_5ghz", "band_5ghz_only"),
        (FINE, "ok", ""),
        (f"{FINE} name=homenet", "failed not_on_air", "ssid_not_found"),
    ],
)
def test_a_list_that_the_system_had_kept(lines: str, expected: str, cause: str) -> None:
    observations = observed(FakeNet(scans=[scan(lines, is_fresh=False)]), Target(ssid=NAME))

    assert facts(observations) == expected
    assert first_cause(observations) == cause


def test_names_that_the_system_withholds_are_no_hidden_names() -> None:
    withheld = scan("06 2437 ch6 zeros withheld -50", reason="withheld", says="allow the location")

    observations = observed(FakeNet(scans=[withheld]), Target(ssid=NAME))

    assert facts(observations) == "unclear withheld"
    assert first_cause(observations) == ""


def test_a_computer_that_hears_it_does_not_know_what_the_device_has_stored() -> None:
    observations = seen(FINE)

    (diagnosis,) = diagnose(
        [*observations, *led.observations(led.read("blinking green"), Target(), 1000.0)], Target()
    )

    assert "ssid_not_found" in {one.cause for one in diagnosis.findings if one.level in STANDING}
    assert "wifi_wrong_password" in {
        one.cause for one in diagnosis.findings if one.level in STANDING
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_was_seen_is_kept_whole_in_a_case_file(row: list[str]) -> None:
    for one in seen(row[1]):
        assert known_observations.checked(one) == (one, ())
