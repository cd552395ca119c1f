"""Login pages that hide: announced, shown to some, or seen only by what they let pass."""

from __future__ import annotations

from collections.abc import Sequence

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.query import anyone, own, rule
from netcheck.model import Observation, Outcome
from netcheck.photon.addresses import NO_PORTAL

_OUTSIDE = ("internet.test", "internet.reach", "tcp.cloud")


def _announced(view: View) -> list[Observation]:
    """DHCP offers by any server that name the interface of a login page."""
    offers = view.attempt.by_witness["any"].get("dhcp.options", ())
    return [o for o in offers if o.text("portal") not in ("", NO_PORTAL)]


@rule
def cloud_answered_the_device(view: View) -> Sequence[Observation]:
    """The cloud answered the device, or this computer, on a network that does not announce that
    it lets each MAC in by itself.
    """
    nonces = own(view, "handshake.nonce", ok=True)
    return [o for o in nonces if not (o.source.startswith("probe:") and _announced(view))]


@rule
def other_ports_pass(view: View) -> Sequence[Observation]:
    """Hosts outside answer the device on ports that no login page leaves open."""
    return view.passes_on_other_ports


@rule
def login_page_for_some(view: View) -> Sequence[Observation]:
    """Only hosts that phones ask to find a login page answer; for another such host a page comes,
    and all else outside is silent.
    """
    pages = view.attempt.by_witness["any"].get("internet.redirect", ())
    strange = [o for o in pages if o.outcome is Outcome.UNCLEAR and o.reason == "differs"]
    silent = [
        o
        for fact in _OUTSIDE
        for o in own(view, fact, "timeout", "prohibited", "refused", "reset", "unreachable")
    ]
    let_through = {
        o.target.partition(":")[0]
        for fact in ("internet.redirect", "internet.tls")
        for o in anyone(view, fact, ok=True)
    }
    is_open = any(
        o.target.partition(":")[0] not in let_through
        for fact in _OUTSIDE
        for o in own(view, fact, ok=True)
    )
    held = {o.fact for o in silent}
    is_held = "tcp.cloud" in held and len(held) > 1 and not is_open
    return [*strange, *silent] if strange and is_held else ()
