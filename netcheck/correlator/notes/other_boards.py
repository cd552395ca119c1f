"""Notes on other devices than the Photon: of Particle's that connect another way, and clients that
may be Photons, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.correlator.catalogue.other_boards import Board
from netcheck.correlator.notes.wording import Note, note
from netcheck.model import Observation


def of_board(board: Board) -> Note:
    """What the device is in the place of a Photon, and how it connects."""
    name = "other_board" if board.is_sure else "other_board_not_judged"
    return note(name, name=board.name, connects=board.connects)


def notes(observations: Sequence[Observation]) -> Iterator[Note]:
    """A note on the port that they use, where one was seen here or the Photon's own port fails;
    never a verdict.
    """
    is_of_use = any(
        o.fact == "device.relative" or (o.fact == "tcp.cloud" and o.failed) for o in observations
    )
    newest = max(
        (o for o in observations if o.fact == "udp.cloud" and (o.ok or o.failed)),
        key=lambda o: o.at,
        default=None,
    )
    if is_of_use and newest is not None:
        yield note("udp_answered" if newest.ok else "udp_refused")


def may_be_too(observations: Sequence[Observation]) -> Iterator[Note]:
    """Beside a Photon, the first client with nothing but the MAC prefix of its radio's maker."""
    if not any(o.fact == "device.identity" for o in observations):
        return
    perhaps = {
        o.subject: o
        for o in observations
        if o.fact == "device.perhaps" and o.text("sign") == "maker_prefix"
    }
    first = min(perhaps.values(), key=lambda o: (o.at, o.subject), default=None)
    if first is not None:
        more = f" and {len(perhaps) - 1} more" if len(perhaps) > 1 else ""
        yield note("may_be_too", mac=first.subject, more=more)
