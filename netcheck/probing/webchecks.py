"""Web pages that answer everybody alike: what phones, browsers and desktops ask to learn whether
the Web is there.

Source: Apple's hotspot-detect, Android's NetworkMonitor, Windows' NCSI, Firefox's detectportal,
NetworkManager.conf(5).
"""

from __future__ import annotations

from netcheck.model import Struct
from netcheck.probing.net import Reply

_LONGEST_PAGE_BYTES = 300
"""The pages have at most 70 bytes; a login page that quotes one is longer."""


class WebCheck(Struct, frozen=True, kw_only=True):
    """A page and its answer: an empty `body` means that none may come."""

    host: str
    path: str
    status: int
    body: bytes = b""

    def is_genuine(self, reply: Reply) -> bool:
        """Is that the answer which the host itself gives, and not a login page in its place?"""
        body = reply.payload
        is_page = self.body in body and len(body) <= _LONGEST_PAGE_BYTES if self.body else not body
        return reply.ok and reply.text("status") == str(self.status) and is_page


WEB_CHECKS = (
    WebCheck(
        host="captive.apple.com",
        path="/hotspot-detect.html",
        status=200,
        body=b"<BODY>Success</BODY>",
    ),
    WebCheck(host="connectivitycheck.gstatic.com", path="/generate_204", status=204),
    WebCheck(
        host="www.msftconnecttest.com",
        path="/connecttest.txt",
        status=200,
        body=b"Microsoft Connect Test",
    ),
    WebCheck(host="detectportal.firefox.com", path="/success.txt", status=200, body=b"success"),
    WebCheck(
        host="nmcheck.gnome.org",
        path="/check_network_status.txt",
        status=200,
        body=b"NetworkManager is online",
    ),
)
"""The first three are three firms' own; login pages that let the others through, so that phones do
not notice, know the last one least.
"""
