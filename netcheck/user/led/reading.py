"""What a person saw of the light (`--led`), as observations: the furthest rung, the flashes, the
state in which it stays.

The light is what the firmware shows, but a person has looked at it: colours are misnamed, rhythms
misjudged. So what it says is weaker than any instrument, and what two words may mean stays open.
Nothing here depends on the Device OS version; what a flash means in which version is the
correlator's business (`correlator/rules/led_sequence.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from netcheck.model import NAMELESS, Observation, Outcome, Scalar, Target
from netcheck.text.secrets import scrubbed
from netcheck.user.led.eras import of_the_present
from netcheck.user.led.grammar import sightings
from netcheck.user.led.light import LightReading
from netcheck.user.led.meaning import meaning
from netcheck.user.led.repeatable import repeatable
from netcheck.user.led.rungs import rungs
from netcheck.user.led.tokens import MOST_TEXT, Token, TokenKind, tokens
from netcheck.vocabulary import FACTS, ONLINE

__all__ = ["LedError", "LightReading", "observations", "read"]

SOURCE = "device:led"
MOST_UNKNOWN = 8
"""Words named that were not understood."""
EXAMPLE = '"blinking green, fast cyan, 1 red"'
TELLING = frozenset(
    {
        TokenKind.PATTERN,
        TokenKind.SPEED,
        TokenKind.NOUN,
        TokenKind.SOS,
        TokenKind.MODE,
        TokenKind.LIGHT,
        TokenKind.REMAINS,
        TokenKind.THEN,
        TokenKind.OTHER,
        TokenKind.NOT,
    }
)
"""Words that speak of a light; a colour alone may be that of anything."""
FLASHING = frozenset({"red", "orange", "amber", "yellow", "magenta", "other"})
"""Colours of flashes: of the others people do not say that there were none."""

_UNREACHABLE = re.compile(
    r"unreachable|(?:can(?:'t|not| not|t)|could(?: not|n't)|unable to) (?:be )?"
    r"(?:reach|control|flash|contact|ping|talk to|see it online)"
    r"|(?:not|n't|never|no longer) (?:reachable|respond|react|answer)|no response"
    r"|\b(?:app|console|cloud|still|shows?|shown|says?|is|but|and|yet)\b[^.,;]{0,12}\boffline\b"
    r"|\boffline (?:in|on|for) (?:the|my) (?:app|console|cloud|web|phone)"
)
"""What is said beside the light of a device that nobody reaches."""

Data = tuple[tuple[str, Scalar], ...]


class LedError(Exception):
    """Nothing was understood; the text is a sentence that says what was not, and gives an
    example.
    """


def read(text: str) -> LightReading:
    """What the words say of the light; nothing where nothing is written. Raises LedError where
    nothing of it is understood.

    A password written beside it is neither kept nor repeated: of the words that were not understood
    `unknown` has those that may be shown to the user who typed them.
    """
    written, text = text, "\n".join(map(scrubbed, text.splitlines()))
    words = tokens(text)
    unknown = tuple(dict.fromkeys(word.text for word in words if word.kind is TokenKind.UNKNOWN))
    present, told = of_the_present(words)
    reading = replace(
        meaning(sightings(present)),
        told=tuple(told),
        is_unreachable=_UNREACHABLE.search(
            text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        )
        is not None,
        goes_round=any(
            word.kind is TokenKind.REMAINS and word.value == "round" for word in present
        ),
    )
    if text.strip() and (reading.is_empty or _is_of_something_else(words, unknown, reading)):
        raise LedError(_not_understood(written, unknown))
    return replace(
        reading,
        unknown=repeatable(unknown, written)[:MOST_UNKNOWN],
        unknown_words=len(unknown) + (len(text) > MOST_TEXT),
    )


def _is_of_something_else(
    words: Iterable[Token], unknown: tuple[str, ...], reading: LightReading
) -> bool:
    """Is a colour, or a rhythm, all that was understood, beside as many words that were not?
    Tomatoes are red and advice is solid, too.
    """
    kinds = [word.kind for word in words if word.value != "verb"]
    if reading.is_unnamed and not (reading.lights or reading.flashes):
        return bool(unknown) and TokenKind.LIGHT not in kinds
    return not TELLING.intersection(kinds) and len(unknown) >= max(1, kinds.count(TokenKind.COLOUR))


def _not_understood(text: str, unknown: tuple[str, ...]) -> str:
    named = repeatable(unknown, text)[:MOST_UNKNOWN]
    what = "no colour or rhythm in it"
    if unknown:
        what = f"{len(unknown)} of its words are not known"
        what += f", such as {', '.join(named)}" if named else ""
    return f"this does not say what the light does ({what}); say for instance {EXAMPLE}."


# ------------------------------------------------------------------------------------- observations


def observations(reading: LightReading, target: Target, at: float) -> Iterator[Observation]:
    """What was seen of the device asked for, else of the one the user speaks of. `at`: UTC seconds
    since 1970.

    How many words were not understood goes with the first, so that the answer can say so; the
    words are not kept.
    """
    unread: Data = (("unread_words", reading.unknown_words),) if reading.unknown_words else ()
    for fact, outcome, data in _seen(reading):
        yield Observation(
            stage=FACTS[fact].stage,
            fact=fact,
            outcome=outcome,
            subject=target.device or NAMELESS,
            source=SOURCE,
            site=target.site,
            at=at,
            data=(*data, *unread),
            ref="led",
        )
        unread = ()


def _seen(reading: LightReading) -> Iterator[tuple[str, Outcome, Data]]:
    """Fact, outcome and data of each observation."""
    stays: Data = (("stays", True),) if reading.keeps_updating else ()
    by_rhythm: Data = (("by_rhythm", True),) if reading.is_by_rhythm else ()
    for step, light in enumerate(reading.lights, 1):
        for state in (light.state, *light.alternatives):
            yield "led.state", Outcome.OK, (("value", state), ("step", step))
    if last := reading.last:
        for state in (last.state, *last.alternatives):
            yield "led.last", Outcome.OK, (("value", state), *by_rhythm, *stays)
    if reading.is_unnamed or reading.is_denied_alone:
        yield "led.last", Outcome.UNCLEAR, ()
    for flash in reading.flashes:
        yield "led.flash", Outcome.OK, (("value", flash.name),)
    if reading.is_unreachable and last is not None and last.state in ONLINE:
        yield "told.online_in_console", Outcome.OK, (("value", "no"),)
    for fact, value in reading.told:
        yield fact, Outcome.OK, (("value", value),)
    if FLASHING.intersection(reading.denied):
        yield "led.flash", Outcome.FAILED, (("value", "none"),)
    if reading.sos is not None:
        yield "led.sos", Outcome.OK, (("number", reading.sos),) if reading.sos else ()
    if reading.restarts:
        yield "led.restart", Outcome.OK, ()
    yield from ((fact, outcome, ()) for fact, outcome in rungs(reading).items())
