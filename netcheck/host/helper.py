"""A small process that keeps the rights which the rest of a live run gives up: it opens packet and
ICMP sockets, orders Wi-Fi scans, opens and renames the files that the command line named, and reads
nothing from a network.

Each request is one byte and a number, for a scan also what is to be scanned; descriptors come back
over the socket pair (unix(7), SCM_RIGHTS). It ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import threading
from collections.abc import Iterable, Sequence
from typing import NoReturn, Self

import msgspec

from netcheck import files
from netcheck.files import Destination, OutputRefused
from netcheck.host import rights
from netcheck.host.scan import nl80211
from netcheck.host.scan.nl80211 import ScanOrder

_REQUEST, _ANSWER = struct.Struct("=cI"), struct.Struct("=i")
_SOCKET, _ICMP, _SCAN = b"s", b"i", b"w"
_BEGIN, _FINISH, _ABANDON = b"b", b"f", b"a"
_MOST_REQUEST_BYTES, _MOST_ANSWER_BYTES = 512, 64
_DAC_OVERRIDE, _DAC_READ_SEARCH, _FOWNER, _CHOWN, _NET_ADMIN, _NET_RAW = 1, 2, 3, 0, 12, 13
_KEPT = sum(
    1 << one for one in (_CHOWN, _DAC_OVERRIDE, _DAC_READ_SEARCH, _FOWNER, _NET_ADMIN, _NET_RAW)
)
"""Rights of the helper: a packet socket, a Wi-Fi scan, and the user's files wherever they lie."""
_MOST_FILES = 200


class Helper:
    """The helper as the process without rights sees it; to be closed by `with`.

    Start it while there is one thread, and give up the rights afterwards.
    """

    def __init__(self, outputs: Sequence[str] = ()) -> None:
        """`outputs`: the files to be written later. Each is checked now, and what is wrong with it
        is raised when it is written.
        """
        self._places = {file: _place(file) for file in outputs[:_MOST_FILES]}
        places = [one if isinstance(one, Destination) else None for one in self._places.values()]
        self._lock = threading.Lock()
        self._here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._child = os.fork()
        if not self._child:
            self._here.close()
            _serve(there, places)
        there.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._here.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._child, 0)

    def packet_socket(self) -> socket.socket:
        """A packet socket that is bound to nothing yet. Raises OSError as socket(2) does."""
        return socket.socket(fileno=self._asked(_SOCKET, 0))

    def icmp_socket(self) -> socket.socket:
        """A raw ICMP socket. Raises OSError as socket(2) does."""
        return socket.socket(fileno=self._asked(_ICMP, 0))

    def order_scan(self, interface: int, order: ScanOrder, /) -> None:
        """As `nl80211.trigger`: raises OSError where the kernel refuses."""
        self._asked(_SCAN, interface, msgspec.msgpack.encode(order))

    def write(self, file: str, chunks: Iterable[bytes]) -> None:
        """As `files.write`, for the files named at the start. Raises OutputRefused and OSError."""
        place, number = self._places[file], list(self._places).index(file)
        if not isinstance(place, Destination):
            raise place
        if place.is_stream:
            files.fill(place, chunks)
            return
        descriptor = self._asked(_BEGIN, number)
        with contextlib.ExitStack() as undo:
            undo.callback(self._asked, _ABANDON, number)
            with os.fdopen(descriptor, "wb"):
                files.pour(descriptor, chunks)
            self._asked(_FINISH, number)
            undo.pop_all()

    def _asked(self, what: bytes, number: int, more: bytes = b"") -> int:
        """The descriptor that came back, -1 where none belongs to the answer. Raises OSError."""
        with self._lock:
            self._here.send(_REQUEST.pack(what, number) + more)
            answer, descriptors, _, _ = socket.recv_fds(self._here, _MOST_ANSWER_BYTES, 1)
        if len(answer) < _ANSWER.size:
            raise OSError("the helper of netcheck that has the rights has ended")
        (error,) = _ANSWER.unpack_from(answer)
        if error:
            raise OSError(error, os.strerror(error))
        return descriptors[0] if descriptors else -1


def _place(file: str) -> Destination | OSError | OutputRefused:
    try:
        return files.destination(file)
    except (OSError, OutputRefused) as error:
        return error


# -------------------------------------------------------------------------------------- the helper


def _serve(there: socket.socket, places: Sequence[Destination | None]) -> NoReturn:
    """Answer until the other end is gone; Ctrl-C is the other process's to understand."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        with contextlib.suppress(OSError):  # who had fewer rights keeps those
            rights.keep_only(_KEPT)
        begun: dict[int, str] = {}
        while request := there.recv(_MOST_REQUEST_BYTES):
            descriptor, error = -1, 0
            try:
                what, number = _REQUEST.unpack_from(request)
                if what == _SCAN:
                    order = msgspec.msgpack.decode(request[_REQUEST.size :], type=ScanOrder)
                    nl80211.trigger(number, order)
                else:
                    descriptor = _done(what, number, places, begun)
            except OSError as failure:
                error = failure.errno or 1
            _answer(there, error, descriptor)
    finally:
        os._exit(0)


def _answer(there: socket.socket, error: int, descriptor: int) -> None:
    answer = _ANSWER.pack(error)
    if descriptor < 0:
        there.send(answer)
        return
    socket.send_fds(there, [answer], [descriptor])
    os.close(descriptor)


def _done(
    what: bytes, number: int, places: Sequence[Destination | None], begun: dict[int, str]
) -> int:
    """Do what was asked; the descriptor to hand over, or -1. Raises OSError."""
    if what == _SOCKET:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).detach()
    if what == _ICMP:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).detach()
    place = places[number]
    if place is None:
        return -1
    if what == _BEGIN:
        descriptor, begun[number] = files.begin(place)
        return descriptor
    name = begun.pop(number, "")
    if name and what == _FINISH:
        try:
            files.finish(place, name)
        except OSError:
            files.abandon(place, name)
            raise
    elif name:
        files.abandon(place, name)
    return -1
