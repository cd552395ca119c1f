"""Write down a capture of Wi-Fi frames (monitor mode), frame by frame: what an access point and a
station say while it joins.

Times are seconds from the start. The bodies are those of IEEE 802.11-2020 §9.3.3.
"""

from __future__ import annotations

import struct
from pathlib import Path

from tests.helpers.capture_files import pcap
from tests.helpers.wire import BROADCAST, DEVICE_MAC, ROUTER_MAC, START_NS

PROBE_REQUEST, PROBE_RESPONSE, BEACON = 4, 5, 8
ASSOC, ASSOC_RESPONSE, AUTH, DEAUTH, DISASSOC, ACTION = 0, 1, 11, 12, 10, 13
OPEN, SHARED, SAE = 0, 1, 3
RADIOTAP_LINK = 127
WPA2 = bytes.fromhex("30140100000fac040100000fac040100000fac020000")
PMF_REQUIRED = bytes.fromhex("30140100000fac040100000fac040100000fac02c000")
"""RSN elements: CCMP, PSK; the second with MFPC and MFPR."""
PRIVATE, SEES_ALL = 0x0011, 0x0001
SSID = b"\0\3Lab"
RATES = bytes.fromhex("010882848b960c121824")
KEY_FLAGS = {1: 0x008A, 2: 0x010A, 3: 0x13CA, 4: 0x030A}


class Monitor:
    """A capture being written; `at` is now. `rsn` is the access point's security: an element, empty
    with `private` for WEP, empty without for none.
    """

    def __init__(self, *, rsn: bytes = WPA2, is_private: bool = True, mhz: int = 2437) -> None:
        self.at = 0.0
        self.frames: list[tuple[int, bytes]] = []
        self.rsn, self.capabilities, self.mhz = rsn, PRIVATE if is_private else SEES_ALL, mhz
        self.device_dbm: int | None = None
        """The signal of what stations send; None: the capture shows no signals."""
        self.access_point_dbm = -50

    def wait(self, seconds: float) -> Monitor:
        self.at += seconds
        return self

    def save(self, folder: Path, name: str = "monitor.pcap") -> str:
        path = folder / name
        path.write_bytes(pcap(self.frames, magic=0xA1B23C4D, link=RADIOTAP_LINK))
        return str(path)

    def management(
        self,
        kind: int,
        body: bytes,
        *,
        up: bool,
        mac: bytes = DEVICE_MAC,
        bssid: bytes = ROUTER_MAC,
        flags: int = 0,
    ) -> Monitor:
        """One management frame of the station, or to it. Flag 0x08: sent again."""
        to, sender = (bssid, mac) if up else (mac, bssid)
        return self._put(bytes((kind << 4, flags, 0, 0)) + to + sender + bssid + b"\0\0" + body)

    def _put(self, frame: bytes) -> Monitor:
        channel = struct.pack("<HH", self.mhz, 0x00A0)
        if self.device_dbm is None:
            radiotap = struct.pack("<HHI", 0, 12, 0x08) + channel
        else:
            is_up = len(frame) > 10 and frame[10:16] != frame[16:22] and not frame[1] & 2
            dbm = self.device_dbm if is_up else self.access_point_dbm
            radiotap = struct.pack("<HHI", 0, 13, 0x28) + channel + struct.pack("b", dbm)
        self.frames.append((START_NS + round(self.at * 1e9), radiotap + frame))
        return self.wait(0.01)

    # -- the frames

    def acked(self, receiver: bytes = DEVICE_MAC) -> Monitor:
        """An acknowledgement of the frame before, 300 µs after it."""
        self.at += 0.0003 - 0.01
        return self._put(bytes((0xD4, 0, 0, 0)) + receiver)

    def beacon(self, ssid: bytes = SSID, *, bssid: bytes = ROUTER_MAC, channel: int = 6) -> Monitor:
        body = bytes(8) + b"\x64\0" + struct.pack("<H", self.capabilities)
        body += ssid + RATES + bytes((3, 1, channel)) + self.rsn
        frame = bytes((BEACON << 4, 0, 0, 0)) + BROADCAST + bssid + bssid + b"\0\0"
        return self._put(frame + body)

    def on(self, mhz: int) -> Monitor:
        """What follows is received on that frequency."""
        self.mhz = mhz
        return self

    def asks(self, ssid: bytes = SSID, *, mac: bytes = DEVICE_MAC) -> Monitor:
        """A probe request, to everybody."""
        return self.management(PROBE_REQUEST, ssid + RATES, up=True, mac=mac, bssid=BROADCAST)

    def answers(
        self,
        ssid: bytes = SSID,
        *,
        mac: bytes = DEVICE_MAC,
        bssid: bytes = ROUTER_MAC,
        flags: int = 0,
    ) -> Monitor:
        """A probe response."""
        body = bytes(8) + b"\x64\0" + struct.pack("<H", self.capabilities)
        body += ssid + RATES + b"\x03\x01\x06" + self.rsn
        return self.management(PROBE_RESPONSE, body, up=False, mac=mac, bssid=bssid, flags=flags)

    def transition(self, *, mac: bytes = DEVICE_MAC) -> Monitor:
        """The access point asks the station to go to another (BSS transition management)."""
        return self.management(ACTION, b"\x0a\x07\x01\x04" + bytes(3), up=False, mac=mac)

    def probed(self) -> Monitor:
        body = bytes(8) + b"\x64\0" + struct.pack("<H", self.capabilities)
        self.management(PROBE_REQUEST, SSID + RATES, up=True)
        return self.management(PROBE_RESPONSE, body + SSID + RATES + self.rsn, up=False)

    def auth(self, *, algorithm: int = OPEN, sequence: int = 1, mac: bytes = DEVICE_MAC) -> Monitor:
        return self.management(AUTH, struct.pack("<HHH", algorithm, sequence, 0), up=True, mac=mac)

    def authenticated(
        self,
        status: int = 0,
        *,
        algorithm: int = OPEN,
        sequence: int = 2,
        more: bytes = b"",
        mac: bytes = DEVICE_MAC,
    ) -> Monitor:
        body = struct.pack("<HHH", algorithm, sequence, status) + more
        return self.management(AUTH, body, up=False, mac=mac)

    def challenge_answered(self) -> Monitor:
        """The third frame of a WEP log-in, encrypted."""
        return self.management(AUTH, bytes(4) + bytes(range(136)), up=True, flags=0x40)

    def assoc(self, *, mac: bytes = DEVICE_MAC, rsn: bytes | None = None) -> Monitor:
        """`rsn`: what the station asks for, where that is not what the access point offers."""
        wanted = self.rsn if rsn is None else rsn
        return self.management(ASSOC, b"\x11\0\x0a\0" + SSID + RATES + wanted, up=True, mac=mac)

    def associated(self, status: int = 0, *, mac: bytes = DEVICE_MAC) -> Monitor:
        body = struct.pack("<HHH", self.capabilities, status, 0xC001) + RATES
        return self.management(ASSOC_RESPONSE, body, up=False, mac=mac)

    def key(self, number: int, *, mac: bytes = DEVICE_MAC) -> Monitor:
        """A message of the 4-way handshake."""
        up = number in (2, 4)
        data = bytes(22) if number in (2, 3) else b""
        key = bytes((2, 3)) + struct.pack(">HB", 95 + len(data), 2)
        key += KEY_FLAGS[number].to_bytes(2, "big") + bytes(90)
        key += len(data).to_bytes(2, "big") + data
        addresses = ROUTER_MAC + mac + ROUTER_MAC if up else mac + ROUTER_MAC + ROUTER_MAC
        head = bytes((0x08, 1 if up else 2, 0, 0)) + addresses + b"\0\0"
        return self._put(head + b"\xaa\xaa\x03\0\0\0\x88\x8e" + key)

    def deauth(self, reason: int, *, up: bool = False, mac: bytes = DEVICE_MAC) -> Monitor:
        return self.management(DEAUTH, struct.pack("<H", reason), up=up, mac=mac)

    def everybody_away(self, reason: int, *, bssid: bytes = ROUTER_MAC) -> Monitor:
        """A deauthentication to everybody."""
        body = struct.pack("<H", reason)
        return self.management(DEAUTH, body, up=False, mac=BROADCAST, bssid=bssid)

    def disassoc(self, reason: int, *, up: bool = False) -> Monitor:
        return self.management(DISASSOC, struct.pack("<H", reason), up=up)

    def encrypted(self, *, up: bool = True, mac: bytes = DEVICE_MAC, length: int = 84) -> Monitor:
        """A data frame that nobody here can read; of the station it goes to everybody."""
        addresses = ROUTER_MAC + mac + BROADCAST if up else mac + ROUTER_MAC + ROUTER_MAC
        head = bytes((0x08, 0x41 if up else 0x42, 0, 0)) + addresses
        return self._put(head + bytes(length - len(head)))

    # -- what they come to

    def accepted(self, *, mac: bytes = DEVICE_MAC) -> Monitor:
        """Authenticated and associated."""
        return self.auth(mac=mac).authenticated(mac=mac).assoc(mac=mac).associated(mac=mac)

    def keyed(self, *, mac: bytes = DEVICE_MAC) -> Monitor:
        for number in (1, 2, 3, 4):
            self.key(number, mac=mac)
        return self

    def joined(self, *, mac: bytes = DEVICE_MAC) -> Monitor:
        self.accepted(mac=mac).keyed(mac=mac)
        for _ in range(4):
            self.encrypted(mac=mac).encrypted(up=False, mac=mac)
        return self
