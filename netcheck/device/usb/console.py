"""What a device in listening mode answers, and whose text it is that comes over its port; pure.

Answers: device-os@TAG:system/src/system_setup.cpp, from 0.4.0 to 3.3.1. Up to 1.3 log lines may
stand inside an answer. No line that comes from a device is kept whole: it may hold a secret
(`Device Secret`, from 1.4.1 on).
"""

from __future__ import annotations

import re

from netcheck.model import Struct
from netcheck.text.known import VERSION

DEEPEST = 4
"""Log lines inside log lines that are looked for."""

_LEVEL = "TRACE|LOG|DEBUG|INFO|WARN|ERROR|PANIC"
_MESSAGE = r"(?:(?!\d{10}(?: \[|:))[^\r\n])*\r?\n"
_LOG_LINE = re.compile(
    rf"\d{{10}} \[[\w.]{{1,60}}\] {_MESSAGE}"  # from 0.6.0
    rf"|\d{{10}}:(?:{_LEVEL}) *: {_MESSAGE}"  # before
    # the JSON handler; bounded, for many may begin and none end
    rf'|\{{"l":"(?:{_LEVEL})","m":[^\r\n]{{0,2000}}\}}\r?\n',
    re.ASCII,
)
_VERSION = re.compile(rf"system firmware version:\s{{1,4}}({VERSION})(?=\s)", re.ASCII)
_ID = re.compile(
    r"(?:Your (?:device|core) id is|Device ID:)\s{1,4}([0-9a-fA-F]{24})(?=\s)", re.ASCII
)
_BARE_ID = re.compile(r"(?<!\S)([0-9a-fA-F]{24})(?=\s)", re.ASCII)
_MAC = re.compile(
    r"MAC address is\s{1,6}((?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2})(?=\s)", re.ASCII
)
_CLAIMED = re.compile(r"Device claimed: (yes|no)(?=\s)")
NO_MAC = "00:00:00:00:00:00"

APPS = {
    "doctor_app": (
        "Entering listen mode",
        "Switched antenna to ",
        "Switched to dynamic IP",
        "Cleared Wi-Fi credentials",
        "Cleared EEPROM",
    ),
    "cloud_debug": (
        "connected to device server CoAP (testing connection only)",
        "could not connect to device server by CoAP",
        "configured credentials:",
        "Configured credentials:",
        "available access points:",
        "Available access points:",
        "IP Address Configuration: ",
        "Still trying to connect to ",
        "ping addr 8.8.8.8=",
        "ping gateway=",
        "connecting to WiFi",
    ),
    "prompt": (
        "SSID: ",
        "Security 0=unsecured",
        "Security Cipher 1=AES",
        "Password: ",
        "Enter 63-digit claim code: ",
    ),
}
"""Whose text it is → literals that show it: the maker's two diagnostic programs, and a dialogue
that was left open.
"""


def without_logs(text: str) -> str:
    """The text without the log lines that stand between and inside its lines, and inside each
    other.
    """
    for _ in range(DEEPEST):
        text, found = _LOG_LINE.subn("", text)
        if not found:
            break
    return text


def has_logs(text: str) -> bool:
    """Does the system, or a program through it, write its log here?"""
    return _LOG_LINE.search(text) is not None


def version(text: str) -> str:
    """The Device OS version in the answer to `v`; empty where it is none, or not yet whole."""
    found = _VERSION.search(without_logs(text))
    return found[1] if found else ""


def device_id(text: str) -> str:
    """The id in the answer to `i`, in either form, in lower case."""
    clean = without_logs(text)
    found = _ID.search(clean) or _BARE_ID.search(clean)
    return found[1].lower() if found else ""


def mac(text: str) -> str:
    """The MAC in the answer to `m`, in lower case; NO_MAC where 1.2 knows none while it listens,
    empty where it is no answer.
    """
    found = _MAC.search(without_logs(text))
    return ":".join(f"{int(part, 16):02x}" for part in found[1].split(":")) if found else ""


def claimed(text: str) -> bool | None:
    """The answer to `c`; None if it is not one."""
    found = _CLAIMED.search(without_logs(text))
    return found[1] == "yes" if found else None


def numbers(version: str) -> tuple[int, ...]:
    """A version to compare with others: 1.5.2 as (1, 5, 2); a release candidate counts as its
    release. Empty: no version.
    """
    found = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", version, re.ASCII)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


def speaker(text: str) -> str:
    """Who wrote that unasked: a key of APPS, `app` for any other program, `logs` for log lines
    alone, empty for no text.
    """
    for name, literals in APPS.items():
        if any(literal in text for literal in literals):
            return name
    if re.search(r"(?:^|\n)> $", text):
        return "cloud_debug"
    clean = without_logs(text)
    if clean.strip() and not (has_logs(text) and _is_broken_log(clean)):
        return "app"
    return "logs" if text.strip() else ""


def _is_broken_log(clean: str) -> bool:
    """Is what is left of a log only the end of a line, or the beginning of one, cut by the moment
    of opening or closing the port?
    """
    first, _, rest = clean.partition("\n")
    is_end = re.search(rf"\b(?:{_LEVEL})\b *: |^[^\s]*\] ", first) is not None
    beginning = rest if is_end or not first.strip() else clean
    return "\n" not in beginning.strip("\r\n") and not beginning.endswith("\n")


class ProgramText(Struct, frozen=True, kw_only=True):
    """How much a program wrote, without log lines; what it wrote is kept nowhere."""

    lines: int = 0
    characters: int = 0


def measured(text: str) -> ProgramText:
    """How much of the text a program wrote."""
    lines = [line.strip() for line in without_logs(text).splitlines() if line.strip()]
    return ProgramText(lines=len(lines), characters=sum(map(len, lines)))
