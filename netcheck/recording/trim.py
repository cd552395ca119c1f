"""What is kept of a frame: what an analysis reads, field by field, written anew.

A frame is read by the codecs that read captures (`decode`, `wifi_frames`), what is not read of the
message is made blank (`reduced`), and a new frame is written from it (`encode`). So a field that
nothing reads cannot survive: checksums are zero, VLAN tags, IP options, padding and what a radio
says of the reception are gone, fragments are put together. The length of a TCP segment is the one
on the wire, all other lengths are those of what is written. A frame of which nothing is read is
left out.
"""

from __future__ import annotations

from netcheck.capture.files import relevant
from netcheck.capture.files.tally import Packet
from netcheck.capture.protocols.wifi_frames import BEACON, WifiFrames
from netcheck.photon.addresses import INTERNET_TEST
from netcheck.recording.reduced import Reduction
from netcheck.recording.wifi import encrypted_frame, key_frame, management_frame
from netcheck.wire import links
from netcheck.wire.decode import (
    Arp,
    Dhcp,
    Dns,
    Fragment,
    Icmp,
    Message,
    RouterAdvertisement,
    Tcp,
    Udp,
    decode,
)
from netcheck.wire.dot11 import DATA, PROTECTED, dot11_frame
from netcheck.wire.encode import encode
from netcheck.wire.fragments import Reassembly
from netcheck.wire.links import Dot11

_MOST_REMEMBERED = 256
_REPEATED_BEACONS = 10
"""One of so many repeated beacons is kept, about one a second (a beacon comes each 102.4 ms)."""
_CLOUD_NAMES = (".particle.io", ".spark.io")
_TEST_NAME = "pool.ntp.org"


class Trim:
    """Frame after frame to what is kept of it. Remembers a bounded number of fragments, of
    connections and of senders.
    """

    def __init__(self, cloud_host: str, cloud_port: int, device: str = "") -> None:
        """`device`: the MAC of the one that is asked about; then of others only what its connection
        depends on is kept.
        """
        self._cloud_host = cloud_host.lower()
        self._cloud_port = cloud_port
        self._device = device.lower()
        self._reduction = Reduction(self._cloud_host, cloud_port)
        self._fragments = Reassembly()
        self._protected: dict[bytes, None] = {}
        self._repeated: dict[bytes, int] = {}
        self._wifi = WifiFrames()
        self._sent = b""
        """Who sent the management frame kept last: it may be acknowledged."""

    def kept(self, link: int, frame: bytes) -> bytes | None:
        """What to keep of the frame; None for nothing."""
        radio = links.dot11(link, frame)
        if radio is not None and (not radio.is_data or radio.is_protected):
            return self._radio(link, frame, radio)
        if not relevant.exact(link, frame, self._cloud_port):
            return None
        message = decode(link, frame)
        if message is None:
            return key_frame(link, frame, radio) if radio is not None else None
        if self._is_of_others(message):
            return None
        whole = self._whole(message)
        reduced = None if whole is None else encode(link, self._reduction.reduced(whole))
        is_read = reduced is not None and relevant.exact(link, reduced, self._cloud_port)
        return reduced if is_read else None

    def _radio(self, link: int, frame: bytes, radio: Dot11) -> bytes | None:
        """A management frame; of an encrypted one of a device that may be asked about its way and
        its length, of others that there were such: the first of each sender, without its addresses.
        """
        if radio.is_data:
            if (shown := encrypted_frame(link, frame, radio, self._device)) is not None:
                return shown
            sender = frame[radio.offset + 10 : radio.offset + 16]
            is_first = _is_first(self._protected, sender)
            return dot11_frame(link, DATA, (), b"", flags=PROTECTED) if is_first else None
        if radio.kind == links.ACKNOWLEDGEMENT:
            receiver = frame[radio.offset + 4 : radio.offset + 10]
            return (
                dot11_frame(link, radio.kind, (receiver,), b"") if receiver == self._sent else None
            )
        is_told = radio.is_management and self._is_new(link, frame, radio)
        kept = management_frame(link, frame, radio) if is_told else None
        self._sent = frame[radio.offset + 10 : radio.offset + 16] if kept else b""
        return kept

    def _is_new(self, link: int, frame: bytes, radio: Dot11) -> bool:
        """Any management frame but a beacon that only repeats what its access point said before; of
        those one in so many, which shows that it is still there.
        """
        if radio.kind != BEACON:
            return True
        before = len(self._wifi.networks)
        self._wifi.add(Packet(0, 0, link, frame, len(frame), 0), "")
        sender = frame[radio.offset + 10 : radio.offset + 16]
        repeated = self._repeated.pop(sender, 0) + 1 if len(self._wifi.networks) == before else 0
        self._repeated[sender] = repeated
        if len(self._repeated) > _MOST_REMEMBERED:
            del self._repeated[next(iter(self._repeated))]
        return repeated % _REPEATED_BEACONS == 0

    def _whole(self, message: Message) -> Message | None:
        """The message with its body put together; None until all fragments are there."""
        piece = message.body
        return self._fragments.whole(message, piece) if isinstance(piece, Fragment) else message

    def _is_of_others(self, message: Message) -> bool:
        """Of others, where one device is asked about, and nothing its connection depends on?"""
        if (
            not self._device
            or message.src_mac is None
            or self._device in (message.src_mac, message.dst_mac)
        ):
            return False
        match message.body:
            case Tcp() as tcp:
                return self._cloud_port not in (tcp.sport, tcp.dport) and INTERNET_TEST not in (
                    message.src,
                    message.dst,
                )
            case Dns() as dns:
                return dns.name not in (self._cloud_host, _TEST_NAME) and not dns.name.endswith(
                    _CLOUD_NAMES
                )
            case Arp() | Dhcp() | Icmp() | RouterAdvertisement() | Udp():
                return False
            case Fragment():
                return True


def _is_first(seen: dict[bytes, None], what: bytes) -> bool:
    """Was it not seen before? Remembers it, and forgets the oldest of too many."""
    if what in seen:
        return False
    seen[what] = None
    if len(seen) > _MOST_REMEMBERED:
        del seen[next(iter(seen))]
    return True
