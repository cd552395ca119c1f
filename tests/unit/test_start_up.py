"""What is quick to ask is quick to answer: packages that take long to import stay out until they
are needed.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.helpers.places import CAPTURES

HEAVY = (
    "scapy",
    "dns",
    "h11",
    "tabulate",
    "serial",
    "numpy",
    "cryptography",
    "isal",
    "zstandard",
    "jinja2",
    "netifaces",
)

PROGRAM = """
import sys
from netcheck.app.commands import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def imported_by(*arguments: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after running the command."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["pcap", "--help"],
        ["--version"],
        ["causes", "--json"],
        ["causes", "mac_filter"],
    ],
)
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    imported = imported_by(*arguments)
    assert "netcheck" in imported
    assert imported.isdisjoint(HEAVY)


def test_a_table_needs_tabulate_and_nothing_else_that_is_heavy() -> None:
    assert imported_by("causes").intersection(HEAVY) == {"tabulate"}


def test_reading_a_capture_loads_no_scapy() -> None:
    imported = imported_by("pcap", str(CAPTURES / "healthy_boot.pcap"), "--json")

    assert "msgspec" in imported
    assert imported.isdisjoint({"scapy", "serial", "tabulate", "jinja2"})


def test_without_the_right_to_raw_frames_no_scapy_is_loaded() -> None:
    program = (
        "import socket, sys\n"
        "from netcheck.live.net.raw import link\n"
        "from netcheck.live.net.system import SystemNet\n"
        "from netcheck.probing import Need, Vantage\n"
        "def forbid(*_): raise PermissionError(1, 'no')\n"
        "sys.platform, socket.socket = 'linux', forbid\n"
        "SystemNet.vantage = lambda self: Vantage(interface='eth0', mac='02:00:00:00:00:05')\n"
        "assert SystemNet().lacks(Need.RAW_SOCKETS).reason == 'needs'\n"
        "assert 'scapy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
