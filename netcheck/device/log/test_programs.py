"""What the test programs photon-clouddebug and cloud-debug print beside the log: networks stored
and heard, pings, look-ups, names.

Their lines bear no time of their own. Sources: rickkas7/photon-clouddebug:clouddebug.cpp,
particle-iot/cloud-debug.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from netcheck.device.log.statements import Mark, Voice
from netcheck.wire.ipv4 import is_bogon

MOST_NETWORKS = 200
UNSET = "0.0.0.0"
PATIENCE_S = 60


@dataclass
class Program:
    """What was printed so far."""

    voice: Voice
    name: str
    port: int
    in_list: str = ""
    """Which list is being printed: stored or scan."""
    stored: list[str] = field(default_factory=list)
    heard: dict[str, Mark] = field(default_factory=dict)
    gateway: str = ""
    begun: Mark | None = None
    is_slow: bool = False
    place: str = ""
    """Address and port that the cloud's name gave."""

    def stored_begins(self, mark: Mark) -> None:
        """The networks stored follow."""
        self.in_list, self.stored, self.heard = "stored", [], {}

    def scan_begins(self, mark: Mark) -> None:
        """The networks heard follow."""
        self.in_list, self.heard = "scan", {}

    def network(self, mark: Mark) -> None:
        """One network of a list."""
        ssid = mark.values["ssid"].strip()
        if "rssi" in mark.values or self.in_list == "scan":
            if len(self.heard) < MOST_NETWORKS:
                self.heard[ssid] = mark
        elif self.in_list == "stored" and len(self.stored) < MOST_NETWORKS:
            self.stored.append(ssid)

    def wifi_begins(self, mark: Mark) -> None:
        """The join begins: were the networks stored among those heard? A list without any says
        nothing of one.
        """
        self.in_list, self.begun, self.is_slow = "", mark, False
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
                self.voice.ok("wifi.network", seen, None, f"ssid:{ssid}", **values)
                return
        self.voice.failed(
            "wifi.network",
            "not_on_air",
            mark,
            next(iter(self.heard.values())),
            f"ssid:{self.stored[0]}",
        )

    def wifi_waits(self, mark: Mark) -> None:
        """It counts the time for which it has waited: told once, after as long as a device needs at
        most.
        """
        waited_s = (mark.number("minutes") or 0) * 60 + (mark.number("seconds") or 0)
        if waited_s >= PATIENCE_S and not self.is_slow:
            self.is_slow = True
            self.voice.failed("dhcp.lease", "no_network", mark, self.begun)

    def gateway_is(self, mark: Mark) -> None:
        """The gateway's address."""
        self.gateway = mark.values["address"]

    def pinged_gateway(self, mark: Mark) -> None:
        """Who answers a ping answered ARP before."""
        if mark.number("count"):
            self.voice.ok("gateway.arp", mark, None, self.gateway)
            self.voice.ok("gateway.icmp", mark, None, self.gateway)
        else:
            self.voice.failed("gateway.icmp", "timeout", mark, None, self.gateway)

    def pinged_outside(self, mark: Mark) -> None:
        """Many networks let no ping out: silence says little."""
        if mark.number("count"):
            self.voice.ok("internet.reach", mark, None, mark.values["address"])
        else:
            self.voice.unclear("internet.reach", "timeout", mark, None, mark.values["address"])

    def name_tested(self, mark: Mark) -> None:
        """What the cloud's name gave."""
        address = mark.values["address"]
        if address == UNSET:
            self.voice.failed("dns.cloud_name", "no_name", mark, None, self.name)
        elif is_bogon(address):
            self.voice.given.add(address)
            self.voice.failed("dns.cloud_name", "bogon", mark, None, self.name, addresses=address)
        else:
            self.voice.ok("dns.cloud_name", mark, None, self.name, addresses=address)
        self.place = f"{address}:{self.port}"

    def port_tested(self, mark: Mark) -> None:
        """The cloud's port opened."""
        if self._is_false():
            self.voice.unclear("tcp.false_address", "", mark, None, self.place)
        else:
            self.voice.ok("tcp.cloud", mark, None, self.place or f"{self.name}:{self.port}")

    def port_refused(self, mark: Mark) -> None:
        """It did not; why is not printed."""
        if self._is_false():
            self.voice.failed("tcp.false_address", "unopened", mark, None, self.place)
        else:
            self.voice.failed(
                "tcp.cloud", "unopened", mark, None, self.place or f"{self.name}:{self.port}"
            )

    def _is_false(self) -> bool:
        return self.place.rpartition(":")[0] in self.voice.given
