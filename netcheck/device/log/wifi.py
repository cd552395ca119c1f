"""Join and address in a log: from `ARM_WLAN_WD 1` to `DHCP success`, or to why not.

Up to 0.6.4 the log gives no result of a join, up to 0.5.5 not even whether join or address failed:
that then stays open. Source: device-os@v0.6.0, v1.5.2:system/src/system_network_internal.h (marks
of the watchdog), hal/src/photon/wlan_hal.cpp (join).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from netcheck.device.log.codes import JOIN
from netcheck.device.log.lines import Style
from netcheck.device.log.statements import Mark, Voice

OF_NETWORK = frozenset({"not_on_air"})
"""Reasons that speak of the network on the air rather than of a try to join it."""
VAGUE = frozenset({"", "timeout", "not_let_in"})


@dataclass
class Wifi:
    """Where the device stands between radio and address."""

    voice: Voice
    begun: Mark | None = None
    joined: Mark | None = None
    ssid: str = ""
    is_enterprise: bool = False
    results: list[tuple[str, str, Mark]] = field(default_factory=list)
    """Reason, network and place of each try that failed since the connection was begun."""

    def join_begins(self, mark: Mark) -> None:
        """A connection is begun; what came of the one before was told, or is not in the log."""
        if "true" in (mark.values.get("ready"), mark.values.get("connecting")):
            return
        self.begun, self.joined, self.results, self.is_enterprise = mark, None, [], False

    def joining(self, mark: Mark) -> None:
        """A stored network is tried."""
        self.begun = self.begun or mark
        self.ssid = mark.values["ssid"]

    def supplicant(self, mark: Mark) -> None:
        """The 802.1X authentication begins."""
        self.is_enterprise = True

    def join_result(self, mark: Mark) -> None:
        """A try to join ended with a code."""
        code = mark.number("code") or 0
        if code and len(self.results) < 100:
            self.results.append((JOIN.get(code, ""), self.ssid, mark))

    def joined_now(self, mark: Mark) -> None:
        """The access point took the device."""
        if self.joined is None:
            self.voice.ok("wifi.join", mark, self.begun, self._target(self.ssid))
        self.joined, self.results = mark, []

    def dhcp_begins(self, mark: Mark) -> None:
        """An address is asked for: so the join is done."""
        if self.joined is None:
            self.joined_now(mark)

    def static_begins(self, mark: Mark) -> None:
        """The stored address is used; whether it fits this network the log cannot say."""
        if self.joined is None:
            self.joined_now(mark)
        self.voice.unclear("address.static", "", mark, start_seen=True)
        self.joined = mark._replace(values={"static": "yes"})

    def address_set(self, mark: Mark) -> None:
        """The device has an address: leased, or the stored one."""
        if self.joined is None:
            self.joined_now(mark)
        if not self._is_static():
            self.voice.ok("dhcp.lease", mark, self.joined)
        self.begun = None

    def network_failed(self, mark: Mark) -> None:
        """The connection was given up, at the join or at the address."""
        if self.joined is not None:
            self._without_address(mark)
        elif self.begun is not None or self.results:
            self._not_joined(mark)
        self.begun, self.joined, self.results = None, None, []

    def radio_restarts(self, mark: Mark) -> None:
        """30 s went by without an address."""
        if self.joined is None and self.begun is not None and mark.style is Style.OLD:
            self.voice.failed("dhcp.lease", "no_network", mark, self.begun)
            self.begun = None
        elif self.begun is not None:
            self.network_failed(mark)

    def join_broke_off(self, mark: Mark) -> None:
        """0.6: disconnected before it was connected."""
        if self.joined is None and self.begun is not None:
            self.network_failed(mark)

    def restarted(self, mark: Mark) -> None:
        """The device begins anew."""
        self.begun, self.joined, self.results = None, None, []

    def _without_address(self, mark: Mark) -> None:
        if not self._is_static():
            self.voice.failed("dhcp.lease", "no_lease", mark, self.joined)

    def _not_joined(self, mark: Mark) -> None:
        """One observation for all tries since the connection was begun: of the reasons the one that
        says most, then the commonest.
        """
        if not self.results:
            self.voice.failed(
                "wifi.join",
                "eap_failed" if self.is_enterprise else "not_joined",
                mark,
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
        self.voice.failed(
            fact, reason or "not_joined", last, self.begun, self._target(ssid), codes=codes
        )

    def _is_static(self) -> bool:
        return self.joined is not None and "static" in self.joined.values

    @staticmethod
    def _target(ssid: str) -> str:
        return f"ssid:{ssid}" if ssid else ""
