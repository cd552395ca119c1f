"""The causes of one device over its tries, as far as the tries show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from netcheck.correlator import ladder, led_evidence, package_facts, user_reports
from netcheck.correlator.attempts import Attempt
from netcheck.correlator.catalogue import Catalogue
from netcheck.correlator.catalogue.other_boards import Board, board_of, for_board
from netcheck.correlator.judging.clues import Rule
from netcheck.correlator.judging.judge import IsOver, Judged, judge, possible_at_best
from netcheck.model import Observation, Rung, Stage
from netcheck.vocabulary import is_self_report


@dataclass(frozen=True)
class JudgedTries:
    """What is believed of each cause, best first, and what that rests on.

    `newest`: the index of the newest try that came to an end; None where each may have been cut
    off. `board`: where it is no Photon.
    """

    catalogue: Catalogue
    climbs: Sequence[dict[Stage, Rung]]
    newest: int | None
    judged: Sequence[Judged]
    board: Board | None

    @property
    def is_of_unsure_board(self) -> bool:
        """May it be another board than a Photon? Then no cause is likely."""
        return self.board is not None and not self.board.is_sure


def judge_tries(
    catalogue: Catalogue,
    rules: Mapping[str, Rule],
    tries: Sequence[Attempt],
    top: Stage,
    is_over: IsOver,
) -> JudgedTries:
    """The causes of the device of these tries; `top`: the rung that a try shows at best. Raises
    JudgingOverdue.
    """
    climbs = [ladder.climb(attempt) for attempt in tries]
    newest = _newest_settled(tries, top)
    board = board_of(tries[-1].device) if tries else None
    catalogue = for_board(catalogue, board)
    judged = judge(catalogue, rules, tries, climbs, newest, is_over)
    found = JudgedTries(catalogue, climbs, newest, judged, board)
    if found.is_of_unsure_board:
        return JudgedTries(catalogue, climbs, newest, possible_at_best(judged), board)
    return found


def _newest_settled(tries: Sequence[Attempt], top: Stage) -> int | None:
    """The index of the newest try that came to an end, or of a later one that got past where it
    failed; None where each may have been cut off.
    """
    settled = [
        index
        for index, attempt in enumerate(tries)
        if attempt.is_settled(top) or _is_complete(attempt)
    ]
    if settled:
        last = settled[-1]
        return max(
            n for n in range(last, len(tries)) if n == last or tries[n].got_past(tries[last])
        )
    # A capture or log shows the try begin, and the light shows where it ends.
    has_failed_light = led_evidence.shows_failure(o for attempt in tries for o in attempt.lasting)
    return len(tries) - 1 if has_failed_light else None


def _is_complete(attempt: Attempt) -> bool:
    """Is it no try that may have been cut off: a complaint of its user, a fault that the device
    shows over USB at any time, or a failure that another package's probe saw?
    """
    return (
        user_reports.is_complaint_alone(attempt.own)
        or _shows_fault(attempt.device)
        or bool(package_facts.failures(attempt.device))
    )


def _shows_fault(observations: Iterable[Observation]) -> bool:
    """Does the device show over USB, whenever it is asked, what keeps it from connecting?"""
    return any(
        (o.fact == "device.modules" and o.failed) or o.text("value") == "doctor_app"
        for o in observations
        if is_self_report(o.fact)
    )
