"""Finds the computers that meet the device's own failure: their further findings apply to the
device too. All other clients of the network are controls.

A Photon asks one port of one host and gives up; netcheck on a computer of the same network asks
other ports, other hosts and the routers between. Where both fail at the same step in the same way,
and no step that both took ended differently, one thing stops both. Where a step succeeds for the
computer alone, the computer is only a control: then the fault is the device's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from netcheck.correlator import sites
from netcheck.model import NETWORK, Observation, Stage
from netcheck.vocabulary import Role, has_role, names_with
from netcheck.wire.addresses import ipv4

ENOUGH_FAILED = 2
"""Clients, or kinds of question, that fail before a line counts as dead."""
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


def without_outdated(others: list[Observation], start: float, end: float) -> list[Observation]:
    """The others' observations; without what a capture saw them pass before this try, where during
    it nothing from beyond the gateway answered any of them: then the line died meanwhile.
    """
    beyond = [o for o in others if o.stage >= Stage.DNS and o.source.startswith("capture:")]
    during = [o for o in beyond if o.end >= start and o.at <= end]
    failed = {(o.subject, o.fact) for o in during if o.failed}
    if any(o.ok for o in during) or len(failed) < ENOUGH_FAILED:
        return others
    outdated = {id(o) for o in beyond if o.ok and o.end < start}
    return [o for o in others if id(o) not in outdated]


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


def offered_networks(
    device: Sequence[Observation], others: Iterable[Observation]
) -> list[Observation]:
    """What this computer's scans show of the network that the device is to join; of another than
    the one that the device asks for nothing. Where the device saw the same itself, that stands.
    """
    names = {o.target for o in device if has_role(o.fact, Role.OFFERED) and o.target}
    names |= {f"ssid:{o.text('ssid')}" for o in device if o.fact == "wifi.join" and o.text("ssid")}
    said = {o.fact for o in device}
    return [
        o
        for o in others
        if o.source.startswith("probe:")
        and has_role(o.fact, Role.OFFERED)
        and o.fact not in said
        and (not names or o.target in names)
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
    failed = [o for o in mine if o.failed]
    if not failed or not _goes_to_the_same(device, computer):
        return False
    highest = max(failed, key=lambda o: o.stage)
    return any(_is_same_step(highest, o) for o in theirs) and all(
        _ended(one) & _ended(other) for one, other in _both_took(mine, theirs)
    )


def _steps(observations: Iterable[Observation]) -> list[Observation]:
    return [o for o in observations if has_role(o.fact, Role.COMMON_STEP) and (o.ok or o.failed)]


def _both_took(
    mine: Sequence[Observation], theirs: Sequence[Observation]
) -> Iterator[tuple[list[Observation], list[Observation]]]:
    """For each fact what either saw of a step that the other took too."""
    for fact in {o.fact for o in mine}:
        for port in {_port(o) for o in mine if o.fact == fact}:
            ours = [o for o in mine if o.fact == fact and _port(o) == port]
            other = [o for o in theirs if any(_is_same_step(one, o) for one in ours)]
            if other:
                yield [o for o in ours if any(_is_same_step(o, one) for one in other)], other


def _ended(observations: Iterable[Observation]) -> set[str]:
    """How a step ended: empty for ok, else the reasons why not."""
    return {_ALIKE.get(o.reason, o.reason) if o.failed else "" for o in observations}


def _is_same_step(one: Observation, other: Observation) -> bool:
    """Do both speak of one thing: the same resolver, gateway, test or port? Yes where it is not
    known of both.
    """
    mine, theirs = _about(one), _about(other)
    ports = {_port(one), _port(other)} - {""}
    return (
        one.fact == other.fact
        and len(ports) < 2
        and (not mine or not theirs or bool(mine & theirs))
    )


def _port(o: Observation) -> str:
    """The server's port: the internet tests of two eras are two steps, and so are connections to
    two ports, of which one may be blocked. Empty where it is no matter.
    """
    is_by_port = o.fact == "internet.test" or o.stage in (Stage.TCP, Stage.HANDSHAKE)
    port = o.target.rpartition(":")[2] if is_by_port else ""
    return port if port.isdecimal() else ""


def _about(o: Observation) -> set[str]:
    """The resolvers or the gateway that was asked; empty where that is not known, or no matter."""
    if o.fact == "gateway.arp":
        return {o.target} - {""}
    if o.stage is Stage.DNS:
        return {*o.text("resolver").split(), *o.text("server").split()}
    return set()


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
