"""What the analysis reads of a message, and of nothing else: every other field is blank.

The analysis is `netcheck.capture`; the constants by which it decides what it reads are its own.
"""

from __future__ import annotations

from collections import OrderedDict

from netcheck.capture.clients import NTP_NAME, announced_id
from netcheck.capture.files import relevant
from netcheck.capture.identification import DTLS_VERSION, UDP_CLOUD_NAME, UDP_CLOUD_PORT
from netcheck.capture.names.local_names import is_local
from netcheck.capture.protocols.cloud_keys import SIGNATURE_BYTES
from netcheck.capture.protocols.cloud_steps import DOWN_KEY, HEAD, NONCE, REQUEST
from netcheck.capture.protocols.dhcp import NAK
from netcheck.capture.protocols.dns import A_RECORD
from netcheck.capture.tables import SERVICE_PORTS
from netcheck.capture.web.login_pages import CHECK_PATHS, announced_bytes
from netcheck.capture.web.proxies import ABSOLUTE
from netcheck.photon import fingerprint
from netcheck.vocabulary.user_words import UNKNOWN, understood
from netcheck.wire.arp import UNSET
from netcheck.wire.decode import ACK, RST, SYN, Body, Dhcp, Dns, Message, Tcp, Udp
from netcheck.wire.http import host_name, origin, read_fields

_MOST_CONNECTIONS = 4096
_Ends = tuple[str, int, str, int]
_KEY_HEAD = slice(NONCE, NONCE + HEAD)
_SIGNATURE = slice(DOWN_KEY - SIGNATURE_BYTES, DOWN_KEY)
_PROTOCOL_BYTES, _TEXT_BYTES = 4, 16
"""By so many first bytes another protocol is known, and text."""
_PRINTABLE = bytes((9, 10, 13, *range(32, 127)))
_TEXT_SHARE = 0.8
_SURELY_TEXT_BYTES = 32
"""Of fewer bytes chance makes most of them printable too often: a nonce is never to pass for text.
"""
_REDIRECTS = frozenset({b"302", b"303", b"307", b"511"})
_WRAP = 1 << 32


class Reduction:
    """Message after message to what is read of it. Remembers a bounded number of connections to the
    cloud, by which it knows where in its content a segment stands.
    """

    def __init__(self, cloud_host: str, cloud_port: int) -> None:
        self._cloud_host = cloud_host
        self._cloud_port = cloud_port
        self._connections: OrderedDict[_Ends, _CloudContent] = OrderedDict()

    def reduced(self, message: Message) -> Message:
        """The same message with all blank that is not read."""
        body: Body
        match message.body:
            case Dhcp():
                body = _dhcp(message.body)
            case Dns():
                body = self._dns(message.body)
            case Tcp():
                content = self._content(message, message.body)
                if content == message.body.payload:
                    return message
                body = message.body._replace(payload=content)
            case Udp():
                body = message.body._replace(payload=_datagram(message, message.body))
            case _:
                return message
        return message._replace(body=body)

    def _dns(self, dns: Dns) -> Dns:
        """Of other lookups than for an address, and of names of the home network, no name."""
        is_told = dns.name in (self._cloud_host, NTP_NAME) or UDP_CLOUD_NAME.search(dns.name)
        is_read = dns.qtype == A_RECORD and not is_local(dns.name, self._cloud_host)
        return dns._replace(
            name=dns.name if is_told or is_read else "",
            truncated=False,
            addresses=dns.addresses if dns.qtype == A_RECORD else (),
            aliases=(),
        )

    def _content(self, message: Message, tcp: Tcp) -> bytes:
        ports = (tcp.sport, tcp.dport)
        if self._cloud_port in ports:
            return self._cloud_content(message, tcp)
        return b"" if relevant.HTTP_PORTS.isdisjoint(ports) else _web_head(tcp.payload)

    def _cloud_content(self, message: Message, tcp: Tcp) -> bytes:
        up = tcp.dport == self._cloud_port
        other_port = tcp.sport if up else tcp.dport
        if other_port in (self._cloud_port, *SERVICE_PORTS):
            return b""  # which side is the client cannot be told
        ends = (message.src, tcp.sport, message.dst, tcp.dport)
        key = ends if up else (ends[2], ends[3], ends[0], ends[1])
        if tcp.flags & (SYN | RST) == SYN:
            self._open(key, tcp, up=up)
            return b""
        known = self._connections.get(key)
        return known.read_part(tcp, up=up) if known is not None and tcp.payload else b""

    def _open(self, key: tuple[str, int, str, int], tcp: Tcp, *, up: bool) -> None:
        """Note where each side's content begins; a new number of the client's begins anew."""
        known = self._connections.get(key)
        if up and not tcp.flags & ACK and (known is None or known.base[True] != _next(tcp.seq)):
            self._connections[key] = _CloudContent({True: _next(tcp.seq)})
        elif not up:
            known = known or self._connections.setdefault(key, _CloudContent({True: tcp.ack}))
            known.base.setdefault(False, _next(tcp.seq))
        if len(self._connections) > _MOST_CONNECTIONS:
            self._connections.popitem(last=False)


def _next(seq: int) -> int:
    return (seq + 1) % _WRAP


class _CloudContent:
    """One connection: the sequence number of the first byte that each side sends (True: the
    client), and whether the server sends text, which no cloud does.
    """

    def __init__(self, base: dict[bool, int]) -> None:
        self.base = base
        self._is_text = False
        self._stands_for: dict[int, int] = {}

    def read_part(self, tcp: Tcp, *, up: bool) -> bytes:
        """The content of a segment with zeros where nothing is read; empty where its place is not
        known: it then counts as not captured.
        """
        base = self.base.get(up)
        if base is None:
            return b""
        at = (tcp.seq - base) % _WRAP
        content = tcp.payload[: max((REQUEST if up else DOWN_KEY) - at, 0)]
        if not content:
            return b""
        return _request(at, content) if up else self._answer(at, content)

    def _answer(self, at: int, content: bytes) -> bytes:
        """The shape of the nonce, the head of the encrypted key, and the signature. Of text its
        shape.
        """
        enough = _TEXT_BYTES if at < NONCE else _SURELY_TEXT_BYTES
        self._is_text |= len(content) >= enough and _is_text(content)
        shape = bytes(map(self._shape, content[: max(NONCE - at, 0)]))
        if self._is_text:
            return shape
        return shape + _only((_KEY_HEAD, _SIGNATURE), at + len(shape), content[len(shape) :])

    def _shape(self, byte: int) -> int:
        """Another byte, printable as that one is, and another one for each: all that the analysis
        reads is how many there are of both kinds.
        """
        first, most = (ord("A"), 62) if byte in _PRINTABLE else (0x80, 0x80)
        of_kind = sum(one in _PRINTABLE for one in self._stands_for)
        number = of_kind if byte in _PRINTABLE else len(self._stands_for) - of_kind
        return self._stands_for.setdefault(byte, first + number % most)


def _request(at: int, content: bytes) -> bytes:
    """The head of the encrypted number; of text no more than tells the protocol."""
    head = content[: max(_TEXT_BYTES - at, 0)]
    if head and not head.translate(None, _PRINTABLE):
        known = head[: max(_PROTOCOL_BYTES - at, 0)]
        return (known + b"x" * (len(head) - len(known))).ljust(len(content), b"\0")
    if len(content) >= _SURELY_TEXT_BYTES and _is_text(content):
        return bytes(len(content))
    return _only((slice(0, HEAD),), at, content)


def _only(read: tuple[slice, ...], at: int, content: bytes) -> bytes:
    """Zeros but for these parts of the stream; `content` stands at `at` in it."""
    blank = bytearray(len(content))
    for part in read:
        begin, end = max(part.start - at, 0), max(part.stop - at, 0)
        blank[begin:end] = content[begin:end]
    return bytes(blank)


def _is_text(content: bytes) -> bool:
    others = len(content.translate(None, _PRINTABLE))
    return others < len(content) * (1 - _TEXT_SHARE)


def _web_head(payload: bytes) -> bytes:
    """Of the head of an HTTP message the method, the path of a page that finds login pages or the
    sign of a request to a proxy, and the host; or the status and what tells a login page: where a
    redirect leads to, or that a web page came, and how long it is (RFC 9112 §3, §4).
    """
    if not payload.startswith(relevant.HTTP_HEADS):
        return b""
    fields = read_fields(payload)
    if not payload.startswith(b"HTTP/1."):
        method, _, rest = payload.partition(b" ")
        path = next((path for path in (*CHECK_PATHS, ABSOLUTE) if rest.startswith(path)), b"")
        host = host_name(fields)
        return method + b" " + path + (f"\nhost:{host}".encode() if host else b"")
    status = payload[9:12]
    if not status.isdigit():
        return b"HTTP/1."
    head = b"HTTP/1.1 " + status
    place = origin(fields) if status in _REDIRECTS else ""
    if place:
        return head + f"\nlocation:{place}".encode()
    is_page = status == b"200" and fields.get("content-type", "").lower().startswith("text/html")
    length = announced_bytes(payload) if is_page else 0
    return head + (b"\ncontent-type:text/html\ncontent-length:%d" % length if length else b"")


def _dhcp(dhcp: Dhcp) -> Dhcp:
    """A host name only where it is a device id, options only where a Photon or we request them."""
    requested = (bytes(fingerprint.PROBE_REQUESTED_OPTIONS), fingerprint.PARAMETERS)
    return dhcp._replace(
        ciaddr=UNSET,
        relay=UNSET,
        requested="",
        host_name=dhcp.host_name if fingerprint.named_id(dhcp.host_name) else b"",
        parameters=dhcp.parameters if dhcp.parameters in requested else b"",
        message=_words(dhcp.message) if dhcp.kind == NAK else b"",
        portal=b"",
        proxy_script=b"",
    )


def _words(message: bytes) -> bytes:
    """The known words of a refusal, and a sign that is none for all between them."""
    return understood(message.decode("latin-1")).replace(UNKNOWN, "\xbf").encode("latin-1")


def _datagram(message: Message, udp: Udp) -> bytes:
    """A Photon's announcement, or that a datagram is DTLS."""
    if announced_id(message) is not None:
        return udp.payload
    is_dtls = udp.dport == UDP_CLOUD_PORT and udp.payload[1:2] == DTLS_VERSION
    return b"\0" + DTLS_VERSION if is_dtls else b""
