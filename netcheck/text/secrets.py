"""Takes secrets out of text where it is read: passwords, tokens, claim codes, device secrets,
private keys. They are kept nowhere.

A secret may hold spaces, quotes and anything else, so what follows its name is taken out to the end
of the line. Of a transcript that comes line by line a `Scrubber` also takes out what stands on the
lines after: what a terminal shows below the prompt, a key in PEM form.
"""

from __future__ import annotations

import re

REMOVED = "(removed)"

_NAMES = (
    r"pass(?:[ _-]?(?:word|phrase|wd|code|wort))?",
    (
        r"(?:wi-?fi|wlan|wpa[23]?|wep|psk|private|pre-?shared|security|network)["
        r" _-]?(?:key|pass\w*|schl(?:ü|ue)ssel)"
    ),
    r"pwd?|psk|passw0rd|kennwort|passwort|clave|contrase(?:ñ|n)a|mot de passe|wachtwoord|senha",
    r"(?:access|auth|bearer|refresh|cloud)?[ _-]?token|bearer|authorization|api[ _-]?key",
    r"(?:device|client)?[ _-]?secret",
    r"(?:63-digit )?claim[ _/-]?code",
    r"(?:user ?name|outer identity)(?: \(optional\))?",
)
_CLOSING = r"[\"'`\])}]*"
"""What may stand between a name and its sign."""
_SIGN = r"(?:\bis\b|\bwas\b|['’]s\b|=>?|:|->|→|\bset\s+to\b:?|,|\()"
_NAMED = re.compile(
    rf"(?i)(?<![^\W_])({'|'.join(_NAMES)})({_CLOSING}\s*(?:event\s*)?{_SIGN}\s*)(.*)", re.DOTALL
)
_CALL = re.compile(r"(?i)(set[ _]?credentials)(\W.*)", re.DOTALL)
"""A program's own `WiFi.setCredentials("name", "password")`, or the command of that name."""
_PEM = re.compile(r"-----\s*BEGIN.*?(?:-----\s*END[^-]{0,60}-----|$)", re.DOTALL)
_URL = re.compile(r"(://[^/\s:@]{0,80}:)[^/\s@]{1,200}(?=@)")
"""The password in `http://user:password@host` (RFC 3986 §3.2.1)."""
_LONG = re.compile(
    r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{60,}={0,2}|[0-9A-Fa-f]{40})(?![A-Za-z0-9+/=])"
)
"""Claim codes (63), lines of PEM (64), encrypted passwords (256), and cloud tokens (40 hexadecimal
digits).
"""

_PEM_BEGINS = re.compile(r"-----\s*BEGIN|in PEM format(?: \(optional\))?:\s*$")
_PEM_ENDS = re.compile(r"-----\s*END|(?:^|\s)\d{10}[: ]")
_RECORD = re.compile(r"\d{10}(?::[A-Z]| \[)")
"""A line of the log begins; digits may stand right before it, where it broke into something typed.
"""
_HINTS = re.compile(
    r"pass|pw|psk|key|schl|clave|://|token|secret|bearer|auth|claim|user.?name|identity"
    r"|credentials|kennwort|contrase|mot de|wachtwoord|senha|begin|pem format"
)
"""One of these stands, in lower case, in every line in which `_NAMED`, `_CALL`, `_URL` or `_PEM`
finds something: a quick look before.
"""
SHORTEST_LONG = 40
MOST_PEM_LINES = 200
"""A longer one is none: its end was lost."""


def scrubbed(line: str) -> str:
    """One line without what may be a secret: the part after a word like `password:`, a claim code,
    a cloud token, a key.
    """
    if _HINTS.search(line.lower()) is None:
        return _LONG.sub(REMOVED, line) if len(line) >= SHORTEST_LONG else line
    line = _URL.sub(rf"\1{REMOVED}", _PEM.sub(REMOVED, line))
    line = _NAMED.sub(
        lambda match: f"{match[1]}{match[2]}{REMOVED}" if match[3] else match[0], line
    )
    line = _CALL.sub(lambda match: f"{match[1]} {REMOVED}", line)
    return _LONG.sub(REMOVED, line)


class Scrubber:
    """Takes secrets out of lines that come one after the other."""

    def __init__(self) -> None:
        self._pem_lines = 0
        self._is_awaited = False

    def line(self, text: str) -> str:
        """This line without what may be a secret."""
        if self._is_in_key(text):
            return REMOVED
        if self._is_awaited and text.strip():
            self._is_awaited = False
            return REMOVED
        if _HINTS.search(text.lower()) is not None:
            self._await_rest(text)
        return scrubbed(text)

    def _is_in_key(self, text: str) -> bool:
        """Is it a line of a key in PEM form? Such a one ends with its mark or an empty line (the
        console's), or where a log goes on.
        """
        if self._pem_lines:
            self._pem_lines += 1
            if (
                _PEM_ENDS.search(text)
                or self._pem_lines > MOST_PEM_LINES
                or (not text.strip() and self._pem_lines > 2)
            ):
                self._pem_lines = 0
                return bool(text.strip()) and not _RECORD.search(text)
            return True
        begins = _PEM_BEGINS.search(text) if "BEGIN" in text or "PEM" in text else None
        if begins and not _PEM_ENDS.search(text, begins.end()):
            self._pem_lines = 1
            return "-" in begins[0]
        return False

    def _await_rest(self, text: str) -> None:
        """Does the secret follow on the next line: nothing stands behind the prompt, or a line of
        the log broke into what was typed?
        """
        named = _NAMED.search(text)
        self._is_awaited = named is not None and (
            not named[3].strip() or _RECORD.search(named[3]) is not None
        )
