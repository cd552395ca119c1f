"""What is said of an answer, in what order and with which evidence: the one place where that is
decided. Screen, HTML, Markdown, CSV and ticket show a view, each in its own form.

A view holds no text that is not safe on a terminal; what shows it escapes it for its own form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import repeat

import msgspec

from netcheck.correlator.advice.steps import with_names
from netcheck.correlator.catalogue import Cause, ChangeRequest
from netcheck.correlator.notes.wording import is_background
from netcheck.model import (
    STANDING,
    Coverage,
    Device,
    Diagnosis,
    Finding,
    Level,
    Observation,
    Owner,
    State,
    Struct,
    Untested,
    Verdict,
)
from netcheck.report import way
from netcheck.report.answer import (
    Answer,
    EvidenceEntry,
    RungEntry,
    coverage,
    evidence_entries,
    ladder_entries,
    places_of,
    seen_by_device,
)
from netcheck.report.summary import (
    about,
    device_name,
    leading,
    severity,
    short_headline,
    works_again,
)
from netcheck.report.way import HopView, TryView
from netcheck.report.words import OWNERS, VERDICTS, details, sureness
from netcheck.text.escape import rewritten, safe
from netcheck.text.redact import Redaction

TEXT_LIMIT = 1500
MOST_EVENTS = 40
"""Rows of the timeline."""


class CauseView(Struct, frozen=True, kw_only=True):
    """A cause with its evidence and remedy. `request`: the change to ask for; `no_request`: why
    asking for one does not help.
    """

    id: str
    title: str
    level: Level
    sureness: str
    who: str
    owner: Owner
    support: tuple[EvidenceEntry, ...]
    oppose: tuple[EvidenceEntry, ...]
    steps: tuple[str, ...]
    ask_it: str
    request: ChangeRequest | None
    no_request: str


class EventView(Struct, frozen=True, kw_only=True):
    """One observation of the timeline: UTC, what was asked of whom, and what came of it."""

    when: str
    fact: str
    target: str
    outcome: str
    place: str


class TestView(Struct, frozen=True, kw_only=True):
    """A test to do next, and the titles of the causes that it tells apart."""

    how: str
    cost_s: int
    tells_apart: tuple[str, ...]


class Unchecked(Struct, frozen=True, kw_only=True):
    """What was not tested, for one reason."""

    what: tuple[str, ...]
    why: str


class DeviceView(Struct, frozen=True, kw_only=True):
    """All that is said of one device's connection.

    `who` must act is empty where that is not sure. `headline` is short and for the first line,
    `sentence` the diagnosis' own. `standing` are the causes that stop the connection and may be
    true, `beside` others, `excluded` those that the evidence speaks against. `leading`: the one
    that the verdict rests on. `origin`: the case file that it comes from, where several were read
    and one alone speaks of it. `place`: where the computer that looked stood. `events` are what was
    seen at the failing step.
    """

    device: Device
    name: str
    details: str
    verdict: Verdict
    word: str
    headline: str
    sentence: str
    works_again: bool
    sureness: str
    owner: Owner
    who: str
    short: str
    path: tuple[RungEntry, ...]
    leading: CauseView | None
    standing: tuple[CauseView, ...]
    beside: tuple[CauseView, ...]
    excluded: tuple[CauseView, ...]
    tests: tuple[TestView, ...]
    unchecked: tuple[Unchecked, ...]
    unexplained: tuple[str, ...]
    notes: tuple[str, ...]
    hops: tuple[HopView, ...]
    tries: tuple[TryView, ...]
    events: tuple[EventView, ...]
    origin: str = ""
    place: str = ""

    @property
    def alike(self) -> tuple[CauseView, ...]:
        """The standing causes of which nothing is to be said but that what was seen shows them too:
        no more than possible, by evidence of causes before them, with nothing against them.
        """
        told: set[EvidenceEntry] = set()
        alike = []
        for cause in self.standing:
            is_new = not cause.support or not told.issuperset(cause.support) or cause.oppose
            if cause.level is Level.POSSIBLE and not is_new:
                alike.append(cause)
            told.update(cause.support)
        return tuple(alike)

    @property
    def named(self) -> str:
        """Its name, and in brackets the case file that it comes from."""
        return f"{self.name} ({self.origin})" if self.origin else self.name

    @property
    def is_device(self) -> bool:
        """Is it about one Photon, known by a name or told of, and not about any on a network?"""
        known = self.device
        return bool(known.mac or known.id or known.ip or not known.site)

    @property
    def listed(self) -> str:
        """Its name in a list of several: the case file, the device, else the network."""
        known = self.device
        if self.origin:
            return f"{self.origin}: {known.mac or known.id or known.ip or known.site or self.name}"
        return self.name if self.is_device else f"network {known.site}"

    @property
    def also_seen(self) -> tuple[CauseView, ...]:
        """The causes beside, but those that are no more than possible, by what speaks for a cause
        that stops the connection as well: it explains that.
        """
        told = {ref for cause in self.standing for entry in cause.support for ref in entry.refs}
        return tuple(
            cause
            for cause in self.beside
            if cause.level is not Level.POSSIBLE
            or not cause.support
            or not told.issuperset(ref for entry in cause.support for ref in entry.refs)
        )

    @property
    def first_notes(self) -> tuple[str, ...]:
        """The notes for a first screen: those that do not only complete the answer."""
        return tuple(text for text in self.notes if not is_background(text))

    @property
    def explained(self) -> tuple[CauseView, ...]:
        """The other standing causes."""
        alike = self.alike
        return tuple(one for one in self.standing if one not in alike)

    @property
    def others(self) -> tuple[CauseView, ...]:
        """The standing causes but the leading one."""
        return tuple(one for one in self.standing if one is not self.leading)


def kind_of(devices: Sequence[DeviceView]) -> str:
    """What several are, in a word."""
    return "devices" if any(one.is_device for one in devices) else "networks"


class AnswerView(Struct, frozen=True, kw_only=True):
    """An answer as it is shown, the worst device first. `is_interview`: it ends one."""

    devices: tuple[DeviceView, ...]
    coverage: tuple[Coverage, ...]
    seen_from: str
    unread: tuple[str, ...]
    partial: bool
    redaction: Redaction
    prove: str
    is_interview: bool
    sent: str
    observations: tuple[Observation, ...]


def view(answer: Answer, causes: Mapping[str, Cause]) -> AnswerView:
    """The view of an answer; `causes`: the catalogue's, by id. What is to be hidden is hidden in
    the answer already.
    """
    shown = rewritten(answer, lambda text: safe(text, TEXT_LIMIT))
    seen_of = seen_by_device(shown)
    of_files = zip(shown.diagnoses, shown.origins or repeat(""), strict=False)
    worst = sorted(of_files, key=lambda pair: severity(pair[0]))
    places = places_of(shown.observations)
    is_one = len(shown.diagnoses) == 1
    return AnswerView(
        devices=tuple(
            msgspec.structs.replace(
                _device(one, causes, shown.redaction, seen_of(one)),
                origin=origin,
                place=places.get("" if is_one else one.device.site or "", ""),
            )
            for one, origin in worst
        ),
        coverage=coverage(shown.observations),
        seen_from=places.get("", ""),
        unread=shown.unread,
        partial=shown.partial,
        redaction=shown.redaction,
        prove=shown.prove,
        is_interview="netcheck ask" in shown.prove,
        sent=shown.sent,
        observations=shown.observations,
    )


def _device(
    one: Diagnosis,
    causes: Mapping[str, Cause],
    redaction: Redaction,
    own: Sequence[Observation],
) -> DeviceView:
    titles = {name: cause.title for name, cause in causes.items()}
    first = leading(one)
    known = _named_in_commands(one.device, redaction)
    seen = [(finding, cause_view(finding, causes, known)) for finding in one.findings]
    stopping = [(f, c) for f, c in seen if is_shown(f) and f.stops_connection]
    return DeviceView(
        device=one.device,
        name=device_name(one),
        details=details(one.device),
        verdict=one.verdict,
        word=VERDICTS[one.verdict],
        headline=short_headline(one, [finding for finding, _ in stopping]),
        sentence=one.headline,
        works_again=works_again(one),
        sureness=sureness(first) if first is not None and one.verdict is Verdict.FAULT else "",
        owner=one.owner,
        who=OWNERS.get(one.owner, "") if _is_owner_sure(one, stopping) else "",
        short=titles.get(first.cause, first.cause) if first is not None else about(one, titles),
        path=ladder_entries(one.ladder),
        leading=next((cause for finding, cause in seen if finding is first), None),
        standing=tuple(cause for _, cause in stopping),
        beside=tuple(
            c for f, c in seen if is_shown(f) and not f.stops_connection and f is not first
        ),
        excluded=tuple(c for f, c in seen if not is_shown(f)),
        tests=tuple(
            TestView(
                how=with_names(test.how, known),
                cost_s=test.cost_s,
                tells_apart=tuple(titles.get(cause, cause) for cause in test.settles),
            )
            for test in one.next_tests
        ),
        unchecked=_unchecked(one.not_tested),
        unexplained=tuple(text for text in one.unexplained if text not in one.headline),
        notes=one.notes,
        hops=way.hops(one, own),
        tries=way.tries(one, own),
        events=_events(one),
    )


def is_shown(finding: Finding) -> bool:
    """Does a cause stand, or is it contested?"""
    return finding.level in STANDING or finding.level is Level.CONTESTED


def _is_owner_sure(one: Diagnosis, stopping: Sequence[tuple[Finding, CauseView]]) -> bool:
    """Does the same person act, whichever of the standing causes it is?"""
    return one.verdict is Verdict.FAULT or len({finding.owner for finding, _ in stopping}) <= 1


def _named_in_commands(device: Device, redaction: Redaction) -> Device:
    """The device as far as its names are its own: a pseudonym in a command is another's name."""
    if redaction is Redaction.NONE:
        return device
    return Device(mac=device.mac) if redaction is Redaction.IT else Device()


def cause_view(finding: Finding, causes: Mapping[str, Cause], device: Device) -> CauseView:
    """A cause as it is shown; steps name the device as far as it is known."""
    known = causes.get(finding.cause)
    return CauseView(
        id=finding.cause,
        title=known.title if known else finding.cause,
        level=finding.level,
        sureness=sureness(finding),
        who=OWNERS.get(finding.owner, ""),
        owner=finding.owner,
        support=evidence_entries(finding.support),
        oppose=evidence_entries(finding.oppose),
        steps=tuple(with_names(step, device) for step in finding.remedy),
        ask_it=finding.ask_it or "",
        request=known.request if known else None,
        no_request=known.no_request if known else "",
    )


def _unchecked(untested: Iterable[Untested]) -> tuple[Unchecked, ...]:
    """What was not tested, together where the reason is the same."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for one in untested:
        # The reason that a probe could not run names the probe itself.
        by_reason[one.why] += [one.fact] if one.fact != "probe.run" else []
    return tuple(Unchecked(what=tuple(what), why=why) for why, what in by_reason.items())


def _events(one: Diagnosis) -> tuple[EventView, ...]:
    """What was seen where the connection fails, or where it came to, in the order of time."""
    failed = next((rung for rung in one.ladder if rung.state is State.FAILED), None)
    told = [rung for rung in one.ladder if rung.because]
    rung = failed or (told[-1] if told else None)
    seen = sorted(rung.because, key=lambda o: (o.at, o.fact, o.ref)) if rung else []
    return tuple(
        EventView(
            when=moment(o.at),
            fact=o.fact,
            target=o.target,
            outcome=f"{o.outcome.value} ({o.reason})" if o.reason else o.outcome.value,
            place=o.ref or o.source,
        )
        for o in seen[:MOST_EVENTS]
    )


def moment(at: float) -> str:
    """UTC to the millisecond; the bare number where no calendar has such a year."""
    try:
        time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
        return time.replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return str(at)
