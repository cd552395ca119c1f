"""The kernel's IP stack dressed as the Photon's, on one interface of the current network namespace.

TCP stays the kernel's: sequence numbers start at random and retransmission follows Linux. What can
be set is set as lwIP has it (tcp.o, tcp_out.o, udp.o of device-os): TTL 255, window 4608, MSS 1152,
no TCP options besides, no DF, first retransmission after about 2.5 s, SYN repeated after 3 s only,
ICMP errors ignored.
"""

from __future__ import annotations

import errno
import ipaddress
import select
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.dhcp import Lease
from tests.doubles.frames import ETHERTYPE_ARP, LinkSocket, gratuitous_arp, mac_bytes
from tests.doubles.messages import ANNOUNCEMENT_GROUP, CLOUD_PORT

_SETTINGS = {
    "ipv4/ip_default_ttl": 255,
    "ipv4/ip_no_pmtu_disc": 1,
    "ipv4/tcp_sack": 0,
    "ipv4/tcp_timestamps": 0,
    "ipv4/tcp_window_scaling": 0,
    "ipv4/tcp_ecn": 0,
    "ipv4/tcp_syn_linear_timeouts": 0,
    "ipv4/conf/all/force_igmp_version": 2,
    "ipv6/conf/all/disable_ipv6": 1,
}

_RULES = """
table inet photon
delete table inet photon
table inet photon {
  set syn_sent {
    type ipv4_addr . inet_service . inet_service; flags dynamic,timeout; timeout 2500ms;
  }
  chain inbound {
    type filter hook input priority 0;
    icmp type destination-unreachable drop
  }
  chain outbound {
    type filter hook output priority 0;
    igmp type leave-group drop
    tcp flags & (syn|ack) == syn ip daddr . tcp sport . tcp dport @syn_sent drop
    tcp flags & (syn|ack) == syn add @syn_sent { ip daddr . tcp sport . tcp dport }
  }
}
"""
"""ICMP errors dropped; no farewell to the multicast group, which a device off its access point
cannot send; and the SYN that Linux repeats after 1 s held back: the next one leaves at 3 s.
"""

_ROUTE_SHAPE = ("window", "4608", "advmss", "1152", "rto_min", "2400ms")

_TCP_REPAIR = 19
"""From linux/tcp.h; Python's socket module does not name it."""


@dataclass(frozen=True)
class KernelStack:
    """One interface, by name, with the MAC that it already has."""

    interface: str
    mac: str

    def prepare(self) -> None:
        """Settings and filter rules; again, after a link was lost, they are the same."""
        for name, value in _SETTINGS.items():
            path = Path("/proc/sys/net", name)
            if path.exists():  # a kernel without the setting has not what it switches off, either
                path.write_text(str(value))
        subprocess.run(["nft", "-f", "-"], input=_RULES, text=True, check=True)

    def configure(self, lease: Lease) -> None:
        """Take the lease's address and routes, tell the LAN (gratuitous ARP) and join the
        announcement's group (IGMP).
        """
        network = ipaddress.IPv4Interface(f"{lease.address}/{lease.mask}")
        self._ip("address", "flush", "dev", self.interface)
        self._ip("address", "add", str(network), "brd", "+", "dev", self.interface)
        self._ip(
            "route",
            "replace",
            str(network.network),
            "dev",
            self.interface,
            "src",
            lease.address,
            *_ROUTE_SHAPE,
        )
        if lease.router and lease.router != "0.0.0.0":
            self._ip(
                "route",
                "replace",
                "default",
                "via",
                lease.router,
                "dev",
                self.interface,
                "onlink",
                *_ROUTE_SHAPE,
            )
        with LinkSocket(self.interface, ETHERTYPE_ARP) as link:
            link.send(gratuitous_arp(mac_bytes(self.mac), lease.address))

    def clear(self) -> None:
        """Give up address and routes, as when leaving the access point."""
        self._ip("address", "flush", "dev", self.interface)

    def _ip(self, *arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True, capture_output=True)


def connect(address: str, port: int, local_port: int, within_s: float) -> socket.socket | str:
    """A connected socket, or why not: `timeout`, `reset`, `no route`, `port in use`."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("0.0.0.0", local_port))
        sock.setblocking(False)
        failure = _finish_connecting(sock, address, port, within_s)
    except OSError as error:
        failure = error.errno or errno.EIO
    if failure:
        sock.close()
        return _WORDS.get(failure, "no route")
    sock.setblocking(True)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _finish_connecting(sock: socket.socket, address: str, port: int, within_s: float) -> int:
    """0, or the error number."""
    started = sock.connect_ex((address, port))
    if started not in (0, errno.EINPROGRESS):
        return started
    _, writable, _ = select.select([], [sock], [], within_s)
    if not writable:
        return errno.ETIMEDOUT
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


_WORDS = {
    errno.ETIMEDOUT: "timeout",
    errno.ECONNREFUSED: "reset",
    errno.ECONNRESET: "reset",
    errno.EADDRINUSE: "port in use",
}


def vanish(sock: socket.socket) -> None:
    """Forget a connection without a packet, as a reboot does."""
    sock.setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR, 1)
    sock.close()


def announce(payload: bytes) -> None:
    """The multicast on the LAN after a finished handshake, from the port it goes to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("0.0.0.0", CLOUD_PORT))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        sock.sendto(payload, (ANNOUNCEMENT_GROUP, CLOUD_PORT))


def join_group(address: str) -> socket.socket:
    """A membership in the announcement's group for as long as the socket lives; sends an IGMP
    report.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    member = socket.inet_aton(ANNOUNCEMENT_GROUP) + socket.inet_aton(address)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    return sock
