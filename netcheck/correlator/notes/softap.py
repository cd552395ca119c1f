"""Notes on a device that was read over its own access point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netcheck.correlator.notes.wording import Note, note, note_of
from netcheck.model import Observation


def how_it_ended(reach: Observation) -> Note | None:
    """How asking ended; None for a reason without a sentence."""
    if reach.ok:
        return note("softap_answered")
    interface, rivals = reach.text("interface"), reach.text("rivals")
    on = f" ({interface})" if interface else ""
    other = f" ({rivals.replace(' ', ', ')}, beside {interface})" if rivals else on
    return note_of("softap", reach.reason, on=on, other=other)


def notes(observations: Iterable[Observation]) -> Iterator[Note]:
    """Notes on findings of the device's own scan that are not faults."""
    seen = [o for o in observations if not o.source.startswith("probe:")]
    for o in seen:
        if o.fact == "wifi.scan" and o.number("networks"):
            yield _of_scan(
                o,
                is_asked=any(one.fact == "wifi.network" and one.source == o.source for one in seen),
            )
        if o.fact == "wifi.network" and o.text("similar"):
            yield note("similar_name", name=_ssid(o), similar=o.text("similar"))
        if o.fact == "wifi.network" and o.reason == "not_in_scan" and o.failed:
            yield note("hidden_name", name=_ssid(o))


def _of_scan(o: Observation, *, is_asked: bool) -> Note:
    count = int(o.number("networks") or 0)
    networks = note("one_network") if count == 1 else note("several_networks", count=str(count))
    return note(
        "scan" if is_asked else "scan_without_name",
        networks=networks,
        strongest=o.text("strongest_dbm"),
    )


def _ssid(o: Observation) -> str:
    return o.target.removeprefix("ssid:")
