"""Which words that were not understood may be repeated to the user who typed them."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 12
SHORTEST_TEXT = 2
"""Words; in a shorter text the one that is not known may be a password typed in the wrong place."""
_PASSWORD = re.compile(
    r"pass|pw|psk|pin\b|\bkey|code|secret|token|phrase|typed|enter|called|named|wi-?fi|wlan|network"
    r"|kennwort|schl(?:ü|ue)ssel|geheim|clave|contrase|clé|mdp|mot de|senha|palavra|chiave|parola"
    r"|wachtwoord|ww\b|has(?:ł|l)o|heslo|парол|ключ|şifre|sifre|κωδικ|密|暗|パス|비밀|비번|암호"
    r"|كلمة|رمز|סיסמ|पासवर्ड|lösen|passord|adgang|salasana|jelsz|mật|lozinka|лозинка|รหัส|sandi"
    r"|parool|slapta",
    re.IGNORECASE,
)
"""Words for a password, and words after which one may stand."""
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_SIGNS = frozenset(":=\"'@/\\|_<>{}[]")


def repeatable(unknown: Iterable[str], text: str) -> tuple[str, ...]:
    """Those that are short words of plain letters, in a text without any sign of a password.

    A word with capitals inside is none that people write of a light.
    """
    signs = _APOSTROPHE.sub("", text)
    if _PASSWORD.search(text) or _SIGNS.intersection(signs) or len(text.split()) < SHORTEST_TEXT:
        return ()
    plain = {word.casefold() for word in text.split() if word[1:] == word[1:].lower()}
    return tuple(
        word
        for word in unknown
        if len(word) <= LONGEST and word.isalpha() and word.isascii() and _stands(word, plain)
    )


def _stands(word: str, plain: Iterable[str]) -> bool:
    return any(one.strip(",.;!?()") == word for one in plain)
