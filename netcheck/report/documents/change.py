"""The change to ask of whoever runs the network or the line, with the values of one device."""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.files import MARK
from netcheck.model import Struct, Verdict
from netcheck.report.view import CauseView, DeviceView

FORMAT = f"{MARK.decode()}1"
"""Stands near the beginning of each document, so that the next run may write it again."""
UNKNOWN = "(the Photon's, see its label or the router's list)"


class ChangeRow(Struct, frozen=True, kw_only=True):
    """One line of a change: what it is, and its value."""

    name: str
    value: str


def asked(one: DeviceView) -> CauseView | None:
    """The cause that a change of others would remove: the leading one, if it has a request."""
    cause = one.leading or next(iter(one.standing), None)
    if cause is None or cause.request is None or one.verdict is Verdict.HEALTHY:
        return None
    return cause


def rows(one: DeviceView, cause: CauseView) -> Iterator[ChangeRow]:
    """The rows of the change, those of a firewall's rule where it is one."""
    request = cause.request
    if request is None:
        return
    told = (
        ("Change", request.change),
        ("Where", request.where),
        ("Source MAC address", one.device.mac or UNKNOWN),
        ("Source IP address", one.device.ip or "any (given by DHCP)"),
        ("Destination names", ", ".join(request.names)),
        ("Protocol", request.protocol),
        ("Port", request.port),
        ("Direction", request.direction),
        (
            "Idle time-out",
            f"at least {request.idle_s} seconds" if request.idle_s is not None else "",
        ),
        ("Why", request.why),
        ("Note", request.note),
    )
    for name, value in told:
        if value:
            yield ChangeRow(name=name, value=value)
