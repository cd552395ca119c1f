"""What a typed line says: the answer to the question asked, and whatever else it tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from netcheck.model import Observation, Struct, Target
from netcheck.text.escape import safe
from netcheck.text.secrets import scrubbed
from netcheck.user import led
from netcheck.user.interview.outcomes import HELPED, TRIED, outcomes
from netcheck.user.interview.replies import LIGHT, observed
from netcheck.user.story import Told, told
from netcheck.vocabulary.questions import QUESTIONS, Form, Question

LEAST_WORDS = 4
"""A shorter line answers the question asked, and tells nothing else."""
MOST_SAID = 160
KIN = {
    "fails_how": ("worked_before", "changed"),
    "worked_before": ("fails_how", "changed"),
    "changed": ("worked_before",),
}
"""Questions with answers to choose from, and those that are answered in one breath with them:
"never since the battery died".
"""
_SINCE = re.compile(
    r"\bsince\b"
    r"(?! (?:i|we) (?:bought|got|have|own)| day one| the (?:start|beginning)| (?:it is )?new\b)"
    r"|\bany ?more\b|\bno longer\b|\bstopped\b|\bdied\b|\buntil\b"
)
"""Says of what fails now that it worked before."""


class Understood(Struct, frozen=True, kw_only=True):
    """`said`: the answer in words, for the summary. `unknown`: words about the light that were not
    understood, and may be repeated to who typed them.
    """

    observations: tuple[Observation, ...]
    said: str
    unknown: tuple[str, ...] = ()


def understood(
    question: Question,
    values: Sequence[str],
    known: Collection[str],
    target: Target,
    at: float,
    line: str = "",
) -> Understood:
    """What these answers to the question say, and what the `line` typed tells beside it of
    questions that are not `known` yet. Raises ToldError or LedError where they are no answer and
    tell nothing.
    """
    told_beside = beside(question, line or " ".join(values))
    others = [one for one in told_beside if one.key not in (question.key, LIGHT, *known)]
    if question.key == HELPED:
        in_vain = outcomes(line).in_vain
        values = [value for value in values if value not in in_vain]
        others += [Told(key=TRIED, value=value) for value in in_vain]
    meanings = dict(question.choices)
    said = [meanings.get(value, value) for value in values]
    if others and question.key == LIGHT:
        # Of a whole story the parts that speak of the light are read as such.
        values = [one.value for one in told_beside if one.key == LIGHT and _is_light(one.value)]
        said = list(values)
    return Understood(
        observations=(
            *(o for value in values for o in observed(question.key, value, target, at)),
            *(o for one in others for o in observed(one.key, one.value, target, at)),
        ),
        said=safe(scrubbed("; ".join([*said, *_in_words(others)])), MOST_SAID),
        unknown=led.read(line).unknown if question.key == LIGHT and not others else (),
    )


def beside(question: Question, line: str) -> list[Told]:
    """What the line tells beside the answer: of a question with answers to choose from only what
    goes with it.
    """
    if question.form is not Form.CHOICE:
        return [] if len(line.split()) < LEAST_WORDS else list(told(line))
    found = [one for one in told(line) if one.key in KIN.get(question.key, ())]
    has_been_online = question.key == "fails_how" and _SINCE.search(line.lower())
    if has_been_online and all(one.key != "worked_before" for one in found):
        found.append(Told(key="worked_before", value="yes"))
    return found


def _is_light(words: str) -> bool:
    try:
        return not led.read(words).is_empty
    except led.LedError:
        return False


def _in_words(several: Sequence[Told]) -> Iterator[str]:
    for one in several:
        question = QUESTIONS[one.key]
        yield f"{one.key.replace('_', ' ')}: {dict(question.choices).get(one.value, one.value)}"
