"""The table of several devices."""

from __future__ import annotations

from netcheck.model import Device, Diagnosis, Level, Owner, Rung, Stage, State, Verdict
from netcheck.report import terminal
from netcheck.report.answer import Answer
from netcheck.report.layout import Style
from netcheck.report.summary import severity
from netcheck.report.view import view


def diagnosis(
    name: str,
    verdict: Verdict,
    *,
    failed: Stage | None = None,
) -> Diagnosis:
    ladder = tuple(
        Rung(stage=stage, state=State.FAILED if stage is failed else State.PASSED)
        for stage in Stage
        if failed is None or stage <= failed
    )
    return Diagnosis(
        device=Device(mac=name),
        verdict=verdict,
        headline="It is so.",
        owner=Owner.UNKNOWN,
        ladder=ladder,
    )


HEALTHY = diagnosis("00:00:00:00:00:01", Verdict.HEALTHY)
AT_DNS = diagnosis("00:00:00:00:00:02", Verdict.SUSPECTED, failed=Stage.DNS)
AT_TCP = diagnosis("00:00:00:00:00:03", Verdict.SUSPECTED, failed=Stage.TCP)


def test_the_worst_comes_first_and_of_equals_the_lowest_rung() -> None:
    assert sorted([HEALTHY, AT_TCP, AT_DNS], key=severity) == [AT_DNS, AT_TCP, HEALTHY]
    assert next(iter(Level)) is Level.CONFIRMED  # the order of levels is the order of certainty


def test_each_has_a_row_with_its_cause_or_how_far_it_came() -> None:
    assert terminal.summary(
        view(Answer(diagnoses=(HEALTHY, AT_DNS), prove=""), {}).devices, Style()
    ) == [
        "2 devices, worst first: 1 suspected, 1 healthy",
        "",
        "SUSPECTED  Photon 00:00:00:00:00:02  fails at dns, cause unknown",
        "HEALTHY    Photon 00:00:00:00:00:01  seen up to ownership",
    ]


def test_all_are_explained_the_worst_first() -> None:
    many = (*([HEALTHY] * 12), AT_DNS)
    shown = terminal.render(view(Answer(diagnoses=many, prove="Run it again."), {}), Style())
    assert shown.count("How far it came") == len(many)
    assert shown.index("SUSPECTED: It is so.") < shown.index("HEALTHY: It is so.")
