"""`netcheck record --for N` ends in time, whatever floods the network."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import requirements
from tests.lab.namespace import Namespace

pytestmark = requirements.pytestmark

FOR_S = 6
LATE_S = 2


@pytest.fixture
def recorder() -> Iterator[tuple[Namespace, Namespace]]:
    """A machine that records at `in0`, and one that floods it from `out0`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        machines = Namespace("recorder"), Namespace("flooder")
        near, far = machines
        try:
            near.ip("link", "add", "in0", "type", "veth", "peer", "out0", "netns", far.name)
            near.ip("link", "set", "in0", "up")
            far.ip("link", "set", "out0", "up")
            yield machines
        finally:
            for machine in machines:
                machine.remove()


def await_frames(machine: Namespace) -> None:
    """Until something arrives at `in0`; TimeoutError where nothing does."""
    counter = machine.command("cat", "/sys/class/net/in0/statistics/rx_packets")
    for _ in range(200):
        if int(subprocess.run(counter, capture_output=True, check=True).stdout) > 1000:
            return
        time.sleep(0.1)
    raise TimeoutError("the flood does not come")


@pytest.mark.parametrize("kind", ["syn", "dns"])
def test_a_flood_does_not_delay_the_end(
    kind: str, recorder: tuple[Namespace, Namespace], tmp_path: Path
) -> None:
    near, far = recorder
    far.start(sys.executable, "-m", "tests.lab.flood", kind, "out0")
    await_frames(near)
    path = tmp_path / "flood.pcapng"
    options = ["--for", str(FOR_S), "--most", "1000", "--write", str(path), "--json"]
    with subprocess.Popen(
        near.command(sys.executable, "-m", "netcheck", "record", "in0", *options),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        while not path.exists():  # it starts slowly where the flood takes the processor
            assert process.poll() is None
            time.sleep(0.02)
        begun = time.monotonic()
        out, _ = process.communicate(timeout=60)
    took_s = time.monotonic() - begun
    document = json.loads(out)

    assert document["recording"]["stopped"] == "time"
    assert document["recording"]["packets"] > 10_000
    assert took_s <= FOR_S + LATE_S
