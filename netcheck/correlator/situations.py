"""Whose causes are weighed, and from what: each device that was asked about; or, where no try of a
Photon was seen, this computer's probes in its place, on each network where they ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from netcheck.correlator import patience, proof_limits, sites, user_reports
from netcheck.correlator.attempts import Attempt, attempts, computer_tries
from netcheck.correlator.folding import Surroundings
from netcheck.correlator.subjects import (
    PREFIX_RANK,
    Subject,
    chosen,
    device_named,
    is_from_vantage,
    subjects,
)
from netcheck.model import NAMELESS, Device, Observation, Stage, Target, ordered
from netcheck.vocabulary import Role, has_role, is_of_light, is_self_report, is_told_by_user


@dataclass(frozen=True)
class Situation:
    """One device, or what a Photon would meet on one network."""

    device: Device
    tries: list[Attempt]
    seen: Sequence[Observation]
    """All that bears on it, of whomever."""
    names: frozenset[str]
    """The subjects of what is its own."""
    top: Stage
    """The rung that its tries can show at best."""
    is_only_prefix: bool = False
    """Is it one of several that show nothing but a MAC prefix?"""


@dataclass(frozen=True)
class Situations:
    """Those to judge, made one by one; `every`: how many there are; `left_out`: the note on those
    left out.
    """

    found: Iterator[Situation]
    every: int
    left_out: str


NOTHING = Situations(found=iter(()), every=0, left_out="")


def attributed(observations: Iterable[Observation], target: Target) -> list[Observation]:
    """The observations in order, as far as they prove anything, each of whom it speaks of."""
    return user_reports.attributed(proof_limits.proven(ordered(observations)), target)


def situations(everything: Sequence[Observation], target: Target) -> Situations:
    """One for each device asked about, of these `attributed` observations; NOTHING where there is
    none.

    A device of which a computer knows no more than its names comes after those whose tries were
    seen.
    """
    every = chosen(subjects(everything), everything, target) or _known_from_user(everything)
    devices = every[: patience.MOST_DEVICES]
    from_here = [o for o in everything if is_from_vantage(o)]
    around = Surroundings(everything)
    if devices and not _have_no_own_attempts(devices, around, from_here):
        alone = len(devices) == 1
        if not alone and from_here:
            devices.sort(key=lambda device: _have_no_own_attempts([device], around, from_here))
        found = (
            _of_device(
                subject, around, target, is_only_prefix=not alone and subject.rank == PREFIX_RANK
            )
            for subject in devices
        )
        return Situations(found=found, every=len(every), left_out="devices_left_out")
    if (devices or not target.device) and from_here:
        return _of_networks(everything, target, devices)
    return NOTHING


def _known_from_user(everything: Sequence[Observation]) -> list[Subject]:
    """The device that only its user's reports show, if there are any."""
    return [Subject({NAMELESS})] if any(o.subject == NAMELESS for o in everything) else []


def _have_no_own_attempts(
    devices: Sequence[Subject], around: Surroundings, from_here: Sequence[Observation]
) -> bool:
    """Are only names and user reports known of these devices? Then this computer's probes stand in
    for them. `from_here`: what this computer's probes saw.

    Answers to this computer from a device, or under its address, are not tries of that device.
    """
    own = around.of({name for device in devices for name in device.names})
    met = [o for o in from_here if not has_role(o.fact, Role.OFFERED)]
    if any(is_of_light(o.fact) for o in own) and not Attempt(own=met).has_failed:
        return False  # what stops the device does not stop this computer: it is a control
    is_known_by_name = all(
        _is_lasting_report(o)
        or is_from_vantage(o)
        or (o.fact == "device.identity" and o.source.startswith(("probe:", "device:")))
        for o in own
    )
    return is_known_by_name and bool(from_here)


def _of_device(
    subject: Subject, around: Surroundings, target: Target, *, is_only_prefix: bool
) -> Situation:
    own = [o for o in around.of(subject.names) if o.fact != "device.identity"]
    device = user_reports.with_firmware(subject.device(target.site or sites.name_of(own)), own)
    names = frozenset(subject.names)
    if is_only_prefix:
        tries = attempts(own, ()) if own else []
        return Situation(device, tries, own, names, Stage.SESSION, is_only_prefix=True)
    tries = attempts(own, around.others(subject.names, own))
    return Situation(device, tries, around.said(subject.names, tries), names, Stage.SESSION)


def _of_networks(
    everything: Sequence[Observation], target: Target, devices: Sequence[Subject]
) -> Situations:
    places = sites.grouped(o for o in everything if is_from_vantage(o))
    every = [target.site] if target.site in places else list(places)
    found = (
        _of_network(places[site], everything, target, devices)
        for site in every[-patience.MOST_NETWORKS :]  # the newest
    )
    return Situations(found=found, every=len(every), left_out="networks_left_out")


def _of_network(
    own: Sequence[Observation],
    everything: Sequence[Observation],
    target: Target,
    devices: Sequence[Subject],
) -> Situation:
    """What a Photon would meet on the network where `own` was seen; a Photon is named where there
    is one alone.

    What the user tells of it counts as its own.
    """
    mine, names = set(own), sites.names_of(own)
    device_here = _device_on(devices, names)
    told = [o for o in everything if _is_lasting_report(o) and o.subject in device_here.names]
    tries = computer_tries(
        own, [o for o in everything if o not in mine and not _is_lasting_report(o)]
    )
    for attempt in tries:
        attempt.lasting = told
    here = [o for o in everything if not sites.is_elsewhere(o, names)]
    device = user_reports.with_firmware(device_here.device(target.site or sites.name_of(own)), told)
    name = target.device or target.as_device
    if name and not (device.mac or device.id or device.ip):
        device = device_named(name, target)
    subjects_here = frozenset({o.subject for o in own} | device_here.names)
    return Situation(device, tries, here, subjects_here, Stage.HANDSHAKE)


def _device_on(devices: Sequence[Subject], network: Iterable[str]) -> Subject:
    """The one device that was seen on the network of these names, or spoken of; one without a name
    where there are none or several.
    """
    here = [
        one
        for one in devices
        if not (one.identities and all(sites.is_elsewhere(o, network) for o in one.identities))
    ]
    return here[0] if len(here) == 1 else Subject()


def _is_lasting_report(o: Observation) -> bool:
    """Does it hold for every try of the device: its user says so, or it says so itself over USB?"""
    return is_told_by_user(o.fact) or is_self_report(o.fact)
