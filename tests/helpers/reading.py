"""How hard a text is to read: the Flesch-Kincaid grade, years of school that it asks for.

Source: Kincaid et al., "Derivation of New Readability Formulas", 1975.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"`[^`]*`|\b[\w*]+(?:\.[\w*()]+)+")
"""What is copied and not read: commands, host names, calls. Each counts as one short word."""
_SENTENCE_ENDS = re.compile(r"[.!?](?:\s|$)")


def grade(text: str) -> float:
    """The grade of a text with at least one word."""
    plain = _CODE.sub("code", text)
    sentences = [one for one in _SENTENCE_ENDS.split(plain) if re.search(r"\w", one)]
    words = [word for one in sentences for word in one.split() if re.search(r"\w", word)]
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end. A number counts as one."""
    if re.search(r"\d", word):
        return 1
    letters = re.sub(r"[^a-z]", "", word.lower())
    count = len(re.findall(r"[aeiouy]+", letters))
    is_silent = re.search(r"[^aeiouyl]e$|[^aeioutd]ed$|[^aeiouyszxclg]es$", letters) or re.search(
        r"[aeiou]le$", letters
    )
    return max(count - bool(is_silent), 1)
