"""How many packets get lost between here and the Internet?

Sends: five ICMP echoes and eight TCP connections to the neutral host; of each kind, where not all
are answered soon, fifteen or twenty more, which then count.
Settles: internet.loss (for echoes, and for connections).
Cannot tell: in which direction, and whether Wi-Fi or line, they got lost; nor loss from a host or a
firewall that answers only so many echoes, which is why no cause rests on those alone.
Source: RFC 792 (echo); RFC 6298 §2: a first packet of TCP that is lost is sent again after 1 s, so
that one which opens so much later than others lost it. With a third of the round trips lost, two
SYNs in 5 s, two Hellos in 4 s and three pings in 10 s, as the device makes them, fail often enough
that it drops every few minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Kind, Need, Net, Reply, Seen, Traffic, probe

_FEW, _MORE = 5, 15
_FEW_TCP, _MORE_TCP = 8, 20
_PORT = 443
_APART_S, _CLOSER_S = 0.15, 0.1
_SOON_S, _PATIENCE_S, _ONCE_MORE_S = 1.0, 3.0, 1.5
_PAUSE_S = 2.0
"""Before the further ones, so that a line that was silent for 3 s does not count as lossy."""
_RESENT_MS = 900.0
_DOUBTFUL = 0.45
"""Where too many got lost and fewer than this, as many are asked again: on a line that loses one in
ten it is chance in one run of twenty.
"""
_TOO_MANY = 1 / 3
_TOO_MANY_TCP = 1 / 4
"""Of twenty connections, a quarter is what a line that loses a third stays above, and one that
loses a few in a hundred below.
"""


@probe(
    stage=Stage.INTERNET,
    settles={"internet.loss"},
    needs={Need.INTERNET},
    sends=(
        Traffic(kind=Kind.ICMP_ECHO, to="{neutral_host}", at_most=_FEW + 2 * _MORE),
        Traffic(
            kind=Kind.TCP_CONNECTION,
            to=f"{{neutral_host}}:{_PORT}",
            at_most=_FEW_TCP + 2 * _MORE_TCP,
        ),
    ),
    within_s=14,
    background=True,
)
def packet_loss(target: Target, net: Net) -> Iterator[Seen]:
    yield from net.as_answered([partial(of_echoes, target, net), partial(of_openings, target, net)])


def of_echoes(target: Target, net: Net) -> Seen:
    """What a series of echoes shows."""
    begun, ask = net.clock(), partial(net.ping, target.neutral_host)
    replies = series(net, ask, _FEW, _SOON_S)
    if any(reply.reason == "timeout" for reply in replies):
        net.sleep(_PAUSE_S)
        replies = series(net, ask, _MORE, _PATIENCE_S)
        if is_doubtful(replies, _TOO_MANY):
            replies += series(net, ask, _MORE, _ONCE_MORE_S, _CLOSER_S)
    return judged(replies, target.neutral_host, begun, _TOO_MANY)


def of_openings(target: Target, net: Net) -> Seen:
    """What a series of connections shows, of which one that opens only when its first packet was
    sent again has lost it.
    """
    begun, ask = net.clock(), partial(net.connect, target.neutral_host, _PORT)
    replies = without_late(series(net, ask, _FEW_TCP, _SOON_S))
    if 0 < sum(reply.ok for reply in replies) < _FEW_TCP:
        net.sleep(_PAUSE_S)
        replies = without_late(series(net, ask, _MORE_TCP, _PATIENCE_S))
        if is_doubtful(replies, _TOO_MANY_TCP):
            replies += without_late(series(net, ask, _MORE_TCP, _ONCE_MORE_S, _CLOSER_S))
    return judged(replies, f"{target.neutral_host}:{_PORT}", begun, _TOO_MANY_TCP)


def is_doubtful(replies: Sequence[Reply], too_many: float) -> bool:
    """Is it too many that got lost, and near the mark?"""
    lost = lost_of(replies)
    return too_many * len(replies) <= lost < _DOUBTFUL * len(replies)


def lost_of(replies: Sequence[Reply]) -> int:
    """How many got lost; what was not waited for as long as an answer takes is not lost."""
    soonest_ms = min((float(one.text("rtt_ms")) for one in replies if one.ok), default=0.0)
    return sum(not one.ok and one.took_s * 1000 >= soonest_ms for one in replies)


def without_late(replies: Sequence[Reply]) -> list[Reply]:
    """The same, with silence in the place of those that opened so much later than the soonest."""
    soonest_ms = min((float(one.text("rtt_ms")) for one in replies if one.ok), default=0.0)
    return [
        Reply(ok=False, reason="timeout", took_s=one.took_s)
        if one.ok and float(one.text("rtt_ms")) >= soonest_ms + _RESENT_MS
        else one
        for one in replies
    ]


def series(
    net: Net,
    ask: Callable[[float], Reply],
    count: int,
    patience_s: float,
    apart_s: float = _APART_S,
) -> list[Reply]:
    """The answers to so many questions, sent a little apart: a burst would fall into one gap, or
    make one.
    """

    def ask_at(place: int) -> Reply:
        net.sleep(place * apart_s)
        return ask(patience_s)

    return net.together([partial(ask_at, place) for place in range(count)])


def judged(replies: Sequence[Reply], host: str, begun: float, too_many: float) -> Seen:
    """Failed where too many got lost; unclear where none was answered: many hosts and firewalls
    pass no echo at all.
    """
    trips = [float(reply.text("rtt_ms")) for reply in replies if reply.ok]
    if not trips:
        reason = replies[0].reason
        outcome = Outcome.SKIPPED if reason == "needs" else Outcome.UNCLEAR
        return Seen(
            fact="internet.loss",
            outcome=outcome,
            reason=reason,
            target=host,
            at=begun,
            data=replies[0].data,
        )
    lost = lost_of(replies)
    is_lossy = lost >= too_many * len(replies)
    data = (("rtt_ms", min(trips)), ("sent", len(replies)), ("lost", lost))
    outcome, reason = (Outcome.FAILED, "lossy") if is_lossy else (Outcome.OK, "")
    return Seen(
        fact="internet.loss", outcome=outcome, reason=reason, target=host, at=begun, data=data
    )
