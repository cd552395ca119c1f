"""What a step of a remedy costs: how long it takes, what it risks, and how to undo it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

from netcheck.model import Struct

FILE = "step_costs.toml"


class StepCost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cost of the steps that these words are in; the file describes the fields."""

    words: str
    takes: str
    risk: str = ""
    undo: str = ""
    source: str

    @property
    def says(self) -> str:
        """It in words: `Takes 1 minute. Replaces the program. To undo: flash yours again.`"""
        undo = f"To undo: {self.undo}" if self.undo else ""
        sentences = (f"Takes {self.takes}", _capitalised(self.risk), undo)
        return " ".join(f"{one}." for one in sentences if one)


def cost_of(step: str) -> StepCost | None:
    """What that step costs; None where nothing of note is known."""
    return next((cost for cost in known().values() if re.search(cost.words, step.lower())), None)


@cache
def known() -> Mapping[str, StepCost]:
    """Name → cost, as they ship, in the order in which they count."""
    text = files("netcheck.causes").joinpath(FILE).read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, StepCost])


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
