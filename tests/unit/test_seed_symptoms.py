"""Two long support threads: every symptom told in them leads to the causes that explain it, and each story ends with the advice that helped."""

from __future__ import annotations

import pytest
from test_told_causes import judged, standing

from netcheck.model import STANDING

JOIN = "wifi_wrong_password security_mode_mismatch ssid_not_found weak_signal band_5ghz_only antenna_wrong module_damaged mac_filter"
LEASE = "dhcp_no_server dhcp_pool_exhausted dhcp_refuses_device"
PROGRAM = "app_does_not_connect doctor_app_left_behind app_blocks_system app_crashes module_dependency_unmet"

# What was said | the light | answers | first, where it is unambiguous | standing | not standing
SYMPTOMS = f"""
"cannot enter safe mode", jumps from magenta to white to green | magenta, then white, then blinking green | safe_mode=not_entered | | {JOIN} {LEASE} | app_crashes
port 5683 advised, router firewall LOW | blinking cyan | router_text=firewall is LOW; laptop_same_wifi=works | cloud_port_blocked | cloud_port_blocked | internet_down
last step of app, Web IDE and device add fail | blinking cyan | setup_step=last step, verifying product ownership; online_in_console=no | | cloud_port_blocked device_key_mismatch not_claimed |
the same network worked two months before, at green | blinking green | worked_before=yes; changed=nothing | | dhcp_refuses_device |
the same network worked two months before, at cyan | blinking cyan | worked_before=yes; changed=nothing | | cloud_port_blocked device_key_mismatch cloud_unreachable cloud_unresponsive |
reserved addresses removed, no change | fast green | router_text=reserved addresses removed from the list | | dhcp_pool_exhausted dhcp_refuses_device |
No nearby photons detected while blue | blinking blue | setup_error=No nearby photons detected | | host_wifi_scan_unavailable softap_unreachable module_damaged |
Cannot open DFU device, both boards | blinking yellow | cli_error=Cannot open DFU device 2b04:d006; other_photons=fail | usb_driver_missing | usb_driver_missing | usb_cable_or_port
SETUP ineffective on one board | | setup_error=the setup button is ineffective | app_blocks_system | app_blocks_system |
invalid_token | | cli_error=listDevices got error: invalid_token | cli_token_expired | cli_token_expired | claimed_by_other
MANUAL apps exchange data by Wi-Fi | breathing green | program=manual; router_shows_lease=yes | app_does_not_connect | app_does_not_connect | wifi_wrong_password
MANUAL apps exchange data, in safe mode cyan | blinking cyan | program=manual; router_shows_lease=yes | | cloud_port_blocked server_key_wrong server_address_wrong device_key_mismatch | wifi_wrong_password
never cyan, WPA2 detected, other boards fine, on 0.6.0 | blinking green, never cyan | other_photons=work; entered_by=cli; security=wpa2; firmware=0.6.0 | | wifi_wrong_password stale_credentials antenna_wrong module_damaged mac_filter dhcp_refuses_device | static_ip_leftover wpa3_only dhcp_no_server
0.5.3 to 0.6.0 no help, Tinker no help | blinking green | tried=update; tried=reflash | | {JOIN} | {PROGRAM} firmware_too_old firmware_bug
stuck at rapid cyan, sometimes one red blink | rapid blinking cyan, sometimes one red blink | | device_key_mismatch | device_key_mismatch server_key_wrong settings_corrupt | cloud_port_blocked
the app sometimes completes, the LED never breathes | rapid cyan, never breathing cyan | setup_step=sometimes it completes | device_key_mismatch | device_key_mismatch |
while loops, setup dead, green, cyan, breathing green | green, then cyan, then breathing green | program=blocks; setup_error=the setup button does nothing; safe_mode=not_entered | app_blocks_system | app_blocks_system mode_procedure_wrong | wifi_wrong_password
from a red/blue light to yellow | blinks red/blue, then yellow | safe_mode=not_entered | mode_procedure_wrong | mode_procedure_wrong |
stuck at Verifying product ownership, LED green | blinking green | setup_step=Verifying product ownership; entered_by=phone_app | | {JOIN} {LEASE} static_ip_leftover |
naming works, LED ends blue | green, then blinking blue | entered_by=phone_app; setup_step=naming the device works | wifi_wrong_password | wifi_wrong_password security_mode_mismatch ssid_not_found |
no access points listed | | cli_error=no networks found; entered_by=cli | host_wifi_scan_unavailable | host_wifi_scan_unavailable |
logout and login no help | blinking green | setup_error=particle logout and login changed nothing | | {JOIN} | cli_token_expired
antenna and static IP tried, restored by the doctor | blinking green | antenna=internal; static_ip=was_set_once | | antenna_wrong static_ip_leftover |
safe mode connects, after reboot white | breathing white | safe_mode=connects; setup_tool=particle device doctor; program=automatic; cli_error=no networks found | doctor_app_left_behind | doctor_app_left_behind host_wifi_scan_unavailable | wifi_wrong_password
Tinker cures two of four | breathing white | helped=reflash | | app_does_not_connect doctor_app_left_behind | wifi_wrong_password
the other two blink green, no APs, change-owner question | blinking green | cli_error=no networks found; setup_error=asks to change owner; static_ip=was_set_once; tried=reflash | | module_damaged antenna_wrong static_ip_leftover claimed_by_other | app_does_not_connect
magic-number program without effect | blinking green | tried=clear_credentials; tried=reflash; static_ip=no; antenna=internal; other_photons=work | module_damaged | module_damaged | antenna_wrong static_ip_leftover stale_credentials
one cannot be reached even in listening mode | blinking blue | setup_error=No nearby Photons detected; tried=other_phone; tried=other_computer | | module_damaged | host_wifi_scan_unavailable
a dent, pressing reboots, works with another WLAN | blinking green | setup_error=a dent in the module, pressing on it reboots; other_network=works; other_photons=work | module_damaged | module_damaged | device_key_mismatch
"""


def table() -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in SYMPTOMS.strip().splitlines()]


@pytest.mark.parametrize(("said", "light", "answers", "first", "named", "excluded"), table())
def test_a_symptom_leads_to_the_causes_that_explain_it(said: str, light: str, answers: str, first: str, named: str, excluded: str) -> None:
    found = standing(judged(light, *(pair.strip() for pair in answers.split(";") if pair.strip())))
    assert not first or found[0] == first, said
    assert set(named.split()) - set(found) == set(), said
    assert set(excluded.split()) & set(found) == set(), said


def test_without_a_burst_keys_are_less_likely_but_for_0_6_0() -> None:
    """No quick red or orange burst: on 0.6.0 that proves nothing, as orange bursts are switched off there."""

    def against(*answers: str) -> set[str]:
        findings = judged("fast cyan, no red or orange flash", *answers).findings
        return {e.clue.rule for finding in findings if finding.cause == "device_key_mismatch" for e in finding.oppose}

    assert "no_flash_of_handshake" in against("firmware=1.5.2")
    assert "no_flash_of_handshake" not in against("firmware=0.6.0")


# -------------------------------------------------------------------------------------------------------- the two stories

Step = tuple[int, str, tuple[str, ...]]

LAST_OF_FIRST_THREAD: tuple[Step, ...] = (
    (12, "rapid blinking cyan", ()),
    (14, "rapid blinking cyan, sometimes one red blink", ("entered_by=phone_app", "setup_step=stalls at the last step")),
    (16, "blinking cyan, then a few very fast cyan blinks, then one red blink", ("entered_by=cli",)),
)
BLOCKED: tuple[Step, ...] = (
    (
        23,
        "green, then cyan, then breathing green",
        ("program=blocks", "setup_error=the setup button does nothing", "safe_mode=not_entered"),
    ),
)
SECOND_THREAD: tuple[Step, ...] = (
    (
        1,
        "blinking green",
        ("entered_by=phone_app", "setup_step=Verifying product ownership", "setup_tool=particle device doctor, numerous times"),
    ),
    (4, "breathing white", ("program=automatic", "static_ip=was_set_once", "antenna=internal", "safe_mode=connects")),
)
REST_OF_SECOND_THREAD: tuple[Step, ...] = (
    (6, "blinking green", ("tried=reflash", "cli_error=no networks found", "setup_error=asks to change owner")),
    (10, "blinking green", ("tried=clear_credentials", "static_ip=no", "antenna=internal")),
)


def told_until(steps: tuple[Step, ...], post: int) -> tuple[str, tuple[str, ...]]:
    """The light as told last by that post, and all answers until then."""
    until = [step for step in steps if step[0] <= post]
    return until[-1][1], tuple(answer for step in until for answer in step[2])


@pytest.mark.parametrize(
    ("steps", "told_in", "advised_in", "cause", "advice"),
    [
        # Told by which post of the thread, and in which the advice that helped came (posts counted by change of speaker).
        (LAST_OF_FIRST_THREAD, 12, 17, "device_key_mismatch", ("keys server", "keys doctor")),
        (LAST_OF_FIRST_THREAD, 14, 17, "device_key_mismatch", ("keys server", "keys doctor")),
        (LAST_OF_FIRST_THREAD, 16, 17, "device_key_mismatch", ("keys server", "keys doctor")),
        (BLOCKED, 18, 19, "app_blocks_system", ("flash --usb tinker",)),
        (SECOND_THREAD, 4, 5, "doctor_app_left_behind", ("flash --usb tinker",)),
        (REST_OF_SECOND_THREAD, 10, 12, "module_damaged", ("replace the board",)),
    ],
)
def test_a_story_ends_with_the_advice_that_helped(
    steps: tuple[Step, ...], told_in: int, advised_in: int, cause: str, advice: tuple[str, ...]
) -> None:
    light, answers = told_until(steps, told_in)
    first = next(finding for finding in judged(light, *answers).findings if finding.level in STANDING)
    assert told_in < advised_in
    assert first.cause == cause
    assert all(any(words in step for step in first.remedy) for words in advice)
