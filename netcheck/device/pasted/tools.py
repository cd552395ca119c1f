"""What a tool of the maker's printed on a computer, pasted beside or in place of a log: read as the
answer to what it complains of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netcheck.model import NAMELESS, Observation, Outcome, Target
from netcheck.text.known import data_of_answer
from netcheck.vocabulary.questions import QUESTIONS

_QUESTION = QUESTIONS["cli_error"]
_TOOL = re.compile(
    r"^\s*(?:[$>#]\s*)?(?:particle|spark|dfu-util|openssl|npm)[ :]"
    r"|\b(?:access_token|invalid_token)\b",
    re.MULTILINE,
)
_COMMAND = re.compile(r"^\s*[$>#].*$", re.MULTILINE)
_COMPLAINS = re.compile(
    r"\b(?:error|expired|fail(?:ed|ure)?|timed? ?out|denied|unable|unauthorized|cannot|could not"
    r"|not found|wasn't able|can't|no \w+ (?:device|port)s?)\b",
    re.IGNORECASE,
)
MOST_READ = 4_000


def observations(text: str, target: Target, shown: str, at: float) -> Iterator[Observation]:
    """What a text complains of that is the output of such a tool; nothing where it is none, or
    where nothing is wrong. What was typed at its prompt is left out.
    """
    if _TOOL.search(text) is None:
        return
    printed = _COMMAND.sub("", text[:MOST_READ])
    data = data_of_answer(_QUESTION, printed) if _COMPLAINS.search(printed) else ()
    if data:
        yield Observation(
            stage=_QUESTION.stage,
            fact=_QUESTION.fact,
            outcome=Outcome.OK,
            subject=target.device or NAMELESS,
            source="user",
            site=target.site,
            at=at,
            data=data,
            ref=f"{shown}:1",
        )
