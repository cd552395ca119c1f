"""Sightings that a text gives bit by bit, put together: more said of the same one, colours that go
without saying, and the order of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netcheck.user.led.sighting import BLENDS, OF_STATES, LightSighting
from netcheck.user.led.tokens import TokenKind

LOOSE = frozenset({TokenKind.COMMA, TokenKind.AND, TokenKind.STOP})
"""Signs beyond which more may be said of the same sighting."""


def joined(said: Sequence[LightSighting]) -> list[LightSighting]:
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
        more.separator_before in (TokenKind.OR, TokenKind.SLASH)
        and one.colour
        and more.colour
        and not (one.is_denied or more.is_denied)
    ):
        return _either(one, more)
    is_loose = more.separator_before in LOOSE or (
        more.separator_before is TokenKind.SLASH and not more.colour
    )
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
    if _is_adverb(one, more):
        return one
    if more.colour:
        return replace(one, stays=one.stays or more.stays) if _repeats(one, more) else None
    return _more(one, more)


def _is_adverb(one: LightSighting, more: LightSighting) -> bool:
    """Does "steady" say how it breathes or blinks: "breathing cyan, nice and steady"?"""
    is_alone = more == LightSighting(
        pattern="solid", separator_before=more.separator_before, stays=more.stays, opens=more.opens
    )
    is_near = more.separator_before in (TokenKind.COMMA, TokenKind.AND)
    return is_alone and is_near and one.pattern in ("breathe", "pulse", "blink")


def _either(one: LightSighting, more: LightSighting) -> LightSighting | None:
    """ "Blue or green": what both may be together, or the first with an alternative; "cyan/red" is
    one after the other.
    """
    if (
        one.pattern
        and more.pattern
        and (more.separator_before is TokenKind.SLASH or one.pattern != more.pattern)
    ):
        return None
    blend = (
        one.colour
        if one.colour == more.colour
        else BLENDS.get(frozenset({one.colour, more.colour}), "")
    )
    if not blend and (
        more.separator_before is TokenKind.SLASH or not {one.colour, more.colour} <= OF_STATES
    ):
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


def joined_ahead(said: Sequence[LightSighting]) -> list[LightSighting]:
    """Those that begin what the next one goes on with ("fast blinking, cyan") as one."""
    found: list[LightSighting] = []
    for seen in reversed(said):
        after = found[-1] if found else None
        is_begun = (
            after is not None
            and _is_named(after)
            and after.separator_before in LOOSE
            and not (seen.colour or seen.is_sos or seen.mode)
        )
        joined = (
            _more(replace(after, separator_before=seen.separator_before, opens=seen.opens), seen)
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


def coloured(said: Sequence[LightSighting]) -> list[LightSighting]:
    """With the colours and patterns that go without saying: "then faster", "flashes green, then
    cyan".

    Counted flashes without a colour are of another one; counted breaths are not.
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
        elif seen.count is not None and seen.pattern != "breathe":
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
        seen.separator_before in LOOSE
        and denied.separator_before in LOOSE
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


def in_time(said: Sequence[LightSighting]) -> list[LightSighting]:
    """In the order of time: "red after cyan" and "before cyan, green" turned round."""
    found: list[LightSighting] = []
    for at, seen in enumerate(said):
        if (seen.separator_before is TokenKind.AFTER and not seen.opens and found) or (
            at and said[at - 1].separator_before is TokenKind.BEFORE and said[at - 1].opens
        ):
            found.insert(len(found) - 1, seen)
        else:
            found.append(seen)
    return found
