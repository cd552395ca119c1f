"""Join and address in a log: from `ARM_WLAN_WD 1` to `DHCP success`, or to why not.

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

    def join_begins(self, event: LogEvent) -> None:
        """A connection is begun; what came of the one before was told, or is not in the log."""
        if "true" in (event.values.get("ready"), event.values.get("connecting")):
            return
        self.begun, self.joined, self.results, self.is_enterprise = event, None, [], False

    def joining(self, event: LogEvent) -> None:
        """A stored network is tried."""
        self.begun = self.begun or event
        self.ssid = event.values["ssid"]

    def supplicant(self, event: LogEvent) -> None:
        """The 802.1X authentication begins."""
        self.is_enterprise = True

    def join_result(self, event: LogEvent) -> None:
        """A try to join ended with a code."""
        code = event.number("code") or 0
        if code and len(self.results) < 100:
            self.results.append((JOIN.get(code, ""), self.ssid, event))

    def joined_now(self, event: LogEvent) -> None:
        """The access point took the device."""
        if self.joined is None:
            self.writer.ok("wifi.join", event, self.begun, self._target(self.ssid))
        self.joined, self.results = event, []

    def dhcp_begins(self, event: LogEvent) -> None:
        """An address is asked for: so the join is done."""
        if self.joined is None:
            self.joined_now(event)

    def static_begins(self, event: LogEvent) -> None:
        """The stored address is used; whether it fits this network the log cannot say."""
        if self.joined is None:
            self.joined_now(event)
        self.writer.unclear("address.static", "", event, start_seen=True)
        self.joined = event._replace(values={"static": "yes"})

    def address_set(self, event: LogEvent) -> None:
        """The device has an address: leased, or the stored one."""
        if self.joined is None:
            self.joined_now(event)
        if not self._is_static():
            self.writer.ok("dhcp.lease", event, self.joined)
        self.begun = None

    def network_failed(self, event: LogEvent) -> None:
        """The connection was given up, at the join or at the address."""
        if self.joined is not None:
            self._without_address(event)
        elif self.begun is not None or self.results:
            self._not_joined(event)
        self.begun, self.joined, self.results = None, None, []

    def radio_restarts(self, event: LogEvent) -> None:
        """30 s went by without an address."""
        if self.joined is None and self.begun is not None and event.line_format is LineFormat.OLD:
            self.writer.failed("dhcp.lease", "no_network", event, self.begun)
            self.begun = None
        elif self.begun is not None:
            self.network_failed(event)

    def join_broke_off(self, event: LogEvent) -> None:
        """0.6: disconnected before it was connected."""
        if self.joined is None and self.begun is not None:
            self.network_failed(event)

    def restarted(self, event: LogEvent) -> None:
        """The device begins anew."""
        self.begun, self.joined, self.results = None, None, []

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
