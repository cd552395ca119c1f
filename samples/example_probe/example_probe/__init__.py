"""Does the gateway show a web page, where its settings could be looked up?

Sends: one TCP connection to port 80 of the gateway, and no byte on it.
Settles: example.gateway_web (a fact of our own, so it has our own prefix, and says what it means).
Source: RFC 9293 §3.5.

`causes/` holds a cause that this fact shows: one file a cause, in the folder of its rung.
"""

from collections.abc import Iterator

from netcheck.model import Stage, Target
from netcheck.probing import CannotRun, Kind, Net, OwnFact, Seen, Traffic, probe, seen


@probe(
    stage=Stage.GATEWAY,
    facts={
        "example.gateway_web": OwnFact(
            meaning="the gateway shows a web page with its settings",
            stops_connection=False,  # a Photon needs no such page
        )
    },
    sends=[Traffic(kind=Kind.TCP_CONNECTION, to="the gateway, port 80", at_most=1)],
    within_s=4,
)
def gateway_web(target: Target, net: Net) -> Iterator[Seen]:
    gateway = net.vantage().gateway
    if gateway is None:
        raise CannotRun("needs a gateway; join the device's network first")
    yield seen("example.gateway_web", net.connect(gateway, 80, timeout_s=2), f"{gateway}:80")
