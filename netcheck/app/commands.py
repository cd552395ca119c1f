"""The command `netcheck`: wires sources to the correlator to the reports, and picks the exit code.

The only module that prints. What takes long to import is imported inside the command that uses it.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click
import msgspec
from click.core import ParameterSource

from netcheck import __version__
from netcheck.app import answering, sources
from netcheck.app.options import (
    Asked,
    asked,
    mac_address,
    option,
    recording,
    shared,
    wanted_networks,
)
from netcheck.app.sources import Gathered
from netcheck.device import usb
from netcheck.model import Target, Verdict
from netcheck.report.terminal import Style
from netcheck.text.escape import safe
from netcheck.text.redact import RedactionError
from netcheck.text.secrets import scrubbed

if TYPE_CHECKING:
    from netcheck.host.interfaces import Place
    from netcheck.probing.plugin import Probe


class Exit(IntEnum):
    """What a run came to."""

    HEALTHY = 0
    FAULT = 1
    UNUSABLE = 2
    UNSURE = 3
    OUR_BUG = 4


WORST_FIRST = (Exit.OUR_BUG, Exit.UNUSABLE, Exit.FAULT, Exit.UNSURE, Exit.HEALTHY)
EXIT_OF = {
    Verdict.HEALTHY: Exit.HEALTHY,
    Verdict.FAULT: Exit.FAULT,
    Verdict.SUSPECTED: Exit.UNSURE,
    Verdict.INSUFFICIENT: Exit.UNSURE,
}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; ends with an exit code of `Exit`, or 130 when interrupted twice."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with _OurBug(is_shown="--verbose" in given or bool(os.environ.get("NETCHECK_DEBUG"))):
        sys.exit(_run(given))


def _run(arguments: list[str]) -> int:
    try:
        return int(command.main(arguments, prog_name="netcheck", standalone_mode=False) or 0)
    except click.ClickException as error:
        _complain(_sentence(error))
        return Exit.UNUSABLE
    except (click.Abort, KeyboardInterrupt):
        return sources.INTERRUPTED


def _sentence(error: click.ClickException) -> str:
    """The message of a usage error, with the way to help."""
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{message} Try '{error.ctx.command_path} --help'."
    return message


LONGEST_LINE_BYTES = 8192
"""Of what is typed in an interview; the rest of a longer line counts as the next one."""


class _OurBug(contextlib.AbstractContextManager["_OurBug"]):
    """Turns any error that nobody expected into a calm sentence and exit code 4."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            return
        if self._is_shown:
            for line in "".join(traceback.format_exception(error)).splitlines():
                _note(safe(scrubbed(line)))
        _complain(
            f"netcheck itself failed ({type(error).__name__}: {safe(scrubbed(str(error)), 200)});"
            " this says nothing about your network. Please report it to its makers with the"
            " command you typed; with --verbose it shows where it happened."
        )
        raise SystemExit(Exit.OUR_BUG)


# ----------------------------------------------------------------------------------------- commands


class _Group(click.Group):
    """A group that knows what a file name in the place of a command means."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and Path(name).is_file():
            ctx.fail(
                f"{safe(name, 100)} is a file and no command: type 'netcheck pcap FILE' or"
                " 'netcheck case FILE'."
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="netcheck %(version)s")
@shared
@option("--interface", default="", metavar="NAME", help="Look from this network interface.")
@option(
    "--as-device",
    default="",
    callback=mac_address,
    metavar="MAC",
    help="Ask in the place of this device, too, which is off; nothing is leased.",
)
@option("--only", multiple=True, metavar="PROBE", help="Run this probe alone; repeatable.")
@option("--skip", multiple=True, metavar="PROBE", help="Leave this probe out; repeatable.")
@option(
    "--also",
    multiple=True,
    metavar="PROBE",
    help="Run this probe, too, which runs only on request; repeatable.",
)
@option(
    "--budget",
    type=click.FloatRange(1, 3600),
    default=25.0,
    show_default=True,
    metavar="SECONDS",
    help="Time for all probes.",
)
@option("--plan", is_flag=True, help="List what would be sent, and send nothing.")
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
    explains. Every option can also be set as NETCHECK_<OPTION>. Exit code: 0 no fault found, 1 a
    fault, 2 wrong usage or unreadable input, 3 not sure, 4 our own bug.
    """
    if ctx.invoked_subcommand is not None:
        _refuse_options_before_command(ctx)
        return None
    options = asked(values)
    probes, left_out = _chosen(only, skip, also)
    target = msgspec.structs.replace(options.target(interface), as_device=as_device)
    if plan:
        return _print_plan(probes, target, as_json=options.json)
    if ctx.get_parameter_source("budget") is ParameterSource.DEFAULT:
        budget += max((probe.within_s for probe in probes if probe.on_request), default=0.0)
    return _check_network(options, target, probes, left_out, budget, also)


def _refuse_options_before_command(ctx: click.Context) -> None:
    """An option before the command would be lost without a word."""
    for name in ctx.params:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            ctx.fail(f"Put --{name.replace('_', '-')} after '{ctx.invoked_subcommand}'.")


def _found() -> list[Probe]:
    """The installed probes; what cannot be used is complained of."""
    from netcheck.live import engine

    problems: list[str] = []
    with contextlib.redirect_stdout(
        sys.stderr
    ):  # what a plug-in prints must not get into the answer
        probes = engine.find(problems)
    for problem in problems:
        _complain(problem)
    return probes


def _chosen(
    only: Sequence[str], skip: Sequence[str], also: Sequence[str]
) -> tuple[list[Probe], list[Probe]]:
    """The probes to run, and those left out. Raises UsageError for names that no probe has."""
    probes = _found()
    unknown = {*only, *skip, *also} - {probe.name for probe in probes}
    if unknown:
        names = ", ".join(probe.name for probe in probes)
        raise click.UsageError(f"There is no probe {safe(min(unknown), 60)}; there are: {names}.")
    asked_for = (
        {*only, *also}
        if only
        else {*also, *(probe.name for probe in probes if not probe.on_request)}
    )
    wanted = [probe for probe in probes if probe.name in asked_for and probe.name not in skip]
    return wanted, [probe for probe in probes if probe not in wanted]


def _check_network(
    options: Asked,
    target: Target,
    probes: Sequence[Probe],
    left_out: Sequence[Probe],
    budget_s: float,
    also: Sequence[str],
) -> int:
    from netcheck.live.net.system import SystemNet
    from netcheck.report import pages

    net = SystemNet(target.interface)
    if target.interface and target.interface not in net.interfaces():
        names = safe(", ".join(net.interfaces()), 300)
        raise click.BadParameter(
            f"there is no {safe(target.interface, 60)}; there are: {names}.",
            param_hint="--interface",
        )
    given = [
        ("--interface", target.interface),
        ("--as-device", target.as_device),
        *(("--also", name) for name in also),
    ]
    again = _again(
        "netcheck", options, " ".join(f"{name} {value}" for name, value in given if value)
    )
    prove = f"After the change run `{again}` again: it should say healthy (exit code 0)."
    gathered = Gathered()
    sources.read_device(
        gathered, options.serial or usb.AUTO, target, is_asked=options.serial not in ("", usb.AUTO)
    )
    target = sources.meant(gathered, target)
    _add_files(gathered, options, target)
    out = sys.stdout
    with (
        sources.interruptible() as stop,
        contextlib.redirect_stdout(sys.stderr),
    ):  # also what a hung plug-in prints later
        sources.look_around(gathered, target, net, probes, budget_s, _progress(), stop)
        sources.leave_out(gathered, left_out, time.time())
        return _give(options, target, gathered, prove, pages.sent(gathered.observations), out)


@command.command("pcap")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(allow_dash=True)
)
@shared
def pcap_command(files: tuple[str, ...], **values: Any) -> int:
    """Explain from captures alone; sends nothing. "-" reads standard input."""
    given = asked(values)
    options = msgspec.structs.replace(given, pcap=files + given.pcap)
    again = _again("netcheck pcap NEW_FILE", options)
    prove = (
        f"After the change capture the device's next start and run `{again}`: it should say healthy"
        " (exit code 0)."
    )
    gathered, target = _read(options, usb.NONE)
    return _give(options, target, gathered, prove)


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
    type=click.FloatRange(1, 86400),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="With --follow: at most.",
)
@shared
@click.pass_context
def device_command(
    ctx: click.Context, /, softap: bool, interface: str, follow: bool, seconds: float, **values: Any
) -> int:
    """Read the device over USB alone; sends nothing to any network.

    Finds the Photon that is plugged into this computer by its USB identity, and reads what it says
    of itself. In listening mode (blinking blue: hold SETUP for 3 s) it also tells its MAC address,
    its Device OS and modules, and its last errors. It is only read: nothing is ever sent that
    changes it.

    With --follow: instead, what its program's log tells while it tries to connect; nothing is sent
    at all. A program with a log handler (SerialLogHandler) tells most.

    With --softap: instead, over the access point that it makes in listening mode. Join that network
    (Photon-XXXX) first. It tells its id, and what its own radio hears; --tell ssid=NAME looks a
    network up there. It is asked four questions, at 192.168.0.1 alone.
    """
    options = asked(values)
    if softap:
        return _ask_softap(options, interface)
    if ctx.get_parameter_source("interface") is ParameterSource.COMMANDLINE:
        raise click.BadParameter(
            "it goes with --softap; a USB port is named with --serial.", param_hint="--interface"
        )
    if options.serial == usb.NONE:
        raise click.BadParameter(
            "there is nothing to read then; name a port, or auto.", param_hint="--serial"
        )
    if follow:
        return _follow(options, seconds)
    gathered, target = _read(options, usb.AUTO)
    prove = (
        f"After the change run `{_again('netcheck device', options)}` again, then `netcheck` while"
        " the Photon tries to connect."
    )
    return _give(options, target, gathered, prove)


def _follow(options: Asked, seconds: float) -> int:
    from netcheck.device.usb.reading import DeviceError, this_computer
    from netcheck.recording.watch import SerialWatch

    gathered, target = Gathered(), options.target()
    _add_files(gathered, options, target)
    with sources.interruptible() as stop:
        watch = SerialWatch(target, this_computer(), seconds, _progress() or (lambda _: None), stop)
        try:
            watch.listen(options.serial or usb.AUTO)
        except DeviceError as error:
            gathered.unusable.append(str(error))
        gathered.observations += watch.seen
        gathered.partial |= stop.is_set()
    prove = (
        f"After the change run `{_again('netcheck device --follow', options)}` again: it should say"
        " healthy (exit code 0)."
    )
    return _give(options, target, gathered, prove)


def _ask_softap(options: Asked, interface: str) -> int:
    from netcheck.device import softap
    from netcheck.report import pages

    machine = softap.this_computer()
    names = [link.name for link in machine.here().links]
    if interface and interface not in names:
        raise click.BadParameter(
            f"there is no {safe(interface, 60)}; there are: {safe(', '.join(names), 300)}.",
            param_hint="--interface",
        )
    gathered, target = _read(options, usb.NONE)
    target = msgspec.structs.replace(target, interface=interface)
    sources.ask_softap(gathered, target, wanted_networks(options, target), machine)
    again = _again(
        "netcheck device --softap", options, f"--interface {interface}" if interface else ""
    )
    prove = (
        f"After the change run `{again}` again, then `netcheck` while the Photon tries to connect."
    )
    return _give(options, target, gathered, prove, pages.asked_softap(gathered.observations))


@command.command("case")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(allow_dash=True))
@shared
@click.pass_context
def case_command(ctx: click.Context, /, files: tuple[str, ...], **values: Any) -> int:
    """Judge saved case files again, merged; sends nothing."""
    given = asked(values)
    options = msgspec.structs.replace(given, case=files + given.case)
    if not (
        options.case or options.pcap or options.log or options.led or options.tell or options.serial
    ):
        ctx.fail(
            "Nothing to judge: name a case file, attach a capture (--pcap) or a log (--log), or say"
            " what you see (--led, --tell)."
        )
    prove = (
        "A case file shows the past: after the change run `netcheck`, or `netcheck pcap` on a new"
        " capture; it should say healthy."
    )
    gathered, target = _read(options, usb.NONE)
    return _give(options, target, gathered, prove)


@command.command("ask")
@shared
def ask_command(**values: Any) -> int:
    """Interview: asks the one question that best parts the causes still standing, then the next;
    sends nothing.

    Evidence given by options counts first (--led, --tell, --pcap, --log, --case, --serial), and
    what it answers is not asked. Each question takes a number or a word; Enter is "don't know", b
    goes back, Ctrl-C ends it, and what is known then is judged. The questions go to standard error,
    the answer to standard output. --save keeps your answers as a case file.
    """
    options = asked(values)
    gathered, target = _read(options, usb.NONE)
    if not gathered.unusable:  # a wrong file name is mended before the questions, not after them
        sources.interview(gathered, target, _typed_line, _dialogue, time.time)
    prove = (
        "After a change run `netcheck ask` again and say what the light does now: breathing cyan is"
        " online."
    )
    return _give(options, target, gathered, prove)


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
    from netcheck.host import interfaces
    from netcheck.recording import guide as guides
    from netcheck.recording import recorder, summary

    if guide:
        _print(guides.text(guides.GuideKind(guide), sys.platform, device))
        return Exit.HEALTHY
    say = _progress() or (lambda _: None)
    options = Asked(device=device, cloud=cloud)
    wish = recorder.RecordingRequest(
        path=write or time.strftime("netcheck-%Y%m%d-%H%M%S.pcapng"),
        target=options.target(interface),
        seconds=seconds or (900 if hotspot else 300),
        most_bytes=int(most * 1_000_000),
        whole=whole,
    )
    try:
        place = _await_hotspot(interface, say) if hotspot else interfaces.choose(interface)
        done = recorder.record(place, wish, say)
    except interfaces.CannotRecord as error:
        raise click.ClickException(str(error)) from error
    gathered = Gathered()
    sources.read_captures(gathered, (done.path,), wish.target)
    answer = (
        answering.judge(gathered, wish.target, prove="", sent="") if gathered.observations else None
    )
    explain = _again(f"netcheck pcap {shlex.quote(safe(done.path, 200))}", options)
    if as_json:
        _print_json(summary.entry(done, answer, explain))
    else:
        _print(summary.text(done, answer, explain))
    return Exit.HEALTHY


def _await_hotspot(interface: str, say: Callable[[str], None]) -> Place:
    from netcheck.host import interfaces
    from netcheck.recording import guide, recorder

    interfaces.need_linux(interface)
    for line in guide.text(guide.GuideKind.HOTSPOT, sys.platform, is_waiting=True).splitlines():
        say(line)
    return recorder.await_hotspot(interface, say)


@command.command("probes")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="NETCHECK_JSON",
    help="One JSON document on standard output.",
)
def probes_command(as_json: bool) -> int:
    """List the probes found: what each asks, sends, needs and settles."""
    from netcheck.live import engine
    from netcheck.report import pages

    # With the destinations of the plan, where a probe has placeholders.
    probes = [
        msgspec.structs.replace(probe, sends=tuple(engine.plan([probe]))) for probe in _found()
    ]
    if as_json:
        _print_json(
            {
                "schema": "netcheck-probes/1",
                "probes": [pages.probe_entry(probe) for probe in probes],
            }
        )
    else:
        _print(pages.probe_list(probes))
    return Exit.HEALTHY


@command.command("causes")
@click.argument("cause_id", required=False, metavar="[ID]")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="NETCHECK_JSON",
    help="One JSON document on standard output.",
)
@click.pass_context
def causes_command(ctx: click.Context, /, cause_id: str | None, as_json: bool) -> int:
    """List the catalogue of causes, or explain one."""
    from netcheck.correlator import catalogue
    from netcheck.report import pages

    causes = catalogue.load().causes
    if cause_id is not None and cause_id not in causes:
        ctx.fail(f"There is no cause {safe(cause_id, 60)}; 'netcheck causes' lists them.")
    chosen = list(causes.values()) if cause_id is None else [causes[cause_id]]
    if as_json:
        _print_json({"schema": "netcheck-causes/1", "causes": chosen})
    else:
        _print(pages.overview(chosen) if cause_id is None else pages.page(chosen[0]))
    return Exit.HEALTHY


def _print_plan(probes: Sequence[Probe], target: Target, *, as_json: bool) -> int:
    from netcheck.live import engine
    from netcheck.report import pages

    traffics = engine.plan(probes, target)
    if as_json:
        _print_json(
            {
                "schema": "netcheck-plan/1",
                "sends": traffics,
                "besides": pages.BESIDES if traffics else (),
            }
        )
    else:
        _print(pages.plan(traffics))
    return Exit.HEALTHY


# ----------------------------------------------------------------------- from evidence to an answer


def _read(options: Asked, port: str) -> tuple[Gathered, Target]:
    """What the device says where one is to be read, then what the files and the user say; and the
    question, which may be of it.
    """
    gathered = Gathered()
    sources.read_device(gathered, options.serial or port, options.target(), is_asked=True)
    target = sources.meant(gathered, options.target())
    _add_files(gathered, options, target)
    return gathered, target


def _add_files(gathered: Gathered, options: Asked, target: Target) -> None:
    """What the attached captures, case files and logs say, and the user."""
    sources.read_captures(gathered, options.pcap, target)
    sources.read_cases(gathered, options.case)
    sources.read_logs(gathered, options.log, target)
    sources.read_user(gathered, options.led, options.tell, target, time.time())


def _give(
    options: Asked,
    target: Target,
    gathered: Gathered,
    prove: str,
    sent: str = "",
    out: TextIO | None = None,
) -> int:
    """Judge, print (to standard output unless `out` says where), write what was asked for, and say
    how it ended.
    """
    for sentence in gathered.unusable:
        _complain(sentence)
    if gathered.unusable and not gathered.observations:
        return Exit.UNUSABLE
    answer = answering.judge(gathered, target, prove, sent)
    codes = [EXIT_OF[one.verdict] for one in answer.diagnoses]
    created = time.time()
    try:
        _print(
            answering.on_screen(answer, options, _style(out or sys.stdout), created),
            out or sys.stdout,
        )
        complaints = answering.write(answer, options, created)
    except RedactionError as error:
        raise click.ClickException(str(error)) from error
    for complaint in complaints:
        _complain(complaint)
    if complaints or gathered.unusable:
        codes.append(Exit.UNUSABLE)
    return min(codes, key=WORST_FIRST.index)


def _style(out: TextIO | None) -> Style:
    """Colours on a terminal that wants them; signs beyond ASCII where the terminal has them. None:
    nobody reads it.
    """
    if out is None:
        return Style(colour=False, plain=True)
    colour = out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(colour=colour, plain="utf" not in (out.encoding or "").lower())


def _again(start: str, options: Asked, more: str = "") -> str:
    """The command that tests the same again: the options that change the question, and none that
    name a file.
    """
    host, port = options.cloud
    asks_other_cloud = options.cloud != (Target().cloud_host, Target().cloud_port)
    parts = (
        start,
        options.device and f"--device {options.device}",
        f"--cloud {host}:{port}" if asks_other_cloud else "",
        more,
    )
    return " ".join(part for part in parts if part)


# ----------------------------------------------------------------------------------------- printing


def _progress() -> Callable[[str], None] | None:
    """Says on a terminal what is being asked; None where nobody watches."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    return lambda sentence: _note(safe(sentence, 200))


def _dialogue(line: str) -> None:
    """A line of the interview, which is no answer and so stays off standard output."""
    _note(safe(line, 200))


def _typed_line(prompt: str) -> str | None:
    """The next line of standard input, whatever bytes it holds; None at its end. Another process
    that types sees the prompt as a line.
    """
    if sys.stdin is None:  # closed by the caller
        return None
    _note(safe(prompt, 200), nl=not sys.stdin.isatty())
    try:
        line = sys.stdin.buffer.readline(LONGEST_LINE_BYTES)
    except OSError:  # opened for writing alone, or a terminal that is gone
        return None
    return line.decode("utf-8", "replace") if line else None


def _complain(sentence: str) -> None:
    _note(f"netcheck: {safe(sentence, 2000)}")


def _note(line: str, *, nl: bool = True) -> None:
    """To standard error; where its reader has gone away (`2>&1 | head`), from then on nowhere."""
    try:
        click.echo(line, err=True, nl=nl)
    except OSError:
        _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """What Python flushes at exit would fail again: Python documentation, signal, "Note on
    SIGPIPE".
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _print(text: str, out: TextIO | None = None) -> None:
    """To standard output, in its encoding; a reader who has gone away (`| head`), or never was
    there (`>&-`), is no error.
    """
    out = out or sys.stdout
    if out is None:
        return
    try:
        click.echo(
            f"{text.rstrip()}\n".encode(out.encoding or "utf-8", "backslashreplace"), out, nl=False
        )
        out.flush()
    except BrokenPipeError:
        _silence(out)
    except OSError as error:
        raise click.ClickException(
            f"The answer cannot be written to standard output ({error.strerror})."
        ) from error


def _print_json(value: object) -> None:
    from netcheck.report import json

    _print(json.written(value).decode())
