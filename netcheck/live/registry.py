"""Which probes are installed, which of them can be used, and what they would send."""

from __future__ import annotations

import importlib.metadata
import math
import re
from collections.abc import Iterable

import msgspec

from netcheck.live.plugin_guard import MOST_TEXT, printable
from netcheck.model import Stage, Target
from netcheck.probing.plugin import ENTRY_POINTS, Kind, OwnFact, Probe, Traffic
from netcheck.text.escape import safe
from netcheck.vocabulary import FACTS, is_of_package

_DISTRIBUTION = "photon-netcheck"
_NAME = re.compile(r"\w{1,80}", re.ASCII)


def find(problems: list[str] | None = None) -> list[Probe]:
    """The installed probes, lowest rung first, then quickest. What cannot be used is named in
    `problems`.

    Those of other packages run in the background, whatever they declare: one that hangs must not
    take the time of those above it. Their words are untrusted.
    """
    problems = problems if problems is not None else []
    found: dict[str, Probe] = {}
    for entry in sorted(importlib.metadata.entry_points(group=ENTRY_POINTS), key=_ours_first):
        probe = _load(entry, problems)
        if probe is None:
            continue
        if probe.name in found:
            problems.append(
                f"{_title(entry)}: another plug-in is already called {probe.name}; this one is"
                " left out"
            )
            continue
        found[probe.name] = probe
    return sorted(found.values(), key=order)


def plan(probes: Iterable[Probe], target: Target | None = None) -> list[Traffic]:
    """What these probes would send at most, equal kinds and destinations added up. Sends nothing
    itself.
    """
    total: dict[tuple[str, str], Traffic] = {}
    for probe in sorted(probes, key=order):
        for traffic in probe.sends:
            to = _filled(traffic.to, target or Target())
            before = total.get((traffic.kind, to))
            at_most = traffic.at_most + (before.at_most if before else 0)
            total[traffic.kind, to] = Traffic(kind=traffic.kind, to=to, at_most=at_most)
    return list(total.values())


def order(probe: Probe) -> tuple[int, bool, float, str]:
    """Lowest rung first; on one rung those that wait for another's failure last, then the quickest
    first.
    """
    return probe.stage.height, bool(probe.only_if_failed), probe.within_s, probe.name


def _load(entry: importlib.metadata.EntryPoint, problems: list[str]) -> Probe | None:
    """The probe behind an entry point; None, and a sentence in `problems`, where it cannot be
    used.
    """
    try:
        probe = entry.load()
        flaw = flaw_of(probe)
        if not flaw and not _is_ours(entry):
            probe = _of_package(probe, _package(entry))
    except (Exception, SystemExit) as error:
        problems.append(
            f"{_title(entry)}: cannot be loaded:"
            f" {printable(f'{type(error).__name__}: {error}', MOST_TEXT)}"
        )
        return None
    if flaw:
        problems.append(f"{_title(entry)}: {flaw}")
        return None
    return probe if isinstance(probe, Probe) else None


def _of_package(probe: Probe, package: str) -> Probe:
    """The probe as it is run and shown: in the background, its words bounded and escaped."""
    return msgspec.structs.replace(
        probe,
        package=package,
        background=True,
        ask=safe(probe.ask, MOST_TEXT),
        sends=tuple(
            Traffic(kind=Kind(one.kind), to=safe(one.to, MOST_TEXT), at_most=int(one.at_most))
            for one in probe.sends
        ),
        facts=dict(probe.facts),
    )


def flaw_of(probe: object) -> str:
    """What makes a plug-in unusable; empty where nothing does."""
    if not isinstance(probe, Probe):
        return "is no probe; declare it with netcheck.probing.probe"
    if not _NAME.fullmatch(probe.name):
        return "has no usable name; give it letters, digits and underscores"
    if not isinstance(probe.stage, Stage):
        return "has no usable stage; give one of netcheck.model.Stage, as in stage=Stage.DNS"
    if not 0 < probe.within_s < math.inf:
        return "has no usable time limit; give within_s in seconds"
    if unknown := sorted(fact for fact in probe.settles if not _is_usable(fact)):
        return (
            f"settles {unknown[0]!r}; use a fact of netcheck.vocabulary or a prefix of your own, as"
            " in acme.fact"
        )
    if borrowed := sorted(fact for fact in probe.facts if not is_of_package(fact)):
        return (
            f"gives a meaning to {borrowed[0]!r}, a fact of netcheck; name your own in facts and"
            " this one in settles"
        )
    if any(is_of_package(fact) and not _is_meant(probe.facts.get(fact)) for fact in probe.settles):
        return "brings a fact without a meaning; give facts={'acme.fact': OwnFact(meaning='…')}"
    return ""


def _is_meant(own: object) -> bool:
    """Are these words for a fact, or none, for which the probe's question stands?"""
    return own is None or (isinstance(own, OwnFact) and isinstance(own.meaning, str))


def _is_usable(fact: str) -> bool:
    return fact in FACTS or is_of_package(fact)


def _filled(to: str, target: Target) -> str:
    """The destination with the target's own values in the place of their names."""
    for name, value in msgspec.structs.asdict(target).items():
        to = to.replace("{" + name + "}", str(value))
    return to


def _ours_first(entry: importlib.metadata.EntryPoint) -> tuple[bool, str, str]:
    return not _is_ours(entry), _package(entry), entry.name


def _is_ours(entry: importlib.metadata.EntryPoint) -> bool:
    return _package(entry) == _DISTRIBUTION


def _title(entry: importlib.metadata.EntryPoint) -> str:
    return f"plug-in {printable(entry.name, 80)} of {_package(entry)}"


def _package(entry: importlib.metadata.EntryPoint) -> str:
    return printable(entry.dist.name, 80) if entry.dist else "an unknown package"
