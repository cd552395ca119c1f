"""From the lines of a log to what they state, one after the other: finds the messages of the table
and gives each to the state machine it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from netcheck.device.log.clock import LogClock
from netcheck.device.log.cloud import WELCOMED, Cloud
from netcheck.device.log.codes import DEVICE_KEY_BITS, SERVER_ADDRESS_BITS, SERVER_KEY_BITS
from netcheck.device.log.diagnostic_programs import DiagnosticProgram
from netcheck.device.log.lines import (
    LineFormat,
    LogRecord,
    plain,
    records,
    without_cut_level,
)
from netcheck.device.log.markers import ALONE, tables
from netcheck.device.log.session import Session
from netcheck.device.log.statements import LogEvent, LogStatement, StatementWriter
from netcheck.device.log.wifi import Wifi
from netcheck.model import Target
from netcheck.text.secrets import Scrubber

MAKER_MAC = "00:00:00:00:00:00"
"""Printed where the module's own is not known yet (1.2.0)."""


class LoggedNames(NamedTuple):
    """Who the device says it is; empty where it does not."""

    id: str = ""
    mac: str = ""
    version: str = ""
    line: int = 0


class LogProgress:
    """Feed it lines; what they state comes back as soon as it is sure."""

    def __init__(self, target: Target) -> None:
        self.clock = LogClock()
        self.names = LoggedNames()
        self.lines = 0
        self.records = 0
        """Lines that the device's system wrote, or a test program."""
        self.is_relative = False
        self._statements: list[LogStatement] = []
        self._writer = StatementWriter(self._statements.append)
        self._wifi = Wifi(self._writer)
        self._cloud = Cloud(self._writer, target.cloud_host, target.cloud_port)
        self._session = Session(self._writer)
        self._test_program = DiagnosticProgram(self._writer, target.cloud_host, target.cloud_port)
        self._of_system, self._of_programs = tables()
        self._last_line: tuple[int | None, str] = (None, "")
        self._is_mac_next = False
        self._scrubber = Scrubber()
        self._handlers = self._event_handlers()

    def feed(self, text: str, at_s: float | None = None) -> Iterator[LogStatement]:
        """What this line makes sure. `at_s`: when it came, seconds since the first; None: its own
        time counts.
        """
        self.lines += 1
        if at_s is not None:
            self.clock.set(at_s)
        for record in records(self._scrubber.line(plain(text))):
            self._take(record)
        self._session.settle(self.clock.now_s)
        yield from self._statements
        self._statements.clear()

    def finish(self) -> Iterator[LogStatement]:
        """What the end of the log makes sure: results that nothing followed count."""
        self._wifi.log_ends()
        self._cloud.log_ends()
        self._session.over()
        yield from self._statements
        self._statements.clear()

    def _take(self, record: LogRecord) -> None:
        if record.ms is None:
            self.clock.pass_line()
        elif self.clock.tick(record.ms):
            self._restarted(record.line_format)
        if self._is_mac_next:
            self._mac_line(record)
        record = _without_head_known(record)
        found = (self._of_programs if record.by_program else self._of_system).find(record.text)
        if not record.by_program:
            self.records += 1
            if record.ms is not None and (record.ms, record.text) == self._last_line:
                return  # two handlers write each line twice
            self._last_line = (record.ms, record.text)
        if found is None:
            return
        marker, values = found
        self.records += record.by_program
        self._handlers[marker.event](
            LogEvent(self.clock.now_s, self.lines, record.line_format, values, self.clock.has_times)
        )

    def _restarted(self, line_format: LineFormat) -> None:
        event = LogEvent(self.clock.now_s, self.lines, line_format, {}, is_timed=True)
        self._writer.unclear("device.restart", "", event)
        self._wifi.restarted(event)
        self._session.restarted(event)
        self._cloud.log_ends()
        self._cloud.network_lost()

    # -- which state machine takes which message

    def _event_handlers(self) -> dict[str, Callable[[LogEvent], None]]:
        wifi, cloud, session, program = self._wifi, self._cloud, self._session, self._test_program
        return {
            "antenna": self._antenna,
            "join_begins": self._join_begins,
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
            "cloud_begins": self._of_cloud(self._cloud_begins),
            "server_address": cloud.server_address,
            "looks_up": cloud.looks_up,
            "resolved": self._of_cloud(cloud.resolved),
            "unresolved": self._of_cloud(cloud.unresolved),
            "no_server": cloud.unresolved,
            "dials": cloud.dials,
            "opened": self._of_cloud(cloud.opened_now),
            "unopened": self._of_cloud(cloud.unopened),
            "socket_failed": self._of_cloud(cloud.socket_failed),
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
            "handshake_failed": self._of_cloud(cloud.handshake_failed),
            "handshake_completed": self._passed(WELCOMED),
            "online": self._online,
            "session_error": self._session_error,
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

    def _passed(self, steps: int) -> Callable[[LogEvent], None]:
        def handle(event: LogEvent) -> None:
            if (
                self._session.since is None
            ):  # an online device sends and receives by the same functions
                self._cloud.reached(steps, event)

        return handle

    def _fails(self, step: str) -> Callable[[LogEvent], None]:
        return lambda event: self._cloud.failed(step, event)

    def _nothing(self, event: LogEvent) -> None:
        """Known, and says nothing by itself."""

    # -- messages that concern several of them

    def _join_begins(self, event: LogEvent) -> None:
        self._wifi.join_begins(event)
        if self._session.since is None:
            self._cloud.network_lost()

    def _of_cloud(self, handle: Callable[[LogEvent], None]) -> Callable[[LogEvent], None]:
        """Who goes on to the cloud has an address."""

        def handler(event: LogEvent) -> None:
            self._wifi.reached_cloud()
            handle(event)

        return handler

    def _cloud_begins(self, event: LogEvent) -> None:
        self._session.over()
        self._cloud.cloud_begins(event)

    def _online(self, event: LogEvent) -> None:
        if self._session.since is None:
            self._cloud.reached(WELCOMED, event)
            self._session.begins(event, self._cloud.place)

    def _session_error(self, event: LogEvent) -> None:
        is_within_log = self._cloud.begun is not None or self._cloud.opened is not None
        if self._session.since is None and not is_within_log and not self._cloud.is_over:
            self._session.error_alone(event)
            self._cloud.over()
        else:
            self._session.error(event)

    def _cloud_over(self, event: LogEvent) -> None:
        self._session.over()
        self._cloud.over()

    def _link_lost(self, event: LogEvent) -> None:
        self._session.link_lost(event)
        self._cloud.network_lost()
        if self._wifi.joined is not None and self._wifi.begun is not None:
            self._wifi.network_failed(event)

    def _wifi_done(self, event: LogEvent) -> None:
        """Joined, and with an address; whether it was leased is not printed."""
        if self._wifi.joined is None:
            self._wifi.joined_now(event)

    def _antenna(self, event: LogEvent) -> None:
        self._writer.unclear("radio.antenna", "", event, value=event.values["which"])

    def _keys(self, event: LogEvent) -> None:
        """Which of the stored keys were blank or damaged at the start, and were made anew."""
        code = event.number("code") or 0
        for bits, value in (
            (DEVICE_KEY_BITS, "device_key"),
            (SERVER_KEY_BITS, "server_key"),
            (SERVER_ADDRESS_BITS, "server_address"),
        ):
            if code & bits:
                self._writer.failed("device.keys", "", event, value=value)

    def _safe_mode(self, event: LogEvent) -> None:
        self._writer.unclear("device.safe_mode", "", event)

    def _address_mode(self, event: LogEvent) -> None:
        if event.values["mode"] == "static":
            self._writer.unclear("address.static", "", event, start_seen=True)

    def _relative(self, event: LogEvent) -> None:
        self.is_relative = True

    # -- names

    def _version(self, event: LogEvent) -> None:
        self.names = self.names._replace(version=event.values["version"])

    def _device_id(self, event: LogEvent) -> None:
        self.names = self.names._replace(id=event.values["id"].lower(), line=event.line)

    def _device_mac(self, event: LogEvent) -> None:
        mac = event.values["mac"].lower().replace("-", ":")
        if mac != MAKER_MAC:
            self.names = self.names._replace(mac=mac, line=self.names.line or event.line)

    def _mac_follows(self, event: LogEvent) -> None:
        self._is_mac_next = True

    def _mac_line(self, record: LogRecord) -> None:
        """The console prints the MAC alone on the next line."""
        self._is_mac_next = False
        found = self._of_programs.find(f"MAC address: {record.text}")
        if found is not None and "mac" in found[1]:
            self._device_mac(
                LogEvent(
                    self.clock.now_s, self.lines, record.line_format, found[1], self.clock.has_times
                )
            )


def _without_head_known(record: LogRecord) -> LogRecord:
    """A line without its head as the system's, where only the system writes so."""
    if record.line_format is LineFormat.PLAIN:
        text = without_cut_level(record.text)
        if text.startswith(ALONE):
            return record._replace(text=text, by_program=False)
    return record
