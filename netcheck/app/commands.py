"""The commands of `netcheck`, as click reads them: each hands over to what does it.

What takes long to import is imported inside the function that uses it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import Any, NoReturn

import click
import msgspec
from click.core import ParameterSource

from netcheck import __version__
from netcheck.app import (
    device_run,
    interrupt,
    live_run,
    output,
    record_run,
    results,
    sources,
)
from netcheck.app.cases import compare_run, verify_run
from netcheck.app.command_groups import CommandGroup
from netcheck.app.exits import Exit, OwnBugs
from netcheck.app.options import (
    AS_JSON,
    BUDGET,
    INTERFACE,
    PLAN,
    SharedOptions,
    comparing,
    comparing_options,
    option,
    recording,
    shared,
    shared_options,
)
from netcheck.app.values import Name, Number, mac_address, unknown
from netcheck.device import usb
from netcheck.files import STANDARD_INPUT


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; ends with an exit code of `Exit`, or 130 when interrupted twice."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with OwnBugs(
        is_shown=not {"--verbose", "-v"}.isdisjoint(given) or bool(os.environ.get("NETCHECK_DEBUG"))
    ):
        sys.exit(_run(given))


def _run(arguments: list[str]) -> int:
    try:
        with interrupt.whole_run():
            return int(command.main(arguments, prog_name="netcheck", standalone_mode=False) or 0)
    except click.ClickException as error:
        output.complain(_sentence(error))
        return Exit.UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        return interrupt.INTERRUPTED


def _sentence(error: click.ClickException) -> str:
    """The message of a usage error, with the way to help."""
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        of_command = error.ctx.command.params if error.ctx else []
        names = [name for one in of_command for name in one.opts if name.startswith("--")]
        meant = unknown(error.option_name, names, start="--").rstrip(";")
        message = f"There is no option{meant}".rstrip("?.") + ("?" if "?" in meant else ".")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{message} Try '{error.ctx.command_path} --help'."
    return message


# ----------------------------------------------------------------------------------------- commands


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, "-V", "--version", message="netcheck %(version)s")
@shared
@INTERFACE
@option(
    "--as-device",
    default="",
    callback=mac_address,
    metavar="MAC",
    help="Also ask as this device, which is off; nothing is leased.",
)
@option(
    "--only", type=Name(), multiple=True, metavar="PROBE", help="Run this probe alone; repeatable."
)
@option(
    "--skip", type=Name(), multiple=True, metavar="PROBE", help="Leave this probe out; repeatable."
)
@option(
    "--also",
    type=Name(),
    multiple=True,
    metavar="PROBE",
    help="Also run this probe, which runs only on request; repeatable.",
)
@BUDGET
@PLAN
@click.pass_context
def command(
    ctx: click.Context,
    /,
    interface: str,
    as_device: str,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    also: tuple[str, ...],
    budget: float,
    plan: bool,
    **values: Any,
) -> int | None:
    """Why won't my Photon connect?

    Without a command: checks the network this computer is on, reads a Photon on its USB, and
    explains. Exit code: 0 no fault found, 1 a fault, 2 wrong usage or unreadable input, 3 not sure,
    4 our own bug.

    Every option can also be set as NETCHECK_<OPTION>: --led and --tell hold one text there; several
    probes stand with commas between, several files as in PATH.
    """
    if ctx.invoked_subcommand is not None:
        _refuse_options_before_command(ctx)
        return None
    options = shared_options(values)
    probes, left_out = live_run.chosen(only, skip, also)
    target = msgspec.structs.replace(options.target(interface), as_device=as_device)
    if plan:
        return live_run.show_plan(probes, target, as_json=options.json, port=options.serial)
    results.refuse_outputs(options)
    if ctx.get_parameter_source("budget") is ParameterSource.DEFAULT:
        budget += max((probe.within_s for probe in probes if probe.on_request), default=0.0)
    return live_run.check(options, target, probes, left_out, budget, also)


def _refuse_options_before_command(ctx: click.Context) -> None:
    """An option before the command would be lost without a word."""
    for name in ctx.params:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            ctx.fail(f"Put --{name.replace('_', '-')} after '{ctx.invoked_subcommand}'.")


@command.command("pcap")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(allow_dash=True)
)
@shared
def pcap_command(files: tuple[str, ...], **values: Any) -> int:
    """Explain from captures alone; sends nothing. "-" reads standard input."""
    given = shared_options(values)
    options = msgspec.structs.replace(given, pcap=files + given.pcap)
    results.refuse_outputs(options)
    again = results.repeated("netcheck pcap NEW_FILE", options)
    prove = (
        f"Capture the device's next start and run `{again}`: it should say healthy (exit code 0)."
    )
    gathered, target = sources.read(options, usb.NONE)
    return results.give(options, target, gathered, prove)


@command.command("device")
@option(
    "--softap",
    is_flag=True,
    help="Ask it over its own access point (Photon-XXXX), which this computer has joined.",
)
@option(
    "--interface",
    default="",
    metavar="NAME",
    help="With --softap: the Wi-Fi interface that has joined it.",
)
@option(
    "--follow",
    is_flag=True,
    help="Listen to its log while it tries to connect, until that is settled; Ctrl-C ends it.",
)
@option(
    "--for",
    "seconds",
    type=Number(1, 86400),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="With --follow: for at most this time.",
)
@shared
@click.pass_context
def device_command(
    ctx: click.Context, /, softap: bool, interface: str, follow: bool, seconds: float, **values: Any
) -> int:
    """Read the device over USB alone; sends nothing to any network.

    Finds the Photon by its USB identity and reads what it says about itself. In listening mode
    (blinking blue: hold SETUP for 3 s) it also tells its MAC address, its Device OS and modules,
    and its last errors. Nothing is ever sent that changes it.

    With --follow: listens to its log instead while it tries to connect, and sends nothing at all. A
    program with a log handler (SerialLogHandler) tells most.

    With --softap: asks it instead over the access point that it opens in listening mode. Join that
    network (Photon-XXXX) first. It tells its id and the networks that its radio receives; --tell
    ssid=NAME looks for one of them. It gets four questions, at 192.168.0.1 only.
    """
    options = shared_options(values)
    results.refuse_outputs(options)
    if softap:
        return device_run.ask_softap(options, interface)
    if ctx.get_parameter_source("interface") is ParameterSource.COMMANDLINE:
        raise click.BadParameter(
            "it goes with --softap; a USB port is named with --serial.", param_hint="--interface"
        )
    if options.serial == usb.NONE:
        raise click.BadParameter(
            "there is nothing to read then; name a port, or auto.", param_hint="--serial"
        )
    if follow:
        return device_run.follow(options, seconds)
    return device_run.ask_usb(options)


@command.command("case")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(allow_dash=True))
@shared
@click.pass_context
def case_command(ctx: click.Context, /, files: tuple[str, ...], **values: Any) -> int:
    """Judge saved case files again; sends nothing.

    Files of one network or device are judged together, those of several customers apart.
    """
    given = shared_options(values)
    options = msgspec.structs.replace(given, case=files + given.case)
    if not (
        options.case or options.pcap or options.log or options.led or options.tell or options.serial
    ):
        ctx.fail(
            "Nothing to judge: name a case file, attach a capture (--pcap) or a log (--log), or say"
            " what you see (--led, --tell)."
        )
    results.refuse_outputs(options)
    gathered, target = sources.read(options, usb.NONE)
    return results.give(options, target, gathered, results.how_to_prove(options))


@command.command("compare")
@click.argument("files", nargs=-1, required=True, metavar="A B [C]...", type=click.Path())
@comparing
@click.pass_context
def compare_command(ctx: click.Context, /, files: tuple[str, ...], **values: Any) -> int:
    """Put case files, captures or logs side by side; sends nothing."""
    if len(files) < compare_run.FEWEST:
        ctx.fail("Name two files or more: case files (--save), captures or logs.")
    return compare_run.compare(files, comparing_options(values))


@command.command("verify")
@click.argument("old", metavar="CASE", type=click.Path())
@shared
@INTERFACE
@BUDGET
@PLAN
def verify_command(old: str, interface: str, budget: float, plan: bool, **values: Any) -> int:
    """Say whether a fix helped, by a case from before it.

    CASE is a case file, capture or log from before the fix. With new evidence (--pcap, --case,
    --log, --serial, --led, --tell) that is looked at, and nothing is sent. Without, only those
    probes run again whose answers the fix may have changed. Exit code: 0 fixed, 1 not fixed or
    something else is wrong, 3 not sure.
    """
    options = shared_options(values)
    if plan:
        return verify_run.show_plan(old, options, interface)
    results.refuse_outputs(options)
    return verify_run.verify(old, options, interface, budget)


@command.command("ask")
@shared
def ask_command(**values: Any) -> int:
    """Ask you what best tells the causes apart; sends nothing.

    It begins with what happens: tell the whole story. One question comes after the other then.
    What the story or an option answers (--led, --tell, --pcap, --log, --case, --serial) is not
    asked. Each takes a number or your own words; Enter is "don't know", ? explains, b goes back,
    Ctrl-C ends it, and what is known then is judged. The questions go to standard error, the
    answer to standard output. --save keeps your answers as a case file.
    """
    options = shared_options(values)
    results.refuse_outputs(options)
    gathered, target = sources.read(options, usb.NONE)
    if _is_each_there(options):  # a wrong file name is put right before the questions
        for sentence in gathered.unusable:
            output.dialogue(sentence)
        sources.interview(gathered, target, output.typed_line, output.dialogue, time.time)
    prove = "Look at the light again, and tell netcheck ask: breathing cyan is online."
    return results.give(options, target, gathered, prove)


def _is_each_there(options: SharedOptions) -> bool:
    """Is there a file of each name that was given to be read, whatever it holds?"""
    named = (*options.pcap, *options.case, *options.log)
    return all(path == STANDARD_INPUT or os.access(path, os.R_OK) for path in named)


@command.command("record")
@click.argument("interface", default="", metavar="[INTERFACE]")
@recording
def record_command(
    interface: str,
    device: str,
    write: str,
    seconds: float | None,
    most: float,
    whole: bool,
    cloud: tuple[str, int],
    hotspot: bool,
    guide: str | None,
    as_json: bool,
) -> int:
    """Record beside the device's next attempts; sends nothing.

    Into a small pcapng file, on this interface, or on the one by which this computer stands in the
    network. It holds of each packet what `netcheck pcap` reads, and no more: of others' connections
    the addresses and names asked for, but no content, and nothing from which the Wi-Fi password
    could be guessed. Stops by itself as soon as the device has connected, or has failed for the
    same reason often enough; Ctrl-C stops it before, and what was recorded is kept. Needs Linux and
    the right CAP_NET_RAW; --guide shows how to record elsewhere.
    """
    if guide:
        return record_run.show_guide(guide, device)
    options = SharedOptions(device=device, cloud=cloud)
    request = record_run.recording_request(
        options, interface, write, seconds or (900 if hotspot else 300), most, whole=whole
    )
    return record_run.record(options, interface, request, hotspot=hotspot, as_json=as_json)


@command.command("probes")
@AS_JSON
def probes_command(as_json: bool) -> int:
    """List the probes found: what each asks, sends, needs and settles."""
    from netcheck.live import engine
    from netcheck.report import pages

    # With the destinations of the plan, where a probe has placeholders.
    probes = [
        msgspec.structs.replace(probe, sends=tuple(engine.plan([probe])))
        for probe in live_run.found()
    ]
    if as_json:
        output.show_json(
            {
                "schema": "netcheck-probes/1",
                "probes": [pages.probe_entry(probe) for probe in probes],
            }
        )
    else:
        output.show(pages.probe_list(probes))
    return Exit.HEALTHY


@command.command("causes")
@click.argument("cause_id", required=False, metavar="[ID]")
@AS_JSON
@click.pass_context
def causes_command(ctx: click.Context, /, cause_id: str | None, as_json: bool) -> int:
    """List the catalogue of causes, or explain one."""
    from netcheck.correlator import catalogue
    from netcheck.report import pages

    results.complain_of_packages()
    results.complain_of_catalogue()
    causes = catalogue.load().causes
    if cause_id is not None and cause_id not in causes:
        ctx.fail(f"There is no cause{unknown(cause_id, causes)} 'netcheck causes' lists them.")
    chosen = list(causes.values()) if cause_id is None else [causes[cause_id]]
    if as_json:
        output.show_json({"schema": "netcheck-causes/1", "causes": chosen})
    else:
        output.show(pages.overview(chosen) if cause_id is None else pages.page(chosen[0]))
    return Exit.HEALTHY
