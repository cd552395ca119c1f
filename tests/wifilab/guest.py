"""What runs inside the machine: each scenario in turn, recorded by monitors into the shared folder.

python -m tests.wifilab.guest FOLDER NAME...
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.helpers.capture_files import frames_of, pcap
from tests.lab.namespace import Namespace
from tests.lab.scenarios import SCENARIOS as NETWORKS
from tests.wifilab.network import BareNetwork, WifiNetwork
from tests.wifilab.nl80211 import Nl80211, up
from tests.wifilab.radios import MACS, Radios, Role
from tests.wifilab.scenarios import HEALTHY_AP, NEIGHBOUR, SCENARIOS, Scenario, Settings
from tests.wifilab.supplicant import Supplicant, start_access_points
from tests.wifilab.thinning import RADIOTAP, thinned

NOT_CONTROL = "not type ctl"
AFTER_SESSION_S = 4.0
LAPTOP_JOINS_S, APPEARS_WITHIN_S, BY_NAME_S = 60.0, 90.0, 120.0


class Play:
    """One scenario: the steps are `wait S`, `ap COMMAND` (hostapd_cli), `deaf`, `loudness ROLE DBM`
    and `file NAME TEXT`, with `{photon}` and `{laptop}` for their addresses.
    """

    def __init__(
        self, scenario: Scenario, network: BareNetwork | WifiNetwork, radios: Radios
    ) -> None:
        self._scenario, self._network, self._radios = scenario, network, radios
        self._folder = network.folder
        self._others: list[Namespace] = []
        self._recorders: list[tuple[subprocess.Popen[bytes], Path]] = []
        self._stop = threading.Event()

    def record(self) -> bytes:
        """The capture of all monitors, from before the access point starts."""
        try:
            for step in self._scenario.before:
                self._do(step)
            self._start_monitors()
            self._start_access_points()
            self._network.start_hosts()
            if self._scenario.laptop is not None:
                self._start_laptop(self._scenario.laptop)
            self._start_station()
            for step in self._scenario.steps * self._scenario.repeat:
                self._do(step)
            time.sleep(self._scenario.seconds)
            if self._scenario.is_healthy:
                self._await_session()
            return self._recorded()
        finally:
            self._stop.set()
            for namespace in self._others:
                namespace.remove()

    def _other(self, role: Role) -> Namespace:
        """A namespace of its own for that radio."""
        namespace = Namespace(f"wifi-{role}")
        self._others.append(namespace)
        namespace.write_setting("ipv6/conf/all/disable_ipv6", 1)
        self._radios.move(role, namespace)
        return namespace

    def _start_monitors(self) -> None:
        if self._scenario.country:
            subprocess.run(["iw", "reg", "set", self._scenario.country], check=True)
            time.sleep(0.3)
        roles: tuple[Role, Role] = ("monitor", "monitor5")
        for role, channel in zip(roles, self._scenario.heard_channels, strict=False):
            name = self._radios.monitor(role, channel)
            path = self._folder / f"{name}.pcap"
            command = ["tcpdump", "-i", name, "-U", "-Z", "root", "-w", str(path), NOT_CONTROL]
            process = subprocess.Popen(command, stderr=subprocess.PIPE)
            assert process.stderr is not None
            process.stderr.readline()  # "listening on"
            self._recorders.append((process, path))

    def _start_access_points(self) -> None:
        if self._scenario.neighbour:
            channel = self._scenario.heard_channels[0]
            self._run_hostapd(
                "second", {**HEALTHY_AP, **NEIGHBOUR, "channel": channel if channel < 12 else 6}
            )
        router = self._network.namespace("router")
        settings: dict[str, Settings] = {}
        for own in self._scenario.access_points:
            role: Role = own["radio"]  # type: ignore[assignment]  # a name in the data
            self._radios.move(role, router)
            settings[self._radios.interface(role)] = own
        start_access_points(router, settings, self._folder, bridge="lan")

    def _run_hostapd(self, role: Role, own: Settings) -> None:
        where = self._other(role)
        start_access_points(where, {self._radios.interface(role): own}, self._folder, bridge="")

    def _start_laptop(self, settings: Settings) -> None:
        where = self._other("laptop")
        laptop = Supplicant(
            where, self._radios.interface("laptop"), settings, self._folder, self._scenario.country
        )
        deadline = time.monotonic() + LAPTOP_JOINS_S
        while not laptop.is_joined and time.monotonic() < deadline:
            time.sleep(0.2)

    def _start_station(self) -> None:
        device, interface = self._network.namespace("device0"), self._radios.interface("station")
        if self._scenario.by_name:
            device.call(lambda: self._join_by_name(interface)).join(BY_NAME_S)
            return
        station = Supplicant(
            device, interface, self._scenario.station, self._folder, self._scenario.country
        )
        threading.Thread(target=self._live, args=(device, station), daemon=True).start()
        self._await_station()

    def _await_station(self) -> None:
        """Return once a monitor has received it: on a busy host it takes a while to start."""
        mac = bytes.fromhex(self._network.mac.replace(":", ""))
        deadline = time.monotonic() + APPEARS_WITHIN_S
        while not any(mac in path.read_bytes() for _, path in self._recorders):
            if time.monotonic() > deadline:
                raise RuntimeError("no monitor hears the station")
            time.sleep(0.3)

    def _join_by_name(self, interface: str) -> None:
        ap = self._scenario.access_points[0]
        up(interface)
        bssid = MACS[ap["radio"]]  # type: ignore[index]  # a name in the data
        Nl80211(interface).join(str(ap["ssid"]), bssid, 2407 + 5 * int(ap["channel"]), 3)

    def _await_session(self) -> None:
        """Return a moment after the device says that it has one."""
        deadline = time.monotonic() + APPEARS_WITHIN_S
        while "session" not in self._network.said and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(AFTER_SESSION_S)

    def _live(self, device: Namespace, station: Supplicant) -> None:
        """Whenever it has joined: what a Photon does then, until it is sent away."""
        while not self._stop.is_set():
            if not station.is_joined:
                time.sleep(0.1)
                continue
            over, joins = threading.Event(), station.joins
            alive = device.call(quietly(self._network.life(over)))
            while not self._stop.is_set() and station.is_joined and station.joins == joins:
                time.sleep(0.1)
            over.set()
            alive.join(10)

    def _do(self, step: str) -> None:
        verb, _, rest = step.replace("{photon}", self._network.mac).partition(" ")
        rest = rest.replace("{laptop}", MACS["laptop"])
        if verb == "wait":
            time.sleep(float(rest))
        elif verb == "ap":
            control = f"{self._folder}/hostapd"
            command = ("hostapd_cli", "-p", control, "-i", self._radios.interface("ap"))
            self._network.namespace("router").run(*command, *rest.split())
        elif verb == "deaf":
            for role, mask in (("station", 2), ("ap", 1), ("laptop", 1), ("second", 1)):
                self._radios.set_group(role, mask)  # type: ignore[arg-type]  # names of roles
            for role in ("monitor", "monitor5"):
                self._radios.set_group(role, 3)  # type: ignore[arg-type]  # names of roles
        elif verb == "loudness":
            role_name, dbm = rest.split()
            self._radios.set_loudness(role_name, int(dbm))  # type: ignore[arg-type]  # in the data
        elif verb == "file":
            name, _, text = rest.partition(" ")
            (self._folder / name).write_text(text + "\n")
        else:
            raise ValueError(f"unknown step: {step}")

    def _recorded(self) -> bytes:
        frames = []
        for process, path in self._recorders:
            process.terminate()
            process.wait()
            frames += frames_of(path)
        return pcap(thinned(sorted(frames)), link=RADIOTAP)


def quietly(work: Callable[[], None]) -> Callable[[], None]:
    """The same; that the link goes away under it is said, and no failure."""

    def inside() -> None:
        try:
            work()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"device: {error}", flush=True)

    return inside


def play(scenario: Scenario, folder: Path) -> None:
    """Record it: NAME.pcap, and NAME.json with who the Photon was and what it said."""
    with Radios() as radios:
        if scenario.network:
            plan = NETWORKS[scenario.network].plan
            network: BareNetwork | WifiNetwork = WifiNetwork(scenario.name, plan, radios)
        else:
            network = BareNetwork(scenario.name, radios)
        with network:
            capture = Play(scenario, network, radios).record()
            known = {"sta_mac": network.mac, "said": network.said}
            for log in network.folder.glob("*.log"):
                (folder / f"{scenario.name}-{log.name}").write_bytes(log.read_bytes())
    (folder / f"{scenario.name}.pcap").write_bytes(capture)
    (folder / f"{scenario.name}.json").write_text(json.dumps(known))


def main(folder: Path, names: list[str]) -> None:
    """Each scenario into files of its own; one that breaks leaves its traceback."""
    for module in ("bridge", "br_netfilter", "tun", "veth"):
        subprocess.run(["modprobe", module], check=True)
    for name in names:
        started = time.monotonic()
        try:
            play(SCENARIOS[name], folder)
        except Exception:
            (folder / f"{name}.broken").write_text(traceback.format_exc(chain=False))
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
