"""No secret comes out again, whatever stands around it and by whichever door it comes in.

`secret_templates.jsonl` and `secret_templates_changed.jsonl` were written without having seen the
code; KNOWN_LINES, here, by somebody who knows which values of a line are kept.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.secret_doors import DOORS
from tests.helpers.secret_forms import CORE, filled, leaked

pytestmark = pytest.mark.slow


FOLDER = Path(__file__).parent
FRESH: list[tuple[str, str]] = [
    (row["door"], row["template"])
    for name in ("secret_templates.jsonl", "secret_templates_changed.jsonl")
    for row in map(json.loads, (FOLDER / name).read_text(encoding="utf-8").splitlines())
]
KNOWN_LINES: list[tuple[str, str]] = [
    ("log", "0000000001 [app] INFO: Joining HomeWifi {S}"),
    ("log", "0000000001 [net] INFO: Joining HomeWifi / {S}"),
    ("log", "Joining HomeWifi with {S}"),
    ("log", "0000000001 [hal.wlan] INFO: now Joining {S}"),
    ("json_log", '{"l":"info","m":"Joining {S}","c":"net","t":1}'),
    ("json_log", '{"m":"Joining {S}","t":1}'),
    ("log", "0000000001 [system] INFO: Resolved {S} to 1.2.3.4"),
    ("log", "0000000001 [system] TRACE: Resolving {S}"),
    ("log", "0000000001 [system] ERROR: Unable to resolve IP for {S} (-230)"),
    ("log", "System version: 1.5.2{S}"),
    ("log", "system firmware version: 1.5.2-{S}"),
    ("log", "ssid=HomeWifi pw={S} security=wpa2"),
    ("log", "configured credentials:\nssid=HomeWifi security={S}"),
    ("log", "IP Address Configuration: {S}"),
    ("log", "Device ID: {S}"),
    ("log", "MAC address: {S}"),
    ("log", "0000000001 [system] INFO: Read Server Address = type:1,domain:{S}"),
    ("usb", "system firmware version: 1.5.2-{S}\r\n"),
    ("usb", "Device ID: {S}\r\n"),
    ("usb", "Your device MAC address is\r\n{S}\r\n"),
    ("usb", "> {S}"),
    ("tell", "addresses=ip=192.168.1.5 {S}=192.168.1.1"),
    ("tell", "addresses=ip={S}"),
    ("tell", "addresses={S}.example=0.0.0.0"),
    ("tell", "firmware=1.5.2-{S}"),
    ("tell", "works_on_firmware={S}"),
    ("tell", "router_text=WPA2 Photon-{S} mixed"),
    ("tell", "setup_tool=app {S} 1.2.3"),
    ("tell", "led=slow green {S}"),
    ("tell", "hotspot={S}"),
    ("led", "blinking green, then a {S} of cyan"),
    ("led", "{S} {S} green"),
    ("case", '{"stage":"power","fact":"{S}.x","outcome":"ok","subject":"network","source":"user"}'),
    ("http", "HTTP/1.1 302 Found\r\nLocation: //{S}@portal.example\r\n\r\n"),
    ("http", "HTTP/1.1 302 Found\r\nLocation: {S}\r\n\r\n"),
    ("http", "HTTP/1.1 511 {S}\r\nLocation: /{S}\r\n\r\n"),
    ("http", "GET / HTTP/1.1\r\nHost: {S}\r\n\r\n"),
]
SECRETS = (CORE, f'my {CORE} dog\'s "x"', f"süß {CORE} 密")

around = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from(" \"'\\:=,;/@"),
    max_size=12,
)


@pytest.mark.parametrize(("door", "template"), FRESH + KNOWN_LINES)
def test_a_secret_in_a_text_comes_out_nowhere(tmp_path: Path, door: str, template: str) -> None:
    for secret in SECRETS:
        assert leaked(DOORS[door](filled(template, secret), tmp_path)) == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    place=st.sampled_from([one for one in FRESH + KNOWN_LINES if "{S}" in one[1]]),
    before=around,
    after=around,
)
def test_random_secrets_come_out_nowhere(place: tuple[str, str], before: str, after: str) -> None:
    door, template = place
    with tempfile.TemporaryDirectory() as folder:
        shown = DOORS[door](filled(template, f"{before}{CORE}{after}"), Path(folder))
    assert leaked(shown) == []


def test_there_are_as_many_templates_as_promised() -> None:
    assert len(FRESH) >= 120 and len(FRESH + KNOWN_LINES) >= 400
    assert {door for door, _ in FRESH} == set(DOORS)
