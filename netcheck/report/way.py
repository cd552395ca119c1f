"""The way to the cloud in two views: hop by hop as it is built, and try by try as it was gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from netcheck.correlator.attempts import Attempt, ByFact, by_fact, tries_of
from netcheck.correlator.ladder import climb
from netcheck.model import Device, Diagnosis, Observation, Rung, Stage, State, Struct
from netcheck.report.answer import references
from netcheck.vocabulary import REASONS

MOST_TRIES = 40
_FAILS = (State.FAILED, State.MIXED)
_HERE = "router"
_LOGIN_PAGE = "portal"
"""The `place` of `tcp.blocked_where` that means the router of this network."""


class HopView(Struct, frozen=True, kw_only=True):
    """One machine on the way. `is_blocking`: here, or behind it, the way ends."""

    name: str
    address: str = ""
    state: State
    says: str = ""
    is_blocking: bool = False


class TryView(Struct, frozen=True, kw_only=True):
    """One try: when it began (UTC seconds since 1970) and how long it took, how far it came, and
    why it went no further (empty: it did not fail).
    """

    at: float
    took_s: float
    reached: Stage | None
    failed: Stage | None
    why: str
    places: tuple[str, ...]


def tries(one: Diagnosis, observations: Sequence[Observation]) -> tuple[TryView, ...]:
    """The tries of the device, in order; the first MOST_TRIES."""
    return tuple(
        _try(attempt) for attempt in tries_of(one.device, observations)[:MOST_TRIES] if attempt.own
    )


def _try(attempt: Attempt) -> TryView:
    rungs = climb(attempt).values()
    failed = next((rung for rung in rungs if rung.state in _FAILS), None)
    passed = [rung.stage for rung in rungs if rung.state is State.PASSED]
    reasons = [o for o in failed.because if o.failed] if failed is not None else []
    why = REASONS.get(reasons[-1].reason, "failed") if reasons else ""
    return TryView(
        at=attempt.start,
        took_s=attempt.end - attempt.start,
        reached=passed[-1] if passed else None,
        failed=failed.stage if failed is not None else None,
        why=why,
        places=references(reasons),
    )


def hops(one: Diagnosis, observations: Iterable[Observation]) -> tuple[HopView, ...]:
    """The machines from the device to the cloud of which something is known, and which of them
    stops the connection.
    """
    here = (o for o in observations if not one.device.site or o.site in ("", one.device.site))
    return tuple(_marked(_Way(one, by_fact(here)).hops()))


def _marked(found: Iterable[HopView]) -> Iterator[HopView]:
    """The hops; only the first that blocks is marked as such, and says so."""
    is_blocked = False
    for hop in found:
        is_first = hop.is_blocking and not is_blocked
        says = f"the way ends here: {hop.says or hop.state.value}" if is_first else hop.says
        yield msgspec.structs.replace(hop, says=says, is_blocking=is_first)
        is_blocked |= hop.is_blocking


class _Way:
    """The hops as the rungs and what was seen on them tell."""

    def __init__(self, one: Diagnosis, seen: ByFact) -> None:
        self._seen, self._device = seen, one.device
        self._rungs = {rung.stage: rung for rung in one.ladder}

    def hops(self) -> Iterator[HopView]:
        """Each in its order."""
        yield HopView(
            name="the Photon" if _is_known(self._device) else "this computer",
            address=self._device.ip or self._newest("computer.vantage", "address"),
            state=self._state(Stage.ADDRESS),
            says="has an address" if self._works(Stage.ADDRESS) else "",
            is_blocking=self._state(Stage.ADDRESS) in _FAILS,
        )
        yield self._router()
        yield HopView(
            name="the name server (DNS)",
            address=self._newest("dns.cloud_name", "resolver", "server")
            or self._newest("dhcp.options", "resolvers"),
            state=self._state(Stage.DNS),
            says=self._word(Stage.DNS, "gives the cloud's address"),
            is_blocking=self._state(Stage.DNS) in _FAILS,
        )
        yield from self._between()
        yield self._cloud()

    def _router(self) -> HopView:
        left = self._newest_of("tcp.left_network")
        blocked = self._newest_of("tcp.blocked_where")
        is_here = (left is not None and left.failed) or (
            blocked is not None and blocked.failed and blocked.text("place") == _HERE
        )
        fails = self._state(Stage.GATEWAY) in _FAILS
        says = self._word(Stage.GATEWAY, "answers")
        return HopView(
            name="the router (gateway)",
            address=self._newest("dhcp.options", "router")
            or self._newest("gateway.arp", "gateway")
            or self._newest("computer.vantage", "gateway"),
            state=self._state(Stage.GATEWAY),
            says=f"{says}; the connection does not leave it" if is_here else says,
            is_blocking=fails or (is_here and self._is_port_shut()),
        )

    def _between(self) -> Iterator[HopView]:
        """Where between router and cloud it ends, as far as that is known."""
        blocked = self._newest_of("tcp.blocked_where")
        internet = self._state(Stage.INTERNET)
        login_page = self._newest_of("internet.redirect")
        if login_page is not None and login_page.reason == _LOGIN_PAGE:
            yield HopView(
                name="the login page",
                address=login_page.text("location"),
                state=State.FAILED,
                says="answers in place of others",
                is_blocking=True,
            )
        if internet is not State.UNTESTED:
            yield HopView(
                name="the line to the Internet",
                state=internet,
                says=self._word(Stage.INTERNET, "other hosts answer"),
                is_blocking=internet in _FAILS,
            )
        if self._state(Stage.SESSION) in _FAILS and self._works(Stage.HANDSHAKE):
            yield HopView(
                name="somewhere in between",
                state=self._state(Stage.SESSION),
                says="an open connection is lost; which machine drops it was not seen",
                is_blocking=True,
            )
        if not self._is_port_shut():
            return
        if blocked is not None and blocked.failed and blocked.text("place") != _HERE:
            hop = int(blocked.number("hop") or 0)
            yield HopView(
                name=f"router {hop} on the way" if hop else "a router on the way",
                address=blocked.text("sender"),
                state=State.FAILED,
                says="the last that answers on this port; others come further",
                is_blocking=True,
            )
        elif not self._router().is_blocking and internet not in _FAILS:
            yield HopView(
                name="somewhere in between",
                state=State.UNTESTED,
                says="which machine stops it was not seen",
                is_blocking=True,
            )

    def _cloud(self) -> HopView:
        at = Stage.TCP if self._state(Stage.TCP) not in (State.PASSED, State.IMPLIED) else None
        stage = at or Stage.HANDSHAKE
        opened = self._newest_of("tcp.cloud")
        return HopView(
            name="the cloud",
            address=opened.target if opened is not None else "",
            state=self._state(stage),
            says=self._word(stage, "answers"),
            is_blocking=self._state(stage) in _FAILS,
        )

    def _is_port_shut(self) -> bool:
        return self._state(Stage.TCP) in _FAILS

    def _state(self, stage: Stage) -> State:
        rung = self._rungs.get(stage)
        return rung.state if rung is not None else State.UNTESTED

    def _works(self, stage: Stage) -> bool:
        return self._state(stage) in (State.PASSED, State.IMPLIED)

    def _word(self, stage: Stage, works: str) -> str:
        """What was seen of that rung; `works` where it was seen to work."""
        if self._state(stage) is State.IMPLIED:
            return "a later step worked"
        if self._works(stage):
            return works
        rung = self._rungs.get(stage)
        return _why(rung) if rung is not None else ""

    def _newest_of(self, fact: str) -> Observation | None:
        found = [o for o in self._seen.get(fact, ()) if o.ok or o.failed]
        return max(found, key=lambda o: o.at, default=None)

    def _newest(self, fact: str, *names: str) -> str:
        """The newest value of that name of a fact; empty where there is none."""
        found = [
            (o.at, value)
            for o in self._seen.get(fact, ())
            for name in names
            if (value := o.text(name))
        ]
        return max(found, default=(0.0, ""))[1]


def _why(rung: Rung) -> str:
    failed = [o for o in rung.because if o.failed]
    if rung.state in _FAILS and failed:
        return REASONS.get(failed[-1].reason, "fails")
    return {State.UNREACHED: "not reached", State.UNTESTED: "not tested"}.get(rung.state, "")


def _is_known(device: Device) -> bool:
    return bool(device.mac or device.id or device.ip)
