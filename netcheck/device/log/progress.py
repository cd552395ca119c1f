"""From the lines of a log to what they say, one after the other: finds the messages of the table
and hands each to the part it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from netcheck.device.log.clock import Clock
from netcheck.device.log.cloud import WELCOMED, Cloud
from netcheck.device.log.codes import DEVICE_KEY_BITS, SERVER_ADDRESS_BITS, SERVER_KEY_BITS
from netcheck.device.log.lines import Record, Style, plain, records
from netcheck.device.log.markers import tables
from netcheck.device.log.session import Session
from netcheck.device.log.statements import Mark, Said, Voice
from netcheck.device.log.test_programs import Program
from netcheck.device.log.wifi import Wifi
from netcheck.model import Target
from netcheck.text.secrets import Scrubber

MAKER_MAC = "00:00:00:00:00:00"
"""Printed where the module's own is not known yet (1.2.0)."""


class Names(NamedTuple):
    """Who the device says it is; empty where it does not."""

    id: str = ""
    mac: str = ""
    version: str = ""
    line: int = 0


class Climb:
    """Feed it lines; what they say comes back as soon as it is sure."""

    def __init__(self, target: Target) -> None:
        self.clock = Clock()
        self.names = Names()
        self.lines = 0
        self.records = 0
        """Lines that the device's system wrote, or a test program."""
        self.is_relative = False
        self._said: list[Said] = []
        self._voice = Voice(self._said.append)
        self._wifi = Wifi(self._voice)
        self._cloud = Cloud(self._voice, target.cloud_host, target.cloud_port)
        self._session = Session(self._voice)
        self._program = Program(self._voice, target.cloud_host, target.cloud_port)
        self._of_system, self._of_programs = tables()
        self._last: tuple[int | None, str] = (None, "")
        self._is_mac_next = False
        self._scrubber = Scrubber()
        self._handlers = self._parts()

    def feed(self, text: str, at_s: float | None = None) -> Iterator[Said]:
        """What this line makes sure. `at_s`: when it came, seconds since the first; None: its own
        time counts.
        """
        self.lines += 1
        if at_s is not None:
            self.clock.set(at_s)
        for record in records(self._scrubber.line(plain(text))):
            self._take(record)
        self._session.settle(self.clock.now_s)
        yield from self._said
        self._said.clear()

    def finish(self) -> Iterator[Said]:
        """What the end of the log makes sure."""
        self._session.over()
        yield from self._said
        self._said.clear()

    def _take(self, record: Record) -> None:
        if record.ms is not None and self.clock.tick(record.ms):
            self._restarted(record.style)
        if self._is_mac_next:
            self._mac_line(record)
        found = (self._of_programs if record.by_program else self._of_system).find(record.text)
        if not record.by_program:
            self.records += 1
            if record.ms is not None and (record.ms, record.text) == self._last:
                return  # two handlers write each line twice
            self._last = (record.ms, record.text)
        if found is None:
            return
        marker, values = found
        self.records += record.by_program
        self._handlers[marker.event](
            Mark(self.clock.now_s, self.lines, record.style, values, self.clock.has_times)
        )

    def _restarted(self, style: Style) -> None:
        mark = Mark(self.clock.now_s, self.lines, style, {}, is_timed=True)
        self._voice.unclear("device.restart", "", mark)
        self._wifi.restarted(mark)
        self._session.restarted(mark)
        self._cloud.cloud_begins(mark)
        self._cloud.begun = None

    # -- which part takes which message

    def _parts(self) -> dict[str, Callable[[Mark], None]]:
        wifi, cloud, session, program = self._wifi, self._cloud, self._session, self._program
        return {
            "antenna": self._antenna,
            "join_begins": wifi.join_begins,
            "joining": wifi.joining,
            "join_result": wifi.join_result,
            "supplicant": wifi.supplicant,
            "joined": wifi.joined_now,
            "dhcp_begins": wifi.dhcp_begins,
            "static_begins": wifi.static_begins,
            "address_set": wifi.address_set,
            "network_failed": wifi.network_failed,
            "link_lost": self._link_lost,
            "join_broke_off": wifi.join_broke_off,
            "radio_restarts": wifi.radio_restarts,
            "cloud_begins": self._cloud_begins,
            "server_address": cloud.server_address,
            "looks_up": cloud.looks_up,
            "resolved": cloud.resolved,
            "unresolved": cloud.unresolved,
            "no_server": cloud.unresolved,
            "dials": cloud.dials,
            "opened": cloud.opened_now,
            "unopened": cloud.unopened,
            "socket_failed": cloud.socket_failed,
            "test_failed": cloud.test_failed,
            "test_passed": cloud.test_passed,
            "both_tests_passed": cloud.both_tests_passed,
            "handshake_begins": cloud.handshake_begins,
            "got_40": self._passed(1),
            "sent_256": self._passed(2),
            "got_384": self._passed(3),
            "hello_begins": self._passed(3),
            "hello_sent": self._passed(4),
            "no_nonce": self._fails("no_nonce"),
            "no_key": self._fails("no_key"),
            "cannot_encrypt": self._fails("cannot_encrypt"),
            "cannot_decrypt": self._fails("cannot_decrypt"),
            "other_signature": self._fails("other_signature"),
            "no_welcome": self._fails("no_welcome"),
            "handshake_failed": cloud.handshake_failed,
            "handshake_completed": self._passed(WELCOMED),
            "online": self._online,
            "session_error": session.error,
            "app_blocks": session.app_blocks,
            "cloud_over": self._cloud_over,
            "keys_restored": self._keys,
            "safe_mode": self._safe_mode,
            "relative": self._relative,
            "stored": program.stored_begins,
            "scan": program.scan_begins,
            "network": program.network,
            "wifi_begins": program.wifi_begins,
            "wifi_waits": program.wifi_waits,
            "wifi_done": self._wifi_done,
            "own_address": self._nothing,
            "gateway": program.gateway_is,
            "pinged_gateway": program.pinged_gateway,
            "pinged_outside": program.pinged_outside,
            "name_retried": self._nothing,
            "name_tested": program.name_tested,
            "port_tested": program.port_tested,
            "port_refused": program.port_refused,
            "program_online": self._online,
            "address_mode": self._address_mode,
            "version": self._version,
            "device_id": self._device_id,
            "device_mac": self._device_mac,
            "mac_follows": self._mac_follows,
        }

    def _passed(self, steps: int) -> Callable[[Mark], None]:
        def handle(mark: Mark) -> None:
            if (
                self._session.since is None
            ):  # an online device sends and receives by the same functions
                self._cloud.reached(steps, mark)

        return handle

    def _fails(self, step: str) -> Callable[[Mark], None]:
        return lambda mark: self._cloud.failed(step, mark)

    def _nothing(self, mark: Mark) -> None:
        """Known, and says nothing by itself."""

    # -- messages that concern several parts

    def _cloud_begins(self, mark: Mark) -> None:
        self._session.over()
        self._cloud.cloud_begins(mark)

    def _online(self, mark: Mark) -> None:
        if self._session.since is None:
            self._cloud.reached(WELCOMED, mark)
            self._session.begins(mark, self._cloud.place)

    def _cloud_over(self, mark: Mark) -> None:
        self._session.over()

    def _link_lost(self, mark: Mark) -> None:
        self._session.link_lost(mark)
        if self._wifi.joined is not None and self._wifi.begun is not None:
            self._wifi.network_failed(mark)

    def _wifi_done(self, mark: Mark) -> None:
        """Joined, and with an address; whether it was leased is not printed."""
        if self._wifi.joined is None:
            self._wifi.joined_now(mark)

    def _antenna(self, mark: Mark) -> None:
        self._voice.unclear("radio.antenna", "", mark, value=mark.values["which"])

    def _keys(self, mark: Mark) -> None:
        """Which of the stored keys were blank or damaged at the start, and were made anew."""
        code = mark.number("code") or 0
        for bits, value in (
            (DEVICE_KEY_BITS, "device_key"),
            (SERVER_KEY_BITS, "server_key"),
            (SERVER_ADDRESS_BITS, "server_address"),
        ):
            if code & bits:
                self._voice.failed("device.keys", "", mark, value=value)

    def _safe_mode(self, mark: Mark) -> None:
        self._voice.unclear("device.safe_mode", "", mark)

    def _address_mode(self, mark: Mark) -> None:
        if mark.values["mode"] == "static":
            self._voice.unclear("address.static", "", mark, start_seen=True)

    def _relative(self, mark: Mark) -> None:
        self.is_relative = True

    # -- names

    def _version(self, mark: Mark) -> None:
        self.names = self.names._replace(version=mark.values["version"])

    def _device_id(self, mark: Mark) -> None:
        self.names = self.names._replace(id=mark.values["id"].lower(), line=mark.line)

    def _device_mac(self, mark: Mark) -> None:
        mac = mark.values["mac"].lower().replace("-", ":")
        if mac != MAKER_MAC:
            self.names = self.names._replace(mac=mac, line=self.names.line or mark.line)

    def _mac_follows(self, mark: Mark) -> None:
        self._is_mac_next = True

    def _mac_line(self, record: Record) -> None:
        """The console prints the MAC alone on the next line."""
        self._is_mac_next = False
        found = self._of_programs.find(f"MAC address: {record.text}")
        if found is not None and "mac" in found[1]:
            self._device_mac(
                Mark(self.clock.now_s, self.lines, record.style, found[1], self.clock.has_times)
            )
