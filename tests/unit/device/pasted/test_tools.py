"""The output of a tool in the place of a log."""

from __future__ import annotations

import pytest

from netcheck.device.pasted import tools
from netcheck.model import Target

TOKEN = """$ particle list
Retrieving devices... (this might take a few seconds)
Please login - it appears your access_token may have expired
listDevices got error: invalid_token
"""


def test_what_a_tool_complains_of_counts_as_told() -> None:
    (one,) = tools.observations(TOKEN, Target(), "pasted.txt", 5.0)

    assert (one.fact, one.at, one.ref) == ("told.cli_error", 5.0, "pasted.txt:1")
    assert "invalid_token" in one.text("text")
    assert "Retrieving" not in one.text("text"), "only known words are kept"


@pytest.mark.parametrize(
    "text",
    [
        "temp=21.4 hum=44\nerror: token expired\n",
        "$ particle serial inspect\n",
        "",
    ],
)
def test_other_text_says_nothing(text: str) -> None:
    assert not list(tools.observations(text, Target(), "pasted.txt", 5.0))
