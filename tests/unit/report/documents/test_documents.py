"""The documents: complete, deterministic, and nothing that was read acts in them."""

from __future__ import annotations

import csv
import html as standard_html
import io
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from netcheck import casefile
from netcheck.correlator.catalogue import load
from netcheck.files import MARK, OutputRefused
from netcheck.model import Device, Diagnosis, Level, Owner, Stage, State, Verdict
from netcheck.report import documents, json, screen, terminal
from netcheck.report.answer import Answer, redacted
from netcheck.report.documents import change_csv, markdown, ticket
from netcheck.report.documents.change import FORMAT
from netcheck.report.layout import Style
from netcheck.report.view import view
from netcheck.text.escape import safe
from netcheck.text.redact import Redaction
from tests.helpers import injections
from tests.helpers.answers import DEVICE_ID, OBSERVATIONS, answer, clue, diagnosis, finding
from tests.helpers.notation import CTL, DEV

CAUSES = load().causes
CREATED = 1_600_000_000.0
HEALTHY = diagnosis(verdict=Verdict.HEALTHY, owner=Owner.UNKNOWN, findings=())


def written(suffix: str, whole: Answer | None = None) -> str:
    shown = view(whole or answer(), CAUSES)
    return documents.render(suffix, shown, CREATED).decode()


class Page(HTMLParser):
    """What a browser would make of a page: its tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(text: str) -> Answer:
    """An answer that says this wherever a text from outside can stand."""
    odd = msgspec.structs.replace(OBSERVATIONS[3], target=text, source=text, ref=text, reason=text)
    cause = finding(
        "cloud_port_blocked",
        Level.LIKELY,
        support=(clue(text, odd),),
        oppose=(clue(text, odd),),
        remedy=(text,),
        ask_it=text,
    )
    one = diagnosis(
        headline=text,
        findings=(cause, msgspec.structs.replace(cause, cause=text, level=Level.POSSIBLE)),
        unexplained=(f"{text} .",),
        notes=(text,),
        device=Device(mac=text, id=text, ip=text, firmware=text, site=text),
    )
    return answer(one, HEALTHY, unread=(text,), prove=text, sent=text)


PLAIN = Page(written(".html", hostile("plain")))


def test_there_are_enough_injections() -> None:
    assert len(set(injections.ALL)) >= 60


@pytest.mark.parametrize("text", injections.ALL)
def test_injected_text_is_only_text(text: str) -> None:
    whole = hostile(text)
    page = Page(written(".html", whole))
    assert page.tags <= PLAIN.tags | {"code"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert {name for name, _ in page.attributes} == {name for name, _ in PLAIN.attributes}
    assert safe(text) in page.text or text.count("`") > 1
    for suffix in (".html", ".md", ".txt"):
        assert_inert(written(suffix, whole).replace("\n", ""))
    assert_inert(screen.render(view(whole, CAUSES), Style()).replace("\n", ""))


def assert_inert(text: str) -> None:
    """No character of it acts on a terminal or turns the text around."""
    assert all(character.isprintable() for character in text)


@pytest.mark.parametrize("text", injections.ALL)
def test_in_markdown_it_is_shown_and_marks_nothing(text: str) -> None:
    shown = markdown.text(safe(text))
    assert standard_html.unescape(shown) == safe(text)
    plain = re.sub(r"&#\d+;", "x", shown)
    assert not re.search(r"[\\`*\[\]<>|#~$@&]|://|^\s*([-+=]|\d+[.)](\s|$))|(?i:www\.)", plain)


@pytest.mark.parametrize("text", injections.ALL)
def test_in_a_table_of_rules_it_is_no_formula(text: str) -> None:
    rows = list(csv.reader(io.StringIO(written(".csv", hostile(text)), newline="")))
    assert [len(row) for row in rows] == [len(change_csv.COLUMNS)] * 3
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"\s*[=+\-@|%]", cell)


@pytest.mark.parametrize("suffix", list(documents.WRITERS))
def test_the_same_answer_is_the_same_bytes_and_known_as_ours(suffix: str) -> None:
    assert written(suffix) == written(suffix)
    assert MARK in written(suffix).encode()[:1024]
    assert MARK in written(suffix, hostile("x" * 3000)).encode()[:1024]


ORIGINALS = {
    Redaction.IT: (CTL, "annas-phone", "192.168.1.66", "198.51.100.9", DEVICE_ID),
    Redaction.PUBLIC: (
        *(CTL, DEV, DEVICE_ID, "annas-phone", "192.168.1.66", "192.168.1.7", "192.168.1.1"),
        *("192.0.2.10", "198.51.100.9", "test.pcap"),
    ),
}


OUTPUTS: dict[str, Callable[[Answer], str]] = {
    **{suffix: partial(written, suffix) for suffix in documents.WRITERS},
    "screen": lambda hidden: screen.render(view(hidden, CAUSES), Style()),
    "line": lambda hidden: screen.line(view(hidden, CAUSES)),
    "verbose": lambda hidden: terminal.render(view(hidden, CAUSES), Style()),
    "json": lambda hidden: json.render(hidden, CREATED).decode(),
    "case file": lambda hidden: b"".join(casefile.lines(hidden.observations)).decode(),
}


@pytest.mark.parametrize("level", list(ORIGINALS))
@pytest.mark.parametrize("output", list(OUTPUTS))
def test_what_a_level_hides_is_nowhere(level: Redaction, output: str) -> None:
    named = answer(prove=f"Ask {CTL} and annas-phone.", origins=("anna",))
    said = OUTPUTS[output](redacted(named, level, b"k" * 32))
    if output == ".md":
        said = standard_html.unescape(said)
    for original in ORIGINALS[level]:
        assert not re.search(rf"(?<![\w.:]){re.escape(original)}(?![\w:]|\.\d)", said)


# -------------------------------------------------------------------------------------------- HTML


def test_the_page_asks_for_nothing_and_allows_only_its_own_style() -> None:
    page = Page(written(".html"))
    policy = dict(page.attributes).get("content", "")
    policies = [value for name, value in page.attributes if "default-src" in value]
    assert policies and "default-src 'none'" in policies[0], policy
    assert "unsafe" not in policies[0]
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not [name for name, _ in page.attributes if name in ("src", "srcset", "action")]


def test_the_page_says_verdict_owner_certainty_and_the_first_step_first() -> None:
    text = Page(written(".html")).text
    order = (
        "FAULT: The network blocks TCP port 5683.",
        "whoever runs the local network",
        "likely, 2 of 2 tries",
        "Allow outgoing TCP 5683.",
        "The way to the cloud",
        "Request for change",
        "Evidence",
        "Ruled out or unlikely",
        "Not tested",
        "To be sure",
        "Timeline of the tries",
        "How it was measured",
    )
    places = [text.index(part, text.index("FAULT: The network blocks", 60)) for part in order]
    assert places == sorted(places)


def test_the_picture_has_words() -> None:
    assert "dns passed, internet untested, tcp failed, handshake unreached" in written(".html")


# ---------------------------------------------------------------------------------- change, ticket


@pytest.mark.parametrize("suffix", [".html", ".md", ".txt", ".csv"])
def test_the_request_needs_nothing_else_looked_up(suffix: str) -> None:
    text = written(suffix)
    for needed in (
        *("TCP", "5683", "outbound", "device.spark.io", "device.tcp.particle.io"),
        *("addresses behind them change", "stateful", "60", "192.168.1.7"),
    ):
        assert needed in text
    assert DEV in text


@pytest.mark.parametrize("name", [cause.id for cause in CAUSES.values() if cause.request])
def test_a_ticket_is_short_and_exact(name: str) -> None:
    many = tuple(clue("word " * 30) for _ in range(9))
    one = diagnosis(findings=(finding(name, Level.LIKELY, support=many),))
    first, empty, text = written(".txt", answer(one)).split("\n", 2)
    request = CAUSES[name].request
    assert request is not None
    assert (first, empty) == (f"{FORMAT}: paste what stands below this line.", "")
    assert FORMAT not in text
    assert len(text.split()) <= ticket.WORDS
    assert text.startswith(f"Subject: {request.change.rstrip('.')} (Photon {DEV})\n\nHello,\n")
    assert text.endswith("\nThank you.\n")


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ({}, "does not reach its cloud from your network."),
        ({Stage.SESSION: State.FAILED}, "loses the connection again on your network."),
        ({Stage.SESSION: State.MIXED}, "loses the connection again on your network."),
    ],
)
def test_a_ticket_denies_no_session_that_was_seen(states: dict[Stage, State], said: str) -> None:
    one = diagnosis()
    ladder = tuple(
        msgspec.structs.replace(rung, state=states.get(rung.stage, rung.state))
        for rung in one.ladder
    )
    assert said in written(".txt", answer(msgspec.structs.replace(one, ladder=ladder)))


@pytest.mark.parametrize(
    ("level", "named"),
    [
        (Redaction.NONE, (DEVICE_ID, DEV)),
        (Redaction.IT, ("DEVICE_ID", DEV)),
        (Redaction.PUBLIC, ("DEVICE_ID", "MAC")),
    ],
)
@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_no_pseudonym_stands_in_a_command(
    level: Redaction, named: tuple[str, str], suffix: str
) -> None:
    steps = ("Run `particle keys doctor DEVICE_ID`.", "Run `sudo netcheck --as-device MAC`.")
    one = diagnosis(findings=(finding("device_key_mismatch", Level.LIKELY, remedy=steps),))
    said = standard_html.unescape(written(suffix, redacted(answer(one), level, b"k" * 32)))
    assert f"particle keys doctor {named[0]}" in said
    assert f"netcheck --as-device {named[1]}" in said


@pytest.mark.parametrize("one", [HEALTHY, diagnosis(findings=(), verdict=Verdict.INSUFFICIENT)])
def test_where_there_is_nothing_to_ask_for_that_is_said(one: Diagnosis) -> None:
    assert "\n\nNo change to ask for. " in written(".txt", answer(one))
    assert "Request for change" not in written(".html", answer(one))
    assert "Request for change" not in written(".md", answer(one))


def test_several_devices_have_a_part_each() -> None:
    several = answer(HEALTHY, diagnosis(device=Device(ip="192.168.1.9")))
    assert written(".md", several).index("# 2 devices") < written(".md", several).index("# FAULT")
    assert Page(written(".html", several)).text.count("The way to the cloud") == 2
    assert written(".csv", several).count("\r\n") == 3


def test_a_pdf_has_an_outline_and_is_the_same_each_time() -> None:
    pytest.importorskip("weasyprint", reason="needs the extra pdf and the library Pango")
    first, second = (documents.render(".pdf", view(answer(), CAUSES), CREATED) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF-")
    assert first.endswith(b"%" + MARK + b"1\n")


def inflated(content: bytes) -> bytes:
    """The streams of a PDF, those without compression left out."""
    plain = b""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with suppress(zlib.error):
            plain += zlib.decompressobj().decompress(stream) + b"\n"
    return plain


def test_a_pdf_is_text_with_an_outline_that_leads_somewhere() -> None:
    pytest.importorskip("weasyprint", reason="needs the extra pdf and the library Pango")
    content = inflated(documents.render(".pdf", view(answer(), CAUSES), CREATED))
    assert b"/ToUnicode" in content  # glyphs are letters that can be selected
    assert b"/Outlines" in content
    headings = re.findall(rb"/Title \(?<?([^>)]*)", content)
    assert len(headings) >= 8
    assert content.count(b"/Dest") >= len(headings)


def test_injected_text_does_nothing_in_a_pdf() -> None:
    pytest.importorskip("weasyprint", reason="needs the extra pdf and the library Pango")
    many = tuple(f"<a href='https://x.test'>({text})</a>" for text in injections.ALL)
    whole = answer(diagnosis(notes=many, headline=injections.HTML[0], unexplained=many[:9]))
    content = documents.render(".pdf", view(whole, CAUSES), CREATED)
    bare = re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.DOTALL)
    for acts in (b"/URI", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/AA"):
        assert not re.search(acts + rb"\b", inflated(content) + bare)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext (poppler)")
def test_the_text_of_a_pdf_can_be_taken_out(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", reason="needs the extra pdf and the library Pango")
    file = tmp_path / "report.pdf"
    file.write_bytes(documents.render(".pdf", view(answer(), CAUSES), CREATED))
    typed = ["pdftotext", str(file), "-"]
    text = subprocess.run(typed, capture_output=True, text=True, check=True, timeout=60).stdout
    for needed in ("FAULT: The network blocks TCP port 5683.", "device.spark.io", DEV, "5683"):
        assert needed in text


def test_the_headings_of_the_page_are_its_outline() -> None:
    weasyprint = pytest.importorskip("weasyprint", reason="needs the extra pdf and Pango")
    outline = weasyprint.HTML(string=written(".html")).render().make_bookmark_tree()
    assert outline[0][0].startswith("FAULT:")
    assert "Request for change" in str(outline)


def test_without_weasyprint_a_pdf_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(OutputRefused, match="needs the extra pdf"):
        documents.render(".pdf", view(answer(), CAUSES), CREATED)
