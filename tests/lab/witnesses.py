"""One fault, two witnesses: a capture of the software Photon, and `netcheck` on the laptop while
the Photon tries.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netcheck.correlator.catalogue import load
from tests.lab.judge import STANDING
from tests.lab.live_scenarios import LIVE_ONLY
from tests.lab.live_truth import expected
from tests.lab.network import Network
from tests.lab.plan import mac_of
from tests.lab.scenarios import BLOCKED, SCENARIOS, any_of

LIMIT_S = 60
BESIDE_THE_DEVICE = {
    # the block is lifted while the laptop looks: it met the block, its end, which looks like loss,
    # or what is left
    "internet_test_blocked": BLOCKED | any_of("internet_test_blocked", "path_too_slow"),
    "id_twice": any_of("duplicate_device_id"),  # where it hears both announce themselves
}
"""What the laptop may say where the devices are on, which in `live_truth` they are not."""
NOT_BESIDE_THE_DEVICE = frozenset({"mac_not_forwarded"})
"""What the laptop sees only in the device's place, which it does not take as long as the device is
on.
"""


@dataclass(frozen=True)
class Witnesses:
    """What each says by itself, and what both say together: the first of `diagnoses`."""

    live: dict[str, Any]
    capture: dict[str, Any]
    both: dict[str, Any]


def call(name: str, folder: Path, seconds: float | None = None) -> Witnesses:
    """That scenario, for its own length, or so long, and until the laptop is done; its capture and
    case file stay in `folder`.
    """
    scenario = (SCENARIOS | LIVE_ONLY)[name]
    capture, case = folder / f"{name}.pcap", folder / f"{name}.jsonl"
    with Network(name, scenario.plan) as network:
        recorded = network.start_recording()
        network.start_hosts()
        network.start_devices()
        command = [
            sys.executable,
            "-m",
            "netcheck",
            "--quiet",
            "--save",
            str(case),
            "--as-device",
            mac_of(name, 0),
        ]
        laptop = subprocess.Popen(
            network.namespace("laptop").command(*command), stdout=subprocess.DEVNULL
        )
        network.stop.wait(seconds or scenario.seconds)
        laptop.wait(LIMIT_S)
        network.stop_recording()
        shutil.copyfile(recorded, capture)
    return judge(name, folder)


def judge(name: str, folder: Path) -> Witnesses:
    """What is said of the files of a call."""
    capture, case = str(folder / f"{name}.pcap"), str(folder / f"{name}.jsonl")
    # Behind address translation there is no MAC, and only one device was there.
    asked = (
        ()
        if (SCENARIOS | LIVE_ONLY)[name].plan.captured_at == "wan"
        else ("--device", mac_of(name, 0))
    )
    return Witnesses(
        live=_first("case", case),
        capture=_first("pcap", capture, *asked),
        both=_first("pcap", capture, "--case", case, *asked),
    )


def _first(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "netcheck", *arguments, "--json"],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    if not done.stdout:
        raise RuntimeError(done.stderr)
    diagnosis: dict[str, Any] = json.loads(done.stdout)["diagnoses"][0]
    return diagnosis


def disagreements(name: str, called: Witnesses) -> list[str]:
    """What is wrong with what the witnesses of that scenario say; empty if each is right, and both
    together are.

    Of what the laptop cannot see it need say nothing, and what it sees besides must not outweigh
    the device's own.
    """
    scenario = (SCENARIOS | LIVE_ONLY)[name]
    from_here = BESIDE_THE_DEVICE.get(name) or expected(name)
    found = {"capture": called.capture, "live": called.live, "both": called.both}
    allowed = {"capture": scenario.expected, "live": from_here, "both": scenario.expected}
    may_be_well = {
        "capture": scenario.healthy is not False,
        "live": not expected(name) or name in NOT_BESIDE_THE_DEVICE,
        "both": scenario.healthy is not False,
    }
    said = {
        who: _cause(one)
        for who, one in found.items()
        if not (may_be_well[who] and one["verdict"] == "healthy")
    }
    return [
        f"{who} says {cause or 'nothing'}, not one of {sorted(allowed[who])}"
        for who, cause in said.items()
        if cause not in (allowed[who] or {""})
        and not (who == "both" and _is_alike(cause, allowed[who], called.both))
    ]


def is_worse_together(name: str, called: Witnesses) -> bool:
    """Is what both say together worse than what the better of the two says alone?"""
    alone = (_worth(name, called.live), _worth(name, called.capture))
    return _worth(name, called.both) < max(alone)


def _worth(name: str, diagnosis: dict[str, Any]) -> int:
    """How good an answer about the device is: 3 the right cause first, or rightly healthy; 2 it
    stands; 1 nobody is accused; 0 another cause is sure.
    """
    scenario = (SCENARIOS | LIVE_ONLY)[name]
    is_called_well = diagnosis["verdict"] == "healthy"
    if is_called_well and scenario.healthy is not False:
        return 3
    if not is_called_well and _cause(diagnosis) in scenario.expected:
        return 3
    standing = {f["cause"] for f in diagnosis["findings"] if f["level"] in STANDING}
    if standing & scenario.expected:
        return 2
    return 0 if diagnosis["verdict"] == "fault" else 1


def _is_alike(cause: str, right: frozenset[str], diagnosis: dict[str, Any]) -> bool:
    """Does a right cause stand there as well, in a group of look-alikes of the one that comes
    first?
    """
    standing = {f["cause"] for f in diagnosis["findings"] if f["level"] in STANDING}
    return any(right & standing & set(group.members) for group in load().groups_of(cause))


def _cause(diagnosis: dict[str, Any]) -> str:
    """The first standing cause, those that stop the connection before the others; of a connection
    that is well, one that does not.
    """
    is_well = diagnosis["verdict"] == "healthy"
    found = [
        f
        for f in diagnosis["findings"]
        if f["level"] in STANDING and not (is_well and f["stops_connection"])
    ]
    return next((f["cause"] for f in sorted(found, key=lambda f: not f["stops_connection"])), "")
