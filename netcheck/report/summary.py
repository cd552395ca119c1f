"""Several devices, or networks where no device was seen, at a glance: one row each, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from netcheck.model import (
    NAMELESS,
    STANDING,
    Device,
    Diagnosis,
    Finding,
    Level,
    Rung,
    State,
    Verdict,
)
from netcheck.report import table
from netcheck.report.layout import Style

_WORST_FIRST = (Verdict.FAULT, Verdict.SUSPECTED, Verdict.INSUFFICIENT, Verdict.HEALTHY)


def worst_first(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """By verdict, then by how sure the cause is, then by the rung that fails, lowest first; else in
    their order.
    """
    return sorted(diagnoses, key=_severity)


def _severity(one: Diagnosis) -> tuple[int, int, int]:
    first = leading(one)
    failed = _failed(one.ladder)
    return (
        _WORST_FIRST.index(one.verdict),
        list(Level).index(first.level) if first is not None else len(Level),
        first.stage.height
        if first is not None
        else failed.stage.height
        if failed is not None
        else len(one.ladder),
    )


def summary(diagnoses: Sequence[Diagnosis], titles: Mapping[str, str], style: Style) -> list[str]:
    """The table, after a line that counts. `titles` are the causes' names by id."""
    are_networks = not any(is_known(one.device) for one in diagnoses)
    words = [one.verdict.value.upper() for one in diagnoses]
    names = [
        (f"network {one.device.site or 'unknown'}" if are_networks else device_name(one))
        for one in diagnoses
    ]
    causes = [about(one, titles) for one in diagnoses]
    rows = table.rows(list(zip(words, names, causes, strict=True)), indent="")
    for one, word, lines in zip(diagnoses, words, rows, strict=True):
        lines[0] = style.paint(word, one.verdict) + lines[0].removeprefix(word)
    counted = Counter(one.verdict for one in diagnoses)
    counts = ", ".join(f"{counted[v]} {v.value}" for v in _WORST_FIRST if counted[v])
    kind = "networks" if are_networks else "devices"
    return [
        f"{len(diagnoses)} {kind}, worst first: {counts}",
        "",
        *(line for lines in rows for line in lines),
    ]


def about(one: Diagnosis, titles: Mapping[str, str]) -> str:
    """The cause; where there is none, the rung that fails, or how far it came."""
    first = leading(one)
    if first is not None:
        title = titles.get(first.cause, first.cause)
        return f"{title} ({first.level.value})"
    failed = _failed(one.ladder)
    if failed is not None and one.verdict is not Verdict.HEALTHY:
        return f"fails at {failed.stage.value}, cause unknown"
    passed = [rung.stage.value for rung in one.ladder if rung.state is State.PASSED]
    return f"seen up to {passed[-1]}" if passed else "nothing seen that decides"


def leading(one: Diagnosis) -> Finding | None:
    """The cause that a verdict other than healthy rests on."""
    if one.verdict not in (Verdict.FAULT, Verdict.SUSPECTED):
        return None
    standing = [f for f in one.findings if f.level in (*STANDING, Level.CONTESTED)]
    first = standing[0] if standing else None
    return next((f for f in standing if f.cause == one.leading), first)


def _failed(ladder: Iterable[Rung]) -> Rung | None:
    return next((rung for rung in ladder if rung.state is State.FAILED), None)


def device_name(one: Diagnosis) -> str:
    """The device by its best known name; where it has none, the one that the user
    speaks of, or any.
    """
    if is_known(one.device):
        return f"Photon {one.device.mac or one.device.id or one.device.ip}"
    seen = (o for rung in one.ladder for o in rung.because)
    named = (o for finding in one.findings for e in finding.support for o in e.seen)
    return (
        "your Photon"
        if any(o.subject == NAMELESS for o in (*seen, *named))
        else "any Photon on this network"
    )


def is_known(device: Device) -> bool:
    """Has it a name?"""
    return bool(device.mac or device.id or device.ip)
