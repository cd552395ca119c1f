"""Is a diagnosis (schema `netcheck/1`) right about a scenario? The rules that live and recorded
tests share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from netcheck.correlator.catalogue import load

STANDING = ("confirmed", "likely", "possible")
SURE = ("confirmed", "likely")


@dataclass(frozen=True)
class Truth:
    """What a right diagnosis says; the fields are those of a recorded truth file."""

    healthy: bool | None
    expected: frozenset[str]
    forbidden: frozenset[str]
    also: tuple[frozenset[str], ...] = ()

    @classmethod
    def load(cls, fields: Mapping[str, Any]) -> Truth:
        """From a truth file's JSON."""
        return cls(
            fields["healthy"],
            frozenset(fields["expected"]),
            frozenset(fields["forbidden"]),
            tuple(map(frozenset, fields["also"])),
        )


def complaints(diagnosis: Mapping[str, Any], truth: Truth) -> list[str]:
    """What is wrong with one element of `diagnoses`; empty if nothing is."""
    return [
        *_about_first(diagnosis, truth),
        *_about_forbidden(diagnosis, truth),
        *_about_second(diagnosis, truth),
    ]


def standing(diagnosis: Mapping[str, Any], levels: Iterable[str] = STANDING) -> list[str]:
    """The causes of these levels, best first."""
    return [finding["cause"] for finding in diagnosis["findings"] if finding["level"] in levels]


def _about_first(diagnosis: Mapping[str, Any], truth: Truth) -> list[str]:
    if truth.healthy:
        return (
            []
            if diagnosis["verdict"] == "healthy"
            else [f"verdict {diagnosis['verdict']}, not healthy"]
        )
    if truth.healthy is None:
        named = set(standing(diagnosis))
        return (
            []
            if diagnosis["verdict"] == "healthy" or named & truth.expected
            else [f"none of {sorted(truth.expected)}"]
        )
    sure = standing(diagnosis, SURE)
    return (
        []
        if sure and sure[0] in truth.expected
        else [f"first is {sure[:1] or 'nothing sure'}, not of {sorted(truth.expected)}"]
    )


def _about_forbidden(diagnosis: Mapping[str, Any], truth: Truth) -> list[str]:
    return [f"{cause} stands" for cause in standing(diagnosis) if cause in truth.forbidden]


def _about_second(diagnosis: Mapping[str, Any], truth: Truth) -> list[str]:
    """A pair's second fault: named, or masked, because the first one broke the climb on its rung or
    below it.
    """
    named = standing(diagnosis)
    stages = {name: cause.stage for name, cause in load().causes.items()}
    masked = {
        rung["stage"] for rung in diagnosis["ladder"] if rung["state"] in ("unreached", "untested")
    }
    masked |= {untested["fact"] for untested in diagnosis.get("not_tested", ())}
    masked |= {stages[cause] for cause in named[:1]}
    open_groups = (group for group in truth.also if not group.intersection(named))
    return [
        f"nothing of {sorted(group)}"
        for group in open_groups
        if not masked & {stages[cause] for cause in group}
    ]
