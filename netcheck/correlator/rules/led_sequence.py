"""The light: the order of its states, and what a flash means in which Device OS version.

Nothing here is decisive: a person has looked, and colours are misnamed. Red and orange count as one
where the version is not known: in 0.4.0 the two and three flashes were red. Sources: device-os,
system/src/system_task.cpp at v0.4.1 to v2.3.0, and system_led_signal.cpp at v0.6.1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.query import anyone, own, rule
from netcheck.model import Observation
from netcheck.photon.firmware import BEFORE_2, Era, eras
from netcheck.vocabulary import ONLINE, Role, names_with

BLINKING_CYAN = frozenset({"cyan_slow", "cyan_fast", "cyan_blinking"})
JOINING = frozenset({"green_slow", "green_fast", "green_blinking"})
ONE_FLASH = frozenset({"red_1", "orange_1", "magenta_1"})


def _eras(view: View) -> frozenset[Era]:
    """The eras that the device's version may be of, as the user reports or the device showed."""
    told = [o.text("version") for o in own(view, "told.firmware", ok=True)]
    names = {o.subject for o in view.attempt.own}
    shown = [
        o.text("firmware") for o in anyone(view, "device.identity", ok=True) if o.subject in names
    ]
    return eras(told[:1] or shown)


def _steps(view: View) -> list[Observation]:
    """The states in their order."""
    return sorted(own(view, "led.state", ok=True), key=lambda o: (o.at, o.number("step") or 0))


def _last(view: View, *states: str) -> list[Observation]:
    """The observations that the light stays in one of these states."""
    return [o for o in own(view, "led.last", ok=True) if o.text("value") in states]


def _then(view: View, before: Collection[str], after: Collection[str]) -> Sequence[Observation]:
    """A state of the one kind followed, at once or later, by one of the other."""
    steps = _steps(view)
    first = next((at for at, o in enumerate(steps) if o.text("value") in before), len(steps))
    later = [o for o in steps[first + 1 :] if o.text("value") in after]
    return [steps[first], later[-1]] if later else ()


def _flashes(view: View, *names: str) -> list[Observation]:
    return [o for o in own(view, "led.flash", ok=True) if o.text("value") in names]


# ---------------------------------------------------------------------------------- how far it came


def not_past(view: View, fact: str) -> list[Observation]:
    """The observations that a rung failed, or may have."""
    return [o for o in view.attempt.by_witness["device"].get(fact, ()) if not o.ok]


@rule
def surely_joined(view: View) -> Sequence[Observation]:
    """Cyan or breathing green, or green that quickened: none of these comes before the Wi-Fi is
    joined.
    """
    return own(view, "led.address", ok=True) or _then(view, {"green_slow"}, {"green_fast"})


@rule
def static_address_at_green(view: View) -> Sequence[Observation]:
    """Green and no farther, with a version that may be 0.5.3 or older: there a static set-up runs
    into a DHCP exchange.
    """
    return not_past(view, "led.address") if Era.OLD in _eras(view) else ()


# ------------------------------------------------------------------------------ order of the states


@rule
def green_quickens_and_stays(view: View) -> Sequence[Observation]:
    """Slow green, then fast green, and no farther: side by side the two are not mistaken for each
    other.
    """
    return _then(view, {"green_slow"}, {"green_fast"}) if _last(view, "green_fast") else ()


@rule
def connection_surely_opened(view: View) -> Sequence[Observation]:
    """Cyan quickened, one flash came, or the light breathed: none of these comes before the cloud's
    port has opened.
    """
    return (
        _then(view, {"cyan_slow"}, {"cyan_fast"})
        or _flashes(view, *ONE_FLASH)
        or own(view, "led.session", ok=True)
    )


@rule
def cloud_given_up(view: View) -> Sequence[Observation]:
    """Cyan, then breathing green for good: on the Wi-Fi, and the cloud no longer served or no
    longer wanted.
    """
    return (
        _then(view, BLINKING_CYAN | ONLINE, {"green_breathing"})
        if _last(view, "green_breathing")
        else ()
    )


@rule
def falls_back_from_online(view: View) -> Sequence[Observation]:
    """It breathed, and then blinked cyan or green again: those states, and the rungs that it lost
    with them.
    """
    states = _then(view, ONLINE, BLINKING_CYAN | JOINING)
    lost = [
        o
        for fact in names_with(Role.LIGHT_PHASE)
        for o in own(view, fact)
        if not view.is_meaningless(o)
    ]
    return [*states, *lost] if states else ()


@rule
def first_try_failed(view: View) -> Sequence[Observation]:
    """Green, then back to blinking blue: the first try with new credentials failed at join or
    address.
    """
    return _then(view, JOINING, {"blue_blinking"}) if _last(view, "blue_blinking") else ()


@rule
def safe_mode_mark_then_dfu(view: View) -> Sequence[Observation]:
    """The blinking magenta of safe mode, then yellow: the button was held too long."""
    return (
        _then(view, {"magenta_blinking"}, {"yellow_blinking"})
        if _last(view, "yellow_blinking")
        else ()
    )


# ------------------------------------------------------------------------------- flashes by version


@rule
def internet_test_fails_by_flashes(view: View) -> Sequence[Observation]:
    """Two orange flashes: the device's internet test failed. Two red ones where the version may be
    0.4.0.
    """
    return () if _eras(view) == {Era.MUTE} else _flashes(view, "orange_2", *_red_too(view, "red_2"))


@rule
def cloud_fails_by_flashes(view: View) -> Sequence[Observation]:
    """Three orange flashes: the internet test passed, and the cloud was not reached. Three red ones
    where the version may be 0.4.0.
    """
    return () if _eras(view) == {Era.MUTE} else _flashes(view, "orange_3", *_red_too(view, "red_3"))


def _red_too(view: View, name: str) -> tuple[str, ...]:
    return (name,) if Era.OLD in _eras(view) else ()


@rule
def names_fail_by_flashes(view: View) -> Sequence[Observation]:
    """The flashes that a broken name service makes: three before 2.0, whose test goes to an
    address; two since.

    Where the version is not known they say nothing of names.
    """
    now = _eras(view)
    if now == {Era.NEW}:
        return internet_test_fails_by_flashes(view)
    return cloud_fails_by_flashes(view) if now <= BEFORE_2 else ()


@rule
def device_key_by_flash(view: View) -> Sequence[Observation]:
    """One orange flash up to 1.5: what the cloud sent could not be decrypted (error 6). From 2.0 on
    that flash is red.
    """
    return _flashes(view, "orange_1") if _eras(view) <= BEFORE_2 else ()


@rule
def signature_by_flash(view: View) -> Sequence[Observation]:
    """One magenta flash: what the cloud sent was signed by another key (error 8). From 2.0 on that
    flash is red.
    """
    return _flashes(view, "magenta_1") if _eras(view) & BEFORE_2 else ()


@rule
def signature_surely_by_flash(view: View) -> Sequence[Observation]:
    """The same, where the version is known: what was signed was decrypted, so the keys that
    encrypt fit.
    """
    return _flashes(view, "magenta_1") if _eras(view) <= BEFORE_2 else ()


@rule
def no_flash_of_handshake(view: View) -> Sequence[Observation]:
    """No flash of another colour, said for certain; on 0.6.0 that proves nothing."""
    return () if _eras(view) == {Era.MUTE} else own(view, "led.flash")


# ------------------------------------------------------------------------------ against instruments


@rule
def light_contradicts_instruments(view: View) -> Sequence[Observation]:
    """An instrument saw the device's session open while the light showed anything but that."""
    shown = own(view, "session.keepalive", ok=True) + own(view, "session.open", ok=True)
    lost = [
        o
        for fact in names_with(Role.LIGHT_PHASE)
        for o in own(view, fact)
        if o.fact != "led.session"
    ]
    return [*lost, *shown] if lost and shown else ()
