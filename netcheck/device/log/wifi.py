"""Join and address in a log: from `ARM_WLAN_WD 1` to `DHCP success`, or to why not.

A log may begin and end anywhere: a result counts without what went before it, and without an end.
Up to 0.6.4 the log gives no result of a join, up to 0.5.5 not even whether join or address failed:
that then stays open. Source: device-os@v0.6.0, v1.5.2:system/src/system_network_internal.h (marks
of the watchdog), hal/src/photon/wlan_hal.cpp (join).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from netcheck.device.log.codes import JOIN
from netcheck.device.log.lines import LineFormat
from netcheck.device.log.statements import LogEvent, StatementWriter

OF_NETWORK = frozenset({"not_on_air"})
"""Reasons that speak of the network itself rather than of a try to join it."""
ONE_BEGIN_S = 5.0
"""Messages of one begin follow each other at once."""
VAGUE = frozenset({"", "timeout", "not_let_in"})


@dataclass
class Wifi:
    """Where the device stands between radio and address."""

    writer: StatementWriter
    begun: LogEvent | None = None
    joined: LogEvent | None = None
    ssid: str = ""
    is_enterprise: bool = False
    results: list[tuple[str, str, LogEvent]] = field(default_factory=list)
    """Reason, network and place of each try that failed since the connection was begun."""
    has_moved: bool = False
    """Was any step seen since the connection was begun?"""
    has_address: bool = False
    """Was the address set that was asked for last?"""
    is_told: bool = False
    """Is it told how the last connection failed?"""

    def join_begins(self, event: LogEvent) -> None:
        """A connection is begun: so one before that did not come to its end failed."""
        if "true" in (event.values.get("ready"), event.values.get("connecting")):
            return
        self._given_up(event)
        self.begun, self.joined, self.results, self.is_enterprise = event, None, [], False
        self.has_moved = self.is_told = False

    def joining(self, event: LogEvent) -> None:
        """A stored network is tried."""
        if self.begun is None:
            self.begun, self.joined = event, None
        self.ssid, self.has_moved, self.is_told = event.values["ssid"], True, False

    def supplicant(self, event: LogEvent) -> None:
        """The 802.1X authentication begins."""
        self.is_enterprise = True

    def join_result(self, event: LogEvent) -> None:
        """A try to join ended with a code."""
        code = event.number("code") or 0
        if code and len(self.results) < 100:
            self.results.append((JOIN.get(code, ""), self.ssid, event))
            self.has_moved, self.is_told = True, False

    def joined_now(self, event: LogEvent) -> None:
        """The access point took the device."""
        if self.joined is None or self.has_address:
            self.writer.ok("wifi.join", event, self.begun, self._target(self.ssid))
        self.joined, self.results, self.has_address = event, [], False
        self.has_moved, self.is_told = True, False

    def dhcp_begins(self, event: LogEvent) -> None:
        """An address is asked for: so the join is done."""
        if self.joined is None or self.has_address:
            self.joined_now(event)

    def static_begins(self, event: LogEvent) -> None:
        """The stored address is used; whether it fits this network the log cannot say."""
        if self.joined is None or self.has_address:
            self.joined_now(event)
        self.writer.unclear("address.static", "", event, start_seen=True)
        self.joined = event._replace(values={"static": "yes"})

    def address_set(self, event: LogEvent) -> None:
        """The device has an address: leased, or the stored one."""
        if self.joined is None or self.has_address:
            self.joined_now(event)
        if not self._is_static():
            self.writer.ok("dhcp.lease", event, self.joined)
        self.begun, self.has_address = None, True

    def network_failed(self, event: LogEvent) -> None:
        """The connection was given up, at the join or at the address."""
        if self.joined is not None:
            self._without_address(event)
        elif self.begun is not None or self.results:
            self._not_joined(event)
        elif not self.is_told:
            self.writer.failed("dhcp.lease", "no_network", event)
        self.begun, self.joined, self.results, self.is_told = None, None, [], True

    def radio_restarts(self, event: LogEvent) -> None:
        """30 s went by without an address."""
        is_open = self.begun is not None and self.joined is None and not self.results
        if is_open and event.line_format is LineFormat.OLD:
            self.writer.failed("dhcp.lease", "no_network", event, self.begun)
            self.begun, self.is_told = None, True
        elif not self.is_told:
            self.network_failed(event)

    def _given_up(self, event: LogEvent) -> None:
        """A connection that is begun again without an end failed. Two messages say one begin."""
        if self.begun is None and not self.results:
            return
        waited_s = event.at_s - self.begun.at_s if self.begun is not None else 0.0
        if self.has_moved or waited_s >= ONE_BEGIN_S:
            self.radio_restarts(event)

    def join_broke_off(self, event: LogEvent) -> None:
        """0.6: disconnected before it was connected."""
        if self.joined is None and self.begun is not None:
            self.network_failed(event)

    def reached_cloud(self) -> None:
        """The device goes on to the cloud: so it has an address."""
        self.begun, self.results, self.has_address = None, [], True

    def restarted(self, event: LogEvent) -> None:
        """The device begins anew."""
        self.log_ends()
        self.begun, self.joined = None, None

    def log_ends(self) -> None:
        """What is known where nothing more is logged: results of a join that had no end."""
        if self.results:
            self._not_joined(self.results[-1][2])
        self.results = []

    def _without_address(self, event: LogEvent) -> None:
        if not self._is_static():
            self.writer.failed("dhcp.lease", "no_lease", event, self.joined)

    def _not_joined(self, event: LogEvent) -> None:
        """One observation for all tries since the connection was begun: of the reasons the one that
        says most, then the commonest.
        """
        if not self.results:
            self.writer.failed(
                "wifi.join",
                "eap_failed" if self.is_enterprise else "not_joined",
                event,
                self.begun,
                self._target(self.ssid),
            )
            return
        counts = Counter(reason for reason, _, _ in self.results)
        reason = max(counts, key=lambda reason: (reason not in VAGUE, counts[reason]))
        ssid, last = next(
            (ssid, last) for told, ssid, last in reversed(self.results) if told == reason
        )
        codes = " ".join(dict.fromkeys(last.values["code"] for _, _, last in self.results))[:60]
        fact = "wifi.network" if reason in OF_NETWORK else "wifi.join"
        if self.is_enterprise and reason in VAGUE:
            reason = "eap_failed"
        self.writer.failed(
            fact, reason or "not_joined", last, self.begun, self._target(ssid), codes=codes
        )

    def _is_static(self) -> bool:
        return self.joined is not None and "static" in self.joined.values

    @staticmethod
    def _target(ssid: str) -> str:
        return f"ssid:{ssid}" if ssid else ""
