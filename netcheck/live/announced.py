"""What DHCP offers of this run named as the address of a login page's interface (RFC 8910), for whoever wants to ask it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from netcheck.plugin import Offer

_BEGINS_WITHIN_S = 0.5
"""Who listens for offers began on a lower rung; where nobody did by then, nobody will."""


class AnnouncedPortal:
    """The first address that an offer named; threads may tell it and wait for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._uri = ""
        self._listeners = 0
        self._has_begun = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Somebody listens for offers meanwhile."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def hear(self, offer: Offer) -> None:
        """An offer came."""
        with self._changed:
            self._uri = self._uri or offer.portal
            self._changed.notify_all()

    def awaited(self, patience_s: float) -> str:
        """The address, as soon as one is known; empty once nobody listens any more, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_begun, min(patience_s, _BEGINS_WITHIN_S))
            self._changed.wait_for(lambda: self._uri or not self._listeners, patience_s)
            return self._uri

    def _count(self, step: int) -> None:
        with self._changed:
            self._listeners += step
            self._has_begun = True
            self._changed.notify_all()
