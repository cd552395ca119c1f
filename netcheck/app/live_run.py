"""`netcheck` without a command: which probes run, what they would send, and the run itself."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence

import click

from netcheck.app import interrupt, output, privileges, progress, results, sources
from netcheck.app.cases import before
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions
from netcheck.app.privileges import LiveRights
from netcheck.app.sources import GatheredEvidence
from netcheck.app.values import unknown
from netcheck.device import usb
from netcheck.model import Target
from netcheck.probing.plugin import Probe
from netcheck.text import redact
from netcheck.text.escape import safe


def found() -> list[Probe]:
    """The installed probes; what cannot be used is named on standard error."""
    from netcheck.live import engine

    problems: list[str] = []
    with contextlib.redirect_stdout(
        sys.stderr
    ):  # what a plug-in prints must not get into the answer
        probes = engine.find(problems)
    for problem in problems:
        output.complain(problem)
    return probes


def chosen(
    only: Sequence[str], skip: Sequence[str], also: Sequence[str]
) -> tuple[list[Probe], list[Probe]]:
    """The probes to run, and those left out. Raises UsageError for names that no probe has."""
    probes = found()
    names = [probe.name for probe in probes]
    strange = {*only, *skip, *also} - {*names}
    if strange:
        raise click.UsageError(
            f"There is no probe{unknown(min(strange), names)} there are: {', '.join(names)}."
        )
    asked_for = (
        {*only, *also}
        if only
        else {*also, *(probe.name for probe in probes if not probe.on_request)}
    )
    wanted = [probe for probe in probes if probe.name in asked_for and probe.name not in skip]
    return wanted, [probe for probe in probes if probe not in wanted]


def check(
    options: SharedOptions,
    target: Target,
    probes: Sequence[Probe],
    left_out: Sequence[Probe],
    budget_s: float,
    also: Sequence[str],
    case: tuple[str, str] = ("", ""),
) -> Exit:
    """Check this network with these probes, beside what the device and the files say. `case`: a
    file from before a fix, of which only what the fix may have changed is asked again, and the
    command that did so.
    """
    from netcheck.host import interfaces

    if target.interface and target.interface not in interfaces.names():
        names = safe(", ".join(interfaces.names()), 300)
        raise click.BadParameter(
            f"there is no such interface; there are: {names}.",
            param_hint="--interface",
        )
    given = [
        ("--interface", target.interface),
        ("--as-device", target.as_device),
        *(("--also", name) for name in also),
    ]
    old, command = case
    again = command or results.repeated(
        "netcheck", options, " ".join(f"{name} {value}" for name, value in given if value)
    )
    word = "fixed" if old else "healthy"
    prove = f"Run `{again}` again: it should say {word} (exit code 0)."
    with contextlib.ExitStack() as run:
        try:
            mine = run.enter_context(privileges.of_live_run(options, old))
        except redact.RedactionError as error:
            raise click.ClickException(str(error)) from error
        return _checked(target, probes, left_out, budget_s, prove, mine)


def _checked(
    target: Target,
    probes: Sequence[Probe],
    left_out: Sequence[Probe],
    budget_s: float,
    prove: str,
    mine: LiveRights,
) -> Exit:
    """The run itself, by which all rights but `mine` are given up."""
    from netcheck.live.net.system import SystemNet
    from netcheck.report import pages

    options = mine.options
    net = SystemNet(target.interface, mine.packet_socket, mine.icmp_socket, mine.order_scan)
    fault = before.fault(mine.before, target) if mine.before else None
    if fault is not None:
        probes, others = before.chosen(fault, probes)
        left_out = [*left_out, *others]
    gathered = GatheredEvidence()
    sources.read_device(
        gathered, options.serial or usb.AUTO, target, is_asked=options.serial not in ("", usb.AUTO)
    )
    to_port = pages.asked_by_usb(gathered.observations)
    target = sources.meant(gathered, target)
    sources.read_files(gathered, options, target)
    target = sources.with_network(gathered, target)
    out = sys.stdout
    with (
        interrupt.stop_event() as stop,
        contextlib.redirect_stdout(sys.stderr),
    ):  # also what a hung plug-in prints later
        path = progress.PathFilling(target, output.style(sys.stderr))
        with progress.shown(path.lines, after_s=0) as status:
            told = path if status is not None else _plain_progress()
            sources.look_around(gathered, target, net, probes, budget_s, told, stop)
        sources.leave_out(gathered, left_out, time.time())
        sent = pages.sent(gathered.observations, to_port)
        return results.give(options, target, gathered, prove, sent, out, mine.writing, fault)


def _plain_progress() -> progress.LiveProgress | None:
    say = output.progress()
    return progress.QuestionLines(say) if say is not None else None


def show_plan(
    probes: Sequence[Probe],
    target: Target,
    *,
    as_json: bool,
    port: str,
    as_before: Sequence[Probe] | None = None,
) -> Exit:
    """Print what these probes would send, and what goes to the USB `port`. `as_before`: the probes
    that need not run again after a fix; None where there was none.
    """
    from netcheck.live import engine
    from netcheck.report import pages

    traffics = engine.plan(probes, target)
    usb_letters = () if port == usb.NONE else pages.USB
    names = [probe.name for probe in probes]
    if as_json:
        document = {
            "schema": "netcheck-plan/1",
            "sends": traffics,
            "besides": pages.BESIDES if traffics else (),
            "usb": usb_letters,
        }
        if as_before is not None:
            document |= {"again": names, "as_before": [probe.name for probe in as_before]}
        output.show_json(document)
        return Exit.HEALTHY
    if as_before is not None:
        output.show(pages.run_again(names, [probe.name for probe in as_before]))
    output.show(pages.plan(traffics, usb_letters))
    return Exit.HEALTHY
