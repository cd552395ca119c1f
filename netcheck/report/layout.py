"""How text stands on a terminal: lines of WIDTH columns, sections, signs and colours, and places to
look. Meaning is in words, never in colour alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from netcheck.model import Rung, Stage, State, Struct, Verdict
from netcheck.report.answer import RungEntry

WIDTH = 80
REFERENCES_SHOWN = 3
DEEPEST_MARK = 9
BULLET, NUMBER = "- ", "{}. "
PLACES_ROOM = 34
KEPT = "\N{NO-BREAK SPACE}"
"""Where a line must not break."""
ALL = "--verbose"

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


def path_lines(path: Iterable[RungEntry | Rung], style: Style) -> list[str]:
    """The rungs with their signs; ownership only where something is known of it."""
    shown = [
        (step, f"{step.stage.value}{KEPT}{style.sign(step.state)}")
        for step in path
        if step.stage is not Stage.OWNERSHIP or step.state not in (State.UNTESTED, State.UNREACHED)
    ]
    painted = {text: style.paint(text, step.state) for step, text in shown}
    lines = textwrap.wrap(
        "  ".join(text for _, text in shown), style.width - 2, break_long_words=False
    )
    return [
        "  " + "  ".join(painted[word] for word in line.split("  ")).replace(KEPT, " ")
        for line in lines
    ]


def first_places(places: Sequence[str], count: int) -> str:
    """The first `count` places, a file's name once for packets in a row."""
    shown: list[str] = []
    before = ""
    for place in places[:count]:
        file, mark, packets = place.rpartition("#")
        shown.append(f"#{packets}" if mark and file == before else place)
        before = file
    return " ".join(shown)


def shown_places(places: Sequence[str], room: int) -> str:
    """The first places to look, as many as there is room for, and how many more there are."""
    for count, most in ((3, PLACES_ROOM), (2, PLACES_ROOM), (1, room)):
        more = len(places) - count
        text = first_places(places, count) + (f" +{more}" if more > 0 else "")
        if more >= 0 and len(text) <= most:
            return text
    return f"{len(places)} places: {ALL}" if places else ""


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


def kept_whole(text: str, width: int) -> list[str]:
    """Lines of that width; a command between backticks stays in one piece where it fits."""
    parts = text.split("`")
    for at in range(1, len(parts), 2):
        if len(parts[at]) < width - 2:
            parts[at] = parts[at].replace(" ", KEPT)
    lines = textwrap.wrap("`".join(parts), width, break_on_hyphens=False) or [""]
    return [line.replace(KEPT, " ") for line in lines]
