"""The scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from tests.lab import faults
from tests.lab.plan import Change, Plan


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A network with faults in it, and what a right diagnosis of it says."""

    name: str
    what: str
    faults: tuple[Change, ...] = ()
    seconds: float = 60.0
    expected: frozenset[str] = frozenset()
    """Causes of which one must come first; several where one capture cannot part them."""
    also: tuple[frozenset[str], ...] = ()
    """For pairs: of each group a cause must stand too, or be named as not tested under the first."""
    forbidden: frozenset[str] = frozenset()
    """Causes that must not stand (confirmed, likely or possible)."""
    healthy: bool | None = False
    """None: the verdict is left open."""

    @property
    def plan(self) -> Plan:
        """The network that the faults make of a healthy one."""
        return reduce(lambda plan, change: change(plan), self.faults, Plan())


SCENARIOS = {
    s.name: s
    for s in (
        Scenario(name="healthy_1_5_2", what="", healthy=True, seconds=30),
        Scenario(name="port_drop", what="", faults=(faults.port_dropped,), seconds=40),
    )
}
