"""The list of access points by lswifi (PyPI, BSD-3-Clause), on Windows by its Native Wifi, on macOS
by CoreWLAN: raw elements, whatever the language of the system.

Its backends are no stable interface: all that is used of it stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from netcheck.wifi.elements import channel_utilization, describe_bss
from netcheck.wifi.scan import MOST_BSS, ScannedBss, WifiScan

_LOCATION = (
    "the system keeps the names of networks from programs without the right to the location: allow"
    " it for the terminal (in the settings under Privacy & Security, Location), and run this again"
)
_OFF = "Wi-Fi is switched off on this computer: switch it on, and run this again"
_OFF_STATES = frozenset({"powered off", "not_ready"})


class BackendRecord(Protocol):
    """What is used of an `lswifi.backends.base.BssRecord`."""

    ssid: bytes
    bssid: str
    frequency_mhz: int
    rssi_dbm: int | None
    capability: int
    ies: bytes
    connected: bool
    seen_ms_ago: int | None


def backend() -> Any:
    """lswifi's backend for this system. Raises ImportError, and whatever it raises."""
    from lswifi.backends import factory

    return factory.get_backend()


def scan(preferred: Sequence[str], make: Callable[[], Any] = backend) -> WifiScan:
    """A scan by the adapter that is preferred, else by the first. Raises ImportError, and whatever
    lswifi raises.
    """
    lswifi = make()
    adapters = list(lswifi.list_interfaces())
    if not adapters:
        return WifiScan(reason="absent", says="this computer shows no Wi-Fi adapter")
    wanted = [one for one in adapters if one.connection_name in preferred]
    adapter = [*wanted, *adapters][0]
    name = str(adapter.connection_name)
    if str(adapter.state_string) in _OFF_STATES:
        return WifiScan(interface=name, reason="switched_off", says=_OFF)
    return of_records(lswifi.scan(adapter), name)


def of_records(records: Iterable[BackendRecord], interface: str) -> WifiScan:
    """The scan that these records show."""
    found = tuple(_bss(one) for one, _ in zip(records, range(MOST_BSS), strict=False))
    is_withheld = bool(found) and not any(one.has_name for one in found)
    return WifiScan(
        found=found,
        interface=interface,
        is_fresh=True,
        scans=1,
        reason="withheld" if is_withheld else "",
        says=_LOCATION if is_withheld else "",
    )


def _bss(record: BackendRecord) -> ScannedBss:
    body, mhz = bytes(record.ies), record.frequency_mhz or None
    told = describe_bss(record.capability, body, mhz)
    if not told.ssid and record.ssid.strip(b"\0"):
        told = told._replace(ssid=record.ssid[:32])
    has_security = record.capability != 0 or told.rsn is not None or told.wpa is not None
    return ScannedBss(
        bssid=record.bssid.lower(),
        description=told,
        signal_dbm=record.rssi_dbm,
        age_s=None if record.seen_ms_ago is None else record.seen_ms_ago / 1000,
        is_joined=record.connected,
        is_hidden=bool(body) and told.is_hidden,
        has_name=bool(body) or bool(record.ssid),
        has_security=bool(body) and has_security,
        has_elements=bool(body),
        utilization=channel_utilization(body),
    )
