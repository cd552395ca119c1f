"""What the test programs photon-clouddebug and cloud-debug print beside the log: networks stored
and heard, pings, look-ups, names.

Their lines bear no time of their own. Sources: rickkas7/photon-clouddebug:clouddebug.cpp,
particle-iot/cloud-debug.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from netcheck.device.log.statements import LogEvent, StatementWriter
from netcheck.wire.addresses import is_bogon

MOST_NETWORKS = 200
UNSET = "0.0.0.0"
PATIENCE_S = 60


@dataclass
class DiagnosticProgram:
    """The state of what was printed so far."""

    writer: StatementWriter
    name: str
    port: int
    in_list: str = ""
    """Which list is being printed: stored or scan."""
    stored: list[str] = field(default_factory=list)
    heard: dict[str, LogEvent] = field(default_factory=dict)
    gateway: str = ""
    begun: LogEvent | None = None
    is_slow: bool = False
    place: str = ""
    """Address and port that the cloud's name gave."""

    def stored_begins(self, event: LogEvent) -> None:
        """The networks stored follow."""
        self.in_list, self.stored, self.heard = "stored", [], {}

    def scan_begins(self, event: LogEvent) -> None:
        """The networks heard follow."""
        self.in_list, self.heard = "scan", {}

    def network(self, event: LogEvent) -> None:
        """One network of a list."""
        ssid = event.values["ssid"].strip()
        if "rssi" in event.values or self.in_list == "scan":
            if len(self.heard) < MOST_NETWORKS:
                self.heard[ssid] = event
        elif self.in_list == "stored" and len(self.stored) < MOST_NETWORKS:
            self.stored.append(ssid)

    def wifi_begins(self, event: LogEvent) -> None:
        """The join begins: were the networks stored among those heard, or was none heard at all?"""
        if self.in_list == "scan" and not self.heard and self.stored:
            self.writer.failed(
                "wifi.network", "nothing_heard", event, None, f"ssid:{self.stored[0]}"
            )
        self.in_list, self.begun, self.is_slow = "", event, False
        if not self.stored or not self.heard:
            return
        for ssid in self.stored:
            seen = self.heard.get(ssid)
            if seen is not None:
                values = {
                    name: seen.number(name) or 0
                    for name in ("channel", "rssi")
                    if name in seen.values
                }
                self.writer.ok("wifi.network", seen, None, f"ssid:{ssid}", **values)
                return
        self.writer.failed(
            "wifi.network",
            "not_on_air",
            event,
            next(iter(self.heard.values())),
            f"ssid:{self.stored[0]}",
        )

    def wifi_waits(self, event: LogEvent) -> None:
        """It counts the time for which it has waited: told once, after as long as a device needs at
        most.
        """
        waited_s = (event.number("minutes") or 0) * 60 + (event.number("seconds") or 0)
        if waited_s >= PATIENCE_S and not self.is_slow:
            self.is_slow = True
            self.writer.failed("dhcp.lease", "no_network", event, self.begun)

    def gateway_is(self, event: LogEvent) -> None:
        """The gateway's address."""
        self.gateway = event.values["address"]

    def pinged_gateway(self, event: LogEvent) -> None:
        """A host that answers a ping has answered ARP before."""
        if event.number("count"):
            self.writer.ok("gateway.arp", event, None, self.gateway)
            self.writer.ok("gateway.icmp", event, None, self.gateway)
        else:
            self.writer.failed("gateway.icmp", "timeout", event, None, self.gateway)

    def pinged_outside(self, event: LogEvent) -> None:
        """Many networks let no ping out: silence says little."""
        if event.number("count"):
            self.writer.ok("internet.reach", event, None, event.values["address"])
        else:
            self.writer.unclear("internet.reach", "timeout", event, None, event.values["address"])

    def name_tested(self, event: LogEvent) -> None:
        """What the cloud's name gave."""
        address = event.values["address"]
        if address == UNSET:
            self.writer.failed("dns.cloud_name", "no_name", event, None, self.name)
        elif is_bogon(address):
            self.writer.given.add(address)
            self.writer.failed("dns.cloud_name", "bogon", event, None, self.name, addresses=address)
        else:
            self.writer.ok("dns.cloud_name", event, None, self.name, addresses=address)
        self.place = f"{address}:{self.port}"

    def port_tested(self, event: LogEvent) -> None:
        """The cloud's port opened."""
        if self._is_false():
            self.writer.unclear("tcp.false_address", "", event, None, self.place)
        else:
            self.writer.ok("tcp.cloud", event, None, self.place or f"{self.name}:{self.port}")

    def port_refused(self, event: LogEvent) -> None:
        """It did not; why is not printed."""
        if self._is_false():
            self.writer.failed("tcp.false_address", "unopened", event, None, self.place)
        else:
            self.writer.failed(
                "tcp.cloud", "unopened", event, None, self.place or f"{self.name}:{self.port}"
            )

    def _is_false(self) -> bool:
        return self.place.rpartition(":")[0] in self.writer.given
