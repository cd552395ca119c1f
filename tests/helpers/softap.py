"""The device over SoftAP, and what is made of its answers."""

from __future__ import annotations

from collections.abc import Callable

from netcheck.correlator import diagnose
from netcheck.device import softap
from netcheck.device.softap import framing
from netcheck.device.softap.dialogue import (
    TCP,
    SoftApReply,
)
from netcheck.device.softap.reading import SoftApHost, WantedNetworks
from netcheck.device.softap.route import LocalNetworks
from netcheck.host.interfaces import InterfaceAddress
from netcheck.model import (
    Diagnosis,
    Level,
    Observation,
    Target,
)
from tests.doubles.softap_server import SoftAp

WIFI = InterfaceAddress(name="wlan0", address="192.168.0.7", netmask="255.255.255.0", is_wifi=True)
AT = 1_700_000_000.0


class DoubleTransport:
    """A door that leads to the double without a network."""

    def __init__(self, device: SoftAp) -> None:
        self._device = device

    def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
        if not (self._device.serves_tcp if over == TCP else self._device.serves_http):
            return SoftApReply(ended="refused")
        wire = self._device.reply(
            over, framing.over_tcp(command) if over == TCP else framing.over_http(command)
        )
        if wire is None:
            return SoftApReply(ended="silent")
        for end in range(
            self._device.step_bytes, len(wire) + self._device.step_bytes, self._device.step_bytes
        ):
            if is_whole(wire[:end]):
                return SoftApReply(payload=wire[:end], ended="whole")
        return SoftApReply(payload=wire[: framing.MOST_BYTES], ended="closed")


TARGET = Target()


def observed(
    device: SoftAp,
    *names: str,
    links: tuple[InterfaceAddress, ...] = (WIFI,),
    hidden: bool = False,
    target: Target = TARGET,
) -> list[Observation]:
    """What is observed of that device from such a computer."""
    host = SoftApHost(
        local_networks=lambda: LocalNetworks(links=links, route=links[0].name),
        transport=lambda _: DoubleTransport(device),
        pause=lambda _: None,
        now=lambda: AT,
    )
    return list(softap.observe(target, WantedNetworks(names=names, has_hidden=hidden), host))


def of(observations: list[Observation], fact: str) -> Observation:
    """The one observation of that fact."""
    (one,) = [o for o in observations if o.fact == fact]
    return one


def judged(observations: list[Observation]) -> Diagnosis:
    (one,) = diagnose(observations, Target())
    return one


def levels(diagnosis: Diagnosis) -> dict[str, Level]:
    return {finding.cause: finding.level for finding in diagnosis.findings}
