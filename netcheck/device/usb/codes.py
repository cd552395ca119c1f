"""Error numbers of the device → what did not work: results of its Wi-Fi driver, and errors of its
cloud protocol.

Sources: device-os@v1.5.2:hal/src/photon/wiced/WWD/include/wwd_constants.h;
@v2.3.0:communication/inc/protocol_defs.h and services/inc/system_error.h. Numbers that leave open
what failed are not listed.
"""

from __future__ import annotations

WIFI = {
    1003: "out_of_range",
    1004: "bad_key_length",
    1006: "rejected",
    1007: "not_keyed",
    1022: "radio_fault",
    1024: "not_on_air",
    1025: "rejected",
    1043: "bad_key_length",
    1044: "other_security",
    1045: "wep",
    1046: "bad_key_length",
    1051: "radio_fault",
    1058: "bad_key_length",
    1061: "not_keyed",
    1062: "wrong_password",
    1063: "not_keyed",
    1064: "not_keyed",
    1065: "no_memory",
    1066: "not_on_air",
}
"""Result of a join (net:err, `result: N` in a log) → reason."""

OF_RADIO = frozenset({"not_on_air", "out_of_range", "radio_fault"})
"""Reasons that say that the network was not even found."""

PROTOCOL = {
    1: "no_ping_answer",
    6: "not_decrypted",
    7: "not_encrypted",
    8: "other_key",
    10: "no_welcome",
    16: "not_encrypted",
    25: "no_nonce",
    26: "no_key",
    35: "closed",
}
"""Error of the cloud protocol up to 1.5 → reason."""

SYSTEM = {
    -130: "other_key",
    -160: "timeout",
    -201: "closed",
    -220: "no_nonce_or_key",
    -240: "not_decrypted_or_encrypted",
}
"""System error from 2.0 on → reason: it says less."""


def cloud_reason(number: int) -> str:
    """What a last cloud error says; empty where it is not known what failed."""
    return (SYSTEM if number < 0 else PROTOCOL).get(number, "")
