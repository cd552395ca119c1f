"""Which Wi-Fi networks does this computer hear, and in which is it itself, on which band?

Sends: one Wi-Fi scan (probe requests on each channel, on Linux of 2.4 GHz alone, for every network
and for the one named), where this user may; else nothing, and the list is what the system kept.
Where the one named answers and its beacons are not heard, its channel is listened to once more.
Settles: computer.scan, computer.wifi: facts about this computer, not the network.
Cannot tell: what the device hears where it stands. A computer on 5 GHz shows nothing about 2.4 GHz,
the only band that a Photon has.
Source: IEEE 802.11-2020 §11.1.4 (scanning); what the systems tell of their adapters.
"""

from __future__ import annotations

from collections.abc import Iterator

from netcheck.model import Outcome, Scalar, Stage, Target
from netcheck.probing import Kind, Net, Seen, Traffic, WifiScan, probe, ssid_text

_SCAN_S = 18.0
_TO = "everybody in Wi-Fi range: probe requests on each channel, also for the network named"


@probe(
    stage=Stage.POWER,  # before the others: a scan takes the radio off its channel for a moment
    settles={"computer.scan", "computer.wifi"},
    sends=[Traffic(kind=Kind.WIFI_SCAN, to=_TO, at_most=1)],
    within_s=_SCAN_S,
)
def wifi_scan(target: Target, net: Net) -> Iterator[Seen]:
    scan = net.wifi_scan(target.ssid)
    yield _listed(scan)
    yield _joined(scan, net)


def _listed(scan: WifiScan) -> Seen:
    """Whether there is a list, whether it is new, and what would help."""
    data: dict[str, Scalar] = {"networks": len(scan.found), "scans": scan.scans}
    if scan.interface:
        data["interface"] = scan.interface
    if scan.age_s is not None:
        data["age_s"] = round(scan.age_s, 1)
    if scan.says:
        data["says"] = scan.says
    outcome, reason = Outcome.OK, ""
    if not scan.found:
        kept = "" if scan.reason == "cached" else scan.reason
        outcome, reason = Outcome.FAILED, kept or "nothing_heard"
        if scan.is_fresh and not scan.is_whole:
            outcome = Outcome.UNCLEAR  # there may be networks on the other bands
    elif scan.reason == "withheld":
        outcome, reason = Outcome.FAILED, scan.reason
    elif not scan.is_fresh:
        outcome, reason = Outcome.UNCLEAR, "cached"
    return Seen(fact="computer.scan", outcome=outcome, reason=reason, data=tuple(data.items()))


def _joined(scan: WifiScan, net: Net) -> Seen:
    """The access point that this computer is in; unclear where only the name is known."""
    own = scan.joined
    if own is None:
        name = net.ssid()
        data = (("ssid", name),) if name else ()
        outcome = Outcome.UNCLEAR if name else Outcome.FAILED
        return Seen(
            fact="computer.wifi", outcome=outcome, reason="needs" if name else "absent", data=data
        )
    known: dict[str, Scalar] = {
        "ssid": ssid_text(own.description.ssid) or net.ssid(),
        "band_ghz": float(own.band or 0),
        "channel": own.channel,
        "bssid": own.bssid,
        "interface": scan.interface,
    }
    told = {name: value for name, value in known.items() if value}
    if own.signal_dbm is not None:
        told["here_dbm"] = own.signal_dbm
    return Seen(fact="computer.wifi", outcome=Outcome.OK, data=tuple(told.items()))
