"""Gives the rights of root up before anything that a stranger sent is read, in the commands that
need them: a live run keeps a helper that opens packet sockets, a recording keeps the socket alone.

See docs/rights.md for what has which right for how long.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import socket
import sys
import sysconfig
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

import msgspec

import netcheck
from netcheck import files
from netcheck.app import results
from netcheck.app.options import SharedOptions
from netcheck.app.results import Writing
from netcheck.host import rights
from netcheck.host.scan.nl80211 import OrderScan
from netcheck.model import Struct
from netcheck.text import redact

_LATE = (
    *("encodings.idna", "stringprep", "unicodedata", "traceback", "linecache", "zstandard"),
    *("concurrent.futures.thread", "email.message", "http.client", "locale", "getpass"),
    *("multiprocessing.connection", "multiprocessing.popen_fork", "multiprocessing.util"),
)
"""What the standard library and packages import only where they need it."""
_WHOLE_PACKAGES = ("dns", "serial.tools")
"""All modules of these may come to be needed: dnspython loads the types of records as it meets
them.
"""
_EXTRAS = {"weasyprint": ".pdf"}
"""Large packages, and the suffix of the only reports that need them."""
_IMPORTED = re.compile(r"^\s+(?:from|import) ([\w.]+)", re.MULTILINE)


class LiveRights(Struct, frozen=True, kw_only=True):
    """What a live run may still do: read its files (those of `options`, opened where they could not
    be later), write others, open packet and ICMP sockets and order a Wi-Fi scan (None: as ever).
    `before`: a case file to read beside them.
    """

    options: SharedOptions
    before: str = ""
    writing: Writing = Writing()
    packet_socket: Callable[[], socket.socket] | None = None
    icmp_socket: Callable[[], socket.socket] | None = None
    order_scan: OrderScan | None = None


@contextlib.contextmanager
def of_live_run(options: SharedOptions, before: str = "") -> Iterator[LiveRights]:
    """Give all up but a helper. `before` as in LiveRights. To be entered while there is one thread.
    Raises RedactionError where a report needs a key that is not to be had.
    """
    if not rights.is_privileged():
        yield LiveRights(options=options, before=before)
        return
    from netcheck.host.helper import Helper

    key = _key(options)
    with Helper([file for _, file in results.outputs(options)]) as helper:
        options, before = _with_inputs_held(options), before and files.held(before)
        prepare(options.serial, options.report)
        give_up(options.serial)
        writing = Writing(save=helper.write, load_key=lambda _: key)
        yield LiveRights(
            options=options,
            before=before,
            writing=writing,
            packet_socket=helper.packet_socket,
            icmp_socket=helper.icmp_socket,
            order_scan=helper.order_scan,
        )


def _with_inputs_held(options: SharedOptions) -> SharedOptions:
    """Open what whoever started this may read, and the account to become perhaps not."""
    return msgspec.structs.replace(
        options,
        pcap=tuple(map(files.held, options.pcap)),
        case=tuple(map(files.held, options.case)),
        log=tuple(map(files.held, options.log)),
    )


def prepare(port: str = "", reports: Iterable[str] = ()) -> None:
    """Import what could not be read once the rights are given up, for these reports. To be called
    before a packet socket is open: meanwhile it would overflow.
    """
    if not rights.is_privileged():
        return
    everything = not rights.can_read(_own_folders(), _account(port))
    suffixes = {Path(report).suffix.lower() for report in reports}
    _load(_all_modules(suffixes) if everything else ())


def give_up(port: str = "") -> None:
    """Give every right up, the group of the serial `port` and its like excepted. Nothing happens
    where there are none.
    """
    if rights.is_privileged():
        rights.give_up(_account(port))


def _account(port: str) -> rights.Account:
    return rights.account([port] if port.startswith("/dev/") else [])


def _key(options: SharedOptions) -> bytes:
    """The redaction key, read while that is allowed; empty where no answer needs one."""
    is_needed = bool(options.report) if options.redact is None else options.redact != "none"
    return redact.load_key(options.redact_key) if is_needed else b""


def _own_folders() -> list[str]:
    """Where the interpreter and its packages lie."""
    paths = sysconfig.get_paths()
    return [paths["stdlib"], paths["purelib"], paths["platlib"], *map(str, netcheck.__path__)]


def _load(modules: Iterable[str]) -> None:
    """Import what looks at the home folder as it is imported, and these modules."""
    from netcheck.correlator import catalogue

    catalogue.load()
    with contextlib.suppress(Exception):  # scapy, which a run without raw frames does not need
        importlib.import_module("netcheck.wire.frames")
    for name in modules:
        with contextlib.suppress(Exception):  # an extra that is not installed, another system's
            importlib.import_module(name)


def _all_modules(suffixes: Collection[str]) -> Iterator[str]:
    """Our own modules, what they import inside functions, and what others import late. Of the
    extras those that reports of these suffixes need.
    """
    for name in _modules_of("netcheck"):
        yield name
        with contextlib.suppress(OSError, TypeError, KeyError):
            yield from _without_extras(inspect.getsource(sys.modules[name]), suffixes)
    for package in _WHOLE_PACKAGES:
        yield from _modules_of(package)
    yield from _LATE


def _without_extras(source: str, suffixes: Collection[str]) -> Iterator[str]:
    for name in _IMPORTED.findall(source):
        if _EXTRAS.get(name.partition(".")[0], "") in {"", *suffixes}:
            yield name


def _modules_of(package: str) -> Iterator[str]:
    module = importlib.import_module(package)
    for found in pkgutil.walk_packages(module.__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            yield found.name
