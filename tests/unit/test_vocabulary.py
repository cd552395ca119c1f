"""Every fact of the closed list is produced by a source and used by somebody."""

from __future__ import annotations

import ast
from pathlib import Path

from netcheck.correlator.catalogue import load
from netcheck.vocabulary import FACTS

TOP = Path(__file__).resolve().parents[2]
SOURCES = ("netcheck/capture", "netcheck/live", "netcheck/plugin.py", "probes")
READERS = ("netcheck/correlator", "netcheck/report")

SHOWN_ONLY = {
    "gateway.icmp": "many gateways ignore pings, so no cause may rest on it; a person who reads the observations knows his own",
    "tcp.false_address": "it keeps a connection to a false address from being told as one to the cloud",
}
"""Facts that no clue or rule looks at, and why they are kept."""


def words(*places: str) -> set[str]:
    """Every string that the code in these files and folders names."""
    files = [file for place in places for file in ([TOP / place] if place.endswith(".py") else sorted((TOP / place).rglob("*.py")))]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_fact_is_produced() -> None:
    assert set(FACTS) <= words(*SOURCES)


def test_every_fact_is_used() -> None:
    clues = {clue.fact for cause in load().causes.values() for clue in cause.clues}
    assert set(FACTS) - clues - words(*READERS) == set(SHOWN_ONLY)
