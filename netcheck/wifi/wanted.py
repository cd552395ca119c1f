"""The network that a Photon is to join, in a computer's scan: is it on 2.4 GHz, can the module join
it, and what about it is known to make trouble? Pure.

What keeps the module out, or may, is `netcheck.wifi.compatibility`, with its sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.model import Outcome, Scalar, Struct
from netcheck.text.known import ssid_data
from netcheck.wifi.compatibility import Joins, Remark, compatibility
from netcheck.wifi.names import similar_name, ssid_text
from netcheck.wifi.scan import ScannedBss, WifiScan

WEAK_DBM = -80
"""Particle docs, Wi-Fi connectivity troubleshooting guide: below, joins fail or links drop."""
BUSY, CROWD, OVERLAP = 0.6, 10, 4
"""A channel is crowded where its access point finds it busy so much of the time, or where so many
others are fewer than five channels away (IEEE 802.11-2020 §15.4.4: channels of 22 MHz, 5 MHz
apart).
"""
ENOUGH_SCANS = 2
"""One scan may miss an access point: a list is sure of what is missing after the second."""
_OF_ELEMENTS = "unsupported_mode"
"""The reason of remarks that rest on elements which a tool's list does not have."""


class OfferedNetwork(Struct, frozen=True, kw_only=True):
    """Is the network there, and can a Photon join it? `reason` is one of
    `netcheck.vocabulary.reasons`.
    """

    outcome: Outcome
    reason: str = ""
    data: tuple[tuple[str, Scalar], ...] = ()


def named(scan: WifiScan, name: str) -> list[ScannedBss]:
    """The access points of that name, as its owner types it or as `ssid_text` shows it."""
    typed = name.encode("utf-8", "surrogateescape")
    return [
        one
        for one in scan.found
        if one.description.ssid
        and (one.description.ssid == typed or ssid_text(one.description.ssid) == name)
    ]


def title(scan: WifiScan, name: str) -> str:
    """The name as observations show it, whether it was typed or is shown so already."""
    own = named(scan, name)
    return ssid_text(own[0].description.ssid if own else name.encode("utf-8", "surrogateescape"))


def is_to_scan_again(scan: WifiScan, name: str) -> bool:
    """Is something missing that a second scan may find?"""
    return scan.is_fresh and scan.scans < ENOUGH_SCANS and not _near(named(scan, name))


def offered(scan: WifiScan, name: str, firmware: str = "") -> OfferedNetwork:
    """What the scan shows of that network, for a Photon with that Device OS (empty: not known)."""
    own = named(scan, name)
    near = _near(own)
    if not own:
        return _missing(scan, name)
    if not near:
        outcome = Outcome.FAILED if _is_sure(scan) else Outcome.UNCLEAR
        return OfferedNetwork(outcome=outcome, reason="only_5ghz", data=_data(own, own))
    known = [one for one in near if one.has_security]
    if not known:
        return OfferedNetwork(outcome=Outcome.UNCLEAR, reason="needs", data=_data(near, own))
    reasons = [_what_keeps_out(one, firmware) for one in known]
    if "" in reasons:
        suitable = [one for one, why in zip(known, reasons, strict=True) if not why]
        return OfferedNetwork(outcome=Outcome.OK, data=_data(suitable, own))
    strongest = _strongest(known)
    reason = reasons[known.index(strongest)]
    return OfferedNetwork(outcome=Outcome.FAILED, reason=reason, data=_data([strongest], own))


def remarks(scan: WifiScan, name: str, firmware: str = "") -> Iterator[tuple[str, str]]:
    """What is odd about the network without keeping a Photon out for sure: a reason, and a sentence
    with its source.
    """
    own = named(scan, name)
    near = _near(own)
    if near and len(own) > len(near):
        yield "two_bands", "the name is on 5 or 6 GHz, too: the access point may send devices there"
    if dict(ssid_data(name)).get("characters") == "odd":
        yield "odd_name", "the name has characters that some set-up apps change"
    if not near:
        return
    if all(one.is_hidden for one in near):
        yield (
            "hidden",
            "the name is hidden: type the name, and choose security and cipher yourself",
        )
    if len({_kind_of_security(one) for one in near if one.has_security}) > 1:
        yield "mixed_security", "access points of this name differ in their security"
    strongest = _strongest(near)
    if strongest.signal_dbm is not None and strongest.signal_dbm < WEAK_DBM:
        yield "weak", f"this computer hears it with {strongest.signal_dbm} dBm alone"
    yield from _crowd(scan, strongest, own)
    yield from _doubts(strongest, firmware)


def _near(own: Sequence[ScannedBss]) -> list[ScannedBss]:
    return [one for one in own if one.band in ("2.4", "")]


def _strongest(some: Sequence[ScannedBss]) -> ScannedBss:
    return max(some, key=lambda one: -999 if one.signal_dbm is None else one.signal_dbm)


def _missing(scan: WifiScan, name: str) -> OfferedNetwork:
    """No access point of that name: a name that is nearly the same is said, and nothing is sure
    where the system keeps names to itself.
    """
    if scan.reason == "withheld" or not scan.found:
        return OfferedNetwork(outcome=Outcome.UNCLEAR, reason=scan.reason or "nothing_heard")
    every = {one.description.ssid for one in scan.found if one.description.ssid}
    names = {ssid.decode("utf-8", "replace"): ssid for ssid in every}
    similar = similar_name(name, sorted(names))
    if similar and _is_sure(scan):
        data: tuple[tuple[str, Scalar], ...] = (("similar", ssid_text(names[similar])),)
        return OfferedNetwork(outcome=Outcome.FAILED, reason="not_on_air", data=data)
    return OfferedNetwork(outcome=Outcome.UNCLEAR, reason="not_on_air")


def _is_sure(scan: WifiScan) -> bool:
    """Is what the list lacks on 2.4 GHz missing indeed? After a second scan; of a list that the
    system kept, if others on 2.4 GHz are in it.
    """
    if scan.is_fresh:
        return scan.scans >= ENOUGH_SCANS
    return any(one.band == "2.4" for one in scan.found)


def _what_keeps_out(one: ScannedBss, firmware: str) -> str:
    """The reason why a Photon cannot join it; empty where it can, or may."""
    found = compatibility(one.description, firmware)
    if found.joins is Joins.NEVER and not _is_guess(found.remarks[0], one):
        return found.remarks[0].reason
    return one.description.obstacle()


def _kind_of_security(one: ScannedBss) -> str:
    return one.description.obstacle() or one.description.security


def _doubts(one: ScannedBss, firmware: str) -> Iterator[tuple[str, str]]:
    """What nobody knows of it; sources stand beside the rules."""
    for remark in compatibility(one.description, firmware).remarks:
        is_said = remark.reason in ("", one.description.obstacle())
        if remark.joins is Joins.UNKNOWN and not is_said and not _is_guess(remark, one):
            yield remark.reason, remark.says
    if one.has_elements and one.description.security == "tkip":
        yield "other_security", "it takes TKIP alone: store it with WPA or WPA2 and TKIP"


def _is_guess(remark: Remark, one: ScannedBss) -> bool:
    return not one.has_elements and remark.reason == _OF_ELEMENTS


def _crowd(
    scan: WifiScan, strongest: ScannedBss, own: Sequence[ScannedBss]
) -> Iterator[tuple[str, str]]:
    if strongest.utilization is not None and strongest.utilization > BUSY:
        share = round(100 * strongest.utilization)
        yield "crowded", f"its access point finds the channel busy for {share} percent of the time"
        return
    beside = [
        one
        for one in scan.found
        if one not in own
        and one.band == "2.4"
        and strongest.channel
        and abs(one.channel - strongest.channel) <= OVERLAP
    ]
    if len(beside) >= CROWD:
        yield "crowded", f"{len(beside)} other access points share its channel or overlap it"


def _data(shown: Sequence[ScannedBss], own: Sequence[ScannedBss]) -> tuple[tuple[str, Scalar], ...]:
    one, near = _strongest(shown), _near(own)
    data: list[tuple[str, Scalar]] = [("bssid", one.bssid)] if one.bssid else []
    data += [("on_2ghz", bool(near)), ("other_band", len(own) > len(near))]
    data += [("channel", one.channel)] if one.channel else []
    data += [("here_dbm", one.signal_dbm)] if one.signal_dbm is not None else []
    return tuple(data) if one.has_elements else (*data, ("coarse", True))
