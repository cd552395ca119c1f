"""Whether a fix helped: fixed, not fixed, something else, or not tested and why."""

from __future__ import annotations

import msgspec
import pytest

from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.model import Diagnosis, Observation, Stage, Target
from netcheck.report import verification as report
from netcheck.report.layout import Style
from netcheck.verification import (
    FixResult,
    Verification,
    WhyNotTested,
    broken,
    facts_to_ask,
    failed_stage,
    verify,
)
from tests.helpers.notation import DEV, case

HOME, OFFICE = "f4:f2:6d:10:20:30", "f4:f2:6d:aa:bb:cc"
OTHER = "e0:4f:43:00:00:02"
UP = """
dev device.identity ok @0 mac={dev} rank=5
dev dhcp.lease ok @0 discovers=1
dev gateway.arp ok @1
"""
NAMED = f"{UP}dev dns.cloud_name ok @1\n"
BLOCKED = f"{NAMED}dev tcp.cloud failed timeout @2 +5\ndev internet.test ok @8\n"
NO_NAME = f"{UP}dev dns.cloud_name failed timeout @1 +5\n"
OPENED = f"{NAMED}dev tcp.cloud ok @2\n"
KEYS = f"{OPENED}dev handshake.nonce ok @2\ndev handshake.request ok @2\n"
STALE = f"{KEYS}dev handshake.key failed closed @2\n"
WELL = f"{KEYS}dev handshake.key ok @2\ndev handshake.hello ok @3\ndev session.open ok @4\n"
TITLES = {cause.id: cause.title for cause in load().causes.values()}


def judged(text: str, site: str = HOME, device: str = DEV) -> list[Diagnosis]:
    lines = text.replace("dev ", f"{device} ").format(dev=device)
    seen = [msgspec.structs.replace(o, site=site) for o in case(lines)]
    return list(diagnose(seen, Target()))


def from_here(text: str) -> list[Diagnosis]:
    """The same as this computer sees it: no Photon is known."""
    seen: list[Observation] = [
        msgspec.structs.replace(o, site=HOME, source="probe:x/1") for o in case(text)
    ]
    return list(diagnose(seen, Target()))


def checked(now: list[Diagnosis], before: str = BLOCKED) -> Verification:
    fault = broken(judged(before))
    assert fault is not None
    return verify(fault, now)


@pytest.mark.parametrize(
    ("now", "result"),
    [
        (WELL, FixResult.FIXED),
        (OPENED, FixResult.FIXED),
        (BLOCKED, FixResult.NOT_FIXED),
        (NO_NAME, FixResult.SOMETHING_ELSE),
        (STALE, FixResult.SOMETHING_ELSE),
        (UP, FixResult.NOT_TESTED),
    ],
    ids=["all works", "that step works", "the same", "fails before", "fails after", "not seen"],
)
def test_what_became_of_a_blocked_port(now: str, result: FixResult) -> None:
    assert checked(judged(now)).result is result


def test_another_photon_or_network_says_nothing() -> None:
    assert checked(judged(WELL, device=OTHER)).why is WhyNotTested.OTHER_DEVICE
    assert checked(judged(WELL, OFFICE)).why is WhyNotTested.OTHER_NETWORK


def test_keys_go_with_the_device_to_any_network() -> None:
    assert checked(judged(WELL, OFFICE), STALE).result is FixResult.FIXED


def test_of_several_devices_the_one_from_before_counts() -> None:
    both = [*judged(BLOCKED, device=OTHER), *judged(WELL)]
    assert checked(both).result is FixResult.FIXED


def test_a_computer_shows_what_is_of_the_network_alone() -> None:
    port = checked(from_here("ctl dns.cloud_name ok @1\nctl tcp.cloud ok @2\n"))
    assert port.result is FixResult.FIXED
    keys = checked(from_here("ctl tcp.cloud ok @2\nctl handshake.nonce ok @2\n"), STALE)
    assert keys.result is FixResult.NOT_TESTED
    assert "Only the Photon" in report.sentence(keys, TITLES) or keys.why is WhyNotTested.NOT_SEEN


def test_a_case_without_a_fault_is_none() -> None:
    assert broken(judged(WELL)) is None
    with pytest.raises(ValueError, match="no fault"):
        verify(judged(WELL)[0], judged(WELL))


def test_only_what_the_fix_may_have_changed_is_asked_again() -> None:
    fault = broken(judged(BLOCKED))
    assert fault is not None
    assert failed_stage(fault) is Stage.TCP
    facts = facts_to_ask(fault, load().causes.values())
    assert {"tcp.cloud", "internet.test", "tcp.neutral_same_port"} <= facts
    assert not facts & {"wifi.join", "dhcp.servers", "session.idle", ""}


@pytest.mark.parametrize("now", [WELL, OPENED, BLOCKED, NO_NAME, STALE, UP])
@pytest.mark.parametrize("width", [40, 80])
def test_it_is_said_in_few_lines(now: str, width: int) -> None:
    found = checked(judged(now))
    lines = report.lines(found, TITLES, Style(plain=True, width=width))
    assert lines[0].startswith(("+ FIXED", "x NOT FIXED", "x SOMETHING ELSE", "? NOT SURE"))
    assert max(map(len, lines)) <= width
    assert len(lines) <= 8
    assert "Before      Outbound TCP port" in "\n".join(lines)
