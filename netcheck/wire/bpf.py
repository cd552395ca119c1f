"""Small programs that the kernel runs on each frame, so that a busy network does not bury the few
frames that are asked for.

Classic BPF over Ethernet frames (linux/filter.h, socket(7) SO_ATTACH_FILTER; S. McCanne and V.
Jacobson, "The BSD Packet Filter", 1993). What they let through is read and checked as if they were
not there.
"""

from __future__ import annotations

import ctypes
import socket
import struct

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h
_STEP = struct.Struct("=HBBI")  # struct sock_filter: code, steps to jump if true, if false, operand
_PROGRAM = struct.Struct("@HP")  # struct sock_fprog: how many steps, where they are

_LOAD_BYTE, _LOAD_HALF, _LOAD_WORD = 0x30, 0x28, 0x20  # BPF_LD | BPF_ABS, by size
_LOAD_HALF_BEHIND_HEADER = 0x48  # BPF_LD | BPF_H | BPF_IND
_IP_HEADER_BYTES = 0xB1  # BPF_LDX | BPF_B | BPF_MSH
_IS, _HAS_BITS, _TAKE = 0x15, 0x45, 0x06  # BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JSET, BPF_RET

_IP, _PROTOCOL, _FRAGMENT, _SOURCE = 14, 23, 20, 26
_NOT_FIRST = 0x1FFF
_WHOLE = 0xFFFF
_SOURCE_PORT, _TARGET_PORT = 0, 2  # in TCP and UDP alike

Test = tuple[tuple[int, int], int, int]
"""What to load (code and place), how to compare, and with what; a frame that fails is dropped."""


def udp_to(port: int) -> bytes:
    """IPv4 packets with a UDP datagram to that port."""
    return _program(((_LOAD_BYTE, _PROTOCOL), _IS, socket.IPPROTO_UDP), *_port(_TARGET_PORT, port))


def tcp_from(ip: str, port: int) -> bytes:
    """IPv4 packets with a TCP segment from that address and port."""
    source = int.from_bytes(socket.inet_aton(ip), "big")
    segment = ((_LOAD_BYTE, _PROTOCOL), _IS, socket.IPPROTO_TCP)
    return _program(segment, ((_LOAD_WORD, _SOURCE), _IS, source), *_port(_SOURCE_PORT, port))


def attach(sock: socket.socket, program: bytes) -> None:
    """Let only frames that the program takes reach the socket. Raises OSError where the kernel does
    not accept it.
    """
    steps = ctypes.create_string_buffer(program, len(program))
    sock.setsockopt(
        socket.SOL_SOCKET,
        _SO_ATTACH_FILTER,
        _PROGRAM.pack(len(program) // _STEP.size, ctypes.addressof(steps)),
    )


def _port(place: int, port: int) -> tuple[Test, ...]:
    """A port is there only in a first fragment."""
    return ((_LOAD_HALF, _FRAGMENT), _HAS_BITS, _NOT_FIRST), (
        (_LOAD_HALF_BEHIND_HEADER, _IP + place),
        _IS,
        port,
    )


def _program(*tests: Test) -> bytes:
    """The tests in their order, then "take the whole frame" and "drop it"."""
    steps = [(_IP_HEADER_BYTES, 0, 0, _IP)]
    for count, ((load, place), compare, value) in enumerate(tests):
        to_drop = 2 * (len(tests) - count - 1) + 1
        jumps = (to_drop, 0) if compare == _HAS_BITS else (0, to_drop)
        steps += [(load, 0, 0, place), (compare, *jumps, value)]
    steps += [(_TAKE, 0, 0, _WHOLE), (_TAKE, 0, 0, 0)]
    return b"".join(_STEP.pack(*step) for step in steps)
