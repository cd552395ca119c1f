"""Which packets are recorded: a coarse filter for the kernel, and much the same as an expression
for other recorders.

The kernel's lets through all that `relevant.exact` keeps of an Ethernet, and more.
"""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.capture.files import relevant
from netcheck.wire import links
from netcheck.wire.bpf import (
    DROP,
    FRAGMENT,
    IF_ANY_BIT,
    IF_EQUAL,
    KEEP,
    LATER_FRAGMENT,
    LENGTH_TO_X,
    LOAD_BYTE,
    LOAD_BYTE_X,
    LOAD_HALF,
    LOAD_HALF_X,
    NETWORK,
    PROTOCOL,
    Instruction,
    assembled,
)

_IPV6_TRANSPORT = NETWORK + 40
_FLAGS_AT = 13
"""In a TCP segment."""


def kernel_filter(cloud_port: int = relevant.CLOUD_PORT) -> bytes:
    """A program for Ethernet frames, as the kernel takes it: 8 bytes for each instruction."""
    return assembled(
        [
            Instruction(LOAD_HALF, NETWORK - 2),
            Instruction(IF_EQUAL, links.IPV4, "ipv4"),
            Instruction(IF_EQUAL, links.IPV6, "ipv6", KEEP),
            *_ipv4(cloud_port),
            *_ipv6(cloud_port),
        ]
    )


def _ipv4(cloud_port: int) -> list[Instruction]:
    return [
        Instruction(LOAD_HALF, FRAGMENT, label="ipv4"),
        Instruction(IF_ANY_BIT, LATER_FRAGMENT, KEEP),
        Instruction(LENGTH_TO_X, NETWORK),
        Instruction(LOAD_BYTE, PROTOCOL),
        Instruction(IF_EQUAL, relevant.ICMP, KEEP),
        Instruction(IF_EQUAL, relevant.ICMPV6, KEEP),
        Instruction(IF_EQUAL, relevant.UDP, "udp4"),
        Instruction(IF_EQUAL, relevant.TCP, "tcp4", DROP),
        *_ports("udp4", LOAD_HALF_X, NETWORK, sorted(relevant.UDP_PORTS)),
        Instruction(IF_EQUAL, 0, DROP, DROP),
        *_ports("tcp4", LOAD_HALF_X, NETWORK, _tcp_ports(cloud_port)),
        Instruction(LOAD_BYTE_X, NETWORK + _FLAGS_AT),
        Instruction(IF_ANY_BIT, relevant.SYN_FIN_RST, KEEP, DROP),
    ]


def _ipv6(cloud_port: int) -> list[Instruction]:
    """Behind extension headers anything may follow: such packets are rare, and pass."""
    return [
        Instruction(LOAD_BYTE, NETWORK + 6, label="ipv6"),
        Instruction(IF_EQUAL, relevant.UDP, "udp6"),
        Instruction(IF_EQUAL, relevant.TCP, "tcp6"),
        *(Instruction(IF_EQUAL, kind, KEEP) for kind in sorted(relevant.IPV6_OPTIONS)),
        Instruction(IF_EQUAL, relevant.ICMP, KEEP),
        Instruction(IF_EQUAL, relevant.ICMPV6, KEEP),
        Instruction(IF_EQUAL, relevant.IPV6_FRAGMENT, KEEP, DROP),
        *_ports("udp6", LOAD_HALF, _IPV6_TRANSPORT, sorted(relevant.UDP_PORTS)),
        Instruction(IF_EQUAL, 0, DROP, DROP),
        *_ports("tcp6", LOAD_HALF, _IPV6_TRANSPORT, _tcp_ports(cloud_port)),
        Instruction(LOAD_BYTE, _IPV6_TRANSPORT + _FLAGS_AT),
        Instruction(IF_ANY_BIT, relevant.SYN_FIN_RST, KEEP, DROP),
    ]


def _tcp_ports(cloud_port: int) -> list[int]:
    return sorted({*relevant.TCP_PORTS, *relevant.HTTP_PORTS, cloud_port})


def _ports(label: str, load: int, at: int, ports: Sequence[int]) -> list[Instruction]:
    """Keep what goes to one of these ports or comes from one. A frame that ends before them is
    dropped by the load itself.
    """
    return [
        Instruction(load, at + 2, label=label),
        *(Instruction(IF_EQUAL, port, KEEP) for port in ports),
        Instruction(load, at),
        *(Instruction(IF_EQUAL, port, KEEP) for port in ports),
    ]


def everyone() -> str:
    """For tcpdump and Wireshark: all over IPv4 that an analysis of any device reads. Tagged frames
    pass whole: a tag moves what follows.
    """
    ports = " or ".join(
        f"port {port}"
        for port in sorted({*relevant.UDP_PORTS, *relevant.TCP_PORTS, *relevant.HTTP_PORTS})
    )
    return (
        f"arp or icmp or {ports} or tcp[{_FLAGS_AT}] & {relevant.SYN_FIN_RST} != 0 or ip[6:2] &"
        f" {LATER_FRAGMENT:#x} != 0 or vlan"
    )


def one_device(mac: str) -> str:
    """For tcpdump and Wireshark: all of one device, and what its connection depends on."""
    return f"ether host {mac} or arp or port 67 or port 68 or tcp port {relevant.CLOUD_PORT}"
