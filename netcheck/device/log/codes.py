"""Numbers in log messages as reasons of our closed list: results of the Wi-Fi chip, of sockets, and
of the handshake.

What a number means depends on the version; what the log does not say for sure stays open.
"""

from __future__ import annotations

from netcheck.device.log.lines import LineFormat

JOIN: dict[int, str] = {
    2: "timeout",
    1003: "weak",
    1004: "key_form",
    1006: "not_let_in",
    1007: "wrong_password",
    1012: "timeout",
    1022: "radio_fault",
    1024: "not_on_air",
    1025: "not_let_in",
    1043: "key_form",
    1044: "other_security",
    1045: "wep",
    1046: "key_form",
    1051: "radio_fault",
    1054: "timeout",
    1058: "key_form",
    1061: "timeout",
    1062: "wrong_password",
    1063: "timeout",
    1064: "wrong_password",
    1065: "no_memory",
    1066: "not_on_air",
}
"""WICED and WWD results (device-os@v1.5.2:hal/src/photon/wiced/WWD/include/wwd_constants.h). 1062:
the third message of the 4-way handshake did not come, so the second was not accepted; 1006 and 1025
say only that the access point did not let it in.
"""

SOCKET: dict[int, str] = {
    -2: "timeout",
    -9: "no_address",
    -14: "no_route",
    -17: "reset",
    -18: "refused",
    -19: "reset",
    -22: "no_route",
    -160: "timeout",
}
"""Minus the WICED result (device-os:hal/src/photon/include/wiced_result.h); -160 is the system's
own time-out (2.0).
"""

NAME_CODES = frozenset({-1, -170, -230})
"""What `Cloud socket connection failed` says where the name was not found: -1 to 1.0, -230 from 1.1
on.
"""

_HANDSHAKE: dict[int, str] = {
    25: "no_nonce",
    26: "no_key",
    6: "cannot_decrypt",
    7: "cannot_encrypt",
    16: "cannot_encrypt",
    8: "other_signature",
    10: "no_welcome",
    -130: "other_signature",
    -160: "no_welcome",
}
"""Protocol errors (device-os@v2.3.1:communication/inc/protocol_defs.h), and the system errors that
2.0 and later make of them, where these are unambiguous: -240 is one of 6 and 7, -220 one of 25 and
26.
"""
AMBIGUOUS = {
    -240: "not_decrypted_or_encrypted",
    **dict.fromkeys((-220, -19, -18, -17, -1, 2), "no_nonce_or_key"),
}
"""What a handshake's code leaves open: to 0.7.0 what the socket says, 2 (I/O) later, and from 2.0
the system's error.
"""
_HANDSHAKE_OLD: dict[int, str] = {1: "cannot_decrypt", 2: "other_signature"}
"""To 0.4.7, whose lines are of the old style."""


def handshake_step(code: int | None, line_format: LineFormat) -> str:
    """What a code says failed in the handshake; empty where it does not say."""
    if code is None:
        return ""
    return _HANDSHAKE.get(code) or (
        _HANDSHAKE_OLD.get(code, "") if line_format is LineFormat.OLD else ""
    )


PING_TIMEOUT = 1
REMOTE_CLOSED = frozenset({35, -201})

DEVICE_KEY_BITS, SERVER_KEY_BITS, SERVER_ADDRESS_BITS = 16 | 32 | 64 | 128, 1 | 2, 4 | 8
"""Of the mask in `spark/device/key/error` (device-os@v0.7.0:system/src/system_cloud_internal.cpp).
"""
