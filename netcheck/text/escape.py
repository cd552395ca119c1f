"""Makes any text safe to show: names from wire, file and user are escaped here before a person or a
terminal gets them.

A network name may hold terminal escapes, a host name may turn the line around (Unicode Technical
Report 36, "Bidirectional Text Spoofing"), a file name may hold bytes that are no text. All of it
stays visible here, as an escape that says which character it was, and none of it keeps its effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

T = TypeVar("T")

CUT = "…"
"""Stands at the end of a text that was cut."""


def safe(text: str, limit: int = 500) -> str:
    """The text on one line, at most `limit` characters, every invisible or active character as
    `\\x1b` or `\\u202e`.

    What Python calls printable passes (letters, marks, digits, signs, the plain space); control
    characters, direction marks, zero-width and line-separating characters, lone surrogates and
    unassigned code points do not.
    """
    if text.isprintable() and len(text) <= limit:
        return text
    shown: list[str] = []
    length = 0
    for character in text:
        piece = character if character.isprintable() else _escape(ord(character))
        if length + len(piece) > limit:
            return _cut(shown, length, limit)
        shown.append(piece)
        length += len(piece)
    return "".join(shown)


def _cut(pieces: list[str], length: int, limit: int) -> str:
    """The pieces that leave room for the mark of the cut; never half an escape."""
    while pieces and length + len(CUT) > limit:
        length -= len(pieces.pop())
    return "".join(pieces) + CUT[:limit]


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def ascii_json(document: bytes) -> bytes:
    """The same JSON document in printable ASCII and line feeds, so that no character of it acts on
    a terminal.

    What is not ASCII stands inside JSON strings only, where `\\uXXXX` means the same (RFC 8259 §7).
    """
    return re.sub(r"[^\n -~]", _json_escape, document.decode()).encode("ascii")


def _json_escape(match: re.Match[str]) -> str:
    """One character as one or two UTF-16 escapes."""
    units = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def rewritten(record: T, change: Callable[[str], str], leave: frozenset[str] = frozenset()) -> T:
    """The record with `change` applied to every text in it, however deep; fields named in `leave`
    stay as they are.

    Knows structs, tuples and texts, which is all that our records are made of. Words of a closed
    list (enumerations) stay.
    """
    if type(record) is str:
        return cast(T, change(cast(str, record)))
    if isinstance(record, tuple):
        return cast(T, tuple(rewritten(part, change, leave) for part in record))
    if isinstance(record, msgspec.Struct):
        names = (name for name in record.__struct_fields__ if name not in leave)
        return msgspec.structs.replace(
            record, **{name: rewritten(getattr(record, name), change, leave) for name in names}
        )
    return record
