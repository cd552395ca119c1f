"""Which interface is recorded on, and what passes there: the system's files and addresses are
stand-ins.
"""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from netcheck.host import interfaces as host_interfaces
from netcheck.host import vantage
from netcheck.probing import Vantage
from netcheck.recording import interfaces, recorder, sniffer
from netcheck.recording.interfaces import CannotRecord, choose, hotspot, look


class System:
    """Interfaces, as /sys/class/net and the routing table show them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.vantages: dict[str, Vantage] = {}
        self.default = ""

    def add(
        self,
        name: str,
        *,
        address: str | None = None,
        gateway: str | None = None,
        flags: int = 0x1003,
        **files: str,
    ) -> None:
        folder = self.root / name
        folder.mkdir()
        for file, content in {"flags": hex(flags), "type": "1", **files}.items():
            (folder / file).write_text(f"{content}\n")
        self.vantages[name] = Vantage(
            interface=name, mac="00:11:22:33:44:55", address=address, gateway=gateway
        )

    def look(self, interface: str = "") -> Vantage:
        return self.vantages.get(interface or self.default, Vantage(interface=""))


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    system = System(tmp_path)
    monkeypatch.setattr(host_interfaces, "names", lambda: tuple(system.vantages))
    monkeypatch.setattr(vantage, "look", system.look)
    monkeypatch.setattr(sys, "platform", "linux")
    return system


def test_an_ordinary_client_hears_only_broadcasts(system: System) -> None:
    system.add("wlan0", address="192.168.1.20", gateway="192.168.1.1", phy80211="")
    system.add("eth0", address="192.168.1.21", gateway="192.168.1.1")
    assert look("wlan0", system.root).hears_only_broadcasts
    assert look("eth0", system.root).hears_only_broadcasts


@pytest.mark.parametrize(
    "details",
    [
        {"address": "10.42.0.1", "phy80211": ""},
        {"phy80211": "", "brport": ""},
        {"phy80211": "", "type": "803"},
        {"address": "192.168.1.1"},
        {},
    ],
    ids=["hotspot", "access point in a bridge", "monitor", "router's LAN", "mirror port"],
)
def test_elsewhere_more_is_heard(system: System, details: dict[str, Any]) -> None:
    system.add("x0", **details)
    assert not look("x0", system.root).hears_only_broadcasts


def test_without_a_name_it_is_the_interface_of_this_computer_s_network(system: System) -> None:
    system.add("lo")
    system.add("eth0", address="192.168.1.21", gateway="192.168.1.1")
    system.default = "eth0"
    assert choose("", system.root).name == "eth0"
    assert choose("lo", system.root).name == "lo"


def test_an_unknown_interface_is_refused_with_those_there_are(system: System) -> None:
    system.add("eth0")
    with pytest.raises(
        CannotRecord, match=r"There is no such network interface; there are: eth0\."
    ):
        choose("wlan9", system.root)
    with pytest.raises(
        CannotRecord,
        match=r"stands in no network; join the device's, or name an interface \(there are: eth0\)",
    ):
        choose("", system.root)


def test_one_that_is_switched_off_is_refused(system: System) -> None:
    system.add("eth0", flags=0x1002)
    with pytest.raises(CannotRecord, match="switched off: switch it on first"):
        choose("eth0", system.root)


@pytest.mark.parametrize(
    ("platform", "command"),
    [("darwin", "sudo tcpdump -i en7 "), ("win32", 'dumpcap.exe" -P -a duration:300 -i "en7" ')],
)
def test_on_other_systems_it_gives_the_command_to_type(
    system: System, monkeypatch: pytest.MonkeyPatch, platform: str, command: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for chosen in (choose, hotspot):
        with pytest.raises(CannotRecord) as refused:
            chosen("en7")
        assert command in str(refused.value)
        assert "port 5683" in str(refused.value)
        assert "netcheck pcap photon.pcap" in str(refused.value)


def test_a_hotspot_is_a_wireless_interface_that_serves_and_is_on(system: System) -> None:
    assert hotspot(root=system.root) is None
    system.add("eth0", address="192.168.9.1")
    system.add("wlan0", address="192.168.1.20", gateway="192.168.1.1", phy80211="")
    system.add("wlan1", address="10.42.0.1", phy80211="", flags=0x1002)
    assert hotspot(root=system.root) is None
    system.add("wlan2", address="10.42.1.1", phy80211="")
    found = hotspot(root=system.root)
    assert found is not None and found.name == "wlan2"
    assert hotspot("wlan0", system.root) is None


def test_it_waits_for_the_hotspot_and_not_for_ever(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = [0.0]

    class Time:
        @staticmethod
        def monotonic() -> float:
            return waited[0]

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited[0] += timeout or 0
            if waited[0] == 40:
                system.add("wlan0", address="10.42.0.1", phy80211="")
            return self.is_set()

    monkeypatch.setattr(recorder, "time", Time)
    monkeypatch.setattr(recorder, "check_rights", lambda: None)
    monkeypatch.setattr(interfaces, "hotspot", lambda interface: hotspot(interface, system.root))
    said: list[str] = []
    assert recorder.await_hotspot("", said.append, Stop()).name == "wlan0"
    assert waited == [40]
    with pytest.raises(CannotRecord, match="No hotspot was opened"):
        recorder.await_hotspot("wlan7", said.append, Stop())
    ended = Stop()
    ended.set()
    with pytest.raises(CannotRecord, match="Ended before a hotspot was opened"):
        recorder.await_hotspot("wlan7", said.append, ended)


def test_without_rights_it_says_how_to_get_them_and_what_to_do_instead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(socket, "socket", refuse)
    for attempt in (sniffer.check_rights, lambda: sniffer.Sniffer("eth0", 5683)):
        with pytest.raises(
            CannotRecord,
            match=(
                r"CAP_NET_RAW: run `sudo netcheck record`.*setcap.*-m netcheck record`.*--guide"
                r" router"
            ),
        ):
            attempt()


def test_a_system_without_packet_sockets_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lack(*_: object) -> None:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", lack)
    for attempt in (sniffer.check_rights, lambda: sniffer.Sniffer("eth0", 5683)):
        with pytest.raises(CannotRecord, match="not supported"):
            attempt()
