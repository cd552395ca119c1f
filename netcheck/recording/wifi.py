"""802.11 frames written anew from what the analysis reads of them. Pure.

Of a management frame: who speaks to whom, the name, the channel and the security that are offered
or asked for, the status or reason. Of a key message: which of the four it is. Nonces, check sums,
key data, PMKIDs, fast-transition and FILS elements are never read (IEEE 802.11-2020 §12.7: with
them a password can be guessed).
"""

from __future__ import annotations

from netcheck.capture.protocols.wifi_frames import (
    ASSOCIATION_REQUEST,
    ASSOCIATION_RESPONSE,
    AUTHENTICATION,
    BEACON,
    DEAUTHENTICATION,
    DISASSOCIATION,
    EVERYBODY,
    HEADER_BYTES,
    KEY_ACK,
    KEY_MIC,
    KEY_PAIRWISE,
    LATER_STEPS,
    PROBE_REQUEST,
    PROBE_RESPONSE,
    REASSOCIATION_REQUEST,
    REASSOCIATION_RESPONSE,
    RETRY,
    TRANSITION_REQUEST,
    JoinContent,
    is_readable,
    join_content,
    key_message,
)
from netcheck.photon.addresses import MAKER_PREFIXES
from netcheck.wifi.elements import (
    BASIC,
    CCMP,
    DS_PARAMETERS,
    EHT_CAPABILITIES,
    EXTENSION,
    HE_CAPABILITIES,
    HT_CAPABILITIES,
    HT_OPERATION,
    OUI_RSN,
    OUI_WPA,
    PMF_CAPABLE,
    PMF_REQUIRED,
    PRIVACY,
    RATES,
    RSN,
    SSID,
    VENDOR,
    VHT_CAPABILITIES,
    WPA1,
    BssDescription,
    Radio,
    Suites,
    describe_bss,
)
from netcheck.wifi.scan import frequency_of
from netcheck.wire.dot11 import DATA, FROM_DS, PROTECTED, TO_DS, dot11_frame, reception
from netcheck.wire.links import EAPOL, RADIOTAP, Dot11, locate

_BEACON_BYTES = 10
"""Time stamp and interval, before the capabilities."""
_KEY_TYPE = 3
_KEY_BYTES = 95
_KEY_FLAGS = {
    "key1": KEY_PAIRWISE | KEY_ACK,
    "key2": KEY_PAIRWISE | KEY_MIC,
    "key3": KEY_PAIRWISE | KEY_ACK | KEY_MIC,
    "key4": KEY_PAIRWISE | KEY_MIC,
}
_SNAP = b"\xaa\xaa\x03\0\0\0"
_FIXED_BYTES = {PROBE_REQUEST: 0, ASSOCIATION_REQUEST: 4, REASSOCIATION_REQUEST: 10}
_BEFORE_CODE = {ASSOCIATION_RESPONSE: 2, REASSOCIATION_RESPONSE: 2}
_AUTHENTICATION_STEPS = {"auth": 0, "auth_response": 0, "auth_next": LATER_STEPS[0]}
"""Kind of a join frame → a transaction sequence number that is read as it."""
_NO_SUITES = b"\0\0"
_AMENDMENTS = {
    "n": bytes((HT_CAPABILITIES, 0)),
    "ac": bytes((VHT_CAPABILITIES, 0)),
    "ax": bytes((EXTENSION, 1, HE_CAPABILITIES)),
    "be": bytes((EXTENSION, 1, EHT_CAPABILITIES)),
}


def encrypted_frame(link: int, frame: bytes, radio: Dot11, device: str = "") -> bytes | None:
    """Of an encrypted data frame what stands outside of the encryption: station and access point,
    which way, to everybody or not, and its length. None but for a Photon, or `device` (a MAC).
    """
    whole = frame[radio.offset : radio.end]
    way = whole[1] & (TO_DS | FROM_DS) if len(whole) >= HEADER_BYTES else 0
    if way not in (TO_DS, FROM_DS):
        return None
    receiver, sender, other = (whole[at : at + 6] for at in (4, 10, 16))
    station = (sender if way == TO_DS else receiver).hex(":")
    if not station.startswith(MAKER_PREFIXES) and station != device:
        return None
    to_all = bytes((other[0] & 1, 0, 0, 0, 0, 0))
    body = bytes(len(whole) - HEADER_BYTES)
    return dot11_frame(link, DATA, (receiver, sender, to_all), body, flags=PROTECTED | way)


def management_frame(link: int, frame: bytes, radio: Dot11) -> bytes | None:
    """What is read of a management frame; None where that is nothing."""
    whole = frame[radio.offset : radio.end]
    if not is_readable(whole):
        return None
    receiver, sender, bssid = (whole[at : at + 6] for at in (4, 10, 16))
    body, up = whole[HEADER_BYTES:], sender != bssid
    content = join_content(radio.kind, up, body, is_protected=radio.is_protected)
    station = sender if up else receiver
    is_farewell = station.hex(":") == EVERYBODY and radio.kind in (DEAUTHENTICATION, DISASSOCIATION)
    if content is None or (station[0] & 1 and not is_farewell):
        addresses, content = (bytes(6), bytes(6), bssid), None
    else:
        addresses = (bytes(6), station, bssid) if up else (station, bssid, bssid)
    flags = whole[1] & RETRY | (PROTECTED if radio.is_protected else 0)
    if (
        radio.kind in (BEACON, PROBE_RESPONSE)
        and len(body) >= _BEACON_BYTES + 2
        and not radio.is_protected
    ):
        read = _bss(body)
    elif content is not None:
        read = b"" if radio.is_protected else _join(radio.kind, content)
    else:
        return None
    received = reception(link, frame)
    if content is not None and content.channel:
        if link == RADIOTAP:
            received = received._replace(frequency_mhz=frequency_of(content.channel, "2.4"))
        else:
            read += _element(DS_PARAMETERS, bytes([content.channel]))
    return dot11_frame(link, radio.kind, addresses, read, flags=flags, received=received)


def _bss(body: bytes) -> bytes:
    """Capabilities and elements of a beacon or probe response."""
    seen = describe_bss(int.from_bytes(body[10:12], "little"), body[12:], None)
    capabilities = PRIVACY if seen.is_private else 0
    return b"".join(
        (
            bytes(_BEACON_BYTES),
            capabilities.to_bytes(2, "little"),
            _element(SSID, seen.ssid) if seen.ssid else b"",
            _element(RATES, _rates(seen.radio)) if seen.radio.rates | seen.radio.selectors else b"",
            _element(DS_PARAMETERS, bytes([seen.channel])) if seen.channel is not None else b"",
            _element(RSN, _suites(seen.rsn, OUI_RSN)) if seen.rsn is not None else b"",
            _element(VENDOR, WPA1 + _suites(seen.wpa, OUI_WPA)) if seen.wpa is not None else b"",
            _amendments(seen),
        )
    )


def _amendments(seen: BssDescription) -> bytes:
    """Elements that are read as these amendments and this channel width, without their content."""
    radio = seen.radio
    width = b""
    if radio.width_mhz is not None and seen.channel is not None:
        width = _element(HT_OPERATION, bytes([seen.channel, 5 if radio.width_mhz > 20 else 0]))
    return width + b"".join(
        element for name, element in _AMENDMENTS.items() if name in radio.amendments
    )


def _rates(radio: Radio) -> bytes:
    return bytes(sorted(radio.rates)) + bytes(BASIC | one for one in sorted(radio.selectors))


def _join(kind: int, content: JoinContent) -> bytes:
    """The fixed fields of a frame that matters for joining, and the name that it asks for."""
    if content.kind == "transition":
        return TRANSITION_REQUEST
    if kind in _FIXED_BYTES:
        name = _element(SSID, content.ssid) if content.ssid else b""
        security = _element(RSN, b"") if content.is_secured else b""
        return bytes(_FIXED_BYTES[kind]) + name + security
    if kind == AUTHENTICATION:
        sequence = _AUTHENTICATION_STEPS[content.kind]
        fields = (content.algorithm, sequence, content.code)
        return b"".join(field.to_bytes(2, "little") for field in fields)
    return bytes(_BEFORE_CODE.get(kind, 0)) + content.code.to_bytes(2, "little")


def _element(number: int, value: bytes) -> bytes:
    return bytes((number, len(value))) + value


def _suites(suites: Suites, oui: bytes) -> bytes:
    """An RSN or WPA element's value that is read as these suites; what is the default is left
    out.
    """
    ciphers = _selectors(suites.ciphers - ({CCMP} if len(suites.ciphers) == 1 else set()), oui)
    akms = _selectors(suites.akms - ({1} if len(suites.akms) == 1 else set()), oui)
    flags = PMF_REQUIRED * suites.is_pmf_required | PMF_CAPABLE * suites.is_pmf_capable
    parts = [ciphers, akms, flags.to_bytes(2, "little") if flags else b""]
    while parts and parts[-1] in (b"", _NO_SUITES):
        parts.pop()
    group = oui + bytes([suites.group]) if suites.group != CCMP else b""
    if not parts:
        return bytes(2) + group if group else b""
    return bytes(2) + (group or bytes(4)) + b"".join(parts)


def _selectors(numbers: frozenset[int], oui: bytes) -> bytes:
    return len(numbers).to_bytes(2, "little") + b"".join(
        oui + bytes([number]) for number in sorted(numbers)
    )


def key_frame(link: int, frame: bytes, radio: Dot11) -> bytes | None:
    """What is read of a message of the 4-way handshake; None for any other frame."""
    place = locate(link, frame)
    if place is None or place.ethertype != EAPOL or place.src is None or place.dst is None:
        return None
    name = key_message(frame[place.offset :])
    if not name:
        return None
    up = bool(frame[radio.offset + 1] & TO_DS)
    first, second = frame[radio.offset + 4 : radio.offset + 10], frame[radio.offset + 10 :][:6]
    addresses = (first, place.src) if up else (place.dst, second)
    key = bytearray(4 + _KEY_BYTES)
    key[1], key[3] = _KEY_TYPE, _KEY_BYTES
    key[5:7] = _KEY_FLAGS[name].to_bytes(2, "big")
    key[98] = name == "key2"
    return dot11_frame(
        link,
        DATA,
        addresses,
        _SNAP + EAPOL.to_bytes(2, "big") + bytes(key),
        flags=TO_DS if up else FROM_DS,
    )
