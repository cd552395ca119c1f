"""Hides names and addresses in texts behind pseudonyms, the same ones in every file made with the
same key.

Works on text alone. What must not be read by others is looked up once in the observations, and then
replaced wherever it stands, in an observation as in a sentence; addresses are found by their form,
names by their value.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from netcheck import files
from netcheck.model import NETWORK, Device, Observation, Struct
from netcheck.text import pseudonyms
from netcheck.text.escape import safe

KEY_BYTES = 32
KEY_FILE_LIMIT_BYTES = 4096

SHORTEST_NAME = 3
"""A shorter name is hidden where it is the whole text; replaced inside sentences, it would shred
them and show itself.
"""

PLAIN_DATA = frozenset(
    {
        "asked",
        "board",
        "cannot_show",
        "closed_by",
        "code_of",
        "ended",
        "family",
        "firmware",
        "kind",
        "link",
        "meaning",
        "needs",
        "over",
        "parts",
        "probe",
        "rcode",
        "says",
        "sign",
        "signs",
        "state",
        "transport",
        "value",
        "version",
    }
)
"""Data whose texts are words of protocols and no names. Every other text is hidden at level
public.
"""

LISTS = frozenset({"addresses", "cnames", "others", "resolvers", "rivals", "servers"})
"""Data that hold several values with a space between."""

CAPTURE = "capture:"
"""Stands before a file's name in the source of what a capture shows."""

DEVICE_LOG = "device:log"
"""The source of what a saved log says; its name stands in the references."""

KNOWN = frozenset(
    {
        "",
        NETWORK,
        "device.spark.io",
        "pool.ntp.org",
        "8.8.8.8",
        "8.8.4.4",
        "1.1.1.1",
        "1.0.0.1",
        "9.9.9.9",
    }
)
"""Names and addresses that everybody uses, so that they identify no one."""

OWN_DATA = frozenset({"address", "ip", "local", "mac", "offered", "requested"})
"""Data that say who the subject itself is, not whom it reached."""

PATH_FACTS = ("dhcp.", "gateway.", "dns.cloud_name", "dns.compare", "tcp.")
"""Facts whose other end is the network's gateway or servers, or the cloud: what a network engineer
needs.
"""

_IDENTIFIERS = {
    "id": r"(?<![0-9A-Za-z])[0-9A-Fa-f]{24}(?![0-9A-Za-z])",
    "mac": r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Za-z])",
    "bare_mac": (
        r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{12}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})(?![0-9A-Za-z])"
    ),
    "ipv4": r"(?<![0-9A-Za-z])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z])",
    "ipv6": r"(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])",
}
_IDENTIFIER = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _IDENTIFIERS.items()))


class Redaction(StrEnum):
    """How much is hidden. `it` keeps what a network engineer needs; `public` keeps no name or
    address of anyone.
    """

    NONE = "none"
    IT = "it"
    PUBLIC = "public"


class RedactionError(Exception):
    """Redacting is not possible; the text is one sentence that says what to do."""


class HiddenNames(Struct, frozen=True, kw_only=True):
    """What one answer must not show: these names (in lower case), and of all addresses and ids
    those not `kept`.
    """

    names: frozenset[str]
    kept: frozenset[str]


def load_key(file: str = "") -> bytes:
    """The key in that file, or in the user's data folder; made on first use, readable by its owner
    alone.

    Raises RedactionError where it can be neither read nor made.
    """
    path = Path(file) if file else default_key_file()
    try:
        if not path.exists():
            _make_key(path)
        with path.open("rb") as stream:
            key = stream.read(KEY_FILE_LIMIT_BYTES)
    except (OSError, ValueError) as error:
        raise RedactionError(
            f"{safe(str(error))}: no redaction key there; name another file with --redact-key."
        ) from error
    if len(key) < KEY_BYTES:
        raise RedactionError(
            f"{safe(str(path))}: too short for a redaction key ({len(key)} bytes, {KEY_BYTES}"
            " needed); name another."
        )
    return key


def default_key_file() -> Path:
    """Where the key lives if the user names no file."""
    from platformdirs import user_data_path

    return user_data_path("netcheck", appauthor=False) / "redaction.key"


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(files.create(str(path)), "wb") as stream:
        stream.write(secrets.token_bytes(KEY_BYTES))


def hiding(
    observations: Iterable[Observation],
    devices: Iterable[Device],
    level: Redaction,
    key: bytes,
    asked: Iterable[str] = (),
) -> Callable[[str], str]:
    """A function from any text to the text that may be shown, given what was observed and whom it
    is about. `asked`: names of hosts that the user asked about, which the public must not see.
    """
    seen = tuple(observations)
    hidden = (
        _with_names(secrets_of_all(seen), asked)
        if level is Redaction.PUBLIC
        else secrets_of_others(seen, _own_names(seen, devices))
    )
    make = pseudonyms.keyed(key)
    keep_last = 0 if level is Redaction.PUBLIC else 4
    pattern = _pattern(hidden.names)

    @cache
    def replaced(found: str, form: str) -> str:
        if found.lower() in hidden.names:
            return pseudonyms.of_name(found, make)
        return _identifier(found, form, hidden.kept, make, keep_last)

    def hide(text: str) -> str:
        if text.lower() in hidden.names:
            return pseudonyms.of_name(text, make)
        return pattern.sub(lambda match: replaced(match[0], match.lastgroup or ""), text)

    return hide


def _with_names(hidden: HiddenNames, asked: Iterable[str]) -> HiddenNames:
    names = {name.lower() for name in asked if name}
    return HiddenNames(names=hidden.names | (names - KNOWN), kept=hidden.kept)


def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    """Finds the names, longest first, and whatever has the form of an address or id."""
    words = sorted(
        (name for name in names if len(name) >= SHORTEST_NAME), key=lambda name: (-len(name), name)
    )
    if not words:
        return _IDENTIFIER
    return re.compile(rf"(?<!\w)(?i:{'|'.join(map(re.escape, words))})(?!\w)|{_IDENTIFIER.pattern}")


def _identifier(
    found: str, form: str, kept: frozenset[str], make: pseudonyms.Hash, keep_last: int
) -> str:
    """The pseudonym of an address or id, or the text itself where it is kept or only looks like
    one.
    """
    value = _normal(found, form)
    if value is None or (value in kept and form != "id"):
        return found
    if form == "id":
        return pseudonyms.of_device_id(value, make, keep_last)
    if form in ("mac", "bare_mac"):
        return pseudonyms.of_mac(value, make)
    return (
        pseudonyms.of_ipv4(IPv4Address(value), make)
        if form == "ipv4"
        else pseudonyms.of_ipv6(value, make)
    )


def _normal(found: str, form: str) -> str | None:
    """The one spelling of an address or id; None where the text is none after all."""
    if form == "id":
        return found.lower()
    if form in ("mac", "bare_mac"):
        digits = re.sub(r"[^0-9a-f]", "", found.lower())
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    try:
        return str(IPv4Address(found) if form == "ipv4" else IPv6Address(found))
    except ValueError:
        return None


def secrets_of_all(observations: Iterable[Observation]) -> HiddenNames:
    """Level public: every name that any observation shows; no address is kept but everybody's."""
    names = {name for one in observations for name in _names(one)}
    return HiddenNames(names=frozenset(names) - KNOWN, kept=KNOWN)


def secrets_of_others(observations: Iterable[Observation], own: frozenset[str]) -> HiddenNames:
    """Level it: the names that only other hosts show; kept is what the device used, and what lies
    on the way to the cloud.
    """
    kept, ours, others = set(own), set[str](), set[str]()
    for one in observations:
        is_own = one.subject in own or one.subject == NETWORK
        (ours if is_own else others).update(_names(one) - {one.site.lower(), _file(one)})
        if is_own or one.fact.startswith(PATH_FACTS):
            kept.update(_reached(one, frozenset() if is_own else OWN_DATA))
    return HiddenNames(names=frozenset(others - ours) - KNOWN, kept=frozenset(kept) | KNOWN)


def _own_names(observations: Iterable[Observation], devices: Iterable[Device]) -> frozenset[str]:
    """Every name of the devices asked about, and of this computer where it looked itself."""
    own = {name for device in devices for name in (device.mac, device.id, device.ip) if name}
    for one in observations:
        if one.source.startswith("probe:"):
            own.add(one.subject)
        elif one.fact == "device.identity" and own & {one.subject, *_identifiers(one)}:
            own.update((one.subject, *_identifiers(one)))
    return frozenset(own)


def _identifiers(one: Observation) -> set[str]:
    return {one.text(name) for name in ("mac", "id", "ip")} - {""}


def _reached(one: Observation, without: frozenset[str]) -> Iterator[str]:
    """The addresses that an observation names besides its subject, in one spelling; MACs only of
    gateway and DHCP server.
    """
    with_macs = one.fact.startswith(("dhcp.", "gateway."))
    for text in (one.target, *(str(value) for name, value in one.data if name not in without)):
        for match in _IDENTIFIER.finditer(text):
            form = match.lastgroup or ""
            value = _normal(match[0], form)
            if value and (with_macs or form in ("ipv4", "ipv6")):
                yield value


def _names(one: Observation) -> set[str]:
    """In lower case, every text of an observation that may be somebody's name: network, host, site,
    file.
    """
    found = {one.site, _file(one), _host(one)}
    for name, value in one.data:
        if isinstance(value, str) and name not in PLAIN_DATA:
            found.update(value.split() if name in LISTS else (value,))
    return {text.lower() for text in found if text and not _IDENTIFIER.fullmatch(text)}


def _file(one: Observation) -> str:
    """The name of the capture or log that says so; empty for other witnesses."""
    if one.source == DEVICE_LOG:
        return one.ref.rpartition(":")[0].lower()
    return one.source.removeprefix(CAPTURE).lower() if one.source.startswith(CAPTURE) else ""


def _host(one: Observation) -> str:
    """The name in `ssid:Lab` or `device.spark.io:5683`; empty where the target is an address or a
    word of ours.
    """
    if one.target.startswith("ssid:"):
        return one.target.removeprefix("ssid:")
    host = re.sub(r":\d+$", "", one.target)
    return host if "." in host or one.fact.startswith("dns.") else ""
