"""What the tests of the Wi-Fi lab need: to be asked for, root, and some programs."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.lab.network import TOOLS as NETWORK_TOOLS
from tests.vm import machine

TOOLS = (*NETWORK_TOOLS, "hostapd", "hostapd_cli", "wpa_supplicant", "iw")
PACKAGES = (
    "qemu-system-x86 qemu-system-common seabios kmod cpio hostapd wpasupplicant iw iproute2"
    " tcpdump nftables nginx-light dnsmasq-base wireless-regdb"
)
ON_REQUEST = [
    pytest.mark.xdist_group("vm"),
    pytest.mark.lab,
    pytest.mark.skipif(
        os.environ.get("NETCHECK_WIFILAB") != "full",
        reason="half an hour in an emulated machine: NETCHECK_WIFILAB=full asks for it",
    ),
]


def check() -> None:
    """Fail the test with the names of the programs that are not there."""
    there = [tool for tool in TOOLS if not shutil.which(tool, path=machine.PATH)]
    if absent := [*machine.missing(), *there]:
        pytest.fail(
            f"needs these programs: {' '.join(absent)} (Debian: apt-get install"
            f" --no-install-recommends {PACKAGES})"
        )
