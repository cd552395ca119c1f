"""Runs a scenario and keeps what was seen: a capture, the case file that follows from it, and the
truth about it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from netcheck import casefile
from netcheck.capture import observe
from netcheck.model import Target
from tests.lab.network import Network
from tests.lab.plan import CLOUD_ADDRESS
from tests.lab.scenarios import SCENARIOS, Scenario


@dataclass(frozen=True)
class Recorded:
    """What a run left: the three files, and each device's own account."""

    capture: Path
    case: Path
    truth: Path
    size_bytes: int
    said: tuple[tuple[str, ...], ...]


def record(scenario: Scenario, folder: Path) -> Recorded:
    """Run it in a network of its own and write NAME.pcap, NAME.jsonl and NAME.json into `folder`;
    about `scenario.seconds` long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    capture = folder / f"{scenario.name}.pcap"
    with Network(scenario.name, scenario.plan) as network:
        source = _run(network, scenario)
        shutil.copyfile(source, capture)
        case = folder / f"{scenario.name}.jsonl"
        save_case(capture, case)
        truth = folder / f"{scenario.name}.json"
        truth.write_text(json.dumps(describe(scenario, network), indent=1) + "\n")
        return Recorded(
            capture,
            case,
            truth,
            capture.stat().st_size,
            tuple(tuple(device.said) for device in network.devices),
        )


def save_case(capture: Path, case: Path) -> None:
    """Keep what the capture shows of every device as a case file."""
    casefile.write(case, observe([str(capture)], Target()).observations)


def record_by_name(name: str, folder: Path) -> Recorded:
    """The same for another process: the changes of a plan are functions, and these do not
    pickle.
    """
    return record(SCENARIOS[name], folder)


def _run(network: Network, scenario: Scenario) -> Path:
    """The capture of the whole time; the devices start late enough to be seen, or earlier if the
    plan says so.
    """
    late_s = scenario.plan.captured_from_s
    if late_s:
        network.start_hosts()
        network.start_devices()
        network.stop.wait(late_s)
        source = network.start_recording()
    else:
        source = network.start_recording()
        network.start_hosts()
        network.start_devices()
    network.stop.wait(scenario.seconds)
    network.stop_recording()
    return source


def describe(scenario: Scenario, network: Network) -> dict[str, object]:
    """The truth file: what was wrong, which causes are right and which wrong, and who the devices
    are.
    """
    return {
        "scenario": scenario.name,
        "what": scenario.what,
        "healthy": scenario.healthy,
        "expected": sorted(scenario.expected),
        "also": [sorted(group) for group in scenario.also],
        "forbidden": sorted(scenario.forbidden),
        "captured_at": scenario.plan.captured_at,
        "cloud_address": CLOUD_ADDRESS,
        "devices": [
            {
                "mac": device.mac,
                "id": device.identity.device_id.hex(),
                "addresses": device.addresses,
                "firmware": device.plan.firmware,
                "said": device.said,
            }
            for device in network.devices
        ],
    }
