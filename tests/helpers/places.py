"""Where things lie in a checkout, whatever folder a test stands in."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TOP = TESTS.parent
CAPTURES = TESTS / "captures"
RECORDED = TESTS / "recorded"
RUNS = RECORDED / "runs"
SAMPLES = TOP / "samples"
