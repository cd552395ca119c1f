"""No text can act on the reader's terminal, whatever it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.model import Outcome
from netcheck.text.escape import CUT, rewritten, safe
from tests.helpers.notation import seen

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Lab 5", "Lab 5"),
        ("Käfer–网", "Käfer–网"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\r\nb\t", "a\\x0d\\x0ab\\x09"),
        ("\x9b31m", "\\x9b31m"),  # the one-byte form of ESC [
        ("\u202eexe", "\\u202eexe"),
        ("\u2066\u2069\u200f", "\\u2066\\u2069\\u200f"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),  # a tag character: invisible
        ("a\u034fb\u115f\u1160\u3164\uffa0\u2800", "a\\u034fb\\u115f\\u1160\\u3164\\uffa0\\u2800"),
        ("so\u00adft, x\ufe0f, \U000e0100", "so\\xadft, x\\ufe0f, \\U000e0100"),
        ("a\u200db", "a\\u200db"),
        ("Lab" + " " * 70 + "healthy", "Lab  healthy"),
        ("家里的Wi-Fi été Ω", "家里的Wi-Fi été Ω"),
        (
            "👩\u200d🔬 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 👍🏽",
            "👩\u200d🔬 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 👍🏽",
        ),
        ("", ""),
    ],
)
def test_active_characters_become_visible(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(ANY_TEXT, st.integers(min_value=1, max_value=60))
def test_what_comes_out_is_printable_and_short(text: str, limit: int) -> None:
    shown = safe(text, limit)
    assert shown.replace("\u200d", "").isprintable()
    assert len(shown) <= limit
    shown.encode()


@given(ANY_TEXT)
def test_a_safe_text_stays_as_it_is(text: str) -> None:
    assert safe(safe(text, 10_000), 10_000) == safe(text, 10_000)


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60))
def test_plain_text_passes_unchanged(text: str) -> None:
    assert safe(text, 60) == text


def test_a_cut_is_marked_and_halves_no_escape() -> None:
    assert safe("abcdef", 4) == "abc" + CUT
    assert safe("ab\x1b[31m", 5) == "ab" + CUT
    assert safe("abcd", 4) == "abcd"


def test_every_text_of_a_record_is_reached_and_no_word_of_a_closed_list() -> None:
    record = seen("dev dns.cloud_name failed nxdomain >name servers=one rtt_ms=3")
    loud = rewritten(record, str.upper, leave=frozenset({"fact", "reason"}))
    assert (loud.target, loud.subject, loud.ref) == ("NAME", record.subject.upper(), "TEST.PCAP#1")
    assert loud.data == (("SERVERS", "ONE"), ("RTT_MS", 3))
    assert (loud.outcome, loud.fact, loud.reason) == (Outcome.FAILED, "dns.cloud_name", "nxdomain")
