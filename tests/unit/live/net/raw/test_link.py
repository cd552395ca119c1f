"""Links for raw frames: what opens one on which system, and what is said where nothing does."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import nullcontext
from typing import Any

import msgspec
import pytest

from netcheck.live.net.raw import link as raw
from netcheck.live.net.raw.link import EthernetLink
from netcheck.live.net.system import SystemNet
from netcheck.live.send_limits import LimitReached, MeteredNet
from netcheck.probing import NEW_CLIENT, CannotRun, Kind, Need, Reply, Traffic, Vantage
from netcheck.probing.testing import FakeNet
from netcheck.wire import bpf, links

CLIENT = "02:00:00:00:00:77"
HERE = Vantage(interface="lo0", mac="02:00:00:00:00:05", address="192.168.1.5")
OURS, OTHER = bytes.fromhex("020000000005"), bytes.fromhex("020000000009")


class PcapSocket:
    """What scapy has on macOS and Windows: it remembers how it was opened, and hands over these
    frames.
    """

    def __init__(self, frames: list[bytes] | None = None, fails: Exception | None = None) -> None:
        self.frames, self.fails = frames or [], fails
        self.opened: dict[str, Any] = {}
        self.sent: list[bytes] = []
        self.is_closed = False
        self.ins = None

    def __call__(self, **options: Any) -> PcapSocket:
        if self.fails is not None:
            raise self.fails
        self.opened = options
        return self

    def send(self, frame: bytes) -> int:
        self.sent.append(frame)
        return len(frame)

    def recv_raw(self, most_bytes: int) -> tuple[None, bytes | None, None]:
        return None, self.frames.pop(0)[:most_bytes], None

    def select(self, sockets: list[Any], seconds: float) -> list[Any]:
        if not self.frames:
            time.sleep(min(seconds, 0.01))
        return sockets if self.frames else []

    def close(self) -> None:
        self.is_closed = True


def test_without_rights_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(socket, "socket", forbid)
    monkeypatch.setattr(SystemNet, "vantage", lambda self: HERE)

    missing = SystemNet().lacks(Need.RAW_SOCKETS)

    assert (missing.ok, missing.reason) == (False, "needs")
    assert "sudo netcheck" in missing.text("says")
    assert "setcap cap_net_raw+ep" in missing.text("says")
    assert len(missing.text("says")) <= 500


def test_where_there_are_no_raw_frames_at_all_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def lack(*_: object) -> None:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(socket, "socket", lack)

    with pytest.raises(CannotRun, match="not supported"):
        raw.open_link(HERE, links.ARP)


@pytest.mark.parametrize(
    ("platform", "here", "word"),
    [
        ("darwin", Vantage(interface="utun0"), "--interface"),
        ("linux", Vantage(interface="tun0"), "--interface"),
        ("linux", msgspec.structs.replace(HERE, is_linked=False), "not connected"),
    ],
)
def test_what_else_can_be_missing(
    platform: str, here: Vantage, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    with pytest.raises(CannotRun, match=word):
        raw.open_link(here, links.ARP)


@pytest.mark.parametrize(
    ("platform", "device", "of_all"),
    [("darwin", "en0", False), ("win32", r"\Device\NPF_en0", True)],
)
def test_elsewhere_scapy_opens_the_system_s_own_way(
    platform: str, device: str, of_all: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = PcapSocket([b"\xff" * 6 + OURS + b"\x08\x06", b"\xff" * 6 + OTHER + b"\x08\x06"])
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(raw, "_scapy_socket", lambda: opened)
    here = msgspec.structs.replace(HERE, interface="en0")

    with raw.open_link(here, links.ARP, of_all=of_all) as link:
        link.send(b"frame")
        found = list(link.received(time.monotonic() + 2))

    assert opened.opened == {"iface": device, "promisc": of_all, "filter": "arp"}
    assert (opened.sent, opened.is_closed) == ([b"frame"], True)
    assert [frame[6:12] for frame in found] == [OTHER]


@pytest.mark.parametrize(
    ("ethertype", "only", "expression"),
    [
        (links.IPV4, bpf.udp_to(68), "udp dst port 68"),
        (links.IPV4, bpf.tcp_from("192.0.2.1", 5683), "src host 192.0.2.1 and tcp src port 5683"),
        (links.IPV4, None, "ip"),
        (raw.ANY, None, None),
    ],
)
def test_elsewhere_libpcap_is_given_an_expression(
    ethertype: int,
    only: bpf.FrameFilter | None,
    expression: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = PcapSocket()
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(raw, "_scapy_socket", lambda: opened)

    raw.open_link(HERE, ethertype, only=only)

    assert opened.opened["filter"] == expression


@pytest.mark.parametrize(
    ("platform", "word"), [("darwin", "sudo"), ("win32", "Npcap"), ("freebsd13", "administrator")]
)
@pytest.mark.parametrize("error", [OSError(13, "no"), RuntimeError("no pcap"), Exception("BPF")])
def test_elsewhere_what_is_missing_is_one_sentence(
    platform: str, word: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(raw, "_scapy_socket", lambda: PcapSocket(fails=error))

    with pytest.raises(CannotRun, match=word):
        raw.open_link(HERE, links.ARP)


def test_where_scapy_does_not_load_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setitem(sys.modules, "netcheck.wire.frames", None)
    monkeypatch.delattr("netcheck.wire.frames", raising=False)

    with pytest.raises(CannotRun, match="scapy does not load"):
        raw.open_link(HERE, links.ARP)


def test_a_frame_that_goes_out_is_no_answer() -> None:
    class Outgoing(PcapSocket):
        """On Linux scapy gives None for a frame that this computer sends."""

        def recv_raw(self, most_bytes: int) -> tuple[None, bytes | None, None]:
            frame = super().recv_raw(most_bytes)[1]
            return None, None if frame == b"out" else frame, None

    link = EthernetLink(Outgoing([b"out", bytes(60), b"out"]), "02:00:00:00:00:05")

    assert list(link.received(time.monotonic() + 2)) == [bytes(60)]


def test_frames_are_counted_by_kind_before_they_are_sent() -> None:
    allowed = (
        Traffic(kind=Kind.DHCP_DISCOVER, to="everybody", at_most=3),
        Traffic(kind=Kind.ARP_REQUEST, to="everybody", at_most=2),
    )
    metered = MeteredNet(FakeNet(), allowed, CLIENT)
    net = metered.net

    net.discover([CLIENT])
    net.who_has(["192.168.1.100"])

    assert metered.sent == {"arp_request": 2, "dhcp_discover": 3}
    for question in (lambda: net.discover([CLIENT]), lambda: net.who_has(["192.168.1.100"])):
        with pytest.raises(LimitReached):
            question()


@pytest.mark.parametrize(
    ("as_device", "is_asked"), [("", False), ("02:00:00:00:00:78", False), (CLIENT, True)]
)
def test_nobody_is_asked_in_the_place_of_another_machine_unless_the_user_names_it(
    as_device: str, is_asked: bool
) -> None:
    net = FakeNet()
    allowed = [Traffic(kind=kind, to="x", at_most=99) for kind in Kind]
    metered = MeteredNet(net, allowed, as_device).net

    metered.discover([NEW_CLIENT, net.vantage().mac or NEW_CLIENT])
    for question in (
        lambda: metered.discover([NEW_CLIENT, CLIENT]),
        lambda: metered.ask_as_client(CLIENT, "192.168.1.9", "192.168.1.1", []),
    ):
        with nullcontext() if is_asked else pytest.raises(LimitReached, match="--as-device"):
            question()


def test_the_fake_network_needs_rights_as_the_real_one_does() -> None:
    with pytest.raises(CannotRun):
        FakeNet(missing={Need.RAW_SOCKETS: Reply(ok=False, reason="needs")}).discover([CLIENT])
