"""Capture file → its relevant packets, numbered, one after the other, and what was read of it.

The seam: a reader (`PcapReader`, `PcapngReader`; later one on libpcap) is anything that iterates over the packets of a file,
more than the relevant ones if it likes, and keeps the `Tally` of all of them. `relevant.exact` decides here, for each alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.capture import links
from netcheck.capture.pcap import HEADER_BYTES, PcapReader, order_of
from netcheck.capture.pcapng import SECTION_MAGIC, PcapngReader
from netcheck.capture.relevant import exact
from netcheck.capture.source import no_capture, open_source, readable_name
from netcheck.capture.tally import CaptureError, Packet, Tally
from netcheck.capture.window import BLOCK_BYTES, Window

__all__ = ["CaptureError", "CaptureFile", "Packet", "open_capture"]


class CaptureFile(Tally):
    """A capture being read: iterated once, its relevant packets; as a Tally, what was read so far."""

    def __init__(self, path: str, block_bytes: int = BLOCK_BYTES) -> None:
        super().__init__()
        self.name = readable_name(path)
        self._source = open_source(path)
        try:
            self._reader = self._reader_of(Window(self._source, block_bytes))
        except CaptureError:
            self._source.close()
            raise

    def __iter__(self) -> Iterator[Packet]:
        try:
            for packet in self._reader:
                if exact(packet.link, packet.frame):
                    self.relevant += 1
                    self.snaplen_cut += len(packet.frame) < packet.wire_len
                    yield packet
                elif packet.link in links.RADIO:
                    radio = links.dot11(packet.link, packet.frame)
                    self.protected += radio is not None and radio.is_data and radio.is_protected
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the file; needed only when it was not read to its end."""
        self._source.close()

    def _reader_of(self, window: Window) -> PcapReader | PcapngReader:
        has_header = window.need(HEADER_BYTES)
        head = bytes(window.buffer[: window.end][:512])
        if head.startswith(SECTION_MAGIC) and has_header:
            return PcapngReader(window, self)
        if order_of(head) and has_header:
            reader = PcapReader(window, self)
            if not links.is_supported(reader.link):
                raise CaptureError(
                    f"{self.name} was captured on a kind of link that is not read here (link type {reader.link}): "
                    "capture on the network interface itself, Ethernet or Wi-Fi."
                )
            return reader
        if window.error:
            raise CaptureError(f"{self.name} {window.error}, and no packet could be read: copy the file again.")
        if head.startswith(SECTION_MAGIC) or order_of(head):
            raise CaptureError(f"{self.name} ends in its file header: check that the capture was written and copied completely.")
        raise no_capture(self.name, head)


def open_capture(path: str, block_bytes: int = BLOCK_BYTES) -> CaptureFile:
    """The capture in that file ("-": standard input), reading `block_bytes` at a time. Raises CaptureError."""
    return CaptureFile(path, block_bytes)
