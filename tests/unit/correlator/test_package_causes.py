"""Causes of other packages: read without running them, checked, escaped, and a sentence for each
that cannot be used.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.correlator import catalogue
from netcheck.correlator.catalogue import Catalogue, shipped, with_packages
from netcheck.model import Stage
from tests.helpers.packages import CAUSE, declared, with_cause

DECLARED = {"netcheck__causes": {"acme": "acme_causes"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder on the path, with the declaration of a package that brings causes."""
    monkeypatch.syspath_prepend(tmp_path)
    return declared(tmp_path, "acme", **DECLARED)


def found() -> Catalogue:
    return with_packages(shipped())


def test_a_cause_stands_on_its_rung_behind_ours(folder: Path) -> None:
    with_cause(folder)

    found_now = found()

    assert found_now.problems == ()
    assert found_now.causes["acme_hub_off"].stage is Stage.GATEWAY
    stages = [cause.stage for cause in found_now.causes.values()]
    assert stages == sorted(stages, key=lambda stage: stage.height)
    assert [name for name in found_now.causes if name != "acme_hub_off"] == list(shipped().causes)
    assert catalogue.check(found_now, is_fact=lambda fact: True) == []


def test_nothing_of_the_package_is_run(folder: Path) -> None:
    with_cause(folder)
    (folder / "acme_causes" / "__init__.py").write_text("raise SystemExit('it was run')")

    assert "acme_hub_off" in found().causes


def test_what_it_says_is_escaped(folder: Path) -> None:
    with_cause(folder, CAUSE.replace("The hub is off", "The hub\\u001b[2J is off"))

    assert found().causes["acme_hub_off"].title == "The hub\\x1b[2J is off"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("owner = ", "not usable: Invalid value"),
        ("[" * 9000, "not usable: "),
        ("x = 1\n" * 5000, "the file has more than 16384 bytes"),
        (CAUSE.replace("prior = 5", "prior = 50"), "prior 50 is not within 1 to 9"),
        (CAUSE.replace('"you"', '"nobody"'), "not usable: "),
        (CAUSE.replace("acme.hub", "tcp.hub"), "unknown fact tcp.hub"),
        (CAUSE.replace("acme.hub", "hub"), "unknown fact hub"),
        (CAUSE.replace('fact = "acme.hub"', 'rule = "dns_silence"'), "unknown rule dns_silence"),
        (CAUSE.replace("outcome", "outcom"), "unknown key outcom"),
        (
            CAUSE.replace('["Switch the hub on."]', str(["Go."] * 11)),
            "more than 10 entries in remedy",
        ),
        (CAUSE.replace("The hub on", "The hub " * 40), "headline has"),
        ("", "not usable: "),
    ],
)
def test_one_that_cannot_be_used_costs_a_sentence(folder: Path, text: str, says: str) -> None:
    with_cause(folder)
    with_cause(folder, text, "tcp/acme_broken.toml")

    found_now = found()

    (problem,) = found_now.problems
    assert problem.startswith("cause acme_broken of acme: ")
    assert says in problem
    assert len(problem) < 700
    assert set(found_now.causes) - set(shipped().causes) == {"acme_hub_off"}


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("roof/acme_hub_off.toml", "there is no rung roof"),
        ("gateway/No.toml", "an id has 3 to 60 small letters"),
        ("tcp/cloud_port_blocked.toml", "another cause has that id already"),
    ],
)
def test_a_file_in_a_wrong_place_costs_a_sentence(folder: Path, file: str, says: str) -> None:
    with_cause(folder, file=file)

    found_now = found()

    (problem,) = found_now.problems
    assert says in problem
    assert found_now.causes == shipped().causes


def test_a_file_that_is_no_text_costs_a_sentence(folder: Path) -> None:
    with_cause(folder)
    (folder / "acme_causes" / "gateway" / "acme_hub_off.toml").write_bytes(b"\xff\xfe")

    assert found().problems == ("cause acme_hub_off of acme: the file is not UTF-8",)


def test_a_folder_that_is_not_there_costs_a_sentence(folder: Path) -> None:
    assert found().problems == (
        "causes acme of acme: there is no folder acme_causes; name a package that holds one",
    )


def test_so_do_more_files_than_anybody_reads(folder: Path) -> None:
    for count in range(103):
        with_cause(folder, file=f"gateway/acme_{count:03}.toml")

    found_now = found()

    assert len(found_now.causes) == len(shipped().causes) + 100
    assert found_now.problems == ("causes acme of acme: more than 100 files; the rest is left out",)


def test_two_packages_cannot_bring_the_same_cause(folder: Path) -> None:
    with_cause(folder)
    declared(folder, "beta", netcheck__causes={"beta": "acme_causes"})

    assert found().problems == (
        "cause acme_hub_off of beta: another cause has that id already; it is left out",
    )


def test_our_own_causes_name_our_own_facts_alone() -> None:
    with_own = catalogue.parse("[x]\n" + CAUSE.replace("[[for]]", 'stage="tcp"\n[[x.for]]'))

    assert "x: unknown fact acme.hub" in catalogue.check(with_own)
