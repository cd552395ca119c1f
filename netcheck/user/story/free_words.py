"""Of a story what takes no choice of answers: the light, versions, numbers, names and messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_LIGHT = re.compile(
    r"\b(?:led|lights?|sos|blink\w*|breath\w*|green|blue|cyan|magenta|red|orange|yellow|white|turquoise|purple"
    r"|pink|amber|violet)\b"
)
"""What is said of a light alone: `flash` is said of programs, too."""
_FLASHES = re.compile(r"\b(?:flash(?:es)?|colou?rs?)\b")
_OWN_WORDS = 4
"""A shorter part of a sentence goes on with what was said before."""
_PART = re.compile(r"[,:;()]\s*|\s(?:-|–|—)\s")
_PAST = re.compile(
    r"\b(?:used to|until|till|last (?:week|month|year|night)|yesterday|(?:days|weeks|months) ago"
    r"|old (?:house|flat|place|home|router|network|wi-?fi))\b"
)
_NO_LIGHT = re.compile(r"\bout of the blue\b", re.IGNORECASE)
_IN_SAFE_MODE = re.compile(r"\bin safe mode\b[^,;.(]*(?:\([^)]*\))?", re.IGNORECASE)
MOST_LIGHT = 400

_VERSION = re.compile(r"(?<![\d.])(\d{1,2}\.\d{1,2}\.\d{1,2}(?:-rc\.?\d{1,2})?)(?![\d]|\.\d)")
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:android|ios|library|app|cli|windows|macos|os x|ubuntu|npm|node)(?: version)? ?$"
)
_WORKED = re.compile(
    r"\b(?:works|worked|working|was fine|is fine|connects|connected)\b(?!.{0,6}\bnot\b)"
)
_DENIED = re.compile(r"n't\b|\b(?:not|no|never|none|nothing)\b")

_LENGTH = re.compile(
    r"password\b[^.;]{0,40}?\b(\d{1,3})[- ](?:characters?|chars?|letters?|digits?)\b"
    r"|\b(\d{1,3})[- ](?:characters?|chars?|letters?|digits?)(?: long)? password"
)
_NAME = re.compile(
    r"(?:(?:[Nn]ame|SSID|ssid|[Nn]etwork|[Hh]otspot) is|\bcalled|\bnamed)"
    r" (?:\"([^\"]{1,32})\"|'([^']{1,32})'|[“‘«]([^”’»]{1,32})[”’»]|([A-Z][^,.;!?\n]{0,31}))"
)
_ADDRESS = re.compile(r"\b(?:ip|mask|gateway|dns) ?= ?\d{1,3}\.\d", re.IGNORECASE)

_STEP = re.compile(
    r"(?:stuck|stops?|hangs?|hanging|fails?|stays?|freezes?)\b[^.;!?]{0,24}?\b(?:at|on|in|while|during)\b"
    r"(?=[^.;!?]{0,40}(?:step|verif|connecting to|ownership|checking|sending|waiting for|claim))"
    r"([^.;!?]{3,80})|\bat the (\w+ step)|((?:not|n.t|never) [^.;,]{0,12}listening mode)",
    re.IGNORECASE,
)
_SAYS = (
    r"(?:says?|said|shows?|showed|displays?|complain\w*|tells?|told|error\b|message\b|crash\w*"
    r"|reports?)"
)
_SETUP_ERROR = re.compile(
    rf"\b(?:app|set-?up|page|wizard)\b[^.;!?]{{0,24}}?\b{_SAYS}([^.;!?]{{0,200}})"
    r"|((?:cannot|can.t|could not|couldn.t) claim[^.;!?]{0,200})"
    r"|((?:not|n.t) (?:find|see|detect|pick up|discover) (?:a |the |any |my )?photons?\b"
    r"[^.;!?]{0,100})"
    r"|\b(?:message|error)\b[^\"“.;]{0,12}[\"“]([^\"”]{3,200})",
    re.IGNORECASE,
)
_COMMAND_ERROR = re.compile(
    r"\b(?:particle(?! app)|cli|doctor|dfu-util|terminal|command)\b[^.;!?]{0,24}?\b"
    rf"(?:{_SAYS}|stops? with|fails? with)",
    re.IGNORECASE,
)
_SETUP_TOOL = re.compile(
    r"\b(?:app\b|set-?up library|library \d|setcredentials|smart ?config|putty|usb serial|windows"
    r"|macos|cli\b)",
    re.IGNORECASE,
)
_ROUTER_WORDS = re.compile(
    r"\b(?:aes|tkip|802\.11\w*|n[- ]only|mac filter\w*|firewall|band steering|login page|captive"
    r"|channel 1[0-4]|802\.1x|proxy|wpa\S*|wep)\b",
    re.IGNORECASE,
)

_DOCTOR = re.compile(r"(?<!keys )\bdoctor\b", re.IGNORECASE)

_TEXTS = (("setup_step", _STEP), ("setup_error", _SETUP_ERROR))


def light(sentences: Sequence[str]) -> str:
    """The parts that speak of a light, in their order, each with the part before it where that says
    that it was in the past; empty where none does.
    """
    return ", ".join(part for sentence in sentences for part in _of_light(sentence))[:MOST_LIGHT]


def _of_light(sentence: str) -> Iterator[str]:
    when = ""
    for part in _PART.split(_NO_LIGHT.sub("", _IN_SAFE_MODE.sub("", sentence))):
        if _LIGHT.search(part.lower()):
            yield from filter(None, (when, part))
        when = part if _PAST.search(part.lower()) and not _LIGHT.search(part.lower()) else ""


def beside_light(sentence: str) -> str:
    """The sentence without the parts that speak of the light, or go on to: "1 red, sometimes 3"."""
    if not _LIGHT.search(sentence.lower()):
        return sentence
    parts = [part for part in _PART.split(sentence) if len(part.split()) >= _OWN_WORDS]
    return "; ".join(
        part for part in parts if not (_LIGHT.search(part.lower()) or _FLASHES.search(part.lower()))
    )


def versions(sentences: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The Device OS version it runs, and one with which it worked."""
    for sentence in sentences:
        for clause in re.split(r",\s|\bbut\b", sentence):
            for found in _VERSION.finditer(clause):
                before = clause[: found.start()]
                if _OF_SOMETHING_ELSE.search(before) or re.search(r"\bfrom v?$", before):
                    continue
                worked = _WORKED.search(clause) and not _DENIED.search(clause)
                yield "works_on_firmware" if worked else "firmware", found[1]


def texts(sentences: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Messages, steps, names, lengths and addresses; sentences as they were written."""
    for sentence in sentences:
        for key, pattern in _TEXTS:
            if found := pattern.search(sentence):
                yield key, next((group for group in found.groups() if group), found[0]).strip()
        if _DOCTOR.search(sentence):
            yield "cli_error", f"device doctor: {sentence}"
        elif _COMMAND_ERROR.search(sentence):
            yield "cli_error", sentence
        if _SETUP_TOOL.search(sentence):
            yield "setup_tool", sentence
        if _ROUTER_WORDS.search(sentence):
            yield "router_text", sentence
        if found := _LENGTH.search(sentence.lower()):
            yield "password_length", found[1] or found[2]
        if found := _NAME.search(sentence):
            yield "ssid", next(group for group in found.groups() if group).strip()
        if _ADDRESS.search(sentence):
            yield "addresses", sentence
