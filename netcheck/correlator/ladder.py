"""The ladder: the state of each rung, in one try and in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from netcheck.correlator import led_evidence
from netcheck.correlator.attempts import Attempt
from netcheck.model import Observation, Outcome, Rung, Stage, State
from netcheck.photon.addresses import PHOTON_FALLBACK
from netcheck.vocabulary import FACTS, decides_rung, is_of_light
from netcheck.wire.addresses import same_subnet

MAX_BECAUSE = 6
"""Observations named for one rung."""


def climb(attempt: Attempt) -> dict[Stage, Rung]:
    """The eleven rungs of one try."""
    is_served = any(
        o.ok and o.text("asked_as") in ("device", "new_client")
        for o in attempt.shown
        if o.fact == "dhcp.offer"
    )
    # An access point that keeps every Photon out keeps out this one; one that does not may be out
    # of its reach.
    shown = [*attempt.shown, *(o for o in attempt.offered if o.failed)]
    asked = [o for o in shown if o.outcome is not Outcome.SKIPPED]
    deciding = led_evidence.behind_instruments(
        [o for o in asked if decides_rung(o.fact) and not _is_side_note(o, is_served)]
    )
    passed = [o for o in deciding if o.ok]
    beside_gateway = _beside_gateway(attempt.shown, deciding)
    rungs: dict[Stage, Rung] = {}
    has_failed = False
    for stage in Stage:
        is_gateway = stage is Stage.GATEWAY
        through = [o for o in passed if o not in beside_gateway] if is_gateway else passed
        state = _state(stage, deciding, through, has_failed)
        has_failed |= state is State.FAILED
        rungs[stage] = Rung(
            stage=stage,
            state=state,
            because=_a_few([o for o in deciding if o.stage is stage and _supports_state(o, state)]),
        )
    return rungs


def _supports_state(o: Observation, state: State) -> bool:
    """Does it support the rung's state? An untested or unclear step does not show that the rung
    passed or failed.
    """
    return o.ok or o.failed or state not in (State.PASSED, State.FAILED, State.MIXED)


def _is_side_note(o: Observation, is_served: bool) -> bool:
    """A lease without a resolver is usable: the device then asks the gateway and 8.8.8.8
    (hal/src/photon, wiced_network.o).

    What went through a VPN was not asked of this network. A computer that has an address need not
    be offered one, where the device is, or a client like it (`is_served`).
    """
    if is_served and o.fact == "dhcp.offer" and o.text("asked_as") == "this_computer":
        return True
    return (o.failed and o.reason == "missing_dns") or o.reason == "tunnel"


def _state(
    stage: Stage, deciding: Sequence[Observation], passed: Sequence[Observation], has_failed: bool
) -> State:
    steps = sorted(
        (o for o in deciding if o.stage is stage and (o.ok or o.failed)),
        key=lambda o: (o.at, o.failed),
    )
    good, bad = any(o.ok for o in steps), any(o.failed for o in steps)
    rests_on_it = any(_rests_on(o, stage) for o in passed if o.stage > stage)
    if bad:
        # A rung of several steps has failed where its last one did: a handshake is not half a
        # success.
        return State.MIXED if rests_on_it or steps[-1].ok else State.FAILED
    if good:
        return State.PASSED
    if rests_on_it:
        return State.IMPLIED
    if has_failed:
        return State.UNREACHED
    is_left_open = _is_left_open(stage, deciding)
    asked = any(
        o.stage > stage and not _is_of_probe(o)
        for o in deciding
        if not (is_left_open and not o.ok and is_of_light(o.fact))
    )
    return (
        State.IMPLIED
        if asked and stage <= Stage.DNS and _was_needed(stage, deciding)
        else State.UNTESTED
    )


def _beside_gateway(
    shown: Sequence[Observation], deciding: Iterable[Observation]
) -> frozenset[Observation]:
    """What hosts of the own subnet other than the gateway answered: it says nothing of the
    gateway.
    """
    leases = [o for o in shown if o.fact == "dhcp.options"]
    gateways = {router for o in leases for router in o.text("router").split()[:1]}
    gateways |= {o.target for o in shown if o.fact == "gateway.arp"}
    networks = {(o.text("address"), o.text("mask")) for o in leases}
    networks |= {(gateway, "") for gateway in gateways}
    return frozenset(
        o
        for o in deciding
        if o.stage > Stage.GATEWAY
        and (host := _host(o)) not in gateways
        and any(same_subnet(host, address, mask) for address, mask in networks)
    )


def _host(o: Observation) -> str:
    """The address that answered, if it is known."""
    if o.stage is Stage.DNS:
        return o.text("server") or o.text("resolver")
    return o.text("address") or o.target.rpartition(":")[0]


def _is_of_probe(o: Observation) -> bool:
    """Was it a probe that asked, or would have? A Photon asks only where the rungs below passed; a
    probe asks all the same.
    """
    return o.source.startswith("probe:")


def _is_left_open(stage: Stage, deciding: Sequence[Observation]) -> bool:
    """Is something that failed a blinking that means this rung too?"""
    return any(
        not one.ok and one.fact in FACTS and stage in FACTS[one.fact].covers for one in deciding
    )


def _rests_on(o: Observation, stage: Stage) -> bool:
    """Could that not have passed without this rung? What goes by address does not rest on dns, nor
    does a probe that asks elsewhere.
    """
    if stage is Stage.DNS:
        return (
            not _is_of_probe(o)
            and o.stage > Stage.INTERNET
            and not o.target.startswith(PHOTON_FALLBACK)
        )
    return True


def _was_needed(stage: Stage, deciding: Sequence[Observation]) -> bool:
    """Must this rung have passed for the device to ask what it asked?"""
    if stage is Stage.DNS:
        asked = [
            o
            for o in deciding
            if o.reason != "not_connected"  # that may mean the lookup
            and o.fact != "tcp.other_server"
        ]
        return any(
            o.stage > Stage.INTERNET and not o.target.startswith(PHOTON_FALLBACK) for o in asked
        )
    return True


def of_the_network(rungs: Iterable[Rung]) -> tuple[Rung, ...]:
    """The ladder of a Photon that was not seen: a computer that reaches its gateway proves nothing
    about the Photon's Wi-Fi and address, and passes no rung that its Wi-Fi keeps a Photon from.
    """
    return tuple(map(_of_the_network, rungs))


def _of_the_network(rung: Rung) -> Rung:
    if rung.state is State.IMPLIED and rung.stage < Stage.GATEWAY:
        return Rung(stage=rung.stage, state=State.UNTESTED)
    if rung.state is State.MIXED and rung.stage is Stage.RADIO:
        has_passed = any(o.ok for o in rung.because)
        return rung if has_passed else msgspec.structs.replace(rung, state=State.FAILED)
    return rung


def combined(climbs: Iterable[dict[Stage, Rung]]) -> tuple[Rung, ...]:
    """All tries as one ladder: a rung that passed in one and failed in another is mixed."""
    every = list(climbs)
    return tuple(_combined(stage, [rungs[stage] for rungs in every]) for stage in Stage)


def _combined(stage: Stage, rungs: Sequence[Rung]) -> Rung:
    states = {rung.state for rung in rungs}
    because = tuple(dict.fromkeys(o for rung in rungs for o in rung.because))
    return Rung(stage=stage, state=_joined(states), because=_a_few(because))


def _joined(states: set[State]) -> State:
    if State.MIXED in states:
        return State.MIXED
    if State.FAILED in states:
        return State.MIXED if states & {State.PASSED, State.IMPLIED} else State.FAILED
    for state in (State.PASSED, State.IMPLIED, State.UNREACHED):
        if state in states:
            return state
    return State.UNTESTED


def _a_few(because: Sequence[Observation]) -> tuple[Observation, ...]:
    """A few of them, failures first."""
    return tuple(
        [o for o in because if o.failed][:MAX_BECAUSE]
        + [o for o in because if not o.failed][:MAX_BECAUSE]
    )[:MAX_BECAUSE]
