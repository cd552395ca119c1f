"""The options of the command line, in the form the rest of the program takes.

Every option can also be given as NETCHECK_<OPTION>. Where it may be repeated, the variable holds
one text, or several names with commas or spaces between, or several files as in PATH.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from netcheck.app.values import (
    FreeText,
    Number,
    Word,
    answers,
    cloud_server,
    device_name,
    file_to_write,
    light,
    mac_address,
    public_key,
    report_files,
    short_name,
    site_name,
    wifi_passphrase,
)
from netcheck.device.softap.reading import WantedNetworks
from netcheck.model import Struct, Target
from netcheck.text.redact import Redaction
from netcheck.user.answers import UserAnswer
from netcheck.wifi.ccmp import Passphrase

Command = TypeVar("Command", bound=Callable[..., Any])


class SharedOptions(Struct, frozen=True, kw_only=True):
    """The options that all judging commands share. `serial` empty: as the command does it.

    `redact` None: nothing on screen, level it in reports.
    """

    device: str = ""
    pcap: tuple[str, ...] = ()
    wifi_passphrase: Passphrase | None = None
    case: tuple[str, ...] = ()
    serial: str = ""
    log: tuple[str, ...] = ()
    led: tuple[str, ...] = ()
    tell: tuple[UserAnswer, ...] = ()
    cloud: tuple[str, int]
    cloud_key: bytes | None = None
    site: str = ""
    report: tuple[str, ...] = ()
    save: str = ""
    json: bool = False
    redact: Redaction | None = None
    redact_key: str = ""
    quiet: bool = False
    verbose: bool = False

    def target(self, interface: str = "") -> Target:
        """Whose connection to explain, and what it should reach."""
        host, port = self.cloud
        return Target(
            device=self.device,
            cloud_host=host,
            cloud_port=port,
            cloud_key=self.cloud_key,
            interface=interface,
            site=self.site,
            ssid=self._told("ssid"),
            firmware=self._told("firmware"),
        )

    def _told(self, key: str) -> str:
        """What the user answered last to that question; empty where it was not answered."""
        return next((one.typed for one in reversed(self.tell) if one.question.key == key), "")


def shared_options(values: Mapping[str, Any]) -> SharedOptions:
    """The shared options from what click found; other values are left alone."""
    given = {name: values[name] for name in SharedOptions.__struct_fields__}
    return SharedOptions(
        **given | {"redact": Redaction(given["redact"]) if given["redact"] else None}
    )


def wanted_networks(options: SharedOptions, target: Target) -> WantedNetworks:
    """The networks that the device should join, as the user names them."""
    told_names = [answer.typed for answer in options.tell if answer.question.key == "ssid"]
    is_hidden = any(
        answer.question.key == "ssid_hidden" and ("value", "yes") in answer.data
        for answer in options.tell
    )
    names = dict.fromkeys(name for name in (target.ssid, *told_names) if name)
    return WantedNetworks(names=tuple(names), has_hidden=is_hidden)


def option(*names: str, **details: Any) -> Callable[[Command], Command]:
    """A click option that NETCHECK_<OPTION> sets as well. `names`: `--long`, before it perhaps a
    short one, after it perhaps what the command's function calls it.
    """
    long = next(name for name in names if name.startswith("--"))
    return click.option(
        *names, envvar="NETCHECK_" + long.strip("-").replace("-", "_").upper(), **details
    )


_INPUT = click.Path(allow_dash=True)
AS_JSON = option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON document on standard output, nothing else.",
)
INTERFACE = option(
    "--interface", default="", metavar="NAME", help="Check from this network interface."
)
BUDGET = option(
    "--budget",
    type=Number(1, 3600),
    default=25.0,
    show_default=True,
    metavar="SECONDS",
    help="Time limit for all probes.",
)
PLAN = option("--plan", is_flag=True, help="List what would be sent, and send nothing.")
_CLOUD = option(
    "--cloud",
    default=f"{Target().cloud_host}:{Target().cloud_port}",
    show_default=True,
    callback=cloud_server,
    metavar="HOST[:PORT]",
    help="The cloud to reach.",
)
_REPORT = option(
    "--report",
    type=click.Path(),
    multiple=True,
    callback=report_files,
    metavar="FILE",
    help=(
        "Write a report, by suffix: .html or .pdf (a page), .md, .txt (a ticket), .csv (rules),"
        " .pcapng (the packets), .json; repeatable."
    ),
)
_REDACT = option(
    "--redact",
    type=Word([level.value for level in Redaction]),
    help="Hide names; default: none on screen, it in reports.",
)
_REDACT_KEY = option(
    "--redact-key",
    default="",
    metavar="FILE",
    help="Key of the pseudonyms; default: your own, made on first use.",
)
_SHARED = (
    option(
        "--device",
        default="",
        callback=device_name,
        metavar="MAC|ID|IP",
        help="Whose connection to explain; default: each Photon found.",
    ),
    option(
        "--pcap",
        type=_INPUT,
        multiple=True,
        metavar="FILE",
        help="Attach a capture: pcap, pcapng, .gz, .zst; repeatable.",
    ),
    option(
        "--wifi-passphrase-file",
        "wifi_passphrase",
        default="",
        callback=wifi_passphrase,
        metavar="FILE",
        help="Decrypt captured Wi-Fi frames (monitor mode); - asks for the pass phrase.",
    ),
    option(
        "--case",
        type=_INPUT,
        multiple=True,
        metavar="FILE",
        help="Attach saved observations; repeatable.",
    ),
    option(
        "--serial",
        default="",
        callback=short_name,
        metavar="PORT|auto|none",
        help=(
            "The device's USB port; default: auto for `netcheck` and `netcheck device`, else none."
        ),
    ),
    option(
        "--log",
        type=_INPUT,
        multiple=True,
        metavar="FILE",
        help="Attach a saved serial log of the device; repeatable.",
    ),
    option(
        "--led",
        type=FreeText(),
        multiple=True,
        callback=light,
        metavar="TEXT",
        help='The light in your words, in order: "blinking green, fast cyan, 1 red".',
    ),
    option(
        "--tell",
        type=FreeText(),
        multiple=True,
        callback=answers,
        metavar="KEY=VALUE",
        help="What you know; a wrong key lists all. Repeatable.",
    ),
    _CLOUD,
    option(
        "--cloud-key",
        default="",
        callback=public_key,
        metavar="FILE",
        help="Public key (PEM or DER) of a private cloud.",
    ),
    option("--site", default="", callback=site_name, metavar="NAME", help="Name of this network."),
    _REPORT,
    option("--save", default="", metavar="FILE.jsonl", help="Keep all observations."),
    option("--json", is_flag=True, help="One JSON document on standard output, nothing else."),
    _REDACT,
    _REDACT_KEY,
    option("-q", "--quiet", is_flag=True, help="One line."),
    option("-v", "--verbose", is_flag=True, help="All evidence."),
)


def shared(command: Command) -> Command:
    """Give a command the options that all judging commands share, in the order of the list."""
    for add in reversed(_SHARED):
        command = add(command)
    return command


_COMPARING = (
    option(
        "--device",
        default="",
        callback=device_name,
        metavar="MAC|ID|IP",
        help="Whose connection to compare; default: the Photon that is in all of them.",
    ),
    _CLOUD,
    _REPORT,
    AS_JSON,
    _REDACT,
    _REDACT_KEY,
)


def comparing(command: Command) -> Command:
    """Give a command the options of a comparison, in the order of the list."""
    for add in reversed(_COMPARING):
        command = add(command)
    return command


def comparing_options(values: Mapping[str, Any]) -> SharedOptions:
    """The options of a comparison, as click found them."""
    level = Redaction(values["redact"]) if values["redact"] else None
    known = ("device", "cloud", "report", "redact_key")
    given = {name: values[name] for name in known}
    return SharedOptions(**given, json=values["as_json"], redact=level)


_RECORDING = (
    option(
        "--device",
        default="",
        callback=mac_address,
        metavar="MAC",
        help="Of other devices keep only what this one's connection depends on.",
    ),
    option(
        "--write",
        default="",
        callback=file_to_write,
        metavar="FILE",
        help="File to write; default: netcheck-DATE-TIME.pcapng here.",
    ),
    option(
        "--for",
        "seconds",
        type=Number(1, 7 * 86_400),
        default=None,
        metavar="SECONDS",
        help="Stop after this time; default: 300, on a hotspot 900.",
    ),
    option(
        "--most",
        type=Number(0.01, 4000),
        default=20.0,
        show_default=True,
        metavar="MB",
        help="Stop at this size.",
    ),
    option(
        "--whole",
        is_flag=True,
        help="Record the whole time, even if the question is settled before.",
    ),
    _CLOUD,
    option(
        "--hotspot",
        is_flag=True,
        help="Have the Photon join this computer: says how, waits for the hotspot, records there.",
    ),
    option(
        "--guide",
        type=Word(["router", "access-point", "hotspot"]),
        help="Show how to record at such a place; record nothing.",
    ),
    AS_JSON,
)


def recording(command: Command) -> Command:
    """Give a command the options of a recording, in the order of the list."""
    for add in reversed(_RECORDING):
        command = add(command)
    return command
