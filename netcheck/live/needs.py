"""Whether this computer has what a probe needs, and if not, how to supply it. Sends nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable

from netcheck.host.scan import adapters
from netcheck.host.vantage import Vantage
from netcheck.live.net.raw.link import OpenPacketSocket, open_link
from netcheck.probing.net import CannotRun, Need, Reply
from netcheck.wire import links


def lacking(need: Need, here: Vantage, packet_socket: OpenPacketSocket | None = None) -> Reply:
    """Ok where it is there; else reason no_address, no_route or needs, and in `says` what to do.
    `packet_socket` as in `open_link`.
    """
    if need is Need.RAW_SOCKETS:
        return _lacks_raw_sockets(here, packet_socket)
    return _CHECKS[need](here)


def reply(says: str) -> Reply:
    """Not ok, because something needed is missing: `says` names it."""
    return Reply(ok=False, reason="needs", data=(("says", says),))


def _lacks_internet(here: Vantage) -> Reply:
    if here.address is None:
        return Reply(
            ok=False,
            reason="no_address",
            data=(("says", "this computer has no IPv4 address; join the device's network first"),),
        )
    if here.gateway is None:
        return Reply(
            ok=False,
            reason="no_route",
            data=(("says", "this computer has no gateway; join the device's network first"),),
        )
    if here.is_egress_refused:
        return Reply(
            ok=False,
            reason="no_route",
            data=(
                ("says", "this computer's own routes refuse the way out; a VPN may have set them"),
            ),
        )
    return Reply(ok=True)


def _lacks_raw_sockets(here: Vantage, packet_socket: OpenPacketSocket | None) -> Reply:
    try:
        with open_link(here, links.ARP, packet_socket=packet_socket):
            return Reply(ok=True)
    except CannotRun as hindrance:
        return reply(str(hindrance))


def _lacks_serial_access(_: Vantage) -> Reply:
    return reply("this version reaches no serial port from a probe")


def _lacks_wifi(here: Vantage) -> Reply:
    """Other systems than Linux tell only when they are asked for a scan."""
    if sys.platform != "linux" or adapters.wireless([here.interface]):
        return Reply(ok=True)
    return reply("this computer shows no Wi-Fi adapter")


_CHECKS: dict[Need, Callable[[Vantage], Reply]] = {
    Need.INTERNET: _lacks_internet,
    Need.WIFI: _lacks_wifi,
    Need.SERIAL: _lacks_serial_access,
}
