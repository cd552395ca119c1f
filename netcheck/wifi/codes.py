"""Status and reason codes: what an access point says when it does not take, or not keep, a station.

Two tables, IEEE 802.11-2020 table 9-50 (status codes) and table 9-49 (reason codes); 124 and 127
are of 802.11ax and of the Wi-Fi Alliance. Each code has its meaning and the word of
`netcheck.vocabulary.reasons` that an observation then carries; what the word speaks for, and how
strongly, stands with the causes. A code that no station meets while it joins says no more than that
it was refused, or sent away.
"""

from __future__ import annotations

from typing import NamedTuple

SHARED_KEY, SAE = 1, 3
"""Authentication algorithms (IEEE 802.11-2020 §9.4.1.1); 0 is the open system."""

CHALLENGE_FAILURE, OUT_OF_SEQUENCE = 15, 14


class Code(NamedTuple):
    """What a code means, and the reason that an observation gives for it: empty where the code ends
    nothing.
    """

    meaning: str
    reason: str


UNCLEAR, AWAY = "refused_unclear", "thrown_out"
"""The reasons of codes that say nothing of why: refused, and sent away once accepted."""

STATUS: dict[int, Code] = {
    0: Code("success", ""),
    1: Code("refused, no reason given", "refused"),
    2: Code("TDLS wakeup schedule rejected, another is proposed", UNCLEAR),
    3: Code("TDLS wakeup schedule rejected", UNCLEAR),
    5: Code("security disabled", UNCLEAR),
    6: Code("unacceptable lifetime", UNCLEAR),
    7: Code("not in the same BSS", UNCLEAR),
    10: Code("not all requested capabilities are supported", "unsupported_mode"),
    11: Code("reassociation without an association that could be confirmed", "state_lost"),
    12: Code("refused for a reason outside the standard", "refused"),
    13: Code("authentication algorithm not supported", "other_security"),
    14: Code("authentication frame out of sequence", UNCLEAR),
    15: Code("challenge failure", "wrong_wep_key"),
    16: Code("the next frame of the authentication did not come in time", "unheard"),
    17: Code("the access point takes no more stations", "full"),
    18: Code("the station does not support all basic rates", "unsupported_mode"),
    19: Code("the station does not support the short preamble", "unsupported_mode"),
    20: Code("the station does not support PBCC modulation", "unsupported_mode"),
    21: Code("the station does not support channel agility", "unsupported_mode"),
    22: Code("spectrum management is required", "spectrum_rules"),
    23: Code("power capability not acceptable", "spectrum_rules"),
    24: Code("supported channels not acceptable", "spectrum_rules"),
    25: Code("the station does not support the short slot time", "unsupported_mode"),
    26: Code("the station does not support DSSS-OFDM", "unsupported_mode"),
    27: Code("the station does not support 802.11n (HT)", "unsupported_mode"),
    28: Code("the key holder of a fast transition is unreachable", "stale_key"),
    29: Code("the station does not support the PCO transition time", "unsupported_mode"),
    30: Code("refused for now: try again later", "try_later"),
    31: Code("protected management frames are required", "pmf_required"),
    32: Code("QoS failure, unspecified", UNCLEAR),
    33: Code("too little bandwidth for another station", "full"),
    34: Code("poor channel conditions or too many lost frames", "weak"),
    35: Code("the station does not support QoS", "unsupported_mode"),
    37: Code("request declined", "refused"),
    38: Code("a parameter is invalid", UNCLEAR),
    39: Code("not possible, another TSPEC is proposed", UNCLEAR),
    40: Code("invalid element", "other_security"),
    41: Code("invalid group cipher", "other_security"),
    42: Code("invalid pairwise cipher", "other_security"),
    43: Code("invalid AKM", "other_security"),
    44: Code("unsupported RSN element version", "other_security"),
    45: Code("invalid RSN capabilities", "other_security"),
    46: Code("cipher suite rejected by policy", "other_security"),
    47: Code("rejected for a delay period", UNCLEAR),
    48: Code("DLS not allowed", UNCLEAR),
    49: Code("the destination is not in this BSS", UNCLEAR),
    50: Code("the destination is no QoS station", UNCLEAR),
    51: Code("listen interval too large", "unsupported_mode"),
    52: Code("invalid fast transition frame count", "stale_key"),
    53: Code("invalid PMKID: the key is not known", "stale_key"),
    54: Code("invalid mobility domain element", "stale_key"),
    55: Code("invalid fast transition element", "stale_key"),
    56: Code("requested TCLAS processing not supported", UNCLEAR),
    57: Code("too few resources for TCLAS processing", UNCLEAR),
    58: Code("no stream here: another BSS is proposed", UNCLEAR),
    59: Code("advertisement protocol not supported", UNCLEAR),
    60: Code("no outstanding GAS request", UNCLEAR),
    61: Code("no GAS response from the server", UNCLEAR),
    62: Code("GAS query timed out", UNCLEAR),
    63: Code("GAS response too large", UNCLEAR),
    64: Code("the home network does not support the request", UNCLEAR),
    65: Code("the advertisement server is unreachable", UNCLEAR),
    67: Code("refused because of SSPN permissions", UNCLEAR),
    68: Code("unauthenticated access not supported", UNCLEAR),
    72: Code("invalid contents of the RSN element", "other_security"),
    73: Code("U-APSD coexistence not supported", UNCLEAR),
    74: Code("requested U-APSD coexistence mode not supported", UNCLEAR),
    75: Code("interval not supported with U-APSD coexistence", UNCLEAR),
    76: Code("an anti-clogging token is required", ""),
    77: Code("the finite cyclic group is not supported", ""),
    78: Code("no alternative TBTT found", UNCLEAR),
    79: Code("transmission failure", UNCLEAR),
    80: Code("requested TCLAS not supported", UNCLEAR),
    81: Code("TCLAS resources exhausted", UNCLEAR),
    82: Code("rejected, another BSS is proposed", "steered"),
    83: Code("rejected, a schedule is proposed", UNCLEAR),
    84: Code("rejected without a wakeup schedule", UNCLEAR),
    85: Code("success, the destination is in power-save mode", ""),
    86: Code("FST session pending", UNCLEAR),
    87: Code("performing FST now", UNCLEAR),
    88: Code("FST pending, gap in the block ack window", UNCLEAR),
    89: Code("rejected because of the U-PID setting", UNCLEAR),
    92: Code("refused for an external reason", UNCLEAR),
    93: Code("the access point is out of memory", "full"),
    94: Code("emergency services not supported", UNCLEAR),
    95: Code("GAS query response outstanding", UNCLEAR),
    96: Code("rejected: the band is subject to DSE procedures", UNCLEAR),
    97: Code("TCLAS processing terminated", UNCLEAR),
    98: Code("schedule conflict", UNCLEAR),
    99: Code("denied, another band and channel are proposed", "steered"),
    100: Code("MCCAOP reservation conflict", UNCLEAR),
    101: Code("MAF limit exceeded", UNCLEAR),
    102: Code("MCCA track limit exceeded", UNCLEAR),
    103: Code("spectrum management field not acceptable", "spectrum_rules"),
    104: Code("the station does not support 802.11ac (VHT)", "unsupported_mode"),
    105: Code("enablement denied", UNCLEAR),
    106: Code("restricted by an authorized geolocation database", UNCLEAR),
    107: Code("authorization withdrawn", UNCLEAR),
    108: Code("energy limited operation not supported", UNCLEAR),
    109: Code("block ack refused, NDP block ack proposed", UNCLEAR),
    110: Code("max away duration not acceptable", UNCLEAR),
    111: Code("flow control operation not supported", UNCLEAR),
    112: Code("FILS authentication failure", UNCLEAR),
    113: Code("unknown authentication server", UNCLEAR),
    116: Code("notification period denied", UNCLEAR),
    117: Code("channel splitting denied", UNCLEAR),
    118: Code("allocation denied", UNCLEAR),
    119: Code("the station does not support CMMG", "unsupported_mode"),
    120: Code("GAS fragment not available", UNCLEAR),
    121: Code("success, the CAG versions match", ""),
    122: Code("not authorized to use GLK", UNCLEAR),
    123: Code("unknown password identifier", "wrong_password"),
    124: Code("the station does not support 802.11ax (HE)", "unsupported_mode"),
    125: Code("TCLAS processing terminated by policy", UNCLEAR),
    126: Code("SAE by direct hashing (hash to element)", ""),
    127: Code("SAE with a public key", ""),
}
"""Status code → its meaning; those absent are reserved."""

REASON: dict[int, Code] = {
    1: Code("unspecified", AWAY),
    2: Code("previous authentication no longer valid", AWAY),
    3: Code("the sender leaves", "left"),
    4: Code("inactivity", "idle"),
    5: Code("the access point cannot handle all its stations", "full"),
    6: Code("class 2 frame from a station not authenticated", "state_lost"),
    7: Code("class 3 frame from a station not associated", "state_lost"),
    8: Code("the sender leaves", "left"),
    9: Code("association asked for before authentication", "state_lost"),
    10: Code("power capability not acceptable", "spectrum_rules"),
    11: Code("supported channels not acceptable", "spectrum_rules"),
    12: Code("BSS transition management", "steered"),
    13: Code("invalid element", "other_security"),
    14: Code("message integrity code (MIC) failure", AWAY),
    15: Code("4-way handshake timeout", "unheard"),
    16: Code("group key handshake timeout", "unheard"),
    17: Code("element differs between beacon and 4-way handshake", "other_security"),
    18: Code("invalid group cipher", "other_security"),
    19: Code("invalid pairwise cipher", "other_security"),
    20: Code("invalid AKM", "other_security"),
    21: Code("unsupported RSN element version", "other_security"),
    22: Code("invalid RSN capabilities", "other_security"),
    23: Code("802.1X authentication failed", "eap_failed"),
    24: Code("cipher suite rejected by policy", "other_security"),
    25: Code("TDLS peer unreachable", AWAY),
    26: Code("TDLS link torn down", AWAY),
    27: Code("session terminated by the service provider", AWAY),
    28: Code("no roaming agreement", AWAY),
    29: Code("rejected because of the provider's cipher suite or AKM", "other_security"),
    30: Code("not authorized in this location", AWAY),
    31: Code("stream deleted: too little bandwidth", AWAY),
    32: Code("QoS failure, unspecified", AWAY),
    33: Code("too little bandwidth for this station", "full"),
    34: Code("too many frames were not acknowledged", "weak"),
    35: Code("the station sends outside its TXOPs", AWAY),
    36: Code("the peer leaves or resets", "left"),
    37: Code("the peer no longer uses the stream", AWAY),
    38: Code("frames of a mechanism that was not set up", AWAY),
    39: Code("the peer timed out", "unheard"),
    45: Code("the peer does not support the cipher", "other_security"),
    46: Code("authorized access limit reached", AWAY),
    47: Code("external service requirements", AWAY),
    48: Code("invalid fast transition frame count", "stale_key"),
    49: Code("invalid PMKID: the key is not known", "stale_key"),
    50: Code("invalid mobility domain element", "stale_key"),
    51: Code("invalid fast transition element", "stale_key"),
    52: Code("mesh peering cancelled", AWAY),
    53: Code("too many mesh peers", AWAY),
    54: Code("mesh configuration policy violated", AWAY),
    55: Code("mesh close received", AWAY),
    56: Code("mesh retries exhausted", AWAY),
    57: Code("mesh confirm timeout", AWAY),
    58: Code("mesh group key cannot be unwrapped", AWAY),
    59: Code("mesh parameters inconsistent", AWAY),
    60: Code("mesh cipher suites differ", AWAY),
    61: Code("no mesh proxy information", AWAY),
    62: Code("no mesh forwarding information", AWAY),
    63: Code("mesh destination unreachable", AWAY),
    64: Code("the MAC address exists in the mesh already", AWAY),
    65: Code("mesh channel switch by regulation", AWAY),
    66: Code("mesh channel switch, unspecified", AWAY),
    67: Code("link on another channel failed", AWAY),
    68: Code("the other channel is occupied", AWAY),
    71: Code("poor signal", "weak"),
}
"""Reason code → its meaning, of an access point that sends a station away; those absent are
reserved.
"""

HARMLESS = frozenset({"left", "idle"})
"""What happens in good order: the access point itself goes, or frees an idle station."""

_SAE_STATUS = {1: "wrong_password", CHALLENGE_FAILURE: "wrong_password"}
_RESERVED = "reserved"


def refusal(status: int, algorithm: int = 0) -> Code:
    """What the status of an answer means, after an authentication of that algorithm. WEP alone has
    a challenge; in SAE a wrong password fails as the confirm does.
    """
    code = STATUS.get(status, Code(_RESERVED, UNCLEAR))
    if algorithm == SAE and status in _SAE_STATUS:
        return code._replace(reason=_SAE_STATUS[status])
    if algorithm == SHARED_KEY and status == OUT_OF_SEQUENCE:
        return code._replace(reason="wrong_wep_key")
    return code


def sent_away(reason: int) -> Code:
    """What the reason means with which an access point sends a station away."""
    return REASON.get(reason, Code(_RESERVED, AWAY))
