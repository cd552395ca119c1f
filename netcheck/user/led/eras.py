"""Which words tell of the light at another time or place: "was breathing cyan until last week, now
blinks green", "at home it breathes cyan, at work it blinks green". The light of the present, where
it fails, is judged alone; what was seen before, or works elsewhere, is an answer of its own.

A text is cut into clauses; each is of the time or place that it names, else of the one that the
clause before it opened with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from netcheck.user.led.grammar import sightings
from netcheck.user.led.light import LightReading
from netcheck.user.led.meaning import meaning
from netcheck.user.led.runs import FEATURES, NEW_STATEMENT
from netcheck.user.led.tokens import Token, TokenKind
from netcheck.vocabulary import ONLINE

Answer = tuple[str, str]
"""Fact and value of what was told beside the light."""

WORKED_BEFORE: Answer = ("told.worked_before", "yes")
WORKS_ELSEWHERE: Answer = ("told.other_network", "works")
WORKS_NEAR: Answer = ("told.near_router", "works")


class ClauseEra(StrEnum):
    """Of when a clause speaks."""

    OPEN = "open"  # names no time
    NOW = "now"
    PAST = "past"
    ENDED = "ended"  # "until last week": what follows is of another time
    MAYBE = "maybe"  # "was": the past where another clause says "now"


_UNIT = r"(?:days?|weeks?|months?|years?|ages)"
_WAS = re.compile(
    r"\b(?:was|were|had|has been|have been|used|worked|ran|breathed|blinked|flashed|showed|went"
    r"|did|came|got)\b"
)
_USED_TO = re.compile(
    r"\b(?:used to|previously|formerly|in the past|back then|when it (?:works|worked)"
    r"|while it worked)\b"
)
_AGO = re.compile(
    rf"\b(?:yesterday|last (?:week|month|year|night|summer|winter|spring|autumn)|{_UNIT} ago)\b"
)
_BEGAN = re.compile(r"\b(?:start|began|begin|begun|stop|cease|quit|since)")
_UNTIL = re.compile(r"\b(?:until|till|til|untill|up to)\b")
_BEFORE = re.compile(
    r"\bbefore (?:the|my|our|i|we|they|last|moving|changing|updating|switching)\b|\bprior to\b"
)
_FOR_LONG = re.compile(rf"\b(?:for|over)\b[^,]*? {_UNIT}\b(?! ago)")
_OLD = re.compile(r"\b(?:at|in|on|with|from) (?:my |our |the |an )?(?:old|former|previous)\b")
_EARLIER = re.compile(r"\b(?:before|earlier)\b")
_NOW = re.compile(
    r"^(?:since|ever since)\b|\b(?:now|today|currently|nowadays|at the moment|these days|here"
    r"|ever since)\b|\bafter (?:the|my|our|i|we)\b"
    r"|\b(?:at|in|on|with) (?:the|my|our|a|this) new\b"
)
_PLACE = re.compile(
    r"\b(?:at|in|on|from|near|beside|next to|close to|by) (?:my |our |the |a |an )?(?:"
    r"home|work|school|office|university|uni|college|campus|dorm|lab|shop|hotel|house|flat"
    r"|apartment|cabin|router|access point|garage|kitchen|basement|cellar|bedroom|attic|garden"
    r"|shed|barn|living room|(?:\w+'s|parents|friends|neighbou?rs)(?: \w+)?)\b|\bhere\b"
)
_ROUTER = re.compile(r"^(?:near|beside|next to|close to|by|at) .*(?:router|access point)$")
_ROOM = re.compile(
    r"\b(?:garage|kitchen|basement|cellar|bedroom|attic|garden|shed|barn|living room|house)$"
)
"""Places of one home, and so on one network."""


@dataclass
class _Clause:
    """`leads`: the time or place stands before what is said of the light, and so holds on."""

    words: list[Token] = field(default_factory=list)
    era: ClauseEra = ClauseEra.OPEN
    place: str = ""
    leads: bool = False

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.words)

    @property
    def is_of_light(self) -> bool:
        return any(token.kind in FEATURES for token in self.words)


def of_the_present(words: Sequence[Token]) -> tuple[list[Token], list[Answer]]:
    """The words of the light as it is now, where it fails, and what the others tell; all words
    where no other time or place is told of.
    """
    clauses = list(_inherited(_marked(words)))
    past = [clause for clause in clauses if clause.era in (ClauseEra.PAST, ClauseEra.ENDED)]
    present = [clause for clause in clauses if clause not in past]
    if not _speaks(past):
        past, present = _maybe_past(clauses)
    if _speaks(past) and (_speaks(present) or _was_online(past)):
        names_place = any(_OLD.search(clause.text) or clause.place for clause in past)
        told = [WORKS_ELSEWHERE if names_place else WORKED_BEFORE] if _was_online(past) else []
        return _joined(present), told
    return _where_it_fails(clauses) or (_joined(clauses), [])


def _joined(clauses: Sequence[_Clause]) -> list[Token]:
    """Their words; of "since yesterday" without the day, which says of nothing that it was."""
    return [
        token
        for clause in clauses
        for token in clause.words
        if clause.era is not ClauseEra.NOW or not _AGO.fullmatch(token.text)
    ]


def _speaks(clauses: Sequence[_Clause]) -> bool:
    return any(clause.is_of_light for clause in clauses)


def _was_online(clauses: Sequence[_Clause]) -> bool:
    """Did the light, at that time or place, end with that of a device that is online?"""
    stripped = [token for token in _joined(clauses) if token.kind is not TokenKind.UNREAL]
    reading: LightReading = meaning(sightings(stripped))
    return reading.last is not None and reading.last.state in ONLINE


def _maybe_past(clauses: list[_Clause]) -> tuple[list[_Clause], list[_Clause]]:
    """Of "was breathing cyan, now blinks green" the first, where it was online and no order of
    states is told.
    """
    maybe = [clause for clause in clauses if clause.era is ClauseEra.MAYBE and clause.is_of_light]
    others = [clause for clause in clauses if clause not in maybe]
    if (
        len(maybe) == 1
        and all(one.era is ClauseEra.NOW for one in others if one.is_of_light)
        and _was_online(maybe)
    ):
        return maybe, others
    return [], clauses


def _where_it_fails(clauses: list[_Clause]) -> tuple[list[Token], list[Answer]] | None:
    """Of two places, one of which has the light of a device that is online, the other."""
    places = list(dict.fromkeys(clause.place for clause in clauses if clause.place))
    if len(places) < 2:
        return None
    at = {place: [one for one in clauses if one.place == place] for place in places}
    fine = [place for place in places if _speaks(at[place]) and _was_online(at[place])]
    failing = [place for place in places if _speaks(at[place]) and place not in fine]
    if not fine or not failing:
        return None
    left = [clause for clause in clauses if clause.place not in fine]
    if any(map(_ROUTER.search, fine)):
        return _joined(left), [WORKS_NEAR]
    return _joined(left), [] if any(map(_ROOM.search, (*fine, *failing))) else [WORKS_ELSEWHERE]


# ------------------------------------------------------------------------------------------ clauses


def _clauses(words: Sequence[Token]) -> Iterator[_Clause]:
    """The words cut before each sign or word that may begin a new statement."""
    clause = _Clause()
    for token in words:
        if clause.words and (
            token.kind in (TokenKind.COMMA, TokenKind.STOP, TokenKind.AND)
            or (token.kind is TokenKind.THEN and token.value == "order")
            or token.text in ("when", "while", "whereas")
        ):
            yield clause
            clause = _Clause()
        clause.words.append(token)
    yield clause


def _marked(words: Sequence[Token]) -> list[_Clause]:
    """The clauses, each with the time and place that it names itself."""
    found = list(_clauses(words))
    for clause in found:
        clause.era, at = _era(clause)
        if place := _PLACE.search(clause.text):
            clause.place, at = place[0], min(at, place.start())
        first = next((token.text for token in clause.words if token.kind in FEATURES), "")
        clause.leads = not first or at < clause.text.index(first)
    return found


def _era(clause: _Clause) -> tuple[ClauseEra, int]:
    """The time that the clause names, and where in it."""
    text = clause.text.lstrip(",.;:!? ")
    begins = len(clause.text) - len(text)
    far = len(clause.text)
    was = _WAS.search(text)
    if found := _USED_TO.search(text):
        return ClauseEra.PAST, begins + found.start()
    if was and (found := _UNTIL.search(text)) and not _speaks([_after(clause, found[0])]):
        return ClauseEra.ENDED, begins + found.start()
    if _BEGAN.search(text):
        return (
            (ClauseEra.NOW, begins)
            if _NOW.search(text) or _AGO.search(text)
            else (ClauseEra.OPEN, far)
        )
    for pattern in (_AGO, _BEFORE, _OLD):
        if (found := pattern.search(text)) and not _is_event_of_light(clause, found[0]):
            return ClauseEra.PAST, begins + found.start()
    if was and (found := _FOR_LONG.search(text)):
        return ClauseEra.ENDED, begins + found.start()
    if found := _NOW.search(text):
        return ClauseEra.NOW, begins + found.start()
    earlier = _EARLIER.search(text)
    is_maybe = was or (earlier and not _is_event_of_light(clause, earlier[0]))
    return (ClauseEra.MAYBE, begins) if is_maybe else (ClauseEra.OPEN, far)


def _after(clause: _Clause, word: str) -> _Clause:
    """What follows that word."""
    at = next((at for at, token in enumerate(clause.words) if token.text.startswith(word)), 0)
    return _Clause(words=clause.words[at + 1 :])


def _is_event_of_light(clause: _Clause, found: str) -> bool:
    """Does "before the ..." go on with a light, as in "before the cyan it blinks green"?"""
    if not found.startswith(("before", "prior")):
        return False
    after = _after(clause, found.split()[0]).words
    telling = [token for token in after if token.text not in ("the", "my", "our", "to", "it", "a")]
    return not telling or telling[0].kind in FEATURES or telling[0].kind is TokenKind.LIGHT


def _inherited(clauses: list[_Clause]) -> Iterator[_Clause]:
    """The clauses; one that names no time or place has those that hold on from before it. A mark
    that stands alone holds for the clause that follows, or else for the one before it.
    """
    for at, clause in enumerate(clauses):
        following = clauses[at + 1] if at + 1 < len(clauses) else None
        if clause.is_of_light or (clause.era is ClauseEra.OPEN and not clause.place):
            continue
        if following is None or following.era is not ClauseEra.OPEN or following.place:
            _hand_back(clause, clauses[:at])
    era, place = ClauseEra.OPEN, ""
    for clause in clauses:
        opens = clause.words and clause.words[0].kind is TokenKind.STOP
        if opens or _is_new_statement(clause):
            era = ClauseEra.OPEN
        if opens and clause.era is not ClauseEra.OPEN:
            place = ""
        if clause.era is ClauseEra.OPEN:
            clause.era = era
        elif clause.era is ClauseEra.ENDED and not clause.is_of_light:
            era = ClauseEra.PAST
        elif clause.era in (ClauseEra.PAST, ClauseEra.NOW):
            era = clause.era if clause.leads else ClauseEra.OPEN
        else:
            era = ClauseEra.OPEN
        clause.place = clause.place or place
        place = clause.place if clause.leads else ""
        yield clause


def _hand_back(mark: _Clause, before: list[_Clause]) -> None:
    """The mark to the clause of the light before it, where that names none."""
    last = before[-1] if before else None
    if last is None or not last.is_of_light:
        return
    if last.era in (ClauseEra.OPEN, ClauseEra.MAYBE):
        last.era = mark.era
    last.place = last.place or mark.place


def _is_new_statement(clause: _Clause) -> bool:
    """Does it say in the present tense what the light does, and does no "then" go before?"""
    texts = [token.text for token in clause.words if token.kind is not TokenKind.COMMA]
    if any(token.kind is TokenKind.THEN and token.value == "order" for token in clause.words[:1]):
        return False
    return texts[:1] in (["it"], ["it's"], ["the"]) and bool(
        {"it's", "is", *NEW_STATEMENT}.intersection(texts[:4])
    )
