"""The state of a rung in one try, and in all of them."""

from __future__ import annotations

import pytest

from netcheck.correlator.attempts import Attempt
from netcheck.correlator.ladder import MAX_BECAUSE, climb, combined, of_the_network
from netcheck.model import Rung, Stage, State
from netcheck.photon.addresses import PHOTON_FALLBACK
from tests.helpers.notation import case

LETTERS = {
    State.PASSED: "+",
    State.IMPLIED: "i",
    State.FAILED: "-",
    State.MIXED: "m",
    State.UNREACHED: "u",
    State.UNTESTED: ".",
}


def letters(rungs: dict[Stage, Rung]) -> str:
    """One letter for each rung, from power to ownership."""
    return "".join(LETTERS[rungs[stage].state] for stage in Stage)


def climbed(text: str, source: str = "capture:a.pcap") -> dict[Stage, Rung]:
    return climb(Attempt(own=case(text, source=source)))


PROBE = "probe:test/1"


# rungs: power radio join address gateway dns internet tcp handshake session ownership
@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("", "capture:a.pcap", "..........."),
        ("dev tcp.cloud ok", "capture:a.pcap", "iiiiiii+..."),
        ("dev tcp.cloud failed timeout", "capture:a.pcap", "iiiiii.-uuu"),
        ("dev tcp.cloud unclear", "capture:a.pcap", "iiiiii....."),
        ("dev tcp.cloud skipped needs", "capture:a.pcap", "..........."),
        ("dev dhcp.lease failed no_offer", "capture:a.pcap", "iii-uuuuuuu"),
        (
            "dev dhcp.lease failed no_offer @1 \n dev tcp.cloud ok @2",
            "capture:a.pcap",
            "iiimiii+...",
        ),
        ("dev tcp.cloud failed timeout @1 \n dev tcp.cloud ok @2", "capture:a.pcap", "iiiiiiim..."),
        ("dev tcp.cloud ok @1 \n dev tcp.cloud failed timeout @2", "capture:a.pcap", "iiiiiii-uuu"),
        (
            "dev handshake.nonce ok @1 \n dev handshake.key failed timeout @2",
            "capture:a.pcap",
            "iiiiiiii-uu",
        ),
        ("dev gateway.icmp failed timeout", "capture:a.pcap", "..........."),
        ("dev dns.other_name ok", "capture:a.pcap", "..........."),
        ("ctl tcp.cloud ok", PROBE, "iiiii.i+..."),
        ("ctl tcp.cloud failed timeout", PROBE, ".......-uuu"),
        ("ctl tcp.cloud failed tunnel", PROBE, "..........."),
        ("ctl dhcp.options failed missing_dns", PROBE, "..........."),
        ("ctl dhcp.options failed missing_router", PROBE, "...-uuuuuuu"),
        ("ctl internet.test ok", PROBE, "iiiii.+...."),
        (f"dev tcp.cloud ok >{PHOTON_FALLBACK}:5683", "capture:a.pcap", "iiiii.i+..."),
        (f"dev tcp.cloud failed timeout >{PHOTON_FALLBACK}:5683", "capture:a.pcap", "iiiii..-uuu"),
        ("dev tcp.cloud failed not_connected", "capture:a.pcap", "iiiii..-uuu"),
        ("dev internet.test failed timeout", "capture:a.pcap", "iiiii.-uuuu"),
        ("dev led.connect failed", "device:led", "iiii...-uuu"),
        ("dev led.join failed", "device:led", "i.-uuuuuuuu"),
        ("dev led.handshake failed", "device:led", "iiiiii..-uu"),
        ("dev led.session ok", "device:led", "iiiiiiiii+."),
    ],
)
def test_the_rungs_of_one_try(text: str, source: str, expected: str) -> None:
    assert letters(climbed(text, source)) == expected


@pytest.mark.parametrize(
    ("asked_as", "expected"),
    [("device", True), ("new_client", True), ("this_computer", False), ("", False)],
)
def test_a_computer_with_an_address_need_not_be_offered_one(
    asked_as: str, *, expected: bool
) -> None:
    rungs = climbed(
        f"ctl dhcp.offer ok asked_as={asked_as or 'x'} @1"
        " \n ctl dhcp.offer failed no_offer asked_as=this_computer @2",
        PROBE,
    )
    assert (rungs[Stage.ADDRESS].state is State.PASSED) is expected


def test_a_few_witnesses_are_named_and_failures_first() -> None:
    failures = "\n".join(f"dev tcp.cloud failed timeout @{n}" for n in range(1, 20, 2))
    good = "\n".join(f"dev tcp.cloud ok @{n}" for n in range(2, 9, 2))
    because = climbed(good + "\n" + failures)[Stage.TCP].because
    assert len(because) == MAX_BECAUSE
    assert all(o.failed for o in because)
    few = climbed("dev tcp.cloud ok @1 \n dev tcp.cloud failed timeout @2")[Stage.TCP].because
    assert [o.failed for o in few] == [True, False]


def test_what_could_not_be_told_shows_no_step_that_passed() -> None:
    rungs = climbed("dev tcp.cloud ok @1 \n dev tcp.cloud unclear @2")
    assert [o.ok for o in rungs[Stage.TCP].because] == [True]
    alone = climbed("dev tcp.cloud unclear @2")
    assert len(alone[Stage.TCP].because) == 1


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (State.PASSED, State.FAILED, State.MIXED),
        (State.IMPLIED, State.FAILED, State.MIXED),
        (State.UNREACHED, State.FAILED, State.FAILED),
        (State.UNTESTED, State.FAILED, State.FAILED),
        (State.MIXED, State.PASSED, State.MIXED),
        (State.PASSED, State.IMPLIED, State.PASSED),
        (State.IMPLIED, State.UNREACHED, State.IMPLIED),
        (State.UNREACHED, State.UNTESTED, State.UNREACHED),
        (State.UNTESTED, State.UNTESTED, State.UNTESTED),
    ],
)
def test_tries_together(first: State, second: State, expected: State) -> None:
    def one(state: State) -> dict[Stage, Rung]:
        return {stage: Rung(stage=stage, state=state) for stage in Stage}

    assert {rung.state for rung in combined([one(first), one(second)])} == {expected}
    assert {rung.state for rung in combined([one(second), one(first)])} == {expected}


@pytest.mark.parametrize(
    ("offer", "state"),
    [("ctl wifi.network failed only_5ghz", "-"), ("ctl wifi.network ok", "+")],
)
def test_a_computer_on_another_band_passes_no_radio_for_a_photon(offer: str, state: str) -> None:
    rungs = of_the_network(climbed(f"{offer}\nctl tcp.cloud ok @5", PROBE).values())
    assert LETTERS[rungs[1].state] == state


def test_what_a_computer_reached_implies_nothing_of_a_photons_wifi() -> None:
    rungs = of_the_network(climbed("ctl tcp.cloud ok", PROBE).values())
    assert "".join(LETTERS[rung.state] for rung in rungs) == "....i.i+..."
