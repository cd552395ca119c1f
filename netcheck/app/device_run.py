"""`netcheck device`: over USB, by its log, or over its own access point."""

from __future__ import annotations

import click
import msgspec

from netcheck.app import interrupt, output, progress, results, sources
from netcheck.app.exits import Exit
from netcheck.app.options import SharedOptions, wanted_networks
from netcheck.app.sources import GatheredEvidence
from netcheck.device import usb
from netcheck.text.escape import safe


def ask_usb(options: SharedOptions) -> Exit:
    """Read the device over USB."""
    gathered, target = sources.read(options, usb.AUTO)
    prove = (
        f"Run `{results.repeated('netcheck device', options)}` again, then"
        " `netcheck` while the Photon tries to connect."
    )
    return results.give(options, target, gathered, prove)


def follow(options: SharedOptions, seconds: float) -> Exit:
    """Listen to the device's log for at most so many seconds."""
    from netcheck.device.usb.reading import DeviceError, this_computer
    from netcheck.recording.watch import SerialWatch

    gathered, target = GatheredEvidence(), options.target()
    sources.read_files(gathered, options, target)
    with (
        interrupt.stop_event() as stop,
        progress.shown(progress.counted("Listening to the device")) as status,
    ):
        say = status.say if status is not None else output.progress() or (lambda _: None)
        watch = SerialWatch(target, this_computer(), seconds, say, stop)
        try:
            watch.listen(options.serial or usb.AUTO)
        except DeviceError as error:
            gathered.unusable.append(str(error))
        gathered.observations += watch.seen
        gathered.partial |= stop.is_set()
    prove = (
        f"Run `{results.repeated('netcheck device --follow', options)}` again:"
        " it should say healthy (exit code 0)."
    )
    return results.give(options, target, gathered, prove)


def ask_softap(options: SharedOptions, interface: str) -> Exit:
    """Ask the device over its own access point, which this computer has joined by `interface`."""
    from netcheck.device import softap
    from netcheck.report import pages

    host = softap.this_computer()
    names = [link.name for link in host.local_networks().links]
    if interface and interface not in names:
        raise click.BadParameter(
            f"there is no such interface; there are: {safe(', '.join(names), 300)}.",
            param_hint="--interface",
        )
    gathered, target = sources.read(options, usb.NONE)
    target = msgspec.structs.replace(target, interface=interface)
    sources.ask_softap(gathered, target, wanted_networks(options, target), host)
    again = results.repeated(
        "netcheck device --softap", options, f"--interface {interface}" if interface else ""
    )
    prove = f"Run `{again}` again, then `netcheck` while the Photon tries to connect."
    return results.give(options, target, gathered, prove, pages.asked_softap(gathered.observations))
