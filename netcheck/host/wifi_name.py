"""The name of the Wi-Fi that this computer is in, as far as its system tells a program without
rights. Sends nothing.

Linux by an ioctl (linux/wireless.h, SIOCGIWESSID); macOS and Windows by what their own tools print.
Newer macOS keeps the name to itself, and some Linux kernels are built without the ioctl: then there
is none, which is no word about the network.
"""

from __future__ import annotations

import array
import re
import socket
import struct
import subprocess
import sys

from netcheck.wifi.names import ssid_text

_GET_ESSID = 0x8B1B  # SIOCGIWESSID
_REQUEST = struct.Struct(
    "16sPHH4x"
)  # struct iwreq: interface, and of its name (struct iw_point) where, how long, flags
_LONGEST_BYTES = 32  # IEEE 802.11-2020 §9.4.2.2
_TOOL_S = 2.0
_TOOLS = {
    "darwin": ("networksetup", "-getairportnetwork"),
    "win32": ("netsh", "wlan", "show", "interfaces"),
}
_LINE = re.compile(r"^(?:Current Wi-Fi Network| *SSID *): ?(.+?)\r?$", re.MULTILINE)
"""What both tools print, in whatever language the rest is."""


def of_interface(interface: str) -> str:
    """The name as `ssid_text` shows it; empty where there is none or it is not to be learned."""
    try:
        if sys.platform == "linux":
            return shown(_asked_of_linux(interface))
        return told(_asked_of_tool(interface)) if sys.platform in _TOOLS else ""
    except (OSError, subprocess.SubprocessError):
        return ""


def shown(name: bytes) -> str:
    """The name as text, no longer than a name can be."""
    return ssid_text(name[:_LONGEST_BYTES].rstrip(b"\0"))


def told(output: str) -> str:
    """The name in what a tool printed; empty where it names none, or several adapters' and nobody
    knows whose.
    """
    names = set(_LINE.findall(output)) - {"<redacted>"}
    return shown(names.pop().encode()) if len(names) == 1 else ""


def _asked_of_linux(interface: str) -> bytes:
    """Raises OSError where the interface is no Wi-Fi one."""
    import fcntl  # here: Windows has none

    name = array.array("B", bytes(_LONGEST_BYTES + 1))
    request = _REQUEST.pack(interface.encode()[:15], name.buffer_info()[0], len(name), 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        answer = fcntl.ioctl(sock, _GET_ESSID, request)
    return name.tobytes()[: _REQUEST.unpack(answer)[2]]


def _asked_of_tool(interface: str) -> str:
    """What the system's own tool prints. Raises OSError or SubprocessError where there is none, or
    it hangs.
    """
    given = (interface,) if sys.platform == "darwin" else ()
    done = subprocess.run(
        (*_TOOLS[sys.platform], *given),
        capture_output=True,
        timeout=_TOOL_S,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode(errors="replace")
