"""The words of an answer that every form of it shares: verdicts, owners, rungs, certainty."""

from __future__ import annotations

from netcheck.model import Device, Finding, Owner, Stage, State, Verdict

VERDICTS = {
    Verdict.FAULT: "FAULT",
    Verdict.SUSPECTED: "NOT SURE",
    Verdict.INSUFFICIENT: "NOT SURE",
    Verdict.HEALTHY: "HEALTHY",
}
"""A verdict on a first line. Exit code 3 and the JSON document tell the two unsure ones apart from
the sure ones, and the document from each other.
"""
OWNERS = {
    Owner.YOU: "you, who hold the device and the computer",
    Owner.ROUTER: "whoever runs the local network (at home you, elsewhere IT)",
    Owner.ISP: "your Internet provider, or whoever runs the line outside",
    Owner.CLOUD: "the maker of the device, who runs its cloud",
    Owner.DEVICE: "nobody can fix this from outside: repair or replace the device",
}
ADDRESSEES = {
    Owner.ROUTER: "whoever runs the network",
    Owner.ISP: "the Internet provider",
    Owner.CLOUD: "the maker of the device",
}
"""To whom a sentence to paste is addressed."""
STATES = {
    State.PASSED: "It worked.",
    State.IMPLIED: "A later step worked, so this one did.",
    State.FAILED: "The steps after it mean nothing until it works.",
    State.MIXED: "It worked at times, and failed at times.",
    State.UNREACHED: "A step before it failed.",
    State.UNTESTED: "Nothing was seen of it.",
}
"""What the state of a rung means."""
FAILS_AT = {
    Stage.POWER: "starting up",
    Stage.RADIO: "finding the Wi-Fi",
    Stage.JOIN: "joining the Wi-Fi",
    Stage.ADDRESS: "getting a network address",
    Stage.GATEWAY: "reaching the router",
    Stage.DNS: "looking up the cloud's name",
    Stage.INTERNET: "reaching the Internet",
    Stage.TCP: "opening a connection to the cloud",
    Stage.HANDSHAKE: "the handshake with the cloud",
    Stage.SESSION: "keeping its session with the cloud",
    Stage.OWNERSHIP: "belonging to an account",
}
"""After "The Photon fails at" or "at or before"."""


def sureness(finding: Finding) -> str:
    """How sure, and in how many tries it held; a computer's one look is no try of a device, and
    the only try, or none, needs no count.
    """
    level = finding.level.value.replace("_", " ")
    if finding.out_of <= 1 or finding.held_in == 0:
        return level
    return f"{level}, {finding.held_in} of {finding.out_of} tries"


def details(device: Device) -> str:
    """What is known of a device besides its name."""
    parts = (
        f"id {device.id}" if device.id and device.mac else "",
        f"at {device.ip}" if device.ip and (device.mac or device.id) else "",
        f"Device OS {_versions(device.firmware)}" if device.firmware else "",
        f"network {device.site}" if device.site else "",
    )
    return ", ".join(part for part in parts if part)


def _versions(firmware: str) -> str:
    """`0.7.0 to 1.5.4` for `>=0.7.0 <=1.5.4`, `2.0.0 or newer` for `>=2.0.0`; others as they
    are.
    """
    parts = firmware.split()
    if len(parts) == 2 and parts[0].startswith(">=") and parts[1].startswith("<="):
        return f"{parts[0][2:]} to {parts[1][2:]}"
    words = {">=": "or newer", "<=": "or older"}
    if len(parts) == 1 and firmware[:2] in words:
        return f"{firmware[2:]} {words[firmware[:2]]}"
    return firmware
