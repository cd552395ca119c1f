"""What this computer's interfaces are; the system's files and addresses are stand-ins."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import netifaces
import pytest

from netcheck.host import interfaces
from netcheck.host.interfaces import InterfaceAddress


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder that stands in for /sys/class/net."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(interfaces, "LINUX", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("carrier", "expected"), [("1\n", True), ("0\n", False), (None, None)])
def test_whether_an_interface_is_connected_where_the_system_tells(
    carrier: str | None, expected: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interfaces, "LINUX", tmp_path)
    (tmp_path / "wlan0").mkdir()
    if carrier is not None:
        (tmp_path / "wlan0" / "carrier").write_text(carrier)

    assert interfaces.is_linked("wlan0") is expected


def test_an_interface_that_is_switched_off_is_not_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interfaces, "LINUX", tmp_path)
    (tmp_path / "wlan0" / "carrier").mkdir(parents=True)  # as the true one, it cannot be read

    assert interfaces.is_linked("wlan0") is False


@pytest.mark.parametrize(
    ("name", "mac", "expected"),
    [
        ("eth-none", "02:00:00:00:00:05", False),
        ("wg0", None, True),
        ("utun4", None, True),
        ("tap9", "02:00:00:00:00:05", True),
        ("en5", None, True),
    ],
)
def test_what_is_a_tunnel(name: str, mac: str | None, expected: bool) -> None:
    assert interfaces.is_tunnel(name, mac) is expected


@pytest.mark.parametrize("mark", ["phy80211", "wireless"])
def test_a_wifi_interface_has_the_mark_of_either_kernel_interface(system: Path, mark: str) -> None:
    (system / "wlan0" / mark).mkdir(parents=True)
    (system / "eth0").mkdir()

    assert interfaces.is_wireless("wlan0") is True
    assert interfaces.is_wireless("eth0") is False
    assert interfaces.is_wireless("") is False


def test_other_systems_do_not_tell_what_is_wifi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert interfaces.is_wireless("en0") is None


def test_a_port_of_a_bridge_is_one(system: Path) -> None:
    (system / "eth0" / "master").mkdir(parents=True)
    (system / "eth1").mkdir()

    assert interfaces.is_port("eth0")
    assert not interfaces.is_port("eth1")


@pytest.mark.parametrize(("flags", "is_up"), [("0x1003", True), ("0x1002", False), (None, True)])
def test_an_interface_is_up_unless_the_system_says_otherwise(
    system: Path, flags: str | None, is_up: bool
) -> None:
    (system / "eth0").mkdir()
    if flags is not None:
        (system / "eth0" / "flags").write_text(flags + "\n")

    assert interfaces.is_up("eth0") is is_up


def test_every_address_is_listed_once_and_loopback_left_out(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {
        "lo": [{"addr": "127.0.0.1", "netmask": "255.0.0.0"}],
        "eth0": [
            {"addr": "192.168.1.5", "netmask": "255.255.255.0"},
            {"addr": "10.0.0.5", "netmask": "255.0.0.0"},
        ],
        "wlan0": [],
        "gone0": None,
    }

    def asked(name: str) -> dict[int, list[dict[str, str]]]:
        rows = table[name]
        if rows is None:
            raise ValueError("You must specify a valid interface name.")
        return {socket.AF_INET: rows} if rows else {}

    (system / "wlan0" / "phy80211").mkdir(parents=True)
    monkeypatch.setattr(netifaces, "interfaces", lambda: list(table))
    monkeypatch.setattr(netifaces, "ifaddresses", asked)

    assert list(interfaces.ipv4_addresses()) == [
        InterfaceAddress(
            name="eth0", address="192.168.1.5", netmask="255.255.255.0", is_wifi=False
        ),
        InterfaceAddress(name="eth0", address="10.0.0.5", netmask="255.0.0.0", is_wifi=False),
        InterfaceAddress(name="wlan0", is_wifi=True),
    ]


class Sock:
    """A socket that notes what it is held to, and may refuse it."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.held: list[object] = []
        self._refuses = refuses

    def setsockopt(self, *option: object) -> None:
        if self._refuses:
            raise PermissionError
        self.held.append(option)

    def bind(self, place: tuple[str, int]) -> None:
        if self._refuses:
            raise OSError
        self.held.append(place)


@pytest.fixture(params=["linux", "darwin", "win32"])
def held_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """The option that holds a socket to eth0 on that system; None where none does."""
    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setattr(socket, "SO_BINDTODEVICE", 25, raising=False)
    monkeypatch.setattr(socket, "if_nametoindex", lambda name: 7)
    yield {
        "linux": (socket.SOL_SOCKET, 25, b"eth0"),
        "darwin": (socket.IPPROTO_IP, 25, 7),
        "win32": None,
    }[request.param]


def test_a_socket_is_held_by_the_interface_and_its_address(held_by: object) -> None:
    sock = Sock()

    interfaces.hold(cast(socket.socket, sock), "eth0", "192.168.1.5")

    assert sock.held == [*([held_by] if held_by else []), ("192.168.1.5", 0)]


def test_without_an_address_the_interface_alone_counts(held_by: object) -> None:
    sock = Sock()

    interfaces.hold(cast(socket.socket, sock), "eth0")

    assert sock.held == ([held_by] if held_by else [])


def test_without_the_right_the_routes_decide(held_by: object) -> None:
    interfaces.hold(cast(socket.socket, Sock(refuses=True)), "eth0", "192.168.1.5")
