"""Network names (SSIDs) as text: any 32 bytes, without two names that look one, and names that are
nearly alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from netcheck.text.escape import safe

_HIDDEN_SPACE = re.compile(r"^ | $|(?<= ) ")
"""A space that nobody sees: at an end, or behind another."""
_SIGNS = re.compile(r"[\W_]+")
_BAND = re.compile(r"(?:2g|24g|24ghz|2ghz|5g|5ghz)$")


def ssid_text(ssid: bytes) -> str:
    """The name as text that no other name has: bytes that are no UTF-8 as `\\xff`, a space that
    nobody sees as `\\x20`, what else is invisible as `netcheck.text.escape` shows it, a backslash
    doubled.
    """
    text = ssid.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return safe(_HIDDEN_SPACE.sub(r"\\x20", text))


def similar_name(name: str, others: Iterable[str]) -> str:
    """The first of the others that differs in capitals, spaces, signs or the mark of a band alone;
    empty where there is none.
    """
    plain = _plain(name)
    return next((one for one in others if plain and _plain(one) == plain), "")


def _plain(name: str) -> str:
    return _BAND.sub("", _SIGNS.sub("", name.casefold()))
