"""A Photon's own access point: TCP 5609 and HTTP on one address, with the quirks of its versions
and the faults of others.

Behaviour as in device-os@v0.5.3, v0.7.0, v1.5.2: hal/src/photon/softap.cpp. It notes whatever it is
asked, so that a test can say that nothing was asked that changes a device.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

ID = "300027000a47343232363230"
DER_START = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100")
KEY = (
    DER_START
    + bytes.fromhex("b0")
    + bytes(range(1, 128))
    + bytes.fromhex("0203010001")
    + bytes(132)
)
"""294 bytes as they are stored: SubjectPublicKeyInfo of an RSA key of 1024 bits (no real one), and
what lies behind it.
"""
TCP_PORT, HTTP_PORT = 5609, 80
READ_ONLY = frozenset({"version", "device-id", "scan-ap", "public-key"})
LINGER_S = 20.0


class Fault(StrEnum):
    """What this one does otherwise than a patient Photon of 1.5.2."""

    NONE = "none"
    THROWS_AWAY_FIRST = "the first question gets no answer"
    DRIPS = "answers byte by byte"
    CUT = "closes in the middle of the scan"
    SILENT = "takes connections and says nothing"
    HUGE = "an answer that never ends"
    HOSTILE_JSON = "answers nested ten thousand deep"
    ROUTER = "a router's web page instead, and no 5609"
    STRANGER = "another program on 5609, and no web server"
    NO_TCP = "HTTP alone"
    RESETS = "resets after each answer"
    KEY_UNREADABLE = "its key cannot be read"


@dataclass
class SoftAp:
    """One device in listening mode. `asked` grows by each question: `tcp device-id`, `http
    version`.
    """

    networks: tuple[tuple[bytes, int, int, int], ...] = ((b"HomeNet", -48, 4194308, 6),)
    """Name, signal in dBm, security number, channel."""
    claimed: bool = False
    device_id: str = ID
    fault: Fault = Fault.NONE
    chunked: bool = True
    asked: list[str] = field(default_factory=list)

    def answer(self, command: str) -> bytes:
        """The JSON of one answer; names are not escaped."""
        if self.fault is Fault.HOSTILE_JSON:
            return b'{"id":' + b"[" * 10_000
        if command == "version":
            return b'{"v":2}'
        if command == "device-id":
            return f'{{"id":"{self.device_id.upper()}","c":"{int(self.claimed)}"}}'.encode()
        if command == "public-key":
            return (
                b'{"r":1}'
                if self.fault is Fault.KEY_UNREADABLE
                else f'{{"b":"{KEY.hex()}","r":0}}'.encode()
            )
        if command == "scan-ap":
            return b'{"scans":[' + b",".join(map(_entry, self.networks)) + b"]}"
        return b'{"r":0}'

    # ----------------------------------------------------------------------------------------- wire

    def reply(self, over: str, received: bytes) -> bytes | None:
        """What goes back for one whole question over `tcp` or `http`; None: nothing, and the
        connection stays open.

        Raises ValueError for what the firmware does not take for a question.
        """
        command = (
            _of_tcp(received) if over == "tcp" else received.split(b" ")[1].decode().strip("/")
        )
        self.asked.append(f"{over} {command}")
        if self.fault is Fault.SILENT:
            return None
        if self.fault is Fault.STRANGER:
            return b"220 printer.example FTP ready\r\n"
        if self.fault is Fault.ROUTER:
            return (
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>Router"
                b" login</title></html>"
            )
        if self.fault is Fault.THROWS_AWAY_FIRST and len(self.asked) == 1:
            return b""
        body = self._body(command)
        return b"\n\n" + body if over == "tcp" else self._http(body)

    def _body(self, command: str) -> bytes:
        body = self.answer(command)
        if self.fault is Fault.HUGE:
            return b'{"scans":[' + b" " * 300_000
        return (
            body[: len(body) * 2 // 3] if self.fault is Fault.CUT and command == "scan-ap" else body
        )

    def _http(self, body: bytes) -> bytes:
        how = b"Transfer-Encoding: chunked\r\n" if self.chunked else b""
        head = (
            b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Type:"
            b" application/json\r\n" + how + b"\r\n"
        )
        return head + (b"".join(_chunks(body)) if self.chunked else body)

    # -------------------------------------------------------------------------------------- serving

    @property
    def step_bytes(self) -> int:
        """How much it sends at once."""
        return 1 if self.fault is Fault.DRIPS else 40_000

    @property
    def serves_tcp(self) -> bool:
        """Is there anything on 5609?"""
        return self.fault not in (Fault.ROUTER, Fault.NO_TCP)

    @property
    def serves_http(self) -> bool:
        """Is there a web server?"""
        return self.fault is not Fault.STRANGER

    def listen(self, address: str = "192.168.0.1") -> list[socket.socket]:
        """Open what it serves on, and serve until these sockets are closed."""
        doors = [("tcp", TCP_PORT)] if self.serves_tcp else []
        doors += [("http", HTTP_PORT)] if self.serves_http else []
        opened = []
        for over, port in doors:
            listener = socket.create_server((address, port), backlog=4)
            threading.Thread(target=self._serve, args=(listener, over), daemon=True).start()
            opened.append(listener)
        return opened

    def _serve(self, listener: socket.socket, over: str) -> None:
        """One connection at a time, as 0.5.3 does."""
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock, contextlib.suppress(OSError):  # the other end had enough
                self._converse(sock, over)

    def _converse(self, sock: socket.socket, over: str) -> None:
        sock.settimeout(LINGER_S)
        end, received = (b"\n\n" if over == "tcp" else b"\r\n\r\n"), b""
        while not received.endswith(end) and (part := sock.recv(4096)):
            received += part
        wire = self.reply(over, received)
        if wire is None:
            sock.recv(1)
            return
        for at in range(0, len(wire), self.step_bytes):
            sock.sendall(wire[at : at + self.step_bytes])
        if self.fault is Fault.RESETS:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _of_tcp(received: bytes) -> str:
    name, _, length = received.removesuffix(b"\n\n").partition(b"\n")
    if length != b"0" or not received.endswith(b"\n\n"):
        raise ValueError(f"framing: {received!r}")
    return name.decode()


def _entry(network: tuple[bytes, int, int, int]) -> bytes:
    name, rssi, sec, channel = network
    return (
        b'{"ssid":"' + name + f'","rssi":{rssi},"sec":{sec},"ch":{channel},"mdr":144400}}'.encode()
    )


def _chunks(body: bytes, size: int = 37) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        part = body[at : at + size]
        yield f"{len(part):x}\r\n".encode() + part + b"\r\n"
    yield b"0\r\n\r\n"
