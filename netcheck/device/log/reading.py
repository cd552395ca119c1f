"""What the device logged over serial, from a saved file or a live port, as observations: each line
to stage, fact and reason.

A log is the device's own word: it names the step that failed where a capture can only infer it. But
it says what the device met and not why, and it speaks differently in every line of firmware. A log
has milliseconds since the device's start and no date. So the last line of a file is taken to be as
old as the file, and the others as much older as the device's own clock says: order and spacing
hold, the hour may not. Lines of a live port bear the computer's time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from netcheck.device.log.lines import LINE_CHARACTERS, decoded, lines
from netcheck.device.log.progress import LoggedNames, LogProgress
from netcheck.device.log.source import LogSource
from netcheck.device.log.statements import LogStatement
from netcheck.device.pasted.reading import PastedText
from netcheck.model import NAMELESS, Observation, Outcome, Scalar, Stage, Struct, Target
from netcheck.text.escape import safe
from netcheck.text.secrets import scrubbed
from netcheck.vocabulary import FACTS

FILE_SOURCE, PORT_SOURCE = "device:log", "device:serial"
MOST_OBSERVATIONS = 4000
"""Of a longer story the newest part is kept."""
ID_RANK, MAC_RANK = 6, 2
"""How sure a name that the device itself printed makes it that this is a Photon; above a mere
prefix of the maker's.
"""
RELATIVE = "a board with a cellular modem or a separate network processor (Electron, Argon, Boron)"


class LogError(Exception):
    """Nothing could be read of a log; the text is one sentence that names the file."""


class LogReading(Struct, frozen=True, kw_only=True):
    """What a log says; `problems` are sentences about what was not read. `is_partial`: the user
    interrupted the reading.
    """

    observations: tuple[Observation, ...] = ()
    problems: tuple[str, ...] = ()
    is_partial: bool = False


def observe(file: str, target: Target) -> LogReading:
    """What a saved log says; "-" reads standard input. Raises LogError where it cannot be read or
    is no log of a device.
    """
    shown = "standard input" if file == "-" else safe(Path(file).name or file, 100)
    progress, statements = LogProgress(target), deque[LogStatement](maxlen=MOST_OBSERVATIONS)
    pasted = PastedText(target)
    count, is_partial = 0, False
    try:
        with closing(LogSource(file)) as source:
            changed_at = source.changed_at
            try:
                for one in _all_statements(progress, pasted, lines(decoded(source.chunks()))):
                    statements.append(one)
                    count += 1
            except KeyboardInterrupt:
                is_partial = True
    except OSError as error:
        why = safe(error.strerror or str(error))
        raise LogError(
            f"{shown}: cannot be read ({why}); check the name and your permission to read it."
        ) from error
    beside = tuple(pasted.observations(shown, changed_at))
    if not (progress.records or beside or is_partial):
        unread = f" ({source.problem})" if source.problem else ""
        raise LogError(
            f"{shown}: holds no line that a Photon's system logs{unread}; save the output of its"
            " serial port with a log handler in its program, or the router's lines that name it."
        )
    writer = _Writer(target, shown, FILE_SOURCE, changed_at - progress.clock.now_s)
    dropped = count - len(statements)
    problems: tuple[str, ...] = (f"{shown}: {source.problem}.",) if source.problem else ()
    if dropped > 0:
        problems += (
            f"{shown}: it is long, and the oldest {dropped} of its statements were not used.",
        )
    if progress.is_relative:
        return LogReading(
            observations=(writer.relative(),),
            problems=(
                f"{shown}: was written by {RELATIVE}; the Photon's rules do not apply to it.",
            ),
        )
    return LogReading(
        observations=(*writer.all(progress.names, statements), *beside) or (writer.says_nothing(),),
        problems=problems,
        is_partial=is_partial,
    )


def _all_statements(
    progress: LogProgress, pasted: PastedText, texts: Iterable[str]
) -> Iterator[LogStatement]:
    for text in texts:
        pasted.feed(text)
        yield from progress.feed(text)
    yield from progress.finish()


def follow(
    timed: Iterable[tuple[float, str]], target: Target, name: str = "serial"
) -> Iterator[Observation]:
    """What a live port says, as it says it, until the iterator ends.

    `timed`: UTC seconds since 1970 and a line without its end. `name` stands before the line number
    in references.
    """
    progress, first, writer = LogProgress(target), None, _Writer(target, name, PORT_SOURCE, 0.0)
    names = progress.names
    for at, text in timed:
        if first is None:
            first = at
            writer = _Writer(target, name, PORT_SOURCE, first)
        for one in progress.feed(text[:LINE_CHARACTERS], at - first):
            yield writer.observation(one, progress.names)
        if progress.names != names:
            names = progress.names
            yield from writer.identity(names)
    for one in progress.finish():
        yield writer.observation(one, progress.names)


class _Writer:
    """Makes observations of what is said."""

    def __init__(self, target: Target, shown: str, source: str, begin: float) -> None:
        self._target = target
        self._shown = shown
        self._source = source
        self._begin = begin

    def all(self, names: LoggedNames, statements: Iterable[LogStatement]) -> Iterator[Observation]:
        """Who the device is, and all that was said."""
        yield from self.identity(names)
        for one in statements:
            yield self.observation(one, names)

    def observation(self, one: LogStatement, names: LoggedNames) -> Observation:
        """Texts come from the line: they are made safe and free of secrets."""
        first, last = one.lines
        return Observation(
            stage=FACTS[one.fact].stage,
            fact=one.fact,
            outcome=one.outcome,
            reason=one.reason,
            subject=self._subject(names),
            target=scrubbed(safe(one.target, 120)),
            source=self._source,
            site=self._target.site,
            at=round(self._begin + one.at_s, 3),
            took_s=one.took_s,
            data=tuple(
                (name, scrubbed(safe(value, 120)) if isinstance(value, str) else value)
                for name, value in one.data
            ),
            ref=f"{self._shown}:{first}" if first == last else f"{self._shown}:{first}-{last}",
        )

    def _subject(self, names: LoggedNames) -> str:
        """The name that the log shows, else the one asked for, else none."""
        return names.mac or names.id or self._target.device.lower() or NAMELESS

    def identity(self, names: LoggedNames) -> Iterator[Observation]:
        """The device's names, where the log shows any. One asked for by its other kind of name is
        taken to be this one.
        """
        asked = self._target.device.lower()
        if not (names.mac or names.id):
            return
        mac = names.mac or (asked if asked.count(":") == 5 else "")
        device_id = names.id or (asked if len(asked) == 24 else "")
        data: list[tuple[str, Scalar]] = [
            ("rank", ID_RANK if names.id else MAC_RANK),
            ("sign", "its own log"),
        ]
        data += [
            (name, value)
            for name, value in (("mac", mac), ("id", device_id), ("firmware", names.version))
            if value
        ]
        statements = LogStatement(
            "device.identity", Outcome.OK, "", "", 0.0, None, (names.line, names.line), tuple(data)
        )
        yield replace(self.observation(statements, names), stage=Stage.POWER)

    def says_nothing(self) -> Observation:
        """The observation that there is a log, and nothing in it of a connection."""
        return self.observation(
            LogStatement("device.log", Outcome.OK, "", "", 0.0, None, (1, 1), ()),
            LoggedNames(),
        )

    def relative(self) -> Observation:
        """The observation that it is not a Photon's log."""
        statements = LogStatement(
            "device.relative", Outcome.OK, "", "", 0.0, None, (1, 1), (("family", RELATIVE),)
        )
        return self.observation(statements, LoggedNames())
