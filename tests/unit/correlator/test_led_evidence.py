"""When the light counts beside what was recorded."""

from __future__ import annotations

import pytest

from netcheck.correlator import led_evidence
from netcheck.model import Observation, Rung, Stage, State
from tests.helpers.notation import case, seen

LIGHT = "dev led.connect failed"
COMPUTER = "probe:test/1"


def kept(*lines: str) -> list[str]:
    return [o.fact for o in led_evidence.behind_instruments(case("\n".join(lines)))]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((LIGHT,), ["led.connect"]),
        ((LIGHT, "dev dhcp.lease ok"), ["led.connect", "dhcp.lease"]),
        ((LIGHT, "dev dhcp.lease failed no_offer"), ["dhcp.lease"]),
        ((LIGHT, "dev tcp.cloud ok"), ["tcp.cloud"]),
        ((LIGHT, "dev tcp.cloud unclear"), ["led.connect", "tcp.cloud"]),
        ((LIGHT, "dev device.cloud_reach failed not_connected"), ["device.cloud_reach"]),
        (("dev device.cloud_reach ok", "dev dhcp.lease ok"), ["device.cloud_reach", "dhcp.lease"]),
        (("dev device.cloud_reach ok", "dev tcp.cloud ok"), ["tcp.cloud"]),
        (("dev device.cloud_reach ok", "dev handshake.nonce failed timeout"), ["handshake.nonce"]),
    ],
)
def test_what_speaks_for_a_ladder(lines: tuple[str, ...], expected: list[str]) -> None:
    assert kept(*lines) == expected


@pytest.mark.parametrize(
    ("stage", "recorded", "speaks_for", "expected"),
    [
        (Stage.TCP, "", True, False),
        (Stage.TCP, "dev dhcp.lease ok", True, False),
        (Stage.TCP, "dev tcp.cloud ok", True, False),
        (Stage.TCP, "dev session.open ok", True, True),
        (Stage.TCP, "dev tcp.cloud failed timeout", True, False),
        (Stage.TCP, "dev dhcp.lease failed no_offer", True, True),
        (Stage.TCP, "dev dhcp.lease ok", False, False),
        (Stage.TCP, "dev tcp.cloud ok", False, True),
        (Stage.TCP, "dev dhcp.lease failed no_offer", False, True),
    ],
)
def test_the_light_beside_a_capture(
    stage: Stage, recorded: str, *, speaks_for: bool, expected: bool
) -> None:
    light = case(LIGHT)
    assert (
        led_evidence.is_outweighed(light, stage, case(recorded), speaks_for=speaks_for) is expected
    )


@pytest.mark.parametrize(
    ("fact", "expected"),
    [("led.last ok value=off", False), ("led.flash ok value=red_1", True)],
)
def test_the_light_and_the_power_rung(fact: str, *, expected: bool) -> None:
    light, recorded = case(f"dev {fact}"), case("dev session.open ok")
    assert led_evidence.is_outweighed(light, Stage.POWER, recorded, speaks_for=True) is expected


def test_a_computers_probes_do_not_outweigh_it() -> None:
    light, probed = case(LIGHT), case("ctl session.idle ok", source=COMPUTER)
    assert not led_evidence.is_outweighed(light, Stage.TCP, probed, speaks_for=True)
    assert led_evidence.is_outweighed(light, Stage.TCP, probed, speaks_for=False)


def test_what_is_not_of_the_light_is_never_outweighed() -> None:
    mixed = case(f"{LIGHT} \n dev told.hotspot ok value=works")
    assert not led_evidence.is_outweighed(
        mixed, Stage.TCP, case("dev session.open ok"), speaks_for=True
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev tcp.cloud ok", 1),
        ("dev tcp.cloud failed timeout", 1),
        ("dev tcp.cloud unclear", 0),
        ("dev gateway.icmp ok", 0),
        (LIGHT, 0),
    ],
)
def test_what_was_recorded_of_a_rung(text: str, expected: int) -> None:
    assert len(led_evidence.instruments(case(text))) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (LIGHT, True),
        ("dev led.connect ok", False),
        ("dev led.flash failed value=red_1", False),
        ("dev tcp.cloud failed timeout", False),
    ],
)
def test_a_failure_that_the_light_shows(line: str, *, expected: bool) -> None:
    assert led_evidence.shows_failure([seen(line)]) is expected


@pytest.mark.parametrize(
    ("because", "state", "expected"),
    [
        ("dev led.session ok", State.PASSED, True),
        ("dev led.session ok", State.MIXED, True),
        ("dev led.session ok", State.UNTESTED, False),
        ("dev led.session ok \n dev session.open ok", State.PASSED, False),
        ("dev session.open ok", State.PASSED, False),
        ("", State.PASSED, False),
    ],
)
def test_a_device_that_only_its_light_shows_online(
    because: str, state: State, *, expected: bool
) -> None:
    seen_so: tuple[Observation, ...] = tuple(case(because))
    rungs = [
        Rung(stage=Stage.TCP, state=State.PASSED),
        Rung(stage=Stage.SESSION, state=state, because=seen_so),
    ]
    assert led_evidence.is_online_by_light_alone(rungs) is expected
    assert not led_evidence.is_online_by_light_alone(rungs[:1])
