"""What is said of files: what they hold, and what they cannot show."""

from __future__ import annotations

import pytest

from netcheck.capture.coverage import LINK_NAMES, limits_of, read_coverage
from netcheck.capture.ordering import in_order
from netcheck.capture.records import FileCoverage
from netcheck.capture.tables import Tables

WHOLE = {"snaplen_cut": 0, "backward_steps": 0, "protected": 0}


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("snaplen_cut", "1 packets were cut short by the capture's length limit"),
        ("backward_steps", "its clock went back 1 times"),
        ("protected", "1 frames are encrypted by Wi-Fi"),
    ],
)
def test_each_limit_is_a_sentence(what: str, says: str) -> None:
    [limit] = limits_of(**(WHOLE | {what: 1}), problems=[])
    assert limit.startswith(says)
    assert limits_of(**WHOLE, problems=["Damaged."]) == ("Damaged.",)


def test_each_file_is_described() -> None:
    tables = Tables()
    tables.files += [
        FileCoverage("b", 2_500_000_000, 4_000_400_000, 7, 3, (1, 999), ("Cut.",)),
        FileCoverage("a", 1_000_000_000, 1_000_000_000, 1, 1, (127,)),
    ]
    tables.left_out.update({"arp": 2, "tcp": 1})
    first, second = read_coverage(in_order(tables), ["One way."])
    assert (first.target, first.ref, first.text("link")) == ("a", "a#1", "IEEE802_11_RADIO")
    assert second.at == 2.5
    assert second.took_s == 1.5004
    left = (
        "2 more arp messages from other traffic were counted, but not read | "
        "1 more tcp messages from other traffic were counted, but not read"
    )
    assert dict(second.data) == {
        "link": "EN10MB 999",
        "span_s": 1.5,
        "packets": 7,
        "relevant": 3,
        "cannot_show": f"Cut. | One way. | {left}",
    }


def test_link_types_are_those_of_the_registry() -> None:
    assert LINK_NAMES == {
        0: "NULL",
        1: "EN10MB",
        101: "RAW",
        105: "IEEE802_11",
        108: "LOOP",
        113: "LINUX_SLL",
        127: "IEEE802_11_RADIO",
        192: "PPI",
        276: "LINUX_SLL2",
    }
