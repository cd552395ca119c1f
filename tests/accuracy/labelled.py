"""Every input of which the true cause is known, as observations: recorded captures, logs, support
cases, and what people tell.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from netcheck.app import sources
from netcheck.capture import observe
from netcheck.correlator.catalogue import shipped
from netcheck.device import log
from netcheck.model import Observation, Target
from netcheck.user import answers
from tests.doubles import log_player
from tests.helpers import told
from tests.helpers.examples import of_file
from tests.helpers.log_faults import (
    HEALTHY,
    MATCHING,
    NEEDS_0_6,
    NEEDS_0_7,
    SHOWN,
    accepted,
)
from tests.helpers.places import RECORDED, TESTS
from tests.helpers.recorded import NAMES, first_device

DRAWS = 10
"""So many times half of the evidence of a recorded scenario is taken away."""
HALVED = "recorded, half of the evidence"
SINGLES = "recorded, one fault"


class Labelled(NamedTuple):
    """One input and the truth about it.

    `accepted`: causes of which the first should be one; empty where nothing is wrong. `besides`:
    what is true as well. `is_healthy`: None where both answers are right.
    """

    name: str
    kind: str
    observations: tuple[Observation, ...]
    target: Target
    accepted: frozenset[str]
    besides: frozenset[str] = frozenset()
    is_healthy: bool | None = False


def every() -> Iterator[Labelled]:
    """All of them, by kind."""
    recorded = list(_recorded())
    yield from recorded
    yield from _halved(recorded)
    yield from _captures()
    yield from _logs()
    yield from _cases()
    yield from _told()
    yield from _said()


# --------------------------------------------------------------------------------------- captures


def _recorded() -> Iterator[Labelled]:
    for name in NAMES:
        truth = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
        target = first_device(name)
        yield Labelled(
            name=name,
            kind=_kind(name, truth["healthy"]),
            observations=_read(RECORDED / f"{name}.pcap", target),
            target=target,
            accepted=frozenset(truth["expected"]),
            besides=frozenset(cause for group in truth["also"] for cause in group),
            is_healthy=truth["healthy"],
        )


def _kind(name: str, is_healthy: bool | None) -> str:
    if is_healthy:
        return "recorded, healthy"
    return "recorded, two faults" if name.startswith("pair_") else SINGLES


def _read(capture: Path, target: Target) -> tuple[Observation, ...]:
    return tuple(observe([str(capture)], target).observations)


def _halved(recorded: Iterable[Labelled]) -> Iterator[Labelled]:
    for one in recorded:
        if one.kind != SINGLES:
            continue
        for draw in range(DRAWS):
            chance = random.Random(f"{one.name} {draw}")
            left = tuple(o for o in one.observations if chance.random() < 0.5 or _names(o))
            yield one._replace(name=f"{one.name} {draw}", kind=HALVED, observations=left)


def _names(o: Observation) -> bool:
    """Does it say whom all is about? That is the question, and no evidence."""
    return o.fact == "device.identity"


def _captures() -> Iterator[Labelled]:
    for folder in (TESTS / "captures", TESTS / "captures" / "wifi"):
        for row in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
            target = Target(device=row.get("device_mac") or "")
            yield Labelled(
                name=f"{row['file']} {target.device}".strip(),
                kind="captures of other hands",
                observations=_read(folder / row["file"], target),
                target=target,
                accepted=frozenset(row["accept"]),
                is_healthy=row["healthy"],
            )


# -------------------------------------------------------------------------- logs and what is told


def _logs() -> Iterator[Labelled]:
    for fault in (*MATCHING, *HEALTHY):
        causes = frozenset[str]().union(*(accepted(name) for name in MATCHING.get(fault, ())))
        for version, level, style in SHOWN:
            if (version == "0.5.3" and fault in NEEDS_0_6) or (
                version == "0.6.0" and fault in NEEDS_0_7
            ):
                continue
            lines = log_player.log(version, fault, level, style)
            yield Labelled(
                name=f"{fault} {version} {level} {style}",
                kind="logs",
                observations=_of_log(log_player.written(lines).decode()),
                target=Target(),
                accepted=causes,
                is_healthy=fault in HEALTHY,
            )


def _of_log(text: str) -> tuple[Observation, ...]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "serial.log"
        file.write_text(text, encoding="utf-8")
        return tuple(log.observe(str(file), Target()).observations)


def _of_user(light: str, pairs: Iterable[str], text: str = "") -> tuple[Observation, ...]:
    gathered = sources.GatheredEvidence()
    parsed = [answers.parse(pair) for pair in pairs]
    sources.read_user(gathered, [light] if light else [], parsed, Target(), 1.0)
    return (*(_of_log(text) if text else ()), *gathered.observations)


def _cases() -> Iterator[Labelled]:
    cases = json.loads((TESTS / "cases" / "cases.json").read_text(encoding="utf-8"))
    for case in cases:
        for when, pairs in (
            ("at once", case["tell"]),
            ("after asking", case["tell"] | case["tell_after_asking"]),
        ):
            yield Labelled(
                name=case["id"],
                kind=f"support cases, {when}",
                observations=_of_user(
                    case["led_text"] or "", _pairs(pairs), "\n".join(case["log"] or ())
                ),
                target=Target(),
                accepted=frozenset(cause for causes in case["accept"] for cause in causes),
            )


def _pairs(told_by_key: dict[str, Any]) -> Iterator[str]:
    for key, values in told_by_key.items():
        yield from (f"{key}={one}" for one in (values if isinstance(values, list) else [values]))


def _told() -> Iterator[Labelled]:
    """The rows that say which cause is the right one, first or among the first three."""
    for row in told.rows():
        wanted = row.expected.get("first") or row.expected.get("top3")
        if not wanted or "--cloud" in row.arguments:
            continue
        light = [value for key, value in _options(row.arguments) if key == "--led"]
        pairs = [value for key, value in _options(row.arguments) if key == "--tell"]
        yield Labelled(
            name=row.name,
            kind="told rows",
            observations=_of_user(". ".join(light), pairs, row.log),
            target=Target(),
            accepted=frozenset(wanted),
        )


def _options(arguments: Iterable[str]) -> Iterator[tuple[str, str]]:
    words = list(arguments)
    return zip(words[::2], words[1::2], strict=True)


def _said() -> Iterator[Labelled]:
    """The typical words that each cause brings, where it must come among the first three."""
    for name, text in shipped().items():
        for line in of_file(text).get("said", "").strip().splitlines():
            place, light, pairs = (cell.strip() for cell in line.split("|"))
            if place == "any":
                continue
            told_pairs = [pair.strip() for pair in pairs.split(";") if pair.strip()]
            yield Labelled(
                name=f"{Path(name).stem}: {line}",
                kind="typical words",
                observations=_of_user(light, told_pairs),
                target=Target(),
                accepted=frozenset({Path(name).stem}),
            )
