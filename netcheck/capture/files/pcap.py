"""pcap files: a header of 24 bytes, then records (draft-ietf-opsawg-pcap; micro- and nanoseconds,
both byte orders).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

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
from netcheck.capture.files.quick_filter_by_link import skim_of
from netcheck.capture.files.tally import SECOND_NS, Packet, Tally
from netcheck.capture.files.window import MAX_FRAME_BYTES, Window
from netcheck.wire.links import ETHERNET

HEADER_BYTES = 24
_MAGIC = {0xA1B2C3D4: (1000, 16), 0xA1B23C4D: (1, 16), 0xA1B2CD34: (1000, 24)}
"""Magic → nanoseconds of a fraction's unit, and bytes of a record's header (the last: Kuznetzov's
patched libpcap).
"""
_LINK_MASK = 0x03FFFFFF
"""The upper bits of the link type field describe check sums at the frames' ends."""


def order_of(head: bytes) -> str:
    """The byte order of a pcap file from its first bytes, "<" or ">"; empty if it is not one."""
    for order in "<>":
        if len(head) >= 4 and struct.unpack(order + "I", head[:4])[0] in _MAGIC:
            return order
    return ""


class PcapReader:
    """Iterated: the packets of a pcap file, fewer by what is surely irrelevant. Its header must be
    in the window.
    """

    def __init__(self, window: Window, tally: Tally) -> None:
        self._window = window
        self._tally = tally
        header = window.take(HEADER_BYTES)
        order = order_of(header)
        magic, _, _, _, _, _, link = struct.unpack(order + "IHHiIII", header)
        self._unit_ns, self._record_bytes = _MAGIC[magic]
        self._record = struct.Struct(order + "IIII").unpack_from
        self.link = link & _LINK_MASK
        self._is_fast = order == "<" and self._record_bytes == 16
        self._skim = skim_of(self.link, tally)
        tally.links.add(self.link)

    def __iter__(self) -> Iterator[Packet]:
        """Each record in turn, checked; before it those that the fast loop can take."""
        while True:
            if self._is_fast:
                yield from self._fast()
            packet = self._next()
            if packet is None:
                return
            yield packet

    def _next(self) -> Packet | None:
        """The next record; None at the end, and where reading must stop, which `problems` then
        says.
        """
        window, tally = self._window, self._tally
        if not window.need(self._record_bytes):
            tally.end(window, is_cut=window.end > window.start)
            return None
        seconds, fraction, size, wire_len = self._record(window.buffer, window.start)
        if size > MAX_FRAME_BYTES:
            tally.stop(window, f"a packet of {size} bytes is announced, longer than any network's")
            return None
        if not (seconds or fraction or size or wire_len):
            tally.stop(window, "there are zeros where a packet should begin")
            return None
        if not window.need(self._record_bytes + size):
            tally.end(window, is_cut=True)
            return None
        window.start += self._record_bytes
        at_ns = seconds * SECOND_NS + fraction * self._unit_ns
        tally.packets += 1
        tally.tick(at_ns)
        return Packet(tally.packets, at_ns, self.link, window.take(size), wire_len, 0)

    def _fast(self) -> Iterator[Packet]:
        """The records that may be relevant, of those that lie whole in the window; stops before one
        that looks unsound.

        One long loop with the decision of `quick_filter.may_be_relevant` written out: a call for
        each packet would cost a fifth more.
        """
        window, tally, unit_ns, link = self._window, self._tally, self._unit_ns, self.link
        buffer, pos, end, number = window.buffer, window.start, window.end, tally.packets
        skim, to_network = self._skim, 16 + NETWORK_AT.get(link, NETWORK_AT[ETHERNET])
        to_transport = to_network + IPV4_BYTES
        unpack: Unpack = struct.Struct(f"<III{to_network - 14}xH{FIELDS}").unpack_from
        before_s = before = -1
        last = end - 16
        while pos <= last:
            seconds, fraction, size, kind, version, fragment, protocol, source, target, flags = (
                unpack(buffer, pos)
            )
            following = pos + 16 + size
            if following > end or not 0 < size <= MAX_FRAME_BYTES:
                break
            number += 1
            if fraction < before or seconds != before_s:
                if before_s >= 0:
                    tally.tick(before_s * SECOND_NS + before * unit_ns)
                tally.tick(seconds * SECOND_NS + fraction * unit_ns)
            before_s, before = seconds, fraction
            if skim is not None:
                is_hit = skim(buffer, pos + 16, following)
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
                at_ns = seconds * SECOND_NS + fraction * unit_ns
                tally.tick(at_ns)
                wire_len = int.from_bytes(buffer[pos + 12 : pos + 16], "little")
                yield Packet(number, at_ns, link, bytes(buffer[pos + 16 : following]), wire_len, 0)
            pos = following
        window.start, tally.packets = pos, number
        if before_s >= 0:
            tally.tick(before_s * SECOND_NS + before * unit_ns)
