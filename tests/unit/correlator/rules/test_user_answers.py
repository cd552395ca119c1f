"""What people tell leads to causes: typical words for every cause, what free text may do, and that
the clues make sense.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from netcheck.correlator.catalogue import (
    CatalogueError,
    load,
    shipped,
    user_answers,
    with_answers,
)
from netcheck.model import Level, Verdict, Weight
from netcheck.vocabulary import is_told_by_user
from netcheck.vocabulary.questions import QUESTIONS, Form
from tests.helpers.clues import facts_of
from tests.helpers.examples import of_file
from tests.helpers.user_evidence import judged, standing

PLACES = {"first": 1, "third": 3, "any": 99}
FREE_TEXT = sorted(
    key
    for key, question in QUESTIONS.items()
    if question.form is Form.TEXT and key not in ("led", "ssid", "addresses")
)


def rows() -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    """Cause, within how many places it must come, light and answers."""
    for name, text in shipped().items():
        for line in of_file(text).get("said", "").strip().splitlines():
            place, light, pairs = (cell.strip() for cell in line.split("|"))
            yield (
                Path(name).stem,
                PLACES[place],
                light,
                tuple(pair.strip() for pair in pairs.split(";") if pair.strip()),
            )


# -------------------------------------------------------------------------------------- every cause


@pytest.mark.parametrize(("cause", "within", "light", "pairs"), list(rows()))
def test_typical_words_lead_to_their_cause(
    cause: str, within: int, light: str, pairs: tuple[str, ...]
) -> None:
    assert cause in standing(judged(light, *pairs))[:within]


def test_every_cause_has_typical_words() -> None:
    assert {cause for cause, *_ in rows()} == set(load().causes)


# --------------------------------------------------------------------- how far a person is believed


def test_answers_are_never_decisive() -> None:
    clues = [clue for cause in load().causes.values() for clue in cause.clues]
    said = [clue for clue in clues if all(is_told_by_user(fact) for fact in facts_of(clue))]
    assert len(said) > 1800
    assert not [clue for clue in said if clue.weight is Weight.DECISIVE]


def test_free_text_only_hints() -> None:
    words = {
        name
        for name, pattern in load().patterns.items()
        if pattern.conditions and all(one.words for one in pattern.conditions)
    }
    clues = [clue for cause in load().causes.values() for clue in cause.clues]
    hints = [clue for clue in clues if clue.rule in words and clue.rule not in NAMES]
    assert len({clue.rule for clue in hints}) > 60
    assert [clue.says for clue in hints if clue.weight is not Weight.WEAK] == []


NAMES = ("ssid_has_odd_characters", "ssid_is_plain")
"""Their text is a network's name, as it is."""


@pytest.mark.parametrize("key", FREE_TEXT)
def test_free_text_never_decides_alone(key: str) -> None:
    everything = (
        "WPA2/WPA3 mixed, PMF required, TKIP, WEP, n only, 40 MHz, 802.1X RADIUS, channel 13,"
        " hidden, band steering, MAC filter, captive portal, proxy, firewall, Pi-hole, verifying"
        " ownership, wrong password, no networks found, invalid_token, openssl, busy, offline"
    )
    one = judged("", f"{key}={everything}")
    assert one.verdict is not Verdict.FAULT
    assert all(finding.level not in (Level.CONFIRMED, Level.LIKELY) for finding in one.findings)


def test_nothing_told_names_nothing() -> None:
    assert standing(judged("", "other_photons=none", "board=photon")) == []


@pytest.mark.parametrize(
    "pairs",
    [
        ("hotspot=works",),
        ("hotspot=same",),
        ("other_photons=fail",),
        ("worked_before=yes", "changed=nothing"),
        ("entered_by=cli", "in_range_when_entered=yes", "board=photon", "ap_mode=bgn"),
    ],
)
def test_what_fits_many_causes_names_none(pairs: tuple[str, ...]) -> None:
    assert standing(judged("", *pairs)) == []


def test_what_works_elsewhere_is_not_broken() -> None:
    for place in ("hotspot", "other_network"):
        found = {
            finding.cause: finding.level
            for finding in judged("fast cyan", f"{place}=works").findings
        }
        assert found["device_key_mismatch"] is found["server_key_wrong"] is Level.UNLIKELY
    assert "wpa3_only" not in standing(judged("slow green", "hotspot=same", "other_network=same"))


def test_what_others_use_is_not_blocked() -> None:
    first = standing(judged("slow cyan", "other_photons=work"))
    assert "cloud_port_blocked" not in first
    assert "internet_down" not in first


def test_a_contradiction_weakens() -> None:
    sure = judged("slow green", "security=wep")
    torn = judged("fast cyan, 1 red", "security=wep")
    assert standing(sure)[0] == "wep_network"
    assert "wep_network" not in standing(torn)


def test_a_symptom_told_is_never_healthy() -> None:
    assert judged("breathing cyan").verdict is Verdict.HEALTHY
    assert judged("breathing cyan", "setup_error=it says failed").verdict is not Verdict.HEALTHY


def test_what_does_not_stop_it_counts_where_it_explains_what_was_told() -> None:
    one = judged("breathing cyan", "claimed=by_other")
    assert (one.verdict, standing(one)) == (Verdict.FAULT, ["claimed_by_other"])
    assert judged("breathing cyan", "cli_error=invalid_token").verdict is Verdict.SUSPECTED


# -------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("version", "is_faulty"),
    [
        ("0.6.3", False),
        ("0.7.0", True),
        ("1.1.0-rc.1", True),
        ("1.1.0-rc.2", False),
        ("1.1.0", False),
    ],
)
def test_only_some_versions_fail_where_n_alone_is_taken(version: str, is_faulty: bool) -> None:
    found = {
        finding.cause: finding.level
        for finding in judged("slow green", "ap_mode=n_only", f"firmware={version}").findings
    }
    assert (found["phy_mode_unsupported"] is Level.LIKELY) is is_faulty


@pytest.mark.parametrize(
    ("addresses", "first"),
    [
        ("ip=192.168.1.9 mask=255.255.255.0 gateway=192.168.11.1", "static_ip_leftover"),
        ("ip=10.1.0.9 mask=255.255.0.0 gateway=10.1.7.1", "cloud_port_blocked"),
        ("ip=192.168.1.9 gateway=999.1.1.1", "cloud_port_blocked"),
        ("ip= mask=x gateway=1.2.3.4", "cloud_port_blocked"),
        ("ip=192.168.1.9 device.spark.io=192.168.1.1", "dns_hijacked"),
        ("ip=192.168.1.9 device.spark.io=54.1.2.3", "cloud_port_blocked"),
    ],
)
def test_addresses_are_compared(addresses: str, first: str) -> None:
    assert (
        standing(
            judged(
                "slow cyan",
                f"addresses={addresses}",
                "changed=static_ip" if "11.1" in addresses else "changed=nothing",
            )
        )[0]
        == first
    )


@pytest.mark.parametrize(
    ("security", "length", "is_impossible"),
    [
        ("wpa2", 7, True),
        ("wpa2", 8, False),
        ("wpa2", 64, False),
        ("wpa2", 65, True),
        ("wep", 5, False),
        ("wep", 59, True),
        ("open", 0, False),
    ],
)
def test_lengths_of_passwords(security: str, length: int, is_impossible: bool) -> None:
    found = judged("slow green", f"security={security}", f"password_length={length}")
    rules = {e.clue.rule for finding in found.findings for e in finding.support}
    assert ("password_length_impossible" in rules) is is_impossible


# ----------------------------------------------------------------------------------------- the file


def test_every_value_of_every_choice_is_weighed_or_neutral() -> None:
    neutral = {
        "other",
        "none",
        "unknown",
        "particle",
        "photon",
        "p1",
        "electron",
        "argon",
        "photon2",
        "not_run",
        "home",
        "no",
    }
    catalogue = load()
    clues = [clue for cause in catalogue.causes.values() for clue in cause.clues]
    conditions = [one for pattern in catalogue.patterns.values() for one in pattern.conditions]
    weighed = {(clue.fact, value) for clue in clues for value in clue.value}
    weighed |= {(one.fact, value) for one in conditions for value in one.value}
    choices = {
        (question.fact, value) for question in QUESTIONS.values() for value in question.values
    }
    assert {(fact, value) for fact, value in choices - weighed if value not in neutral} == set()


def test_a_set_stands_for_its_members() -> None:
    text = (
        '[sets]\na = ["x", "y"]\nb = ["@a", "z"]\n[[answer]]\ntold = "board"\nsays = "s"\nhints ='
        ' ["@b", "-y"]\nrefutes = ["y"]\n'
    )
    support, oppose = user_answers.read(text)
    assert (set(support), set(oppose)) == ({"x", "z"}, {"y"})


@pytest.mark.parametrize(
    "text",
    [
        "[[answer]]\nsays = 1",
        "nonsense",
        '[[answer]]\nsays = "s"\nhints = ["@nowhere"]',
        '[[answer]]\nsays = "s"\nshow = []',
    ],
)
def test_a_malformed_file_is_refused(text: str) -> None:
    with pytest.raises(user_answers.AnswersError):
        user_answers.read(text)


def test_an_unknown_cause_is_refused() -> None:
    with pytest.raises(CatalogueError, match="nowhere"):
        with_answers(load(), '[[answer]]\ntold = "board"\nsays = "s"\nhints = ["nowhere"]')
