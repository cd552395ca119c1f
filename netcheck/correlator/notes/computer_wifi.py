"""Notes on this computer's own Wi-Fi: on which band it is, what its scan shows of the Photon's
network, and whether both use one access point.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation

PHOTON_BAND_GHZ = 2.4
_NOT_JOINED = {
    "not_on_air": "scan_not_on_air",
    "only_5ghz": "scan_only_5ghz",
    "needs": "scan_needs",
}
"""Reason of `wifi.network` → what is said of it."""


def notes(observations: Sequence[Observation], names: Collection[str]) -> Iterator[Note]:
    """The band first: what a computer reaches on 5 GHz shows nothing about 2.4 GHz. `names`: the
    subjects by which the device is known.
    """
    own = _newest(observations, "computer.wifi")
    if own is not None and own.ok and own.number("band_ghz"):
        yield from _band(own)
        yield from _beside(own, [o for o in observations if o.subject in names])
    yield from _scan(_newest(observations, "computer.scan"))
    for o in observations:
        if o.source.startswith("probe:"):
            yield from _network(o)


def _band(own: Observation) -> Iterator[Note]:
    band = own.number("band_ghz") or 0
    kind = "own_band" if band == PHOTON_BAND_GHZ else "own_band_other"
    yield note(kind, ssid=own.text("ssid"), band=f"{band:g}", channel=own.text("channel"))


def _beside(own: Observation, device: Iterable[Observation]) -> Iterator[Note]:
    """Whether the device joined the access point that this computer is in."""
    joined = [o for o in device if o.fact == "wifi.join" and o.ok and ":" in o.target]
    if not joined or not own.text("bssid"):
        return
    theirs = max(joined, key=lambda o: o.at).target
    same = theirs == own.text("bssid")
    yield note("same_access_point" if same else "other_access_point", bssid=theirs)


def _scan(listed: Observation | None) -> Iterator[Note]:
    if listed is None or listed.ok:
        return
    if listed.reason == "cached":
        age = listed.number("age_s")
        yield note(
            "scan_cached", age="" if age is None else f", {age:.0f} s old", says=_says(listed)
        )
    elif listed.text("says"):
        yield note("scan_hindered", says=_says(listed))
    else:
        yield note("scan_empty")


def _network(o: Observation) -> Iterator[Note]:
    """What is odd about the Photon's network, or that it was not found."""
    ssid = o.target.removeprefix("ssid:")
    if o.fact == "wifi.offer" and o.text("says"):
        yield note("network_offers", ssid=ssid, says=o.text("says"))
    if o.fact != "wifi.network" or o.ok:
        return
    if o.text("similar"):
        yield note("scan_similar", ssid=ssid, similar=o.text("similar"))
    elif o.reason in _NOT_JOINED:
        yield note(_NOT_JOINED[o.reason], ssid=ssid)


def _says(o: Observation) -> str:
    return o.text("says").rstrip(".")


def _newest(observations: Iterable[Observation], fact: str) -> Observation | None:
    return max((o for o in observations if o.fact == fact), key=lambda o: o.at, default=None)
