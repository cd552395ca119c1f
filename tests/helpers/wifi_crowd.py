"""A capture in monitor mode of a crowded place, of any size, written in a stream.

python -m tests.helpers.wifi_crowd OUT.pcap MEGABYTES well|wrong_password

Thousands of stations probe, are refused, have wrong passwords and are sent away, at access points
that send beacons all the time; a Photon among them is well, or has a wrong password.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

from tests.helpers.monitor import RADIOTAP_LINK, Monitor
from tests.helpers.wire import DEVICE_MAC, START_NS

STATIONS, ACCESS_POINTS = 5_000, 400
DATA_EACH_ROUND = 100
ROUND_S = 0.1
_SOMEBODY = b"\x3c\x22\xfb\xff\xff\xff"


def write(path: Path, size: int, device: str = "well") -> int:
    """Write at least so many bytes; returns the number of frames."""
    with path.open("wb", buffering=1 << 20) as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, RADIOTAP_LINK))
        written = 24
        for number, (at_ns, frame) in enumerate(_frames(device), 1):
            head = struct.pack("<IIII", *divmod(at_ns, 10**9), len(frame), len(frame))
            written += file.write(head + frame)
            if written >= size and number > 1:
                return number
    return 0


def _frames(device: str) -> Iterator[tuple[int, bytes]]:
    """One round after the other, without end; in each, every access point sends a beacon, ten
    stations fail, and a hundred say what nobody can read. The device tries every twenty rounds.
    """
    random = Random(15)
    beacons, failures, said = _beacons(), _failures(), _DEVICES[device]
    data = _of(Monitor().encrypted(mac=_SOMEBODY, length=1500))
    data += _of(Monitor().encrypted(up=False, mac=_SOMEBODY, length=1500))
    for number in count():
        at_ns = START_NS + round(number * ROUND_S * 1e9)
        frames = list(beacons)
        for index in range(10):
            station = number * 10 + index
            frames += _as(failures[station % len(failures)], _mac(station))
        for _ in range(DATA_EACH_ROUND):
            frames += _as([random.choice(data)], _mac(random.randrange(STATIONS)))
        if number % 20 == 0:
            frames += said[number > 0]
        for place, frame in enumerate(frames):
            yield at_ns + place * 50_000, frame


def _mac(station: int) -> bytes:
    return b"\x3c\x22\xfb" + (station % STATIONS).to_bytes(3, "big")


def _as(frames: list[bytes], mac: bytes) -> list[bytes]:
    return [frame.replace(_SOMEBODY, mac) for frame in frames]


def _beacons() -> list[bytes]:
    monitor = Monitor().beacon()
    for number in range(ACCESS_POINTS - 1):
        name = f"Shop {number}".encode()
        bssid = b"\xc0\x4a\x00\x01" + number.to_bytes(2, "big")
        monitor.beacon(bytes((0, len(name))) + name, bssid=bssid)
    return _of(monitor)


def _failures() -> list[list[bytes]]:
    """Each way in which stations fail, as frames of one of them."""
    mac = _SOMEBODY
    ways = (
        Monitor().asks(mac=mac).auth(mac=mac).authenticated(1, mac=mac),
        Monitor().asks(mac=mac).auth(mac=mac).authenticated(17, mac=mac),
        Monitor().accepted(mac=mac).key(1, mac=mac).key(2, mac=mac).deauth(15, mac=mac),
        Monitor().auth(mac=mac).authenticated(mac=mac).assoc(mac=mac).associated(31, mac=mac),
        Monitor().auth(mac=mac).authenticated(mac=mac).assoc(mac=mac).associated(43, mac=mac),
        Monitor().asks(mac=mac).asks(mac=mac).asks(mac=mac),
        Monitor().joined(mac=mac).deauth(7, mac=mac),
    )
    return [_of(way) for way in ways]


def _well() -> tuple[list[bytes], list[bytes]]:
    """What is sent when the Photon joins, and from then on."""
    talks = Monitor().encrypted(mac=DEVICE_MAC).encrypted(up=False, mac=DEVICE_MAC)
    return _of(Monitor().joined()), _of(talks)


def _wrong_password() -> tuple[list[bytes], list[bytes]]:
    """The same of one that is sent away each time."""
    wrong = Monitor().accepted()
    for _ in range(4):
        wrong.key(1).key(2)
    wrong.deauth(15)
    return _of(wrong), _of(wrong)


def _of(monitor: Monitor) -> list[bytes]:
    return [frame for _, frame in monitor.frames]


_DEVICES = {"well": _well(), "wrong_password": _wrong_password()}


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(float(sys.argv[2]) * 1e6), sys.argv[3]))
