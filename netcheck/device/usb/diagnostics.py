"""The diagnostics of a device (command `d`, from 0.8) understood: what it remembers of its network
and cloud since its start.

Ids: device-os@v2.3.0:services/inc/diagnostics.h and system_network_diagnostics.h. Read in listening
mode, when the network is down: its state, its last reason to disconnect and its signal are then
artefacts and not read. What counts is history.
"""

from __future__ import annotations

from netcheck.device.usb.modules import objects
from netcheck.model import Struct

LISTENING = 4
"""cloud:dconnrsn: the device left the cloud because it was made to listen."""
BIGGEST = 1 << 40


class Diagnostics(Struct, frozen=True, kw_only=True):
    """Counters and last errors since the last reset. None: not told.

    `network_error` is a result of the Wi-Fi driver, `cloud_error` a protocol error up to 1.5 and a
    system error from 2.0 on; the latter is set by the handshake and later steps only, never by
    look-ups or by opening the connection.
    """

    network_error: int | None = None
    network_tries: int | None = None
    network_drops: int | None = None
    cloud_error: int | None = None
    cloud_tries: int | None = None
    cloud_drops: int | None = None
    cloud_drop_reason: int | None = None
    uptime_s: int | None = None
    free_bytes: int | None = None


FIELDS = {
    "network_error": "net:err",
    "network_tries": "net:connatt",
    "network_drops": "net:dconn",
    "cloud_error": "cloud:err",
    "cloud_tries": "cloud:connatt",
    "cloud_drops": "cloud:dconn",
    "cloud_drop_reason": "cloud:dconnrsn",
    "uptime_s": "sys:uptime",
    "free_bytes": "mem:free",
}
"""Field → its name on the device."""


def parse(text: str) -> Diagnostics | None:
    """The diagnostics in the text, whatever stands around them; None where there are none, or not
    yet all of them.
    """
    for value in objects(text):
        if any(name in value for name in FIELDS.values()) or "net:stat" in value:
            return Diagnostics(
                **{field: _number(value.get(name)) for field, name in FIELDS.items()}
            )
    return None


def _number(value: object) -> int | None:
    """A whole number; None for a source that could not answer ({"err": -120}) and for anything
    else.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not -BIGGEST < value < BIGGEST
    ):
        return None
    return int(value)
