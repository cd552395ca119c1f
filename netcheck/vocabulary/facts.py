"""The facts: the rung of each, and its roles, which are true of it wherever it is used.

The table is `facts.toml`; what a user can tell comes from `questions.toml` and joins it. Public:
added to, never renamed. A probe of somebody else's package may use facts under a prefix of its own
(`acme.fact`); what they mean is written into each observation, so that a case file can be read
where the package is not installed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from netcheck.model import Stage, Struct
from netcheck.vocabulary.questions import QUESTIONS


class Role(StrEnum):
    """What is true of every observation of a fact, whoever made it."""

    LASTING = "lasting"
    """Valid for later tries too, until it is observed again."""
    REMEMBERED = "remembered"
    """The device remembers it of its connection since its start, without saying of when."""
    SELF_REPORT = "self_report"
    """A device that is asked itself tells it, and it shows nothing of its connection."""
    TOLD = "told"
    """An answer of the user to a question."""
    LIGHT = "light"
    """A person saw it of the device's light."""
    LIGHT_PHASE = "light_phase"
    """How far the light came: one of its blinkings passed or failed."""
    COMMON_STEP = "common_step"
    """A device and a computer both do it on their way to the cloud, each for itself."""
    AS_DEVICE = "as_device"
    """A computer asked it under the device's MAC address."""
    AS_NEW_CLIENT = "as_new_client"
    """A computer asked it under a made-up MAC address."""
    CLOUD_ADDRESS = "cloud_address"
    """It names addresses at which the cloud was looked for."""
    ABOUT_DEVICE = "about_device"
    """A computer's probe that sees it reports on a device, and not on the computer's own
    connection.
    """
    OFFERED = "offered"
    """What access points show of a network: true for every device that is to join it, also where a
    computer's probe saw it.
    """
    OUTSIDE_ROUND_TRIP = "outside_round_trip"
    """Its `rtt_ms` is the round trip to a host outside, and not to the cloud's port."""
    BARE_CONNECTION = "bare_connection"
    """A probe opens a connection to compare, which alone does not show who accepted it."""
    SHOWN_ONLY = "shown_only"
    """No cause rests on it; people read it."""


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that an observation answers.

    `rung`: it passes or fails its stage; false: it informs. `climb`: its place among the steps of
    one try, the first is 1; None: it is not a step. `covers`: the stages that one blinking of the
    light stands for, where these are several. `data`: the names of values that it carries, as
    `values.DATA` explains them; a source may add more, for people to read.
    """

    stage: Stage
    meaning: str
    rung: bool = True
    climb: int | None = None
    covers: tuple[Stage, ...] = ()
    roles: frozenset[Role] = frozenset()
    data: tuple[str, ...] = ()


def _shipped() -> dict[str, Fact]:
    text = files(__package__).joinpath("facts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Fact]) | {
        question.fact: Fact(
            stage=question.stage, meaning=question.ask, rung=False, roles=frozenset({Role.TOLD})
        )
        for question in QUESTIONS.values()
    }


FACTS: Mapping[str, Fact] = MappingProxyType(_shipped())
"""Fact name → what it asks and its roles."""
_OUR_PREFIXES = frozenset(name.partition(".")[0] for name in FACTS)
_OF_PACKAGE = re.compile(r"(?=.{3,80}$)[\w-]+(\.[\w-]+)+", re.ASCII)


def is_of_package(name: str) -> bool:
    """Is it a fact that another package may bring: under a prefix of its own, as `acme.hub`?"""
    return bool(_OF_PACKAGE.fullmatch(name)) and name.partition(".")[0] not in _OUR_PREFIXES


def is_known(name: str) -> bool:
    """Is it a fact of ours?"""
    return name in FACTS


def decides_rung(name: str) -> bool:
    """Does it pass or fail its rung? No for what is not known."""
    return name in _DECIDING


def has_role(name: str, *roles: Role) -> bool:
    """Has it one of these roles? No for what is not known."""
    fact = FACTS.get(name)
    return fact is not None and not fact.roles.isdisjoint(roles)


@cache
def names_with(*roles: Role) -> tuple[str, ...]:
    """The facts that have one of these roles, in the order of the table."""
    return tuple(name for name in FACTS if has_role(name, *roles))


# Asked of each of ten thousand observations, and of most several times.
_DECIDING = frozenset(name for name, fact in FACTS.items() if fact.rung)
_OF_LIGHT = frozenset(names_with(Role.LIGHT))
_TOLD_BY_USER = frozenset(names_with(Role.TOLD, Role.LIGHT))
_SELF_REPORTS = frozenset(names_with(Role.SELF_REPORT))
_REMEMBERED = frozenset(names_with(Role.REMEMBERED))
_TOLD_BY_DEVICE = _SELF_REPORTS | _REMEMBERED


def is_of_light(name: str) -> bool:
    """Did a person see it of the light?"""
    return name in _OF_LIGHT


def is_told_by_user(name: str) -> bool:
    """Does a person say so: an answer, or the light as they saw it?"""
    return name in _TOLD_BY_USER


def is_self_report(name: str) -> bool:
    """Does a device that is asked itself tell it, without showing anything of its connection?"""
    return name in _SELF_REPORTS


def is_remembered(name: str) -> bool:
    """Does the device remember it of earlier tries?"""
    return name in _REMEMBERED


def is_told_by_device(name: str) -> bool:
    """Does the device say it of itself, at any time, and not in the course of one try?"""
    return name in _TOLD_BY_DEVICE
