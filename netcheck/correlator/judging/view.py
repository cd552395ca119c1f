"""What a rule may look at: one try, beside all others of the device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from netcheck.correlator import led_evidence
from netcheck.correlator.attempts import Attempt, ByFact, by_fact
from netcheck.model import Observation, Rung, Stage, State
from netcheck.vocabulary import Role, names_with

FAR_MS = 8.0
"""Below this a round trip to the Internet cannot be told from one in the building."""
SILENCE = ("timeout", "silent")
OPEN_BEFORE_LOGIN = ("80", "443", "123")
"""Ports that networks with a login page often leave open: the Web's, and the time's."""
RESENT_MS = 900.0
"""An answer so much later than an echo came after a retransmission: systems retransmit after 1 s
(RFC 6298 §2).
"""
ENOUGH_ANSWERS = 5
"""Of so many questions one would need a retransmission, where half of all packets get lost."""
MANY_LATE = 4
"""Of a dozen connections so many do not lose their first packet where few in a hundred get lost."""
ASKED_TOGETHER_S = 0.1
"""Questions begun side by side are stamped so far apart at most."""


class History:
    """All tries, indexed once: a long capture has thousands, and every rule may ask about them."""

    def __init__(self, tries: Sequence[Attempt]) -> None:
        self.tries = tries
        self._picked: dict[tuple[bool, str, tuple[str, ...], bool], tuple[Observation, ...]] = {}

    @cached_property
    def own(self) -> ByFact:
        """The device's observations in all tries, by fact."""
        return by_fact(_each_once(o for attempt in self.tries for o in attempt.device))

    @cached_property
    def others(self) -> ByFact:
        """Others' observations during all tries, by fact."""
        return by_fact(_each_once(o for attempt in self.tries for o in attempt.others))

    def ever(
        self, fact: str, *reasons: str, ok: bool, others: bool = False
    ) -> tuple[Observation, ...]:
        """What the device (or others) showed of a fact in any try: `picked` of it, looked up once
        for all tries.
        """
        key = others, fact, reasons, ok
        if key not in self._picked:
            self._picked[key] = tuple(
                picked((self.others if others else self.own).get(fact, ()), *reasons, ok=ok)
            )
        return self._picked[key]

    @cached_property
    def round_trip(self) -> Observation | None:
        """The fastest round trip to a host outside, not to the cloud's port; None where it is too
        short to be told from one in the building.
        """
        facts = names_with(Role.OUTSIDE_ROUND_TRIP)
        asked = [o for fact in facts for o in (*self.own.get(fact, ()), *self.others.get(fact, ()))]
        trips = [o for o in asked if (o.ok or o.reason in ("late", "lossy")) and o.number("rtt_ms")]
        fastest = min(trips, key=lambda o: (o.number("rtt_ms"), o.at), default=None)
        return (
            fastest if fastest is not None and (fastest.number("rtt_ms") or 0.0) >= FAR_MS else None
        )


def _each_once(observations: Iterable[Observation]) -> Iterable[Observation]:
    """Each object once: tries share them, and to compare what they say takes long."""
    return {id(o): o for o in observations}.values()


def picked(
    observations: Iterable[Observation], *reasons: str, ok: bool = False
) -> list[Observation]:
    """The ones that are ok, or the failed ones: all of them, or for one of these reasons."""
    return [
        o
        for o in observations
        if (o.ok if ok else o.failed and (not reasons or o.reason in reasons))
    ]


@dataclass(frozen=True)
class View:
    """The observations that a rule reads: one try, and all of them."""

    attempt: Attempt
    history: History
    failed_base_stages: tuple[Stage, ...] = ()
    """The address and gateway rungs, if they failed: a missing answer above them means nothing."""
    asked: set[str] = field(default_factory=set, compare=False, repr=False)
    """The rules that looked at it already."""
    found: dict[str, Sequence[Observation]] = field(default_factory=dict, compare=False, repr=False)
    """Rule → what it found here, where it found anything."""

    def is_meaningless(self, o: Observation) -> bool:
        """Did this fail only because the device had no route to anywhere, or a probe waited too
        briefly for this network?

        A computer's probe asks above the address rung only with an address of its own, whatever the
        address rung says of others.
        """
        if not o.failed:
            return False
        has_own = o.source.startswith("probe:") and not self._lacks_address
        below = [
            stage for stage in self.failed_base_stages if stage is not Stage.ADDRESS or not has_own
        ]
        return (
            any(o.stage > stage for stage in below) and o in self.device_observations
        ) or self._gave_up_early(o)

    @cached_property
    def _lacks_address(self) -> bool:
        return any(
            o.reason == "no_address"
            for o in self.attempt.by_witness["device"].get("computer.vantage", ())
        )

    def _gave_up_early(self, o: Observation) -> bool:
        """Is it a probe's timeout that was shorter than the round trip, or one that packet loss
        explains?
        """
        if not o.source.startswith("probe:") or o.stage <= Stage.GATEWAY or o.reason not in SILENCE:
            return False
        round_trip = self.history.round_trip
        waited_ms = (o.took_s or 0.0) * 1000  # 0: not measured
        is_shorter = round_trip is not None and 0 < waited_ms < (round_trip.number("rtt_ms") or 0.0)
        return is_shorter or bool(self.losses)

    @cached_property
    def losses(self) -> Sequence[Observation]:
        """The observations that show packet loss: a series of connections; a series of echoes, and
        answers that came only after a retransmission; or many such answers beside prompt ones.

        Empty where echoes alone got lost while several answers came and none needed a
        retransmission: some firewalls limit echoes.
        """
        series = picked(self.attempt.by_witness["any"].get("internet.loss", ()), "lossy")
        if of_openings := [one for one in series if ":" in one.target]:
            return of_openings
        subjects = {one.subject for one in series}
        seen = [o for o in (*self.attempt.own, *self.attempt.others) if _answer_ms(o) is not None]
        answered = list(
            {o.at: o for o in seen if o.subject in subjects}.values()
        )  # one answer may speak of several facts
        soonest_ms = min((one.number("rtt_ms") or 0.0 for one in series), default=0.0)
        late = resent(answered, soonest_ms)
        if series and (late or len(answered) < ENOUGH_ANSWERS):
            return [*series, *late]
        return lost_openings(seen)

    @cached_property
    def late_answers(self) -> Sequence[Observation]:
        """Answers that came only after a retransmission: here and there a packet gets lost."""
        seen = [o for o in (*self.attempt.own, *self.attempt.others) if _answer_ms(o) is not None]
        return resent(seen, min((_answer_ms(o) or 0.0 for o in seen), default=0.0))

    @cached_property
    def passes_on_other_ports(self) -> Sequence[Observation]:
        """The device's connections outside that opened on ports that no login page leaves open."""
        seen = self.attempt.by_witness["device"]
        opened = [
            o
            for fact in ("internet.test", "internet.reach", "tcp.cloud")
            for o in picked(seen.get(fact, ()), ok=True)
        ]
        return [o for o in opened if o.target.rpartition(":")[2] not in OPEN_BEFORE_LOGIN]

    def is_held_before_login(self, o: Observation) -> bool:
        """Did this fail above the Internet's rung where a login page answers in the place of the
        web's hosts, and lets nothing else pass? Before a login it says nothing of what lies behind.
        """
        pages = self.attempt.by_witness["any"].get("internet.redirect", ())
        return (
            o.failed
            and o.stage > Stage.INTERNET
            and bool(picked(pages, "portal"))
            and not self.passes_on_other_ports
        )

    @cached_property
    def instruments(self) -> list[Observation]:
        """The recorded rungs, which count more than the light: the device's, or those of the
        computer that stands in for it.
        """
        return led_evidence.instruments(self.attempt.device)

    @cached_property
    def facts(self) -> frozenset[str]:
        """All facts that any witness showed: most clues are about others, and are skipped."""
        return frozenset(fact for by_fact in self.attempt.by_witness.values() for fact in by_fact)

    @cached_property
    def device_observations(self) -> frozenset[Observation]:
        """The device's own observations in this try, and those of computers that apply to it."""
        return frozenset((*self.attempt.own, *self.attempt.shared))


def _answer_ms(o: Observation) -> float | None:
    """How long a probe waited for an answer from beyond the gateway; None where none came, or the
    time was not measured.
    """
    if (
        not o.source.startswith("probe:")
        or o.stage <= Stage.GATEWAY
        or o.fact == "internet.loss"
        or o.reason in SILENCE
    ):
        return None
    is_look_up = o.stage is Stage.DNS and (o.ok or o.reason == "differs") and o.took_s is not None
    return (o.took_s or 0.0) * 1000 if is_look_up else o.number("rtt_ms")


def resent(answered: Iterable[Observation], soonest_ms: float) -> list[Observation]:
    """The answers that came only after a retransmission."""
    return [o for o in answered if (_answer_ms(o) or 0.0) >= soonest_ms + RESENT_MS]


def lost_openings(seen: Iterable[Observation]) -> list[Observation]:
    """A computer's connections that opened only after a retransmission, where those are many, and
    each beside another that was asked and answered meanwhile: so it was no moment in which nothing
    got through.
    """
    opened = list({(o.subject, o.at): o for o in seen if o.number("rtt_ms") is not None}.values())
    soonest_ms = min((o.number("rtt_ms") or 0.0 for o in opened), default=0.0)
    late = [
        o
        for o in resent(opened, soonest_ms)
        if any(is_between(other, o) for other in opened if other.subject == o.subject)
    ]
    return late if len(late) >= max(MANY_LATE, len(opened) / 3) else []


def is_between(answer: Observation, wait: Observation) -> bool:
    """Was it asked and answered while the first retransmissions of the other were still due?"""
    asked_s, took_s = answer.at - wait.at, (answer.number("rtt_ms") or 0.0) / 1000
    waited_s = max(wait.took_s or 0.0, (wait.number("rtt_ms") or 0.0) / 1000)
    return asked_s >= -ASKED_TOGETHER_S and asked_s + took_s <= waited_s / 2


def failed_base_stages(rungs: Mapping[Stage, Rung]) -> tuple[Stage, ...]:
    """Those of the address and gateway rungs, on which all others rest, that failed."""
    return tuple(
        stage for stage in (Stage.ADDRESS, Stage.GATEWAY) if rungs[stage].state is State.FAILED
    )
