"""Did the access point take the station, and if it never tried: what on the air could have kept it
away?

A try begins with an authentication, or an association without one, and ends with the next answer
that settles it. Status and reason codes are those of IEEE 802.11-2020 §9.4.1.9 and §9.4.1.7; who
sends a reason decides what it means. A station that reads beacons never tries an access point that
does not suit it: then the beacons themselves are the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netcheck.capture.observations import SECOND_NS, saw
from netcheck.capture.protocols.wifi_frames import Air, Dealing, Sighting
from netcheck.model import Observation, Outcome, Scalar

FULL = frozenset({17, 5, 82})
SECURITY = frozenset({31, 40, 41, 42, 43, 44, 45, 46})
TOO_WEAK = 34
HANDSHAKE_FAILED = frozenset({1, 2, 14, 15, 23})
ENOUGH_PROBES = 2


class Joining:
    """Observations about joining, for every station."""

    def __init__(self, air: Air) -> None:
        self.networks = sorted(air.networks.values(), key=lambda s: (s.at_ns, s.source, s.number))
        self.stations = {mac: _once(dealings) for mac, dealings in air.stations.items()}

    def observations(self, devices: set[str]) -> Iterator[Observation]:
        """Everybody's tries, and for the devices what the air offers them."""
        for station, dealings in sorted(self.stations.items()):
            tries = list(_tries(dealings))
            yield from (self._try(station, one) for one in tries)
            if station in devices:
                yield from self._offers(station, dealings, tried=bool(tries))

    def _try(self, station: str, dealings: list[Dealing]) -> Observation:
        outcome, reason, witness = self._judged(dealings)
        data: list[tuple[str, Scalar]] = [("bssid", dealings[0].bssid)]
        if witness.code:
            data.append(("code", witness.code))
        others = [s for s in self._of(dealings[0].bssid) if s.offer.ssid]
        if others:
            data.append(("ssid", others[0].offer.ssid.decode("utf-8", "backslashreplace")))
            data.append(
                (
                    "other_band",
                    any(
                        s.offer.ssid == others[0].offer.ssid and not s.offer.is_2ghz
                        for s in self.networks
                    ),
                )
            )
        return saw(
            "wifi.join",
            outcome,
            reason,
            subject=station,
            target=dealings[0].bssid,
            at_ns=dealings[0].at_ns,
            end_ns=witness.at_ns,
            data=data,
            places=dealings[:10],
        )

    def _of(self, bssid: str) -> list[Sighting]:
        return [sighting for sighting in self.networks if sighting.bssid == bssid]

    def _judged(self, dealings: list[Dealing]) -> tuple[Outcome, str, Dealing]:
        """What a try came to, and the frame that decides it."""
        kinds = {dealing.kind for dealing in dealings}
        last = dealings[-1]
        refused = next(
            (d for d in dealings if d.kind in ("auth_answer", "assoc_answer") and d.code), None
        )
        if refused is not None:
            return Outcome.FAILED, _refusal(refused.code), refused
        if "key3" in kinds or "key4" in kinds:
            return Outcome.OK, "", last
        leave = next((d for d in dealings if d.kind == "leave"), None)
        keys = [d for d in dealings if d.kind == "key1"]
        if "key2" in kinds and (
            len(keys) > 1 or (leave is not None and leave.code in HANDSHAKE_FAILED)
        ):
            return Outcome.FAILED, "wrong_password", leave or last
        if len(keys) > 1:
            return Outcome.FAILED, "timeout", last
        if "assoc_answer" in kinds and not keys and self._is_open(dealings[0].bssid):
            return Outcome.OK, "", last
        if not any(not d.up for d in dealings) and len(dealings) > 1:
            return Outcome.FAILED, "timeout", last
        return Outcome.UNCLEAR, "cut_off", last

    def _is_open(self, bssid: str) -> bool:
        return any(
            not s.offer.is_private and s.offer.rsn is None and s.offer.wpa is None
            for s in self._of(bssid)
        )

    # -- without a try

    def _offers(
        self, station: str, dealings: list[Dealing], *, tried: bool
    ) -> Iterator[Observation]:
        """What the network the station asks for by name offers, where that could keep it away."""
        probes = [d for d in dealings if d.kind == "probe"]
        wanted = {d.ssid for d in dealings if d.kind in ("probe", "assoc") and d.ssid}
        if not self.networks or not wanted:
            return
        for ssid in sorted(wanted):
            offers = [s for s in self.networks if s.offer.ssid == ssid]
            outcome, reason = self._suits(offers, probes, tried=tried)
            if outcome is Outcome.UNCLEAR:
                continue
            yield saw(
                "wifi.network",
                outcome,
                reason,
                subject=station,
                target=f"ssid:{ssid.decode('utf-8', 'backslashreplace')}",
                at_ns=probes[0].at_ns if probes else dealings[0].at_ns,
                data=[("channel", next((s.offer.channel for s in offers if s.offer.channel), 0))],
                places=[*offers[:3], *probes[:3]],
            )

    def _suits(
        self, offers: list[Sighting], probes: list[Dealing], *, tried: bool
    ) -> tuple[Outcome, str]:
        """Is there an access point of that name that a Photon can join? Never tried, and none
        suits: that is why.
        """
        if not offers:
            asked = len([d for d in probes if d.ssid]) >= ENOUGH_PROBES
            return (Outcome.FAILED, "not_on_air") if asked and not tried else (Outcome.UNCLEAR, "")
        obstacles = [s.offer.obstacle() for s in offers]
        if "" not in obstacles:
            return Outcome.FAILED, next((o for o in obstacles if o != "only_5ghz"), obstacles[0])
        reachable = [s for s in offers if not s.offer.obstacle()]
        if not tried and all(self._is_shunned(s, probes) for s in reachable):
            return Outcome.FAILED, "channel"
        return Outcome.OK, ""

    def _is_shunned(self, sighting: Sighting, probes: list[Dealing]) -> bool:
        """Is it on channel 12 to 14, where the station was never heard to ask?"""
        channel = sighting.offer.channel or 0
        heard_there = [
            d
            for d in probes
            if d.frequency_mhz is not None and d.frequency_mhz == 2407 + 5 * channel
        ]
        return 12 <= channel <= 14 and not heard_there


def _refusal(code: int) -> str:
    if code in FULL:
        return "full"
    if code in SECURITY:
        return "other_security"
    return "weak" if code == TOO_WEAK else "refused"


def _once(dealings: Iterable[Dealing]) -> list[Dealing]:
    """In order of time, what two monitors heard or was sent again counted once."""
    seen: dict[tuple[object, ...], int] = {}
    kept = []
    for dealing in sorted(dealings):
        what = (dealing.kind, dealing.bssid, dealing.up, dealing.code, dealing.ssid)
        before = seen.get(what)
        seen[what] = dealing.at_ns
        if before is None or dealing.at_ns - before > SECOND_NS // 200:
            kept.append(dealing)
    return kept


def _tries(dealings: Iterable[Dealing]) -> Iterator[list[Dealing]]:
    """The dealings of each try to join one access point."""
    current: list[Dealing] = []
    for dealing in dealings:
        if dealing.kind in ("probe", "probe_answer"):
            continue
        begins = dealing.kind == "auth" and dealing.up
        answered = any(d.kind != "auth" for d in current)
        if current and (
            dealing.bssid != current[0].bssid
            or (begins and (answered or dealing.at_ns - current[-1].at_ns > SECOND_NS))
        ):
            yield current
            current = []
        if current or dealing.kind in ("auth", "assoc", "key1"):
            current.append(dealing)
    if current:
        yield current
