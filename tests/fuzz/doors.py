"""Hands an input of each kind to what reads it, and gives all that is printed and written then."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from netcheck import casefile
from netcheck.app import commands
from netcheck.capture.files.relevant import exact
from netcheck.device import log, softap
from netcheck.device.softap.dialogue import MOST_QUESTIONS, SoftApReply
from netcheck.device.softap.framing import COMMANDS
from netcheck.device.softap.reading import SoftApHost
from netcheck.device.softap.route import LocalNetworks
from netcheck.device.usb import reading as usb_reading
from netcheck.device.usb.reading import UsbHost
from netcheck.device.usb.serial_port import COMMANDS as LETTERS
from netcheck.host.interfaces import InterfaceAddress
from netcheck.live.net.raw import arp
from netcheck.live.net.raw.connection_frames import segments
from netcheck.live.net.raw.dhcp import offer_in
from netcheck.live.net.raw.overheard import heard_neighbour
from netcheck.model import Target
from netcheck.recording.trim import Trim
from netcheck.report.json import load
from netcheck.wire.decode import decode
from tests.fuzz.inputs import BETWEEN
from tests.helpers.capture_files import frames_of
from tests.helpers.secret_doors import caught
from tests.helpers.usb_desk import AT, PHOTON

WIFI = InterfaceAddress(name="wlan0", address="192.168.0.7", netmask="255.255.255.0", is_wifi=True)
CODES = (0, 1, 2, 3)
DEVICE, ROUTER, CLOUD = "6c:0b:84:00:00:01", "192.168.1.1", "192.52.193.10"
ALL, DOCUMENT = "--verbose", "--json"


class Broken(Exception):
    """A promise that does not hold; the text says which."""


def ran(folder: Path, *arguments: str) -> str:
    """What a run prints, saves and reports, with nothing hidden. Raises Broken where it ends as
    with our own bug, or what it wrote cannot be read again as it is.
    """
    saved, report = folder / "saved.jsonl", folder / "report.json"
    for file in (saved, report):
        file.unlink(missing_ok=True)
    code: object = 0
    wanted = ["--save", str(saved), "--report", str(report), "--redact", "none"]
    with caught() as printed:
        try:
            commands.main([*arguments, *wanted])
        except SystemExit as end:
            code = end.code
    shown = printed.getvalue().decode("utf-8", "replace")
    if code not in CODES:
        raise Broken(f"exit code {code}: {shown[-1500:]}")
    if saved.exists():
        _check(casefile.read(str(saved)), json.loads(report.read_bytes()))
        load(report.read_bytes())
    written = (file.read_text(encoding="utf-8") for file in (saved, report) if file.exists())
    return "\n".join([shown, *written])


def _check(kept: casefile.Saved, document: dict[str, Any]) -> None:
    """Raises Broken where something of the answer was not saved, or is not read again."""
    if kept.problems:
        raise Broken(f"saved, and not to be read again: {kept.problems}")
    seen = [json.loads(json.dumps(one)) for one in document["observations"]]
    again = [json.loads(line) for line in list(casefile.lines(kept.observations))[1:]]
    lost = [one for one in seen if one not in again]
    if lost:
        raise Broken(f"seen, and not saved: {lost[0]}")


def _of_file(name: str, *arguments: str) -> Callable[[bytes, Path, str], str]:
    def read(content: bytes, folder: Path, form: str) -> str:
        file = folder / name
        file.write_bytes(content)
        return ran(folder, *arguments, str(file), form)

    return read


def by_frame(content: bytes, folder: Path, form: str) -> str:
    """Through everything that reads one frame, on disk and live, and through a recording."""
    file = folder / "frame.pcap"
    file.write_bytes(content)
    [(_, frame)] = frames_of(file)
    link = int.from_bytes(content[20:24], "little")
    exact(link, frame)
    decode(link, frame)
    trim = Trim(Target().cloud_host, Target().cloud_port)
    if (kept := trim.kept(link, frame)) is not None:
        decode(link, kept)
        if not exact(link, kept) and decode(link, kept) is not None:
            raise Broken("a recording keeps what is not read")
    arp.arp_in(frame)
    arp.reply_to(frame, DEVICE, ROUTER)
    offer_in(frame, {7: DEVICE}, 0.1)
    heard_neighbour(frame, 5.0)
    list(segments([frame], CLOUD, 5683, 40000))
    return ""


class Answers:
    """An access point that gives each question its answer."""

    def __init__(self, parts: list[bytes]) -> None:
        self._by_command = dict(
            zip(("version", "device-id", "scan-ap", "public-key"), parts, strict=False)
        )
        self.questions = 0

    def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
        self.questions += 1
        if command not in COMMANDS or self.questions > MOST_QUESTIONS:
            raise Broken(f"asked {command}, {self.questions} questions")
        payload = self._by_command.get(command, b"")
        for end in range(0, min(len(payload), 4000), 200):
            is_whole(payload[:end])
        return SoftApReply(payload=payload, ended="whole" if is_whole(payload) else "closed")


def by_softap(content: bytes, folder: Path, form: str) -> str:
    """Answers over the device's own access point."""
    host = SoftApHost(
        local_networks=lambda: LocalNetworks(links=(WIFI,), route="wlan0"),
        transport=lambda _: Answers(content.split(BETWEEN)),
        pause=lambda _: None,
        now=lambda: AT,
    )
    with patch.object(softap, "this_computer", lambda: host):
        return ran(folder, "device", "--softap", "--tell", "ssid=HomeNet", form)


class Talker:
    """A port at which something speaks by itself, and answers each letter; a clock of its own."""

    def __init__(self, parts: list[bytes]) -> None:
        self.time, self.sent = 0.0, b""
        self._waiting = parts[0]
        self._answers = dict(zip(b"vimscd", parts[1:], strict=False))

    def read(self, wait_s: float) -> bytes:
        part, self._waiting = self._waiting[:4096], self._waiting[4096:]
        self.time += 0.001 if part else wait_s
        return part

    def write(self, command: bytes) -> None:
        self.sent += command
        if not set(command) <= set(LETTERS) or len(self.sent) > len(LETTERS):
            raise Broken(f"sent {self.sent!r}")
        self._waiting += self._answers.get(command[0], b"")

    def close(self) -> None:
        pass


def by_serial(content: bytes, folder: Path, form: str) -> str:
    """What a device says over USB, and as the log that it is followed by."""
    talker = Talker(content.split(BETWEEN))
    host = UsbHost(
        plugged=lambda: (PHOTON,),
        open=lambda _: talker,
        clock=lambda: talker.time,
        now=lambda: AT,
    )
    with ExitStack() as stack:
        stack.enter_context(patch.object(usb_reading, "this_computer", lambda: host))
        shown = ran(folder, "device", form)
    if talker.time > 120:
        raise Broken(f"listened for {talker.time:.0f} s")
    lines = content.decode("utf-8", "replace").splitlines()
    with suppress(log.LogError):
        list(log.follow(((AT + number, line) for number, line in enumerate(lines)), Target()))
    return shown


DOORS: Mapping[str, Callable[[bytes, Path, str], str]] = {
    "captures": _of_file("a.pcap", "pcap"),
    "frames": by_frame,
    "cases": _of_file("a.jsonl", "case"),
    "logs": _of_file("a.log", "case", "--log"),
    "softap": by_softap,
    "serial": by_serial,
}
"""Kind of input → what is shown and written of it; `form` is ALL or DOCUMENT."""
