"""What was understood of a light: its states in the order of time, its flashes, where it stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netcheck.model import Struct
from netcheck.vocabulary import ONLINE

CLIMB: Mapping[str, int] = {
    "green_slow": 1,
    "green_blinking": 1,
    "green_fast": 2,
    "cyan_slow": 3,
    "cyan_blinking": 3,
    "cyan_fast": 4,
}
"""State of a try → how high it is. After failed tries the device joins its Wi-Fi anew, and is green
between (device-os@v1.5.2:system/src/system_task.cpp).
"""
UPDATING = frozenset({"magenta_blinking", "magenta_solid"})
"""What the light shows of an update that comes over the session."""
JOINING = frozenset({"green_slow", "green_blinking", "green_fast"})


class Light(Struct, frozen=True, kw_only=True):
    """One state that was seen. `alternatives`: states that the same words may mean as well;
    `is_bare`: only a colour was named; `stays`: it was said to stay.
    """

    state: str
    alternatives: tuple[str, ...] = ()
    is_bare: bool = False
    stays: bool = False
    is_sometimes: bool = False


class Flash(Struct, frozen=True, kw_only=True):
    """A run of flashes: `name` as in FLASHES."""

    name: str
    is_sometimes: bool = False


class LightReading(Struct, frozen=True, kw_only=True):
    """What was understood. `lights` in the order of time; `denied`: colours, and "breathing", that
    were said not to come.

    `sos`: 0 without its code, None if there was none. `restarts`: red that no cyan explains, and
    then the white of a start. `goes_round`: said to do all this again and again. `is_unnamed`: a
    rhythm of which neither words nor order tell the colour. `is_by_rhythm`: no colour was named,
    and order and rhythm told it.
    `is_unreachable`: said of the device, not of its light. `told`: fact and value of what was told
    of another time or place.
    `unknown_words`: how many words were not understood; `unknown`: those of them that may be shown
    to the user who typed them.
    """

    lights: tuple[Light, ...] = ()
    flashes: tuple[Flash, ...] = ()
    denied: tuple[str, ...] = ()
    sos: int | None = None
    restarts: bool = False
    goes_round: bool = False
    is_unnamed: bool = False
    is_by_rhythm: bool = False
    is_unreachable: bool = False
    told: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    unknown_words: int = 0

    @property
    def last(self) -> Light | None:
        """The state in which the light stays, or to which it returns; of a light that climbs and
        falls back, the highest: it is there that each round ends.
        """
        lasting = [light for light in self.lights if not light.is_sometimes] or list(self.lights)
        return (self._top_of_round(lasting) or lasting[-1]) if lasting else None

    @property
    def falls_back(self) -> bool:
        """Does the light climb, and begin the climb again?"""
        last = self.last
        return last is not None and last is not self.lights[-1] and last.state in CLIMB

    def _top_of_round(self, lights: Sequence[Light]) -> Light | None:
        """The highest state before the light was green again. None where it was online between, or
        was cyan and is said to stay green: slow green that "stays" after fast green is the next
        round of a device that joins.
        """
        last = lights[-1]
        if last.state not in JOINING:
            return None
        if any(light.alternatives or light.state in ONLINE for light in lights):
            return None
        top = max(reversed(lights), key=lambda light: CLIMB.get(light.state, 0))
        if last.stays and not self.goes_round and top.state not in JOINING:
            return None
        return top if CLIMB.get(top.state, 0) > CLIMB[last.state] else None

    @property
    def keeps_updating(self) -> bool:
        """Is the light of an update, or of safe mode's beginning, said to stay, or seen again?"""
        several = [light for light in self.lights if light.state in UPDATING]
        is_lasting = self.goes_round or len(several) > 1 or any(one.stays for one in several)
        return is_lasting and self.last in several

    @property
    def is_denied_alone(self) -> bool:
        """Is all that is known of the light that it does not breathe?"""
        return not (self.lights or self.flashes) and self.denied == ("breathing",)

    @property
    def is_empty(self) -> bool:
        """Was nothing understood?"""
        return (
            not (self.lights or self.flashes or self.denied or self.is_unnamed or self.told)
            and self.sos is None
        )
