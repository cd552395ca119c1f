"""Who would offer whom an address? DISCOVER and nothing more: no offer is taken up, so nothing is
leased.

Sources: RFC 2131 §4.1 (broadcast flag), §4.4.1 (DISCOVER); RFC 8910 (option 114).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from netcheck.live.net.raw.link import EthernetLink
from netcheck.live.plugin_guard import printable
from netcheck.photon.fingerprint import PROBE_REQUESTED_OPTIONS
from netcheck.probing.net import DhcpOffer
from netcheck.wire.decode import decode
from netcheck.wire.dhcp import BOOT_REPLY, OFFER, Dhcp
from netcheck.wire.links import ETHERNET

_SENDINGS_AT_S = (0.0, 1.0, 2.5)
_ALL_SERVED_S = 2.5
"""A server that is slower than this beside one that has answered gives no client its address: each
takes the first offer.
"""
_MOST_TEXT = 255
"""What one option can hold."""
_MOST_OFFERS = 60
"""Three MACs and twenty servers; a flood teaches nothing more."""


def discover(
    link: EthernetLink,
    clients: Sequence[str],
    listen_s: float,
    on_offer: Callable[[DhcpOffer], None],
    sendings: int = len(_SENDINGS_AT_S),
) -> tuple[DhcpOffer, ...]:
    """Every different offer that came for these client MACs, in the order of arrival; `on_offer` is
    called with each at once.

    A MAC that got no offer is asked for again, `sendings` times in all, while the listening goes
    on: for `listen_s`, or less where every MAC got one.
    """
    from netcheck.wire import frames

    begun = time.monotonic()
    asked = {random.getrandbits(32): client for client in clients}
    found: dict[tuple[str, str, str], DhcpOffer] = {}
    for end_s in (*_SENDINGS_AT_S[1:sendings], listen_s):
        served = {offer.client for offer in found.values()}
        if served >= set(clients):
            end_s = min(end_s, _ALL_SERVED_S)
        for xid, client in asked.items():
            if client not in served:
                link.send(frames.dhcp_discover(link.mac, xid, client, PROBE_REQUESTED_OPTIONS))
        for frame in link.received(begun + end_s):
            offer = offer_in(frame, asked, time.monotonic() - begun)
            if offer is None or len(found) >= _MOST_OFFERS:
                continue
            key = (offer.client, offer.server, offer.address)
            if key not in found:
                on_offer(offer)
                found[key] = offer
    return tuple(found.values())


def most_discovers(clients: int, sendings: int = len(_SENDINGS_AT_S)) -> int:
    """How many frames `discover` may send for so many clients."""
    return clients * sendings


def saved(
    clients: Sequence[str], offers: Sequence[DhcpOffer], sendings: int = len(_SENDINGS_AT_S)
) -> int:
    """How many of these frames were not sent, because an offer came before their time."""
    firsts = {offer.client: offer.after_s for offer in reversed(offers)}
    return sum(
        at_s > firsts[client]
        for client in clients
        if client in firsts
        for at_s in _SENDINGS_AT_S[1:sendings]
    )


def offer_in(frame: bytes, asked: dict[int, str], after_s: float) -> DhcpOffer | None:
    """The offer in a frame, if it is one for a client that was asked for (`asked`: transaction id →
    MAC).
    """
    message = decode(ETHERNET, frame)
    if message is None or not isinstance(message.body, Dhcp):
        return None
    dhcp = message.body
    if (dhcp.op, dhcp.kind) != (BOOT_REPLY, OFFER) or asked.get(dhcp.xid) != dhcp.client_mac:
        return None
    return DhcpOffer(
        client=dhcp.client_mac,
        server=dhcp.server or message.src,
        server_mac=message.src_mac or "",
        address=dhcp.yiaddr,
        mask=dhcp.mask,
        routers=dhcp.routers,
        resolvers=dhcp.resolvers,
        lease_s=dhcp.lease_s,
        portal=_text(dhcp.portal),
        proxy_script=_text(dhcp.proxy_script),
        after_s=round(after_s, 3),
    )


def _text(value: bytes) -> str:
    """The value as text; some servers end it with a zero byte or a line."""
    return printable(value.decode("latin-1").strip("\0\r\n "), _MOST_TEXT)
