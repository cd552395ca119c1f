"""Whether the texts of an observation that was saved are of the forms that they can have: a case
file may come from anyone, be edited by hand, or be of an older version that kept more.

Each text field and each value has a form: an address, a version, a word of our vocabulary, a web
site, the name of a file. What is of another form is left out, and named by its field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from msgspec.structs import replace

from netcheck.model import NAMELESS, NETWORK, Observation, Scalar
from netcheck.text.known import VERSION, Data, data_of_answer, is_site_name, version_in
from netcheck.text.secrets import scrubbed
from netcheck.vocabulary import DATA, FACTS, REASONS, VALUES, is_known, is_of_package
from netcheck.vocabulary.questions import Form, of_fact
from netcheck.vocabulary.user_words import is_known as is_known_word
from netcheck.vocabulary.user_words import understood

_MAC = r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}"
_IPV4 = r"(?:\d{1,3}\.){3}\d{1,3}"
_IPV6 = r"(?=[0-9a-f:.%]*:[0-9a-f:.%]*:)[0-9a-f:]{2,39}(?:%[a-z0-9]{1,15})?"
_NAME = r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,126}\.?"
_PLACE = rf"(?:{_IPV4}|{_NAME})(?::\d{{1,5}})?|{_IPV6}|\[{_IPV6}\]:\d{{1,5}}"
_SSID = r"ssid:(?!.*\b(?:pass\w*|pw|psk|key)\b\W).{0,128}"
_SOURCE = (
    r"capture:[^/\n]{0,200}|probe:[\w-]{1,60}/\d{1,4}|device:(?:serial|log|usb|softap|led|console)"
    r"|router:log|user"
)
_FILE = r"[^/\n]{1,120}"
_RANGES = r"\d{1,12}(?:-\d{1,12})?(?:,\d{1,12}(?:-\d{1,12})?){0,40}"
_REF = (
    rf"{_FILE}#{_RANGES}(?:; {_FILE}#{_RANGES}){{0,8}}|{_FILE}:\d{{1,9}}(?:-\d{{1,9}})?"
    rf"|serial(?::[a-z]{{1,8}})?|softap:[a-z-]{{1,20}}|led|behind hop \d{{1,3}} {_IPV4}"
)
_SITE = rf"{_IPV4}|{_IPV6}|{_MAC}"
_URLS = frozenset({"location", "login_page", "portal", "proxy_script"})
_SITE_OF_URL = re.compile(
    rf"(?:https?:)?//(?:{_NAME}|{_IPV4})(?::\d{{1,5}})?(?=[/?#]|\Z)|[/?](?=\w|\Z)"
    r"|urn:ietf:params:capport:unrestricted\Z",
    re.ASCII,
)
"""Scheme, host and port: older versions kept a path, too."""
_VERSION_FORM = r"\d{1,3}(?:\.\d{1,3}){1,2}"
_SENTENCE_PIECE = re.compile(
    r"[\"'(]?(?:[A-Za-z][a-z]{0,19}|[A-Z]{1,8}|\d{1,12}|[a-z]+(?:[_.-][a-z0-9]+){1,4}"
    rf"|--[a-z-]{{1,20}}|Wi-Fi|IPv[46]|802\.1[1X]\w?|[GM]Hz|dBm|WPA[23]|-\d{{1,3}}|{_IPV4}"
    rf"|{_VERSION_FORM}(?:-rc\.\d)?)"
    r"(?:'s)?[\"'),.;:!?]{0,3}"
)


@cache
def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.DOTALL)


def _is(pattern: str) -> Callable[[str], bool]:
    return lambda text: _form(pattern).fullmatch(text) is not None


def _are(pattern: str) -> Callable[[str], bool]:
    """Several with spaces between, or none."""
    return lambda text: all(map(_is(pattern), text.split()))


@cache
def _vocabulary() -> frozenset[str]:
    names = {part for name in (*FACTS, *REASONS, *DATA) for part in re.split(r"[._]", name)}
    values = {part for every in VALUES.values() for value in every for part in value.split("_")}
    return frozenset({*FACTS, *names, *values, *_OTHER_WORDS})


_OTHER_WORDS = frozenset(
    re.findall(
        r"\w+",
        "photon p1 core electron argon boron xenon building router isp computer cloud "
        "console usb softap open reachable stale noerror nxdomain refused servfail "
        "notimp formerr tcp http en10mb raw ethernet mac60 id prefix hello "
        "announcement fingerprint ieee802 radio rtap null loop sll sll2 ppi 80211 11 "
        "10mb own its log count queries latency ms confirmed s received bytes byte "
        "ended repeats path body login page arp reply query icmp echo syn syns igmp "
        "report datagram greeting facts doctor_app cloud_debug begins text html "
        "doctype odd plain other x associated joined status reason "
        "tkip wep ppp hdlc ether pppd prism avs nflog pktap dsa edsa tag brcm prepend linux ",
    )
)


def _is_word(text: str) -> bool:
    """Words of our own lists, joined by `_`, `.`, spaces or commas."""
    parts = [part for part in re.split(r"[\s_.,|/+-]+", text.lower()) if part]
    known = _vocabulary()
    return len(text) <= 200 and all(part in known or is_known_word(part) for part in parts)


def _is_link(word: str) -> bool:
    """The name or number of a link type."""
    return _is_word(word) or _is(r"\d{1,5}")(word)


_IS_ADDRESSES = _are(
    rf"(?:{_IPV4}|{_IPV6})(?::\d{{1,5}})?|\[{_IPV6}\]:\d{{1,5}}|{_MAC}"
    r"|(?:eth|tun|wlan|en)\d{1,3}"
)
_IS_FIRMWARE = _are(rf"(?:[<>=]{{1,2}})?{VERSION}|to|and|later|or")
_INTERFACE = r"[a-z]{1,10}\d{0,4}(?:\.\d{1,4})?|(?:wl|en)[a-z0-9]{1,13}"
_FORMS: Mapping[str, Callable[[str], bool]] = {
    **dict.fromkeys(
        re.findall(
            r"\w+",
            "address addresses beside bssid gateway gateway_mac icmp_from ip "
            "ipv6_gateway local mac macs mask netmask offered others private_hops "
            "remote requested resolver resolvers rival_mac router sender server "
            "servers silent ",
        ),
        _IS_ADDRESSES,
    ),
    **dict.fromkeys(("version", "needs", "firmware"), _IS_FIRMWARE),
    **dict.fromkeys(("key_head", "sealed_head", "sha256"), _is(r"[0-9a-f]{16}")),
    "key_sha256": _is(r"[0-9a-f]{64}"),
    "id": _is(r"[0-9a-f]{24}"),
    "cnames": _are(_NAME),
    "codes": _are(r"-?\d{1,7}"),
    "asked": _is(r"[a-z]{1,12}"),
    "interface": _is(_INTERFACE + "|Wi-Fi|Ethernet"),
    "rivals": _are(_INTERFACE),
    "port": _is(r"/dev/[A-Za-z]{3,12}[\w.-]{0,24}|COM\d{1,3}"),
    "begins": _is(r"HTTP/1\.[01] \d{3}|SSH-[12]\.\d|220|(?i:<!doctype|<html)|text"),
    "ssid": _is(_SSID[len("ssid:") :]),
    "similar": _is(_SSID[len("ssid:") :]),
    "probe": _is(r"[a-z][a-z0-9_]{0,39}"),
    "link": lambda text: all(map(_is_link, text.split())),
    "message": lambda text: understood(text) == text,
    "status": _is(r"\d{3}"),
}
"""Name of a value → is a text of that form? All others are words of our own lists."""
_SENTENCES = frozenset({"cannot_show", "error", "family", "meaning", "parts", "says", "sign"})
"""Values that hold a sentence: kept without what is no plain word, number or name in it."""


def checked(one: Observation) -> tuple[Observation | None, tuple[str, ...]]:
    """The observation without what is of no known form, and the names of the fields left out; None
    where fact, subject or source are of none.
    """
    wrong = [name for name, is_right in _IDENTITY.items() if not is_right(getattr(one, name))]
    if wrong:
        return None, tuple(wrong)
    emptied = {
        name: ""
        for name, is_right in (
            ("reason", one.reason in REASONS),
            ("target", _is_target(one)),
            ("site", is_site_name(one.site) or _is(_SITE + "|")(one.site)),
            ("ref", _is_ref(one.ref)),
        )
        if not is_right and getattr(one, name)
    }
    data, dropped = _checked_data(one)
    if not emptied and data == one.data:
        return one, ()
    return replace(one, **emptied, data=data), (*emptied, *dropped)


_IDENTITY: Mapping[str, Callable[[str], bool]] = {
    "fact": lambda fact: is_known(fact) or is_of_package(fact),
    "subject": lambda name: (
        name in (NETWORK, NAMELESS) or _is(rf"{_MAC}|[0-9a-f]{{24}}|{_IPV4}|{_IPV6}")(name)
    ),
    "source": _is(_SOURCE),
}


def _is_target(one: Observation) -> bool:
    is_itself = one.source in (f"probe:{one.target}/1", f"capture:{one.target}")
    return is_itself or _is(rf"(?:{_PLACE})(?: (?:{_PLACE})){{0,8}}|{_MAC}|{_SSID}|")(
        one.target.lower()
    )


def _is_ref(ref: str) -> bool:
    return _is(_REF + "|")(ref) or (
        ref.startswith("told:") and of_fact("told." + ref.removeprefix("told:")) is not None
    )


def _checked_data(one: Observation) -> tuple[Data, tuple[str, ...]]:
    """The values of a known form, and the names of those left out."""
    kept: list[tuple[str, Scalar]] = []
    dropped: list[str] = []
    for name, value in one.data:
        if (pairs := list(_kept_value(one.fact, name, value))) or _is_light_text(one.fact, name):
            kept += pairs
        else:
            dropped.append(name if name in DATA else "a value of its own")
    return tuple(kept), tuple(dict.fromkeys(dropped))


def _is_light_text(fact: str, name: str) -> bool:
    """Older versions kept what was said of the light beside the facts that it became."""
    return (fact, name) == ("told.led", "text")


def _kept_value(fact: str, name: str, value: Scalar) -> Iterator[tuple[str, Scalar]]:
    if not _form(r"[a-z][a-z0-9_]{0,39}").fullmatch(name) or not (
        name in DATA or name in _FORMS or name in _URLS or _is_word(name)
    ):
        return
    if not isinstance(value, str):
        yield name, value
    elif (question := of_fact(fact)) is not None:
        if name == "text" or (name == "version" and question.form is Form.VERSION):
            yield from data_of_answer(question, scrubbed(value))
        elif value in (question.values if name == "value" else ("plain", "odd", "other")):
            yield name, value
    elif name == "version" and version_in(value) == value:
        yield name, value
    elif name in _SENTENCES:
        yield name, _sentence(value)
    elif name in _URLS:
        if (site := _SITE_OF_URL.match(value)) is not None:
            yield name, site[0]
    elif _FORMS.get(name, _is_word)(value):
        yield name, value


def _sentence(text: str) -> str:
    """The sentence, `…` for each piece of it that is no plain word, number, name or address."""
    pieces = scrubbed(text[:2000]).split(" ")
    return " ".join(
        piece if not piece or _SENTENCE_PIECE.fullmatch(piece) or piece in ("|", "–", "…") else "…"
        for piece in pieces
    )
