"""Every way by which text comes into netcheck, and all that it then shows, writes and saves."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from unittest.mock import patch

from netcheck.app import commands
from netcheck.casefile import SCHEMA
from netcheck.device import log, softap
from netcheck.device.softap.dialogue import SoftApReply
from netcheck.device.softap.reading import SoftApHost
from netcheck.device.softap.route import LocalNetworks
from netcheck.device.usb import reading as usb_reading
from netcheck.host.interfaces import InterfaceAddress
from netcheck.live.net.http import data_of
from netcheck.model import Target
from netcheck.wire.http import read_response
from tests.doubles.serial_photon import Console
from tests.helpers.usb_desk import Desk
from tests.helpers.wire import Wire

WIFI = InterfaceAddress(name="wlan0", address="192.168.0.7", netmask="255.255.255.0", is_wifi=True)
SYSTEM_LINES = "0000001003 [system] INFO: ARM_WLAN_WD 1\n0000001503 [hal.wlan] INFO: Joining Lab\n"


@contextmanager
def caught() -> Iterator[io.BytesIO]:
    """All that the program prints, on both streams."""
    out, err, printed = sys.stdout, sys.stderr, io.BytesIO()
    stream = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
    sys.stdout = sys.stderr = stream
    try:
        yield printed
    finally:
        sys.stdout, sys.stderr = out, err
        stream.detach()  # else it closes `printed` when it goes


def ran(folder: Path, *arguments: str) -> str:
    """What a run prints with all evidence, and what it saves and reports with nothing hidden."""
    files = [folder / "saved.jsonl", folder / "report.json"]
    wanted = ["--verbose", "--save", str(files[0]), "--report", str(files[1]), "--redact", "none"]
    with caught() as printed, suppress(SystemExit):
        commands.main([*arguments, *wanted])
    return "\n".join(
        [
            printed.getvalue().decode("utf-8", "replace"),
            *(file.read_text(encoding="utf-8") for file in files if file.exists()),
        ]
    )


def by_log(text: str, folder: Path) -> str:
    """A saved log in which a program prints it."""
    file = folder / "device.log"
    file.write_text(f"{SYSTEM_LINES}{text}\n", encoding="utf-8", errors="surrogatepass", newline="")
    return ran(folder, "case", "--log", str(file))


def by_usb(text: str, folder: Path) -> str:
    """A device that prints it at its port: unasked, as its answer, and in the log it is followed
    by.
    """
    shown = []
    for console in (Console(state="logs", says=(text,)), Answering(state="silent", says=(text,))):
        desk = Desk(console=console)
        with patch.object(usb_reading, "this_computer", desk.host):
            shown.append(ran(folder, "device"))
    timed = ((1e9 + number, line) for number, line in enumerate(text.splitlines()))
    return "\n".join([*shown, *map(repr, log.follow(timed, Target()))])


class Answering(Console):
    """A program that prints the same to whatever it is sent."""

    def take(self, command: bytes) -> bytes:
        return self.says[0].encode("utf-8", "replace")


def by_tell(text: str, folder: Path) -> str:
    """An answer of the user, alone and beside a light."""
    both = ran(folder, "case", "--tell", text, "--led", "blinking green")
    return ran(folder, "case", "--tell", text) + both


def by_led(text: str, folder: Path) -> str:
    """What the user says of the light."""
    return ran(folder, "case", "--led", text) + ran(folder, "case", "--tell", f"led={text}")


def by_case(text: str, folder: Path) -> str:
    """A line of a case file, and each of its fields."""
    header = json.dumps({"schema": SCHEMA, "version": "1"})
    lines = [header, *text.splitlines(), *map(json.dumps, _fields(text))]
    file = folder / "given.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    whole = ran(folder, "case", str(file))
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    return whole + ran(folder, "case", str(file))


def _fields(text: str) -> Iterator[dict[str, object]]:
    """Observations with the text in one place each."""
    fact = {"stage": "power", "fact": "told.setup_error", "outcome": "ok", "at": 1.0}
    plain = {**fact, "subject": "nameless", "source": "user"}
    yield from ({**plain, name: text} for name in ("subject", "target", "source", "site", "ref"))
    yield from ({**plain, name: text} for name in ("reason", "fact", "stage", "outcome", "at"))
    names = ("text", "said", "value", "version", "unread", "ssid", "location", "own_field", "port")
    yield from ({**plain, "data": [[name, text]]} for name in names)
    yield {**plain, "data": [[text, 1]]}
    for fact_name, name in (
        ("device.mode", "said"),
        ("device.mode", "value"),
        ("probe.run", "error"),
        ("probe.run", "says"),
        ("internet.redirect", "location"),
        ("dhcp.options", "portal"),
        ("led.state", "unread"),
        ("acme.hub", "meaning"),
    ):
        yield {**plain, "fact": fact_name, "source": "device:serial", "data": [[name, text]]}


class OneAnswer:
    """Something at the access point's address that gives the same answer to every question."""

    def __init__(self, text: str, _: InterfaceAddress) -> None:
        self._text = text.encode("utf-8", "replace")

    def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
        return SoftApReply(payload=self._text, ended="whole" if is_whole(self._text) else "closed")


def by_softap(text: str, folder: Path) -> str:
    """An answer of the device's own access point, bare and as the body of an HTTP response."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text.encode('utf-8', 'replace'))}\r\n\r\n"
    shown = []
    for answer in (text, f"\n\n{text}", f"{head}{text}"):
        host = SoftApHost(
            local_networks=lambda: LocalNetworks(links=(WIFI,), route="wlan0"),
            transport=partial(OneAnswer, answer),
            pause=lambda _: None,
            now=lambda: 1_700_000_000.0,
        )
        with patch.object(softap, "this_computer", lambda host=host: host):
            shown.append(ran(folder, "device", "--softap", "--tell", "ssid=HomeWifi"))
    return "\n".join(shown)


def by_http(text: str, folder: Path) -> str:
    """A web page that a device asks for in a capture, and that a probe asks for: as request, as
    response, and as the address of a redirect.
    """
    wire = Wire().lease().gateway()
    body = text.encode("utf-8", "replace")[:1200]
    answers = (body, b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/" + body)
    for answer in answers:
        talk = wire.connection("93.184.216.34", 80).opened()
        is_request = body.startswith((b"GET", b"POST"))
        talk.up(body if is_request else b"GET / HTTP/1.1\r\nHost: a.example\r\n" + body)
        wire.wait(0.1)
        talk.down(answer + b"\r\n\r\n")
        wire.wait(1.0)
    responses = [read_response(answer + b"\r\n\r\n") for answer in answers]
    seen = [repr(data_of(response)) for response in responses if response is not None]
    return "\n".join([ran(folder, "pcap", wire.save(folder, "web.pcap")), *seen])


DOORS: Mapping[str, Callable[[str, Path], str]] = {
    "log": by_log,
    "json_log": by_log,
    "usb": by_usb,
    "tell": by_tell,
    "led": by_led,
    "case": by_case,
    "softap": by_softap,
    "http": by_http,
}
"""The door of a template → what is shown of a text that comes by it."""
