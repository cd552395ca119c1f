"""Every known issue is named by its evidence under its versions, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from netcheck.correlator.catalogue import Condition, check, load, shipped
from netcheck.correlator.catalogue.entries import CatalogueError
from netcheck.correlator.catalogue.known_issues import CAUSE, FILE, KnownIssue, read
from netcheck.correlator.rules import every_rule
from netcheck.model import STANDING, Observation
from netcheck.photon.releases import release
from tests.helpers.examples import Line, view
from tests.helpers.reading import grade
from tests.helpers.user_evidence import judged, standing

ISSUE_ROWS = read(shipped()[FILE])
RANGES = [(issue, *between) for issue in ISSUE_ROWS for between in issue.affects]
FIRST = "0.4.0"


def named(issue: KnownIssue) -> str:
    return issue.key


def line(condition: Condition) -> Line:
    """What shows that condition."""
    if condition.rule:
        return Line.read(f"rule {condition.rule}")
    outcome = condition.outcome.value if condition.outcome else "ok"
    reason = condition.reason[0] if condition.reason else ""
    value = f"value={condition.value[0]}" if condition.value else ""
    return Line.read(f"dev {condition.fact} {outcome} {reason} {value}")


def evidence(issue: KnownIssue, alternative: int = 0) -> list[Line]:
    return [line(one) for one in (*issue.all_of, *issue.any_of[alternative : alternative + 1])]


def version(text: str, fact: str = "device.firmware") -> Line:
    return Line.read(f"dev {fact} ok version={text}")


def found(issue: KnownIssue, lines: Iterable[Line]) -> Sequence[Observation]:
    """What the rule of the issue finds, where no other issue fits before it."""
    there = view(list(lines))
    for earlier in ISSUE_ROWS:
        if earlier.key == issue.key:
            break
        there.found[earlier.rule] = ()
    return every_rule()[issue.rule](there)


def test_there_are_as_many_as_promised() -> None:
    assert len(ISSUE_ROWS) >= 40
    assert len({issue.symptom for issue in ISSUE_ROWS}) == len(ISSUE_ROWS)


@pytest.mark.parametrize("fact", ["device.firmware", "told.firmware"])
@pytest.mark.parametrize(("issue", "first", "end"), RANGES)
def test_evidence_under_its_versions_names_it(
    issue: KnownIssue, first: str, end: str, fact: str
) -> None:
    for number in range(max(1, len(issue.any_of))):
        assert found(issue, [version(first or FIRST, fact), *evidence(issue, number)])
    assert not found(issue, [version(end, fact), *evidence(issue)])
    assert (issue.has(first or FIRST), issue.has(end)) == (True, False)


@pytest.mark.parametrize("issue", ISSUE_ROWS, ids=named)
def test_no_version_before_or_after_has_it(issue: KnownIssue) -> None:
    for other in ("0.3.9", "3.3.1"):
        is_before_all = other == "0.3.9" and not issue.affects[0][0]
        if not is_before_all:
            assert not found(issue, [version(other), *evidence(issue)])
            assert not issue.has(other)
    first = issue.affects[0][0]
    if first:
        major, minor, patch, candidate = release(first) or (0, 0, 0, 0)
        before = f"{major}.{minor}.{patch}-alpha.0" if candidate else f"{major}.{minor}.0-alpha.0"
        assert not found(issue, [version(before), *evidence(issue)])


@pytest.mark.parametrize("issue", ISSUE_ROWS, ids=named)
def test_without_version_or_evidence_it_is_not_named(issue: KnownIssue) -> None:
    runs = version(issue.affects[0][0] or FIRST)
    assert not found(issue, [runs])
    assert not found(issue, evidence(issue))
    needed = evidence(issue)
    for place in range(len(needed)):
        assert not found(issue, [runs, *needed[:place], *needed[place + 1 :]])
    for condition in issue.none_of:
        assert not found(issue, [runs, *needed, line(condition)])


@pytest.mark.parametrize("issue", ISSUE_ROWS, ids=named)
def test_what_the_device_says_of_its_version_outranks_what_is_told(issue: KnownIssue) -> None:
    inside = version(issue.affects[0][0] or FIRST, "told.firmware")
    assert not found(issue, [inside, version("3.3.1"), *evidence(issue)])


@pytest.mark.parametrize("issue", ISSUE_ROWS, ids=named)
def test_it_names_itself_and_its_cure(issue: KnownIssue) -> None:
    placed = load().causes[CAUSE].placed([issue.rule])
    assert issue.symptom in placed.headline
    assert placed.remedy[0] == (issue.cure or load().causes[CAUSE].remedy[0])
    assert any("particle update" in step for step in placed.remedy)
    assert all(len(step.split()) <= 20 and grade(step) <= 11 for step in placed.remedy)
    assert issue.source in issue.says


def test_only_one_is_counted_however_many_fit() -> None:
    one = judged("red sos", "firmware=0.4.6", "program=threaded", "fails_how=drops")
    [finding] = [finding for finding in one.findings if finding.cause == CAUSE]
    assert len([e for e in finding.support if e.clue.rule.startswith("known_issue.")]) == 1


def test_the_answer_names_the_fault_and_its_cure() -> None:
    one = judged("slow green", "firmware=1.0.1", "ap_mode=n_only")
    assert CAUSE in standing(one)[:3]
    [finding] = [finding for finding in one.findings if finding.cause == CAUSE]
    assert finding.remedy[0].startswith("Set the access point's 2.4 GHz mode to b/g/n mixed")
    assert any(
        "802.11n alone (" in e.clue.says or "802.11n alone" in e.clue.says for e in finding.support
    )


def test_a_version_without_the_fault_does_not_have_it_by_any_evidence() -> None:
    one = judged("slow green", "firmware=3.3.1", "ap_mode=n_only")
    assert not [
        e
        for finding in one.findings
        if finding.level in STANDING
        for e in finding.support
        if e.clue.rule.startswith("known_issue.")
    ]


def test_the_catalogue_with_them_makes_sense() -> None:
    assert check(load(), every_rule()) == []


def test_a_malformed_file_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"known_issues\.toml"):
        read('[one]\nsymptom = "x"\n')


def test_no_version_is_no_version_in_range() -> None:
    assert not ISSUE_ROWS[0].has("new")
