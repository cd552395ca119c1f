"""One thing that the light was said to show, and which colours can be one."""

from __future__ import annotations

from dataclasses import dataclass

from netcheck.user.led.tokens import TokenKind

MANY = 0
"""The count of flashes that were not counted."""
OF_STATES = frozenset({"green", "cyan", "blue", "white"})
"""Colours that a state has and no flash."""
BLENDS = {
    frozenset({"blue", "green"}): "cyan",
    frozenset({"blue", "cyan"}): "cyan",
    frozenset({"red", "blue"}): "magenta",
    frozenset({"red", "magenta"}): "magenta",
    frozenset({"blue", "magenta"}): "magenta",
    frozenset({"red", "orange"}): "orange",
    frozenset({"red", "amber"}): "orange",
    frozenset({"orange", "amber"}): "orange",
    frozenset({"orange", "yellow"}): "amber",
    frozenset({"amber", "yellow"}): "amber",
}
"""Two colours named for one light → what it is."""


@dataclass(frozen=True)
class LightSighting:
    """One thing the light was said to show; None and "": not said. `is_event`: said as of a short
    event, such as a blip.

    `alternative`: another colour that it may have been. `separator_before`: what stood before it;
    `opens`: nothing stood before it in its sentence.
    """

    colour: str = ""
    pattern: str = ""
    speed: str = ""
    count: int | None = None
    is_event: bool = False
    is_sos: bool = False
    mode: str = ""
    alternative: str = ""
    separator_before: TokenKind = TokenKind.STOP
    opens: bool = False
    is_denied: bool = False
    is_sometimes: bool = False
    stays: bool = False

    @property
    def is_counted_event(self) -> bool:
        """Is it a run of flashes rather than a state?"""
        return self.colour not in OF_STATES and (self.count is not None or self.is_event)
