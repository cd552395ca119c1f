"""Is the Photon's Wi-Fi network on 2.4 GHz, and does it offer what the Photon's radio can do?

Sends: a second Wi-Fi scan, of every band, where the first did not find the network on 2.4 GHz: one
may miss it.
Settles: wifi.network, wifi.offer. The network is the one named (--tell ssid=NAME), else the one
that this computer is in.
Cannot tell: whether the device hears it where it stands, which name and security it has stored, or
whether it is refused: that takes its own words or a capture of Wi-Fi frames.
Source: IEEE 802.11-2020 §9.4.2 (elements); what the module has: Particle docs (Photon datasheet),
device-os@v1.5.2:hal/src/photon/wlan_hal.cpp, device-os@v1.1.0:CHANGELOG.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Stage, Target
from netcheck.probing import Kind, Net, Seen, Traffic, WifiScan, probe, skipped, ssid_text
from netcheck.probing import wanted_network as wanted

_TO = "everybody in Wi-Fi range: probe requests on each channel, also for the network named"
_SCAN_S = 18.0
_NO_NAME = "which network the Photon is to join is not known: say so by --tell ssid=NAME"


@probe(
    stage=Stage.RADIO,
    settles={"wifi.network", "wifi.offer"},
    sends=[Traffic(kind=Kind.WIFI_SCAN, to=_TO, at_most=2)],
    within_s=_SCAN_S,
)
def wifi_band(target: Target, net: Net) -> Iterator[Seen]:
    scan = net.wifi_scan(target.ssid)
    name = target.ssid or _own_name(scan, net)
    if name and wanted.is_to_scan_again(scan, name):
        scan = net.wifi_scan(target.ssid, again=True)
    hindrance = _hindrance(scan, name)
    if hindrance:
        for fact in ("wifi.network", "wifi.offer"):
            yield skipped(fact, "needs" if name else "not_asked", says=hindrance)
        return
    goal = f"ssid:{wanted.title(scan, name)}"
    offered = wanted.offered(scan, name, target.firmware)
    yield Seen(
        fact="wifi.network",
        outcome=offered.outcome,
        reason=offered.reason,
        target=goal,
        data=offered.data,
    )
    odd = list(wanted.remarks(scan, name, target.firmware))
    for reason, says in odd:
        yield Seen(
            fact="wifi.offer",
            outcome=Outcome.UNCLEAR,
            reason=reason,
            target=goal,
            data=(("says", says),),
        )
    if not odd:
        outcome = Outcome.OK if wanted.named(scan, name) else Outcome.UNCLEAR
        reason = "" if outcome is Outcome.OK else "not_on_air"
        yield Seen(fact="wifi.offer", outcome=outcome, reason=reason, target=goal)


def _own_name(scan: WifiScan, net: Net) -> str:
    """The network that this computer is in; empty where it is in none, or does not say."""
    own = scan.joined
    return (ssid_text(own.description.ssid) if own else "") or net.ssid()


def _hindrance(scan: WifiScan, name: str) -> str:
    """Why the network cannot be judged; empty where it can."""
    if not scan.found:
        return scan.says or "the scan found no network at all"
    return "" if name else _NO_NAME
