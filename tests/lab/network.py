"""Builds a plan out of network namespaces and runs it: router, Internet, other machines and
software Photons.

Topology: machine eth0 ── port on bridge `lan` (router) ── NAT ── wan0 ~ relay ~ net0 (Internet,
with the cloud). Needs root, iproute2, nftables, dnsmasq, nginx, tcpdump and /dev/net/tun.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.doubles import dtls, ntp
from tests.doubles.certificates import Authority
from tests.doubles.cloud import Cloud, load_cloud_key
from tests.doubles.dns_server import serve_code
from tests.doubles.firmware import FIRMWARE
from tests.doubles.handshake import Identity, new_key, public_der
from tests.doubles.kernel_stack import KernelStack
from tests.doubles.messages import CLOUD_PORT
from tests.doubles.photon import Photon, Setup
from tests.lab import services, traffic
from tests.lab.namespace import Namespace
from tests.lab.plan import CLOUD_ADDRESS, DevicePlan, LanHost, Plan, id_of, mac_of
from tests.lab.relay import Path as Way
from tests.lab.relay import Relay, open_tun
from tests.lab.sockets import await_port, datagram_socket, listener, release

TOOLS = ("ip", "nft", "dnsmasq", "nginx", "tcpdump")
WAN_ADDRESS = "81.2.69.142"
VPN_ADDRESS = "10.8.0.2"
SNAP_BYTES = 600

_ROUTER_SETTINGS = (
    ("ipv4/ip_forward", 1),
    ("bridge/bridge-nf-call-iptables", 0),
    ("bridge/bridge-nf-call-arptables", 0),
)
"""It routes, and its filter leaves alone what only crosses the bridge, where captures are taken."""


@dataclass
class Device:
    """A software Photon of this lab and what it said of itself."""

    plan: DevicePlan
    mac: str
    identity: Identity
    said: list[str] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """The addresses it used, in order, each once."""
        return list(
            dict.fromkeys(
                line.removeprefix("address ") for line in self.said if line.startswith("address ")
            )
        )


class Network:
    """A running lab; leaving the `with` block ends and removes everything, also after Ctrl-C."""

    def __init__(self, name: str, plan: Plan) -> None:
        self.name = name
        self.plan = plan
        self.folder = Path(tempfile.mkdtemp(prefix="netchecklab-"))
        self.folder.chmod(0o755)  # who has given up root reads there whom the web vouches for
        self.stop = threading.Event()
        self.devices: list[Device] = []
        self._namespaces: dict[str, Namespace] = {}
        self._sockets: list[socket.socket] = []
        self._relays: list[Relay] = []
        self._authority = Authority.new("The web's authority")
        self._recorder: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything; may be called twice."""
        self.stop.set()
        for relay in self._relays:
            relay.stop()
        for sock in self._sockets:
            release(sock)
        for namespace in self._namespaces.values():
            namespace.remove()
        self._namespaces.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def namespace(self, role: str) -> Namespace:
        """The namespace of `router`, `internet`, a machine by its name, or `device0`, `device1`
        …
        """
        return self._namespaces[role]

    # -- building
    # ----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.devices = list(self._new_devices())
        router, internet = self._add("router"), self._add("internet")
        self._connect_path(router, internet)
        self._set_up_router(router)
        self._set_up_internet(internet)
        for host in self.plan.hosts:
            self._set_up_host(host)
        for index, device in enumerate(self.devices):
            self._plug_in(self._add(f"device{index}"), f"p-device{index}", device.mac)
        await_port(router, self.plan.gateway, 53)
        await_port(
            internet, services.PUBLIC_RESOLVERS[-1], 53
        )  # the first is what internet tests ask, and so may be blocked
        await_port(internet, services.WEBSITE_ADDRESS, 80)

    def _add(self, role: str) -> Namespace:
        namespace = Namespace(role)
        self._namespaces[role] = namespace
        namespace.write_setting("ipv6/conf/all/disable_ipv6", int(not self.plan.ipv6_only))
        return namespace

    def _new_devices(self) -> Iterable[Device]:
        first: Identity | None = None
        for index, plan in enumerate(self.plan.devices):
            identity = (
                first if plan.shares_id and first else Identity.generate(id_of(self.name, index))
            )
            first = first or identity
            yield Device(plan, mac_of(self.name, index), identity)

    def _connect_path(self, router: Namespace, internet: Namespace) -> None:
        router.ip("tuntap", "add", "dev", "wan0", "mode", "tun")
        router.ip("address", "add", f"{WAN_ADDRESS}/32", "dev", "wan0")
        router.ip("link", "set", "wan0", "up")
        if self.plan.default_route:
            router.ip("route", "add", "default", "dev", "wan0")
        internet.ip("tuntap", "add", "dev", "net0", "mode", "tun")
        internet.ip("link", "set", "net0", "up")
        internet.ip("route", "add", "default", "dev", "net0")
        for address in services.internet_addresses():
            internet.ip("address", "add", f"{address}/32", "dev", "lo")
        self._join(router, "wan0", internet, "net0", self.plan.path)

    def _join(self, near: Namespace, near_tun: str, far: Namespace, far_tun: str, way: Way) -> None:
        """Carry packets between two tunnel ends, on that way, until `close`."""
        relay = Relay(
            near.evaluate(lambda: open_tun(near_tun)), far.evaluate(lambda: open_tun(far_tun)), way
        )
        self._relays.append(relay)
        threading.Thread(target=relay.run, daemon=True).start()

    def _set_up_router(self, router: Namespace) -> None:
        plan = self.plan
        router.ip(
            "link", "add", "lan", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0"
        )
        router.ip("link", "set", "lan", "address", plan.router_mac)
        router.ip("address", "add", f"{plan.gateway}/24", "brd", "+", "dev", "lan")
        router.ip("link", "set", "lan", "up")
        if plan.ipv6_only:
            router.ip("address", "add", services.LAN_IPV6, "dev", "lan", "nodad")
        for name, value in (*_ROUTER_SETTINGS, *plan.settings):
            router.write_setting(name, value)
        router.run("nft", "-f", "-", text=services.router_rules(plan, self.devices[0].mac))
        self._start_dnsmasq(
            router, "router", services.router_dnsmasq(plan, self.folder, self.devices[0].mac)
        )
        if plan.portal:
            certificate = self._authority.vouch(self.folder, services.PORTAL_NAME)
            self._start_nginx(
                router,
                "portal",
                services.portal(self.folder, plan.gateway, plan.portal_says, certificate),
            )
        if plan.proxy:
            self._start_nginx(router, "proxy", services.proxy(self.folder))
        if plan.intercept:
            proxy = router.evaluate(lambda: listener("0.0.0.0", services.INTERCEPT_PORT))
            self._serve(proxy, lambda sock: traffic.intercept(sock, plan.intercept))
        if plan.broken_resolver:
            resolver = router.evaluate(
                lambda: datagram_socket("127.0.0.1", services.BROKEN_RESOLVER_PORT)
            )
            self._serve(
                resolver, lambda sock: serve_code(sock, plan.broken_resolver.removeprefix("*"))
            )

    def _set_up_internet(self, internet: Namespace) -> None:
        internet.run("nft", "-f", "-", text=services.internet_rules(self.plan, self.devices[0].mac))
        self._start_dnsmasq(internet, "world", services.world_dns())
        authority = (
            Authority.new("A company's filter") if self.plan.inspects_tls else self._authority
        )
        self._start_nginx(
            internet,
            "website",
            services.website(self.folder, authority.vouch(self.folder, *services.TLS_HOSTS)),
        )
        self._serve(
            internet.evaluate(lambda: datagram_socket(services.TIME_ADDRESS, ntp.NTP_PORT)),
            ntp.serve_time,
        )
        self._serve(
            internet.evaluate(lambda: datagram_socket(CLOUD_ADDRESS, dtls.CLOUD_UDP_PORT)),
            dtls.serve,
        )
        cloud = Cloud(load_cloud_key(), dict(self._registered()), self.plan.cloud)
        self._serve(internet.evaluate(lambda: listener(CLOUD_ADDRESS, CLOUD_PORT)), cloud.serve)

    def _serve(self, sock: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        """Serve on a socket, in a thread, until `close`."""
        self._sockets.append(sock)
        threading.Thread(target=serve, args=(sock,), daemon=True).start()

    def _registered(self) -> Iterable[tuple[bytes, bytes]]:
        for device in self.devices:
            if device.plan.registered != "no":
                stale = device.plan.registered == "other key"
                yield (
                    device.identity.device_id,
                    public_der(new_key(1024)) if stale else device.identity.public_der,
                )

    def _start_dnsmasq(self, where: Namespace, name: str, text: str) -> None:
        path = self.folder / f"{name}.conf"
        path.write_text(text)
        where.start("dnsmasq", "--conf-file=" + str(path), log=self.folder / f"{name}.log")

    def _start_nginx(self, where: Namespace, name: str, text: str) -> None:
        path = self.folder / f"{name}-nginx.conf"
        path.write_text(text)
        where.start("nginx", "-c", str(path), "-e", str(self.folder / f"{name}-nginx.log"))

    def _plug_in(self, machine: Namespace, port: str, mac: str) -> None:
        """A cable from the machine's eth0 to the router's bridge."""
        router = self._namespaces["router"]
        machine.ip(
            "link",
            "add",
            "eth0",
            "address",
            mac,
            "type",
            "veth",
            "peer",
            "name",
            port,
            "netns",
            router.name,
        )
        router.ip("link", "set", port, "master", "lan", "up")
        machine.ip("link", "set", "eth0", "up")

    def _set_up_host(self, host: LanHost) -> None:
        machine = self._add(host.name)
        mac = _host_mac(self.name, host.name)
        self._plug_in(machine, f"p-{host.name}", mac)
        if host.address and not self.plan.ipv6_only:
            machine.ip(
                "address", "add", f"{self.plan.lan}{host.address}/24", "brd", "+", "dev", "eth0"
            )
            machine.ip("route", "add", "default", "via", self.plan.gateway)
        machine.use_resolver(host.resolver or self.plan.gateway)
        machine.write_setting(
            "ipv4/ping_group_range", "0 2147483647"
        )  # as systemd sets it: programs without rights may ping
        for route in host.routes:
            machine.ip("route", "add", *self.plan.filled(route, self.devices[0].mac).split())
        if host.rules:
            machine.run("nft", "-f", "-", text=self.plan.filled(services.own_rules(host.rules), ""))
        if host.vpn:
            self._set_up_vpn(machine)
        machine.environment["SSL_CERT_FILE"] = str(
            self._authority.write_trust(self.folder / "trusted.pem")
        )
        if self.plan.proxy:
            machine.environment["http_proxy"] = (
                f"http://user:secret@{self.plan.gateway}:{services.PROXY_PORT}/"
            )
        if host.does == "serves wrong leases":
            self._start_dnsmasq(
                machine,
                "rogue",
                services.rogue_dnsmasq(self.plan, f"{self.plan.lan}{host.address}", self.folder),
            )
        elif host.does == "filters names":
            own = f"{self.plan.lan}{host.address}"
            self._start_dnsmasq(machine, "filter", services.filter_dnsmasq(own))
            await_port(machine, own, 53)
        elif host.does == "refuses leases":
            machine.call(
                lambda: traffic.refuse_leases(self.plan.lan, f"{self.plan.lan}{host.address}")
            )

    def _set_up_vpn(self, machine: Namespace) -> None:
        """A tunnel past the router, taken in the manner of OpenVPN: two halves of the address
        space, the default route stays.
        """
        internet = self._namespaces["internet"]
        machine.ip("tuntap", "add", "dev", "tun0", "mode", "tun")
        machine.ip("address", "add", f"{VPN_ADDRESS}/32", "dev", "tun0")
        machine.ip("link", "set", "tun0", "up")
        for half in ("0.0.0.0/1", "128.0.0.0/1"):
            machine.ip("route", "add", half, "dev", "tun0")
        internet.ip("tuntap", "add", "dev", "vpn0", "mode", "tun")
        internet.ip("link", "set", "vpn0", "up")
        internet.ip("route", "add", f"{VPN_ADDRESS}/32", "dev", "vpn0")
        self._join(machine, "tun0", internet, "vpn0", Way())

    # -- running
    # ----------------------------------------------------------------------------------------------

    def start_hosts(self) -> None:
        """Let the other machines begin; those without an address ask for one first and this waits
        for it.
        """
        for host in self.plan.hosts if self.plan.ipv6_only else ():
            self._await_ipv6_route(self._namespaces[host.name])
        asking = [self._lease(host) for host in self.plan.hosts if host.address is None]
        for thread in asking:
            thread.join()
        for host in self.plan.hosts:
            self._occupy(host)

    def _await_ipv6_route(self, machine: Namespace) -> None:
        """Return once the router's advertisement has come; RuntimeError after 10 s."""
        deadline = time.monotonic() + 10
        command = machine.command("ip", "-6", "route", "show", "default")
        while not subprocess.run(command, capture_output=True, check=True).stdout:
            if time.monotonic() > deadline:
                raise RuntimeError(f"no IPv6 route in {machine.name}")
            time.sleep(0.1)

    def _lease(self, host: LanHost) -> threading.Thread:
        mac = _host_mac(self.name, host.name)
        return self._namespaces[host.name].call(lambda: traffic.lease_address("eth0", mac))

    def _occupy(self, host: LanHost) -> None:
        machine = self._namespaces[host.name]
        mac = _host_mac(self.name, host.name)
        if host.does == "takes answers":
            self._namespaces["router"].ip(
                *("neighbor", "replace", f"{self.plan.lan}{host.address}", "lladdr", mac),
                *("dev", "lan", "nud", "permanent"),
            )
        elif host.does == "browses":
            machine.call(lambda: traffic.browse(self.plan.gateway, self.stop))
        elif host.does == "fails elsewhere":
            machine.call(lambda: traffic.fail_elsewhere(self.plan.gateway, self.stop))
        elif host.does == "joins now and then":
            machine.call(lambda: traffic.join_now_and_then("eth0", mac, self.stop))

    def start_devices(self) -> None:
        """Switch the Photons on, and schedule the lifting of the rules if the plan has it."""
        for index, device in enumerate(self.devices):
            self._namespaces[f"device{index}"].call(self._life_of(device))
        if self.plan.lift_after_s is not None:
            timer = threading.Timer(self.plan.lift_after_s, self._lift)
            timer.daemon = True
            timer.start()

    def _life_of(self, device: Device) -> Callable[[], None]:
        setup = Setup(
            identity=device.identity,
            line=FIRMWARE[device.plan.firmware],
            cloud_key=stored_key(device.plan),
            behaviour=device.plan.behaviour,
        )
        photon = Photon(KernelStack("eth0", device.mac), setup, self.stop, device.said.append)

        def live() -> None:
            try:
                photon.run()
            except (OSError, subprocess.SubprocessError):
                if not self.stop.is_set():  # else its namespace is just being removed
                    raise

        return live

    def _lift(self) -> None:
        self._namespaces["router"].run("nft", "-f", "-", text=services.LIFTED)

    # -- recording
    # ----------------------------------------------------------------------------------------------

    def start_recording(self) -> Path:
        """Begin a capture at the plan's point; returns its file once tcpdump listens."""
        interface = {"device": "p-device0", "lan": "lan", "wan": "wan0"}[self.plan.captured_at]
        path, log = self.folder / "capture.pcap", self.folder / "tcpdump.log"
        self._recorder = self._namespaces["router"].start(
            "tcpdump",
            "-i",
            interface,
            "-n",
            "-U",
            "-Z",
            "root",
            "-s",
            str(SNAP_BYTES),
            "-w",
            str(path),
            log=log,
        )
        deadline = time.monotonic() + 10
        while "listening on" not in log.read_text():
            if time.monotonic() > deadline:
                raise RuntimeError(f"tcpdump does not start: {log.read_text()}")
            time.sleep(0.05)
        return path

    def stop_recording(self) -> None:
        """End the capture; its file is then whole."""
        if self._recorder:
            self._recorder.terminate()
            self._recorder.wait()


def stored_key(plan: DevicePlan) -> RSAPublicKey | None:
    """The key of the cloud that such a device holds; None: its key area is damaged."""
    match plan.server_key:
        case "right":
            return load_cloud_key().public_key()
        case "other":
            return new_key(2048).public_key()
        case "damaged":
            return None


def _host_mac(scenario: str, name: str) -> str:
    """A locally administered address, so that no maker is claimed."""
    return "06" + mac_of(scenario, sum(name.encode()))[2:]
