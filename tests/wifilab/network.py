"""What is behind the access point: a network of tests/lab, whose first device has a radio in place
of a cable, or nothing but a bridge.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.doubles.firmware import FIRMWARE
from tests.doubles.kernel_stack import KernelStack
from tests.doubles.photon import Photon, Setup
from tests.lab.namespace import Namespace
from tests.lab.network import Network, stored_key
from tests.lab.plan import Plan, mac_of
from tests.wifilab.radios import Radios

JOINED_S = 0.5
"""From the last message of the handshake to the first DISCOVER."""


class BareNetwork:
    """A bridge with nothing on it, and a station that says nothing once it has joined."""

    def __init__(self, name: str, radios: Radios) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="netchecklab-"))
        self.mac, self.said = mac_of(name, 0), list[str]()
        self._radios = radios
        self._namespaces: dict[str, Namespace] = {}

    def __enter__(self) -> Self:
        for role in ("router", "device0"):
            self._namespaces[role] = Namespace(role)
            self._namespaces[role].write_setting("ipv6/conf/all/disable_ipv6", 1)
        self.namespace("router").ip("link", "add", "lan", "type", "bridge")
        self.namespace("router").ip("link", "set", "lan", "up")
        self._radios.set_mac("station", self.mac)
        self._radios.move("station", self.namespace("device0"))
        return self

    def __exit__(self, *_: object) -> None:
        for namespace in self._namespaces.values():
            namespace.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def namespace(self, role: str) -> Namespace:
        """That of `router` or `device0`."""
        return self._namespaces[role]

    def start_hosts(self) -> None:
        """There are none."""

    def life(self, _stop: threading.Event) -> Callable[[], None]:
        """Nothing is done."""
        return lambda: None


class WifiNetwork(Network):
    """A network of tests/lab; the access point's radio goes on its bridge `lan`."""

    def __init__(self, name: str, plan: Plan, radios: Radios) -> None:
        super().__init__(name, plan)
        self._radios = radios

    @property
    def mac(self) -> str:
        """The address of the device with the radio."""
        return self.devices[0].mac

    @property
    def said(self) -> list[str]:
        """What that device said of itself."""
        return self.devices[0].said

    def _plug_in(self, machine: Namespace, port: str, mac: str) -> None:
        if port != "p-device0":
            super()._plug_in(machine, port, mac)
            return
        self._radios.set_mac("station", mac)
        self._radios.move("station", machine)

    def life(self, stop: threading.Event) -> Callable[[], None]:
        """What the device does from its join until `stop`."""
        device = self.devices[0]
        setup = Setup(
            identity=device.identity,
            line=FIRMWARE[device.plan.firmware],
            cloud_key=stored_key(device.plan),
            behaviour=device.plan.behaviour,
            join_s=JOINED_S,
        )
        stack = KernelStack(self._radios.interface("station"), device.mac)
        return Photon(stack, setup, stop, device.said.append).run
