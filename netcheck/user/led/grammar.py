"""From words to sightings: what the light was said to show, one after the other, and what it was
said not to show.

A small grammar of how people write: `blinking green`, `green, blinking`, `cyan very fast`, `3 red`,
`red 3 times`; `then`, `after`, `never`, `doesn't get past`, `sometimes`. Words between two colours
belong to the one that follows, unless the run of words began with a colour ("green slow cyan
fast"). `led_runs` finds the runs, and what is denied or not meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from netcheck.user.led.runs import WordRun, runs
from netcheck.user.led.tokens import Token, TokenKind

MANY = 0
"""The count of flashes that were not counted."""
OF_STATES = frozenset({"green", "cyan", "blue", "white"})
"""Colours that a state has and no flash."""
LOOSE = frozenset({TokenKind.COMMA, TokenKind.AND, TokenKind.STOP})
"""Signs beyond which more may be said of the same sighting."""
PLURAL = frozenset({"flashes", "blinks", "pulses"})
ANCHORS = frozenset({TokenKind.COLOUR, TokenKind.OTHER, TokenKind.SOS, TokenKind.MODE})

BLENDS = {
    frozenset({"blue", "green"}): "cyan",
    frozenset({"blue", "cyan"}): "cyan",
    frozenset({"red", "blue"}): "magenta",
    frozenset({"red", "magenta"}): "magenta",
    frozenset({"blue", "magenta"}): "magenta",
    frozenset({"red", "orange"}): "orange",
    frozenset({"red", "amber"}): "orange",
    frozenset({"orange", "amber"}): "orange",
    frozenset({"orange", "yellow"}): "amber",
    frozenset({"amber", "yellow"}): "amber",
}
"""Two colours named for one light → what it is."""
TINGES = {
    ("green", "cyan"): "cyan",
    ("amber", "green"): "green",
    ("amber", "red"): "orange",
    ("green", "yellow"): "yellow",
    ("magenta", "blue"): "blue",
}
"""A tinge and a colour whose blend is another where the order counts: yellowish green is green."""


@dataclass(frozen=True)
class LightSighting:
    """One thing the light was said to show; None and "": not said. `is_event`: said as of a short
    event, such as a blip.

    `alternative`: another colour that it may have been. `joint`: what stood before it; `opens`:
    nothing stood before it in its sentence.
    """

    colour: str = ""
    pattern: str = ""
    speed: str = ""
    count: int | None = None
    is_event: bool = False
    is_sos: bool = False
    mode: str = ""
    alternative: str = ""
    joint: TokenKind = TokenKind.STOP
    opens: bool = False
    is_denied: bool = False
    is_sometimes: bool = False
    stays: bool = False

    @property
    def is_counted_event(self) -> bool:
        """Is it a run of flashes rather than a state?"""
        return self.colour not in OF_STATES and (self.count is not None or self.is_event)


def sightings(words: Sequence[Token]) -> list[LightSighting]:
    """What was said, in the order of time; what is not seen now, or is another device's, left
    out.
    """
    said = [sighting for run in runs(words) if run.is_meant for sighting in _sightings(run)]
    return _in_time(_coloured(_joined_on(_joined(said))))


# --------------------------------------------------------------------------------- runs → sightings


def _sightings(run: WordRun) -> Iterator[LightSighting]:
    """One for each colour of a run, or one that has none."""
    is_first = True
    for part in _parts(list(_tinged(_numbered(run.features)))):
        seen = _sighting(part)
        if seen == LightSighting():
            continue
        joint = run.joint if is_first else TokenKind.THEN
        yield replace(
            seen,
            joint=joint,
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


# -------------------------------------------------------------------------- sightings said in parts


def _joined(said: Sequence[LightSighting]) -> list[LightSighting]:
    """Those of which the next sighting says more ("green, blinking") as one."""
    found: list[LightSighting] = []
    for seen in said:
        joined = _with(found[-1], seen) if found else None
        if joined is None:
            found.append(seen)
        else:
            found[-1] = joined
    return found


def _with(one: LightSighting, more: LightSighting) -> LightSighting | None:
    """The first sighting with what the second adds to it; None where the second is one of its
    own.
    """
    if (
        more.joint in (TokenKind.OR, TokenKind.SLASH)
        and one.colour
        and more.colour
        and not (one.is_denied or more.is_denied)
    ):
        return _either(one, more)
    is_loose = more.joint in LOOSE or (more.joint is TokenKind.SLASH and not more.colour)
    if not is_loose or one.is_sos or more.is_sos:
        return None
    if (
        more.is_denied
        and not one.is_denied
        and not more.colour
        and more.pattern == "blink"
        and one.colour
        and not one.pattern
    ):
        return replace(one, pattern="solid")
    if one.is_denied != more.is_denied or not one.colour:
        return None
    if more.colour:
        return one if _repeats(one, more) else None
    return _more(one, more)


def _either(one: LightSighting, more: LightSighting) -> LightSighting | None:
    """ "Blue or green": what both may be together, or the first with an alternative; "cyan/red" is
    one after the other.
    """
    if (
        one.pattern
        and more.pattern
        and (more.joint is TokenKind.SLASH or one.pattern != more.pattern)
    ):
        return None
    blend = (
        one.colour
        if one.colour == more.colour
        else BLENDS.get(frozenset({one.colour, more.colour}), "")
    )
    if not blend and (more.joint is TokenKind.SLASH or not {one.colour, more.colour} <= OF_STATES):
        return None
    filled = _filled(one, more)
    return replace(filled, colour=blend) if blend else replace(filled, alternative=more.colour)


def _repeats(one: LightSighting, more: LightSighting) -> bool:
    """Is nothing new said, as in "breathing magenta, the pinkish one"?"""
    return one.colour == more.colour and more == replace(
        more, pattern="", speed="", count=None, is_event=False
    )


def _more(one: LightSighting, more: LightSighting) -> LightSighting | None:
    """A colour with more said of it; None where both say the same thing differently."""
    slots = ((one.pattern, more.pattern), (one.speed, more.speed))
    if any(first and second and first != second for first, second in slots):
        return None
    if more.count is not None and (one.colour in OF_STATES or one.count is not None):
        return None
    if "breathe" in (one.pattern, more.pattern) and "fast" in (one.speed, more.speed):
        return None
    return _filled(one, more)


def _filled(one: LightSighting, more: LightSighting) -> LightSighting:
    return replace(
        one,
        pattern=one.pattern or more.pattern,
        speed=one.speed or more.speed,
        count=more.count if one.count is None else one.count,
        is_event=one.is_event or more.is_event,
        is_sometimes=one.is_sometimes or more.is_sometimes,
        stays=one.stays or more.stays,
    )


def _joined_on(said: Sequence[LightSighting]) -> list[LightSighting]:
    """Those that begin what the next one goes on with ("fast blinking, cyan") as one."""
    found: list[LightSighting] = []
    for seen in reversed(said):
        after = found[-1] if found else None
        is_begun = (
            after is not None
            and _is_named(after)
            and after.joint in LOOSE
            and not (seen.colour or seen.is_sos or seen.mode)
        )
        joined = (
            _more(replace(after, joint=seen.joint, opens=seen.opens), seen)
            if after is not None and is_begun
            else None
        )
        if (
            joined is not None
            and after is not None
            and after.is_denied == seen.is_denied
            and after.opens is False
        ):
            found[-1] = joined
        else:
            found.append(seen)
    return found[::-1]


def _coloured(said: Sequence[LightSighting]) -> list[LightSighting]:
    """With the colours and patterns that go without saying: "then faster", "flashes green, then
    cyan".

    Counted flashes without a colour are of another one.
    """
    found: list[LightSighting] = []
    for at, (seen, following) in enumerate(zip(said, [*said[1:], LightSighting()], strict=False)):
        before = found[-1] if found else LightSighting()
        if _share_a_colour(before, seen):
            found[-1], seen = replace(before, colour=""), replace(seen, colour=before.colour)
        elif seen.colour and _share_a_colour(seen, before):
            seen = replace(seen, colour="")
        if seen.colour or seen.is_sos or seen.mode:
            seen = _as_before(seen, found)
        elif seen.count is not None:
            seen = replace(seen, colour="other")
        elif _share_a_colour(following, seen) or (seen.is_denied and following.is_denied):
            seen = replace(seen, colour=following.colour)
        elif not seen.is_denied:
            seen = replace(seen, colour=_colour_of_others(found, said[at:]))
        found.append(seen)
    return found


def _share_a_colour(denied: LightSighting, seen: LightSighting) -> bool:
    """Is one pattern denied and the other seen of a colour named once: "not breathing green but
    blinking"?
    """
    if (
        not (denied.is_denied and denied.colour and denied.pattern)
        or seen.is_denied
        or seen.colour not in ("", denied.colour)
    ):
        return False
    return (
        seen.joint in LOOSE
        and denied.joint in LOOSE
        and bool(seen.pattern)
        and seen.pattern != denied.pattern
        and seen.count is None
    )


def _as_before(seen: LightSighting, found: Sequence[LightSighting]) -> LightSighting:
    """With the blinking that was said of the colour before it."""
    before = next((one for one in reversed(found) if _is_named(one)), LightSighting())
    is_of_states = before.colour in OF_STATES and seen.colour in OF_STATES and not seen.is_denied
    return (
        replace(seen, pattern="blink")
        if is_of_states and before.pattern == "blink" and not (seen.pattern or seen.speed)
        else seen
    )


def _colour_of_others(before: Sequence[LightSighting], after: Sequence[LightSighting]) -> str:
    """The colour named last, else the one named next."""
    return next((one.colour for one in (*reversed(before), *after) if _is_named(one)), "")


def _is_named(one: LightSighting) -> bool:
    return one.colour not in ("", "other") and not one.is_denied and not one.is_counted_event


def _in_time(said: Sequence[LightSighting]) -> list[LightSighting]:
    """In the order of time: "red after cyan" and "before cyan, green" turned round."""
    found: list[LightSighting] = []
    for at, seen in enumerate(said):
        if (seen.joint is TokenKind.AFTER and not seen.opens and found) or (
            at and said[at - 1].joint is TokenKind.BEFORE and said[at - 1].opens
        ):
            found.insert(len(found) - 1, seen)
        else:
            found.append(seen)
    return found
