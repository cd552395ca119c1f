"""How many packets get lost between here and the Internet?

Sends: five ICMP echoes to the neutral host; where not all come back soon, fifteen more, which then
count.
Settles: internet.loss.
Cannot tell: in which direction, and whether Wi-Fi or line, they got lost; nor loss from a host or a
firewall that answers only so many echoes, which is why no cause rests on this alone.
Source: RFC 792 (echo). With a third of the round trips lost, two SYNs in 5 s, two Hellos in 4 s and
three pings in 10 s, as the device makes them, fail often enough that it drops every few minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Kind, Need, Net, Reply, Seen, Traffic, probe

_FEW, _MORE = 5, 15
_APART_S = 0.15
_SOON_S, _PATIENCE_S = 1.0, 3.0
_TOO_MANY = 1 / 3


@probe(
    stage=Stage.INTERNET,
    settles={"internet.loss"},
    needs={Need.INTERNET},
    sends=(Traffic(kind=Kind.ICMP_ECHO, to="{neutral_host}", at_most=_FEW + _MORE),),
    within_s=10,
    background=True,
)
def packet_loss(target: Target, net: Net) -> Iterator[Seen]:
    begun = net.clock()
    replies = echoes(net, target.neutral_host, _FEW, _SOON_S)
    if any(reply.reason == "timeout" for reply in replies):
        replies = echoes(net, target.neutral_host, _MORE, _PATIENCE_S)
    yield judged(replies, target.neutral_host, begun)


def echoes(net: Net, ip: str, count: int, patience_s: float) -> list[Reply]:
    """The answers to so many echoes, sent a little apart: a burst would fall into one gap, or make
    one.
    """

    def ask(place: int) -> Reply:
        net.sleep(place * _APART_S)
        return net.ping(ip, patience_s)

    return net.together([partial(ask, place) for place in range(count)])


def judged(replies: Sequence[Reply], host: str, begun: float) -> Seen:
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
    lost = len(replies) - len(trips)
    is_lossy = lost >= _TOO_MANY * len(replies)
    data = (("rtt_ms", min(trips)), ("sent", len(replies)), ("lost", lost))
    outcome, reason = (Outcome.FAILED, "lossy") if is_lossy else (Outcome.OK, "")
    return Seen(
        fact="internet.loss", outcome=outcome, reason=reason, target=host, at=begun, data=data
    )
