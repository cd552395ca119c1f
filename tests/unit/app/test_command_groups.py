"""Help in groups, with examples; short options."""

from __future__ import annotations

import pytest

from netcheck.app.command_groups import EXAMPLES, GROUPS
from netcheck.app.commands import command
from tests.helpers.command import Run


@pytest.mark.parametrize("name", ["", "pcap", "case", "device", "ask"])
def test_options_stand_in_their_groups(run: Run, name: str) -> None:
    out = run(*name.split(), "--help").out
    places = [out.index(f"\n{group}:\n") for group in ("Evidence", "Answer", "Device")]
    assert places == sorted(places)
    assert out.index("--pcap FILE") < out.index("\nAnswer:\n") < out.index("--report FILE")


def test_every_shared_option_is_in_a_group() -> None:
    grouped = {name for names in GROUPS.values() for name in names}
    assert {one.name for one in command.params} - grouped == {"version"}


def test_the_main_uses_have_an_example_each(run: Run) -> None:
    out = run("--help").out
    assert all(example in out for example, _ in EXAMPLES)


def test_short_options_are_the_long_ones(run: Run) -> None:
    assert run("pcap", "x.pcap", "-q").out == run("pcap", "x.pcap", "--quiet").out
    assert run("pcap", "x.pcap", "-v").out == run("pcap", "x.pcap", "--verbose").out
    assert run("-V").out == run("--version").out != ""
