"""Does the web answer through the proxy that this computer is told to use?

Sends: only where a proxy is set, lookups of its name at two resolvers and one HTTP request to it,
for a page of Firefox's check.
Settles: internet.proxy.
Cannot tell: a proxy that a script chooses (PAC; whether the network announces one, dhcp_lease
sees), or one that wants a password: none is given.
Source: RFC 9112 §3.2.2 (a request to a proxy names the whole address).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from netcheck.model import Stage, Target
from netcheck.probing import (
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    lookups,
    named_address,
    probe,
    seen,
    skipped,
)

_HOST, _PAGE, _BODY = (
    "detectportal.firefox.com",
    "http://detectportal.firefox.com/success.txt",
    b"success",
)
_USUAL_PORT = 80


@probe(
    stage=Stage.INTERNET,
    settles={"internet.proxy"},
    needs={Need.INTERNET},
    sends=(
        lookups("the proxy's name, if one is set,"),
        Traffic(
            kind=Kind.HTTP_REQUEST,
            to="the proxy that this computer is told to use, if any",
            at_most=1,
        ),
    ),
    within_s=16,
)
def proxy(target: Target, net: Net) -> Iterator[Seen]:
    here = net.vantage()
    if not here.proxies:
        return
    host, _, port = here.proxies[0].partition(":")
    address = named_address(host, target, net, is_own_choice=True)
    if not address:
        yield skipped(
            "internet.proxy", "not_asked", here.proxies[0], says="the proxy's name did not resolve"
        )
        return
    reply = net.http_get(address, _HOST, _PAGE, port=int(port or _USUAL_PORT))
    yield seen("internet.proxy", judged(reply), here.proxies[0])


def judged(reply: Reply) -> Reply:
    """The reply; not ok unless the page itself came."""
    is_page = reply.text("status") == "200" and reply.payload.strip() == _BODY
    return (
        reply
        if not reply.ok or is_page
        else msgspec.structs.replace(reply, ok=False, reason="malformed")
    )
