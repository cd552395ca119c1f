"""`python -m tests.accuracy [--weighings]`: how often netcheck is right, on every labelled input.

Writes docs/accuracy.md and its picture, prints what is below its threshold, and ends with 1 if
anything is. `--weighings` writes nothing, and compares ways of weighing instead.
"""

from __future__ import annotations

import argparse
import sys

from tests.accuracy import pages, weighings
from tests.accuracy.figures import answered
from tests.accuracy.labelled import every
from tests.helpers.places import TOP


def main() -> int:
    """0, or 1 where a figure is below its threshold."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--weighings", action="store_true", help="compare ways of weighing")
    options = parser.parse_args()
    answers = answered(every())
    if options.weighings:
        print(*weighings.report(answers), sep="\n")
        return 0
    folder = TOP / "docs"
    (folder / "accuracy.md").write_text(pages.page(answers), encoding="utf-8")
    (folder / pages.PICTURE).write_text(pages.picture(answers), encoding="utf-8")
    missed = pages.misses(answers)
    print(*(missed or [f"{len(answers)} inputs: all thresholds are kept"]), sep="\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
