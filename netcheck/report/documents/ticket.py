"""Subject and body of a ticket to paste: polite, exact, and at most WORDS words long."""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Stage, State
from netcheck.report.documents.change import FORMAT, asked
from netcheck.report.layout import first_places
from netcheck.report.view import AnswerView, CauseView, DeviceView

WORDS = 150
MOST_REASONS = 3
LONGEST = 160
"""Characters of one value from outside."""


def render(view: AnswerView) -> str:
    """A ticket for each device that needs a change of others; for the rest, why there is none. The
    first line is no part of them.
    """
    tickets = "\n----\n\n".join(ticket(one) for one in view.devices)
    return f"{FORMAT}: paste what stands below this line.\n\n{tickets}"


def ticket(one: DeviceView) -> str:
    """The ticket of one device, or why there is none."""
    cause = asked(one)
    if cause is None:
        return _none(one)
    for reasons in range(MOST_REASONS, -1, -1):
        text = "\n".join(_lines(one, cause, reasons)) + "\n"
        if len(text.split()) <= WORDS:
            break
    return text


def _lines(one: DeviceView, cause: CauseView, reasons: int) -> Iterator[str]:
    request = cause.request
    if request is None:
        return
    who = one.device.mac or one.device.ip or "MAC address: ______"
    yield f"Subject: {request.change.rstrip('.')} (Photon {who[:LONGEST]})"
    yield ""
    yield "Hello,"
    yield ""
    yield f"A Particle Photon {_trouble(one)} your network."
    yield f"Found: {cause.title} ({cause.sureness})."
    yield f"Please: {request.change}"
    yield f"Where: {request.where}"
    at = f", IP address {one.device.ip}" if one.device.ip and one.device.mac else ""
    yield f"Device: {who[:LONGEST]}{at[:LONGEST]}"
    if request.names:
        yield f"To: {', '.join(request.names)}"
    rule = ", ".join(
        part
        for part in (
            request.protocol,
            f"port {request.port}" if request.port else "",
            request.direction,
            f"idle time-out at least {request.idle_s} s" if request.idle_s is not None else "",
        )
        if part
    )
    if rule:
        yield f"Rule: {rule}"
    yield f"Why: {request.why}"
    if request.note and reasons:
        yield f"Note: {request.note}"
    for reason in cause.support[:reasons]:
        places = f" ({first_places(reason.refs, 1)[:LONGEST]})" if reason.refs else ""
        yield f"Seen: {reason.says[:LONGEST]}{places}"
    yield ""
    yield "Thank you."


def _trouble(one: DeviceView) -> str:
    """What it cannot do: who reached the cloud lost it again."""
    session = next((step.state for step in one.path if step.stage is Stage.SESSION), None)
    if session in (State.FAILED, State.MIXED):
        return "reaches its cloud and loses the connection again on"
    return "does not reach its cloud from"


def _none(one: DeviceView) -> str:
    why = one.leading.no_request if one.leading is not None else ""
    said = why or one.sentence[: 3 * LONGEST]
    return f"No change to ask for. {one.name[:LONGEST]}: {said}\n"
