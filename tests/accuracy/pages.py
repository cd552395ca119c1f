"""The figures as `docs/accuracy.md` and the picture in it; the same figures give the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from netcheck.model import STANDING, Level
from tests.accuracy.figures import (
    HEALTHY,
    NOTHING,
    WITNESSES,
    Answered,
    KindFigures,
    LevelFigures,
    by_kind,
    by_level,
    confusion,
    mistaken,
    of_witness,
    rungs,
)

PICTURE = "accuracy.svg"
MOST_MISTAKES = 15
LEAST = {Level.CONFIRMED: 0.99, Level.LIKELY: 0.80}
"""Of the causes of that level so many must be right."""
LEAST_THIRD_HALVED = 0.90
"""With half of the evidence the true cause must be among the first three so often."""

INTRODUCTION = f"""\
# How often netcheck is right

Written by `python -m tests.accuracy` (15 s). It runs every input of which the true cause is known,
and fails where a figure is below its threshold. Refresh it with each release. The inputs are in
`tests/recorded`, `tests/captures`, `tests/cases`, and at the end of each cause's file.

Read it with care. Recorded scenarios were made in a lab by the people who wrote the causes; support
cases, told rows and typical words tuned the clues. Expect less of what nobody here has seen. A
cause is right where the truth of an input names or accepts it; any other counts as wrong, also one
that nobody could tell from it by that evidence.

![For each level, the share of causes that were right]({PICTURE})
"""


def page(answers: Sequence[Answered]) -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        "## The true cause, by kind of input\n",
        *_kinds(by_kind(answers)),
        "\nA false alarm is a fault or suspicion where nothing was wrong.\n",
        "## What the levels mean\n",
        *_levels(answers),
        f"\nThresholds: of confirmed causes {LEAST[Level.CONFIRMED]:.0%} right, of likely ones"
        f" {LEAST[Level.LIKELY]:.0%}; a possible one has none.\n",
        "## Which step is named for which\n",
        "Rows: the step of the true cause; columns: that of the first cause named."
        " Inputs with half of the evidence are left out.\n",
        *_confusion(one for one in answers if "half" not in one.asked.kind),
        "\n## Called likely, and not true\n",
        *_mistakes(mistaken(answers)),
    ]
    return "\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "–"


def _kinds(kinds: Iterable[KindFigures]) -> Iterator[str]:
    head = ("Input", "faulty", "right at first place", "within three", "well", "false alarms")
    rows = (
        (
            one.kind,
            one.of or "–",
            _share(one.first, one.of),
            _share(one.third, one.of),
            one.well or "–",
            one.false_alarms if one.well else "–",
        )
        for one in kinds
    )
    return _table(head, rows)


def _levels(answers: Sequence[Answered]) -> Iterator[str]:
    rows = [("all", *map(_of_level, by_level(answers)))]
    rows += [
        (witness, *map(_of_level, by_level(of_witness(answers, witness)))) for witness in WITNESSES
    ]
    head = ("Evidence", *(f"{level.value}: right" for level in STANDING))
    return _table(head, rows)


def _of_level(one: LevelFigures) -> str:
    return f"{one.right} of {one.named} ({one.share:.1%})" if one.named else "none"


def _confusion(answers: Iterable[Answered]) -> Iterator[str]:
    cells = confusion(answers)
    names = rungs(cells)
    columns = [*names, *(name for name in (HEALTHY, NOTHING) if any(name in c for c in cells))]
    lines = [name for name in columns if name != NOTHING]
    rows = ((f"**{row}**", *(cells[row, name] or "·" for name in columns)) for row in lines)
    return _table(("", *columns), rows)


def _mistakes(pairs: Counter[tuple[str, str]]) -> Iterator[str]:
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    rows = ((true, called, count) for (true, called), count in ordered[:MOST_MISTAKES])
    yield from _table(("True", "Called", "times"), rows)
    if len(ordered) > MOST_MISTAKES:
        yield f"\n{len(ordered) - MOST_MISTAKES} more pairs."


def misses(answers: Sequence[Answered]) -> list[str]:
    """What is below its threshold, one sentence each; empty where all is well."""
    found = []
    for witness in WITNESSES:
        for one in by_level(of_witness(answers, witness)):
            if one.share < LEAST.get(one.level, 0.0):
                found.append(f"{witness}: {one.level.value} is right in {one.share:.1%} only")
    for kind in by_kind(answers):
        if kind.false_alarms:
            found.append(f"{kind.kind}: {kind.false_alarms} false alarms")
        if "half" in kind.kind and kind.third < LEAST_THIRD_HALVED * kind.of:
            found.append(f"{kind.kind}: within three in {kind.third} of {kind.of} only")
    return found


# ---------------------------------------------------------------------------------------- picture

BAR, GAP, LEFT, TOP, HIGH = 34, 14, 48, 34, 200
COLOURS = {Level.CONFIRMED: "#1b7837", Level.LIKELY: "#5aae61", Level.POSSIBLE: "#c2a5cf"}


def picture(answers: Sequence[Answered]) -> str:
    """Bars: for each witness and level the share that was right, with the thresholds as lines."""
    groups = {name: by_level(of_witness(answers, name)) for name in WITNESSES}
    width = LEFT + len(groups) * (len(STANDING) * BAR + 2 * GAP) + GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{TOP + HIGH + 44}"'
            ' font-family="sans-serif" font-size="11">',
            "<title>Share of causes that were right, by level and evidence</title>",
            f'<rect width="{width}" height="{TOP + HIGH + 44}" fill="white"/>',
            *_legend(),
            *_scale(width),
            *(
                line
                for place, name in enumerate(groups)
                for line in _bars(place, name, groups[name])
            ),
            "</svg>\n",
        ]
    )


def _legend() -> Iterator[str]:
    for place, (level, colour) in enumerate(COLOURS.items()):
        x = LEFT + place * 100
        yield f'<rect x="{x}" y="8" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{x + 17}" y="18">{level.value}</text>'


def _scale(width: int) -> Iterator[str]:
    for percent in (0, 25, 50, 75, 100):
        y = TOP + HIGH - HIGH * percent // 100
        yield f'<line x1="{LEFT}" y1="{y}" x2="{width}" y2="{y}" stroke="#dddddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{percent} %</text>'


def _bars(place: int, name: str, levels: Iterable[LevelFigures]) -> Iterator[str]:
    begin = LEFT + GAP + place * (len(STANDING) * BAR + 2 * GAP)
    for number, one in enumerate(levels):
        x, middle = begin + number * BAR, begin + number * BAR + BAR // 2
        high = round(HIGH * one.share) if one.named else 0
        y = TOP + HIGH - high
        yield (
            f'<rect x="{x + 2}" y="{y}" width="{BAR - 4}" height="{high}"'
            f' fill="{COLOURS[one.level]}"/>'
        )
        said = f"{one.share:.0%}" if one.named else "none"
        yield f'<text x="{middle}" y="{y - 4}" text-anchor="middle">{said}</text>'
        if one.level in LEAST:
            limit = TOP + HIGH - round(HIGH * LEAST[one.level])
            yield (
                f'<line x1="{x}" y1="{limit}" x2="{x + BAR}" y2="{limit}" stroke="black"'
                ' stroke-dasharray="3 2"/>'
            )
    centre = begin + len(STANDING) * BAR // 2
    yield f'<text x="{centre}" y="{TOP + HIGH + 18}" text-anchor="middle">{name}</text>'
