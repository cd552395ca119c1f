"""Status and reason codes: what an access point says when it does not take, or not keep, a station.

Two tables, IEEE 802.11-2020 table 9-50 (status codes) and table 9-49 (reason codes); 124 and 127
are of 802.11ax and of the Wi-Fi Alliance, 20, 21 and 26 of older editions. Each code has its name
there, its meaning, and the word of `netcheck.vocabulary.reasons` that an observation then carries;
what the word speaks for, and how strongly, stands with the causes. A code that no station meets
while it joins says no more than that it was refused, or sent away.
"""

from __future__ import annotations

from typing import NamedTuple

SHARED_KEY, SAE = 1, 3
"""Authentication algorithms (IEEE 802.11-2020 §9.4.1.1); 0 is the open system."""

CHALLENGE_FAILURE, OUT_OF_SEQUENCE = 15, 14


class Code(NamedTuple):
    """What the standard calls a code, what it means, and the reason that an observation gives for
    it: empty where the code ends nothing.
    """

    name: str
    meaning: str
    reason: str

    @property
    def says(self) -> str:
        """Name and meaning."""
        return f"{self.name}: {self.meaning}"


UNCLEAR, AWAY = "refused_unclear", "thrown_out"
"""The reasons of codes that say nothing of why: refused, and sent away once accepted."""

STATUS: dict[int, Code] = {
    0: Code("SUCCESS", "success", ""),
    1: Code("REFUSED_REASON_UNSPECIFIED", "refused, no reason given", "refused"),
    2: Code(
        "TDLS_REJECTED_ALTERNATIVE_PROVIDED",
        "TDLS wakeup schedule rejected, another is proposed",
        UNCLEAR,
    ),
    3: Code("TDLS_REJECTED", "TDLS wakeup schedule rejected", UNCLEAR),
    5: Code("SECURITY_DISABLED", "security disabled", UNCLEAR),
    6: Code("UNACCEPTABLE_LIFETIME", "unacceptable lifetime", UNCLEAR),
    7: Code("NOT_IN_SAME_BSS", "not in the same BSS", UNCLEAR),
    10: Code(
        "REFUSED_CAPABILITIES_MISMATCH",
        "not all requested capabilities are supported",
        "unsupported_mode",
    ),
    11: Code(
        "DENIED_NO_ASSOCIATION_EXISTS",
        "reassociation without an association that could be confirmed",
        "state_lost",
    ),
    12: Code("DENIED_OTHER_REASON", "refused for a reason outside the standard", "refused"),
    13: Code(
        "UNSUPPORTED_AUTH_ALGORITHM", "authentication algorithm not supported", "other_security"
    ),
    14: Code("TRANSACTION_SEQUENCE_ERROR", "authentication frame out of sequence", UNCLEAR),
    15: Code("CHALLENGE_FAILURE", "challenge failure", "wrong_wep_key"),
    16: Code(
        "REJECTED_SEQUENCE_TIMEOUT",
        "the next frame of the authentication did not come in time",
        "unheard",
    ),
    17: Code("DENIED_NO_MORE_STAS", "the access point takes no more stations", "full"),
    18: Code(
        "REFUSED_BASIC_RATES_MISMATCH",
        "the station does not support all basic rates",
        "unsupported_mode",
    ),
    19: Code(
        "DENIED_NO_SHORT_PREAMBLE_SUPPORT",
        "the station does not support the short preamble",
        "unsupported_mode",
    ),
    20: Code(
        "DENIED_NO_PBCC_SUPPORT", "the station does not support PBCC modulation", "unsupported_mode"
    ),
    21: Code(
        "DENIED_NO_CHANNEL_AGILITY_SUPPORT",
        "the station does not support channel agility",
        "unsupported_mode",
    ),
    22: Code(
        "REJECTED_SPECTRUM_MANAGEMENT_REQUIRED", "spectrum management is required", "spectrum_rules"
    ),
    23: Code("REJECTED_BAD_POWER_CAPABILITY", "power capability not acceptable", "spectrum_rules"),
    24: Code(
        "REJECTED_BAD_SUPPORTED_CHANNELS", "supported channels not acceptable", "spectrum_rules"
    ),
    25: Code(
        "DENIED_NO_SHORT_SLOT_TIME_SUPPORT",
        "the station does not support the short slot time",
        "unsupported_mode",
    ),
    26: Code(
        "DENIED_NO_DSSS_OFDM_SUPPORT", "the station does not support DSSS-OFDM", "unsupported_mode"
    ),
    27: Code(
        "DENIED_NO_HT_SUPPORT", "the station does not support 802.11n (HT)", "unsupported_mode"
    ),
    28: Code("R0KH_UNREACHABLE", "the key holder of a fast transition is unreachable", "stale_key"),
    29: Code(
        "DENIED_PCO_TIME_NOT_SUPPORTED",
        "the station does not support the PCO transition time",
        "unsupported_mode",
    ),
    30: Code("REFUSED_TEMPORARILY", "refused for now: try again later", "try_later"),
    31: Code(
        "ROBUST_MANAGEMENT_POLICY_VIOLATION",
        "protected management frames are required",
        "pmf_required",
    ),
    32: Code("UNSPECIFIED_QOS_FAILURE", "QoS failure, unspecified", UNCLEAR),
    33: Code("DENIED_INSUFFICIENT_BANDWIDTH", "too little bandwidth for another station", "full"),
    34: Code(
        "DENIED_POOR_CHANNEL_CONDITIONS", "poor channel conditions or too many lost frames", "weak"
    ),
    35: Code("DENIED_QOS_NOT_SUPPORTED", "the station does not support QoS", "unsupported_mode"),
    37: Code("REQUEST_DECLINED", "request declined", "refused"),
    38: Code("INVALID_PARAMETERS", "a parameter is invalid", UNCLEAR),
    39: Code("REJECTED_WITH_SUGGESTED_CHANGES", "not possible, another TSPEC is proposed", UNCLEAR),
    40: Code("STATUS_INVALID_ELEMENT", "invalid element", "other_security"),
    41: Code("STATUS_INVALID_GROUP_CIPHER", "invalid group cipher", "other_security"),
    42: Code("STATUS_INVALID_PAIRWISE_CIPHER", "invalid pairwise cipher", "other_security"),
    43: Code("STATUS_INVALID_AKMP", "invalid AKM", "other_security"),
    44: Code("UNSUPPORTED_RSNE_VERSION", "unsupported RSN element version", "other_security"),
    45: Code("INVALID_RSNE_CAPABILITIES", "invalid RSN capabilities", "other_security"),
    46: Code("STATUS_CIPHER_OUT_OF_POLICY", "cipher suite rejected by policy", "other_security"),
    47: Code("REJECTED_FOR_DELAY_PERIOD", "rejected for a delay period", UNCLEAR),
    48: Code("DLS_NOT_ALLOWED", "DLS not allowed", UNCLEAR),
    49: Code("NOT_PRESENT", "the destination is not in this BSS", UNCLEAR),
    50: Code("NOT_QOS_STA", "the destination is no QoS station", UNCLEAR),
    51: Code("DENIED_LISTEN_INTERVAL_TOO_LARGE", "listen interval too large", "unsupported_mode"),
    52: Code(
        "STATUS_INVALID_FT_ACTION_FRAME_COUNT", "invalid fast transition frame count", "stale_key"
    ),
    53: Code("STATUS_INVALID_PMKID", "invalid PMKID: the key is not known", "stale_key"),
    54: Code("STATUS_INVALID_MDE", "invalid mobility domain element", "stale_key"),
    55: Code("STATUS_INVALID_FTE", "invalid fast transition element", "stale_key"),
    56: Code("REQUESTED_TCLAS_NOT_SUPPORTED", "requested TCLAS processing not supported", UNCLEAR),
    57: Code(
        "INSUFFICIENT_TCLAS_PROCESSING_RESOURCES", "too few resources for TCLAS processing", UNCLEAR
    ),
    58: Code("TRY_ANOTHER_BSS", "no stream here: another BSS is proposed", UNCLEAR),
    59: Code(
        "GAS_ADVERTISEMENT_PROTOCOL_NOT_SUPPORTED", "advertisement protocol not supported", UNCLEAR
    ),
    60: Code("NO_OUTSTANDING_GAS_REQUEST", "no outstanding GAS request", UNCLEAR),
    61: Code("GAS_RESPONSE_NOT_RECEIVED_FROM_SERVER", "no GAS response from the server", UNCLEAR),
    62: Code("GAS_QUERY_TIMEOUT", "GAS query timed out", UNCLEAR),
    63: Code("GAS_QUERY_RESPONSE_TOO_LARGE", "GAS response too large", UNCLEAR),
    64: Code(
        "REJECTED_HOME_WITH_SUGGESTED_CHANGES",
        "the home network does not support the request",
        UNCLEAR,
    ),
    65: Code("SERVER_UNREACHABLE", "the advertisement server is unreachable", UNCLEAR),
    67: Code("REJECTED_FOR_SSP_PERMISSIONS", "refused because of SSPN permissions", UNCLEAR),
    68: Code(
        "REFUSED_UNAUTHENTICATED_ACCESS_NOT_SUPPORTED",
        "unauthenticated access not supported",
        UNCLEAR,
    ),
    72: Code("INVALID_RSNE", "invalid contents of the RSN element", "other_security"),
    73: Code("U_APSD_COEXISTENCE_NOT_SUPPORTED", "U-APSD coexistence not supported", UNCLEAR),
    74: Code(
        "U_APSD_COEX_MODE_NOT_SUPPORTED", "requested U-APSD coexistence mode not supported", UNCLEAR
    ),
    75: Code(
        "BAD_INTERVAL_WITH_U_APSD_COEX", "interval not supported with U-APSD coexistence", UNCLEAR
    ),
    76: Code("ANTI_CLOGGING_TOKEN_REQUIRED", "an anti-clogging token is required", ""),
    77: Code("UNSUPPORTED_FINITE_CYCLIC_GROUP", "the finite cyclic group is not supported", ""),
    78: Code("CANNOT_FIND_ALTERNATIVE_TBTT", "no alternative TBTT found", UNCLEAR),
    79: Code("TRANSMISSION_FAILURE", "transmission failure", UNCLEAR),
    80: Code("REQUESTED_TCLAS_NOT_SUPPORTED", "requested TCLAS not supported", UNCLEAR),
    81: Code("TCLAS_RESOURCES_EXHAUSTED", "TCLAS resources exhausted", UNCLEAR),
    82: Code(
        "REJECTED_WITH_SUGGESTED_BSS_TRANSITION", "rejected, another BSS is proposed", "steered"
    ),
    83: Code("REJECT_WITH_SCHEDULE", "rejected, a schedule is proposed", UNCLEAR),
    84: Code("REJECT_NO_WAKEUP_SPECIFIED", "rejected without a wakeup schedule", UNCLEAR),
    85: Code("SUCCESS_POWER_SAVE_MODE", "success, the destination is in power-save mode", ""),
    86: Code("PENDING_ADMITTING_FST_SESSION", "FST session pending", UNCLEAR),
    87: Code("PERFORMING_FST_NOW", "performing FST now", UNCLEAR),
    88: Code("PENDING_GAP_IN_BA_WINDOW", "FST pending, gap in the block ack window", UNCLEAR),
    89: Code("REJECT_U-PID_SETTING", "rejected because of the U-PID setting", UNCLEAR),
    92: Code("REFUSED_EXTERNAL_REASON", "refused for an external reason", UNCLEAR),
    93: Code("REFUSED_AP_OUT_OF_MEMORY", "the access point is out of memory", "full"),
    94: Code(
        "REJECTED_EMERGENCY_SERVICES_NOT_SUPPORTED", "emergency services not supported", UNCLEAR
    ),
    95: Code("QUERY_RESPONSE_OUTSTANDING", "GAS query response outstanding", UNCLEAR),
    96: Code("REJECT_DSE_BAND", "rejected: the band is subject to DSE procedures", UNCLEAR),
    97: Code("TCLAS_PROCESSING_TERMINATED", "TCLAS processing terminated", UNCLEAR),
    98: Code("TS_SCHEDULE_CONFLICT", "schedule conflict", UNCLEAR),
    99: Code(
        "DENIED_WITH_SUGGESTED_BAND_AND_CHANNEL",
        "denied, another band and channel are proposed",
        "steered",
    ),
    100: Code("MCCAOP_RESERVATION_CONFLICT", "MCCAOP reservation conflict", UNCLEAR),
    101: Code("MAF_LIMIT_EXCEEDED", "MAF limit exceeded", UNCLEAR),
    102: Code("MCCA_TRACK_LIMIT_EXCEEDED", "MCCA track limit exceeded", UNCLEAR),
    103: Code(
        "DENIED_DUE_TO_SPECTRUM_MANAGEMENT",
        "spectrum management field not acceptable",
        "spectrum_rules",
    ),
    104: Code(
        "DENIED_VHT_NOT_SUPPORTED",
        "the station does not support 802.11ac (VHT)",
        "unsupported_mode",
    ),
    105: Code("ENABLEMENT_DENIED", "enablement denied", UNCLEAR),
    106: Code(
        "RESTRICTION_FROM_AUTHORIZED_GDB",
        "restricted by an authorized geolocation database",
        UNCLEAR,
    ),
    107: Code("AUTHORIZATION_DEENABLED", "authorization withdrawn", UNCLEAR),
    108: Code(
        "ENERGY_LIMITED_OPERATION_NOT_SUPPORTED", "energy limited operation not supported", UNCLEAR
    ),
    109: Code(
        "REJECTED_NDP_BLOCK_ACK_SUGGESTED", "block ack refused, NDP block ack proposed", UNCLEAR
    ),
    110: Code(
        "REJECTED_MAX_AWAY_DURATION_UNACCEPTABLE", "max away duration not acceptable", UNCLEAR
    ),
    111: Code("FLOW_CONTROL_OPERATION_SUPPORTED", "flow control operation not supported", UNCLEAR),
    112: Code("FILS_AUTHENTICATION_FAILURE", "FILS authentication failure", UNCLEAR),
    113: Code("UNKNOWN_AUTHENTICATION_SERVER", "unknown authentication server", UNCLEAR),
    116: Code("DENIED_NOTIFICATION_PERIOD_ALLOCATION", "notification period denied", UNCLEAR),
    117: Code("DENIED_CHANNEL_SPLITTING", "channel splitting denied", UNCLEAR),
    118: Code("DENIED_ALLOCATION", "allocation denied", UNCLEAR),
    119: Code(
        "CMMG_FEATURES_NOT_SUPPORTED", "the station does not support CMMG", "unsupported_mode"
    ),
    120: Code("GAS_FRAGMENT_NOT_AVAILABLE", "GAS fragment not available", UNCLEAR),
    121: Code("SUCCESS_CAG_VERSIONS_MATCH", "success, the CAG versions match", ""),
    122: Code("GLK_NOT_AUTHORIZED", "not authorized to use GLK", UNCLEAR),
    123: Code("UNKNOWN_PASSWORD_IDENTIFIER", "unknown password identifier", "wrong_password"),
    124: Code(
        "DENIED_HE_NOT_SUPPORTED", "the station does not support 802.11ax (HE)", "unsupported_mode"
    ),
    125: Code(
        "DENIED_LOCAL_MAC_ADDRESS_POLICY_VIOLATION",
        "a locally administered MAC address is against its policy",
        UNCLEAR,
    ),
    126: Code("SAE_HASH_TO_ELEMENT", "SAE by direct hashing (hash to element)", ""),
    127: Code("SAE_PK", "SAE with a public key", ""),
}
"""Status code → its meaning; those absent are reserved."""

REASON: dict[int, Code] = {
    1: Code("UNSPECIFIED_REASON", "unspecified", AWAY),
    2: Code("INVALID_AUTHENTICATION", "previous authentication no longer valid", AWAY),
    3: Code("LEAVING_NETWORK_DEAUTH", "the sender leaves", "left"),
    4: Code("REASON_INACTIVITY", "inactivity", "idle"),
    5: Code("NO_MORE_STAS", "the access point cannot handle all its stations", "full"),
    6: Code("INVALID_CLASS2_FRAME", "class 2 frame from a station not authenticated", "state_lost"),
    7: Code("INVALID_CLASS3_FRAME", "class 3 frame from a station not associated", "state_lost"),
    8: Code("LEAVING_NETWORK_DISASSOC", "the sender leaves", "left"),
    9: Code("NOT_AUTHENTICATED", "association asked for before authentication", "state_lost"),
    10: Code("UNACCEPTABLE_POWER_CAPABILITY", "power capability not acceptable", "spectrum_rules"),
    11: Code(
        "UNACCEPTABLE_SUPPORTED_CHANNELS", "supported channels not acceptable", "spectrum_rules"
    ),
    12: Code("BSS_TRANSITION_DISASSOC", "BSS transition management", "steered"),
    13: Code("REASON_INVALID_ELEMENT", "invalid element", "other_security"),
    14: Code("MIC_FAILURE", "message integrity code (MIC) failure", AWAY),
    15: Code("4WAY_HANDSHAKE_TIMEOUT", "4-way handshake timeout", "unheard"),
    16: Code("GK_HANDSHAKE_TIMEOUT", "group key handshake timeout", "unheard"),
    17: Code(
        "HANDSHAKE_ELEMENT_MISMATCH",
        "element differs between beacon and 4-way handshake",
        "other_security",
    ),
    18: Code("REASON_INVALID_GROUP_CIPHER", "invalid group cipher", "other_security"),
    19: Code("REASON_INVALID_PAIRWISE_CIPHER", "invalid pairwise cipher", "other_security"),
    20: Code("REASON_INVALID_AKMP", "invalid AKM", "other_security"),
    21: Code("UNSUPPORTED_RSNE_VERSION", "unsupported RSN element version", "other_security"),
    22: Code("INVALID_RSNE_CAPABILITIES", "invalid RSN capabilities", "other_security"),
    23: Code("802_1_X_AUTH_FAILED", "802.1X authentication failed", "eap_failed"),
    24: Code("REASON_CIPHER_OUT_OF_POLICY", "cipher suite rejected by policy", "other_security"),
    25: Code("TDLS_PEER_UNREACHABLE", "TDLS peer unreachable", AWAY),
    26: Code("TDLS_UNSPECIFIED_REASON", "TDLS link torn down", AWAY),
    27: Code("SSP_REQUESTED_DISASSOC", "session terminated by the service provider", AWAY),
    28: Code("NO_SSP_ROAMING_AGREEMENT", "no roaming agreement", AWAY),
    29: Code(
        "BAD_CIPHER_OR_AKM",
        "rejected because of the provider's cipher suite or AKM",
        "other_security",
    ),
    30: Code("NOT_AUTHORIZED_THIS_LOCATION", "not authorized in this location", AWAY),
    31: Code("SERVICE_CHANGE_PRECLUDES_TS", "stream deleted: too little bandwidth", AWAY),
    32: Code("UNSPECIFIED_QOS_REASON", "QoS failure, unspecified", AWAY),
    33: Code("NOT_ENOUGH_BANDWIDTH", "too little bandwidth for this station", "full"),
    34: Code("MISSING_ACKS", "too many frames were not acknowledged", "weak"),
    35: Code("EXCEEDED_TXOP", "the station sends outside its TXOPs", AWAY),
    36: Code("STA_LEAVING", "the peer leaves or resets", "left"),
    37: Code("END_TS_BA_DLS", "the peer no longer uses the stream", AWAY),
    38: Code("UNKNOWN_TS_BA", "frames of a mechanism that was not set up", AWAY),
    39: Code("TIMEOUT", "the peer timed out", "unheard"),
    45: Code("PEERKEY_MISMATCH", "the peer does not support the cipher", "other_security"),
    46: Code("PEER_INITIATED", "authorized access limit reached", AWAY),
    47: Code("AP_INITIATED", "external service requirements", AWAY),
    48: Code(
        "REASON_INVALID_FT_ACTION_FRAME_COUNT", "invalid fast transition frame count", "stale_key"
    ),
    49: Code("REASON_INVALID_PMKID", "invalid PMKID: the key is not known", "stale_key"),
    50: Code("REASON_INVALID_MDE", "invalid mobility domain element", "stale_key"),
    51: Code("REASON_INVALID_FTE", "invalid fast transition element", "stale_key"),
    52: Code("MESH-PEERING-CANCELED", "mesh peering cancelled", AWAY),
    53: Code("MESH-MAX-PEERS", "too many mesh peers", AWAY),
    54: Code("MESH-CONFIGURATION-POLICY-VIOLATION", "mesh configuration policy violated", AWAY),
    55: Code("MESH-CLOSE-RCVD", "mesh close received", AWAY),
    56: Code("MESH-MAX-RETRIES", "mesh retries exhausted", AWAY),
    57: Code("MESH-CONFIRM-TIMEOUT", "mesh confirm timeout", AWAY),
    58: Code("MESH-INVALID-GTK", "mesh group key cannot be unwrapped", AWAY),
    59: Code("MESH-INCONSISTENT-PARAMETERS", "mesh parameters inconsistent", AWAY),
    60: Code("MESH-INVALID-SECURITY-CAPABILITY", "mesh cipher suites differ", AWAY),
    61: Code("MESH-PATH-ERROR-NO-PROXY-INFORMATION", "no mesh proxy information", AWAY),
    62: Code("MESH-PATH-ERROR-NO-FORWARDING-INFORMATION", "no mesh forwarding information", AWAY),
    63: Code("MESH-PATH-ERROR-DESTINATION-UNREACHABLE", "mesh destination unreachable", AWAY),
    64: Code(
        "MAC-ADDRESS-ALREADY-EXISTS-IN-MBSS", "the MAC address exists in the mesh already", AWAY
    ),
    65: Code(
        "MESH-CHANNEL-SWITCH-REGULATORY-REQUIREMENTS", "mesh channel switch by regulation", AWAY
    ),
    66: Code("MESH-CHANNEL-SWITCH-UNSPECIFIED", "mesh channel switch, unspecified", AWAY),
    67: Code("TRANSMISSION_LINK_ESTABLISHMENT_FAILED", "link on another channel failed", AWAY),
    68: Code("ALTERNATIVE_CHANNEL_OCCUPIED", "the other channel is occupied", AWAY),
    71: Code("POOR_RSSI_CONDITIONS", "poor signal", "weak"),
}
"""Reason code → its meaning, of an access point that sends a station away; those absent are
reserved.
"""

HARMLESS = frozenset({"left", "idle"})
"""What happens in good order: the access point itself goes, or frees an idle station."""

_SAE_STATUS = {1: "wrong_password", CHALLENGE_FAILURE: "wrong_password"}
_RESERVED, _NO_MEANING = "reserved", "no meaning in the standard"


def refusal(status: int, algorithm: int = 0) -> Code:
    """What the status of an answer means, after an authentication of that algorithm. WEP alone has
    a challenge; in SAE a wrong password fails as the confirm does.
    """
    code = STATUS.get(status, Code(_RESERVED, _NO_MEANING, UNCLEAR))
    if algorithm == SAE and status in _SAE_STATUS:
        return code._replace(reason=_SAE_STATUS[status])
    if algorithm == SHARED_KEY and status == OUT_OF_SEQUENCE:
        return code._replace(reason="wrong_wep_key")
    return code


def code_says(kind: str, code: float | None) -> str:
    """What the standard calls a `status` or `reason`, and what it means; empty for other kinds."""
    table = {"status": STATUS, "reason": REASON}.get(kind, {})
    return table[int(code)].says if code is not None and code in table else ""


def sent_away(reason: int) -> Code:
    """What the reason means with which an access point sends a station away."""
    return REASON.get(reason, Code(_RESERVED, _NO_MEANING, AWAY))
