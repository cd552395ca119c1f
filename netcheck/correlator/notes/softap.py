"""What to say of a device asked over its own access point: one sentence for how that ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netcheck.model import Observation

AGAIN = "and run this again"
LISTEN = "hold its SETUP button for 3 s until it blinks blue"
JOIN = (
    f"put the Photon into listening mode ({LISTEN}), join its network Photon-XXXX with this"
    f" computer, {AGAIN}"
)

_WHY = {
    "other_network": f"This computer has not joined the Photon's own network: {JOIN}.",
    "no_address": (
        "This computer got no address from the Photon's own network{on}: join it anew and let it"
        f" ask for an address by itself (DHCP, no fixed address), {AGAIN}; if it never gets one,"
        " press RESET and enter listening mode anew."
    ),
    "route_conflict": (
        "Another network of this computer{other} uses 192.168.0.x as well, and what answers"
        f" there is not the Photon: disconnect that one, stay on the Photon's network, {AGAIN}."
    ),
    "mobile_data": (
        "Packets for the Photon would leave by mobile data{on}: switch mobile data off, stay on"
        f" the network Photon-XXXX although it has no Internet, {AGAIN}."
    ),
    "not_photon": (
        f"Something else than a Photon answers at 192.168.0.1{{on}}, most likely a router: {JOIN}."
    ),
    "silent": (
        "What answers at 192.168.0.1{on} takes connections and says nothing: press RESET on the"
        f" Photon, {JOIN}."
    ),
    "timeout": (
        "Nobody answers at 192.168.0.1{on}: the Photon has left listening mode (it must blink"
        f" blue), or this network is not its own; {JOIN}."
    ),
    "prohibited": (
        "This computer's own rules forbid the way to 192.168.0.1{on}: switch its VPN or firewall"
        f" off for the moment, {AGAIN}."
    ),
    "no_route": (
        "This computer has no way to 192.168.0.1{on}: disconnect a VPN, join the Photon's"
        f" network anew, {AGAIN}."
    ),
}


def sentence(reach: Observation) -> str:
    """How asking ended."""
    if reach.ok:
        return (
            "The Photon answered over its own access point, in listening mode; what it says of"
            " itself and hears is below."
        )
    interface, rivals = reach.text("interface"), reach.text("rivals")
    on = f" ({interface})" if interface else ""
    other = f" ({rivals.replace(' ', ', ')}, beside {interface})" if rivals else on
    return _WHY.get(reach.reason, "").replace("{on}", on).replace("{other}", other)


def notes(observations: Iterable[Observation]) -> Iterator[str]:
    """What the device's own scan shows that is no fault."""
    heard = list(observations)
    for o in heard:
        if o.fact == "wifi.scan" and o.number("networks"):
            yield _of_scan(
                o,
                is_asked=any(
                    one.fact == "wifi.network" and one.source == o.source for one in heard
                ),
            )
        if o.fact == "wifi.network" and o.text("similar"):
            yield (
                f'The Photon does not hear {_name(o)}, but it hears "{o.text("similar")}": compare'
                " the names letter by letter."
            )
        if o.fact == "wifi.network" and o.reason == "not_in_scan" and o.failed:
            yield (
                f"Networks that hide their names are not in the Photon's scan: if {_name(o)} does,"
                " say --tell ssid_hidden=yes."
            )


def _of_scan(o: Observation, *, is_asked: bool) -> str:
    count = int(o.number("networks") or 0)
    told = (
        f"The Photon's own radio hears {count} network{'' if count == 1 else 's'}, the strongest"
        f" with {o.text('strongest_dbm')} dBm"
    )
    return f"{told}." if is_asked else f"{told}; --tell ssid=NAME looks yours up among them."


def _name(o: Observation) -> str:
    return f'"{o.target.removeprefix("ssid:")}"'
