"""What a probe needs of this computer's Wi-Fi: on Linux an adapter, elsewhere the scan tells."""

from __future__ import annotations

import sys

import pytest

from netcheck.host.scan import adapters
from netcheck.live.needs import lacking
from netcheck.probing import Need
from netcheck.probing.testing import HOME


@pytest.mark.parametrize(
    ("platform", "adapter", "is_there"),
    [("linux", "wlan0", True), ("linux", "", False), ("win32", "", True), ("darwin", "", True)],
)
def test_an_adapter(
    monkeypatch: pytest.MonkeyPatch, platform: str, adapter: str, is_there: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(adapters, "wireless", lambda preferred: adapter)

    reply = lacking(Need.WIFI, HOME)

    assert reply.ok == is_there
    assert ("Wi-Fi adapter" in reply.text("says")) != is_there
