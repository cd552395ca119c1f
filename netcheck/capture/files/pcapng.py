"""pcapng files: blocks in sections, packets of several interfaces (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

from netcheck.capture.files.interfaces import Interface, Listened, interface_of
from netcheck.capture.files.quick_filter import (
    FIELDS,
    IPV4,
    IPV4_BYTES,
    LATER_FRAGMENT,
    NETWORK_AT,
    OTHER_PROTOCOLS,
    PLAIN,
    SYN_FIN_RST,
    TCP,
    UDP,
    UDP_PORTS,
    WATCHED_PORTS,
    Unpack,
    may_be_relevant,
    may_be_relevant_segment,
)
from netcheck.capture.files.quick_filter_by_link import Skim, skim_of
from netcheck.capture.files.tally import Packet, Tally
from netcheck.capture.files.window import MAX_RECORD_BYTES, Window
from netcheck.wire.links import ETHERNET, is_supported

SECTION_MAGIC = b"\x0a\x0d\x0d\x0a"
ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
"""The byte-order magic, at byte 8 of a section header → byte order."""
_INTERFACE = 1
_OLD_PACKET = 2
_SIMPLE_PACKET = 3
_STATISTICS = 5
_PACKET = 6
_SMALLEST_BLOCK = 12
_LARGEST_BLOCK = 1 << 24
"""As in libpcap."""
_TO_FRAME = 28
"""From the start of a packet block to its frame; 4 bytes follow it."""
_BARREN_BYTES = 1 << 28
"""So many bytes without a packet (a block counts as 256 at least) are not a capture, only work for
the reader.
"""
_MOST_INTERFACES = 1 << 16


class _Damaged(Exception):
    """Reading cannot go on; the text says why, in the middle of a sentence."""


class PcapngReader:
    """Iterated: the packets of a pcapng file, fewer by what is surely irrelevant. It begins at the
    window's start.
    """

    def __init__(self, window: Window, tally: Tally) -> None:
        self._window = window
        self._tally = tally
        self._order = "<"
        self._interfaces: list[Interface] = []
        self._earlier_interfaces = 0
        self._common: Interface | None = None
        self._skim: Skim | None = None
        self._barren_bytes = 0
        self._barren_since = 0
        self._timeless = 0
        self._unread: Counter[int] = Counter()
        self._listened = Listened()

    def __iter__(self) -> Iterator[Packet]:
        """The packet of each block in turn, checked; before it those that the fast loop can
        take.
        """
        while True:
            common = self._common
            if common is not None and self._order == "<" and is_supported(common.link):
                yield from self._fast(common)
            packet = self._next()
            if packet is None:
                break
            yield packet
        self._listened.tell(self._tally)
        self._tell_unread()

    def _next(self) -> Packet | None:
        """The next packet of a link that can be read; None at the end, and where reading must
        stop.
        """
        window, tally = self._window, self._tally
        try:
            while window.need(8):
                packet = self._block()
                if packet is not None:
                    return packet
            tally.end(window, is_cut=window.end > window.start)
        except EOFError:
            tally.end(window, is_cut=True)
        except _Damaged as why:
            tally.stop(window, str(why))
        return None

    def _block(self) -> Packet | None:
        """Take in the next block; the packet, if it holds one. Raises EOFError and _Damaged, then
        the window stays.
        """
        head = self._peek(8)
        if head.startswith(SECTION_MAGIC):
            self._begin_section()
        kind, size = struct.unpack(self._order + "II", head)
        if not _SMALLEST_BLOCK <= size <= _LARGEST_BLOCK or size & 3:
            raise _Damaged(f"a block of {size} bytes is announced")
        if kind in (_PACKET, _OLD_PACKET):
            return self._packet(kind, size)
        if kind == _SIMPLE_PACKET:
            return self._simple_packet(size)
        if kind == _INTERFACE:
            self._add_interface(interface_of(self._peek(min(size, MAX_RECORD_BYTES)), self._order))
        if kind == _STATISTICS:
            self._listened.note(
                self._peek(min(size, MAX_RECORD_BYTES)),
                self._order,
                self._interfaces,
                self._earlier_interfaces,
            )
        self._pass_over(size)
        return None

    def _peek(self, size: int) -> bytes:
        """The next bytes, which stay in the window. Raises EOFError."""
        data = self._window.peek(size)
        if len(data) < size:
            raise EOFError
        return data

    def _pass_over(self, size: int) -> None:
        """Leave a block without packet behind."""
        if self._barren_since != self._tally.packets:
            self._barren_since, self._barren_bytes = self._tally.packets, 0
        self._barren_bytes += max(size, 256)
        if self._barren_bytes > _BARREN_BYTES:
            raise _Damaged("there are only blocks without a packet")
        if not self._window.skip(size):
            raise EOFError

    def _begin_section(self) -> None:
        """Byte order and interface numbers are a section's own."""
        order = ORDERS.get(self._peek(12)[8:])
        if order is None:
            raise _Damaged("a section header shows no byte order")
        self._order = order
        self._earlier_interfaces += len(self._interfaces)
        self._interfaces = []
        self._common = None

    def _add_interface(self, interface: Interface) -> None:
        if len(self._interfaces) >= _MOST_INTERFACES:
            raise _Damaged("there are too many interfaces")
        is_first = not self._interfaces
        if interface.is_trimmed:
            self._tally.trimmed.add(self._earlier_interfaces + len(self._interfaces))
        self._interfaces.append(interface)
        if is_first:
            self._common, self._skim = interface, skim_of(interface.link, self._tally)
        elif self._common is not None and not self._common.is_like(interface):
            self._common = None

    def _packet(self, kind: int, size: int) -> Packet | None:
        """Enhanced Packet Block, or the obsolete Packet Block, whose interface number has 16 bits
        and a drop count behind.
        """
        number, high, low, captured, wire_len = struct.unpack(
            self._order + "5I", self._peek(_TO_FRAME)[8:]
        )
        if kind == _OLD_PACKET:
            (number,) = struct.unpack(self._order + "H2x", self._peek(12)[8:])
        if not captured + _TO_FRAME + 4 <= size <= MAX_RECORD_BYTES:
            raise _Damaged(f"a packet of {captured} bytes is announced in a block of {size}")
        interface = self._interface(number)
        frame = self._peek(size)[_TO_FRAME : _TO_FRAME + captured]
        at_ns = interface.at_ns(high, low)
        self._tally.tick(at_ns)
        return self._take(size, interface, number, at_ns, frame, wire_len)

    def _simple_packet(self, size: int) -> Packet | None:
        """Simple Packet Block: of the first interface, without a time; it gets the time of the
        packet before.
        """
        interface = self._interface(0)
        if size > MAX_RECORD_BYTES:
            raise _Damaged(f"a packet in a block of {size} bytes is announced")
        block = self._peek(size)
        (wire_len,) = struct.unpack_from(self._order + "I", block.ljust(16, b"\0"), 8)
        captured = min(wire_len, interface.snaplen or wire_len, size - 16)
        self._timeless += 1
        return self._take(
            size, interface, 0, self._tally.latest_ns, block[12 : 12 + captured], wire_len
        )

    def _interface(self, number: int) -> Interface:
        if number >= len(self._interfaces):
            raise _Damaged(f"a packet names interface {number}, which is not described")
        return self._interfaces[number]

    def _take(
        self, size: int, interface: Interface, number: int, at_ns: int, frame: bytes, wire_len: int
    ) -> Packet | None:
        """Count the packet whose block fills the next `size` bytes; None when its link cannot be
        read.
        """
        tally = self._tally
        self._window.start += size
        tally.packets += 1
        tally.links.add(interface.link)
        if not is_supported(interface.link):
            self._unread[interface.link] += 1
            return None
        return Packet(
            tally.packets, at_ns, interface.link, frame, wire_len, self._earlier_interfaces + number
        )

    def _tell_unread(self) -> None:
        problems = self._tally.problems
        if self._timeless:
            problems.append(
                f"{self._timeless} packets carry no time; each was given that of the packet"
                " before it."
            )
        for link, count in self._unread.most_common(5):
            problems.append(
                f"{count} packets were not read: their kind of link (link type {link}) is not"
                " supported."
            )

    def _fast(self, common: Interface) -> Iterator[Packet]:
        """The packets that may be relevant, of the blocks that lie whole in the window; stops
        before any other block.

        All interfaces are like `common`. The decision is written out for the reason given in
        `pcap`.
        """
        window, tally, link = self._window, self._tally, common.link
        buffer, pos, end, number = window.buffer, window.start, window.end, tally.packets
        described, earlier = len(self._interfaces), self._earlier_interfaces
        skim, to_network = self._skim, _TO_FRAME + NETWORK_AT.get(link, NETWORK_AT[ETHERNET])
        to_transport = to_network + IPV4_BYTES
        unpack: Unpack = struct.Struct(f"<6I{to_network - 26}xH{FIELDS}").unpack_from
        before_high = before = -1
        last = end - _TO_FRAME
        while pos <= last:
            (
                block,
                size,
                interface,
                high,
                low,
                captured,
                kind,
                version,
                fragment,
                protocol,
                source,
                target,
                flags,
            ) = unpack(buffer, pos)
            following = pos + size
            if block != _PACKET or following > end or interface >= described:
                break
            if size & 3 or not captured + _TO_FRAME + 4 <= size <= MAX_RECORD_BYTES:
                break
            number += 1
            if low < before or high != before_high:
                if before_high >= 0:
                    tally.tick(common.at_ns(before_high, before))
                tally.tick(common.at_ns(high, low))
            before_high, before = high, low
            if skim is not None:
                is_hit = skim(buffer, pos + _TO_FRAME, pos + _TO_FRAME + captured)
            elif kind != IPV4:
                is_hit = may_be_relevant(buffer, pos + to_network, kind)
            elif version != PLAIN or fragment & LATER_FRAGMENT:
                is_hit = True
            elif protocol == TCP:
                is_hit = bool(flags & SYN_FIN_RST) or (
                    (source in WATCHED_PORTS or target in WATCHED_PORTS)
                    and may_be_relevant_segment(buffer, pos + to_transport, source, target)
                )
            elif protocol == UDP:
                is_hit = source in UDP_PORTS or target in UDP_PORTS
            else:
                is_hit = protocol in OTHER_PROTOCOLS
            if is_hit:
                window.start, tally.packets = following, number
                at_ns = common.at_ns(high, low)
                tally.tick(at_ns)
                wire_len = int.from_bytes(buffer[pos + 24 : pos + 28], "little")
                frame = bytes(buffer[pos + _TO_FRAME : pos + _TO_FRAME + captured])
                yield Packet(number, at_ns, link, frame, wire_len, earlier + interface)
            pos = following
        window.start, tally.packets = pos, number
        if before_high >= 0:
            tally.tick(common.at_ns(before_high, before))
            tally.links.add(link)
