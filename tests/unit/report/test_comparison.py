"""Cases side by side as documents: complete, the same bytes, and nothing that was read acts."""

from __future__ import annotations

import re

import msgspec
import pytest

from netcheck.comparison import CaseComparison, compare
from netcheck.correlator.catalogue import load
from netcheck.files import MARK
from netcheck.model import Target
from netcheck.report.comparison import render, view
from netcheck.report.documents import comparison
from netcheck.report.layout import Style
from netcheck.text.escape import safe
from tests.helpers import injections
from tests.helpers.notation import case

CAUSES = load().causes
CREATED = 1_600_000_000.0
UP = """
dev device.identity ok @0 mac=e0:4f:43:00:00:01 rank=5
dev dhcp.lease ok @0 discovers=1
dev gateway.arp ok @1
dev dns.cloud_name ok @1
dev internet.test ok @2
"""
BLOCKED = f"{UP}dev tcp.cloud failed timeout @3 +5\n"
WELL = f"{UP}dev tcp.cloud ok @3\ndev handshake.nonce ok @3\n"


def compared(first: str = "hotspot.pcap", second: str = "home.pcap") -> CaseComparison:
    return compare({first: case(WELL), second: case(BLOCKED)}, Target())


def hostile(text: str) -> CaseComparison:
    """A comparison that says this wherever a text from outside can stand."""
    found = compared(f"{text}1", f"{text}2")
    diagnosed = (
        msgspec.structs.replace(
            one,
            diagnosis=msgspec.structs.replace(
                one.diagnosis,
                headline=text,
                device=msgspec.structs.replace(one.diagnosis.device, site=text, firmware=text),
            ),
        )
        for one in found.cases
    )
    return msgspec.structs.replace(found, cases=tuple(diagnosed))


def written(suffix: str, found: CaseComparison | None = None) -> str:
    return comparison.render(suffix, view(found or compared(), CAUSES), CREATED).decode()


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_a_document_says_what_differs_what_that_means_and_what_to_do(suffix: str) -> None:
    said = written(suffix)
    body = said.partition("<main>")[2] or said
    order = (
        "First difference: tcp works in hotspot",
        "(first difference)",
        CAUSES["cloud_port_blocked"].remedy[0][:10],
        "netcheck 0",
    )
    places = [body.index(part) for part in order]
    assert places == sorted(places)
    assert said == written(suffix)
    assert MARK in said.encode()[:1024]


@pytest.mark.parametrize("text", injections.ALL)
def test_injected_text_is_only_text(text: str) -> None:
    tags = set(re.findall(r"<(\w+)", written(".html")))
    page = written(".html", hostile(text))
    assert set(re.findall(r"<(\w+)", page)) <= tags | {"small", "code"}
    plain = re.sub(r"&#\d+;", "x", written(".md", hostile(text)))
    for line in plain.splitlines()[2:]:
        assert not re.search(r"[\\`*\[\]<>~$@]|://|(?i:www\.)", line)
    shown = render(view(hostile(text), CAUSES), Style())
    assert all(character.isprintable() for character in (page + shown).replace("\n", ""))
    assert safe(text)


def test_a_pdf_is_the_same_each_time() -> None:
    pytest.importorskip("weasyprint", reason="needs the extra pdf and the library Pango")
    pages = [comparison.render(".pdf", view(compared(), CAUSES), CREATED) for _ in range(2)]
    assert pages[0] == pages[1]
    assert pages[0].startswith(b"%PDF-")
