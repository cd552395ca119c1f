"""An access point that sends the device away, or puts it off, again and again: once is an
accident.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.query import ever, own, rule
from netcheck.model import Observation

REPEATED = 2
GROUP_KEY = 16
"""IEEE 802.11-2020 table 9-49: GK_HANDSHAKE_TIMEOUT."""
_OTHERWISE = (
    "thrown_out",
    "state_lost",
    "other_security",
    "eap_failed",
    "spectrum_rules",
    "stale_key",
    "idle",
    "left",
)
"""Reasons of an access point other than signal, load and steering; once the device has joined, its
keys and its security were right.
"""


@rule
def sent_away_again(view: View) -> Sequence[Observation]:
    """The access point sends the device away, time and again after it had joined, and not for its
    signal, for want of room or to another band.
    """
    return _repeated(view, *_OTHERWISE)


@rule
def steered_again(view: View) -> Sequence[Observation]:
    """The access point lets the device join, and sends it to another band or access point, time and
    again.
    """
    return _repeated(view, "steered")


@rule
def group_key_unanswered_again(view: View) -> Sequence[Observation]:
    """The access point ends the link time and again because the device does not answer when the
    group key is renewed.
    """
    if not any(_is_group_key(o) for o in own(view, "wifi.link", "unheard")):
        return ()
    found = [o for o in ever(view, "wifi.link", "unheard") if _is_group_key(o)]
    return found if len(found) >= REPEATED else ()


def _is_group_key(o: Observation) -> bool:
    return o.number("code") == GROUP_KEY and o.text("code_of") == "reason"


@rule
def link_lost_again(view: View) -> Sequence[Observation]:
    """The device asks for its access point again, with no answer, time and again after it had
    joined, and nobody had ended the connection.
    """
    if not any(_asked_in_vain(o) for o in own(view, "wifi.link", "link_lost")):
        return ()
    found = [o for o in ever(view, "wifi.link", "link_lost") if _asked_in_vain(o)]
    return found if len(found) >= REPEATED else ()


def _asked_in_vain(o: Observation) -> bool:
    return (o.number("unanswered") or 0) > 0


@rule
def put_off_again(view: View) -> Sequence[Observation]:
    """The access point says in several tries that the device is to try again later."""
    if not own(view, "wifi.join", "try_later"):
        return ()
    put_off = ever(view, "wifi.join", "try_later")
    return put_off if len(put_off) >= REPEATED else ()


def _repeated(view: View, *reasons: str) -> Sequence[Observation]:
    """Each time that the device had joined and was sent away for these reasons, if the last such
    time is in this try.
    """
    if not any(_had_joined(o) for fact in _FACTS for o in own(view, fact, *reasons)):
        return ()
    found = sorted(_sent_away(view, *reasons), key=lambda o: o.at)
    return found if len(found) >= REPEATED else ()


_FACTS = ("wifi.join", "wifi.link")


def _sent_away(view: View, *reasons: str) -> Iterator[Observation]:
    for fact in _FACTS:
        yield from (o for o in ever(view, fact, *reasons) if _had_joined(o))


def _had_joined(o: Observation) -> bool:
    return o.fact == "wifi.link" or o.text("reached") == "joined"
