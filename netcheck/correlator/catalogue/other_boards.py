"""Particle boards that are no Photon: what is known of each, and which causes hold for it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from netcheck.correlator.catalogue.entries import Catalogue
from netcheck.correlator.catalogue.reading import PACKAGE
from netcheck.model import Observation, Struct

FILE = "other_boards.toml"


class Board(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of board; the file describes the fields."""

    name: str
    connects: str
    causes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    is_sure: bool = False


class _Boards(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sets: Mapping[str, tuple[str, ...]]
    board: Mapping[str, Board]


def board_of(own: Sequence[Observation]) -> Board | None:
    """The board that the device is, as its user says or USB shows; None for a Photon or P1, and
    where nothing says.
    """
    told = [o.text("value") for o in own if o.fact == "told.board"]
    shown = [o.text("family") for o in own if o.fact == "device.relative"]
    return next((known()[name] for name in (*told[-1:], *shown) if name in known()), None)


@cache
def known() -> Mapping[str, Board]:
    """Value of `told.board` or family → board, as they ship, each with the causes of its sets."""
    text = files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8")
    read = msgspec.convert(tomllib.loads(text), _Boards)
    return MappingProxyType(
        {
            name: msgspec.structs.replace(
                board,
                causes=tuple(
                    cause
                    for item in board.causes
                    for cause in (read.sets[item[1:]] if item.startswith("@") else (item,))
                ),
            )
            for name, board in read.board.items()
        }
    )


def for_board(catalogue: Catalogue, board: Board | None) -> Catalogue:
    """The catalogue without what does not hold for that board."""
    if board is None:
        return catalogue
    return msgspec.structs.replace(
        catalogue,
        causes=MappingProxyType(
            {
                name: cause
                for name, cause in catalogue.causes.items()
                if (not board.causes or name in board.causes) and name not in board.without
            }
        ),
    )
