"""Everything one run has to say, before it takes a form: what the text report and the JSON document
are both made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from netcheck.model import (
    NAMELESS,
    Coverage,
    Device,
    Diagnosis,
    Evidence,
    Observation,
    Rung,
    Stage,
    State,
    Struct,
    Weight,
)
from netcheck.text.escape import rewritten
from netcheck.text.redact import CAPTURE, Redaction, hiding

COVERAGE = "capture.coverage"
SEPARATOR = " | "
"""Stands between the sentences of `cannot_show` inside a coverage observation."""
CLOSED_FIELDS = frozenset({"fact", "reason", "cause", "rule", "of", "test", "settles", "sent"})
"""Fields of our records that hold words of our own lists or sentences of our own."""


class Answer(Struct, frozen=True, kw_only=True):
    """The diagnoses, best identified first, with all that they rest on.

    `unread` are sentences about input that was not read. `partial`: interrupted, so only what was
    seen until then is judged. `prove` says how to prove the fix, `sent` what a live run let leave
    this machine (empty: no live run). `origins`: the case file that each diagnosis comes
    from, empty where none alone speaks of it; none at all where no two files were read.
    """

    diagnoses: tuple[Diagnosis, ...]
    observations: tuple[Observation, ...] = ()
    unread: tuple[str, ...] = ()
    partial: bool = False
    redaction: Redaction = Redaction.NONE
    prove: str
    sent: str = ""
    origins: tuple[str, ...] = ()


def redacted(answer: Answer, level: Redaction, key: bytes, asked: Iterable[str] = ()) -> Answer:
    """The answer with everything hidden that this level hides, in its observations and in its
    sentences. `asked`: names of hosts that the user asked about.
    """
    if level is Redaction.NONE:
        return answer
    devices = [diagnosis.device for diagnosis in answer.diagnoses]
    hide = hiding(answer.observations, devices, level, key, asked)
    origins = answer.origins if level is not Redaction.PUBLIC else ()
    named = msgspec.structs.replace(answer, origins=origins)
    return msgspec.structs.replace(rewritten(named, hide, CLOSED_FIELDS), redaction=level)


def coverage(observations: Iterable[Observation]) -> tuple[Coverage, ...]:
    """What each capture spans and cannot show, as its reader recorded it."""
    return tuple(_covered(one) for one in observations if one.fact == COVERAGE)


def _covered(one: Observation) -> Coverage:
    cannot = one.text("cannot_show")
    return Coverage(
        source=one.source.removeprefix(CAPTURE),
        span_s=one.number("span_s") or 0.0,
        link=one.text("link"),
        packets=int(one.number("packets") or 0),
        relevant=int(one.number("relevant") or 0),
        cannot_show=tuple(cannot.split(SEPARATOR)) if cannot else (),
    )


def seen_by_device(answer: Answer) -> Callable[[Diagnosis], list[Observation]]:
    """What gives the observations that bear on a diagnosis and are of no other judged device.

    Of several devices without a name each is known by what its own judgement rests on.
    """
    by_subject: dict[str, list[Observation]] = defaultdict(list)
    for o in answer.observations:
        by_subject[o.subject].append(o)
    names = {name for one in answer.diagnoses for name in _names(one.device)}
    nameless = by_subject.get(NAMELESS, [])
    has_several = sum(not _names(one.device) for one in answer.diagnoses) > 1
    others = [
        o
        for subject, seen in by_subject.items()
        if subject not in names and subject != NAMELESS
        for o in seen
    ]

    def of(one: Diagnosis) -> list[Observation]:
        if not has_several or _names(one.device):
            own = [o for name in _names(one.device) for o in by_subject.get(name, ())]
            return [*others, *nameless, *own]
        rests_on = _rests_on(one)
        return [*others, *(o for o in nameless if o in rests_on)]

    return of


def _names(device: Device) -> set[str]:
    return {name for name in (device.mac, device.id, device.ip) if name}


def _rests_on(one: Diagnosis) -> set[Observation]:
    """The observations that a diagnosis names."""
    clues = (clue for f in one.findings for clue in (*f.support, *f.oppose))
    return {
        *(o for rung in one.ladder for o in rung.because),
        *(o for clue in clues for o in clue.seen),
    }


class RungEntry(Struct, frozen=True, kw_only=True):
    """One stage of the ladder, and where to look for what it rests on."""

    stage: Stage
    state: State
    because: tuple[str, ...]


class EvidenceEntry(Struct, frozen=True, kw_only=True):
    """What bears on a cause, how much it says, and where to look."""

    says: str
    weight: Weight
    refs: tuple[str, ...]


def ladder_entries(ladder: Iterable[Rung]) -> tuple[RungEntry, ...]:
    """The rungs as they are shown and written."""
    return tuple(
        RungEntry(stage=rung.stage, state=rung.state, because=references(rung.because))
        for rung in ladder
    )


def evidence_entries(evidence: Iterable[Evidence]) -> tuple[EvidenceEntry, ...]:
    """What bears on a cause, as it is shown and written."""
    return tuple(
        EvidenceEntry(says=one.clue.says, weight=one.clue.weight, refs=references(one.seen))
        for one in evidence
    )


def references(seen: Iterable[Observation]) -> tuple[str, ...]:
    """Where to look for these observations, each place once: packet numbers, or the witness where
    there are none.
    """
    return tuple(dict.fromkeys(one.ref or one.source for one in seen))


def places_of(observations: Iterable[Observation]) -> Mapping[str, str]:
    """Network → where the computer that looked stood there, and for "" on all of them."""
    asked: dict[str, list[Observation]] = defaultdict(list)
    for o in observations:
        if o.fact in ("computer.vantage", "computer.wifi"):
            for site in {o.site, ""}:
                asked[site].append(o)
    return {site: _seen_from(seen) for site, seen in asked.items()}


def _seen_from(shown: Sequence[Observation]) -> str:
    """Where the newest live run that asked for it stood: interface, Wi-Fi and its band, address,
    gateway, resolvers; empty where none did.
    """
    newest = _newest(shown, "computer.vantage")
    if newest is None:
        return ""
    wifi = _newest(shown, "computer.wifi")
    band = wifi.number("band_ghz") if wifi is not None else None
    parts = (
        newest.text("interface") or "no interface",
        f"Wi-Fi {newest.text('ssid')}" if newest.text("ssid") else "",
        f"{band:g} GHz" if band else "",
        newest.text("address") or "no IPv4 address",
        f"gateway {newest.text('gateway') or newest.text('ipv6_gateway') or 'none'}",
        f"resolvers {newest.text('resolvers') or 'none'}",
        "a random MAC address" if newest.value("mac_is_random") is True else "",
    )
    return ", ".join(part for part in parts if part)


def _newest(observations: Iterable[Observation], fact: str) -> Observation | None:
    asked = (o for o in observations if o.fact == fact and (o.ok or o.failed))
    return max(asked, key=lambda o: o.at, default=None)
