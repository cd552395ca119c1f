"""The kernel's messages on access points, whole, cut and odd, and the end of a scan."""

from __future__ import annotations

import struct

import pytest

from netcheck.host import netlink
from netcheck.host.scan import nl80211
from netcheck.host.scan.nl80211 import ScanOrder
from tests.helpers.scans import kernel_message

LINE = "05 2437 ch6 psk ccmp b g n -57 joined name=Home"


def test_an_access_point_is_read_with_its_elements() -> None:
    found = nl80211.bss_in(kernel_message(LINE))

    assert found is not None
    assert (found.bssid, found.description.ssid) == ("02:00:00:00:01:05", b"Home")
    assert (found.band, found.channel, found.signal_dbm) == ("2.4", 6, -57)
    assert (found.is_joined, found.is_hidden, found.age_s) == (True, False, 1.5)
    assert found.description.obstacle() == ""


def test_a_name_told_only_when_asked_for_is_hidden() -> None:
    message = kernel_message(LINE, beacon="05 2437 ch6 psk ccmp b g n zeros")

    found = nl80211.bss_in(message)

    assert found is not None
    assert (found.description.ssid, found.is_hidden) == (b"Home", True)


def test_no_signal_is_none_and_not_zero() -> None:
    found = nl80211.bss_in(kernel_message(LINE, with_signal=False))

    assert found is not None
    assert found.signal_dbm is None


def test_a_busy_channel_is_read() -> None:
    found = nl80211.bss_in(kernel_message("05 2437 ch6 psk b g load=0.8"))

    assert found is not None
    assert found.utilization == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("cut", range(0, 240, 7))
def test_a_cut_message_is_no_crash(cut: int) -> None:
    found = nl80211.bss_in(kernel_message(LINE)[:cut])

    assert found is None or found.bssid == "02:00:00:00:01:05"


def family_answer(*groups: tuple[bytes, int]) -> bytes:
    nested = b"".join(
        netlink.attribute(
            place, netlink.attribute(1, name) + netlink.attribute(2, struct.pack("=I", number))
        )
        for place, (name, number) in enumerate(groups, 1)
    )
    told = netlink.attribute(2, b"nl80211\0") + netlink.attribute(1, struct.pack("=H", 28))
    return struct.pack("=BBH", 1, 2, 0) + told + netlink.attribute(7, nested)


def test_the_family_and_its_group_for_scans() -> None:
    answer = family_answer((b"config\0", 5), (b"scan\0", 6))

    assert nl80211.family_in(answer) == nl80211.Family(number=28, scans=6)
    assert nl80211.family_in(b"") is None


@pytest.mark.parametrize(
    ("command", "index", "ended"), [(34, 3, 34), (35, 3, 35), (33, 3, 0), (34, 4, 0)]
)
def test_the_end_of_a_scan(command: int, index: int, ended: int) -> None:
    payload = struct.pack("=BBH", command, 1, 0) + netlink.attribute(3, struct.pack("=I", index))

    assert nl80211.ending(payload, 3) == ended
    assert nl80211.ending(payload[:2], 3) == 0


def test_the_order_to_scan_names_the_network_and_the_channels() -> None:
    """The attributes of NL80211_CMD_TRIGGER_SCAN: 3 the interface, 45 the names, 44 in MHz."""
    order = nl80211.scan_order(3, ScanOrder(name=b"Home", only_2ghz=True))

    given = dict(netlink.attributes(order[4:]))
    assert order[0] == 33
    assert given[3] == struct.pack("=I", 3)
    assert [name for _, name in netlink.attributes(given[45])] == [b"", b"Home"]
    mhz = [struct.unpack("=I", one)[0] for _, one in netlink.attributes(given[44])]
    assert (mhz[0], mhz[-1], len(mhz)) == (2412, 2472, 13)


def test_without_a_name_every_network_is_asked_for_on_every_channel() -> None:
    given = dict(netlink.attributes(nl80211.scan_order(3, ScanOrder())[4:]))

    assert [name for _, name in netlink.attributes(given[45])] == [b""]
    assert 44 not in given


def test_an_order_to_listen_names_no_network_so_that_nothing_is_sent() -> None:
    order = nl80211.scan_order(3, ScanOrder(name=b"Home", listen_mhz=(2437,)))

    given = dict(netlink.attributes(order[4:]))
    assert 45 not in given
    assert [one for _, one in netlink.attributes(given[44])] == [struct.pack("=I", 2437)]
