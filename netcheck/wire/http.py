"""HTTP/1 messages (RFC 9112) of login pages, of devices and in captures, read by h11. Pure.

h11 refuses a message with one bad line in its head; login pages and small devices send such. So the
head is first reduced to the lines that h11 takes: what we look for is in one of these or nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from netcheck.model import Struct

if TYPE_CHECKING:
    import h11

_MOST_HEAD_BYTES = 1 << 16
_MOST_FIELDS = 64
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_STATUS_LINE = re.compile(rb"(HTTP/1\.[01] [1-5][0-9]{2})(?: .*)?", re.DOTALL)
_FIELD = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*((?:[^\0-\x20\x7f][^\0-\x08\x0a-\x1f\x7f]*)?)"
)
_ANY_STATUS_LINE = b"HTTP/1.1 200 OK"
_FRAMING = (b"content-length", b"transfer-encoding")
_GOOD_FRAMING = {
    b"content-length": re.compile(rb"[0-9]{1,18}"),
    b"transfer-encoding": re.compile(rb"chunked", re.IGNORECASE),
}


_SITE = re.compile(
    r"(https?:)?//(?:[^/?#\s@\\]*@)?([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(:[0-9]{1,5})?"
    r"(?=[/?#\\]|$)",
    re.IGNORECASE,
)
NO_SITE = "?"
"""Stands for a text that is no web address where one should be."""
_HOST = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?::[0-9]{1,5})?")


def site_of(url: str) -> str:
    """Scheme, host and port of a web address, in lower case: user, path, query and fragment may
    hold a token. `/` for one on the same host; empty for what is no address.
    """
    found = _SITE.match(url.strip())
    if found is not None:
        return f"{found[1] or ''}//{found[2]}{found[3] or ''}".lower()
    return "/" if url.startswith("/") and not url.startswith("//") else ""


def place_of(url: str) -> str:
    """The same as `site_of`, NO_SITE for a text that is no address; empty where there is none."""
    return site_of(url) or (NO_SITE if url else "")


class HttpResponse(Struct, frozen=True, kw_only=True):
    """The head of a response, names in lower case, and as much of its content as came, without the
    framing of chunks.

    Of a header given twice the first counts. `is_whole`: is all the content there that the head
    announced? False where it announced no length.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool


def read_response(message: bytes) -> HttpResponse | None:
    """The response that these bytes begin; None if they are not one, or its head is cut."""
    end = _HEAD_END.search(message, 0, _MOST_HEAD_BYTES)
    if end is None:
        return None
    first, *lines = _LINE_END.split(message[: end.start()])
    status = _STATUS_LINE.fullmatch(first)
    if status is None:
        return None
    fields = _readable(lines)
    return _by_h11([status[1], *(b": ".join(field) for field in fields)], message[end.end() :])


def read_fields(message: bytes) -> dict[str, str]:
    """The header fields of a request or response, names in lower case, as far as they are there.

    The first line may be cut short, as in recordings; of a line that is cut, the rest counts.
    """
    end = _HEAD_END.search(message, 0, _MOST_HEAD_BYTES)
    lines = _LINE_END.split(message[: end.start() if end else _MOST_HEAD_BYTES])[1:]
    fields = [field for field in _readable(lines) if field[0].lower() not in _FRAMING]
    response = _by_h11([_ANY_STATUS_LINE, *(b": ".join(field) for field in fields)], b"")
    return response.headers if response is not None else {}


def host_name(fields: dict[str, str]) -> str:
    """Host and port that a request asks, in lower case; empty where the field holds something
    else.
    """
    host = fields.get("host", "")
    return host.lower() if _HOST.fullmatch(host) else ""


def origin(fields: dict[str, str]) -> str:
    """Scheme, host and port of the place that a redirect names, in lower case; empty where it names
    no other host.

    Without user info, path, query and fragment (RFC 3986 §3), which may name a user or a session.
    """
    place = site_of(fields.get("location", ""))
    return "" if place == "/" else place


def _readable(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Name and value of the lines that h11 takes, and of one at most that frames the content."""
    found: list[tuple[bytes, bytes]] = []
    framed = False
    for line in lines[:_MOST_FIELDS]:
        field = _FIELD.fullmatch(line)
        if field is None:
            continue
        name, value = field[1], field[2].rstrip(b" \t")
        good = _GOOD_FRAMING.get(name.lower())
        if good is not None:
            if framed or not good.fullmatch(value):
                continue
            framed = True
        found.append((name, value))
    return found


def _by_h11(head: list[bytes], content: bytes) -> HttpResponse | None:
    """What h11 makes of it. A break in the framing of chunks ends the content."""
    import h11  # here: no capture without web traffic is to wait for it

    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=2 * _MOST_HEAD_BYTES)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "any")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(b"\r\n".join(head) + b"\r\n\r\n" + content)
    response: h11.Response | None = None
    body, is_whole = bytearray(), False
    for event in _events(connection):
        if isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            is_whole = True
    if response is None:
        return None
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return HttpResponse(
        status=response.status_code, headers=headers, body=bytes(body), is_whole=is_whole
    )


def _events(connection: h11.Connection) -> list[h11.Event]:
    """All that are there, until it needs more, or refuses what comes next."""
    import h11

    found: list[h11.Event] = []
    try:
        while not found or not isinstance(found[-1], h11.EndOfMessage):
            event = connection.next_event()
            if not isinstance(event, h11.Event):
                break
            found.append(event)
    except h11.RemoteProtocolError:
        pass
    return found
