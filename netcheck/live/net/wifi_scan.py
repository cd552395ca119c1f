"""Asks this computer's Wi-Fi adapter which access points are here: a new scan where that is
allowed, else what the system has kept.
"""

from __future__ import annotations

import contextlib
import errno
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence

import msgspec

from netcheck.host.scan import adapters, by_lswifi, netsh, nl80211, system_profiler
from netcheck.host.scan.nl80211 import OrderScan, ScanOrder
from netcheck.live.plugin_guard import in_one_line
from netcheck.wifi.scan import ScannedBss, WifiScan

_SCAN_S, _LISTEN_S, _TOOL_S, _RESCAN_S = 16.0, 3.0, 15.0, 5.0
_MOST_LISTENED = 3
"""Channels listened to once more: each takes a tenth of a second, and one is usual."""
NO_ADAPTER = (
    "this computer shows no Wi-Fi adapter, so it cannot list the networks here: look at a phone's"
    " list, or use a computer with Wi-Fi"
)
_NO_RIGHT = "a new scan needs a right (CAP_NET_ADMIN): run this with sudo"
_NOT_ALLOWED = (errno.EPERM, errno.EACCES)
_ABORTED = "the scan did not end: run this again"
_ODD = "the list of networks could not be read from this system ({error})"


class RememberedScans:
    """The scans of one run: one of 2.4 GHz is made where none was, another of every band where it
    is asked for.
    """

    def __init__(self, order: OrderScan | None = None) -> None:
        self._order = order
        self._known: WifiScan | None = None
        self._lock = threading.Lock()

    def scan(self, preferred: Sequence[str], name: bytes, *, again: bool) -> WifiScan:
        """As `scan`, united with what was known where it is done `again`."""
        with self._lock:
            if self._known is None:
                self._known = scan(preferred, name, self._order, only_2ghz=True)
            elif again:
                later = scan(preferred, name, self._order)
                self._known = self._known.with_next(later)
            return self._known


def scan(
    preferred: Sequence[str],
    name: bytes,
    order: OrderScan | None = None,
    *,
    only_2ghz: bool = False,
) -> WifiScan:
    """The access points that this computer's adapter finds, or what hinders it. `preferred`: the
    interfaces to take, the first that is a Wi-Fi one. `name`: a network that is asked for by
    name, for hidden ones answer that alone. `order`: orders the scan where this process may not.
    `only_2ghz`: on Linux the channels of 2.4 GHz alone, in a fraction of the time. There the
    channel of the network named is listened to once more where its beacons were not heard.
    """
    wanted = [one for one in preferred if one]
    if sys.platform == "linux":
        return _by_kernel(wanted, name, order or nl80211.trigger, only_2ghz=only_2ghz)
    try:
        scan = by_lswifi.scan(wanted)
    except Exception as error:  # a package that calls its backends a preview, or is not there
        return _by_tool(wanted, _ODD.format(error=in_one_line(error)))
    if scan.found or scan.reason:
        return scan
    # It gives an empty list where Windows wants the right to the location first.
    told = _by_tool(wanted, "")
    return told if told.found or told.says else scan


# ------------------------------------------------------------------------------------------- Linux


def _by_kernel(
    preferred: Sequence[str], name: bytes, order: OrderScan, *, only_2ghz: bool
) -> WifiScan:
    adapter = adapters.wireless(preferred)
    if not adapter:
        return WifiScan(reason="absent", says=NO_ADAPTER)
    if off := adapters.switched_off(adapter):
        return WifiScan(interface=adapter, reason="switched_off", says=off)
    try:
        index = adapters.index_of(adapter)
        asked = ScanOrder(name=name, only_2ghz=only_2ghz)
        scan = _scanned(adapter, index, lambda: order(index, asked))
        found = nl80211.known(index)
        if scan.is_fresh and (unheard := _beacons_unheard(found, name)):
            _listen(index, lambda: order(index, ScanOrder(listen_mhz=unheard)))
            found = nl80211.known(index)
        return msgspec.structs.replace(scan, found=found, is_whole=not only_2ghz)
    except OSError as error:
        says = _ODD.format(error=error.strerror or "no answer")
        return WifiScan(interface=adapter, reason="needs", says=says)


def _beacons_unheard(found: Iterable[ScannedBss], name: bytes) -> tuple[int, ...]:
    """The 2.4 GHz channels, in MHz, where an access point answered to that name, and no beacon came
    in the short time that a scan stays: so nothing says whether the name is hidden.
    """
    channels = {
        one.description.frequency_mhz or 0
        for one in found
        if name and one.description.ssid == name and not one.is_beacon_heard and one.band == "2.4"
    }
    return tuple(sorted(channels))[:_MOST_LISTENED]


def _scanned(adapter: str, index: int, begin: Callable[[], None]) -> WifiScan:
    """Scan, and wait for the end: how that went, without what was found."""
    with nl80211.ScanEnd(index) as end:
        try:
            begin()
        except OSError as error:
            # EBUSY: another program's scan is running, and its end is this one's, too.
            is_begun = error.errno == errno.EBUSY or (
                error.errno in _NOT_ALLOWED and _asked_of_manager(adapter)
            )
            if not is_begun:
                return WifiScan(interface=adapter, reason="cached", says=_says(error, adapter))
        if end.wait(_SCAN_S):
            return WifiScan(interface=adapter, is_fresh=True, scans=1)
        return WifiScan(interface=adapter, scans=1, reason="cached", says=_ABORTED)


def _listen(index: int, begin: Callable[[], None]) -> None:
    """Wait for the end of a scan that sends nothing; where it is refused, there is none."""
    with contextlib.suppress(OSError), nl80211.ScanEnd(index) as end:
        begin()
        end.wait(_LISTEN_S)


def _says(error: OSError, adapter: str) -> str:
    if error.errno in _NOT_ALLOWED:
        return _NO_RIGHT
    return f"{adapter} takes no order to scan ({error.strerror or 'no answer'}): run this again"


def _asked_of_manager(adapter: str) -> bool:
    """Has NetworkManager, which has the right, begun a scan? It may refuse, or not be there."""
    return _printed(("nmcli", "device", "wifi", "rescan", "ifname", adapter), _RESCAN_S) is not None


# ------------------------------------------------------------------------------- macOS and Windows


def _by_tool(preferred: Sequence[str], why: str) -> WifiScan:
    """The list as the system's own tool prints it. `why` it is asked: said where that fails too."""
    if sys.platform == "darwin":
        told = _printed(system_profiler.COMMAND, _TOOL_S)
        if told is not None:
            return system_profiler.read(told, next(iter(preferred), ""))
    elif sys.platform == "win32":
        told, adapter = _printed(netsh.COMMAND, _TOOL_S, any_end=True), b""
        if told is not None:
            adapter = _printed(netsh.INTERFACES, _TOOL_S, any_end=True) or b""
            return netsh.read(told.decode("oem", "replace"), adapter.decode("oem", "replace"))
    return WifiScan(reason="needs", says=why)


def _printed(command: Sequence[str], seconds: float, *, any_end: bool = False) -> bytes | None:
    """What a tool prints; None where there is none, it hangs or, but for `any_end`, it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if any_end or done.returncode == 0 else None
