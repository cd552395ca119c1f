"""What a connection to the cloud's port comes to: rows of packets, and the step that they decide.
Each limit stands in two rows, just within and just beyond it.
"""

from __future__ import annotations

import pytest

from netcheck.capture.protocols.cloud_keys import makers_key
from netcheck.capture.protocols.cloud_steps import ConnectionWatch
from netcheck.capture.protocols.handshake import read_handshake
from tests.helpers.segments import SECOND_NS, connection, step_line

OPEN = "0 >S | .1 <SA"


def steps(row: str) -> list[str]:
    """The steps of a row: packets, `@`, until when it was watched in s, `moved`, `restarted`."""
    line, _, watched = row.partition(" @ ")
    until, *more = watched.split()
    watch = ConnectionWatch(round(float(until) * SECOND_NS), "moved" in more, "restarted" in more)
    return [step_line(step) for step in read_handshake(connection(line), watch, makers_key())]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            "0 >S | .1 <SA @ 1",
            "tcp.cloud ok 0-0.1 #1,2 address=54.1.2.3 port=5683 syns=1 rtt_ms=100.0 ttl=52",
        ),
        (
            "0 >S | 1 >Sr | 1.1 <SA @ 2",
            "tcp.cloud ok 0-1.1 #1,3 address=54.1.2.3 port=5683 syns=2 ttl=52",
        ),
        (
            "0 >S | 5 <SA | 5.1 >R @ 60",
            "tcp.cloud ok 0-5 #1,2 address=54.1.2.3 port=5683 syns=1 rtt_ms=5000.0 ttl=52",
        ),
        (
            "0 >S | 5.1 <SA | 5.2 >R @ 60",
            (
                "tcp.cloud failed late 0-5.1 #1,2 address=54.1.2.3 port=5683 syns=1 rtt_ms=5100.0 "
                "ttl=52"
            ),
        ),
        (
            "0 >S | .1 <RA/64 @ 60",
            (
                "tcp.cloud failed refused 0-0.1 #1,2 address=54.1.2.3 port=5683 syns=1 ttl=64 "
                "rtt_ms=100.0"
            ),
        ),
        (
            "0 >S | .003 <RA/62 | .09 <SA | .091 >R @ 60",
            (
                "tcp.cloud failed refused 0-0.003 #1,2,3 address=54.1.2.3 port=5683 syns=1 ttl=62 "
                "rtt_ms=3.0 server_ttl=52"
            ),
        ),
        (
            "0 >S | .003 <RA/62 | 3 >Sr | 3.09 <SA @ 3.1",
            "tcp.cloud ok 0-3.09 #1,4 address=54.1.2.3 port=5683 syns=2 ttl=52",
        ),
        (
            "0 >S | .003 <RA/62 | .09 <SA | .091 >A @ 1",
            "tcp.cloud ok 0-0.09 #1,3 address=54.1.2.3 port=5683 syns=1 rtt_ms=90.0 ttl=52",
        ),
        (
            ".1 <RA @ 60",
            "",
        ),
        (
            "0 >S | 1 >Sr | 2 >Sr @ 60",
            "tcp.cloud failed timeout 0-5 #1,2,3 address=54.1.2.3 port=5683 syns=3",
        ),
        (
            "0 >S @ 3.9",
            "tcp.cloud unclear cut_off 0-3.9 #1 address=54.1.2.3 port=5683 syns=1",
        ),
        (
            "0 >S @ 4",
            "tcp.cloud failed timeout 0-4 #1 address=54.1.2.3 port=5683 syns=1",
        ),
        (
            "0 >S @ 1 moved",
            "tcp.cloud failed timeout 0-1 #1 address=54.1.2.3 port=5683 syns=1",
        ),
        (
            ".1 <SA @ 20",
            "tcp.cloud ok 0.1-0.1 #1 address=54.1.2.3 port=5683 syns=0 ttl=52",
        ),
    ],
)
def test_the_connection(row: str, says: str) -> None:
    assert "".join(steps(row)[:1]) == says


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A @ 60",
            "handshake.key failed silent 0.3-60 #4 bytes=0",
        ),
        (
            f"{OPEN} | .2 <39 @ 8",
            "handshake.nonce unclear cut_off 0.1-8 #2 bytes=39",
        ),
        (
            f"{OPEN} | .2 <39 @ 8.1",
            "handshake.nonce failed short 0.1-8.1 #2 bytes=39",
        ),
        (
            "0 >S | .1 <SA @ 8.1",
            "handshake.nonce failed silent 0.1-8.1 #2 bytes=0",
        ),
        (
            f"{OPEN} | 2 >FA @ 60",
            "handshake.nonce failed silent 0.1-2 #2,3 bytes=0",
        ),
        (
            f"{OPEN} | 1.9 >FA @ 60",
            "handshake.nonce failed silent 0.1-1.9 #2,3 bytes=0",
        ),
        (
            f"{OPEN} | 1.8 >FA @ 60",
            "handshake.nonce unclear device_closed 0.1-1.8 #2,3 bytes=0",
        ),
        (
            f"{OPEN} | .2 <RA @ 60",
            (
                "handshake.nonce failed reset 0.1-0.2 #2,3 bytes=0 after_ms=100.0 ttl=52 "
                "server_ttl=52 rtt_ms=100.0"
            ),
        ),
        (
            f"{OPEN} | 4.3 <FA @ 60",
            (
                "handshake.nonce failed closed 0.1-4.3 #2,3 bytes=0 after_ms=4200.0 ttl=52 "
                "rtt_ms=100.0"
            ),
        ),
        (
            f"{OPEN} | 4.4 <FA @ 60",
            (
                "handshake.nonce failed silent 0.1-4.4 #2,3 bytes=0 after_ms=4300.0 ttl=52 "
                "rtt_ms=100.0"
            ),
        ),
        (
            f"{OPEN} | .2 <40t | 2 >FA @ 60",
            "handshake.nonce failed text 0.1-0.2 #2,3 bytes=40",
        ),
        (
            f"{OPEN} | .2 <40= | 2 >FA @ 60",
            "handshake.nonce failed not_random 0.1-0.2 #2,3 bytes=40",
        ),
        (
            f"{OPEN} | 20.1 <40 @ 60",
            "handshake.request failed device_silent 20.1-60 #3 bytes=0",
        ),
        (
            f"{OPEN} | 20.2 <40 @ 60",
            "handshake.nonce failed late 0.1-20.2 #2,3 bytes=40",
        ),
        (
            f"{OPEN} | .2 <40 @ 8.2",
            "handshake.request failed device_silent 0.2-8.2 #3 bytes=0",
        ),
        (
            f"{OPEN} | .2 <40 @ 8.1",
            "handshake.request unclear cut_off 0.2-8.1 #3",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >FA @ 60",
            "handshake.request failed device_closed 0.2-0.3 #3,4 bytes=0",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >255 | .4 >FA @ 60",
            "handshake.request failed short 0.2-0.4 #3,5 bytes=255",
        ),
        (
            f"{OPEN} | .2 <40 | 3 <FA @ 60",
            (
                "handshake.request failed closed 0.2-3 #3,4 bytes=0 after_ms=2800.0 ttl=52 "
                "rtt_ms=100.0"
            ),
        ),
        (
            f"{OPEN} | .2 <40 | 3 <RA/64 @ 60",
            (
                "handshake.request failed reset 0.2-3 #3,4 bytes=0 after_ms=2800.0 ttl=64 "
                "server_ttl=52 rtt_ms=100.0"
            ),
        ),
        (
            f"{OPEN} | .2 <40 | .3 >4t @ 60",
            "handshake.nonce ok 0.1-0.2 #2,3 bytes=40",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | 1 >256r | 3 >256r @ 8.3",
            "handshake.modulus unclear other_key 0.3-0.3 #4",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 @ 8.2",
            "handshake.modulus unclear other_key 0.3-0.3 #4",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .5 <R @ 8.2",
            (
                "handshake.key failed reset 0.3-0.5 #4,5 bytes=0 after_ms=200.0 ttl=52 "
                "server_ttl=52 rtt_ms=100.0"
            ),
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 | .6 >18 | .7 <18 @ 60",
            "handshake.welcome ok 0.6-0.7 #7,8",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | 20.3 <384 | 20.4 >FA @ 60",
            "handshake.hello failed device_closed 20.3-20.4 #6,7",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | 20.4 <384 | 20.5 >FA @ 60",
            "handshake.signature unclear other_key 20.4-20.4 #6",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <383 | .6 <FA @ 60",
            "handshake.key failed short 0.3-0.6 #4,7 bytes=383 after_ms=300.0 ttl=52 rtt_ms=100.0",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 | .6 >RA @ 60",
            "handshake.hello failed device_closed 0.5-0.6 #6,7",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 | .6 >17 | 1 <FA @ 60",
            "handshake.hello failed closed 0.5-1 #6,8 after_ms=500.0 ttl=52 rtt_ms=100.0",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 @ 8.5",
            "handshake.hello failed device_silent 0.5-8.5 #6",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 @ 8.4",
            "handshake.hello unclear cut_off 0.5-8.4 #6",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 | .6 >34 | .7 <17 @ 4.6",
            "handshake.welcome failed short 0.6-4.6 #7 bytes=17",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 | .6 >34 @ 4.5",
            "handshake.welcome unclear cut_off 0.6-4.5 #7 bytes=0",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 | .6 >34 | 2.6 <18 | 2.7 >FA @ 60",
            "handshake.welcome failed late 0.6-2.6 #7,8",
        ),
        (
            f"{OPEN} | .2 <40 | .3 >256 | .4 <A | .5 <384 | .6 >34 | 2.5 <18 | 2.6 >FA @ 60",
            "handshake.welcome ok 0.6-2.5 #7,8",
        ),
    ],
)
def test_the_handshake(row: str, says: str) -> None:
    assert says in steps(row)
    assert steps(row)[-1] == says or says.startswith("handshake.welcome ok")
