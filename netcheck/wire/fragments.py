"""IPv4 fragments put together (RFC 791 §3.2): a bounded number of datagrams at one time."""

from __future__ import annotations

from dataclasses import dataclass, field

from netcheck.wire.decode import Fragment, Message, transport

MAX_DATAGRAMS = 256
"""Datagrams of which pieces are kept at one time."""
MAX_PIECES = 64
MAX_DATAGRAM_BYTES = 8192
"""Larger ones are not put together: nothing that matters here is."""


@dataclass
class Reassembly:
    """The pieces of datagrams that are not whole yet."""

    left_out: int = 0
    """Pieces that were dropped: of too large a datagram, too many of one, or the oldest of too
    many that never became whole.
    """
    _pieces: dict[tuple[str, str, int, int], list[tuple[int, bool, bytes]]] = field(
        default_factory=dict
    )

    def whole(self, message: Message, piece: Fragment) -> Message | None:
        """The message with its whole body; None while a piece is missing, or where the body is of
        no use.
        """
        key = (message.src, message.dst, message.ip_id, piece.protocol)
        if piece.offset + len(piece.payload) > MAX_DATAGRAM_BYTES:
            self.left_out += 1
            return None
        pieces = self._pieces.setdefault(key, [])
        pieces.append((piece.offset, piece.more, piece.payload))
        datagram = joined(pieces)
        if datagram is None:
            if len(pieces) > MAX_PIECES:
                self._drop(key)
            elif len(self._pieces) > MAX_DATAGRAMS:
                self._drop(next(iter(self._pieces)))
            return None
        del self._pieces[key]
        body = transport(piece.protocol, datagram, len(datagram))
        return message._replace(body=body) if body is not None else None

    def _drop(self, key: tuple[str, str, int, int]) -> None:
        self.left_out += len(self._pieces.pop(key))


def joined(pieces: list[tuple[int, bool, bytes]]) -> bytes | None:
    """The whole datagram, or None while a piece is missing."""
    data = b""
    for offset, more, payload in sorted(set(pieces)):
        if offset > len(data):
            return None
        data = data[:offset] + payload
        if not more:
            return data
    return None
