"""Makes any text safe to show: names from wire, file and user are escaped here before a person or a
terminal gets them.

A network name may hold terminal escapes, a host name may turn the line around (Unicode Technical
Report 36, "Bidirectional Text Spoofing"), a file name may hold bytes that are no text. All of it
stays visible here, as an escape that says which character it was, and none of it keeps its effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar, cast
from unicodedata import category

import msgspec

T = TypeVar("T")

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that Python calls printable and that show nothing (Unicode, property
Default_Ignorable_Code_Point, and the empty Braille pattern).
"""
_SPACES = re.compile(" {3,}")
_JOINER, _AS_EMOJI, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"

CUT = "…"
"""Stands at the end of a text that was cut."""


def safe(text: str, limit: int = 500) -> str:
    """The text on one line, at most `limit` characters, every invisible or active character as
    `\\x1b` or `\\u202e`.

    What Python calls printable passes (letters, marks, digits, signs, the plain space), but for
    letters that show nothing; control characters, direction marks, zero-width and line-separating
    characters, lone surrogates and unassigned code points do not. A joiner or variation selector
    inside an emoji stays. Of a run of spaces, which could push words to where another column or
    line seems to begin, two stay.
    """
    text = _SPACES.sub("  ", text)
    if text.isprintable() and len(text) <= limit and _INVISIBLE.search(text) is None:
        return text
    shown: list[str] = []
    length = 0
    for at, character in enumerate(text):
        piece = character if _is_shown(text, at) else _escape(ord(character))
        if length + len(piece) > limit:
            return _cut(shown, length, limit)
        shown.append(piece)
        length += len(piece)
    return "".join(shown)


def _is_shown(text: str, at: int) -> bool:
    """Does that character show itself, or belong to the emoji that it stands in?"""
    character = text[at]
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if character == _JOINER:
        return _is_pictograph(before) and _is_pictograph(after)
    if character == _AS_EMOJI:
        return _is_pictograph(before) or after == _KEYCAP
    return character.isprintable() and _INVISIBLE.match(character) is None


def _is_pictograph(character: str) -> bool:
    """Is it a sign that emoji are made of (Unicode Technical Standard 51)?"""
    is_sign = bool(character) and category(character) in ("So", "Sk")
    return is_sign or character == _AS_EMOJI


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
    """One character as one or two UTF-16 escapes (RFC 2781 §2.1); by hand, since Python's own codec
    is a file that a process without rights may not be able to read.
    """
    code = ord(match[0])
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def rewritten(record: T, change: Callable[[str], str], leave: frozenset[str] = frozenset()) -> T:
    """The record with `change` applied to every text in it, however deep; fields named in `leave`
    stay as they are.

    Knows structs, tuples and texts, which is all that our records are made of. Words of a closed
    list (enumerations) stay.
    """
    return cast(T, _Rewriting(change, leave).of(record))


class _Rewriting:
    """One change to many records: what occurs in several places is changed once, and stays one."""

    def __init__(self, change: Callable[[str], str], leave: frozenset[str]) -> None:
        self._change = change
        self._leave = leave
        self._texts: dict[str, str] = {}
        self._structs: dict[int, msgspec.Struct] = {}
        """By identity: all of them live as long as the record that they are part of."""

    def of(self, part: object) -> object:
        if type(part) is str:
            if part not in self._texts:
                changed = self._change(part)
                self._texts[part] = part if changed == part else changed
            return self._texts[part]
        if isinstance(part, tuple):
            members = [self.of(one) for one in part]
            return part if _are_same(members, part) else tuple(members)
        if isinstance(part, msgspec.Struct):
            known = self._structs.get(id(part))
            return self._of_struct(part) if known is None else known
        return part

    def _of_struct(self, part: msgspec.Struct) -> msgspec.Struct:
        names = [name for name in part.__struct_fields__ if name not in self._leave]
        before = [getattr(part, name) for name in names]
        after = [self.of(one) for one in before]
        is_same = _are_same(after, before)
        changed = (
            part
            if is_same
            else msgspec.structs.replace(part, **dict(zip(names, after, strict=True)))
        )
        self._structs[id(part)] = changed
        return changed


def _are_same(after: Sequence[object], before: Sequence[object]) -> bool:
    """Was nothing changed? A thousand devices' answer is then not held twice."""
    return all(one is other for one, other in zip(after, before, strict=True))
