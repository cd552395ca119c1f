"""Computers that meet the device's own failure: what their probes learned of the way holds for the
device too.

A Photon asks one port of one host and gives up; netcheck on a computer beside it asks other ports,
other hosts and the routers between. Where both fail at the same step in the same way, and no step
that both took went differently, one thing stops both. Where a step goes well for the computer alone
it stays a mere control: then the fault is the device's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from netcheck.correlator import sites
from netcheck.model import NETWORK, Observation, Stage
from netcheck.wire.ipv4 import ipv4

STEPS = frozenset(
    {"gateway.arp", "dns.cloud_name", "internet.test", "tcp.cloud", "handshake.nonce"}
)
"""What a device and a computer both do on their way to the cloud, each for itself."""

_ITS_OWN = STEPS | {
    "tcp.as_device",
    "tcp.as_new_client",
    "internet.as_device",
    "internet.as_new_client",
}
"""What is never another's: steps, and what a computer asks under other MACs."""

_ALIKE = {
    "silent": "timeout",
    "late": "timeout",
    "reset": "refused",
    "prohibited": "unreachable",
    "no_route": "unreachable",
}
"""Reasons that two witnesses of one failure may tell apart: a system calls unreachable what a
capture shows forbidden (ICMP).
"""

Step = tuple[str, str]


def learned(device: Sequence[Observation], others: Iterable[Observation]) -> list[Observation]:
    """What computers that met the device's failure asked from the resolver upwards, and the device
    did not ask itself.
    """
    asked = {o.fact for o in device if o.ok or o.failed}
    return [
        o
        for run in _runs(others)
        if _meets_the_same(device, run)
        for o in run
        if _tells_more(o, asked)
    ]


def apart(others: Iterable[Observation], shared: Sequence[Observation]) -> list[Observation]:
    """The others without what is `shared`, and without the steps and the packets of the same
    computers that say it again.
    """
    computers = {o.subject for o in shared}
    said = {(o.subject, o.fact) for o in shared} | {
        (computer, step) for computer in computers for step in STEPS
    }
    return [o for o in others if (o.subject, o.fact) not in said]


def _tells_more(o: Observation, asked: Iterable[str]) -> bool:
    return o.stage >= Stage.DNS and o.fact not in _ITS_OWN and o.fact not in asked


def _runs(others: Iterable[Observation]) -> Iterator[list[Observation]]:
    """What each computer's own probes saw, in one run of netcheck each."""
    by_computer: dict[str, list[Observation]] = defaultdict(list)
    for o in others:
        if o.source.startswith("probe:") and o.subject != NETWORK:
            by_computer[o.subject].append(o)
    for seen in by_computer.values():
        yield from sites.runs(seen)


def _meets_the_same(device: Sequence[Observation], computer: Sequence[Observation]) -> bool:
    """Does it fail at the device's highest failed step, and at or below that step nowhere else than
    the device?
    """
    mine, theirs = _steps(device), _steps(computer)
    fallen = [o for o in device if o.failed and o.fact in STEPS]
    if not fallen or not _goes_to_the_same(device, computer):
        return False
    highest = max(fallen, key=lambda o: o.stage)
    return _step(highest) in theirs and all(
        mine[step] & theirs[step] for step in mine.keys() & theirs.keys()
    )


def _steps(observations: Iterable[Observation]) -> Mapping[Step, set[str]]:
    """Step → how it went: empty for well, else the reasons why not."""
    found: dict[Step, set[str]] = defaultdict(set)
    for o in observations:
        if o.fact in STEPS and (o.ok or o.failed):
            found[_step(o)].add(_ALIKE.get(o.reason, o.reason) if o.failed else "")
    return found


def _step(o: Observation) -> Step:
    """The internet tests of two eras are two steps, told apart by their ports."""
    return o.fact, o.target.rpartition(":")[2] if o.fact == "internet.test" else ""


def _goes_to_the_same(device: Iterable[Observation], computer: Iterable[Observation]) -> bool:
    """Did the computer go to an address where the device looked for the cloud, or was it given one?
    Yes where not both are known.
    """
    gone = {
        host
        for o in device
        if o.fact == "tcp.cloud" and ipv4(host := o.target.rpartition(":")[0]) is not None
    }
    known = {
        address
        for o in computer
        for address in (*o.text("addresses").split(), o.text("address"))
        if o.fact in _ADDRESSES
    }
    return not gone or not known or bool(gone & known)


_ADDRESSES = ("dns.cloud_name", "dns.compare", "tcp.cloud")
