"""The case from before a fix: what it says, and which probes can show that the fix helped."""

from __future__ import annotations

from collections.abc import Sequence

import click

from netcheck.app import interrupt
from netcheck.app.cases.inputs import read
from netcheck.model import Diagnosis, Target
from netcheck.probing.plugin import Probe
from netcheck.text.escape import safe


def fault(path: str, target: Target) -> Diagnosis:
    """The worst that the case says. Raises ClickException where it cannot be read, or shows no
    fault.
    """
    from netcheck.correlator import diagnose
    from netcheck.verification import broken

    seen = read(path, path, target)
    found = broken(list(diagnose(seen, target, interrupt.is_seen)))
    if found is None:
        raise click.ClickException(
            f"{safe(path, 200)} shows no fault, so there is nothing to verify; run netcheck alone."
        )
    return found


def chosen(before: Diagnosis, probes: Sequence[Probe]) -> tuple[list[Probe], list[Probe]]:
    """The probes whose answers a fix may have changed, and the others: those that ask for what
    spoke for or against the causes, and those of the failed step and above.
    """
    from netcheck.correlator import catalogue
    from netcheck.verification import facts_to_ask, failed_stage

    facts = facts_to_ask(before, catalogue.load().causes.values())
    stage = failed_stage(before)
    wanted = [
        probe
        for probe in probes
        if probe.settles & facts or (stage is not None and probe.stage >= stage)
    ]
    return wanted, [probe for probe in probes if probe not in wanted]
