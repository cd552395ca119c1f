"""A station's broadcast goes to the access point, and from there to everybody: one message that a
monitor receives twice, up to a beacon interval or more apart where a station sleeps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from netcheck.capture.files.tally import Packet
from netcheck.wire.decode import Message
from netcheck.wire.links import dot11

RELAY_NS = 700_000_000
"""So long an access point holds a broadcast back at most: some beacon intervals (IEEE 802.11-2020
§11.2.3), and less than what a station waits before it asks again.
"""
MAX_HELD = 1_000


@dataclass
class Relays:
    """Broadcasts on their way to an access point, by what they say."""

    _sent: dict[Message, int] = field(default_factory=dict)

    def is_relayed(self, packet: Packet, message: Message) -> bool:
        """Did the access point only pass on what a station had sent a moment before?"""
        radio = dot11(packet.link, packet.frame)
        if radio is None or not radio.is_data or not _is_to_many(message):
            return False
        flags = packet.frame[radio.offset + 1] & 3
        if flags == 1:
            self._sent.pop(message, None)
            self._sent[message] = packet.at_ns
            if len(self._sent) > MAX_HELD:
                del self._sent[next(iter(self._sent))]
            return False
        sent_ns = self._sent.pop(message, None) if flags == 2 else None
        return sent_ns is not None and 0 <= packet.at_ns - sent_ns <= RELAY_NS


def _is_to_many(message: Message) -> bool:
    return message.dst_mac is not None and bool(int(message.dst_mac[:2], 16) & 1)
