"""Small programs that the kernel runs on each frame, so that a busy network does not bury the few
frames that are asked for.

Classic BPF over Ethernet frames (linux/filter.h, socket(7) SO_ATTACH_FILTER; S. McCanne and V.
Jacobson, "The BSD Packet Filter", 1993), assembled here so that no libpcap is needed. What they let
through is read and checked as if they were not there.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Sequence
from typing import NamedTuple

LOAD_BYTE, LOAD_HALF, LOAD_WORD = 0x30, 0x28, 0x20
"""From a fixed place of the frame (BPF_LD | BPF_ABS)."""
LOAD_BYTE_X, LOAD_HALF_X = 0x50, 0x48
"""From a place behind the IPv4 header (BPF_LD | BPF_IND)."""
LENGTH_TO_X = 0xB1
"""X becomes the length of the IPv4 header at that place (BPF_LDX | BPF_MSH)."""
IF_EQUAL, IF_ANY_BIT = 0x15, 0x45
"""BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JSET."""
RETURN = 0x06
KEEP, DROP = "keep", "drop"
"""Labels that every program has: the whole frame, and nothing of it."""

NETWORK = 14
"""Where the IPv4 header begins in an Ethernet frame."""
PROTOCOL, FRAGMENT = NETWORK + 9, NETWORK + 6
SOURCE, TARGET = NETWORK + 12, NETWORK + 16
LATER_FRAGMENT = 0x1FFF
_SOURCE_PORT, _TARGET_PORT = 0, 2  # in TCP and UDP alike
_WHOLE = 0x40000
_INSTRUCTION = struct.Struct("=HBBI")  # struct sock_filter: code, jumps if true, if false, operand
_PROGRAM = struct.Struct("@HP")  # struct sock_fprog: how many instructions, where they are
_SO_ATTACH_FILTER = 26  # asm-generic/socket.h


class Instruction(NamedTuple):
    """One instruction. `then` and `otherwise` are labels, empty for the next one; `label` is its
    own.
    """

    code: int
    value: int
    then: str = ""
    otherwise: str = ""
    label: str = ""


class FrameFilter(NamedTuple):
    """Which frames to let through: as a program for Linux, as an expression for libpcap and Npcap
    elsewhere (pcap-filter(7)).
    """

    program: bytes
    expression: str


def udp_to(port: int) -> FrameFilter:
    """IPv4 packets with a UDP datagram to that port."""
    return FrameFilter(
        assembled([*_protocol(socket.IPPROTO_UDP), *_port(_TARGET_PORT, port)]),
        f"udp dst port {port}",
    )


def tcp_to(ip: str, port: int) -> FrameFilter:
    """IPv4 packets with a TCP segment to that address and port."""
    target = int.from_bytes(socket.inet_aton(ip), "big")
    return FrameFilter(
        assembled(
            [
                *_protocol(socket.IPPROTO_TCP),
                Instruction(LOAD_WORD, TARGET),
                Instruction(IF_EQUAL, target, otherwise=DROP),
                *_port(_TARGET_PORT, port),
            ]
        ),
        f"tcp and dst host {ip} and dst port {port}",
    )


def tcp_from(ip: str, port: int) -> FrameFilter:
    """IPv4 packets with a TCP segment from that address and port."""
    source = int.from_bytes(socket.inet_aton(ip), "big")
    return FrameFilter(
        assembled(
            [
                *_protocol(socket.IPPROTO_TCP),
                Instruction(LOAD_WORD, SOURCE),
                Instruction(IF_EQUAL, source, otherwise=DROP),
                *_port(_SOURCE_PORT, port),
            ]
        ),
        f"src host {ip} and tcp src port {port}",
    )


def assembled(steps: Sequence[Instruction]) -> bytes:
    """The program as the kernel takes it, 8 bytes for each instruction. Raises KeyError for a label
    that nothing has, struct.error for a jump of more than 255.
    """
    program = (
        *steps,
        Instruction(RETURN, 0, label=DROP),
        Instruction(RETURN, _WHOLE, label=KEEP),
    )
    places = {step.label: index for index, step in enumerate(program) if step.label}

    def jump(label: str, index: int) -> int:
        return places[label] - index - 1 if label else 0

    return b"".join(
        _INSTRUCTION.pack(
            step.code, jump(step.then, index), jump(step.otherwise, index), step.value
        )
        for index, step in enumerate(program)
    )


def attach(sock: socket.socket, program: bytes) -> None:
    """Let only frames that the program takes reach the socket. Raises OSError where the kernel does
    not accept it.
    """
    instructions = ctypes.create_string_buffer(program, len(program))
    sock.setsockopt(
        socket.SOL_SOCKET,
        _SO_ATTACH_FILTER,
        _PROGRAM.pack(len(program) // _INSTRUCTION.size, ctypes.addressof(instructions)),
    )


def _protocol(number: int) -> tuple[Instruction, ...]:
    return (Instruction(LOAD_BYTE, PROTOCOL), Instruction(IF_EQUAL, number, otherwise=DROP))


def _port(place: int, port: int) -> tuple[Instruction, ...]:
    """A port is there only in a first fragment."""
    return (
        Instruction(LOAD_HALF, FRAGMENT),
        Instruction(IF_ANY_BIT, LATER_FRAGMENT, DROP),
        Instruction(LENGTH_TO_X, NETWORK),
        Instruction(LOAD_HALF_X, NETWORK + place),
        Instruction(IF_EQUAL, port, KEEP, DROP),
    )
