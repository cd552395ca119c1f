"""Of what somebody names who is asked what helped: what did help, and what was done in vain
("nothing, not even a reset"; "a restart did not help").
"""

from __future__ import annotations

import re

from netcheck.model import Struct
from netcheck.user.interview import natural
from netcheck.vocabulary.questions import QUESTIONS

HELPED, TRIED = "helped", "tried"
"""The question that is asked, and the one that tells what was done in vain."""
_CLAUSE = re.compile(r"[,;.!:]|\bbut\b(?<!nothing but)")
_ONLY = re.compile(r"\b(?:nothing|none) (?:but|except|other than|besides|apart from)\b|\bonly\b")
_IN_VAIN = re.compile(
    r"\b(?:nothing|none|neither|nor|no (?:luck|success|change|difference|effect|help|use))\b"
    r"|\bnot even\b|\bin vain\b|\bto no avail\b|\bwithout (?:success|effect|luck)\b"
    r"|(?:n['\N{RIGHT SINGLE QUOTATION MARK}]t|\bnot|\bnever) (?:\w+ ){0,2}?"
    r"(?:help|fix|work|solve|change|cure|make|matter)"
)
_HELPS = re.compile(r"\b(?:help(?:s|ed)|fix(?:es|ed)|solved|cured|works?|worked|did it)\b")


class Outcomes(Struct, frozen=True, kw_only=True):
    """Values of the question what helped: those that did, and those done in vain. `is_nothing`: the
    line says that nothing helped, whether it names what was done or not.
    """

    helped: tuple[str, ...] = ()
    in_vain: tuple[str, ...] = ()
    is_nothing: bool = False


def outcomes(text: str) -> Outcomes:
    """What the line says of each thing that was done. What stands without a word of its outcome has
    that of the clause before it.
    """
    is_vain = is_nothing = False
    helped: list[str] = []
    in_vain: list[str] = []
    for clause in _CLAUSE.split(text.lower()):
        if _ONLY.search(clause):
            is_vain = False
        elif _IN_VAIN.search(clause):
            is_vain = is_nothing = True
        elif _HELPS.search(clause):
            is_vain = False
        named = natural.values(QUESTIONS[HELPED], clause)
        (in_vain if is_vain else helped).extend(named)
    return Outcomes(
        helped=tuple(dict.fromkeys(helped)),
        in_vain=tuple(dict.fromkeys(in_vain)),
        is_nothing=is_nothing and not helped,
    )
