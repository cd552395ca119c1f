"""What DHCP servers offered in this run, so that no probe asks again."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from netcheck.probing.net import DhcpOffer

T = TypeVar("T")

_BEGINS_WITHIN_S = 0.5
"""The probe that listens for offers starts on a lower rung: if it has not by then, none will."""


class ReceivedOffers:
    """All offers that came; threads may add one, and wait for what they need."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._offers: list[DhcpOffer] = []
        self._listeners = 0
        self._has_begun = False
        self._begins_by: float | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """A probe listens for offers meanwhile."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def add(self, offer: DhcpOffer) -> None:
        """An offer came."""
        with self._changed:
            self._offers.append(offer)
            self._changed.notify_all()

    def portal(self, patience_s: float) -> str:
        """The address of a login page's interface (RFC 8910) that the first such offer named, as
        soon as there is one; else empty.
        """
        return self._awaited(
            lambda: next((offer.portal for offer in self._offers if offer.portal), ""), patience_s
        )

    def of(self, client: str, patience_s: float) -> str:
        """The first address that was offered to that MAC, as soon as there is one; else empty."""
        return self._awaited(
            lambda: next((offer.address for offer in self._offers if offer.client == client), ""),
            patience_s,
        )

    def to_a_stranger(self, known: str, patience_s: float) -> DhcpOffer | None:
        """The first offer to another MAC than the `known` one, as soon as there is one; else the
        first of all; None where none came.
        """
        stranger = self._awaited(
            lambda: next((offer for offer in self._offers if offer.client != known), None),
            patience_s,
        )
        return stranger or self._awaited(lambda: next(iter(self._offers), None), 0.0)

    def _awaited(self, found: Callable[[], T], patience_s: float) -> T:
        """What `found` gives; nothing once no probe listens any more, or the time is over."""
        with self._changed:
            if self._begins_by is None:
                self._begins_by = time.monotonic() + _BEGINS_WITHIN_S
            left_s = max(0.0, self._begins_by - time.monotonic())
            self._changed.wait_for(lambda: self._has_begun, min(patience_s, left_s))
            self._changed.wait_for(lambda: found() or not self._listeners, patience_s)
            return found()

    def _count(self, step: int) -> None:
        with self._changed:
            self._listeners += step
            self._has_begun = True
            self._changed.notify_all()
