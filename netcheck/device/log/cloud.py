"""From the cloud's name to the end of the handshake in a log.

The device cannot tell silence from a denial when it looks up a name, nor silence from a firewall's
refusal by ICMP when it connects (cloud-handshake notes §1.1, §4 rows 10 and 14): what the log then
says is less than what a capture says. Sources: device-os@v0.5.3 to
v3.3.1:system/src/system_cloud_internal.cpp, system_cloud_connection_compat.cpp;
communication/src/handshake.cpp.
"""

from __future__ import annotations

from dataclasses import dataclass

from netcheck.device.log.codes import AMBIGUOUS, NAME_CODES, SOCKET, handshake_step
from netcheck.device.log.statements import LogEvent, StatementWriter
from netcheck.photon.addresses import PHOTON_FALLBACK
from netcheck.wire.addresses import is_bogon

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

    writer: StatementWriter
    name: str
    port: int
    begun: LogEvent | None = None
    named: LogEvent | None = None
    dialled: LogEvent | None = None
    opened: LogEvent | None = None
    place: str = ""
    passed: int = 0
    """How many of STEPS."""
    latest: LogEvent | None = None
    """The last of them."""
    is_over: bool = False
    """Is it told how this try ended?"""
    unplaced: tuple[LogEvent, LogEvent | None] | None = None
    """A connection that did not open, and since when, whose address is not known yet."""
    is_private: bool = False
    """Is the server's address stored in the device, so that no name is looked up?"""

    def cloud_begins(self, event: LogEvent) -> None:
        """A new try."""
        self._begun_again(event)
        self.begun, self.named, self.dialled = event, None, None
        self._forget_connection()

    def network_lost(self) -> None:
        """What was begun ended with the network under it: no word about the cloud."""
        self.begun, self.named, self.dialled = None, None, None
        self._forget_connection()

    def _begun_again(self, event: LogEvent) -> None:
        """A try that is begun again without its end failed where it stood."""
        if self.is_over:
            return
        if self.opened is not None:
            self._handshake_given_up(event)
        elif self.dialled is not None or self.named is not None:
            self._not_opened(event._replace(values={}))

    def _forget_connection(self) -> None:
        self.opened, self.place, self.passed, self.latest, self.is_over = None, "", 0, None, False

    def _handshake_given_up(self, event: LogEvent) -> None:
        """It was given up where it stood; which step that was shows only where steps are logged."""
        step = _NEXT.get(self.passed, "")
        if step:
            self.failed(step, event._replace(is_timed=False))
        elif self.passed == 0:
            self._some_step_failed(event)

    def over(self) -> None:
        """The device ended it itself."""
        self.is_over = True

    # -- name

    def server_address(self, event: LogEvent) -> None:
        """Where the device is told to go: type 1 is a name, 0 an address."""
        self.is_private = event.values.get("type") == "0"

    def looks_up(self, event: LogEvent) -> None:
        """The name is asked for."""
        self.begun = self.begun or event

    def resolved(self, event: LogEvent) -> None:
        """The name gave an address."""
        address = event.values["address"]
        self.named = event
        if is_bogon(address):
            self.writer.given.add(address)
        self._place_is(f"{address}:{self.port}")
        if is_bogon(address):
            self.writer.failed(
                "dns.cloud_name",
                "bogon",
                event,
                self.begun,
                event.values["host"],
                addresses=address,
            )
        else:
            self.writer.ok(
                "dns.cloud_name", event, self.begun, event.values["host"], addresses=address
            )

    def unresolved(self, event: LogEvent) -> None:
        """The name gave none."""
        if not self.is_over:
            self.writer.failed(
                "dns.cloud_name", "no_name", event, self.begun, event.values.get("host", self.name)
            )
        self.is_over = True

    # -- connection

    def dials(self, event: LogEvent) -> None:
        """The connection is asked for."""
        if self.dialled is not None:
            self._begun_again(event)
        if self.opened is not None or self.is_over:
            self._forget_connection()
        self.dialled, self.place = event, _place(event)
        self._note_fallback(event)

    def _note_fallback(self, event: LogEvent) -> None:
        if event.values.get("address") == PHOTON_FALLBACK and self.named is None:
            self.is_over = False
            self.writer.unclear(
                "tcp.address",
                "",
                event,
                None,
                _place(event),
                address=PHOTON_FALLBACK,
                fallback=True,
            )

    def opened_now(self, event: LogEvent) -> None:
        """The connection is open. Said twice: with the address, and without."""
        place = _place(event) or self.place
        self._place_is(place)
        is_next_try = self.is_over and bool(_place(event))
        if self.opened is None or is_next_try:
            self._forget_connection()
            self.opened, self.place, self.latest = event, place, event
            since = self.dialled or self.named or self.begun
            if self._is_false(place):
                self.writer.unclear("tcp.false_address", "", event, since, place)
                self.is_over = True
            else:
                self.writer.ok(
                    "tcp.cloud",
                    event,
                    since,
                    place or self._default_place(),
                    **self._round_trip(event),
                )

    def _round_trip(self, event: LogEvent) -> dict[str, float]:
        """Known only between the message before it and the one after; milliseconds."""
        if self.dialled is None or not (event.is_timed and self.dialled.is_timed):
            return {}
        return {"rtt_ms": round((event.at_s - self.dialled.at_s) * 1000, 3)}

    def unopened(self, event: LogEvent) -> None:
        """The connection did not open."""
        self.place = _place(event) or self.place
        self._place_is(self.place)
        self._not_opened(event)

    def socket_failed(self, event: LogEvent) -> None:
        """Name or connection failed; the line before says which, where it is there."""
        code = event.number("code")
        if self.is_over:
            return
        if (
            self.named is None
            and code in NAME_CODES
            and not self.is_private
            and self.dialled is None
        ):
            self.unresolved(event)
        else:
            self._not_opened(event)

    def _not_opened(self, event: LogEvent) -> None:
        if self.is_over:
            return
        self.is_over = True
        since = self.dialled or self.named or self.begun
        if self.place or self.is_private:
            self._say_unopened(event, since, self.place)
        else:
            self.unplaced = (event, since)

    def _place_is(self, place: str) -> None:
        """A failure whose address was cut off or is not logged was of the same address as this."""
        if self.unplaced is not None:
            event, since = self.unplaced
            self.unplaced = None
            self._say_unopened(event, since, place)

    def log_ends(self) -> None:
        """Nothing more is logged: whether the address was the cloud's stays open."""
        if self.unplaced is not None:
            event, since = self.unplaced
            self.unplaced = None
            code = event.number("code")
            if code is not None and SOCKET.get(code) == "timeout":
                self._say_unopened(event, since, "")
            else:
                self.writer.unclear("tcp.cloud", "unopened", event, since, self._default_place())

    def _say_unopened(self, event: LogEvent, since: LogEvent | None, place: str) -> None:
        code = event.number("code")
        reason = SOCKET.get(code, "unopened") if code is not None else "unopened"
        if self._is_false(place):
            self.writer.failed("tcp.false_address", reason, event, since, place)
            return
        data = self._round_trip(event) if reason == "refused" else {}
        address = place.rpartition(":")[0]
        self.writer.failed(
            "tcp.cloud",
            reason,
            event,
            since,
            place or self._default_place(),
            **({"address": address} if address else {}),
            **data,
        )

    def _is_false(self, place: str) -> bool:
        """Did a look-up give that address, which cannot be the cloud's, or may one have, in a log
        that shows errors alone?
        """
        address = place.rpartition(":")[0]
        is_unexplained = self.begun is None and not self.is_private and is_bogon(address)
        return address in self.writer.given or is_unexplained

    def _default_place(self) -> str:
        return f"{self.name}:{self.port}"

    # -- the device's own internet test

    def test_failed(self, event: LogEvent) -> None:
        """Up to 1.5 a connection to 8.8.8.8:53; from 2.0 a name, then NTP
        (device-os@v2.3.1:system/src/system_task.cpp).
        """
        kind = event.values.get("kind", "").lower()
        if kind == "dns":
            self.writer.failed("internet.name_test", "no_name", event, None, "pool.ntp.org")
        else:
            if kind == "timeout":
                self.writer.ok("internet.name_test", event, None, "pool.ntp.org")
            self.writer.failed(
                "internet.test", "no_route" if kind == "network" else "timeout", event
            )

    def test_passed(self, event: LogEvent) -> None:
        """Something outside answers."""
        self.writer.ok("internet.test", event)

    def both_tests_passed(self, event: LogEvent) -> None:
        """A name resolves, and something outside answers."""
        self.writer.ok("internet.name_test", event, None, "pool.ntp.org")
        self.writer.ok("internet.test", event)

    # -- handshake

    def reached(self, steps: int, event: LogEvent) -> None:
        """So many steps of the handshake are passed."""
        if self.is_over and self.opened is not None:
            return
        for fact in STEPS[self.passed : steps]:
            self.writer.ok(fact, event, self.latest, self.place)
        if steps > self.passed:
            self.passed, self.latest = steps, event

    def handshake_begins(self, event: LogEvent) -> None:
        """So the connection is open, even if the line that says so is missing."""
        if self.opened is None:
            self.opened_now(event)

    def failed(self, step: str, event: LogEvent) -> None:
        """The handshake failed at that step; `step` is one of the events of the table of
        markers.
        """
        if self.is_over:
            return
        fact, before = _FAILING[step]
        reason = _REASONS.get(step) or self._ending(event)
        since = self.latest
        self.reached(before, event)
        self.is_over = True
        self.writer.failed(fact, reason, event, since, self.place)

    def _code_says(self, what: str, event: LogEvent) -> None:
        """The number itself is evidence where the log does not show how long was waited."""
        if what:
            self.writer.failed("device.cloud_error", what, event)

    def handshake_failed(self, event: LogEvent) -> None:
        """The summary of a handshake whose failed step was not logged by itself."""
        if self.is_over:
            return
        step = handshake_step(event.number("code"), event.line_format) or _NEXT.get(self.passed, "")
        if step:
            self.failed(step, event)
            return
        self._some_step_failed(event)
        self._code_says(AMBIGUOUS.get(event.number("code") or 0, ""), event)

    def _some_step_failed(self, event: LogEvent) -> None:
        """Nonce or key: which of them is not said."""
        self.is_over = True
        self.writer.unclear("handshake.nonce", "", event, self.latest, self.place)
        self.writer.unclear("handshake.key", "", event, self.latest, self.place)

    def _ending(self, event: LogEvent) -> str:
        """Silence or an end at once, by the time that went by, where the log shows it."""
        if event.number("code") in IS_RESET:
            return "reset"
        is_timed = event.is_timed and self.latest is not None and self.latest.is_timed
        if self.latest is None or not is_timed or self.latest is event:
            return "not_received"
        return "silent" if event.at_s - self.latest.at_s >= SILENCE_S else "closed"


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
"""Where the event itself says why: only the device closes where it cannot use what it got or has.
"""
_NEXT = {1: "no_key", 2: "no_key", 4: "no_welcome"}
"""Steps passed → what failed next. After the 384 bytes only the code tells a key from a signature.
"""


def _place(event: LogEvent) -> str:
    return (
        f"{event.values['address']}:{event.values['port']}"
        if "port" in event.values and "address" in event.values
        else ""
    )
