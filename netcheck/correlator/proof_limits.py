"""Makes observations unclear that prove nothing where they were made: those sent through a VPN,
those that this computer's own rules held, and open ports where a middlebox accepts every
connection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import msgspec

from netcheck.correlator.sites import RUN_GAP_S
from netcheck.model import Observation, Outcome, Stage
from netcheck.vocabulary import REASONS, Role, has_role

THROUGH_VPN = "asked through this computer's VPN, which says nothing about this network"


def without_proof_by_vpn(observations: Sequence[Observation]) -> Sequence[Observation]:
    """The observations; those whose packets left through this computer's VPN become unclear.

    Hosts of the own subnet are reached beside a VPN, a resolver among them; everything above the
    gateway only through it. What a run found of its VPN is valid until the same computer checks
    again.
    """
    vpn_checks: dict[str, list[Observation]] = {}
    for o in sorted((o for o in observations if o.fact == "computer.vpn"), key=lambda o: o.at):
        vpn_checks.setdefault(o.subject, []).append(o)
    if not vpn_checks:
        return observations
    return [
        _unclear(o) if o.subject in vpn_checks and _left_by_vpn(o, vpn_checks[o.subject]) else o
        for o in observations
    ]


def _left_by_vpn(o: Observation, checks: Sequence[Observation]) -> bool:
    """Did this computer's own probe ask that through its VPN? `checks`: of its VPN, in order of
    time.
    """
    if not o.source.startswith("probe:") or o.stage <= Stage.GATEWAY:
        return False
    index = bisect_right(checks, o.at, key=lambda check: check.at)
    if not index:
        return False
    at = checks[index - 1].at  # of several at one time the first
    last = checks[bisect_left(checks, at, key=lambda check: check.at)]
    return last.failed and not _is_local_answer(o, last)


def _is_local_answer(o: Observation, check: Observation) -> bool:
    """Did a resolver on the own subnet answer that? No answer proves nothing: many VPNs block
    lookups beside them.
    """
    return bool(o.text("rcode")) and o.text("server") in check.text("beside").split()


def _unclear(o: Observation) -> Observation:
    if o.outcome is Outcome.SKIPPED:
        return o
    return msgspec.structs.replace(
        o, outcome=Outcome.UNCLEAR, reason="tunnel", data=(*o.data, ("says", THROUGH_VPN))
    )


def without_proof_by_middlebox(observations: Sequence[Observation]) -> Sequence[Observation]:
    """The observations; open ports become unclear where a connection to that port opens even to an
    address without a host.
    """
    accepted = {
        (o.subject, _port(o))
        for o in observations
        if o.fact == "tcp.nowhere" and o.reason == "accepts_all"
    }
    if not accepted:
        return observations
    return [
        _accepted_by_anything(o)
        if o.ok and (o.subject, _port(o)) in accepted and _is_bare(o)
        else o
        for o in observations
    ]


def without_proof_past_own_rules(observations: Sequence[Observation]) -> Sequence[Observation]:
    """The observations; what this computer's probes were not answered becomes unclear where its own
    rules held the packets: those to a port, or all. So it does where packets to a port did not
    reach the first router, unless they were seen to leave.
    """
    sends = [o for o in observations if o.fact == "computer.sends"]
    held = [o for o in sends if o.failed]
    held += [
        o
        for o in observations
        if _reached_no_router(o) and not any(one.ok and _is_of_same_run(o, one) for one in sends)
    ]
    if not held:
        return observations
    return [_held(o) if any(_is_held(o, check) for check in held) else o for o in observations]


def without_proof_in_conflict(observations: Sequence[Observation]) -> Sequence[Observation]:
    """The observations; what this computer's probes were not answered becomes unclear where another
    machine uses this computer's address, and so may have got the answers.
    """
    taken = [o for o in observations if o.fact == "computer.address" and o.failed]
    if not taken:
        return observations
    return [_may_be_lost(o) if any(_may_miss(o, one) for one in taken) else o for o in observations]


def _may_miss(o: Observation, taken: Observation) -> bool:
    """Did the same computer ask that in the same run, from its own address?"""
    return _got_nothing_in(taken, o) and o.stage > Stage.ADDRESS


def _may_be_lost(o: Observation) -> Observation:
    says = ("says", "another machine uses this computer's address and may have got the answer")
    return msgspec.structs.replace(o, outcome=Outcome.UNCLEAR, data=(*o.data, says))


def _reached_no_router(o: Observation) -> bool:
    """Did packets to the port end before the first router, and others did not; and no router says
    that it stopped them?
    """
    is_of_port = o.fact == "tcp.blocked_where" and o.text("differs") == "port"
    return is_of_port and o.failed and o.number("hop") == 0 and not o.text("sender")


def _is_of_same_run(one: Observation, other: Observation) -> bool:
    return one.subject == other.subject and abs(one.at - other.at) <= RUN_GAP_S


def _got_nothing_in(run: Observation, o: Observation) -> bool:
    """Did a probe of that run get no answer?"""
    return o.failed and o.source.startswith("probe:") and _is_of_same_run(o, run)


def _is_held(o: Observation, check: Observation) -> bool:
    """Did the same computer ask that in the same run, by a connection that its rules hold?"""
    return (
        _got_nothing_in(check, o)
        and o.stage > Stage.DNS
        and not has_role(o.fact, Role.AS_DEVICE, Role.AS_NEW_CLIENT)
        and (not _port(check).isdecimal() or _port(o) == _port(check))
    )


def _held(o: Observation) -> Observation:
    return msgspec.structs.replace(
        o,
        outcome=Outcome.UNCLEAR,
        data=(*o.data, ("says", REASONS["held_here"])),
    )


def _is_bare(o: Observation) -> bool:
    """Is it only an open connection, without a page or a certificate?"""
    is_comparison = has_role(o.fact, Role.BARE_CONNECTION)
    return (
        is_comparison
        and o.source.startswith("probe:")
        and o.value("tls_ms") is None
        and o.value("status") is None
    )


def _accepted_by_anything(o: Observation) -> Observation:
    return msgspec.structs.replace(
        o,
        outcome=Outcome.UNCLEAR,
        reason="accepts_all",
        data=(*o.data, ("says", REASONS["accepts_all"])),
    )


def _port(o: Observation) -> str:
    return o.target.rpartition(":")[2]


def proven(observations: Sequence[Observation]) -> Sequence[Observation]:
    """The observations; those that prove nothing where they were made become unclear."""
    return without_proof_in_conflict(
        without_proof_past_own_rules(without_proof_by_middlebox(without_proof_by_vpn(observations)))
    )
