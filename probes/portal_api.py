"""What does this network's own login-page interface say: is this computer captive?

Sends: only where a DHCP offer names such an interface, lookups of its host at two resolvers and one
HTTPS request to it.
Settles: internet.portal_api.
Cannot tell: whether the device is let through: the interface speaks of whoever asks it, and a
portal admits each MAC by itself. Without raw sockets no offer is seen, and so nothing is asked.
Source: RFC 8910 §2.1 (DHCP option 114), §2 (the name for "no portal"); RFC 8908 §4, §5 (request and
answer). The address comes from whoever answers DHCP: only HTTPS is asked, once, at a host of the
Internet or of this very network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from netcheck.model import Outcome, Scalar, Stage, Struct, Target
from netcheck.probing import (
    NO_PORTAL,
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    is_askable,
    lookups,
    named_address,
    probe,
    seen,
    skipped,
    web_address,
)

_PATIENCE_S = 5.0
"""Offers are listened for 4.5 s."""
_TYPE = "application/captive+json"
_OK = "200"
_FORM = re.compile(r"https://([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?((?:/[!-~]*)?)", re.IGNORECASE)
"""An address as it is asked: host, port and path, with nothing in it that could end a line (RFC
3986 §3).
"""


class CaptiveState(Struct, frozen=True, kw_only=True, rename="kebab"):
    """The members of an answer that are looked at (RFC 8908 §5)."""

    captive: bool
    user_portal_url: str = ""


class PortalAddress(Struct, frozen=True, kw_only=True):
    """Where the interface is."""

    host: str
    port: int
    path: str


@probe(
    stage=Stage.INTERNET,
    settles={"internet.portal_api"},
    needs={Need.INTERNET},
    sends=(
        lookups("the host that a DHCP offer names for its login page, if any,"),
        Traffic(
            kind=Kind.HTTP_REQUEST,
            to="the host that a DHCP offer names for its login page, if any, by HTTPS",
            at_most=1,
        ),
    ),
    within_s=16,
    background=True,
)
def portal_api(target: Target, net: Net) -> Iterator[Seen]:
    uri = net.dhcp_portal(_PATIENCE_S)
    if not uri or uri == NO_PORTAL:
        return
    place = parsed(uri)
    if place is None:
        yield skipped(
            "internet.portal_api",
            "not_asked",
            says="the address in the DHCP offer is none that may be asked (HTTPS alone)",
        )
        return
    address = named_address(place.host, target, net)
    if not is_askable(address, net.vantage()):
        says = "the host in the DHCP offer has no address on the Internet or on this network"
        yield skipped("internet.portal_api", "not_asked", place.host, says=says)
        return
    yield judged(
        net.https_get(address, place.host, place.path, accept=_TYPE, port=place.port), place
    )


def parsed(uri: str) -> PortalAddress | None:
    """Where that address leads; None for what is not asked: another scheme, a user's name, or
    characters that no address has.
    """
    found = _FORM.fullmatch(uri)
    if found is None or not 0 < int(found[2] or 443) < 65536:
        return None
    return PortalAddress(host=found[1], port=int(found[2] or 443), path=found[3] or "/")


def judged(reply: Reply, place: PortalAddress) -> Seen:
    """Failed where this computer is held back, ok where it is not; unclear where the interface says
    neither.
    """
    said = seen("internet.portal_api", reply, f"{place.host}:{place.port}")
    if not reply.ok:
        return msgspec.structs.replace(
            said, outcome=Outcome.SKIPPED if reply.reason == "needs" else Outcome.UNCLEAR
        )
    answer = read(reply.payload) if reply.text("status") == _OK else None
    if answer is None:
        return msgspec.structs.replace(said, outcome=Outcome.UNCLEAR, reason="malformed")
    url: tuple[tuple[str, Scalar], ...] = (
        (("login_page", web_address(answer.user_portal_url)),) if answer.user_portal_url else ()
    )
    outcome, reason = (Outcome.FAILED, "portal") if answer.captive else (Outcome.OK, "")
    return msgspec.structs.replace(said, outcome=outcome, reason=reason, data=(*said.data, *url))


def read(body: bytes) -> CaptiveState | None:
    """The answer; None where it is none. Members that RFC 8908 does not know are passed over."""
    try:
        return msgspec.json.decode(body, type=CaptiveState)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
