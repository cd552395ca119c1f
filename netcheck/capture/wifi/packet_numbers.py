"""Which frames a monitor missed: each key counts the frames that it encrypts, one by one, for each
sender (IEEE 802.11-2020 §12.5.3.4.5), and a frame that is sent again keeps its number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_COUNTED = 2_000
"""Keys and senders that are counted; four for each station that is sent new keys once."""
LONGEST_GAP = 1_000
"""More at once is a monitor that was away, and counts as so many."""
FEW, FEW_PART = 3, 50
"""Fewer, or less than one of so many, is what each monitor misses."""
_MISSED = (
    "{missed} of {every} encrypted frames were not received (their packet numbers are missing): an"
    " answer that the capture lacks may have been given"
)


@dataclass
class PacketNumbers:
    """The numbers received so far."""

    received: int = 0
    missed: int = 0
    _newest: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    """Key and sender → the highest number."""

    def note(self, key: bytes, sender: bytes, number: int) -> None:
        """Take in the number of a frame that this key opened."""
        newest = self._newest.get((key, sender))
        if newest is None:
            if len(self._newest) < MAX_COUNTED:
                self._newest[key, sender] = number
                self.received += 1
        elif number > newest:
            self._newest[key, sender] = number
            self.received += 1
            self.missed += min(number - newest - 1, LONGEST_GAP)
        elif number < newest and self.missed:  # later than one that was sent after it
            self.received += 1
            self.missed -= 1

    def limits(self) -> tuple[str, ...]:
        """In words, that more than a few were missed."""
        if self.missed < FEW or self.missed * FEW_PART < self.received:
            return ()
        return (_MISSED.format(missed=self.missed, every=self.missed + self.received),)
