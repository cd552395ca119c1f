"""A log that was cut anywhere, and one without categories or times, says what its lines say: no
cause is named for sure that is not the fault's, and the failing line's cause stands.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.device import log
from netcheck.model import STANDING, Diagnosis, Target
from tests.doubles import log_player
from tests.helpers.log_faults import MATCHING, NEEDS_0_6, NEEDS_0_7, SHOWN, accepted

pytestmark = pytest.mark.slow


CUTS = 10
FAILING = {
    "wrong_password": r"result: 1062\b",
    "not_found": r"result: 1024\b",
    "not_let_in": r"result: 1025\b",
    "no_lease": r"(?s)(?:ARM_WLAN_WD 2|with DHCP)(?:(?!ARM_WLAN_WD 1|DHCP success).)*DHCP fail,",
    "name_unanswered": r"nable to resolve IP for device\.spark\.io",
    "names_unanswered": r"nable to resolve IP for device\.spark\.io",
    "internet_dead": r"nable to resolve IP for device\.spark\.io",
    "static_dead": r"nable to resolve IP for device\.spark\.io",
    "name_false": r"Resolved (?:host )?device\.spark\.io to 192\.168\.178\.1\b",
    "port_dropped": r"(?:connection failed|Failed to connect) to [\d.]+:5683",
    "port_refused": r"(?:connection failed|Failed to connect) to [\d.]+:5683",
    "proxy_silent": r"ould not receive nonce: -?\d+",
    "closed_at_accept": r"ould not receive nonce: -?\d+",
    "closed_after_request": r"Unable to receive key -?\d+",
    "silent_after_request": r"Unable to receive key -?\d+",
    "device_key": r"decryption failed with code 6",
    "other_signature": r"signature validation failed with code 8",
    "server_key_damaged": r"RSA encrypt error",
    "no_welcome": r"could not receive HELLO response",
    "app_blocks": r"Disconnecting cloud due to inactivity",
    "reset_at_first_ping": r"Event loop error 2",
    "silent_at_first_ping": r"Event loop error 1",
}
"""Fault → the line that says it, whole."""


def without_category(line: str) -> str:
    return re.sub(r" \[[\w.]+\]", "", line)


def without_time(line: str) -> str:
    return re.sub(r"^\d{10}[ :]", "", line)


def with_the_date_of_a_terminal(line: str) -> str:
    return "Dec 17 01:38:16 " + without_time(line)


def level_and_message(line: str) -> str:
    return re.sub(r"(INFO|WARN|DEBUG|ERROR) ?: .*\(\d+\):", r"\1: ", without_category(line))


def as_it_is(line: str) -> str:
    return line


STRIPPED: tuple[Callable[[str], str], ...] = (
    without_category,
    without_time,
    with_the_date_of_a_terminal,
    level_and_message,
)
WAYS = [
    *((shown, as_it_is) for shown in SHOWN),
    *(
        ((version, "INFO", "serial"), strip)
        for version in ("0.5.3", "0.6.0", "0.7.0", "1.5.2", "3.3.1")
        for strip in STRIPPED
    ),
]


@cache
def own_causes(fault: str) -> frozenset[str]:
    """What the matching captures accept, and what nobody can tell from it."""
    named = frozenset().union(*(accepted(capture) for capture in MATCHING[fault]))
    groups = load().groups
    return named.union(*(group.members for group in groups if named & set(group.members)))


def excerpts(text: str, seed: str) -> list[str]:
    """Pieces of a text, cut at random bytes."""
    chance = random.Random(seed)
    size = len(text)
    places = [sorted(chance.sample(range(size + 1), 2)) for _ in range(CUTS)]
    return [text[begin:end] for begin, end in places]


def diagnosed(text: str, file: Path) -> Diagnosis | None:
    """The answer to a log of this text; None where no line of it is the system's."""
    file.write_text(text)
    try:
        (one,) = diagnose(log.observe(str(file), Target()).observations, Target())
    except log.LogError:
        return None
    return one


def standing(one: Diagnosis) -> list[str]:
    return [finding.cause for finding in one.findings if finding.level in STANDING]


def says_the_fault(fault: str, piece: str, text: str) -> bool:
    """Is the line that says the fault whole in the excerpt, and, where a session ended but once,
    none that says that another began?
    """
    inner = "\n".join(piece.split("\n")[not text.startswith(piece) :][: -1 or None])
    found = list(re.finditer(FAILING[fault], inner))
    is_of_session = fault in ("app_blocks", "reset_at_first_ping", "silent_at_first_ping")
    return bool(found) and not (
        is_of_session and len(found) == 1 and "Cloud connected" in piece[piece.index(found[0][0]) :]
    )


def answered(text: str, tmp_path: Path) -> Diagnosis:
    one = diagnosed(text, tmp_path / "device.log")
    assert one is not None
    return one


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "0000012227 [hal.wlan] ERROR: wiced_join_ap_specific(), result: 1062\n",
            "wifi_wrong_password",
        ),
        ("wiced_join_ap_specific(), result: 1062", "wifi_wrong_password"),
        ("lan] ERROR: wiced_join_ap_specific(), result: 1062", "wifi_wrong_password"),
        ("WARN: Cloud handshake failed, code=6", "device_key_mismatch"),
        (
            "Dec 17 01:38:16 [comm.protocol.handshake] ERROR: Handshake failed: 25",
            "cloud_unresponsive",
        ),
        ("0000026722 [system] WARN: Cloud handshake failed, code=-19", "device_key_mismatch"),
    ],
)
def test_a_lone_code_counts(text: str, first: str, tmp_path: Path) -> None:
    assert first in standing(answered(text, tmp_path))[:3]


def test_a_log_that_says_nothing_is_still_a_photon_s(tmp_path: Path) -> None:
    headline = answered("0000005500 [system] INFO: hello", tmp_path).headline
    assert headline.startswith("The device's log does not say how far it came")


def test_a_step_begun_again_without_its_end_failed(tmp_path: Path) -> None:
    one = answered(
        "0000003600 [system] INFO: ARM_WLAN_WD 1\n0000005500 [system] INFO: ARM_WLAN_WD 2\n"
        "0000023604 [system] INFO: ARM_WLAN_WD 1\n",
        tmp_path,
    )
    assert [rung.stage.value for rung in one.ladder if rung.state.value == "failed"] == ["address"]


@pytest.mark.slow
@pytest.mark.parametrize("fault", MATCHING)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join((*way[0], way[1].__name__)))
def test_an_excerpt_says_what_its_lines_say(
    way: tuple[tuple[str, str, log_player.Style], Callable[[str], str]], fault: str, tmp_path: Path
) -> None:
    (version, level, style), strip = way
    lines = log_player.log(version, fault, level, style)
    text = "\n".join(map(strip, lines))
    is_vague = (version == "0.5.3" and fault in NEEDS_0_6) or (
        version in ("0.5.3", "0.6.0") and fault in NEEDS_0_7
    )
    for piece in excerpts(text, f"{fault} {version} {level} {style} {strip.__name__}"):
        one = diagnosed(piece, tmp_path / "device.log")
        sure = [f.cause for f in one.findings if f.level in STANDING[:2]] if one else []
        assert set(sure) <= own_causes(fault), piece
        if says_the_fault(fault, piece, text) and not is_vague:
            assert one is not None, piece
            assert own_causes(fault) & set(standing(one)), piece
