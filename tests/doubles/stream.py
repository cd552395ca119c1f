"""Reading exact numbers of bytes and whole frames from a TCP connection, with deadlines."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass, field

from tests.doubles.handshake import Sealer


class Ended(Exception):
    """The other end closed or reset the connection."""


class TooLate(Exception):
    """What was waited for did not come in time."""


@dataclass
class Stream:
    """A connection read with a deadline; what came and was not yet asked for stays buffered.

    It never takes more from the kernel than was asked for, so that closing with unread bytes resets
    the connection just as it does on the device (lwIP `tcp_close_shutdown`).
    """

    sock: socket.socket
    pending: bytearray = field(default_factory=bytearray)

    def exactly(self, count: int, within_s: float) -> bytes:
        """The next `count` bytes; TooLate or Ended otherwise, keeping what came."""
        self._await(count, time.monotonic() + within_s)
        wanted = bytes(self.pending[:count])
        del self.pending[:count]
        return wanted

    def frame(self, sealer: Sealer, within_s: float) -> bytes:
        """The next message in the clear; TooLate or Ended otherwise, Ended also for a frame that
        does not open.
        """
        deadline = time.monotonic() + within_s
        self._await(2, deadline)
        end = 2 + int.from_bytes(self.pending[:2])
        self._await(end, deadline)
        ciphertext = bytes(self.pending[2:end])
        del self.pending[:end]
        try:
            return sealer.open(ciphertext)
        except ValueError as error:
            raise Ended("garbled frame") from error

    def send(self, data: bytes) -> None:
        """Hand all of it to the kernel; Ended if the connection is gone."""
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Ended(error.strerror or "broken") from error

    def _await(self, count: int, deadline: float) -> None:
        while len(self.pending) < count:
            self._fill(count - len(self.pending), deadline - time.monotonic())

    def _fill(self, wanted: int, within_s: float) -> None:
        if within_s <= 0:
            raise TooLate
        self.sock.settimeout(within_s)
        try:
            data = self.sock.recv(wanted)
        except TimeoutError as error:
            raise TooLate from error
        except OSError as error:
            raise Ended(error.strerror or "broken") from error
        finally:
            self.sock.settimeout(None)
        if not data:
            raise Ended("closed in order")
        self.pending += data


def reset(sock: socket.socket) -> None:
    """Close with a RST (RFC 9293 §3.5.2), by lingering for no time."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
