"""Many capture files: gather each by itself (any Executor will do), merge those of one network,
then read each network once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePath

import msgspec

from netcheck.capture.coverage import limits_of
from netcheck.capture.files.networks import names, of_one_network
from netcheck.capture.files.relevant import exact, watched
from netcheck.capture.files.stream import CaptureError, CaptureFile, Packet, open_capture
from netcheck.capture.read import read
from netcheck.capture.records import CapturedMessage, FileCoverage
from netcheck.capture.tables import Tables
from netcheck.capture.wifi.decryption import Decryption
from netcheck.capture.wifi.relays import Relays
from netcheck.model import Observation, Target
from netcheck.wifi.ccmp import Passphrase
from netcheck.wire.decode import Message, decode
from netcheck.wire.links import ETHERNET, RADIO

Mapper = Callable[
    [Callable[[tuple[str, str, Target]], "GatheredFile"], Iterable[tuple[str, str, Target]]],
    Iterable["GatheredFile"],
]
"""`map`, or the `map` of a concurrent.futures.Executor."""


class CaptureReading(msgspec.Struct, frozen=True, kw_only=True):
    """The result of reading files: observations, and one sentence for each file that could not be
    read.

    `is_partial`: the user interrupted the reading, and only what was read until then is there.
    """

    observations: tuple[Observation, ...]
    unread: tuple[str, ...] = ()
    not_decrypted: tuple[str, ...] = ()
    """Sentences about a pass phrase that does not fit."""
    is_partial: bool = False


class GatheredFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file's tables, or why there are none."""

    tables: Tables | None = None
    problem: str = ""
    not_decrypted: str = ""
    is_partial: bool = False


def observe(
    paths: Sequence[str],
    target: Target,
    mapper: Mapper = map,
    passphrase: Passphrase | None = None,
) -> CaptureReading:
    """Everything those captures show. A file that cannot be read is named in `unread`; the others
    count. `passphrase`: of the Wi-Fi whose frames are to be decrypted.
    """
    gathered = _Gathered()
    try:
        jobs = [(path, label, target) for path, label in zip(paths, labels(paths), strict=True)]
        for one in mapper(partial(gather_file, passphrase=passphrase), jobs):
            gathered.add(one)
            if gathered.is_partial:
                break
        return gathered.read(target)
    except KeyboardInterrupt:  # what was gathered counts: reading it takes seconds at most
        gathered.is_partial = True
        return gathered.read(target)


class _Gathered:
    """What all files hold, as one after the other comes."""

    def __init__(self) -> None:
        self.is_partial = False
        self._tables: list[Tables] = []
        self._unread: list[str] = []
        self._not_decrypted: list[str] = []

    def add(self, one: GatheredFile) -> None:
        if one.tables is not None:
            self._tables.append(one.tables)
        if one.problem:
            self._unread.append(one.problem)
        if one.not_decrypted:
            self._not_decrypted.append(one.not_decrypted)
        self.is_partial |= one.is_partial

    def read(self, target: Target) -> CaptureReading:
        return CaptureReading(
            observations=tuple(_of_networks(self._tables, target)),
            unread=tuple(self._unread),
            not_decrypted=tuple(self._not_decrypted),
            is_partial=self.is_partial,
        )


def _of_networks(files: Sequence[Tables], target: Target) -> Iterator[Observation]:
    """The observations of each network by itself, under the name that it is known by. Who gives it
    a name says that it is one.
    """
    groups = [list(files)] if target.site and files else of_one_network(files)
    networks = [read(_merged(group), target) for group in groups]
    for seen, name in zip(networks, names(networks), strict=True):
        yield from (msgspec.structs.replace(o, site=target.site or name) for o in seen)


def _merged(files: Sequence[Tables]) -> Tables:
    """One table of all; a single one as it is."""
    if len(files) == 1:
        return files[0]
    merged = Tables(files[0].cloud_name, files[0].cloud_port)
    for one in files:
        merged.merge(one)
    return merged


def labels(paths: Sequence[str]) -> list[str]:
    """A short name for each file, different for different files: its base name, longer where two
    share it.
    """
    bases = [PurePath(path).name if path != "-" else "stdin" for path in paths]
    return [
        base if bases.count(base) == 1 else path for base, path in zip(bases, paths, strict=True)
    ]


def gather_file(job: tuple[str, str, Target], passphrase: Passphrase | None = None) -> GatheredFile:
    """The tables of one file. Pickles, in and out. Interrupted, it gives what it has."""
    reading = _FileReading(job, passphrase)
    try:
        reading.run()
        return reading.gathered(is_partial=False)
    except CaptureError as error:
        return GatheredFile(problem=str(error))
    except KeyboardInterrupt:
        return reading.gathered(is_partial=True)


class _FileReading:
    """One file as it is read."""

    def __init__(self, job: tuple[str, str, Target], passphrase: Passphrase | None) -> None:
        self._path, self._label, target = job
        asked_for = {target.device.lower()} - {""}
        self._tables = Tables(target.cloud_host.lower(), target.cloud_port, reserved=asked_for)
        self._tables.wifi.reserved = asked_for
        self._watched = watched(target.device.lower(), every=passphrase is not None)
        self._decryption = Decryption(passphrase) if passphrase is not None else None
        self._steps = ClockSteps()
        self._relays = Relays()
        self._capture: CaptureFile | None = None

    def run(self) -> None:
        """Read it to its end. Raises CaptureError."""
        tables, steps, label = self._tables, self._steps, self._label
        self._capture = open_capture(
            self._path, cloud_port=tables.cloud_port, watched=self._watched
        )
        for packet in self._capture:
            message = decode(packet.link, packet.frame)
            steps.add(packet.number, packet.at_ns)
            messages = [message] if message is not None else []
            if packet.link in RADIO:
                tables.wifi.add(packet, label)
                messages += self._decrypted(packet)
            for one in messages:
                if not self._relays.is_relayed(packet, one):
                    tables.add(CapturedMessage(packet.at_ns, label, packet.number, one))

    def _decrypted(self, packet: Packet) -> list[Message]:
        """The messages in an encrypted frame, as far as the pass phrase opens it."""
        if self._decryption is None:
            return []
        frames = self._decryption.read(packet)
        cloud_port = self._tables.cloud_port
        messages = [decode(ETHERNET, one) for one in frames if exact(ETHERNET, one, cloud_port)]
        return [one for one in messages if one is not None]

    def gathered(self, *, is_partial: bool) -> GatheredFile:
        """What was read of it until now. May be interrupted, and called again."""
        capture, tables = self._capture, self._tables
        if capture is None:
            return GatheredFile(is_partial=is_partial)
        if is_partial:
            capture.close()
        elif not capture.packets:
            why = (
                " ".join(capture.problems)
                or "it was stopped before anything was sent; let it run while the device starts."
            )
            return GatheredFile(problem=f"{capture.name} holds no packets: {why}")
        if not tables.files:
            tables.files.append(_coverage(self._label, capture, self._decryption))
        self._steps.correct(tables)
        return GatheredFile(
            tables=tables, not_decrypted=self._not_decrypted(capture), is_partial=is_partial
        )

    def _not_decrypted(self, capture: CaptureFile) -> str:
        """In a sentence, that the pass phrase given opened nothing here."""
        if self._decryption is None or self._decryption.opened:
            return ""
        if capture.links.isdisjoint(RADIO):
            return f"{capture.name} holds no Wi-Fi frames (monitor mode), so none was decrypted."
        why = " ".join(self._decryption.limits())
        return f"{capture.name}: {why}." if why else ""


def _coverage(label: str, capture: CaptureFile, decryption: Decryption | None) -> FileCoverage:
    """The packets and times of the file, as its reader counted them."""
    of_radio = not capture.links.isdisjoint(RADIO)
    opened = decryption.opened if decryption is not None else 0
    closed = decryption.limits() if decryption is not None and of_radio else ()
    return FileCoverage(
        source=label,
        first_ns=capture.first_ns or 0,
        last_ns=capture.last_ns or 0,
        packets=capture.packets,
        relevant=capture.relevant,
        links=tuple(sorted(capture.links)),
        limits=limits_of(
            snaplen_cut=capture.snaplen_cut,
            backward_steps=capture.backward_steps,
            protected=capture.protected - opened,
            problems=(*capture.problems, *closed),
        ),
    )


class ClockSteps:
    """Follows the clock of one file, and corrects the times after a place where it was set back.

    A clock that is set back once or twice belongs to a computer that corrected its time: the order
    in the file is then right, and the times after the step are too early. Many steps back belong to
    a file that is not in order: its times are right.
    """

    STEP_NS = 10**9
    FEW = 2

    def __init__(self) -> None:
        self._steps: list[tuple[int, int]] = []
        """Number of the first packet after a step, how far back in ns."""
        self._before_ns = 0

    def add(self, number: int, at_ns: int) -> None:
        """Take note of the next packet's time."""
        if at_ns < self._before_ns - self.STEP_NS and len(self._steps) <= self.FEW:
            self._steps.append((number, self._before_ns - at_ns))
        self._before_ns = at_ns

    def correct(self, tables: Tables) -> None:
        """Shift the times after each step forward, once."""
        while 0 < len(self._steps) <= self.FEW:
            tables.shift_forward(*self._steps[0])
            del self._steps[0]
