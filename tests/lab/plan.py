"""What a lab is built from, as data: faults change a plan, and only `network.py` touches the
system.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.doubles.cloud import Fault
from tests.doubles.photon import Behaviour
from tests.lab.relay import Path

CLOUD_ADDRESS = "192.52.193.10"
CapturePoint = Literal["device", "lan", "wan"]
Chain = Literal[
    "forward",
    "input",
    "output",
    "prerouting",
    "arp_input",
    "arp_output",
    "internet_input",
    "bridge_forward",
]


@dataclass(frozen=True, kw_only=True)
class DevicePlan:
    """One software Photon."""

    firmware: str = "1.5.2"
    behaviour: Behaviour = field(default_factory=Behaviour)
    server_key: Literal["right", "other", "damaged"] = "right"
    registered: Literal["yes", "other key", "no"] = "yes"
    """What the cloud holds for the id: the device's public key, another one, or nothing."""
    shares_id: bool = False
    """The id and key are those of the first device."""


@dataclass(frozen=True, kw_only=True)
class LanHost:
    """Another machine of the LAN."""

    name: str
    address: str | None = None
    """A fixed address, by its last number as in `.20`; None: it asks by DHCP."""
    does: Literal[
        "nothing",
        "browses",
        "fails elsewhere",
        "serves wrong leases",
        "filters names",
        "takes answers",
        "refuses leases",
        "joins now and then",
    ] = "nothing"
    resolver: str = ""
    """The name server that its user set by hand; empty: the router, as DHCP would say."""
    rules: tuple[str, ...] = ()
    """nftables rules for what it sends itself."""
    routes: tuple[str, ...] = ()
    """Words of `ip route add`, with the places of rules filled in."""
    vpn: bool = False
    """A tunnel around the router carries all that does not stay on the LAN."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A home network, the Internet behind it and the machines in both; the defaults are healthy."""

    lan: str = "192.168.77"
    """The first three numbers of the LAN's /24; the router is .1."""
    router_mac: str = "f4:f2:6d:10:20:30"
    devices: tuple[DevicePlan, ...] = (DevicePlan(),)
    hosts: tuple[LanHost, ...] = (LanHost(name="laptop", address=".20"),)
    cloud: Fault = Fault.NONE
    path: Path = field(default_factory=Path)
    dhcp: bool = True
    ipv6_only: bool = False
    """The router advertises IPv6, and gives no IPv4 address."""
    pool: tuple[int, int] = (100, 150)
    dnsmasq: tuple[str, ...] = ()
    """Lines added to the router's configuration; `{lan}`, `{gateway}` and `{mac}` (the first
    device's) are filled in.
    """
    rules: tuple[tuple[Chain, str], ...] = ()
    """nftables rules, with the same fillings."""
    settings: tuple[tuple[str, int], ...] = ()
    """Values below /proc/sys/net in the router."""
    default_route: bool = True
    upstream: bool = True
    """The router's resolver has a server to ask."""
    proxy: bool = False
    """A web proxy on the router, which the other machines are told to use."""
    portal: bool = False
    """A login page answers on the router's port 80."""
    portal_says: Literal["", "held", "open"] = ""
    """The login page has an interface for programs, too (RFC 8908), and a certificate; what it says
    of whoever asks.
    """
    intercept: Literal["", "hold", "close", "greet"] = ""
    """A proxy on the router takes connections and then holds or closes them, or greets as a mail
    server does.
    """
    inspects_tls: bool = False
    """The web hosts' certificates are by an authority that the other machines do not trust."""
    broken_resolver: str = ""
    """DNS return code that the resolver behind the router's gives for the cloud's name, `*CODE` for
    every name.
    """
    lift_after_s: float | None = None
    """When to drop all rules of the router's filter again."""
    captured_at: CapturePoint = "device"
    captured_from_s: float = 0.0
    """How long after the device's start the capture begins."""

    @property
    def gateway(self) -> str:
        """The router's address."""
        return f"{self.lan}.1"

    def with_rules(self, chain: Chain, *rules: str) -> Plan:
        """The plan with further rules at the end of a chain."""
        return replace(self, rules=(*self.rules, *((chain, rule) for rule in rules)))

    def with_device(self, **changes: object) -> Plan:
        """The plan with a changed first device."""
        first = replace(self.devices[0], **changes)  # type: ignore[arg-type]  # replace() checks the names itself
        return replace(self, devices=(first, *self.devices[1:]))

    def with_behaviour(self, behaviour: Behaviour) -> Plan:
        """The plan with a first device that behaves so."""
        return self.with_device(behaviour=behaviour)

    def filled(self, text: str, mac: str) -> str:
        """A configuration text with its places filled in."""
        return (
            text.replace("{lan}", self.lan).replace("{gateway}", self.gateway).replace("{mac}", mac)
        )


Change = Callable[[Plan], Plan]
"""A fault, or a trait of a network: what it makes of a plan."""


def mac_of(scenario: str, index: int) -> str:
    """A device's MAC: a prefix of the maker of the Photon's radio, the rest from the scenario's
    name.
    """
    digest = hashlib.sha256(f"{scenario}/{index}/mac".encode()).digest()
    return ":".join(("6c", "0b", "84", *(f"{byte:02x}" for byte in digest[:3])))


def id_of(scenario: str, index: int) -> str:
    """A device's id of 24 hex digits, in the form of real ones: the chip's serial number with ASCII
    digits at the end.
    """
    digest = hashlib.sha256(f"{scenario}/{index}/id".encode()).hexdigest()
    return f"{digest[:2]}00{digest[2:8]}47343232363230"
