"""Many capture files as one: gather each by itself (any Executor will do), merge, then read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from typing import TypeVar

import msgspec

from netcheck.capture.conversations import FileCoverage, Heard, Tables
from netcheck.capture.decode import decode
from netcheck.capture.read import limits_of, read
from netcheck.capture.stream import CaptureError, open_capture
from netcheck.model import Observation, Target

A = TypeVar("A")
B = TypeVar("B")

Mapper = Callable[[Callable[[tuple[str, str, Target]], "Gathered"], Iterable[tuple[str, str, Target]]], Iterable["Gathered"]]
"""`map`, or the `map` of a concurrent.futures.Executor."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What came of some files: observations, and one sentence for each file of which nothing could be read."""

    observations: tuple[Observation, ...]
    unread: tuple[str, ...] = ()


class Gathered(msgspec.Struct, frozen=True):
    """One file's tables, or why there are none."""

    tables: Tables | None
    problem: str = ""


def observe(paths: Sequence[str], target: Target, mapper: Mapper = map) -> Reading:
    """Everything those captures show. A file that cannot be read is named in `unread`; the others count."""
    jobs = [(path, label, target) for path, label in zip(paths, labels(paths), strict=True)]
    gathered = list(mapper(gather, jobs))
    tables: Tables | None = None
    for one in gathered:
        if one.tables is not None:
            tables = one.tables if tables is None else tables.merge(one.tables)
    unread = tuple(one.problem for one in gathered if one.problem)
    observations = read(tables, target) if tables is not None else []
    return Reading(observations=tuple(observations), unread=unread)


def labels(paths: Sequence[str]) -> list[str]:
    """A short name for each file, different for different files: its base name, longer where two share it."""
    bases = [PurePath(path).name if path != "-" else "stdin" for path in paths]
    return [base if bases.count(base) == 1 else path for base, path in zip(bases, paths, strict=True)]


def gather(job: tuple[str, str, Target]) -> Gathered:
    """The tables of one file. Pickles, in and out."""
    path, label, target = job
    try:
        capture = open_capture(path)
    except CaptureError as error:
        return Gathered(None, str(error))
    tables = Tables(cloud_name=target.cloud_host.lower(), cloud_port=target.cloud_port)
    for packet in capture:
        message = decode(packet.link, packet.frame)
        if message is not None:
            tables.add(Heard(packet.at_ns, label, packet.number, message))
    file = FileCoverage(
        source=label,
        first_ns=capture.first_ns or 0,
        last_ns=capture.last_ns or 0,
        packets=capture.packets,
        relevant=capture.relevant,
        links=tuple(sorted(capture.links)),
    )
    file.limits = limits_of(
        file,
        snaplen_cut=capture.snaplen_cut,
        backward_steps=capture.backward_steps,
        protected=capture.protected,
        problems=capture.problems,
    )
    tables.files.append(file)
    return Gathered(tables)
