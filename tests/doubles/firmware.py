"""What differs on the wire between the firmware lines of the Photon, as data.

Sources: device-os at the tags named, system/src/system_task.cpp (retry, internet test),
communication/src (protocol classes), hal/src/photon (sockets) and the lwIP archives shipped with it
(DHCP, DNS and port behaviour).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class FirmwareLine:
    """The wire behaviour shared by a range of releases; times in seconds."""

    version: str
    """A release that stands for the line."""
    new_stack: bool
    """lwIP 1.4.1 (0.7.0 on): constant DHCP id, host name in REQUEST, random DNS ids, high source
    ports.
    """
    fallback_address: str | None = None
    """Compiled-in cloud address used when every look-up failed (0.4.9 to 0.5.5)."""
    early_ping: bool = False
    """The old protocol class pings right behind its Hello, because its idle timer was never reset.
    """
    hello_wait_s: float = 4.0
    """Patience for the server's Hello."""
    long_hello: bool = False
    """Hello of 27 bytes (3.0 on) in place of 15; the two size events are then left out."""
    internet_test: Literal["tcp53", "ntp"] = "tcp53"
    """What is asked after a failed attempt: TCP 8.8.8.8:53, or pool.ntp.org and NTP, the latter
    after handshake failures too.
    """
    close_delay_s: float = 0.25
    """The LED flash between a failed handshake and the closing of its socket."""

    @property
    def resets_wifi_by_count(self) -> bool:
        """Rejoins after one or two failed attempts (0.4.5 to 1.5) and not only after five minutes
        (2.0 on).
        """
        return self.internet_test == "tcp53"


FIRMWARE = {
    line.version: line
    for line in (
        FirmwareLine(
            version="0.5.5",
            new_stack=False,
            fallback_address="54.208.229.4",
            early_ping=True,
            hello_wait_s=2.0,
        ),
        FirmwareLine(version="0.6.0", new_stack=False, early_ping=True, hello_wait_s=2.0),
        FirmwareLine(version="0.6.4", new_stack=False, early_ping=True, hello_wait_s=2.0),
        FirmwareLine(version="0.7.0", new_stack=True, early_ping=True, hello_wait_s=2.0),
        FirmwareLine(version="1.5.2", new_stack=True),
        FirmwareLine(version="2.3.1", new_stack=True, internet_test="ntp"),
        FirmwareLine(version="3.3.1", new_stack=True, internet_test="ntp", long_hello=True),
    )
}
"""Release → its line. 0.6.0 and 0.6.4 differ in LED signals only, which no capture shows."""


def back_off_s(failures: int) -> float:
    """Seconds between the n-th consecutive failure (from 1) and the next try: 1 ×5, 2 ×5 … 64 ×5,
    then 128 (0.4.4 on).
    """
    return float(1 << min(7, (failures - 1) // 5))
