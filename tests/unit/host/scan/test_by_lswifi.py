"""What lswifi hands over, read with the code that reads captures; the package itself is none of
the tests' needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from netcheck.host.scan import by_lswifi
from tests.helpers.scans import body_of


@dataclass
class Record:
    """As `lswifi.backends.base.BssRecord`, with what is used of it."""

    ssid: bytes = b"Home"
    bssid: str = "02:00:00:00:01:05"
    frequency_mhz: int = 2437
    rssi_dbm: int | None = -50
    capability: int = 0x11
    ies: bytes = b""
    connected: bool = False
    seen_ms_ago: int | None = None


BODY = body_of("05 2437 ch6 psk ccmp b g n name=Home")
WITHHELD = Record(ssid=b"", bssid="", capability=0)


def backend(state: str, *records: Record) -> SimpleNamespace:
    adapter = SimpleNamespace(connection_name="Wi-Fi", state_string=state)
    return SimpleNamespace(
        list_interfaces=lambda: [adapter] if state else [], scan=lambda _: list(records)
    )


def test_a_record_is_read_by_its_elements() -> None:
    scan = by_lswifi.of_records([Record(ies=BODY, connected=True)], "Wi-Fi")

    (one,) = scan.found
    assert (one.description.ssid, one.band, one.channel, one.signal_dbm) == (b"Home", "2.4", 6, -50)
    assert (one.description.security, one.is_joined) == ("other", True)
    assert (scan.is_fresh, scan.reason) == (True, "")


def test_without_capabilities_open_and_wep_are_not_told_apart() -> None:
    open_body = body_of("05 2437 ch6 open b g name=Home")

    told, untold = (
        by_lswifi.of_records([Record(ies=open_body, capability=number)], "en0").found[0]
        for number in (0x01, 0)
    )

    assert (told.has_security, untold.has_security) == (True, False)


def test_names_that_the_system_keeps_are_not_hidden_names() -> None:
    scan = by_lswifi.of_records([WITHHELD, WITHHELD], "en0")

    assert (scan.reason, len(scan.found)) == ("withheld", 2)
    assert not any(one.is_hidden or one.has_name for one in scan.found)


@pytest.mark.parametrize(
    ("state", "reason"),
    [("", "absent"), ("powered off", "switched_off"), ("not_ready", "switched_off")],
)
def test_no_adapter_and_one_that_is_off(state: str, reason: str) -> None:
    scan = by_lswifi.scan(["Wi-Fi"], lambda: backend(state, Record()))

    assert (scan.reason, scan.found, bool(scan.says)) == (reason, (), True)


def test_the_scan_of_an_adapter_that_is_on() -> None:
    scan = by_lswifi.scan([], lambda: backend("connected", Record(ies=BODY)))

    assert (scan.interface, len(scan.found)) == ("Wi-Fi", 1)
