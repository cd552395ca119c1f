"""The output of `particle serial inspect`: the modules of a device and which checks they passed
(particle-cli@v3.9.0:src/cmd/serial.js).
"""

from __future__ import annotations

import re

from netcheck.device.usb.modules import (
    ADDRESS_RANGE,
    DEPENDENCIES,
    INTEGRITY,
    MOST_MODULES,
    PLATFORM,
    Module,
    Modules,
    Needed,
)

_PLATFORM = re.compile(r"^\s*Platform: (\d{1,3}) - ", re.MULTILINE)
_MODULE = re.compile(
    r"\b(?P<kind>Bootloader|System|User|Radio stack|Monolithic|NCP) module #(?P<index>\d)"
    r" - version (?P<version>\d{1,7})(?:, (?P<place>main|backup|factory|scratchpad) location)?"
)
_CHECK = re.compile(
    r"^\s*(?P<check>Integrity|Address Range|Platform|Dependencies): (?P<result>PASS|FAIL)\b"
)
_KINDS = {
    "Bootloader": "b",
    "System": "s",
    "User": "u",
    "Radio stack": "a",
    "Monolithic": "m",
    "NCP": "c",
}
_BITS = {
    "Integrity": INTEGRITY,
    "Address Range": ADDRESS_RANGE,
    "Platform": PLATFORM,
    "Dependencies": DEPENDENCIES,
}


def parse(text: str) -> Modules | None:
    """The modules that the output lists; None where it is no such output."""
    platform = _PLATFORM.search(text)
    found: list[Module] = []
    missing, needs = 0, list[Needed]()
    for line in reversed(text.splitlines()):  # checks and needs stand below their module
        check, module = _CHECK.match(line), _MODULE.search(line)
        if check is not None:
            missing |= _BITS[check["check"]] if check["result"] == "FAIL" else 0
        elif module is not None and module["place"] is None:
            if len(needs) < MOST_MODULES:
                needs.append(_needed(module))
        elif module is not None and len(found) < MOST_MODULES:
            found.append(
                Module(
                    function=_KINDS[module["kind"]],
                    index=module["index"],
                    location=module["place"][0],
                    version=int(module["version"]),
                    missing=missing,
                    needs=tuple(needs),
                )
            )
            missing, needs = 0, []
    if not found:
        return None
    return Modules(platform=int(platform[1]) if platform else None, all=tuple(reversed(found)))


def _needed(module: re.Match[str]) -> Needed:
    return Needed(
        function=_KINDS[module["kind"]], index=module["index"], version=int(module["version"])
    )
