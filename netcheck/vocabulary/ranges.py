"""Whether an observation that somebody else wrote can be one: the range of each of its fields."""

from __future__ import annotations

import re

from netcheck.model import Observation, Scalar
from netcheck.vocabulary.facts import FACTS, is_known, is_of_package
from netcheck.vocabulary.reasons import REASONS
from netcheck.vocabulary.values import DATA, VALUES

LATEST = 253_402_300_799.0
"""The last second of the year 9999, UTC seconds since 1970: later times cannot be written."""
NUMBER_LIMIT = 2**63
TEXT_LIMITS = {
    "subject": 200,
    "target": 1024,
    "source": 300,
    "site": 300,
    "reason": 64,
    "ref": 2048,
}
VALUE_LIMIT, MOST_VALUES = 4096, 64
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}", re.ASCII)
_REASON = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_MEASURED = re.compile(r"[a-z_]+_(ms|s|dbm|bytes)", re.ASCII)


def fault(o: Observation) -> str:
    """Which field is out of its range, as the end of a sentence; empty where none is."""
    return _fault_of_fact(o) or _fault_of_time(o) or _fault_of_texts(o) or _fault_of_data(o)


def _fault_of_fact(o: Observation) -> str:
    if not is_known(o.fact):
        return "" if is_of_package(o.fact) else "`fact` is none that is known"
    # What was not asked, or broke, stands on the rung of the probe that would have asked.
    if (o.ok or o.failed) and FACTS[o.fact].stage is not o.stage:
        return "`stage` is not the one of its fact"
    allowed, value = VALUES.get(o.fact), o.value("value")
    return "`value` is no word of its fact" if allowed and value and value not in allowed else ""


def _fault_of_time(o: Observation) -> str:
    if not 0 <= o.at <= LATEST:
        return "`at` is no time since 1970"
    took_s = o.took_s
    return "" if took_s is None or 0 <= took_s <= LATEST else "`took_s` is out of range"


def _fault_of_texts(o: Observation) -> str:
    for name, limit in TEXT_LIMITS.items():
        if len(getattr(o, name)) > limit:
            return f"`{name}` is longer than {limit} characters"
    if not o.subject.strip():
        return "`subject` is empty"
    if o.reason not in REASONS and not _REASON.fullmatch(o.reason):
        return "`reason` is no word"
    return ""


def _fault_of_data(o: Observation) -> str:
    if len(o.data) > MOST_VALUES:
        return f"`data` has more than {MOST_VALUES} values"
    for name, value in o.data:
        if not _NAME.fullmatch(name):
            return "`data` has a value without a name"
        if not _is_in_range(name, value):
            return (
                f"`{name}` is out of range" if name in DATA else "a value of `data` is out of range"
            )
    return ""


def _is_in_range(name: str, value: Scalar) -> bool:
    if isinstance(value, str):
        is_blank = bool(value) and not value.strip()
        return len(value) <= VALUE_LIMIT and not is_blank and not _MEASURED.fullmatch(name)
    return -NUMBER_LIMIT <= value <= NUMBER_LIMIT  # false for what is not a number, too
