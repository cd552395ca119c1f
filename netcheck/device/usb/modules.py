"""The module list of a device (command `s`) understood: its Device OS version, and whether its
modules fit together.

Shape and bits: device-os@v1.5.2:hal/inc/ota_flash_hal.h; versions:
device-os@v3.3.1:system/system-versions.md. The text comes from a device in any state and is hostile
like all input: what is no list of modules is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from netcheck.model import Struct

VERSIONS = {
    0: "0.4.0",
    5: "0.4.4",
    6: "0.4.5",
    7: "0.4.6",
    8: "0.4.7",
    11: "0.4.9",
    13: "0.5.0",
    15: "0.5.1",
    17: "0.5.2",
    21: "0.5.3",
    22: "0.5.4",
    23: "0.5.5",
    102: "0.6.0",
    105: "0.6.1",
    108: "0.6.2",
    109: "0.6.3",
    207: "0.7.0",
    1000: "1.0.0",
    1002: "1.0.1",
    1102: "1.1.0",
    1213: "1.2.1",
    1321: "1.3.1",
    1401: "1.4.0",
    1403: "1.4.1",
    1406: "1.4.4",
    1502: "1.5.0",
    1511: "1.5.1",
    1512: "1.5.2",
    2008: "2.0.0",
    2011: "2.0.1",
    2101: "2.1.0",
    2202: "2.2.0",
    2301: "2.3.0",
    2302: "2.3.1",
    3005: "3.0.0",
    3103: "3.1.0",
    3201: "3.2.0",
    3301: "3.3.0",
    3302: "3.3.1",
}
"""Number of the system module → Device OS version."""

INTEGRITY, DEPENDENCIES, ADDRESS_RANGE, PLATFORM, ALL_DEPENDENCIES = 2, 4, 8, 16, 64
CHECKS = (
    (DEPENDENCIES | ALL_DEPENDENCIES, "dependency"),
    (INTEGRITY | ADDRESS_RANGE, "integrity"),
    (PLATFORM, "wrong_board"),
)
"""Bits of a check → the reason word for its failure."""

PARTS = {
    "b": "boot loader",
    "s": "system part",
    "u": "user part",
    "m": "monolithic firmware",
    "a": "radio stack",
    "c": "coprocessor",
}
MOST_MODULES, MOST_STARTS, BIGGEST = 32, 100, 1 << 31


class Needed(Struct, frozen=True, kw_only=True):
    """A module that another one needs, and its least version."""

    function: str
    index: str
    version: int


class Module(Struct, frozen=True, kw_only=True):
    """One module in flash. `missing`: the bits of checks made and not passed."""

    function: str
    index: str
    location: str
    version: int
    missing: int
    needs: tuple[Needed, ...] = ()

    @property
    def name(self) -> str:
        """In words, as `system part 2`."""
        word = PARTS.get(self.function, "module")
        return f"{word} {self.index}" if self.function == "s" and self.index else word


class Modules(Struct, frozen=True, kw_only=True):
    """What a device is made of."""

    platform: int | None
    all: tuple[Module, ...]

    @property
    def main(self) -> tuple[Module, ...]:
        """The modules in use: what waits in a backup or download slot may be anything."""
        return tuple(module for module in self.all if module.location == "m")

    @property
    def system(self) -> str:
        """The Device OS version by the last system part; empty where the number is not known."""
        parts = sorted(
            (module for module in self.main if module.function in ("s", "m")),
            key=lambda module: module.index,
        )
        return VERSIONS.get(parts[-1].version, "") if parts else ""

    def failed(self, bits: int) -> tuple[Module, ...]:
        """The modules in use that did not pass one of these checks."""
        return tuple(module for module in self.main if module.missing & bits)

    def system_needed(self) -> str:
        """The newest Device OS version that a module in use asks for in vain; empty where none
        does, or the number is not known.
        """
        numbers = [
            needed.version
            for module in self.failed(DEPENDENCIES | ALL_DEPENDENCIES)
            for needed in module.needs
            if needed.function == "s"
        ]
        return VERSIONS.get(max(numbers), "") if numbers else ""


def parse(text: str) -> Modules | None:
    """The module list in the text, whatever stands around it; None where there is none, or not yet
    all of it.
    """
    for value in objects(_braced(text)):
        if isinstance(value.get("m"), list):
            return _modules(value)
    return None


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand in a text, outermost ones only."""
    at, decoder = 0, json.JSONDecoder()
    for _ in range(MOST_STARTS):
        at = text.find("{", at)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(value, dict):
            yield value
        at = end


def _braced(text: str) -> str:
    """The text with the outer braces that 0.4.1 leaves out."""
    start, end = text.find('"p":'), text.rfind("]")
    if start < 0 or end < start or text[:start].endswith("{"):
        return text
    return f"{{{text[start : end + 1]}}}"


def _modules(value: dict[str, Any]) -> Modules:
    entries = [entry for entry in value["m"] if isinstance(entry, dict)][:MOST_MODULES]
    return Modules(
        platform=_number(value.get("p")),
        all=tuple(module for entry in entries if (module := _module(entry)) is not None),
    )


def _module(entry: dict[str, Any]) -> Module | None:
    """One entry; None for an empty slot, which has no function or version."""
    version, function = _number(entry.get("v")), _word(entry.get("f"))
    if version is None or not function:
        return None
    made, passed = _number(entry.get("vc")) or 0, _number(entry.get("vv")) or 0
    needs = entry.get("d")
    return Module(
        function=function,
        index=_word(entry.get("n")),
        location=_word(entry.get("l")),
        version=version,
        missing=made & ~passed,
        needs=tuple(_needs(needs[:MOST_MODULES])) if isinstance(needs, list) else (),
    )


def _needs(entries: list[Any]) -> Iterator[Needed]:
    for entry in entries:
        version = _number(entry.get("v")) if isinstance(entry, dict) else None
        if version is not None:
            yield Needed(
                function=_word(entry.get("f")), index=_word(entry.get("n")), version=version
            )


def _number(value: object) -> int | None:
    return (
        value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < BIGGEST
        else None
    )


def _word(value: object) -> str:
    """One letter or digit, which is all that kinds, slots and indices are."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"[a-z0-9]", text, re.ASCII) else ""
