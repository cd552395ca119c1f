"""`netcheck verify`: did a fix help? By new evidence where some is attached, else by probes."""

from __future__ import annotations

import shlex

from netcheck.app import live_run, results, sources
from netcheck.app.cases import before
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions
from netcheck.device import usb
from netcheck.text.escape import safe


def verify(case: str, options: SharedOptions, interface: str, budget_s: float) -> Exit:
    """Read the case from before, look again, and say what became of its fault. Raises
    ClickException where the case cannot be read or shows no fault.
    """
    again = results.repeated(f"netcheck verify {shlex.quote(safe(case, 200))}", options)
    if not _is_attached(options):
        probes, left_out = live_run.chosen((), (), ())
        target = options.target(interface)
        return live_run.check(options, target, probes, left_out, budget_s, (), (case, again))
    fault = before.fault(case, options.target())
    gathered, target = sources.read(options, usb.NONE)
    prove = f"After the next change run `{again} --pcap NEW_FILE`: it should say fixed."
    return results.give(options, target, gathered, prove, before=fault)


def show_plan(case: str, options: SharedOptions, interface: str) -> Exit:
    """Print which probes would run again, and what they would send; send nothing. Raises
    ClickException as `verify` does.
    """
    fault = before.fault(case, options.target())
    probes, _ = live_run.chosen((), (), ())
    is_attached = _is_attached(options)
    again, as_before = ([], probes) if is_attached else before.chosen(fault, probes)
    return live_run.show_plan(
        again,
        options.target(interface),
        as_json=options.json,
        port=options.serial or (usb.NONE if is_attached else ""),
        as_before=as_before,
    )


def _is_attached(options: SharedOptions) -> bool:
    """Is there evidence from after the fix?"""
    files = (*options.pcap, *options.case, *options.log, *options.led, *options.tell)
    return bool(files) or options.serial not in ("", usb.NONE)
