"""The one rule of what is kept of text that people and programs write: parsed values of a known
form, and no free text.

A rule that leaves out what looks like a secret misses those that do not. So what is kept is what
somebody needs: numbers, words of closed lists, addresses and versions of the right form. Sources
apply it as they read, and case files as they are read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from netcheck.model import Scalar
from netcheck.vocabulary.questions import Form, Question
from netcheck.vocabulary.user_words import understood

Data = tuple[tuple[str, Scalar], ...]

VERSION = r"[0-9]{1,3}(?:\.[0-9]{1,3}){1,2}(?:-?(?:rc|alpha|beta|b)\.?[0-9]{1,3}|-?develop)?"
"""A regular expression for a version of Device OS."""
_VERSION = re.compile(VERSION, re.ASCII)
_SITE_WORD = r"(?:[A-Za-z][a-z]{0,15}|[A-Z]{1,4}|[0-9]{1,3})"
_SITE_NAME = re.compile(rf"{_SITE_WORD}(?:[ _.-]{_SITE_WORD}){{0,5}}", re.ASCII)
_PAIR = re.compile(r"([A-Za-z0-9._-]{1,64})\s*=\s*(\S{1,64})", re.ASCII)
_ADDRESS_KEYS = frozenset({"ip", "mask", "gateway", "dns"})
_NO_ADDRESS = frozenset({"none", "-"})
_CLOUD_NAMES = frozenset({"device.spark.io", "api.particle.io", "pool.ntp.org"})
OTHER_NAME = "other.name"
"""Stands for a name that a user looked up, other than those known."""
_PLAIN_SSID = re.compile(r"[A-Za-z0-9 ._-]+", re.ASCII)
_ODD_SSID = re.compile(r"""[^\x20-\x7e]|["'\\&<>%]""")


def version_in(text: str) -> str:
    """The first Device OS version in the text, as 1.5.2 or 2.0.0-rc.1; empty if there is none."""
    found = _VERSION.search(text)
    return found[0] if found else ""


def is_site_name(text: str) -> bool:
    """Can a user have named a network so: a few plain words and short numbers?"""
    return _SITE_NAME.fullmatch(text) is not None


def data_of_answer(question: Question, text: str) -> Data:
    """What is kept of an answer in free words: of the name of a network its length and kind of
    characters, of addresses those of the right form, of a sentence the words known; of the light
    nothing, since it becomes facts of its own.
    """
    if question.form is Form.VERSION:
        return (("version", found),) if (found := version_in(text)) else ()
    if question.key == "led":
        return ()
    if question.key == "ssid":
        return ssid_data(text)
    kept = " ".join(_addresses(text)) if question.key == "addresses" else understood(text)
    return (("text", kept),) if kept else ()


def ssid_data(name: str) -> Data:
    """Length and kind of characters of a network's name: plain (letters, digits, space, `._-`),
    odd (what set-up apps change) or other.
    """
    kind = "odd" if _ODD_SSID.search(name) else "plain" if _PLAIN_SSID.fullmatch(name) else "other"
    length = len(name.encode("utf-8", "surrogatepass"))
    return (("length_bytes", length), ("characters", kind)) if name else ()


def _addresses(text: str) -> Iterator[str]:
    """The pairs KEY=ADDRESS of a known key, or of a name, whose value is an address or none."""
    for key, value in _PAIR.findall(text.lower()):
        address = value.strip(",;")
        if address in _NO_ADDRESS or _is_ipv4(address):
            if key in _ADDRESS_KEYS or key in _CLOUD_NAMES:
                yield f"{key}={address}"
            elif "." in key:
                yield f"{OTHER_NAME}={address}"


def _is_ipv4(text: str) -> bool:
    try:
        return bool(IPv4Address(text).packed)
    except AddressValueError:
        return False
