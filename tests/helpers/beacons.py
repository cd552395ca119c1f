"""Bodies of beacons, from a line of words, as IEEE 802.11-2020 §9.4.2 lays their elements out.

    2437 ch6 psk ccmp b g n          frequency, channel, key managements, ciphers, rates and more

`akmN`, `wpa` (WPA1 with a pass phrase), `wpa-eap`, `open`, `wep`; ciphers `ccmp`, `tkip`, `gcmp`,
`use-group`, `group-tkip`, `group-wep`, `group-gcmp`; `mfpc`, `mfpr`; rates `b`, `g`; `n`, `ac`,
`ax`, `be` capabilities; `need-n`, `need-ac`, `need-ax`, `need-h2e` membership selectors; `40`,
`20` the width; `hidden`, `zeros` (a name of zero bytes); `owe-transition`; `no-ds`.
"""

from __future__ import annotations

import re

from netcheck.wifi.elements import BssDescription, describe_bss

PRIVATE, PLAIN = 0x0011, 0x0001
AKMS = {"eap": 1, "psk": 2, "ft-psk": 4, "psk-sha256": 6, "sae": 8, "owe": 18}
CIPHERS = {"ccmp": 4, "tkip": 2, "gcmp": 8, "gcmp-256": 9, "use-group": 0}
GROUPS = {"group-tkip": 2, "group-ccmp": 4, "group-wep": 5, "group-gcmp": 8}
SELECTORS = {"need-n": 0xFF, "need-ac": 0xFE, "need-ax": 0xFA, "need-h2e": 0xFB}
DSSS, OFDM = bytes.fromhex("82848b96"), bytes.fromhex("0c12182430486c")
RSN_OUI, WPA_OUI = b"\x00\x0f\xac", b"\x00\x50\xf2"


def beacon(line: str) -> BssDescription:
    """What the program reads of such a beacon."""
    words = line.split()
    mhz = next((int(word) for word in words if re.fullmatch(r"\d{4}", word)), None)
    capabilities = PLAIN if {"open", "plain"} & set(words) else PRIVATE
    return describe_bss(capabilities, elements(words), mhz)


def elements(words: list[str]) -> bytes:
    given = set(words)
    name = b"" if "hidden" in given else bytes(7) if "zeros" in given else b"HomeNet"
    rates = (DSSS if "b" in given else b"") + (OFDM if "g" in given else b"")
    rates += bytes(value for word, value in SELECTORS.items() if word in given)
    body = _element(0, name) + (_element(1, rates) if rates else b"")
    channel = next((int(word[2:]) for word in words if re.fullmatch(r"ch\d+", word)), None)
    if channel is not None and "no-ds" not in given:
        body += _element(3, bytes([channel]))
    akms = [AKMS[word] for word in words if word in AKMS]
    akms += [int(word[3:]) for word in words if re.fullmatch(r"akm\d+", word)]
    if akms:
        body += _element(48, _rsn(given, akms))
    if "n" in given or "40" in given:
        body += _element(45, bytes(26))
        body += _element(61, bytes([channel or 0, 5 if "40" in given else 0]) + bytes(20))
    body += _element(191, bytes(12)) if "ac" in given else b""
    body += _element(255, bytes([35]) + bytes(21)) if "ax" in given else b""
    body += _element(255, bytes([108]) + bytes(15)) if "be" in given else b""
    if given & {"wpa", "wpa-eap"}:
        akm = 1 if "wpa-eap" in given else 2
        cipher = bytes([4 if "wpa-ccmp" in given else 2])
        suites = WPA_OUI + b"\2" + b"\1\0" + WPA_OUI + cipher + b"\1\0" + WPA_OUI + bytes([akm])
        body += _element(221, WPA_OUI + b"\1\1\0" + suites)
    body += _element(221, b"\x50\x6f\x9a\x1c" + bytes(7)) if "owe-transition" in given else b""
    return body


def _rsn(given: set[str], akms: list[int]) -> bytes:
    ciphers = [CIPHERS[word] for word in CIPHERS if word in given] or [4]
    group = next((GROUPS[word] for word in GROUPS if word in given), max(min(ciphers), 2))
    flags = 0x80 * bool(given & {"mfpc", "mfpr"}) | 0x40 * ("mfpr" in given)
    return (
        b"\1\0"
        + RSN_OUI
        + bytes([group])
        + _suites(ciphers)
        + _suites(akms)
        + flags.to_bytes(2, "little")
    )


def _suites(numbers: list[int]) -> bytes:
    return len(numbers).to_bytes(2, "little") + b"".join(RSN_OUI + bytes([n]) for n in numbers)


def _element(number: int, value: bytes) -> bytes:
    return bytes((number, len(value))) + value
