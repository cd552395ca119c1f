"""Takes secrets out of text where it is read: passwords, tokens, claim codes, device secrets. They are kept nowhere."""

from __future__ import annotations

import re

REMOVED = "(removed)"

_NAMED = re.compile(
    r"""(?ix)
    \b(pass(?:word|phrase|wd|code)?|pwd|psk|wpa[- ]?key|wifi[- ]?key|token|access[_ -]?token|device[ _-]?secret|secret|claim[ _-]?code)\b
    (\s*(?:is|was|=|:|->)\s*|\s+set\s+to:?\s*)
    .*
    """
)
"""What follows such a word to the end of the line: a secret may hold spaces, quotes and anything else."""
_CLAIM_CODE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{63}(?![A-Za-z0-9+/])")
_TOKEN = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{40}(?![0-9A-Za-z])")


def scrubbed(line: str) -> str:
    """One line without what may be a secret: the part after a word like `password:`, a claim code, a cloud token."""
    line = _NAMED.sub(lambda match: f"{match[1]}{match[2]}{REMOVED}", line)
    line = _CLAIM_CODE.sub(REMOVED, line)
    return _TOKEN.sub(REMOVED, line)
