"""From the cloud's name to the end of the handshake in a log.

The device cannot tell silence from a denial when it looks up a name, nor silence from a box's
refusal by ICMP when it connects (cloud-handshake notes §1.1, §4 rows 10 and 14): what the log then
says is less than what a capture says. Sources: device-os@v0.5.3 to
v3.3.1:system/src/system_cloud_internal.cpp, system_cloud_connection_compat.cpp;
communication/src/handshake.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass

from netcheck.device.log.codes import NAME_CODES, SOCKET, handshake_step
from netcheck.device.log.statements import Mark, Voice
from netcheck.photon.addresses import PHOTON_FALLBACK
from netcheck.wire.ipv4 import is_bogon

SILENCE_S = 8.0
"""A connection that is refused or closed ends at once; after so long it was silent (the device
waits 20 s).
"""
STEPS = (
    "handshake.nonce",
    "handshake.request",
    "handshake.key",
    "handshake.hello",
    "handshake.welcome",
)
"""In the order in which they are passed."""
WELCOMED = len(STEPS)
IS_RESET = frozenset({-18, -17})


@dataclass
class Cloud:
    """Where the device stands between the cloud's name and the session."""

    voice: Voice
    name: str
    port: int
    begun: Mark | None = None
    named: Mark | None = None
    dialled: Mark | None = None
    opened: Mark | None = None
    place: str = ""
    passed: int = 0
    """How many of STEPS."""
    latest: Mark | None = None
    """The last of them."""
    is_over: bool = False
    """Is it told how this try ended?"""
    is_private: bool = False
    """Is the server's address stored in the device, so that no name is looked up?"""

    def cloud_begins(self, mark: Mark) -> None:
        """A new try."""
        self.begun, self.named, self.dialled = mark, None, None
        self._forget_connection()

    def _forget_connection(self) -> None:
        self.opened, self.place, self.passed, self.latest, self.is_over = None, "", 0, None, False

    # -- name

    def server_address(self, mark: Mark) -> None:
        """Where the device is told to go: type 1 is a name, 0 an address."""
        self.is_private = mark.values.get("type") == "0"

    def looks_up(self, mark: Mark) -> None:
        """The name is asked for."""
        self.begun = self.begun or mark

    def resolved(self, mark: Mark) -> None:
        """The name gave an address."""
        address = mark.values["address"]
        self.named = mark
        if is_bogon(address):
            self.voice.given.add(address)
            self.voice.failed(
                "dns.cloud_name", "bogon", mark, self.begun, mark.values["host"], addresses=address
            )
        else:
            self.voice.ok(
                "dns.cloud_name", mark, self.begun, mark.values["host"], addresses=address
            )

    def unresolved(self, mark: Mark) -> None:
        """The name gave none."""
        if not self.is_over:
            self.voice.failed(
                "dns.cloud_name", "no_name", mark, self.begun, mark.values.get("host", self.name)
            )
        self.is_over = True

    # -- connection

    def dials(self, mark: Mark) -> None:
        """The connection is asked for."""
        if self.opened is not None or self.is_over:
            self._forget_connection()
        self.dialled, self.place = mark, _place(mark)
        self._note_fallback(mark)

    def _note_fallback(self, mark: Mark) -> None:
        if mark.values.get("address") == PHOTON_FALLBACK and self.named is None:
            self.is_over = False
            self.voice.unclear(
                "tcp.address", "", mark, None, _place(mark), address=PHOTON_FALLBACK, fallback=True
            )

    def opened_now(self, mark: Mark) -> None:
        """The connection is open. Said twice: with the address, and without."""
        place = _place(mark) or self.place
        if self.opened is None:
            self._forget_connection()
            self.opened, self.place, self.latest = mark, place, mark
            since = self.dialled or self.named or self.begun
            if self._is_false(place):
                self.voice.unclear("tcp.false_address", "", mark, since, place)
                self.is_over = True
            else:
                self.voice.ok(
                    "tcp.cloud",
                    mark,
                    since,
                    place or self._default_place(),
                    **self._round_trip(mark),
                )

    def _round_trip(self, mark: Mark) -> dict[str, float]:
        """Only between the message before it and the one after is it known; milliseconds."""
        if self.dialled is None or not mark.is_timed:
            return {}
        return {"rtt_ms": round((mark.at_s - self.dialled.at_s) * 1000, 3)}

    def unopened(self, mark: Mark) -> None:
        """The connection did not open."""
        self.place = _place(mark) or self.place
        self._not_opened(mark)

    def socket_failed(self, mark: Mark) -> None:
        """Name or connection failed; the line before says which, where it is there."""
        code = mark.number("code")
        if self.is_over:
            return
        if (
            self.named is None
            and code in NAME_CODES
            and not self.is_private
            and self.dialled is None
        ):
            self.unresolved(mark)
        else:
            self._not_opened(mark)

    def _not_opened(self, mark: Mark) -> None:
        if self.is_over:
            return
        self.is_over = True
        code = mark.number("code")
        reason = SOCKET.get(code, "unopened") if code is not None else "unopened"
        since = self.dialled or self.named or self.begun
        if self._is_false(self.place):
            self.voice.failed("tcp.false_address", reason, mark, since, self.place)
            return
        data = self._round_trip(mark) if reason == "refused" else {}
        address = self.place.rpartition(":")[0]
        self.voice.failed(
            "tcp.cloud",
            reason,
            mark,
            since,
            self.place or self._default_place(),
            **({"address": address} if address else {}),
            **data,
        )

    def _is_false(self, place: str) -> bool:
        """Did a look-up give that address, which cannot be the cloud's, or may one have, in a log
        that shows errors alone?
        """
        address = place.rpartition(":")[0]
        is_unexplained = self.begun is None and not self.is_private and is_bogon(address)
        return address in self.voice.given or is_unexplained

    def _default_place(self) -> str:
        return f"{self.name}:{self.port}"

    # -- the device's own internet test

    def test_failed(self, mark: Mark) -> None:
        """Up to 1.5 a connection to 8.8.8.8:53; from 2.0 a name, then NTP
        (device-os@v2.3.1:system/src/system_task.cpp).
        """
        kind = mark.values.get("kind", "").lower()
        if kind == "dns":
            self.voice.failed("internet.name_test", "no_name", mark, None, "pool.ntp.org")
        else:
            if kind == "timeout":
                self.voice.ok("internet.name_test", mark, None, "pool.ntp.org")
            self.voice.failed("internet.test", "no_route" if kind == "network" else "timeout", mark)

    def test_passed(self, mark: Mark) -> None:
        """Something outside answers."""
        self.voice.ok("internet.test", mark)

    def both_tests_passed(self, mark: Mark) -> None:
        """A name resolves, and something outside answers."""
        self.voice.ok("internet.name_test", mark, None, "pool.ntp.org")
        self.voice.ok("internet.test", mark)

    # -- handshake

    def reached(self, steps: int, mark: Mark) -> None:
        """So many steps of the handshake are passed."""
        if self.is_over and self.opened is not None:
            return
        for fact in STEPS[self.passed : steps]:
            self.voice.ok(fact, mark, self.latest, self.place)
        if steps > self.passed:
            self.passed, self.latest = steps, mark

    def handshake_begins(self, mark: Mark) -> None:
        """So the connection is open, even if the line that says so is missing."""
        if self.opened is None:
            self.opened_now(mark)

    def failed(self, step: str, mark: Mark) -> None:
        """The handshake failed at that step; `step` is one of the events of the table of
        markers.
        """
        if self.is_over:
            return
        fact, before = _FAILING[step]
        reason = _REASONS.get(step) or self._ending(mark)
        since = self.latest
        self.reached(before, mark)
        self.is_over = True
        self.voice.failed(fact, reason, mark, since, self.place)

    def handshake_failed(self, mark: Mark) -> None:
        """The summary of a handshake whose failed step was not logged by itself."""
        if self.is_over:
            return
        step = handshake_step(mark.number("code"), mark.style) or _NEXT.get(self.passed, "")
        if step:
            self.failed(step, mark)
            return
        # Nonce or key: the number does not say which.
        self.is_over = True
        self.voice.unclear("handshake.nonce", "", mark, self.latest, self.place)
        self.voice.unclear("handshake.key", "", mark, self.latest, self.place)

    def _ending(self, mark: Mark) -> str:
        """Silence or an end at once, by the time that went by; empty where the log has no times."""
        if mark.number("code") in IS_RESET:
            return "reset"
        if self.latest is None or not mark.is_timed or self.latest is mark:
            return ""
        return "silent" if mark.at_s - self.latest.at_s >= SILENCE_S else "closed"


_FAILING = {
    "no_nonce": ("handshake.nonce", 0),
    "cannot_encrypt": ("handshake.request", 1),
    "no_key": ("handshake.key", 2),
    "cannot_decrypt": ("handshake.hello", 3),
    "other_signature": ("handshake.hello", 3),
    "no_welcome": ("handshake.welcome", 4),
}
"""Event → the step that failed, and how many had been passed."""
_REASONS = {
    "cannot_encrypt": "device_closed",
    "cannot_decrypt": "device_closed",
    "other_signature": "other_key",
    "no_welcome": "silent",
}
"""Where the event itself says why: nobody but the device closes when it cannot use what it got or
has.
"""
_NEXT = {1: "no_key", 2: "no_key", 4: "no_welcome"}
"""Steps passed → what failed next. After the 384 bytes only the code parts a key from a signature.
"""


def _place(mark: Mark) -> str:
    return (
        f"{mark.values['address']}:{mark.values['port']}"
        if "port" in mark.values and "address" in mark.values
        else ""
    )
