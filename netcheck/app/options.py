"""What the user may say on the command line, checked and in the form the rest of the program takes.

Every option can also be given as NETCHECK_<OPTION>. A value that makes no sense is refused by name,
with what would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from netcheck.device.softap.reading import Wanted
from netcheck.model import Struct, Target
from netcheck.text.escape import safe
from netcheck.text.redact import Redaction
from netcheck.user import answers as told
from netcheck.user import led
from netcheck.user.answers import Answer

Command = TypeVar("Command", bound=Callable[..., Any])

REPORT_SUFFIXES = (".json",)
LATER_SUFFIXES = (".html", ".pdf", ".md", ".csv")
KEY_LIMIT_BYTES = 64 * 1024
NAME_LIMIT = 200


class SharedOptions(Struct, frozen=True, kw_only=True):
    """The options that all judging commands share. `serial` empty: as the command does it.

    `redact` None: nothing on screen, level it in reports.
    """

    device: str = ""
    pcap: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    serial: str = ""
    log: tuple[str, ...] = ()
    led: tuple[str, ...] = ()
    tell: tuple[Answer, ...] = ()
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
        )


def shared_options(values: Mapping[str, Any]) -> SharedOptions:
    """The shared options from what click found; other values are left alone."""
    given = {name: values[name] for name in SharedOptions.__struct_fields__}
    return SharedOptions(
        **given | {"redact": Redaction(given["redact"]) if given["redact"] else None}
    )


def wanted_networks(options: SharedOptions, target: Target) -> Wanted:
    """The networks that the device should join, as the user names them."""
    told_names = [
        str(value)
        for answer in options.tell
        if answer.question.key == "ssid"
        for name, value in answer.data
        if name == "text"
    ]
    is_hidden = any(
        answer.question.key == "ssid_hidden" and ("value", "yes") in answer.data
        for answer in options.tell
    )
    return Wanted(
        names=tuple(name for name in (target.ssid, *told_names) if name), has_hidden=is_hidden
    )


def device_name(_: click.Context, __: click.Parameter, value: str) -> str:
    """A MAC address in any usual spelling, or a device id of 24 hex digits; comes back in lower
    case, a MAC with colons.
    """
    if not value or re.fullmatch(r"[0-9A-Fa-f]{24}", value):
        return value.lower()
    digits = re.sub(r"[:.-]", "", value).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise click.BadParameter(
            f"{safe(value, 60)} is neither a MAC address (e0:4f:43:12:34:56) nor a device id (24"
            " hex digits)."
        )
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def mac_address(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """A MAC address in any usual spelling; comes back in lower case with colons."""
    name = device_name(context, parameter, value)
    if name and ":" not in name:
        raise click.BadParameter(
            f"{safe(value, 60)} is a device id; a network knows a device by its MAC address"
            " (e0:4f:43:12:34:56)."
        )
    return name


def cloud_server(_: click.Context, __: click.Parameter, value: str) -> tuple[str, int]:
    """HOST or HOST:PORT as a pair, with the port of the maker's cloud if none is given."""
    parts = re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9._-]{0,252})(?::([0-9]{1,5}))?", value)
    port = int(parts[2]) if parts and parts[2] else Target().cloud_port
    if parts is None or not 0 < port < 65536:
        raise click.BadParameter(
            f"{safe(value, 60)} is no host with an optional port; give for instance"
            " cloud.example.org:5683."
        )
    return parts[1].lower(), port


def public_key(_: click.Context, __: click.Parameter, value: str) -> bytes | None:
    """The content of a PEM or DER file with the public key of a cloud."""
    if not value:
        return None
    # Here, because it takes longer to import than all the rest.
    from netcheck.capture.protocols.cloud_keys import KeyFileError, numbers

    try:
        with Path(value).open("rb") as stream:
            key = stream.read(KEY_LIMIT_BYTES)
        numbers(key)
    except OSError as error:
        raise click.BadParameter(
            f"{safe(value, 100)} cannot be read ({safe(error.strerror or '')})."
        ) from error
    except KeyFileError as error:
        raise click.BadParameter(f"{safe(value, 100)} is of no use: {error}") from error
    return key


def report_files(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Files whose suffix names a kind of report that this version writes."""
    for value in values:
        suffix = Path(value).suffix.lower()
        if suffix in LATER_SUFFIXES:
            raise click.BadParameter(
                f"reports of kind {suffix} are not in this version; use"
                f" {' or '.join(REPORT_SUFFIXES)}."
            )
        if suffix not in REPORT_SUFFIXES:
            raise click.BadParameter(
                f"{safe(value, 100)} must end in {' or '.join(REPORT_SUFFIXES)}: the suffix says"
                " what to write."
            )
    return values


def answers(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Answer, ...]:
    """What the user tells, each as KEY=VALUE."""
    try:
        return tuple(told.parse(value) for value in values)
    except told.ToldError as error:
        raise click.BadParameter(str(error)) from error


def light(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """What the user saw of the light, in words of which at least something is understood."""
    try:
        for value in values:
            led.read(value)
    except led.LedError as error:
        raise click.BadParameter(str(error)) from error
    return values


def short_name(_: click.Context, __: click.Parameter, value: str) -> str:
    """A name of a sane length."""
    if len(value) > NAME_LIMIT:
        raise click.BadParameter(f"longer than {NAME_LIMIT} characters; give a short name.")
    return value


def file_to_write(_: click.Context, __: click.Parameter, value: str) -> str:
    """A file name; a recording is looked at while it grows, so it cannot be a stream."""
    if value == "-":
        raise click.BadParameter("a recording cannot go to standard output; name a file.")
    return value


def option(name: str, parameter: str | None = None, **details: Any) -> Callable[[Command], Command]:
    """A click option that NETCHECK_<OPTION> sets as well; `parameter` is what the command's
    function calls it, where that differs.
    """
    return click.option(
        *(name, parameter) if parameter else (name,),
        envvar="NETCHECK_" + name.strip("-").replace("-", "_").upper(),
        **details,
    )


_INPUT = click.Path(allow_dash=True)
_CLOUD = option(
    "--cloud",
    default=f"{Target().cloud_host}:{Target().cloud_port}",
    show_default=True,
    callback=cloud_server,
    metavar="HOST[:PORT]",
    help="The cloud to reach.",
)
_SHARED = (
    option(
        "--device",
        default="",
        callback=device_name,
        metavar="MAC|ID",
        help="Whose connection; default: each Photon found.",
    ),
    option(
        "--pcap",
        type=_INPUT,
        multiple=True,
        metavar="FILE",
        help="Attach a capture: pcap, pcapng, .gz, .zst; repeatable.",
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
        multiple=True,
        callback=light,
        metavar="TEXT",
        help='The light in your words, in order: "blinking green, fast cyan, 1 red".',
    ),
    option(
        "--tell",
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
    option("--site", default="", callback=short_name, metavar="NAME", help="Name of this network."),
    option(
        "--report",
        type=click.Path(),
        multiple=True,
        callback=report_files,
        metavar="FILE",
        help="Write a report, by suffix: .json; repeatable.",
    ),
    option("--save", default="", metavar="FILE.jsonl", help="Keep all observations."),
    option("--json", is_flag=True, help="One JSON document on standard output, nothing else."),
    option(
        "--redact",
        type=click.Choice([level.value for level in Redaction]),
        help="Hide names; default: none on screen, it in reports.",
    ),
    option(
        "--redact-key",
        default="",
        metavar="FILE",
        help="Key of the pseudonyms; default: your own, made on first use.",
    ),
    option("--quiet", is_flag=True, help="One line."),
    option("--verbose", is_flag=True, help="Every observation."),
)


def shared(command: Command) -> Command:
    """Give a command the options that all judging commands share, in the order of the list."""
    for add in reversed(_SHARED):
        command = add(command)
    return command


_RECORDING = (
    option(
        "--device",
        default="",
        callback=mac_address,
        metavar="MAC",
        help="Of others keep only what this device's way depends on.",
    ),
    option(
        "--write",
        default="",
        callback=file_to_write,
        metavar="FILE",
        help="Name of the file; default: netcheck-DATE-TIME.pcapng here.",
    ),
    option(
        "--for",
        "seconds",
        type=click.FloatRange(1, 7 * 86_400),
        default=None,
        metavar="SECONDS",
        help="Stop after so long; default: 300, on a hotspot 900.",
    ),
    option(
        "--most",
        type=click.FloatRange(0.01, 4000),
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
        type=click.Choice(["router", "access-point", "hotspot"]),
        help="Show how to record there, and record nothing.",
    ),
    option(
        "--json",
        "as_json",
        is_flag=True,
        help="One JSON document on standard output, nothing else.",
    ),
)


def recording(command: Command) -> Command:
    """Give a command the options of a recording, in the order of the list."""
    for add in reversed(_RECORDING):
        command = add(command)
    return command
