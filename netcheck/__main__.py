"""`python -m netcheck`, and what the command `netcheck` runs."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """The command line; see `netcheck.cli`. Ctrl-C before that is even loaded ends it without a traceback, by the same code."""
    try:
        from netcheck.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
