"""Which question to ask next, or why no more: purely from the evidence and what was asked already.

Every open question is simulated: each of its answers is added to the evidence and the whole
is judged again. A question counts less that people can seldom answer, by what the answer costs
them and by how this user fared with others that cost as much. What proved telling in real support
cases comes first where the evidence leaves questions much alike (the order of `questions`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from enum import StrEnum

from netcheck.correlator import diagnose
from netcheck.correlator.advice.next_question import (
    Belief,
    Worth,
    bearing,
    believed,
    believed_after,
    weighted,
    worth,
)
from netcheck.model import Device, Observation, Struct, Target
from netcheck.user.interview import replies
from netcheck.vocabulary import is_told_by_user
from netcheck.vocabulary.questions import QUESTIONS, Effort, Form, Question

MOST_QUESTIONS = 12
LEAST_WORTH = 0.004
"""A question worth less tells nothing apart."""
BIT_WEIGHT = 0.1
"""What a bit counts beside the growth of the first cause's share: narrowing is good, naming the
right cause first is what it is for.
"""
LEAST_CHANGE = 0.12
"""Where no answer is likelier than this to put another cause first, the first one is settled."""
CLEAR_LEAD = 4.0
"""The first cause counts so many times the second."""
ORDER_DISCOUNT = 0.98
"""What a question counts for each place that it stands further down in the order of what proved
telling.
"""
OFTEN_KNOWN = {Effort.KNOWN: 0.7, Effort.LOOK: 0.4, Effort.TRY: 0.2}
"""How often people know the answer at all, by what it costs them."""
WORDS_BELOW = 0.012
"""Answers in free words are asked for where no question with a choice of answers ranks higher."""
OPENING = (replies.LIGHT, "hotspot", "setup_step")
"""What is asked in this order as long as no cause stands: the light, which everybody sees, what
tells device and network apart, and whether this is the story of a set-up.
"""
_PLACES = {question.key: place for place, question in enumerate(replies.questions())}
RARE = 0.05
"""How often an answer is given that few people give, beside the others."""
OPINION = 2.0
"""How many questions put `OFTEN_KNOWN` weighs as much as."""
UNKNOWN_RELATED = 0.5
"""What a question counts for each related one that the user could not answer."""
KNOWN_RELATED = 2.0
"""What a question counts for having related ones that the user could answer."""
RELATED = (
    frozenset({"hotspot", "other_network"}),
    frozenset({"other_photons", "many_failed_at_once"}),
    frozenset({"firmware", "works_on_firmware"}),
    frozenset(
        {"security", "ap_mode", "ap_width_mhz", "channel", "band", "router_text", "ssid_hidden"}
    ),
    frozenset({"static_ip", "addresses", "router_shows_lease"}),
    frozenset({"keys_server", "keys_doctor", "keys_new"}),
    frozenset({"online_in_console", "claimed"}),
    frozenset({"setup_step", "setup_error", "setup_tool"}),
)
"""Questions that one looks up, or tries, together: a user who does not know one of them hardly
knows the others.
"""
MOST_WEIGHED = 40
"""Observations of the device, and of others, that a simulation uses: a long capture has
thousands of both.
"""


class Stop(StrEnum):
    """Why nothing more is asked."""

    SETTLED = "the first cause is clear, and no other question is likely to change it"
    NOTHING_TELLS_APART = "no other question would tell the remaining causes apart"
    ENOUGH = f"{MOST_QUESTIONS} questions are enough"
    SEVERAL = "several devices are in what you gave, so say with --device which one you mean"


class RankedQuestion(Struct, frozen=True, kw_only=True):
    """A question that is worth asking."""

    question: Question
    worth: Worth
    rank: float


def choose(
    evidence: Sequence[Observation], target: Target, asked: Collection[str]
) -> RankedQuestion | Stop:
    """The next question, never one of `asked` nor one that the evidence answers; or why there is
    none.
    """
    if len(asked) >= MOST_QUESTIONS:
        return Stop.ENOUGH
    diagnoses = diagnose(evidence, target)
    if len(diagnoses) > 1:
        return Stop.SEVERAL
    weighed = _thinned(evidence, diagnoses[0].device)
    now = believed(weighed, target)
    known = replies.known(evidence)
    closed, unknown = {*asked, *known}, {*asked} - known

    def telling(questions: Iterable[Question]) -> list[RankedQuestion]:
        left = [one for one in questions if one.key not in closed and one.is_asked]
        return list(_telling(weighed, target, now, left, closed, unknown))

    if not now.standing:
        for key in OPENING:
            if opening := telling([QUESTIONS[key]]):
                return opening[0]
    left = telling(one for one in replies.questions() if not replies.is_free(one))
    if _is_settled(now, left):
        return Stop.SETTLED
    in_words = [one for one in replies.questions() if replies.is_free(one)]
    if any(one.rank >= WORDS_BELOW for one in left):
        in_words = [one for one in in_words if _related(one) & known]
    left += telling(in_words)
    return max(left, key=lambda one: one.rank, default=Stop.NOTHING_TELLS_APART)


def _telling(
    evidence: Sequence[Observation],
    target: Target,
    now: Belief,
    questions: Iterable[Question],
    closed: Set[str],
    unknown: Set[str],
) -> Iterator[RankedQuestion]:
    """Of these questions those whose answers tell something apart. `closed`: those answered or
    asked, `unknown`: those the user could not answer.
    """
    bears = bearing(now)
    for question in questions:
        if not _may_be_worth_words(question, evidence, target, now):
            continue
        after = _afterwards(evidence, target, question, now, bears)
        value = worth(now, after, odds=_odds(question))
        counted = value.surer + BIT_WEIGHT * value.bits
        if counted >= LEAST_WORTH and _is_worth_words(question, now, after):
            rank = (
                counted
                * ORDER_DISCOUNT ** _PLACES[question.key]
                * _is_answered(question, closed, unknown)
                * UNKNOWN_RELATED ** len(_related(question) & unknown)
                * KNOWN_RELATED ** bool(_related(question) & (closed - unknown))
            )
            yield RankedQuestion(question=question, worth=value, rank=rank)


def _may_be_worth_words(
    question: Question, evidence: Sequence[Observation], target: Target, now: Belief
) -> bool:
    """As `_is_worth_words`, at the cost of judging those causes alone that stand."""
    if not replies.is_free(question) or not now.standing:
        return True
    after = [
        believed_after(now, answered, target, now.standing)
        for answered in _answered(question, evidence, target)
    ]
    return _is_worth_words(question, now, after)


def _answered(
    question: Question, evidence: Sequence[Observation], target: Target
) -> Iterator[list[Observation]]:
    """The evidence with each of the answers."""
    at = max((o.at for o in evidence), default=0.0)
    for text in replies.possible(question):
        yield [*evidence, *replies.observed(question.key, text, target, at)]


def _odds(question: Question) -> list[float]:
    return [RARE if text in question.rare else 1.0 for text in replies.possible(question)]


def _afterwards(
    evidence: Sequence[Observation],
    target: Target,
    question: Question,
    now: Belief,
    bears: Callable[[str, str], Collection[str]],
) -> list[Belief]:
    """The belief after each of its answers; as it is after those that bear on nothing."""
    every = _answered(question, evidence, target)
    if question.form is not Form.CHOICE:
        return [believed(answered, target) for answered in every]
    causes = [bears(question.fact, text) for text in replies.possible(question)]
    return [
        believed_after(now, answered, target, several) if several else now
        for answered, several in zip(every, causes, strict=True)
    ]


def _is_worth_words(question: Question, now: Belief, after: Sequence[Belief]) -> bool:
    """Free words cost most to give: asked for where they bear on a standing cause, or where none
    stands and they tell a symptom.
    """
    if not replies.is_free(question):
        return True
    if not now.standing:
        return bool(question.symptoms)
    return any(
        belief.points.get(cause, 0) != now.points.get(cause, 0)
        for belief in after
        for cause in now.standing
    )


def _is_answered(question: Question, closed: Collection[str], unknown: Collection[str]) -> float:
    """How likely the user knows the answer, seen how the questions that cost as much went.
    `closed`: those answered or asked.
    """
    alike = [key for key in closed if QUESTIONS[key].effort is question.effort]
    known = sum(key not in unknown for key in alike)
    return (OPINION * OFTEN_KNOWN[question.effort] + known) / (OPINION + len(alike))


def _related(question: Question) -> frozenset[str]:
    """The keys of the questions that one looks up, or tries, together with that one."""
    return frozenset(
        key
        for related in RELATED
        if question.key in related
        for key in related
        if key != question.key
    )


def _is_settled(now: Belief, left: Sequence[RankedQuestion]) -> bool:
    if not now.is_sure or any(ranked.worth.change >= LEAST_CHANGE for ranked in left):
        return False
    weights = weighted(now)
    return weights[now.first] >= CLEAR_LEAD * max(
        weight for cause, weight in weights.items() if cause != now.first
    )


def _thinned(evidence: Sequence[Observation], device: Device) -> list[Observation]:
    """What names devices and what the user said, and of all else the newest, as much of the
    device's own as of others'.
    """
    kept = [o for o in evidence if is_told_by_user(o.fact) or o.fact == "device.identity"]
    rest = sorted(
        (o for o in evidence if not is_told_by_user(o.fact) and o.fact != "device.identity"),
        key=lambda o: o.at,
    )
    names = {name for name in (device.mac, device.id, device.ip) if name}
    own, others = (
        [o for o in rest if o.subject in names],
        [o for o in rest if o.subject not in names],
    )
    return [*kept, *own[-MOST_WEIGHED:], *others[-MOST_WEIGHED:]]
