"""Capture file → its relevant packets, numbered, one after the other, and what was read of it.

A reader (`PcapReader`, `PcapngReader`) iterates over the packets of a file, may pass on irrelevant
ones, and keeps the `Tally` of all. `relevant.exact` decides here, for every reader.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.capture.files.pcap import HEADER_BYTES, PcapReader, order_of
from netcheck.capture.files.pcapng import ORDERS, SECTION_MAGIC, PcapngReader
from netcheck.capture.files.relevant import CLOUD_PORT, NOBODY, Watched, exact
from netcheck.capture.files.source import no_capture, open_source, readable_name
from netcheck.capture.files.tally import CaptureError, Packet, Tally
from netcheck.capture.files.window import BLOCK_BYTES, Window
from netcheck.wire import links

__all__ = ["CaptureError", "CaptureFile", "Packet", "open_capture"]


_TELLING_BYTES = 512
"""How much of a file that is not a capture is read to name its format."""


class CaptureFile(Tally):
    """A capture being read: iterated once, its relevant packets, and encrypted ones of the stations
    that are watched; as a Tally, what was read so far.
    """

    def __init__(
        self,
        path: str,
        block_bytes: int = BLOCK_BYTES,
        cloud_port: int = CLOUD_PORT,
        watched: Watched = NOBODY,
    ) -> None:
        super().__init__(cloud_port, watched)
        self.name = readable_name(path)
        self._source = open_source(path)
        try:
            self._reader = self._reader_of(Window(self._source, block_bytes))
        except CaptureError:
            self._source.close()
            raise

    def __iter__(self) -> Iterator[Packet]:
        acked_until = 0
        try:
            for packet in self._reader:
                if exact(packet.link, packet.frame, self.cloud_port):
                    self.relevant += 1
                    self.snaplen_cut += (
                        len(packet.frame) < packet.wire_len and packet.interface not in self.trimmed
                    )
                    acked_until = packet.at_ns + links.ACKED_NS
                    yield packet
                elif packet.link in links.RADIO:
                    radio = links.dot11(packet.link, packet.frame)
                    if radio is None:
                        continue
                    if radio.is_data and radio.is_protected:
                        self.protected += 1
                        if self.watched.has(packet.frame, radio.offset):
                            yield packet
                    elif radio.kind == links.ACKNOWLEDGEMENT and packet.at_ns <= acked_until:
                        yield packet
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the file; needed only when it was not read to its end."""
        self._source.close()

    def _reader_of(self, window: Window) -> PcapReader | PcapngReader:
        head = window.peek(HEADER_BYTES)
        is_pcapng = head.startswith(SECTION_MAGIC)
        if not is_pcapng and not order_of(head):
            start = window.peek(_TELLING_BYTES)
            raise _unreadable(self.name, window) if window.error else no_capture(self.name, start)
        if len(head) < HEADER_BYTES:
            raise _unreadable(self.name, window)
        if is_pcapng:
            if head[8:12] not in ORDERS:
                raise CaptureError(
                    f"{self.name} is damaged, its section header shows no byte order: copy it again"
                    " from where it was made."
                )
            return PcapngReader(window, self)
        reader = PcapReader(window, self)
        if not links.is_supported(reader.link):
            raise CaptureError(
                f"{self.name} was captured on a kind of link that is not read here (link type"
                f" {reader.link}): capture on the network interface itself, Ethernet or Wi-Fi."
            )
        return reader


def _unreadable(name: str, window: Window) -> CaptureError:
    """Why not even the file header could be read."""
    what = window.error or "ends in its file header"
    return CaptureError(
        f"{name} {what}, so that nothing can be read: check that it was written and copied"
        " completely."
    )


def open_capture(
    path: str,
    block_bytes: int = BLOCK_BYTES,
    cloud_port: int = CLOUD_PORT,
    watched: Watched = NOBODY,
) -> CaptureFile:
    """The capture in that file ("-": standard input), reading `block_bytes` at a time. Raises
    CaptureError.

    `cloud_port`: where a private cloud listens, if not where the maker's does.
    """
    return CaptureFile(path, block_bytes, cloud_port, watched)
