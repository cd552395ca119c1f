"""The closed lists: facts with their meaning and roles (`facts`), values (`values`), reasons
(`reasons`), and what a user can tell (`questions`).

Public: added to, never renamed. Each list is a table of data; code asks a fact for its role rather
than for its name.
"""

from netcheck.vocabulary.facts import (
    FACTS,
    Fact,
    Role,
    decides_rung,
    has_role,
    is_known,
    is_of_light,
    is_of_package,
    is_remembered,
    is_self_report,
    is_told_by_device,
    is_told_by_user,
    names_with,
)
from netcheck.vocabulary.reasons import REASONS, reason_of
from netcheck.vocabulary.values import DATA, FLASHES, LIGHTS, MODES, ONLINE, VALUES

__all__ = [
    "DATA",
    "FACTS",
    "FLASHES",
    "LIGHTS",
    "MODES",
    "ONLINE",
    "REASONS",
    "VALUES",
    "Fact",
    "Role",
    "decides_rung",
    "has_role",
    "is_known",
    "is_of_light",
    "is_of_package",
    "is_remembered",
    "is_self_report",
    "is_told_by_device",
    "is_told_by_user",
    "names_with",
    "reason_of",
]
