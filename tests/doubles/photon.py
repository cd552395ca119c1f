"""A software Photon: from joining the network to the keepalive, with the real timers of a firmware
line.

Source: device-os system/src/system_task.cpp and system_cloud_internal.cpp (attempts, back-off,
internet test, Wi-Fi reset), hal/src/photon/socket_hal.cpp (connect). The radio is left out: joining
is a pause.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.doubles import messages, ntp
from tests.doubles.dhcp import Client, Lease, photon_manner
from tests.doubles.firmware import FirmwareLine, back_off_s
from tests.doubles.handshake import Identity
from tests.doubles.kernel_stack import KernelStack, announce, connect, join_group, vanish
from tests.doubles.session import (
    Channel,
    Deadlines,
    HandshakeFailed,
    SessionEnded,
    introduce,
    keep_alive,
    shake_hands,
)
from tests.doubles.stream import Stream
from tests.doubles.stub_resolver import StubResolver

CLOUD_NAME = "device.spark.io"
TIME_NAME = "pool.ntp.org"
PUBLIC_RESOLVER = "8.8.8.8"
LOOKUPS_PER_ATTEMPT = 3
CONNECT_S = 5.0
BLOCKED_CLOSE_S = 16.0
"""An idle session that the application does not let be served is given up after 15 s and a little.
"""
WIFI_RESET_AFTER_S = 300.0
"""From 2.0 on: how long attempts may fail before the network is joined anew."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What is wrong with this device or its application; all times in seconds."""

    static: Lease | None = None
    """A stored address that replaces DHCP."""
    cloud_address: str | None = None
    """A stored cloud address that replaces the name."""
    app_blocks: bool = False
    """The application stops serving the system as soon as a session is up."""
    reboots_after_s: float | None = None
    """The device resets so long after each session began."""
    reboots: int | None = None
    """How many such resets; None: always."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Who the device is and how it is built."""

    identity: Identity
    line: FirmwareLine
    cloud_key: RSAPublicKey | None
    """The stored key of the cloud; None: the key area is damaged."""
    behaviour: Behaviour = field(default_factory=Behaviour)
    deadlines: Deadlines = field(default_factory=Deadlines)
    join_s: float = 3.0
    boot_s: float = 2.0


class Rebooted(Exception):
    """The device reset itself."""


@dataclass
class _Ports:
    """Consecutive TCP source ports: from a random start, per boot."""

    first: int
    last: int
    next: int = field(init=False)

    def __post_init__(self) -> None:
        self.next = random.randint(self.first, self.last)

    def take(self) -> int:
        """The next port; wraps to the lowest."""
        port = self.next
        self.next = self.next + 1 if self.next < self.last else self.first
        return port


class Photon:
    """Runs in the current network namespace until `stop` is set; `tell` takes one line per
    event.
    """

    def __init__(
        self, stack: KernelStack, setup: Setup, stop: threading.Event, tell: Callable[[str], None]
    ) -> None:
        self._stack = stack
        self._setup = setup
        self._line = setup.line
        self._behaviour = setup.behaviour
        self._stop = stop
        self._tell = tell
        self._reboots_left = setup.behaviour.reboots
        self._boot()

    def run(self) -> None:
        """Boot, join, connect, and begin again after each loss."""
        self._stack.prepare()
        while not self._stop.is_set():
            try:
                if self._join():
                    self._stay_on_network()
                    self._leave()
            except Rebooted:
                self._tell("reboots")
                self._leave()
                self._boot()
                self._pause(self._setup.boot_s)

    def _boot(self) -> None:
        """Counters that a reset starts over."""
        first, last = (49153, 65535) if self._line.new_stack else (4097, 32767)
        self._ports = _Ports(first, last)
        self._dhcp_states = 0
        self._failures = 0
        self._failing_since: float | None = None
        self._wifi_reset_count = 0

    # -- network
    # ----------------------------------------------------------------------------------------------

    def _join(self) -> bool:
        """Associate and get an address; False if there is none."""
        self._pause(self._setup.join_s)
        lease = self._behaviour.static or self._lease()
        if lease is None:
            self._tell("no lease")
            self._pause(2.0)
            return False
        self._tell(f"address {lease.address}")
        self._stack.configure(lease)
        self._group = join_group(lease.address)
        servers = lease.dns[:2] or tuple(s for s in (lease.router, PUBLIC_RESOLVER) if s)
        self._resolver = StubResolver(self._line, servers)
        return True

    def _lease(self) -> Lease | None:
        host_name = self._setup.identity.device_id.hex() if self._line.new_stack else None
        return Client(
            self._stack.interface, self._stack.mac, photon_manner(host_name), self._new_xid
        ).acquire()

    def _new_xid(self) -> int:
        """0x2A always (the newer stack's `random` is a constant), or a counter from boot, which
        each state of an exchange raises.
        """
        if self._line.new_stack:
            return 0x2A
        self._dhcp_states += 1
        return 0xABCD0000 + self._dhcp_states

    def _stay_on_network(self) -> None:
        """Attempts until the device stops, reboots or decides to join anew."""
        self._wifi_reset_count = 0
        while not self._stop.is_set() and not self._wants_wifi_reset():
            failed_at = self._attempt()
            if failed_at is not None:
                self._pause(failed_at + back_off_s(self._failures) - time.monotonic())

    def _leave(self) -> None:
        """Off the access point: the address goes first, so that nothing announces the departure."""
        self._stack.clear()
        self._group.close()

    def _wants_wifi_reset(self) -> bool:
        if self._line.resets_wifi_by_count:
            return self._wifi_reset_count >= 2
        if (
            self._failing_since is None
            or time.monotonic() - self._failing_since < WIFI_RESET_AFTER_S
        ):
            return False
        self._failures, self._failing_since = 0, None
        return True

    # -- one attempt
    # --------------------------------------------------------------------------------------------

    def _attempt(self) -> float | None:
        """Resolve, connect, handshake, session. The monotonic time of the failure, or None after a
        session.
        """
        address = self._cloud_address()
        outcome = self._connect(address, messages.CLOUD_PORT) if address else "name not resolved"
        if isinstance(outcome, str):
            return self._fail_to_connect(outcome)
        self._wifi_reset_count = 0
        return self._talk(outcome)

    def _cloud_address(self) -> str | None:
        if self._behaviour.cloud_address:
            return self._behaviour.cloud_address
        for _ in range(LOOKUPS_PER_ATTEMPT):
            address = self._resolver.look_up(CLOUD_NAME)
            if address:
                return None if address == "0.0.0.0" else address
        return self._line.fallback_address

    def _connect(self, address: str, port: int) -> socket.socket | str:
        self._tell(f"connects to {address}:{port}")
        return connect(address, port, self._ports.take(), CONNECT_S)

    def _fail_to_connect(self, why: str) -> float:
        self._tell(f"no connection: {why}")
        failed_at = self._note_failure()
        self._wifi_reset_count += 1
        if not self._passes_internet_test():
            self._wifi_reset_count += 1
        return failed_at

    def _note_failure(self) -> float:
        now = time.monotonic()
        self._failures += 1
        self._failing_since = self._failing_since or now
        return now

    def _passes_internet_test(self) -> bool:
        """The test of the line's era."""
        if self._line.internet_test == "tcp53":
            outcome = self._connect(PUBLIC_RESOLVER, 53)
            if isinstance(outcome, str):
                return False
            outcome.close()
            return True
        address = self._resolver.look_up(TIME_NAME)
        return address is not None and ntp.ask_time(address)

    def _talk(self, sock: socket.socket) -> float | None:
        stream = Stream(sock)
        try:
            channel = shake_hands(
                stream,
                self._setup.identity,
                self._setup.cloud_key,
                self._line,
                self._setup.deadlines,
            )
        except HandshakeFailed as error:
            return self._fail_handshake(sock, str(error))
        self._tell("session")
        self._failures, self._failing_since = 0, None
        try:
            self._session(channel)
        except SessionEnded as error:
            self._tell(f"session ended: {error}")
        except Rebooted:
            vanish(sock)
            raise
        sock.close()
        return None

    def _fail_handshake(self, sock: socket.socket, why: str) -> float:
        """The internet test of 2.0 and later, then the LED flash, come before the socket is
        closed.
        """
        self._tell(f"handshake failed: {why}")
        failed_at = self._note_failure()
        if self._line.internet_test == "ntp":
            self._passes_internet_test()
        time.sleep(self._line.close_delay_s)
        sock.close()
        return failed_at

    def _session(self, channel: Channel) -> None:
        started = time.monotonic()
        introduce(channel, self._line)
        announce(messages.announcement(self._setup.identity.device_id))
        if self._behaviour.app_blocks:
            self._pause(BLOCKED_CLOSE_S)
            raise SessionEnded("application blocks the system")
        reboot_after_s = self._behaviour.reboots_after_s
        if reboot_after_s is None or self._reboots_left == 0:
            keep_alive(channel, self._setup.deadlines, self._stop, float("inf"))
            return
        keep_alive(channel, self._setup.deadlines, self._stop, started + reboot_after_s)
        if self._reboots_left is not None:
            self._reboots_left -= 1
        raise Rebooted

    def _pause(self, seconds: float) -> None:
        self._stop.wait(max(0.0, seconds))
