"""Which facts a clue rests on, whether it names them or a rule does."""

from __future__ import annotations

import ast
import inspect
from functools import cache

from netcheck.correlator.catalogue import load
from netcheck.correlator.rules import RULES
from netcheck.model import Clue
from netcheck.vocabulary import FACTS


def facts_of(clue: Clue) -> frozenset[str]:
    """The clue's own fact, or every one that its rule asks for."""
    return frozenset({clue.fact}) if clue.fact else facts_of_rule(clue.rule)


@cache
def facts_of_rule(name: str) -> frozenset[str]:
    """Every fact of a rule: of its conditions, or named in its module where it is code."""
    if name in RULES:
        tree = ast.parse(inspect.getsource(inspect.getmodule(RULES[name]) or RULES[name]))
        named = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        return frozenset(fact for fact in FACTS if fact in named)
    conditions = load().patterns[name].conditions
    return frozenset(one.fact for one in conditions if one.fact).union(
        *(facts_of_rule(one.rule) for one in conditions if one.rule)
    )
