"""How text stands on a terminal: lines of WIDTH columns, sections, signs and colours, and places to
look. Meaning is in words, never in colour alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from netcheck.model import State, Struct, Verdict

WIDTH = 80
REFERENCES_SHOWN = 3
PLACES_ROOM = 34
"""Columns of the places at the right of a reason on a screen."""
ALL = "--verbose"
DEEPEST_MARK = 9
BULLET, NUMBER = "- ", "{}. "

SIGNS = {
    State.PASSED: ("✓", "+"),
    State.IMPLIED: ("✓", "+"),
    State.FAILED: ("✗", "x"),
    State.MIXED: ("!", "!"),
    State.UNREACHED: ("·", "."),
    State.UNTESTED: ("?", "?"),
}
COLOURS = {
    State.PASSED: "32",
    State.IMPLIED: "32",
    State.FAILED: "31",
    State.MIXED: "33",
    Verdict.HEALTHY: "32",
    Verdict.FAULT: "31",
    Verdict.SUSPECTED: "33",
    Verdict.INSUFFICIENT: "33",
}
"""Select Graphic Rendition parameters (ECMA-48 §8.3.117): green, red, yellow."""


class Style(Struct, frozen=True, kw_only=True):
    """What the reader's terminal can show."""

    colour: bool = False
    plain: bool = False
    """ASCII signs only."""
    width: int = WIDTH
    """Columns of the first screen."""

    def sign(self, state: State) -> str:
        """One character for a state; its word always stands beside it."""
        return SIGNS[state][self.plain]

    def paint(self, text: str, meaning: State | Verdict) -> str:
        """The text in the colour of its meaning, if there are colours."""
        code = COLOURS.get(meaning) if self.colour else None
        return f"\x1b[{code}m{text}\x1b[0m" if code else text

    def dim(self, text: str) -> str:
        """The text as what stands in the background, such as references."""
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text


def section(heading: str, lines: Iterable[str]) -> list[str]:
    """A heading with its lines; nothing where there are none."""
    body = list(lines)
    return ["", heading, *body] if body else []


def where(places: Sequence[str], room: int = WIDTH) -> str:
    """The first places to look, as many as there is room for, and how many more there are."""
    for count in range(min(len(places), REFERENCES_SHOWN), 1, -1):
        text = _places(places, count)
        if len(text) <= room:
            return text
    return _places(places, 1)


def _places(places: Sequence[str], count: int) -> str:
    """The first `count` places, and how many more there are."""
    more = len(places) - count
    return first_places(places, count) + (f" and {more} more" if more > 0 else "")


def places_in_forms(places: Sequence[str], only_file: str) -> Iterator[str]:
    """The first places to look and how many more there are, in forms that get shorter: as many as
    there is room for, fewer, without the name of the only file, and their number alone.
    """
    bare = [place.removeprefix(only_file) for place in places]
    for shown in (places, bare):
        for count in range(min(len(shown), REFERENCES_SHOWN), 0, -1):
            more = len(shown) - count
            text = first_places(shown, count) + (f" +{more}" if more else "")
            if len(text) <= PLACES_ROOM and (shown is places or bare != list(places)):
                yield text
    if places:
        yield f"{len(places)} places: {ALL}"


def first_places(places: Sequence[str], count: int) -> str:
    """The first `count` places, a file's name once for packets in a row."""
    shown: list[str] = []
    before = ""
    for place in places[:count]:
        file, mark, packets = place.rpartition("#")
        shown.append(f"#{packets}" if mark and file == before else place)
        before = file
    return " ".join(shown)


def duration(seconds: float) -> str:
    """A time as people say it."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def listed(sentences: Iterable[str]) -> Iterator[str]:
    """Sentences as lines, each with a bullet."""
    for sentence in sentences:
        yield from wrapped(sentence, BULLET)


def wrapped(
    text: str,
    mark: str = "",
    *,
    indent: str | None = None,
    below: str | None = None,
    width: int = WIDTH,
) -> list[str]:
    """The text in lines of `width`; `mark` stands before the first, and the others start below its
    text.

    A marked text is indented by two columns unless said otherwise, an unmarked one not at all.
    """
    start = indent if indent is not None else "  " if mark else ""
    rest = below if below is not None else start + " " * min(len(mark), DEEPEST_MARK)
    return textwrap.wrap(
        text, width, initial_indent=start + mark, subsequent_indent=rest, break_on_hyphens=False
    ) or [start + mark]
