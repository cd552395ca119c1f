"""How to record elsewhere: on the router, in monitor mode, or with this computer as a hotspot;
steps for each system, for a beginner.

Sources: tcpdump(8); Netgate documentation, Packet Capture; OPNsense documentation, Diagnostics;
MikroTik documentation, Packet Sniffer; heise.de/-9715912 (FRITZ!Box); nmcli(1); iw(8); support
pages of Apple and Microsoft on sharing a connection. The Photon takes 2.4 GHz, channels 1 to 11,
WPA2 with AES (`capture` and `wifi` judge by the same).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from netcheck.recording.filters import everyone, one_device
from netcheck.recording.interfaces import other_recorder
from netcheck.report.layout import NUMBER, wrapped

Step = str | tuple[str, ...]
"""A sentence, or one with the commands that follow it."""
Section = tuple[str, tuple[Step, ...]]

TIME_FOR_TRIES = "Let it run until the Photon has tried for two minutes, then stop it."
_RESET = (
    "Start the recording first; then press RESET on the Photon, or unplug it and plug it in again."
)
_HOTSPOT = "photon-test"
_PASSWORD = "photon-test-1"


class GuideKind(StrEnum):
    """Where to record."""

    ROUTER = "router"
    ACCESS_POINT = "access-point"
    HOTSPOT = "hotspot"


Guide = tuple[tuple[str, ...], list[Section], tuple[str, ...]]
"""What to know before, the steps for each system, what to know after."""


def text(kind: GuideKind, platform: str, device: str = "", *, is_waiting: bool = False) -> str:
    """The guide for that place, with the system in use (as `sys.platform`) first. `device`: the MAC
    to record, if it is known.

    `is_waiting`: for somebody who already runs the recording, the steps of this system alone.
    """
    intro, sections, ending = _GUIDES[kind](device)
    here = _SYSTEMS.get(platform, "Linux")
    if kind is not GuideKind.ROUTER:
        sections = sorted(sections, key=lambda section: section[0] != here)
    if is_waiting:
        title, steps = sections[0]
        sections = [(title, tuple(step for step in steps if step is not _RECORD_HOTSPOT))]
    return "\n".join(
        [
            *_paragraphs(intro),
            *(line for section in sections for line in _section(section)),
            "",
            *_paragraphs(ending),
        ]
    )


_SYSTEMS = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
_RECORD_HOTSPOT = (
    "Record; it waits for the hotspot, and stops by itself:",
    "sudo netcheck record --hotspot",
)


def _paragraphs(sentences: tuple[str, ...]) -> Iterator[str]:
    for sentence in sentences:
        yield from wrapped(sentence)


def _section(section: Section) -> Iterator[str]:
    title, steps = section
    yield ""
    yield title
    for number, step in enumerate(steps, 1):
        sentence, *commands = (step,) if isinstance(step, str) else step
        yield from wrapped(sentence, NUMBER.format(number))
        yield from (f"       {command}" for command in commands)


def _router(device: str) -> Guide:
    expression = one_device(device) if device else everyone()
    who = device.upper() or "the Photon's MAC address"
    return (
        (
            (
                "Recording on the router shows both directions of everything that the Photon says."
                " Record on the side of the home network (LAN, bridge, or the 2.4 GHz Wi-Fi), not"
                " on that of the Internet."
            ),
            _RESET,
        ),
        [
            (
                "OpenWrt, and other routers with SSH (UniFi: br0 in place of br-lan)",
                (
                    (
                        "OpenWrt, on the router, once:",
                        "opkg install tcpdump-mini        (newer versions: apk add tcpdump-mini)",
                    ),
                    (
                        "On your computer; Ctrl-C stops it:",
                        (
                            'ssh root@192.168.1.1 "tcpdump -i br-lan -s 0 -U -w -'
                            f" '{expression}'\" > photon.pcap"
                        ),
                    ),
                ),
            ),
            (
                "FRITZ!Box",
                (
                    "Open http://fritz.box/html/capture.html in a browser and log in.",
                    (
                        "Choose the Wi-Fi interface of 2.4 GHz (ath0, or one named AP), or 'lan',"
                        " and press Start."
                    ),
                    f"{TIME_FOR_TRIES} The browser has stored the file (its name may end in .eth).",
                ),
            ),
            (
                "pfSense, OPNsense",
                (
                    (
                        "pfSense: Diagnostics > Packet Capture. OPNsense: Interfaces > Diagnostics"
                        " > Packet capture."
                    ),
                    (
                        f"Interface: the Photon's (LAN or Wi-Fi). MAC address: {who}, or leave it"
                        " empty. Packet length: 0. Count: 0 or 100000."
                    ),
                    f"Press Start. {TIME_FOR_TRIES} Download the file.",
                ),
            ),
            (
                "MikroTik",
                (
                    (
                        "In a terminal of the router:",
                        "/tool sniffer set file-name=photon.pcap file-limit=20000KiB"
                        " only-headers=no "
                        + (
                            f"filter-mac-address={device.upper()}/FF:FF:FF:FF:FF:FF"
                            if device
                            else 'filter-mac-address=""'
                        ),
                        "/tool sniffer start",
                    ),
                    (TIME_FOR_TRIES, "/tool sniffer stop"),
                    (
                        "Fetch photon.pcap from Files. Clients of one hardware-switched bridge are"
                        " not seen by it: choose the Wi-Fi interface."
                    ),
                ),
            ),
        ],
        (
            (
                "A router without any of these: use `netcheck record --guide hotspot`, which needs"
                " no router."
            ),
            "Then: netcheck pcap photon.pcap",
        ),
    )


def _access_point(device: str) -> Guide:
    expression = one_device(device) if device else everyone()
    return (
        (
            (
                "Why an access point does not accept the Photon shows only in a capture of Wi-Fi"
                " frames (monitor mode): a Wi-Fi adapter receives all frames of one channel, and"
                " sends none. After the join everything is encrypted there: then record on the"
                " router."
            ),
            _RESET,
        ),
        [
            (
                "Linux",
                (
                    (
                        (
                            "With an adapter that can do it (`iw list` names 'monitor' among its"
                            " modes), and the channel of your access point in place of 6:"
                        ),
                        "sudo ip link set wlan1 down",
                        "sudo iw dev wlan1 set type monitor",
                        "sudo ip link set wlan1 up",
                        "sudo iw dev wlan1 set channel 6",
                    ),
                    ("Record:", "sudo netcheck record wlan1"),
                ),
            ),
            (
                "macOS",
                (
                    "Hold Option, click the Wi-Fi sign in the menu bar, open Wireless Diagnostics.",
                    (
                        "Window > Sniffer: choose the access point's channel, width 20 MHz, and"
                        " press Start."
                    ),
                    f"{TIME_FOR_TRIES} The file lies on the desktop or in /var/tmp.",
                ),
            ),
            (
                "Windows",
                (
                    (
                        "Most adapters do not listen so under Windows: use a Linux computer, or the"
                        " access point's own recorder."
                    ),
                ),
            ),
        ],
        (
            (
                "Access points of companies record by themselves: choose 'wireless' or 'radio' to"
                " see the joining, 'wired' to see what follows, there with this filter:"
                f" {expression}"
            ),
            "Then: netcheck pcap FILE",
        ),
    )


def _hotspot(_: str) -> Guide:
    return (
        (
            (
                "The Photon joins this computer instead of the router, and all that it says passes"
                " here. The computer needs the Internet by another way than the Wi-Fi that it"
                " lends: a cable, a second Wi-Fi adapter, or a phone connected by USB."
            ),
        ),
        [
            (
                "Linux",
                (
                    (
                        (
                            "Open the hotspot (NetworkManager; put your Wi-Fi adapter's name for"
                            " wlan0, as `nmcli device` shows it):"
                        ),
                        f"nmcli device wifi hotspot ifname wlan0 con-name {_HOTSPOT} \\",
                        f"    ssid {_HOTSPOT} band bg channel 6 password {_PASSWORD}",
                    ),
                    _RECORD_HOTSPOT,
                    *_join(),
                    ("Afterwards close the hotspot:", f"nmcli connection down {_HOTSPOT}"),
                ),
            ),
            (
                "macOS",
                (
                    (
                        "System Settings > General > Sharing, the (i) beside Internet Sharing."
                        " Share from: the cable or phone. To: Wi-Fi."
                    ),
                    (
                        f"Wi-Fi Options: network name {_HOTSPOT}, a channel from 1 to 11, security"
                        f" WPA2 Personal (not WPA3), password {_PASSWORD}. Switch Internet"
                        " Sharing on."
                    ),
                    ("Record; Ctrl-C stops it:", other_recorder("darwin", "bridge100")),
                    *_join(),
                ),
            ),
            (
                "Windows",
                (
                    (
                        "Settings > Network & internet > Mobile hotspot. Share from: the cable or"
                        " phone. Over: Wi-Fi."
                    ),
                    (
                        f"Edit: network name {_HOTSPOT}, password {_PASSWORD}, band 2.4 GHz,"
                        " security WPA2 where it asks. Switch it on."
                    ),
                    (
                        (
                            "Install Wireshark, find the hotspot's adapter (often 'Local Area"
                            " Connection* 2'), and record for five minutes:"
                        ),
                        other_recorder("win32", "Local Area Connection* 2"),
                    ),
                    *_join(),
                ),
            ),
        ],
        (
            (
                "What this says already: if the Photon comes online here (breathing cyan), it and"
                " its keys are well, and the usual network is to blame. If it fails here just as"
                " there, look at the Photon first."
            ),
            "What was recorded is explained by: netcheck pcap FILE",
        ),
    )


def _join() -> tuple[Step, ...]:
    return (
        (
            (
                f"Tell the Photon the network {_HOTSPOT}: hold its SETUP button for 3 seconds until"
                " it blinks blue, connect it by USB, and type (or use the app that you set it up"
                " with):"
            ),
            "particle serial wifi",
        ),
        "It now tries by itself. If it does not, press RESET.",
    )


_GUIDES = {
    GuideKind.ROUTER: _router,
    GuideKind.ACCESS_POINT: _access_point,
    GuideKind.HOTSPOT: _hotspot,
}
