"""Through encryption: what the MAC headers alone tell of a device that joined.

Weak evidence only: a broadcast of the length of a DHCP message, sent again and again, and nothing
that comes back to the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.capture.observations import SECOND_NS, observed
from netcheck.capture.protocols.wifi_frames import DHCP_LENGTHS, DataFrame
from netcheck.capture.protocols.wifi_join import Frames, Networks, joined_ns
from netcheck.model import Observation, Outcome

ENOUGH_ASKED = 2
APART_NS = 3 * SECOND_NS // 2
"""A Photon's second DISCOVER comes 2 s after its first (lwIP's dhcp.c)."""
PATIENCE_NS = 2 * SECOND_NS


def read_unreadable(
    networks: Networks,
    station: str,
    attempts: Sequence[Frames],
    data: Sequence[DataFrame],
    last_ns: int,
) -> Iterator[Observation]:
    """Joins after which the device asked for something like an address, and nothing came back."""
    starts = [attempt[0].at_ns for attempt in attempts]
    for attempt, until in zip(attempts, [*starts[1:], last_ns], strict=False):
        since = joined_ns(networks, attempt)
        if since is None:
            continue
        here = [f for f in data if since <= f.at_ns <= until and f.bssid == attempt[0].bssid]
        asked = [
            f
            for f in here
            if f.up
            and f.is_broadcast
            and f.length in DHCP_LENGTHS
            and until - f.at_ns >= PATIENCE_NS
        ]
        if (
            len(asked) < ENOUGH_ASKED
            or asked[-1].at_ns - asked[0].at_ns < APART_NS
            or any(not f.up for f in here if f.at_ns >= asked[0].at_ns)
        ):
            continue
        yield observed(
            "wifi.data",
            Outcome.FAILED,
            "timeout",
            subject=station,
            target=attempt[0].bssid,
            at_ns=asked[0].at_ns,
            end_ns=asked[-1].at_ns,
            data=[("asked", len(asked)), ("bytes", asked[0].length)],
            packets=asked[:6],
        )
