"""Answers of the device that were copied from its console or its access point: names, version,
modules (`s`), diagnostics (`d`), the scan list (`scan-ap`), and the dialogue that stores a network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from netcheck.device.pasted import inspect
from netcheck.device.softap import answers as softap_answers
from netcheck.device.softap import reading as softap
from netcheck.device.usb import console, diagnostics, modules
from netcheck.device.usb.observations import (
    RANK,
    of_diagnostics,
    of_modules,
    seen_of,
)
from netcheck.model import NAMELESS, Observation, Outcome, Scalar, Target

SOURCE = "device:console"
_SCAN = re.compile(r'\{\s*"scans"\s*:\s*\[.*?\]\s*\}', re.DOTALL)
_STORES = re.compile(
    r"SSID: ?(?P<ssid>[^\r\n]{1,32}?)\s*[\r\n]+\s*Security 0=unsecured, 1=WEP, 2=WPA, 3=WPA2,"
    r" 4=WPA Enterprise"
)
"""From 0.7.0 the console asks for the security only of a network that the radio does not hear
(device-os@v0.7.0:system/src/system_setup.cpp).
"""

Data = tuple[tuple[str, Scalar], ...]


def observations(text: str, target: Target, shown: str, at: float) -> Iterator[Observation]:
    """What the text holds of a device's answers; nothing where it holds none."""
    found = modules.parse(text) or inspect.parse(text)
    found = found if found is not None and found.all else None
    told, scan = diagnostics.parse(text), _scan(text)
    asked_security = _STORES.search(text)
    if found is None and told is None and scan is None and asked_security is None:
        return
    device_id, mac = console.device_id(text), console.mac(text)
    name = device_id or (mac if mac != console.NO_MAC else "") or target.device or NAMELESS

    place = f"{shown}:1"

    def seen(
        fact: str,
        outcome: Outcome,
        data: Data = (),
        reason: str = "",
        goal: str = "",
        ref: str = "",
    ) -> Observation:
        one = seen_of(fact, outcome, name, SOURCE, target, at, data, reason=reason, ref=place)
        return replace(one, target=goal) if goal else one

    version = console.version(text) or (found.system if found else "")
    if device_id or name == mac:
        names = {"id": device_id, "mac": mac if name == mac else "", "firmware": version}
        kept = tuple((key, value) for key, value in names.items() if value)
        yield seen("device.identity", Outcome.OK, (*kept, ("sign", "console"), ("rank", RANK)))
    if version:
        yield seen("device.firmware", Outcome.OK, (("version", version),))
    if (claimed := console.claimed(text)) is not None:
        outcome = Outcome.OK if claimed else Outcome.FAILED
        yield seen("device.claimed", outcome, (), "" if claimed else "unclaimed")
    if found is not None:
        yield from of_modules(found, seen)
    if told is not None:
        yield from of_diagnostics(told, seen)
    if scan is not None:
        yield from softap.of_scan(scan, softap.WantedNetworks(names=_wanted(target)), seen)
    if asked_security is not None:
        goal = f"ssid:{asked_security['ssid']}"
        yield seen("wifi.network", Outcome.FAILED, (), "not_in_scan", goal)


def _wanted(target: Target) -> tuple[str, ...]:
    return (target.ssid,) if target.ssid else ()


def _scan(text: str) -> softap_answers.Scan | None:
    found = _SCAN.search(text)
    return softap_answers.scan(found[0].encode()) if found else None
