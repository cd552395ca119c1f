"""The user's answers: which device they are about, which of several counts, and whether it names a
symptom.

A user names no MAC address. What they tell belongs to the device asked for, else to the one Photon
that was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from netcheck.correlator import led_evidence
from netcheck.correlator.subjects import chosen, subjects
from netcheck.model import NAMELESS, Device, Evidence, Observation, Target, ordered
from netcheck.vocabulary import is_of_light, is_told_by_user
from netcheck.vocabulary.questions import of_fact


def attributed(observations: Sequence[Observation], target: Target) -> list[Observation]:
    """The observations, those of the nameless device under its name where that is known, and of
    answers replaced the last.
    """
    if all(o.subject != NAMELESS for o in observations):
        return newest_answers(observations)
    return newest_answers(ordered(_renamed(observations, _name(observations, target))))


def _name(observations: Sequence[Observation], target: Target) -> str:
    """The device that the user means; NAMELESS where none was found, or several were."""
    found = chosen(subjects(observations), observations, target)
    if len(found) == 1:
        return min(found[0].names)
    return target.device.lower() if target.device and not found else NAMELESS


def _renamed(observations: Iterable[Observation], name: str) -> list[Observation]:
    return [
        msgspec.structs.replace(o, subject=name) if o.subject == NAMELESS else o
        for o in observations
    ]


def newest_answers(observations: Sequence[Observation]) -> list[Observation]:
    """Without the answers that a later one of the same subject to the same question replaced; those
    that may be several stay.

    Of reports about the light the newest counts as a whole.
    """
    facts = {o.fact for o in observations}
    replaceable = {fact for fact in facts if _is_replaceable(fact)}
    if not replaceable and not any(is_of_light(fact) for fact in facts):
        return list(observations)
    told = [o for o in observations if is_of_light(o.fact) or o.fact in replaceable]
    told.sort(key=lambda o: o.at)
    last = {(o.subject, o.fact): o for o in told if o.fact in replaceable}
    light_at = {o.subject: o.at for o in told if is_of_light(o.fact)}
    return [
        o
        for o in observations
        if (
            o.at == light_at[o.subject]
            if is_of_light(o.fact)
            else o.fact not in replaceable or last[o.subject, o.fact] is o
        )
    ]


def _is_replaceable(fact: str) -> bool:
    question = of_fact(fact)
    return question is not None and not question.repeats


def is_symptom(o: Observation) -> bool:
    """Does the user say that something does not work?"""
    question = of_fact(o.fact)
    if question is None:
        return led_evidence.is_symptom(o)
    return question.is_symptom(o.text("value"))


def tells_of_symptom(observations: Iterable[Observation]) -> bool:
    """Does any of them?"""
    return any(is_symptom(o) for o in observations)


def explains_symptom(support: Iterable[Evidence]) -> bool:
    """Is a symptom that the user reported evidence for it, and does it not fit many causes?"""
    return any(
        not e.clue.context and is_told_by_user(o.fact) and is_symptom(o)
        for e in support
        for o in e.seen
    )


def is_complaint_alone(own: Sequence[Observation]) -> bool:
    """Is the try made of user reports alone, with a symptom among them?"""
    return all(is_told_by_user(o.fact) for o in own) and tells_of_symptom(own)


def with_firmware(device: Device, own: Iterable[Observation]) -> Device:
    """The device with the Device OS version that its user names, where nothing better is known."""
    version = next((o.text("version") for o in own if o.fact == "told.firmware"), "")
    return (
        msgspec.structs.replace(device, firmware=version)
        if version and device.firmware is None
        else device
    )
