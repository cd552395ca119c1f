"""Facts that together show something, as data: conditions and how they go together."""

from __future__ import annotations

import re
from typing import NamedTuple

from netcheck.model import Outcome, Struct
from netcheck.photon.releases import release

_COMPARISON = re.compile(r"([a-z0-9_]+) (>=|<=|>|<|=|!=) (.+)", re.ASCII)
_PRESENCE = re.compile(r"(no )?([a-z0-9_]+)", re.ASCII)


class Comparison(NamedTuple):
    """What a datum is compared with; the sign is empty where it must be there, and `no` where it
    must not.
    """

    name: str
    sign: str
    value: str = ""


def comparison(text: str) -> Comparison | None:
    """What `NAME`, `no NAME` or `NAME SIGN VALUE` says; None where it is malformed."""
    if found := _PRESENCE.fullmatch(text):
        return Comparison(found[2], (found[1] or "").strip())
    found = _COMPARISON.fullmatch(text)
    if found is None or (found[2] not in ("=", "!=") and not ordered(found[1], found[3])):
        return None
    return Comparison(found[1], found[2], found[3])


def ordered(name: str, text: str) -> tuple[float, ...]:
    """A version, or else a number, so that they sort; empty where the text is not one."""
    if name == "version":
        return release(text) or ()
    try:
        return (float(text),)
    except ValueError:
        return ()


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an observation must be like; the fields are described in `netcheck.causes`."""

    of: str = "device"
    fact: str = ""
    rule: str = ""
    outcome: Outcome | None = None
    reason: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    words: str = ""
    unless: str = ""
    meant: bool = False
    denied: bool = False
    ever: bool = False


class Pattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions that hold together in one try. What matches `all_of` and `any_of` is evidence;
    what matches `given` must be there, and what matches `none_of` must not.
    """

    means: str = ""
    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()
    given: tuple[Condition, ...] = ()
    same_target: bool = False

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition, whatever its part."""
        return self.given + self.all_of + self.any_of + self.none_of


class WordPattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of users: a pattern found in their answers to these questions, without what takes it
    back. `meant`: of a thing that may be there or not, and not where its clause denies it;
    `denied`: only where it does.
    """

    asked: tuple[str, ...]
    words: str
    unless: str = ""
    meant: bool = False
    denied: bool = False

    @property
    def pattern(self) -> Pattern:
        """The same as conditions on the user's answers."""
        return Pattern(
            any_of=tuple(
                Condition(
                    fact=f"told.{key}",
                    outcome=Outcome.OK,
                    words=self.words,
                    unless=self.unless,
                    meant=self.meant,
                    denied=self.denied,
                )
                for key in self.asked
            )
        )
