"""What a single option may hold: each is checked, and refused with a sentence that names what would
be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.types import StringParamType

from netcheck.app.output import progress
from netcheck.model import Target
from netcheck.text.escape import safe
from netcheck.text.known import is_site_name
from netcheck.user import answers as user_answers
from netcheck.user import led
from netcheck.user.answers import UserAnswer
from netcheck.wifi.ccmp import Passphrase, PassphraseError
from netcheck.wire.addresses import is_unicast

EVIDENCE = ".pcapng"
REPORT_SUFFIXES = (".html", ".pdf", ".md", ".csv", ".txt", ".json", EVIDENCE)
_PLAIN_WORD = re.compile(r"[a-z](?:[a-z-]{0,11})", re.ASCII)
_LONGEST_GUESSED = 30
KEY_LIMIT_BYTES = 64 * 1024
NAME_LIMIT = 200
PASSPHRASE_LIMIT_BYTES = 200
ASKED = "-"
"""In place of a file: ask for it."""


class FreeText(StringParamType):
    """A text of the user. In an environment variable it is one text, whatever spaces it holds."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return [rv]


class Name(StringParamType):
    """A name without spaces. An environment variable may hold several, with commas or spaces
    between.
    """

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        return rv.replace(",", " ").split()


class Number(click.FloatRange):
    """A number in a range."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """As the range does it; a refusal does not repeat the value."""
        try:
            return float(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(f"it must be a number from {self.min:g} to {self.max:g}.", param, ctx)


if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice  # generic from click 8.2 on


class Word(_Choice):
    """One of some words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As the choice does it; a refusal does not repeat the value."""
        try:
            return str(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(f"it must be one of: {', '.join(self.choices)}.", param, ctx)


def unknown(word: str, known: Iterable[str], *, start: str = "") -> str:
    """What was typed, after a space, where it is short and plain enough to be no password, and what
    of the known words was meant: the middle of a sentence that says there is no such one. `start`:
    what both begin with.
    """
    name = word.removeprefix(start)
    shown = f" {word}" if _PLAIN_WORD.fullmatch(name) else ""
    meant = get_close_matches(
        name[:_LONGEST_GUESSED], [one.removeprefix(start) for one in known], 1
    )
    return f"{shown}; did you mean {start}{meant[0]}?" if meant else f"{shown};"


def site_name(_: click.Context, __: click.Parameter, value: str) -> str:
    """A name that a case file keeps."""
    if value and not is_site_name(value):
        raise click.BadParameter(
            "a network's name is up to six plain words or numbers of up to three digits, such as"
            " lobby or Floor 2."
        )
    return value


def device_name(_: click.Context, __: click.Parameter, value: str) -> str:
    """A MAC address in any usual spelling, a device id of 24 hex digits, or an IPv4 address; comes
    back in lower case, a MAC with colons.
    """
    if not value or re.fullmatch(r"[0-9A-Fa-f]{24}", value) or is_unicast(value):
        return value.lower()
    digits = re.sub(r"[:.-]", "", value).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise click.BadParameter(
            "that is neither a MAC address (e0:4f:43:12:34:56) nor a device id (24 hex digits) nor"
            " an IP address of one device (192.168.1.20)."
        )
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def mac_address(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """A MAC address in any usual spelling; comes back in lower case with colons."""
    name = device_name(context, parameter, value)
    if name and ":" not in name:
        raise click.BadParameter(
            f"that is {'an IP address' if '.' in name else 'a device id'}; a network knows a device"
            " by its MAC address (e0:4f:43:12:34:56)."
        )
    return name


def cloud_server(_: click.Context, __: click.Parameter, value: str) -> tuple[str, int]:
    """HOST or HOST:PORT as a pair, with the port of the maker's cloud if none is given."""
    parts = re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9._-]{0,252})(?::([0-9]{1,5}))?", value)
    port = int(parts[2]) if parts and parts[2] else Target().cloud_port
    if parts is None or not 0 < port < 65536:
        raise click.BadParameter(
            "that is no host with an optional port; give for instance cloud.example.org:5683."
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
            f"the file cannot be read ({safe(error.strerror or '')})."
        ) from error
    except KeyFileError as error:
        raise click.BadParameter(f"{safe(value, 100)} is of no use: {error}") from error
    return key


def wifi_passphrase(_: click.Context, __: click.Parameter, value: str) -> Passphrase | None:
    """The pass phrase in the first line of a file, or typed without echo. It is never shown."""
    if not value:
        return None
    try:
        if value == ASKED:
            secret = str(click.prompt("Wi-Fi pass phrase", hide_input=True, err=True)).encode()
        else:
            with Path(value).open("rb") as stream:
                secret = stream.readline(PASSPHRASE_LIMIT_BYTES).rstrip(b"\r\n")
        return Passphrase(secret)
    except OSError as error:
        raise click.BadParameter(
            f"the file cannot be read ({safe(error.strerror or '')})."
        ) from error
    except PassphraseError as error:
        raise click.BadParameter(f"{error}") from None


def report_files(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Files whose suffix names a kind of report that this version writes."""
    for value in values:
        suffix = Path(value).suffix.lower()
        if suffix not in REPORT_SUFFIXES:
            raise click.BadParameter(
                f"its name must end in {', '.join(REPORT_SUFFIXES)}: the suffix says what to write."
            )
        if suffix == ".pdf" and find_spec("weasyprint") is None:
            raise click.BadParameter(
                "a PDF needs the extra pdf: pip install 'photon-netcheck[pdf]'. A browser prints"
                " the .html as PDF, too."
            )
    return values


def answers(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> tuple[UserAnswer, ...]:
    """What the user tells, each as KEY=VALUE."""
    try:
        return tuple(user_answers.parse(value) for value in values)
    except user_answers.UserAnswerError as error:
        raise click.BadParameter(str(error)) from error


def light(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """What the user saw of the light, in words of which at least something is understood."""
    try:
        readings = [led.read(value) for value in values]
    except led.LedError as error:
        raise click.BadParameter(str(error)) from error
    unknown = [word for reading in readings for word in reading.unknown]
    if unknown and (say := progress()) is not None:
        say(f"Not understood of the light: {', '.join(unknown)}.")
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
