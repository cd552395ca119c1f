"""How the scan of this computer's Wi-Fi ends, with the kernel and the tools played."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import pytest

from netcheck.host.scan import adapters, by_lswifi, nl80211
from netcheck.host.scan.nl80211 import OrderScan, ScanOrder
from netcheck.live.net import wifi_scan
from netcheck.wifi.scan import WifiScan
from tests.helpers.scans import access_point

HOME = access_point("05 2437 ch6 psk ccmp b g n -57 name=Home")


class Ended:
    """A scan's end that comes, or does not."""

    comes = True

    def __init__(self, index: int) -> None:
        pass

    def __enter__(self) -> Ended:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self, seconds: float) -> bool:
        return self.comes


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A Linux computer with an adapter, which hears one access point."""

    def play(*, off: str = "", comes: bool = True, manager: bool = False) -> None:
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(adapters, "wireless", lambda preferred: "wlan0")
        monkeypatch.setattr(adapters, "switched_off", lambda name: off)
        monkeypatch.setattr(adapters, "index_of", lambda name: 3)
        monkeypatch.setattr(nl80211, "ScanEnd", type("End", (Ended,), {"comes": comes}))
        monkeypatch.setattr(nl80211, "known", lambda index: (HOME,))
        monkeypatch.setattr(
            wifi_scan, "_printed", lambda command, seconds: b"" if manager else None
        )

    return play


def refusing(number: int) -> OrderScan:
    def order(index: int, asked: ScanOrder, /) -> None:
        raise OSError(number, "refused")

    return order


@pytest.mark.parametrize(
    ("order", "play", "is_fresh", "reason", "says"),
    [
        (lambda index, order: None, {}, True, "", ""),
        (lambda index, order: None, {"comes": False}, False, "cached", "did not end"),
        (refusing(errno.EPERM), {}, False, "cached", "sudo"),
        (refusing(errno.EPERM), {"manager": True}, True, "", ""),
        (refusing(errno.EBUSY), {}, True, "", ""),
        (refusing(errno.EOPNOTSUPP), {}, False, "cached", "takes no order"),
    ],
)
def test_how_a_scan_ends(
    kernel: Callable[..., None],
    order: OrderScan,
    play: Mapping[str, bool],
    is_fresh: bool,
    reason: str,
    says: str,
) -> None:
    kernel(**play)

    scan = wifi_scan.scan(["wlan0"], b"Home", order)

    assert (scan.is_fresh, scan.reason, scan.found) == (is_fresh, reason, (HOME,))
    assert says in scan.says


def test_the_name_is_asked_for_on_2_4_ghz_first_and_then_on_every_band(
    kernel: Callable[..., None],
) -> None:
    kernel()
    asked: list[tuple[int, bytes, bool]] = []

    def order(index: int, one: ScanOrder, /) -> None:
        asked.append((index, one.name, one.only_2ghz))

    scans = wifi_scan.RememberedScans(order)
    found = [scans.scan([], b"Hidden", again=again).scans for again in (False, False, True)]

    assert asked == [(3, b"Hidden", True), (3, b"Hidden", False)]
    assert found == [1, 1, 2]


@pytest.mark.parametrize(
    ("changed", "listened"),
    [
        ({"is_beacon_heard": False}, [(2437,)]),
        ({}, []),
        ({"is_beacon_heard": False, "description": HOME.description._replace(ssid=b"X")}, []),
        (
            {
                "is_beacon_heard": False,
                "description": HOME.description._replace(frequency_mhz=5180),
            },
            [],
        ),
    ],
)
def test_the_channel_of_a_network_that_only_answered_is_listened_to(
    kernel: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    changed: Mapping[str, object],
    listened: list[tuple[int, ...]],
) -> None:
    kernel()
    asked: list[ScanOrder] = []
    one = msgspec.structs.replace(HOME, **changed)
    monkeypatch.setattr(nl80211, "known", lambda index: (one,) if len(asked) == 1 else (HOME,))

    def order(index: int, order: ScanOrder, /) -> None:
        asked.append(order)

    scan = wifi_scan.scan([], HOME.description.ssid, order)

    assert [order.listen_mhz for order in asked[1:]] == listened
    assert scan.scans == 1, "to listen is no scan that sends"
    assert scan.found == ((HOME,) if listened else (one,))


def test_a_refusal_to_listen_changes_nothing(
    kernel: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel(manager=True)
    one = msgspec.structs.replace(HOME, is_beacon_heard=False)
    monkeypatch.setattr(nl80211, "known", lambda index: (one,))

    scan = wifi_scan.scan([], HOME.description.ssid, refusing(errno.EPERM))

    assert (scan.is_fresh, scan.found) == (True, (one,))


def test_an_adapter_that_is_off_is_not_asked(kernel: Callable[..., None]) -> None:
    kernel(off="wlan0 is off")

    scan = wifi_scan.scan([], b"", refusing(errno.EINVAL))

    assert (scan.reason, scan.says, scan.found) == ("switched_off", "wlan0 is off", ())


def test_no_adapter(kernel: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    kernel()
    monkeypatch.setattr(adapters, "wireless", lambda preferred: "")

    scan = wifi_scan.scan([], b"")

    assert scan.reason == "absent"
    assert "phone" in scan.says


def test_a_kernel_without_wifi(
    kernel: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel()

    def none(index: int) -> Iterable[Any]:
        raise OSError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(nl80211, "ScanEnd", none)

    assert wifi_scan.scan([], b"").reason == "needs"


@pytest.mark.parametrize("error", [ImportError("lswifi"), Exception("wlan_open_handle failed: 5")])
@pytest.mark.parametrize(
    ("platform", "printed", "names"),
    [
        (
            "darwin",
            b'{"SPAirPortDataType": [{"spairport_airport_interfaces": [{"_name": "en0",'
            b'"spairport_status_information": "spairport_status_connected",'
            b'"spairport_current_network_information": {"_name": "Home",'
            b'"spairport_network_channel": "6 (2GHz, 20MHz)"}}]}]}',
            [b"Home"],
        ),
        ("darwin", None, []),
        ("win32", None, []),
    ],
)
def test_other_systems_fall_back_to_their_tools(
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    platform: str,
    printed: bytes | None,
    names: list[bytes],
) -> None:
    def broken(preferred: Iterable[str]) -> None:
        raise error

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(by_lswifi, "scan", broken)
    monkeypatch.setattr(wifi_scan, "_printed", lambda *args, **more: printed)

    scan = wifi_scan.scan(["en0"], b"")

    assert [one.description.ssid for one in scan.found] == names
    assert (scan.reason == "needs") == (printed is None)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (WifiScan(reason="denied", says="allow the location"), "denied"),
        (WifiScan(found=(HOME,)), ""),
        (WifiScan(), ""),
    ],
)
def test_an_empty_list_is_looked_at_with_the_systems_tool(
    monkeypatch: pytest.MonkeyPatch, told: WifiScan, reason: str
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(by_lswifi, "scan", lambda wanted: WifiScan(is_fresh=True, scans=1))
    monkeypatch.setattr(wifi_scan, "_by_tool", lambda wanted, why: told)

    scan = wifi_scan.scan([], b"")

    assert (scan.reason, scan.found) == (reason, told.found)
    assert scan.is_fresh == (not told.found and not reason)
