"""What the process without rights asks of the one that keeps them."""

from __future__ import annotations

import sys

import pytest

from netcheck.host.scan import nl80211
from netcheck.host.scan.nl80211 import ScanOrder

if sys.platform == "win32":
    pytest.skip("Windows has no rights to give up", allow_module_level=True)

from netcheck.host.helper import Helper


@pytest.mark.parametrize(
    "order",
    [
        ScanOrder(),
        ScanOrder(name=b"\xff" * 32, only_2ghz=True),
        ScanOrder(name=b"Home", listen_mhz=(2412, 2437, 2472)),
    ],
)
def test_a_scan_is_ordered_as_it_was_asked(
    monkeypatch: pytest.MonkeyPatch, order: ScanOrder
) -> None:
    def trigger(index: int, asked: ScanOrder) -> None:
        raise OSError(7 if (index, asked) == (3, order) else 8, "told by its number")

    monkeypatch.setattr(nl80211, "trigger", trigger)
    with Helper() as helper, pytest.raises(OSError) as refused:
        helper.order_scan(3, order)

    assert refused.value.errno == 7
