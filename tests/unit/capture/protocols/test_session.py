"""How a session goes: rows of packets, and what they say of it. Each limit stands in two rows, just
within and just beyond it.
"""

from __future__ import annotations

import pytest

from netcheck.capture.protocols.cloud_keys import makers_key
from netcheck.capture.protocols.cloud_steps import ConnectionWatch
from netcheck.capture.protocols.handshake import read_handshake
from tests.helpers.segments import SECOND_NS, connection, step_line

HANDSHAKE = "0 >S | .1 <SA | .2 <40 | .3 >256 | .4 <384 | .5 >18 | .6 <18"


def steps(row: str) -> list[str]:
    """The steps of a row: packets, `@`, until when it was watched in s, `moved`, `restarted`, or
    `rejoined` for a device that ran on.
    """
    line, _, watched = row.partition(" @ ")
    until, *more = watched.split()
    watch = ConnectionWatch(
        round(float(until) * SECOND_NS),
        "moved" in more,
        "restarted" in more or "rejoined" in more,
        kept_running="rejoined" in more,
    )
    return [step_line(step) for step in read_handshake(connection(line), watch, makers_key())]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            f"{HANDSHAKE} | 3.5 <FA @ 60",
            "session.open failed closed 0.6-3.5 #7,8 lasted_s=2.9",
        ),
        (
            f"{HANDSHAKE} | 3.6 <FA @ 60",
            (
                "session.open ok 0.6-0.6 #7 + session.end failed closed 0.6-3.6 #7,8 lasted_s=3.0 "
                "idle_s=3.0 after_ms=3000.0 ttl=52 rtt_ms=100.0"
            ),
        ),
        (
            f"{HANDSHAKE} @ 3.5",
            "",
        ),
        (
            f"{HANDSHAKE} @ 3.6",
            "session.open ok 0.6-0.6 #7",
        ),
        (
            f"{HANDSHAKE} | .7 <34 | .8 >34 | 5 >FA @ 60 moved",
            (
                "session.open ok 0.6-0.7 #7,8 + session.end unclear device_closed 0.6-5 #9,10 "
                "lasted_s=4.4 idle_s=4.2 restarted=False"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16 >18 | 16.1 <18 @ 20",
            "session.keepalive ok 16-16.1 #9,10 idle_s=15.0 + session.open ok 0.6-1 #7,8",
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16 >18 | 26 <18 @ 30",
            "session.keepalive ok 16-26 #9,10 idle_s=15.0 + session.open ok 0.6-1 #7,8",
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16 >18 | 26.1 <18 @ 30",
            "session.keepalive failed late 16-26.1 #9,10 idle_s=15.0 + session.open ok 0.6-1 #7,8",
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16 >18 | 17 >18r | 18 <R/64 @ 30",
            (
                "session.keepalive failed reset 16-18 #9,11 idle_s=15.0 after_ms=2000.0 ttl=64 "
                "server_ttl=52 rtt_ms=100.0 + session.open ok 0.6-1 #7,8"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16 >18 | 16.1 <A @ 25",
            "session.keepalive failed silent 16-25 #9 idle_s=15.0 + session.open ok 0.6-1 #7,8",
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16 >18 @ 60",
            "session.keepalive failed timeout 16-26 #9 idle_s=15.0 + session.open ok 0.6-1 #7,8",
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16 >18 @ 24.9",
            (
                "session.keepalive unclear cut_off 16-24.9 #9 idle_s=15.0 + session.open ok 0.6-1 "
                "#7,8"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 9 >18 | 9.1 <18 @ 12",
            "session.keepalive ok 9-9.1 #9,10 idle_s=8.0 + session.open ok 0.6-1 #7,8",
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 8.9 >18 | 9.1 <18 @ 12",
            "session.open ok 0.6-1 #7,8",
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16.2 >FA @ 30",
            (
                "session.open ok 0.6-1 #7,8 + session.end failed no_ping 0.6-16.2 #8,9 "
                "lasted_s=15.6 idle_s=15.2 restarted=False"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16.1 >FA @ 30 moved restarted",
            (
                "session.open ok 0.6-1 #7,8 + session.end unclear device_closed 0.6-16.1 #8,9 "
                "lasted_s=15.5 idle_s=15.1 restarted=True"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 @ 18 moved",
            (
                "session.open ok 0.6-1 #7,8 + session.end failed no_ping 0.6-18 #8 lasted_s=0.4 "
                "idle_s=17.0 restarted=True"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 @ 17.9 moved",
            (
                "session.open ok 0.6-1 #7,8 + session.end unclear device_closed 0.6-17.9 #8 "
                "lasted_s=0.4 idle_s=16.9 restarted=True"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 16.1 >FA @ 30 moved rejoined",
            (
                "session.open ok 0.6-1 #7,8 + session.end unclear device_closed 0.6-16.1 #8,9 "
                "lasted_s=15.5 idle_s=15.1 restarted=False"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 @ 18 moved rejoined",
            (
                "session.open ok 0.6-1 #7,8 + session.end unclear link_lost 0.6-18 #8 lasted_s=0.4 "
                "idle_s=17.0 restarted=False"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 @ 18 moved restarted",
            (
                "session.open ok 0.6-1 #7,8 + session.end unclear device_closed 0.6-18 #8 "
                "lasted_s=0.4 idle_s=17.0 restarted=True"
            ),
        ),
        (
            f"{HANDSHAKE} | 1 >34 | 9 <RA/64 @ 30",
            (
                "session.open ok 0.6-1 #7,8 + session.end failed reset 0.6-9 #8,9 lasted_s=8.4 "
                "idle_s=8.0 after_ms=8000.0 ttl=64 server_ttl=52 rtt_ms=100.0"
            ),
        ),
        (
            "0 >18 | .1 <18 @ 2",
            "session.open ok 0-0.1 #1,2",
        ),
        (
            "0 >18 | .1 <19 @ 2",
            "",
        ),
        (
            "0 >18 | .1 <18 | 1 <FA @ 2",
            (
                "session.open ok 0-0.1 #1,2 + session.end failed closed 0-1 #2,3 lasted_s=1.0 "
                "idle_s=0.9 after_ms=900.0 ttl=52"
            ),
        ),
        (
            "0 >A @ 2",
            "",
        ),
    ],
)
def test_the_session(row: str, says: str) -> None:
    assert " + ".join(line for line in steps(row) if line.startswith("session")) == says
