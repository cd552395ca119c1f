"""Boards that are no Photon are named with what differs, and not judged by its rules."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.correlator.catalogue.other_boards import board_of, for_board, known
from netcheck.model import STANDING, Diagnosis, Level, Target, Verdict
from netcheck.vocabulary.questions import QUESTIONS
from tests.helpers.notation import DEV, case

LIGHT = "dev led.last ok value=cyan_slow\ndev led.address ok\ndev led.connect failed\n"
KEYS = {"device_key_mismatch", "server_key_wrong", "handshake_signature_invalid"}


def told(board: str, more: str = LIGHT) -> Diagnosis:
    (one,) = diagnose(case(f"dev told.board ok value={board}\n{more}"), Target(device=DEV))
    return one


def standing(one: Diagnosis) -> set[str]:
    return {finding.cause for finding in one.findings if finding.level in STANDING}


def test_each_board_that_can_be_told_is_known_but_the_photon_and_its_module() -> None:
    assert set(QUESTIONS["board"].values) - set(known()) == {"photon", "p1"}


@pytest.mark.parametrize("name", known())
def test_what_is_known_of_a_board_names_causes(name: str) -> None:
    causes = set(load().causes)
    board = known()[name]
    assert set(board.causes) <= causes
    assert set(board.without) <= causes


@pytest.mark.parametrize("name", ["electron", "argon", "photon2", "other"])
def test_a_board_of_another_protocol_is_named_and_accused_of_nothing_of_a_photon(name: str) -> None:
    one = told(name)
    assert "UDP port 5684" in one.headline
    assert one.verdict is Verdict.SUSPECTED
    assert not standing(one) & {"cloud_port_blocked", "cloud_host_blocked", *KEYS}
    assert all(finding.level not in (Level.CONFIRMED, Level.LIKELY) for finding in one.findings)


def test_a_board_without_wifi_has_no_fault_of_wifi() -> None:
    one = told("electron", "dev led.last ok value=green_blinking\ndev led.join failed")
    assert not standing(one) & {"wifi_wrong_password", "band_5ghz_only", "dhcp_no_server"}


def test_a_core_is_judged_as_a_photon_and_named() -> None:
    one = told("core", LIGHT + "dev tcp.cloud failed timeout\ndev internet.test ok")
    assert "cloud_port_blocked" in standing(one)
    assert any("a Core" in sentence for sentence in one.notes)


@pytest.mark.parametrize("name", ["photon", "p1"])
def test_a_photon_is_judged_by_every_rule(name: str) -> None:
    assert board_of(case(f"dev told.board ok value={name}")) is None
    assert for_board(load(), None) is load()


def test_usb_shows_which_board_it_is() -> None:
    assert board_of(case("dev device.relative ok family=argon")) is known()["argon"]
    both = case("dev device.relative ok family=argon\ndev told.board ok value=electron")
    assert board_of(both) is known()["electron"]
