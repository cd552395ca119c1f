"""An answer as one JSON document of schema `netcheck/1`, complete, and loadable again.

The schema is public: fields are added to and never renamed. Its JSON Schema ships in the package; a
test says that it is current. Every text in the document has gone through `safe`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from inspect import cleandoc
from typing import Annotated, Any, Literal

import msgspec

from netcheck import __version__
from netcheck.model import (
    Coverage,
    Device,
    Diagnosis,
    Finding,
    Level,
    NextTest,
    Observation,
    Owner,
    Stage,
    Struct,
    Untested,
    Verdict,
)
from netcheck.report.answer import (
    Answer,
    EvidenceEntry,
    RungEntry,
    coverage,
    evidence_entries,
    ladder_entries,
)
from netcheck.text.escape import ascii_json, rewritten, safe
from netcheck.text.redact import Redaction

SCHEMA: Literal["netcheck/1"] = "netcheck/1"
SCHEMA_FILE = "netcheck-1.schema.json"
TEXT_LIMIT = 4000
_INDENT = b"  "
_TOP_LEVEL, _IN_LIST = _INDENT + b'"', 2 * _INDENT


class FindingEntry(Struct, frozen=True, kw_only=True):
    """A cause with its evidence. `held_in` of `out_of` tries that could have shown it."""

    cause: str
    level: Level
    stops_connection: bool
    stage: Stage
    owner: Owner
    held_in: int
    out_of: int
    support: tuple[EvidenceEntry, ...]
    oppose: tuple[EvidenceEntry, ...]
    remedy: tuple[str, ...]
    ask_it: str | None


class DiagnosisEntry(Struct, frozen=True, kw_only=True):
    """Everything there is to say about one device's connection."""

    device: Device
    verdict: Verdict
    headline: str
    owner: Owner
    ladder: Annotated[
        tuple[RungEntry, ...], msgspec.Meta(description="all eleven rungs, from power to ownership")
    ]
    findings: Annotated[
        tuple[FindingEntry, ...],
        msgspec.Meta(description="best first, those that stop the connection before the others"),
    ]
    unexplained: tuple[str, ...]
    not_tested: tuple[Untested, ...]
    next_tests: tuple[NextTest, ...]
    notes: tuple[str, ...] = ()


class Document(Struct, frozen=True, kw_only=True):
    """The answer of one run of netcheck."""

    schema: Literal["netcheck/1"]
    version: str
    created: Annotated[datetime, msgspec.Meta(tz=True)]
    redaction: Redaction = Redaction.NONE
    partial: Annotated[
        bool, msgspec.Meta(description="interrupted: only what was seen until then is judged")
    ] = False
    diagnoses: tuple[DiagnosisEntry, ...]
    coverage: tuple[Coverage, ...]
    unread: Annotated[
        tuple[str, ...], msgspec.Meta(description="input that was not read, a sentence each")
    ] = ()
    prove: Annotated[str, msgspec.Meta(description="how to prove the fix")] = ""
    sent: Annotated[str, msgspec.Meta(description="what left this machine in a live run")] = ""
    observations: tuple[Observation, ...]


def render(answer: Answer, created: float) -> bytes:
    """The document in ASCII, ending in a line feed. `created` is UTC seconds since 1970."""
    return b"".join(pieces(answer, created))


def pieces(answer: Answer, created: float) -> Iterator[bytes]:
    """The same piece by piece, each device as it is needed: a thousand of them make 80 MB."""
    shown = _shown(answer)
    lists = {
        b'"diagnoses": []': map(_diagnosis, shown.diagnoses),
        b'"observations": []': iter(shown.observations),
    }
    for line in written(_document(shown, (), (), created)).splitlines(keepends=True):
        name = line.strip(b" ,\n") if line.startswith(_TOP_LEVEL) else b""
        if name not in lists:
            yield line
            continue
        begin, between = line[: line.rindex(b"]")], b"\n" + _IN_LIST
        start = begin
        for entry in lists[name]:
            yield start + between + _formatted(entry).replace(b"\n", between)
            start = b","
        yield line if start is begin else b"\n" + _INDENT + line[len(begin) :]


def load(data: bytes) -> Document:
    """A document read back. Raises msgspec.MsgspecError where it does not follow the schema."""
    return msgspec.json.decode(data, type=Document)


def written(value: object) -> bytes:
    """Any value as indented JSON in ASCII, ending in a line feed."""
    return _formatted(value) + b"\n"


def _formatted(value: object) -> bytes:
    return ascii_json(msgspec.json.format(msgspec.json.encode(value), indent=len(_INDENT)))


def schema() -> bytes:
    """The JSON Schema of the document, the same with every version of msgspec."""
    described: dict[str, Any] = _unindented(msgspec.json.schema(Document))
    return written({"$schema": "https://json-schema.org/draft/2020-12/schema", **described})


def _unindented(value: Any) -> Any:
    """The same with descriptions as PEP 257 reads them: msgspec 0.23 takes docstrings as they
    stand.
    """
    if isinstance(value, dict):
        return {
            name: cleandoc(part)
            if name == "description" and isinstance(part, str)
            else _unindented(part)
            for name, part in value.items()
        }
    return [_unindented(part) for part in value] if isinstance(value, list) else value


def document(answer: Answer, created: float) -> Document:
    """The answer as the public document, every text in it made safe."""
    shown = _shown(answer)
    return _document(shown, map(_diagnosis, shown.diagnoses), shown.observations, created)


def _shown(answer: Answer) -> Answer:
    return rewritten(answer, lambda text: safe(text, TEXT_LIMIT))


def _document(
    shown: Answer,
    diagnoses: Iterable[DiagnosisEntry],
    observations: tuple[Observation, ...],
    created: float,
) -> Document:
    return Document(
        schema=SCHEMA,
        version=__version__,
        created=datetime.fromtimestamp(created, UTC),
        redaction=shown.redaction,
        partial=shown.partial,
        diagnoses=tuple(diagnoses),
        coverage=coverage(shown.observations),
        unread=shown.unread,
        prove=shown.prove,
        sent=shown.sent,
        observations=observations,
    )


def _diagnosis(one: Diagnosis) -> DiagnosisEntry:
    return DiagnosisEntry(
        device=one.device,
        verdict=one.verdict,
        headline=one.headline,
        owner=one.owner,
        ladder=ladder_entries(one.ladder),
        findings=tuple(_finding(finding) for finding in one.findings),
        unexplained=one.unexplained,
        not_tested=one.not_tested,
        next_tests=one.next_tests,
        notes=one.notes,
    )


def _finding(finding: Finding) -> FindingEntry:
    return FindingEntry(
        cause=finding.cause,
        level=finding.level,
        stops_connection=finding.stops_connection,
        stage=finding.stage,
        owner=finding.owner,
        held_in=finding.held_in,
        out_of=finding.out_of,
        support=evidence_entries(finding.support),
        oppose=evidence_entries(finding.oppose),
        remedy=finding.remedy,
        ask_it=finding.ask_it,
    )
