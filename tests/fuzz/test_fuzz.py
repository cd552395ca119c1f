"""The fuzzer itself: each kind of input is made and read, and a broken bound is found and kept.

A second of each kind by default; `python -m tests.fuzz` goes on for as long as is wished.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.fuzz import bounds, doors
from tests.fuzz.bounds import Fault, tried
from tests.fuzz.inputs import KINDS, made

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="forks"),
]
SEED = 7


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_breaks_a_bound(kind: str, tmp_path: Path) -> None:
    tries, faults = tried(kind, SEED, 0, 1.0, tmp_path)
    assert (tries > 0, faults) == (True, [])


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_is_made_again_from_its_number(kind: str) -> None:
    assert [made(kind, SEED, 3), made(kind, SEED, 4)] == [made(kind, SEED, n) for n in (3, 4)]
    assert made(kind, SEED, 3) != made(kind, SEED, 4)


def crash() -> str:
    raise ValueError


def vanish() -> str:
    os._exit(9)


def wait() -> str:
    while True:
        time.process_time()


@pytest.mark.parametrize(
    ("deed", "what"),
    [
        (crash, "ValueError"),
        (vanish, "the process ended"),
        (wait, "more than 0.2 s"),
        (lambda: "a\x1b[2Jb", "not escaped"),
        (lambda: str(len(bytearray(400 << 20))), "MiB more"),
    ],
    ids=["crash", "end", "time", "escape", "memory"],
)
def test_each_bound_is_watched(
    deed: object, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(deed)
    monkeypatch.setattr(doors, "DOORS", {"logs": lambda *_: deed()})
    monkeypatch.setattr(bounds, "DOORS", {"logs": lambda *_: deed()})
    monkeypatch.setattr(bounds, "MOST_S", 0.2)
    _, [first, *_] = tried("logs", SEED, 5, 0.05, tmp_path)
    assert isinstance(first, Fault) and (first.kind, first.number) == ("logs", 5)
    assert what in first.what
