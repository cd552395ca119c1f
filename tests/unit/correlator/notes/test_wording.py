"""Every note has its sentence, every sentence its note, and values stand in it as they are."""

from __future__ import annotations

import ast
import re
from functools import cache
from string import Formatter

import pytest

from netcheck.correlator.notes.wording import Note, note, note_of, sentence, words
from netcheck.vocabulary import MODES, REASONS
from tests.helpers.places import TOP

SENTENCES = words().sentences
KINDS = {
    "usb_port": REASONS,
    "usb_access": REASONS,
    "usb_answers": REASONS,
    "usb_mode": MODES,
    "softap": REASONS,
}
"""Kind of note → the words of which it has some."""
NOT_IN_ANSWERS = re.compile(
    r"\b(looked at|parts|mend|once more|box|vanish|anew|hearsay|nobody|he|his|him)\b"
)
"""Words that an answer does not use."""


@cache
def strings() -> frozenset[str]:
    """Every string in the code that gives notes, the parts of f-strings among them."""
    return frozenset(
        node.value
        for file in (TOP / "netcheck/correlator").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def is_of_kind(name: str) -> bool:
    return any(name == f"{kind}_{word}" for kind, known in KINDS.items() for word in known)


@pytest.mark.parametrize("name", SENTENCES)
def test_every_sentence_is_said(name: str) -> None:
    halves = {"light_past", "light_short_of"} if name.endswith(("_computer", "_device")) else set()
    assert name in strings() or is_of_kind(name) or any(name.startswith(half) for half in halves)


@pytest.mark.parametrize("name", SENTENCES)
def test_a_sentence_is_plain(name: str) -> None:
    text = SENTENCES[name].format_map(
        {**dict.fromkeys(fields(SENTENCES[name]), "X"), **words().phrases}
    )
    assert "{" not in text
    assert not NOT_IN_ANSWERS.search(text)
    assert text == " ".join(text.split())
    if not name.endswith(("_network", "_networks")) and "cause" not in name:
        assert text.endswith((".", ".)", '".', "X"))


def test_no_phrase_waits_for_another() -> None:
    assert all("{" not in phrase for phrase in words().phrases.values())


def test_a_value_is_never_read_as_a_sentence() -> None:
    said = note("vpn", interface="{run_again} %s {0}", local="x")
    assert "{run_again} %s {0}" in sentence(said)


def test_notes_stand_in_notes() -> None:
    inner = note("cause", headline="Port 5683 is blocked.")
    said = note(
        "cause_in_some_tries",
        held_in="2",
        out_of="3",
        sentence=note("cause_not_proven", sentence=inner),
    )
    assert sentence(said) == "In 2 of 3 tries: Perhaps, but not proven: Port 5683 is blocked."


def test_several_notes_are_listed() -> None:
    two = tuple(
        note("flashes_of_version", count=count, firmware=firmware)
        for count, firmware in (("2", "1.5"), ("3", "2.0"))
    )
    assert sentence(note("light_expected", flashes=two)) == (
        "The light to expect from a Photon here: 2 orange flashes with Device OS 1.5, 3 orange"
        " flashes with Device OS 2.0 (none with 0.6.0)."
    )


@pytest.mark.parametrize(
    ("kind", "word", "expected"),
    [
        ("usb_mode", "dfu", Note(id="usb_mode_dfu")),
        ("usb_port", "absent", Note(id="usb_port_absent")),
        ("usb_port", "timeout", None),
        ("softap", "{on}", None),
    ],
)
def test_a_word_may_have_no_sentence(kind: str, word: str, expected: Note | None) -> None:
    assert note_of(kind, word) == expected


def test_a_note_without_its_value_is_our_bug() -> None:
    with pytest.raises(KeyError):
        sentence(note("same_subnet", address="10.0.0.1"))
