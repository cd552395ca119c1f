"""The published figures are what the command finds, and above their thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from netcheck.model import Clue, Evidence, Finding, Level, Owner, Stage, Weight
from tests.accuracy import pages, weighings
from tests.accuracy.figures import Answered, answered
from tests.accuracy.labelled import every
from tests.accuracy.odds import probabilities
from tests.helpers.notation import seen
from tests.helpers.places import TOP


@pytest.fixture(scope="module")
def answers() -> Sequence[Answered]:
    return answered(every())


@pytest.mark.slow
@pytest.mark.xdist_group("accuracy")
def test_no_figure_is_below_its_threshold(answers: Sequence[Answered]) -> None:
    assert pages.misses(answers) == []


@pytest.mark.slow
@pytest.mark.xdist_group("accuracy")
def test_what_is_published_is_what_is_found(answers: Sequence[Answered]) -> None:
    """If not: `python -m tests.accuracy` writes both anew."""
    folder = TOP / "docs"
    assert (folder / "accuracy.md").read_text(encoding="utf-8") == pages.page(answers)
    assert (folder / pages.PICTURE).read_text(encoding="utf-8") == pages.picture(answers)


@pytest.mark.slow
@pytest.mark.xdist_group("accuracy")
def test_a_figure_below_its_threshold_is_named(answers: Sequence[Answered]) -> None:
    wrong = [one._replace(asked=one.asked._replace(accepted=frozenset({"x"}))) for one in answers]
    missed = pages.misses(wrong)
    assert any("confirmed is right in" in one for one in missed)
    assert any("within three in" in one for one in missed)


@pytest.mark.slow
@pytest.mark.xdist_group("accuracy")
def test_points_rank_as_well_as_any_other_way(answers: Sequence[Answered]) -> None:
    *rows, brier = list(weighings.report(answers))[2:]
    for row in rows:
        points, odds = (float(cell.split("%")[0]) for cell in row.split("|")[3:5])
        assert points >= odds
    points, odds = (float(word.strip(",")) for word in brier.split() if word.startswith("0."))
    assert points < odds


def finding(cause: str, *clues: tuple[str, Weight], against: Sequence[Weight] = ()) -> Finding:
    """A cause with a clue for each line that was seen."""
    return Finding(
        cause=cause,
        level=Level.POSSIBLE,
        stage=Stage.TCP,
        owner=Owner.ROUTER,
        stops_connection=True,
        support=tuple(
            Evidence(clue=Clue(weight=weight, says="x"), seen=(seen(line),))
            for line, weight in clues
        ),
        oppose=tuple(
            Evidence(clue=Clue(weight=weight, says="x"), seen=(seen("dev dhcp.lease ok"),))
            for weight in against
        ),
    )


SILENT = "dev tcp.cloud failed timeout"
LATE = "dev handshake.nonce failed timeout"


def test_what_one_cause_explains_is_no_evidence_for_another() -> None:
    one = finding("cloud_port_blocked", (SILENT, Weight.STRONG))
    other = finding("cloud_unreachable", (SILENT, Weight.STRONG))
    alone = probabilities([other])["cloud_unreachable"]
    shared = probabilities([one, other])["cloud_unreachable"]
    apart = probabilities([one, finding("cloud_unreachable", (LATE, Weight.STRONG))])
    assert shared < alone
    assert apart["cloud_unreachable"] == pytest.approx(alone)


def test_weight_words_order_what_is_probable() -> None:
    by_weight = [
        probabilities([finding("cloud_port_blocked", (SILENT, weight))])["cloud_port_blocked"]
        for weight in (Weight.WEAK, Weight.STRONG, Weight.DECISIVE)
    ]
    assert by_weight == sorted(by_weight)
    against = finding("cloud_port_blocked", (SILENT, Weight.STRONG), against=[Weight.STRONG])
    assert probabilities([against])["cloud_port_blocked"] < by_weight[1]
