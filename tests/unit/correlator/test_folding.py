"""What a device is judged beside, where very many were seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.correlator.attempts import attempts
from netcheck.correlator.folding import (
    MANY,
    MOST_SPEAKERS,
    MOST_WHOLE,
    NEWEST_WHOLE,
    OVERLAP_S,
    PERIOD_S,
    Surroundings,
)
from netcheck.model import Observation, Outcome, Scalar, Target, Verdict, ordered
from netcheck.vocabulary import FACTS
from tests.helpers.capture_files import pcap
from tests.helpers.many_photons import KINDS, frames_of_many, kind_of

MANY_PHOTONS = 150
DEVICE = "e0:4f:43:00:00:01"


def seen(
    subject: str,
    fact: str = "dns.cloud_name",
    outcome: Outcome = Outcome.OK,
    *,
    at: float = 0.0,
    source: str = "capture:x",
    data: Sequence[tuple[str, Scalar]] = (),
) -> Observation:
    return Observation(
        stage=FACTS[fact].stage,
        fact=fact,
        outcome=outcome,
        subject=subject,
        source=source,
        at=at,
        data=tuple(data),
    )


OWN = [seen(DEVICE, "tcp.cloud", Outcome.FAILED, at=10.0)]
CROWD = [seen(f"3c:22:fb:00:{n >> 8:02x}:{n & 255:02x}", at=n / MANY) for n in range(MANY)]


def others(more: Sequence[Observation], crowd: Sequence[Observation] = CROWD) -> set[Observation]:
    around = Surroundings([*crowd, *OWN, *more])
    return set(around.others({DEVICE}, OWN))


def test_of_few_everything_counts_whenever_it_was() -> None:
    late = seen("3c:22:fb:ff:ff:ff", at=10 * OVERLAP_S)
    assert others([late], CROWD[:100]) == {*CROWD[:100], late}


def test_of_a_crowd_some_of_each_kind_count() -> None:
    assert 0 < len(others([])) <= MOST_SPEAKERS


def test_whoever_differs_is_heard_in_a_crowd() -> None:
    denied = seen("3c:22:fb:ff:ff:ff", outcome=Outcome.FAILED, at=9.0)
    probe = seen("aa:00:00:00:00:01", at=9.0, source="probe:cloud_name/1")
    assert {denied, probe} <= others([denied, probe])


def test_a_computer_counts_whenever_it_looked_and_a_client_only_near_the_time() -> None:
    probe = seen("aa:00:00:00:00:01", at=1e6, source="probe:cloud_name/1")
    late = seen("3c:22:fb:ff:ff:ff", outcome=Outcome.FAILED, at=10 + OVERLAP_S + PERIOD_S)
    found = others([probe, late])
    assert probe in found
    assert late not in found


def test_who_has_the_devices_id_is_known_in_a_crowd() -> None:
    names = [
        seen(mac, "device.identity", at=1e6, data=[("id", one), ("mac", mac)])
        for mac, one in ((DEVICE, "a"), ("e0:4f:43:00:00:02", "a"), ("e0:4f:43:00:00:03", "b"))
    ]
    assert {o for o in others(names) if o.fact == "device.identity"} == set(names[:2])


def test_what_is_told_in_notes_keeps_two_witnesses_of_each_kind() -> None:
    around = Surroundings([*CROWD, *OWN])
    said = around.said({DEVICE}, attempts(OWN, ()))
    assert set(OWN) <= set(said)
    assert len({o.subject for o in said if o.fact == "dns.cloud_name"}) == 2


def test_what_the_device_itself_shows_does_not_make_others_a_crowd() -> None:
    own = [seen(DEVICE, at=float(n)) for n in range(2 * MANY)]
    other = [seen("3c:22:fb:00:00:00", at=float(n)) for n in range(100)]
    around = Surroundings(ordered([*own, *other]))
    assert set(around.others({DEVICE}, own)) == set(other)


def test_tries_that_went_alike_are_judged_once_with_a_count() -> None:
    own = [
        seen(DEVICE, "tcp.cloud", Outcome.OK if n == 70 else Outcome.FAILED, at=n * 60.0)
        for n in range(2 * MOST_WHOLE)
    ]
    tries = attempts(own, ())
    assert sum(attempt.count for attempt in tries) == len(own)
    assert len(tries) == 2 + NEWEST_WHOLE  # before them two kinds
    assert [attempt.own[0].ok for attempt in tries].count(True) == 1


def leading_causes(folder: Path, count: int) -> dict[str, set[tuple[str, str]]]:
    """What is the matter with a Photon → verdict and first cause that are found."""
    path = folder / f"{count}.pcap"
    path.write_bytes(pcap(frames_of_many(count), magic=0xA1B23C4D))
    found: dict[str, set[tuple[str, str]]] = {}
    diagnoses = diagnose(observe([str(path)], Target()).observations, Target())
    assert len(diagnoses) == count
    for one in diagnoses:
        index = int((one.device.mac or "")[9:].replace(":", ""), 16)
        first = one.findings[0].cause if one.verdict is not Verdict.HEALTHY else ""
        found.setdefault(kind_of(index), set()).add((one.verdict, first))
    return found


@pytest.mark.slow
def test_many_photons_are_each_judged_as_one_of_few(tmp_path: Path) -> None:
    few, many = leading_causes(tmp_path, 10), leading_causes(tmp_path, MANY_PHOTONS)
    assert few == many
    assert len(few) == len(set(KINDS))
    assert all(len(answers) == 1 for answers in many.values())
