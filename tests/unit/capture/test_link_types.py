"""The same traffic captured on another kind of link leads to the same answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.model import Target
from tests.helpers.capture_files import frames_of, pcap, pcapng
from tests.helpers.link_types import WITHOUT_MACS, WRAPPED
from tests.helpers.places import TOP

pytestmark = pytest.mark.slow


SAMPLES = TOP / "samples"


def answer(path: Path) -> tuple[object, ...]:
    [one] = diagnose(observe([str(path)], Target()).observations, Target())
    best = one.best.cause if one.best is not None else ""
    return one.verdict.value, best, one.device.mac, one.device.id


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize(
    "sample", ["healthy", "blocked_port", "wrong_device_key", "silent_proxy", "denied_name"]
)
def test_the_same_answer_on_every_link(name: str, sample: str, tmp_path: Path) -> None:
    link, wrap = WRAPPED[name]
    original = SAMPLES / f"{sample}.pcap"
    frames = [(at, one) for at, f in frames_of(original) if (one := wrap(f)) is not None]
    for number, write in enumerate((pcap, pcapng)):
        path = tmp_path / f"{number}.pcap"
        path.write_bytes(write(frames, link=link))
        verdict, cause, mac, device_id = answer(path)
        expected = answer(original)
        assert (verdict, cause, device_id) == (*expected[:2], expected[3])
        assert mac == expected[2] or link in WITHOUT_MACS or "tunnel" in name
