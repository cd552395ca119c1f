"""Finds the computers that meet the device's own failure: their further findings apply to the
device too. All other clients of the network are controls.

A Photon asks one port of one host and gives up; netcheck on a computer of the same network asks
other ports, other hosts and the routers between. Where both fail at the same step in the same way,
and no step that both took ended differently, one thing stops both. Where a step succeeds for the
computer alone, the computer is only a control: then the fault is the device's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from netcheck.correlator import sites
from netcheck.model import NETWORK, Observation, Stage
from netcheck.vocabulary import Role, has_role, names_with
from netcheck.wire.ipv4 import ipv4

_NEVER_SHARED = (Role.COMMON_STEP, Role.AS_DEVICE, Role.AS_NEW_CLIENT)
"""Roles of facts that each client finds for itself alone: steps, and questions under other MACs."""

_ALIKE = {
    "silent": "timeout",
    "late": "timeout",
    "reset": "refused",
    "prohibited": "unreachable",
    "no_route": "unreachable",
}
"""Reasons that two witnesses may give for one failure: a system calls unreachable what a capture
shows forbidden (ICMP).
"""

Step = tuple[str, str]


def shared_findings(
    device: Sequence[Observation], others: Iterable[Observation]
) -> list[Observation]:
    """Findings from the resolver upwards of the computers that met the device's failure, where the
    device did not ask itself.
    """
    if not any(o.failed for o in device):
        return []
    asked = {o.fact for o in device if o.ok or o.failed}
    return [
        o
        for run in _runs(others)
        if _has_same_failure(device, run)
        for o in run
        if _tells_more(o, asked)
    ]


def without_shared(
    others: Iterable[Observation], shared: Sequence[Observation]
) -> list[Observation]:
    """The others without what is `shared` and without the steps of the same computers: those are
    known from the device.
    """
    if not shared:
        return list(others)
    computers = {o.subject for o in shared}
    said = {(o.subject, o.fact) for o in shared} | {
        (computer, step) for computer in computers for step in names_with(Role.COMMON_STEP)
    }
    return [o for o in others if (o.subject, o.fact) not in said]


def _tells_more(o: Observation, asked: Iterable[str]) -> bool:
    return o.stage >= Stage.DNS and not has_role(o.fact, *_NEVER_SHARED) and o.fact not in asked


def _runs(others: Iterable[Observation]) -> Iterator[list[Observation]]:
    """The observations of each computer's own probes, divided by run of netcheck."""
    by_computer: dict[str, list[Observation]] = defaultdict(list)
    for o in others:
        if o.source.startswith("probe:") and o.subject != NETWORK:
            by_computer[o.subject].append(o)
    for seen in by_computer.values():
        yield from sites.runs(seen)


def _has_same_failure(device: Sequence[Observation], computer: Sequence[Observation]) -> bool:
    """Does the computer fail at the device's highest failed step, and at no step that the device
    passed?
    """
    mine, theirs = _steps(device), _steps(computer)
    failed = [o for o in device if o.failed and has_role(o.fact, Role.COMMON_STEP)]
    if not failed or not _goes_to_the_same(device, computer):
        return False
    highest = max(failed, key=lambda o: o.stage)
    return _step(highest) in theirs and all(
        mine[step] & theirs[step] for step in mine.keys() & theirs.keys()
    )


def _steps(observations: Iterable[Observation]) -> Mapping[Step, set[str]]:
    """Step → how it ended: empty for ok, else the reasons why not."""
    found: dict[Step, set[str]] = defaultdict(set)
    for o in observations:
        if has_role(o.fact, Role.COMMON_STEP) and (o.ok or o.failed):
            found[_step(o)].add(_ALIKE.get(o.reason, o.reason) if o.failed else "")
    return found


def _step(o: Observation) -> Step:
    """The internet tests of two eras are two steps, told apart by their ports."""
    return o.fact, o.target.rpartition(":")[2] if o.fact == "internet.test" else ""


def _goes_to_the_same(device: Iterable[Observation], computer: Iterable[Observation]) -> bool:
    """Did the computer go to an address where the device looked for the cloud, or was it given one?
    Yes where not both are known.
    """
    used = {
        host
        for o in device
        if o.fact == "tcp.cloud" and ipv4(host := o.target.rpartition(":")[0]) is not None
    }
    known = {
        address
        for o in computer
        for address in (*o.text("addresses").split(), o.text("address"))
        if has_role(o.fact, Role.CLOUD_ADDRESS)
    }
    return not used or not known or bool(used & known)
