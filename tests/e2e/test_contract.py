"""The JSON document as other programs read it: every field, every word of a closed list, every
order it promises.

Written against the published interface and not against the code, so that a slip in the types shows
here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from tests.helpers.typed import SAMPLES, netcheck

LADDER = [
    "power",
    "radio",
    "join",
    "address",
    "gateway",
    "dns",
    "internet",
    "tcp",
    "handshake",
    "session",
    "ownership",
]
STATES = {"passed", "implied", "failed", "mixed", "unreached", "untested"}
VERDICTS = {"healthy", "fault", "suspected", "insufficient"}
OWNERS = {"you", "router", "isp", "cloud", "device", "unknown"}
LEVELS = ["confirmed", "likely", "possible", "contested", "unlikely", "ruled_out"]
STANDING = LEVELS[:3]
WEIGHTS = {"weak", "strong", "decisive"}
OUTCOMES = {"ok", "failed", "unclear", "skipped"}
EXIT_CODES = {"healthy": 0, "fault": 1, "suspected": 3, "insufficient": 3}

KEYS = {
    "Document": {"schema", "version", "created", "diagnoses", "coverage", "observations"},
    "DiagnosisEntry": {
        "device",
        "verdict",
        "headline",
        "owner",
        "ladder",
        "findings",
        "unexplained",
        "not_tested",
        "next_tests",
    },
    "Device": {"mac", "id", "ip", "firmware", "site"},
    "RungEntry": {"stage", "state", "because"},
    "FindingEntry": {
        "cause",
        "level",
        "stops_connection",
        "stage",
        "owner",
        "held_in",
        "out_of",
        "support",
        "oppose",
        "remedy",
        "ask_it",
    },
    "EvidenceEntry": {"says", "weight", "refs"},
    "Untested": {"fact", "why"},
    "NextTest": {"test", "settles", "cost_s", "how"},
    "Coverage": {"source", "span_s", "link", "packets", "relevant", "cannot_show"},
    "Observation": {"stage", "fact", "outcome", "subject", "source", "at"},
}
"""What each object has at least, by its name in the published JSON Schema."""

JUDGED = ("healthy.pcap", "blocked_port.pcap", "wrong_keys.pcap")
each = pytest.mark.parametrize("sample", JUDGED)


@cache
def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and the document that is all of standard output."""
    ended = netcheck(
        "pcap",
        *(str(SAMPLES / word) if word.endswith(".pcap") else word for word in arguments),
        "--json",
    )
    return ended.returncode, json.loads(ended.stdout)


def diagnoses(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(document["diagnoses"])


def findings(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in diagnoses(document):
        yield from one["findings"]


def evidence(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for finding in findings(document):
        yield from (*finding["support"], *finding["oppose"])


def objects(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with its name in the schema."""
    named: Iterable[tuple[str, Iterable[dict[str, Any]]]] = (
        ("Document", [dict(document)]),
        ("DiagnosisEntry", diagnoses(document)),
        ("Device", (one["device"] for one in diagnoses(document))),
        ("RungEntry", (rung for one in diagnoses(document) for rung in one["ladder"])),
        ("FindingEntry", findings(document)),
        ("EvidenceEntry", evidence(document)),
        ("Untested", (entry for one in diagnoses(document) for entry in one["not_tested"])),
        ("NextTest", (test for one in diagnoses(document) for test in one["next_tests"])),
        ("Coverage", document["coverage"]),
        ("Observation", document["observations"]),
    )
    return ((name, one) for name, group in named for one in group)


# ----------------------------------------------------------------------------------- keys and types


@each
def test_every_key_is_there_and_every_other_is_published(sample: str) -> None:
    published = json.loads(
        files("netcheck").joinpath("netcheck-1.schema.json").read_text(encoding="utf-8")
    )["$defs"]
    for name, one in objects(run(sample)[1]):
        assert KEYS[name] <= one.keys() <= published[name]["properties"].keys(), name


@each
def test_the_document_is_valid_by_the_published_schema(sample: str) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs the extra test")
    published = files("netcheck").joinpath("netcheck-1.schema.json").read_text(encoding="utf-8")
    validator = jsonschema.Draft202012Validator(json.loads(published))
    document = run(sample)[1]
    assert not [error.message[:200] for error in validator.iter_errors(document)]
    assert not validator.is_valid(document | {"diagnoses": [{"verdict": "fault"}]})


@each
def test_the_head_says_what_and_when(sample: str) -> None:
    document = run(sample)[1]
    assert document["schema"] == "netcheck/1"
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", document["version"])
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", document["created"]
    )  # RFC 3339 §5.6, in UTC
    assert datetime.fromisoformat(document["created"]) <= datetime.now(UTC)


@each
def test_words_come_from_their_closed_lists(sample: str) -> None:
    document = run(sample)[1]
    for one in diagnoses(document):
        assert one["verdict"] in VERDICTS
        assert one["owner"] in OWNERS
        assert {rung["state"] for rung in one["ladder"]} <= STATES
    for finding in findings(document):
        assert finding["level"] in LEVELS
        assert finding["owner"] in OWNERS - {"unknown"}
        assert finding["stage"] in LADDER
    assert {entry["weight"] for entry in evidence(document)} <= WEIGHTS
    assert {one["stage"] for one in document["observations"]} <= set(LADDER)
    assert {one["outcome"] for one in document["observations"]} <= OUTCOMES


@each
def test_values_are_of_the_kind_that_was_promised(sample: str) -> None:
    document = run(sample)[1]
    for one in diagnoses(document):
        assert re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", one["device"]["mac"])
        assert re.fullmatch(r"[0-9a-f]{24}", one["device"]["id"])
        assert re.fullmatch(r"\d+(\.\d+){3}", one["device"]["ip"])
        assert re.fullmatch(r"(>=)?\d+\.\d+\.\d+( <=\d+\.\d+\.\d+)?", one["device"]["firmware"])
        assert one["device"]["site"] is None or isinstance(one["device"]["site"], str)
        assert one["headline"].endswith(".")
        assert all(isinstance(sentence, str) for sentence in one["unexplained"])
        assert all(
            isinstance(test["cost_s"], int) and test["cost_s"] > 0 for test in one["next_tests"]
        )
    for finding in findings(document):
        assert isinstance(finding["stops_connection"], bool)
        assert 0 <= finding["held_in"] <= finding["out_of"]
        assert finding["ask_it"] is None or finding["ask_it"].strip()
        assert finding["remedy"]
    for one in document["coverage"]:
        assert 0 < one["relevant"] <= one["packets"]
        assert one["span_s"] > 0
        assert one["link"] == "EN10MB"
        assert isinstance(one["cannot_show"], list)


# -------------------------------------------------------------------------------- order and meaning


@each
def test_all_eleven_rungs_are_listed_from_the_bottom(sample: str) -> None:
    for one in diagnoses(run(sample)[1]):
        assert [rung["stage"] for rung in one["ladder"]] == LADDER


@each
def test_what_stands_and_stops_the_connection_comes_first_then_the_surest(sample: str) -> None:
    for one in diagnoses(run(sample)[1]):
        places = [
            (
                not (finding["stops_connection"] and finding["level"] in STANDING),
                LEVELS.index(finding["level"]),
            )
            for finding in one["findings"]
        ]
        assert places == sorted(places)
        assert len({finding["cause"] for finding in one["findings"]}) == len(places)


@each
def test_what_is_excluded_is_excluded_by_something(sample: str) -> None:
    for finding in findings(run(sample)[1]):
        assert finding["support"] if finding["level"] in STANDING else finding["oppose"]


@each
def test_the_owner_is_that_of_the_first_standing_cause_or_unknown(sample: str) -> None:
    for one in diagnoses(run(sample)[1]):
        standing = [finding["owner"] for finding in one["findings"] if finding["level"] in STANDING]
        assert one["owner"] == (standing or ["unknown"])[0]


@each
def test_references_name_packets_of_the_capture(sample: str) -> None:
    document = run(sample)[1]
    packets = document["coverage"][0]["packets"]
    rungs = [
        place for one in diagnoses(document) for rung in one["ladder"] for place in rung["because"]
    ]
    places = rungs + [place for entry in evidence(document) for place in entry["refs"]]
    assert rungs
    for place in places:
        file, _, numbers = place.partition("#")
        assert file == sample
        assert all(1 <= int(number) <= packets for number in re.split("[-,]", numbers)), place


@each
def test_states_rest_on_something_where_something_was_seen(sample: str) -> None:
    for one in diagnoses(run(sample)[1]):
        for rung in one["ladder"]:
            assert bool(rung["because"]) == (rung["state"] in ("passed", "failed", "mixed")), rung


@each
def test_the_exit_code_is_the_verdict_s(sample: str) -> None:
    code, document = run(sample)
    assert [code] == [EXIT_CODES[one["verdict"]] for one in diagnoses(document)]


@each
def test_the_observations_make_a_case_file_with_the_same_answer(sample: str, tmp_path: Any) -> None:
    document = run(sample)[1]
    case = tmp_path / "case.jsonl"
    rows = [{"schema": "netcheck-case/1"}, *document["observations"]]
    case.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert json.loads(netcheck("case", case, "--json").stdout)["diagnoses"] == document["diagnoses"]


# ------------------------------------------------------------------------- several, none, and worst


def test_of_several_devices_the_worst_decides() -> None:
    code, document = run("blocked_port.pcap", "healthy.pcap")
    assert sorted(one["verdict"] for one in diagnoses(document)) == ["fault", "healthy"]
    assert code == EXIT_CODES["fault"]


def test_a_device_that_was_not_seen_has_unknown_fields_and_every_rung() -> None:
    code, document = run("blocked_port.pcap", "--device", "e0:4f:43:99:99:99")
    (one,) = diagnoses(document)
    assert (code, one["verdict"], one["owner"]) == (3, "insufficient", "unknown")
    assert {one["device"][name] for name in ("id", "ip", "firmware", "site")} == {None}
    assert [rung["stage"] for rung in one["ladder"]] == LADDER
    assert {rung["state"] for rung in one["ladder"]} == {"untested"}
    assert not [finding for finding in one["findings"] if finding["level"] in STANDING]
