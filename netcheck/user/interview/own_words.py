"""What a typed line says: the answer to the question asked, and whatever else it tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from netcheck.model import Observation, Struct, Target
from netcheck.text.escape import safe
from netcheck.text.secrets import scrubbed
from netcheck.user import led
from netcheck.user.interview.replies import LIGHT, observed
from netcheck.user.story import Told, told
from netcheck.vocabulary.questions import QUESTIONS, Question

LEAST_WORDS = 4
"""A shorter line answers the question asked, and tells nothing else."""
MOST_SAID = 160


class Understood(Struct, frozen=True, kw_only=True):
    """`said`: the answer in words, for the summary."""

    observations: tuple[Observation, ...]
    said: str


def understood(
    question: Question, values: Sequence[str], known: Collection[str], target: Target, at: float
) -> Understood:
    """What these answers to the question say, and what their words tell beside it of questions that
    are not `known` yet. Raises ToldError or LedError where they are no answer and tell nothing.
    """
    line = " ".join(values)
    beside = [] if len(line.split()) < LEAST_WORDS else list(told(line))
    others = [one for one in beside if one.key not in (question.key, LIGHT, *known)]
    meanings = dict(question.choices)
    said = [meanings.get(value, value) for value in values]
    if others and question.key == LIGHT:
        # Of a whole story the parts that speak of the light are read as such.
        values = [one.value for one in beside if one.key == LIGHT and _is_light(one.value)]
        said = list(values)
    return Understood(
        observations=(
            *(o for value in values for o in observed(question.key, value, target, at)),
            *(o for one in others for o in observed(one.key, one.value, target, at)),
        ),
        said=safe(scrubbed("; ".join([*said, *_in_words(others)])), MOST_SAID),
    )


def _is_light(words: str) -> bool:
    try:
        return not led.read(words).is_empty
    except led.LedError:
        return False


def _in_words(several: Sequence[Told]) -> Iterator[str]:
    for one in several:
        question = QUESTIONS[one.key]
        yield f"{one.key.replace('_', ' ')}: {dict(question.choices).get(one.value, one.value)}"
