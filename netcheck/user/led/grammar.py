"""From words to sightings: what the light was said to show, one after the other, and what it was
said not to show.

A small grammar of how people write: `blinking green`, `green, blinking`, `cyan very fast`, `3 red`,
`red 3 times`; `then`, `after`, `never`, `doesn't get past`, `sometimes`. Words between two colours
belong to the one that follows, unless the run of words began with a colour ("green slow cyan
fast"). `runs` finds the runs, and what is denied or not meant; `combine` puts sightings together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from netcheck.user.led.combine import coloured, in_time, joined, joined_ahead
from netcheck.user.led.runs import WordRun, runs
from netcheck.user.led.sighting import BLENDS, MANY, LightSighting
from netcheck.user.led.tokens import Token, TokenKind

PLURAL = frozenset({"flashes", "blinks", "pulses"})
ANCHORS = frozenset({TokenKind.COLOUR, TokenKind.OTHER, TokenKind.SOS, TokenKind.MODE})

TINGES = {
    ("green", "cyan"): "cyan",
    ("amber", "green"): "green",
    ("amber", "red"): "orange",
    ("green", "yellow"): "yellow",
    ("magenta", "blue"): "blue",
}
"""A tinge and a colour whose blend is another where the order counts: yellowish green is green."""


def sightings(words: Sequence[Token]) -> list[LightSighting]:
    """What was said, in the order of time; what is not seen now, or is another device's, left
    out.
    """
    said = [sighting for run in runs(words) if run.is_meant for sighting in _sightings(run)]
    return in_time(coloured(joined_ahead(joined(said))))


# --------------------------------------------------------------------------------- runs → sightings


def _sightings(run: WordRun) -> Iterator[LightSighting]:
    """One for each colour of a run, or one that has none."""
    is_first = True
    for part in _parts(list(_tinged(_numbered(run.features)))):
        seen = _sighting(part)
        if seen == LightSighting():
            continue
        separator_before = run.separator_before if is_first else TokenKind.THEN
        yield replace(
            seen,
            separator_before=separator_before,
            opens=run.opens and is_first,
            is_denied=run.is_denied,
            is_sometimes=run.is_sometimes,
            stays=run.stays,
        )
        is_first = False


def _numbered(features: Sequence[Token]) -> Iterator[Token]:
    """The features; of "3 times" one that counts what stands before. "Time" without a number is
    none, nor is "the pinkish one".
    """
    for at, token in enumerate(features):
        following = features[at + 1] if at + 1 < len(features) else None
        if (
            token.text == "one"
            and at
            and features[at - 1].kind in (TokenKind.COLOUR, TokenKind.SHADE)
            and (following is None or following.kind is TokenKind.SPEED)
        ):
            continue
        if (
            token.kind is TokenKind.COUNT
            and following is not None
            and following.kind is TokenKind.TIMES
            and following.value == "number"
        ):
            yield Token(kind=TokenKind.TIMES, value=token.value, text=token.text)
        elif token.kind is not TokenKind.TIMES or token.value != "number":
            yield token


def _tinged(features: Iterator[Token]) -> Iterator[Token]:
    """The features, "bluish green" as the one colour it is."""
    shade: Token | None = None
    for token in features:
        if shade is not None:
            if token.kind in (TokenKind.COLOUR, TokenKind.SHADE):
                colour = TINGES.get((shade.value, token.value)) or BLENDS.get(
                    frozenset({shade.value, token.value}), token.value
                )
                token = Token(kind=token.kind, value=colour, text=token.text)
            else:
                yield _as_colour(shade)
        shade = token if token.kind is TokenKind.SHADE else None
        if shade is None:
            yield token
    if shade is not None:
        yield _as_colour(shade)


def _as_colour(shade: Token) -> Token:
    return Token(kind=TokenKind.COLOUR, value=shade.value, text=shade.text)


def _parts(features: Sequence[Token]) -> Iterator[list[Token]]:
    """The features cut where those of one colour end and those of the next begin."""
    anchors = [at for at, token in enumerate(features) if token.kind in ANCHORS]
    if not anchors:
        yield list(features)
        return
    has_colour_first = anchors[0] == 0
    start = 0
    for anchor, following in zip(anchors, [*anchors[1:], len(features)], strict=True):
        between = features[anchor + 1 : following]
        is_last = following == len(features)
        length = (
            len(between)
            if is_last
            else _belonging(between, features[start:anchor], has_colour_first=has_colour_first)
        )
        yield list(features[start : anchor + 1 + length])
        start = anchor + 1 + length


def _belonging(between: Sequence[Token], before: Sequence[Token], *, has_colour_first: bool) -> int:
    """How many of the words between two colours belong to the first of them."""
    counts = [at for at, token in enumerate(between) if token.kind is TokenKind.COUNT]
    if counts:
        return counts[0]
    taken = {token.kind for token in before}
    length = 0
    for token in between:
        is_adverb = (
            token.kind is TokenKind.TIMES
            or token.kind is TokenKind.NOUN
            or token.text.endswith("ly")
        )
        if token.kind in taken or not (has_colour_first or is_adverb):
            break
        taken.add(token.kind)
        length += 1
    return length


def _sighting(part: Sequence[Token]) -> LightSighting:
    """What the words about one colour say together."""
    by_kind: dict[TokenKind, Token] = {}
    for token in part:
        by_kind.setdefault(token.kind, token)
    noun, colour = by_kind.get(TokenKind.NOUN), by_kind.get(TokenKind.COLOUR)
    is_sos = TokenKind.SOS in by_kind
    if is_sos and noun is None and TokenKind.PATTERN not in by_kind:
        part = part[part.index(by_kind[TokenKind.SOS]) :]  # "two SOS" has no code, "SOS 8" has
    return LightSighting(
        colour=(
            ""
            if is_sos
            else colour.value
            if colour
            else "other"
            if TokenKind.OTHER in by_kind
            else ""
        ),
        pattern=_pattern(part, noun),
        speed=_value(by_kind, TokenKind.SPEED),
        count=_count(part),
        is_event=noun is not None
        and (noun.value == "many" or colour is None or part.index(noun) > part.index(colour)),
        is_sos=is_sos,
        mode=_value(by_kind, TokenKind.MODE),
    )


def _pattern(part: Sequence[Token], noun: Token | None) -> str:
    """How it lights; "a steady blinking" is no steady light."""
    named = [token.value for token in part if token.kind is TokenKind.PATTERN]
    moving = [pattern for pattern in named if pattern != "solid"]
    if not moving and noun is not None:
        return "pulse" if noun.text == "pulse" else "blink"
    return next(iter((*moving, *named)), "")


def _value(by_kind: dict[TokenKind, Token], kind: TokenKind) -> str:
    return by_kind[kind].value if kind in by_kind else ""


def _count(part: Sequence[Token]) -> int | None:
    """The number of flashes: of several the exact one; MANY for a plural without one, None where
    there is neither.

    "A burst of orange flashes" is not one flash.
    """
    is_plural = any(
        token.text in PLURAL or (token.kind is TokenKind.NOUN and token.value == "many")
        for token in part
    )
    counts = [
        int(token.value)
        for token in part
        if token.kind in (TokenKind.COUNT, TokenKind.TIMES)
        and not (is_plural and token.text in ("a", "an"))
    ]
    is_burst = is_plural and any(token.kind is TokenKind.NOUN for token in part)
    return next((count for count in counts if count), MANY if counts or is_burst else None)
