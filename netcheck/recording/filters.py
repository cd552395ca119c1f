"""Which packets pass on their way to us: a coarse filter for the kernel, and much the same as an
expression for other recorders.

The kernel's lets through all that `relevant.exact` keeps of an Ethernet, and more. It is a classic
BPF program (McCanne and Jacobson, "The BSD Packet Filter", 1993; linux/filter.h), written out by
hand so that no library is needed.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from netcheck.capture.files import relevant
from netcheck.wire import links

_LOAD_HALF, _LOAD_BYTE = 0x28, 0x30  # from a fixed place of the frame (BPF_LD | BPF_ABS)
_LOAD_HALF_X, _LOAD_BYTE_X = 0x48, 0x50  # from behind the IPv4 header (BPF_LD | BPF_IND)
_LENGTH_TO_X = 0xB1  # X becomes the length of the IPv4 header at that place (BPF_LDX | BPF_MSH)
_IF_EQUAL, _IF_ANY_BIT = 0x15, 0x45
_RETURN = 0x06

_WHOLE = 0x40000
_NETWORK = 14
_LATER_FRAGMENT = 0x1FFF
_IPV6_TRANSPORT = _NETWORK + 40
_FLAGS_AT = 13
KEEP, DROP = "keep", "drop"


class Step(NamedTuple):
    """One instruction; `then` and `otherwise` are labels, empty for the next one. `label` is its
    own.
    """

    code: int
    value: int
    then: str = ""
    otherwise: str = ""
    label: str = ""


def kernel_filter(cloud_port: int = relevant.CLOUD_PORT) -> bytes:
    """A program for Ethernet frames, as the kernel takes it: 8 bytes for each instruction."""
    return _assembled(
        [
            Step(_LOAD_HALF, _NETWORK - 2),
            Step(_IF_EQUAL, links.IPV4, "ipv4"),
            Step(_IF_EQUAL, links.IPV6, "ipv6", KEEP),
            *_ipv4(cloud_port),
            *_ipv6(cloud_port),
            Step(_RETURN, 0, label=DROP),
            Step(_RETURN, _WHOLE, label=KEEP),
        ]
    )


def _ipv4(cloud_port: int) -> list[Step]:
    return [
        Step(_LOAD_HALF, _NETWORK + 6, label="ipv4"),
        Step(_IF_ANY_BIT, _LATER_FRAGMENT, KEEP),
        Step(_LENGTH_TO_X, _NETWORK),
        Step(_LOAD_BYTE, _NETWORK + 9),
        Step(_IF_EQUAL, relevant.ICMP, KEEP),
        Step(_IF_EQUAL, relevant.ICMPV6, KEEP),
        Step(_IF_EQUAL, relevant.UDP, "udp4"),
        Step(_IF_EQUAL, relevant.TCP, "tcp4", DROP),
        *_ports("udp4", _LOAD_HALF_X, _NETWORK, sorted(relevant.UDP_PORTS)),
        Step(_IF_EQUAL, 0, DROP, DROP),
        *_ports("tcp4", _LOAD_HALF_X, _NETWORK, _tcp_ports(cloud_port)),
        Step(_LOAD_BYTE_X, _NETWORK + _FLAGS_AT),
        Step(_IF_ANY_BIT, relevant.SYN_FIN_RST, KEEP, DROP),
    ]


def _ipv6(cloud_port: int) -> list[Step]:
    """Behind extension headers anything may follow: such packets are rare, and pass."""
    return [
        Step(_LOAD_BYTE, _NETWORK + 6, label="ipv6"),
        Step(_IF_EQUAL, relevant.UDP, "udp6"),
        Step(_IF_EQUAL, relevant.TCP, "tcp6"),
        *(Step(_IF_EQUAL, kind, KEEP) for kind in sorted(relevant.IPV6_OPTIONS)),
        Step(_IF_EQUAL, relevant.ICMP, KEEP),
        Step(_IF_EQUAL, relevant.ICMPV6, KEEP),
        Step(_IF_EQUAL, relevant.IPV6_FRAGMENT, KEEP, DROP),
        *_ports("udp6", _LOAD_HALF, _IPV6_TRANSPORT, sorted(relevant.UDP_PORTS)),
        Step(_IF_EQUAL, 0, DROP, DROP),
        *_ports("tcp6", _LOAD_HALF, _IPV6_TRANSPORT, _tcp_ports(cloud_port)),
        Step(_LOAD_BYTE, _IPV6_TRANSPORT + _FLAGS_AT),
        Step(_IF_ANY_BIT, relevant.SYN_FIN_RST, KEEP, DROP),
    ]


def _tcp_ports(cloud_port: int) -> list[int]:
    return sorted({*relevant.TCP_PORTS, relevant.WEB_PORT, cloud_port})


def _ports(label: str, load: int, at: int, ports: Sequence[int]) -> list[Step]:
    """Keep what goes to one of these ports or comes from one. A frame that ends before them is
    dropped by the load itself.
    """
    return [
        Step(load, at + 2, label=label),
        *(Step(_IF_EQUAL, port, KEEP) for port in ports),
        Step(load, at),
        *(Step(_IF_EQUAL, port, KEEP) for port in ports),
    ]


def _assembled(steps: Sequence[Step]) -> bytes:
    """The instructions with their jumps counted from the instruction that follows."""
    places = {step.label: index for index, step in enumerate(steps) if step.label}

    def jump(label: str, index: int) -> int:
        return places[label] - index - 1 if label else 0

    return b"".join(
        struct.pack(
            "=HBBI", step.code, jump(step.then, index), jump(step.otherwise, index), step.value
        )
        for index, step in enumerate(steps)
    )


def everyone() -> str:
    """For tcpdump and Wireshark: all over IPv4 that an analysis of any device reads. Tagged frames
    pass whole: a tag moves what follows.
    """
    ports = " or ".join(
        f"port {port}"
        for port in sorted({*relevant.UDP_PORTS, *relevant.TCP_PORTS, relevant.WEB_PORT})
    )
    return (
        f"arp or icmp or {ports} or tcp[{_FLAGS_AT}] & {relevant.SYN_FIN_RST} != 0 or ip[6:2] &"
        f" {_LATER_FRAGMENT:#x} != 0 or vlan"
    )


def one_device(mac: str) -> str:
    """For tcpdump and Wireshark: all of one device, and what its way depends on."""
    return f"ether host {mac} or arp or port 67 or port 68 or tcp port {relevant.CLOUD_PORT}"
