"""From the bytes of a saved serial log to its lines, whatever program saved them, and from a line
to what the device logged in it.

Terminal programs put their own times and marks before a line, colour it, and save as UTF-16; a
program on the device prints in the midst of a line of the system. So a record is looked for
anywhere in a line. Every line is bounded; what lies beyond is dropped.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

import msgspec

LINE_CHARACTERS = 4096
"""Of a longer line the rest is not looked at: the firmware cuts its own at a fraction of this."""
LINE_END = re.compile(r"\r*\n|\r")
"""Carriage returns before a line feed belong to it: text mode on Windows doubles them."""
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Control sequences (ECMA-48 §5.4) and operating system commands."""


class LineFormat(StrEnum):
    """How a line was written, which tells its era (device-os: services/inc/debug.h to 0.5.5,
    spark_wiring_logging.cpp from 0.6.0).
    """

    OLD = "old"
    NEW = "new"
    JSON = "json"
    PLAIN = "plain"  # printed by a program, without a head


class LogRecord(NamedTuple):
    """One message. `ms` since the device's start, None where none is written; `by_program`: the
    user's program wrote it.
    """

    line_format: LineFormat
    ms: int | None
    text: str
    by_program: bool


_LEVEL = r"(?:TRACE|DEBUG|LOG|INFO|WARN|ERROR|PANIC)"
_OLD = (
    r"(?<!\d)(?P<old_ms>\d{10}):(?:LOG|DEBUG|INFO|WARN|ERROR|PANIC)\s{0,2}:\s?"
    r"[^\r\n]{0,300}?\(\d{1,6}\):"
)
_NEW = (
    r"(?:(?<!\d)(?P<new_ms>\d{10}) )?\[(?P<category>[A-Za-z][\w.]{0,40})\] "
    r"(?:[^\s:]{1,80}:\d{1,6}, [^\r\n]{0,200}?: )?"
    r"(?:TRACE|INFO|WARN|ERROR|PANIC): ?"
)
_HEAD = re.compile(f"{_OLD}|{_NEW}")
_PLACE = r"[^\r\n]{0,200}?\) ?\(\d{1,6}\):"
"""Function and line number, as builds up to 0.5 write them."""
_SHORT_HEAD = re.compile(
    r"(?:^|(?<=[\s>|]))(?:(?P<ms>\d{10})(?P<colon>[: ]) ?)?"
    rf"{_LEVEL}(?P<padding>\s{{0,2}}): ?(?P<place>{_PLACE})?"
)
"""What is left of a head whose time, category or place a reduced build or a person left out."""
_CUT_HEAD = re.compile(
    r"^(?P<category>[\w.]{0,40})\] (?:[^\s:]{1,80}:\d{1,6}, [^\r\n]{0,200}?: )?"
    rf"{_LEVEL}: ?|^[A-Z]{{0,4}} ?:? ?[\w:~<>&*,() ]{{0,200}}?\) ?\(\d{{1,6}}\):"
)
"""The end of a head whose begin was cut off."""
_CUT_LEVEL = re.compile(r"^(?:\d{0,10} )?[A-Z]{0,5}: ?")
_SHORT_HEAD_WITHIN = 60
"""A short head stands so near to the begin of its line; farther on it is a word of a message."""
_SUFFIX = re.compile(r" \[(?:code = |details = )[^\]]*\]\s*$")
_JSON = re.compile(r'\{"\w+":.*\}')
_PREFIX = re.compile(
    r"^\s*(?:\[?(?:\d{4}-\d\d-\d\d["
    r" T])?\d{1,2}:\d\d:\d\d(?:[.,:]\d{1,6})?(?:\s?[AP]M)?Z?\]?\s*)?(?:(?:->|>>|>|<<|RX:?|\|)\s?)*"
)
"""What a terminal program puts before a line: its time of day, an arrow or a prompt."""
_OF_PROGRAM = re.compile(r"app(?:\.|$)")
_CUT_OF_PROGRAM = frozenset({"", "p", "pp"})
"""What may be the end of the category `app`."""
_OF_DRIVER = re.compile(r"hal(?:\.|$)|wiced|wwd|[\w.]*wlan$")
_JOINING = "Joining "
"""What the Wi-Fi driver logs before a network's name, and many a program before more than that."""


def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of these bytes: UTF-16 where they begin like it, else UTF-8; what is damaged becomes
    U+FFFD.
    """
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        if decoder is None:
            decoder = codecs.getincrementaldecoder(_encoding(chunk))("replace")
        yield decoder.decode(chunk).replace("\0", "")
    if decoder is not None:
        yield decoder.decode(b"", final=True)


def _encoding(head: bytes) -> str:
    """By the byte order mark (Unicode §23.8), or by the zero bytes that ASCII has in UTF-16."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:4096]
    if sample[1::2].count(0) * 2 > len(sample) // 2:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) * 2 > len(sample) // 2 else "utf-8-sig"


def lines(texts: Iterable[str]) -> Iterator[str]:
    """The lines of a text that comes in pieces, each cut at LINE_CHARACTERS, without their ends."""
    kept, held = "", ""
    for text in texts:
        text = held + text
        # Carriage returns at the very end may belong to a line feed that is still to come.
        body = text.rstrip("\r")
        held = text[len(body) :][-2:]
        *whole, last = LINE_END.split(body)
        for part in whole:
            yield (kept + part[:LINE_CHARACTERS])[:LINE_CHARACTERS]
            kept = ""
        kept = (kept + last[:LINE_CHARACTERS])[:LINE_CHARACTERS]
    if kept:
        yield kept


def plain(line: str) -> str:
    """The line without colours and cursor movements, bounded."""
    return ANSI.sub("", line[:LINE_CHARACTERS]) if "\x1b" in line else line[:LINE_CHARACTERS]


def records(line: str) -> Iterator[LogRecord]:
    """What the device logged in one plain line: usually one record; two where an end of line was
    lost, none in an empty line.
    """
    heads = list(_HEAD.finditer(line)) if ": " in line or "):" in line else []
    if not heads:
        yield from _without_full_head(line)
        return
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        text = line[head.end() : following.start() if following else len(line)]
        if head["old_ms"]:
            yield LogRecord(LineFormat.OLD, int(head["old_ms"]), text.strip(), by_program=False)
        else:
            ms = int(head["new_ms"]) if head["new_ms"] else None
            yield LogRecord(
                LineFormat.NEW,
                ms,
                _SUFFIX.sub("", text).strip(),
                by_program=_is_of_program(head["category"], text),
            )


def _without_full_head(line: str) -> Iterator[LogRecord]:
    """A line of JSON, one with a part of a head, or what a program printed by itself."""
    found = _JSON.search(line) if "{" in line else None
    record = _from_json(found[0]) if found else None
    record = record or _with_short_head(line) or _with_cut_head(line)
    if record is not None:
        yield record
    elif text := line[_end_of_prefix(line) :].strip():
        yield LogRecord(LineFormat.PLAIN, None, text, by_program=True)


def _with_short_head(line: str) -> LogRecord | None:
    """A line with a level, but without time, category or place."""
    head = _SHORT_HEAD.search(line, 0, _SHORT_HEAD_WITHIN + 300)
    if head is None or head.start() > _SHORT_HEAD_WITHIN:
        return None
    is_old = bool(head["colon"] == ":" or head["padding"] or head["place"])
    text = _SUFFIX.sub("", line[head.end() :]).strip()
    return LogRecord(
        LineFormat.OLD if is_old else LineFormat.NEW,
        int(head["ms"]) if head["ms"] else None,
        text,
        by_program=_is_of_program("", text),
    )


def _with_cut_head(line: str) -> LogRecord | None:
    """A line whose begin was cut off within its head."""
    head = _CUT_HEAD.search(line)
    if head is None:
        return None
    category, text = head["category"], _SUFFIX.sub("", line[head.end() :]).strip()
    if category is None:
        return LogRecord(LineFormat.OLD, None, text, by_program=False)
    by_program = category in _CUT_OF_PROGRAM or _is_of_program(category, text)
    return LogRecord(LineFormat.NEW, None, text, by_program)


def without_cut_level(text: str) -> str:
    """The message of a line of which nothing but an end of its head is left."""
    head = _CUT_LEVEL.match(text)
    return text[head.end() :] if head else text


def _is_of_program(category: str, text: str) -> bool:
    """Did the user's program write it, by its category, or by what only the driver says?"""
    return bool(_OF_PROGRAM.match(category)) or (
        _JOINING in text and not _OF_DRIVER.match(category)
    )


def _end_of_prefix(line: str) -> int:
    prefix = _PREFIX.match(line)
    return prefix.end() if prefix else 0


def _from_json(text: str) -> LogRecord | None:
    """A line of the JSON log handler: `m` message, `c` category, `t` milliseconds; None where it is
    another JSON.
    """
    try:
        fields = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if (
        not isinstance(fields, dict)
        or not isinstance(fields.get("m"), str)
        or not {"l", "t", "c"} & fields.keys()
    ):
        return None
    ms, category = fields.get("t"), fields.get("c", "")
    is_time = isinstance(ms, int) and not isinstance(ms, bool) and 0 <= ms < 2**32
    by_program = not isinstance(category, str) or _is_of_program(category, fields["m"])
    return LogRecord(
        LineFormat.JSON, ms if is_time else None, fields["m"][:LINE_CHARACTERS].strip(), by_program
    )
