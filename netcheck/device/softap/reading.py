"""What the device says over its own access point, as observations: who it is, and what its own
radio hears.

Its scan is the only view of its radio that needs no program on it. The device is in listening mode
then, and so off its network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netcheck.device.softap import framing, route
from netcheck.device.softap.answers import DeviceKey, Scan, ScannedNetwork
from netcheck.device.softap.dialogue import SoftApDialogue, SoftApReading, SoftApTransport
from netcheck.device.softap.route import LocalNetworks, SoftApRoute
from netcheck.host.interfaces import InterfaceAddress
from netcheck.model import NAMELESS, Observation, Outcome, Scalar, Struct, Target
from netcheck.vocabulary import FACTS
from netcheck.wifi.names import similar_name

SOURCE = "device:softap"
RANK = 6
"""A device that tells its own id cannot be better identified."""
WEAK_DBM, GOOD_DBM = -80, -65
"""Below the one joining fails, above the other it does not fail for the signal (Particle docs:
Troubleshooting Wi-Fi on the Photon).
"""

Data = tuple[tuple[str, Scalar], ...]


class WantedNetworks(Struct, frozen=True, kw_only=True):
    """The networks that the device should join, and whether one that hides its name is among
    them.
    """

    names: tuple[str, ...] = ()
    has_hidden: bool = False


class SoftApHost(Struct, frozen=True, kw_only=True):
    """What this needs of the computer: its links, a transport over one of them, a pause of so many
    seconds, UTC seconds since 1970.
    """

    local_networks: Callable[[], LocalNetworks]
    transport: Callable[[InterfaceAddress], SoftApTransport]
    pause: Callable[[float], None]
    now: Callable[[], float]


def this_computer() -> SoftApHost:
    """The computer that this runs on."""
    import time

    from netcheck.device.softap import sockets

    return SoftApHost(
        local_networks=sockets.local_networks,
        transport=sockets.SoftApSockets,
        pause=time.sleep,
        now=time.time,
    )


def observe(target: Target, wanted: WantedNetworks, host: SoftApHost) -> Iterator[Observation]:
    """Ask the device whose access point this computer has joined; what it told before an
    interruption is yielded all the same.
    """
    path, at = route.choose(host.local_networks(), target.interface), host.now()
    if path.link is None:
        yield from understood(SoftApReading(reason=path.reason), path, target, wanted, at)
        return
    dialogue = SoftApDialogue(host.transport(path.link), host.pause)
    try:
        dialogue.run()
    except KeyboardInterrupt:
        yield from (
            understood(dialogue.reading, path, target, wanted, at)
            if dialogue.reading.identity
            else ()
        )
        raise
    yield from understood(dialogue.reading, path, target, wanted, at)


def understood(
    reading: SoftApReading, path: SoftApRoute, target: Target, wanted: WantedNetworks, at: float
) -> Iterator[Observation]:
    """The observations of one dialogue."""
    name = reading.identity.id if reading.identity else target.device or NAMELESS

    def seen(
        fact: str,
        outcome: Outcome,
        data: Data = (),
        reason: str = "",
        goal: str = "",
        ref: str = "",
    ) -> Observation:
        return Observation(
            stage=FACTS[fact].stage,
            fact=fact,
            outcome=outcome,
            reason=reason,
            subject=name,
            target=goal,
            source=SOURCE,
            site=target.site,
            at=at,
            data=data,
            ref=f"softap:{ref}" if ref else "",
        )

    reason = why_unanswered(reading, path)
    outcome = Outcome.FAILED if reason else Outcome.OK
    data: dict[str, Scalar] = {
        "interface": path.interface,
        "rivals": " ".join(path.rivals),
        "over": reading.over,
        "questions": reading.questions,
    }
    kept: Data = tuple((key, value) for key, value in data.items() if value)
    yield seen("softap.reach", outcome, kept, reason, framing.ADDRESS)
    if reading.identity is not None:
        yield from _of_device(reading, seen)
    if reading.scan is not None:
        yield from of_scan(reading.scan, wanted, seen)


def why_unanswered(reading: SoftApReading, path: SoftApRoute) -> str:
    """Why nothing came; empty where something did. A silence has its reason in this computer's
    other networks, if those may be it.
    """
    if reading.reason not in ("timeout", "not_photon", "silent"):
        return reading.reason
    if path.rivals:
        return "route_conflict"
    return reading.reason if path.is_plausible else "other_network"


Seen = Callable[..., Observation]


def _of_device(reading: SoftApReading, seen: Seen) -> Iterator[Observation]:
    """Who it is, and its mark of having been claimed; that it answers here at all shows its
    mode.
    """
    assert reading.identity is not None
    yield seen(
        "device.identity",
        Outcome.OK,
        (("id", reading.identity.id), ("sign", "softap"), ("rank", RANK)),
        ref="device-id",
    )
    yield seen("device.mode", Outcome.OK, (("value", "listening"),), ref="device-id")
    if reading.identity.claimed is not None:
        outcome, reason = (
            (Outcome.OK, "") if reading.identity.claimed else (Outcome.FAILED, "unclaimed")
        )
        yield seen("device.claimed", outcome, (), reason, ref="device-id")
    if isinstance(reading.key, DeviceKey):
        yield seen(
            "device.key",
            Outcome.OK,
            (("key_sha256", reading.key.sha256), ("key_head", reading.key.head)),
            ref="public-key",
        )
    elif reading.key is not None:
        yield seen(
            "device.key",
            Outcome.FAILED,
            (("number", reading.key.error),),
            "unreadable",
            ref="public-key",
        )


# ---------------------------------------------------------------------------------------- its radio


def of_scan(scan: Scan, wanted: WantedNetworks, seen: Seen) -> Iterator[Observation]:
    yield _of_radio(scan, seen)
    if scan.is_whole and not scan.networks:
        for name in dict.fromkeys(wanted.names) or [""]:
            yield seen(
                "wifi.network",
                Outcome.FAILED,
                (),
                "nothing_heard",
                f"ssid:{name}" if name else "",
                "scan-ap",
            )
        return
    for name in dict.fromkeys(wanted.names):
        yield from _of_network(name, scan, seen, is_maybe_hidden=wanted.has_hidden)


def _of_radio(scan: Scan, seen: Seen) -> Observation:
    """Does the radio hear anything, and how well? An empty list that was cut says nothing."""
    strongest = max((one.rssi_dbm for one in scan.networks), default=None)
    data: Data = (
        ("networks", len(scan.networks)),
        *((("strongest_dbm", strongest),) if strongest is not None else ()),
    )
    if strongest is None:
        outcome, reason = (
            (Outcome.FAILED, "nothing_heard") if scan.is_whole else (Outcome.UNCLEAR, "malformed")
        )
    elif strongest < WEAK_DBM and not scan.is_whole:
        outcome, reason = Outcome.UNCLEAR, "malformed"
    else:
        outcome, reason = _strength(strongest)
    return seen("wifi.scan", outcome, data, reason, ref="scan-ap")


def _of_network(
    name: str, scan: Scan, seen: Seen, *, is_maybe_hidden: bool
) -> Iterator[Observation]:
    """Whether a wanted network is in the list, whether the radio can join it, and how strong it
    is.
    """
    offers = sorted(
        (one for one in scan.networks if one.name == name),
        key=lambda one: (bool(one.obstacle()), -one.rssi_dbm),
    )
    goal = f"ssid:{name}"
    if not offers:
        yield _not_in_scan(name, scan, seen, is_maybe_hidden=is_maybe_hidden)
        return
    best = offers[0]
    outcome, reason = _suits(best)
    data: Data = (("channel", best.channel), ("rssi_dbm", best.rssi_dbm), ("security", best.sec))
    yield seen("wifi.network", outcome, data, reason, goal, "scan-ap")
    outcome, reason = _strength(best.rssi_dbm)
    yield seen("wifi.signal", outcome, (("rssi_dbm", best.rssi_dbm),), reason, goal, "scan-ap")


def _strength(rssi_dbm: int) -> tuple[Outcome, str]:
    if rssi_dbm < WEAK_DBM:
        return Outcome.FAILED, "weak"
    return (Outcome.OK, "") if rssi_dbm > GOOD_DBM else (Outcome.UNCLEAR, "fair")


def _suits(best: ScannedNetwork) -> tuple[Outcome, str]:
    if not best.has_known_security:
        return Outcome.UNCLEAR, "unknown_security"
    obstacle = best.obstacle()
    return (Outcome.FAILED, obstacle) if obstacle else (Outcome.OK, "")


def _not_in_scan(name: str, scan: Scan, seen: Seen, *, is_maybe_hidden: bool) -> Observation:
    """A name that is missing. Hidden names are left out of the list, and what was cut off may have
    held it.
    """
    goal = f"ssid:{name}"
    if is_maybe_hidden or not scan.is_whole:
        return seen(
            "wifi.network",
            Outcome.UNCLEAR,
            (),
            "not_in_scan" if scan.is_whole else "malformed",
            goal,
            "scan-ap",
        )
    similar = similar_name(name, (one.name for one in scan.networks))
    data: Data = (("similar", similar),) if similar else ()
    return seen(
        "wifi.network",
        Outcome.FAILED,
        data,
        "similar_name" if similar else "not_in_scan",
        goal,
        "scan-ap",
    )
