"""Whether words that a user wrote are meant or denied: "MAC filter off" speaks of a filter, and
says that there is none.

A denial reaches no farther than its clause, and there only a few words: "no proxy and WPA2" denies
the proxy. What somebody read or heard of is not what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CLAUSE = re.compile(
    r"[,;.!?](?=\s|$)|\b(?:and|but|or|although|though|und|aber|oder|mais|pero|et)\b", re.ASCII
)
"""What ends a clause."""
DENIES_AFTER = re.compile(
    r"\b(?:no|not|never|without|neither|nor|disabled?|deactivated|isn't|aren't|doesn't|don't|didn't|can't"
    r"|cannot|nicht|kein\w{0,2}|ohne|sans|pas|sin|senza|geen)(?: \S+){0,2} ?$"
)
"""What denies the words that it stands before, two words between them at most."""
DENIES_BEFORE = re.compile(
    r"^\S*(?: \S+){0,3}? (?:off|disabled?|deactivated|inactive|unused|none|no|not|never|isn't"
    r"|aren't|doesn't|nicht|keine?|aus|ausgeschaltet|abgeschaltet|deaktiviert|inaktiv)(?=$|[^\w-])"
)
"""What denies the words that it stands behind, three words between them at most."""
HEARSAY = re.compile(r"\b(?:read|heard|hear|reading)\b[^,;]{0,24}$")


def asserted(words: re.Pattern[str], text: str) -> Iterator[str]:
    """The places where the text means those words. `text` in lower case."""
    yield from (found for found, is_denied in _found(words, text) if not is_denied)


def is_denied(words: re.Pattern[str], text: str) -> bool:
    """Does the text have those words, and deny them at each place?"""
    places = [denied for _, denied in _found(words, text)]
    return bool(places) and all(places)


def is_hearsay(words: re.Pattern[str], text: str) -> bool:
    """Does the text have those words only as what somebody read or heard of?"""
    places = [bool(HEARSAY.search(text[: found.start()])) for found in words.finditer(text)]
    return bool(places) and all(places)


def _found(words: re.Pattern[str], text: str) -> Iterator[tuple[str, bool]]:
    """Each place of those words, and whether its clause denies them."""
    for found in words.finditer(text):
        before = CLAUSE.split(text[: found.start()])[-1]
        after = CLAUSE.split(text[found.end() :])[0]
        yield found[0], bool(DENIES_AFTER.search(before) or DENIES_BEFORE.search(after))
