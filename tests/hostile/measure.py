"""How much memory and time netcheck takes for each hostile input.

`python -m tests.hostile.measure [NAME...]` prints a table.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from tests.hostile import captures, cases

NAMES = (*captures.CAPTURES, *cases.CASES, *cases.LOGS, "log_that_never_ends")
MOST_BYTES = 3_000_000


_LAUNCHER = """
import os, sys
child = os.fork()
if not child:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
code = os.waitstatus_to_exitcode(status)
os.write(int(sys.argv[1]), b"%d %f %d" % (code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss))
"""
"""Starts a command from a small process: the greatest memory of the one that starts it counts as
its own (getrusage(2)), and pytest's is large.
"""


class Cost(NamedTuple):
    """What one run took, and what it said."""

    code: int
    seconds: float
    """Of the processor: what a busy machine takes longer is not the input's cost. Of what waits
    for its input, the time until it ended.
    """
    mib: float
    output: str


def command(name: str, folder: Path) -> list[str]:
    """The arguments for an input, which is written into the folder by another process: what it
    takes to make one is not kept here.
    """
    if name not in NAMES[:-1]:
        return ["case", "--log", "-"]
    path = folder / name
    subprocess.run(
        [
            sys.executable,
            "-c",
            f"from tests.hostile.measure import write; write({name!r}, {str(path)!r})",
        ],
        check=True,
    )
    if name in captures.CAPTURES:
        return ["pcap", str(path)]
    return ["case", str(path)] if name in cases.CASES else ["case", "--log", str(path)]


def write(name: str, path: str) -> None:
    """Write the input of that name into a file."""
    if name in captures.CAPTURES:
        content = captures.stored(name)
    else:
        content = cases.stored(name) if name in cases.CASES else cases.LOGS[name]().encode()
    assert len(content) <= MOST_BYTES, (name, len(content))
    Path(path).write_bytes(content)


def measured(name: str, folder: Path, most_s: float = 120) -> Cost:
    """Run netcheck on that input."""
    arguments = [sys.executable, "-m", "netcheck", *command(name, folder), "--verbose"]
    endless = name == "log_that_never_ends"
    feed = subprocess.Popen(["yes"], stdout=subprocess.PIPE) if endless else None
    begin = time.monotonic()
    with (folder / "output").open("w+b") as out, (folder / "cost").open("w+b") as cost:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", _LAUNCHER, str(cost.fileno()), *arguments],
            stdin=feed.stdout if feed else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=[cost.fileno()],
            start_new_session=True,
        )
        if feed and feed.stdout:
            feed.stdout.close()
        timer = threading.Timer(most_s, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        process.wait()
        timer.cancel()
        took_s = time.monotonic() - begin
        cost.seek(0)
        code, cpu_s, kib = (float(one) for one in (cost.read().split() or (-9, most_s, 0)))
        out.seek(0)
        output = out.read(2_000_000).decode("utf-8", "replace")
    if feed:
        feed.kill()
        feed.wait()
    return Cost(int(code), took_s if endless else cpu_s, kib / 1024, output)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or NAMES:
            cost = measured(name, Path(folder), 60)
            flag = (
                "!" if cost.seconds > 20 or cost.mib > 256 or cost.code not in (0, 1, 2, 3) else " "
            )
            print(
                f"{flag} {name:36} {cost.code:3} {cost.seconds:6.1f} s {cost.mib:6.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
