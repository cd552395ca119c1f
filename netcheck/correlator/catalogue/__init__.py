"""The catalogue of causes: what is known of each cause, and which of them look alike.

The data are in `netcheck.causes`. A file that cannot be read is our own bug and raises; one that
reads but makes no sense is described by `check`, which the tests call.
"""

from netcheck.correlator.catalogue.check import check
from netcheck.correlator.catalogue.entries import (
    Catalogue,
    CatalogueError,
    Cause,
    ChangeRequest,
    Elsewhere,
    Group,
)
from netcheck.correlator.catalogue.packages import load
from netcheck.correlator.catalogue.patterns import Condition, Pattern
from netcheck.correlator.catalogue.reading import parse, shipped, with_answers

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Cause",
    "ChangeRequest",
    "Condition",
    "Elsewhere",
    "Group",
    "Pattern",
    "check",
    "load",
    "parse",
    "shipped",
    "with_answers",
]
