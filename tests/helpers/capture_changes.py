"""Changes to a capture that must not change what is concluded from it, and who says so.

`CHANGES` holds each change by its name; a test module or another helper registers more with
`@change(...)`. `python -m tests.helpers.capture_changes [CHANGE ...]` prints how many captures keep
their answer under each change, and every one that does not.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from socket import inet_aton, inet_ntoa

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.model import STANDING, Diagnosis, Level, Target, Verdict
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.places import CAPTURES, RECORDED
from tests.helpers.wire import ACK, FIN, Wire

MS = 1_000_000
Frame = tuple[int, bytes]
"""Time in ns, and bytes."""
ETHERNET, RAW_IP, RADIO = 1, 101, 127
NEIGHBOUR_MAC = bytes.fromhex("3c22fb7a0102")
REPEATER_MAC = bytes.fromhex("cc32e5a1b2c3")


@dataclass(frozen=True)
class Labelled:
    """A capture, the device that it is about, and what is true of that."""

    name: str
    path: Path
    mac: str
    is_healthy: bool
    expected: frozenset[str]
    """The causes of which any is right as the first."""

    @property
    def link(self) -> int:
        """Its link type; outside a router, where no MAC is known, bare IP."""
        if self.path.parent.name == "wifi":
            return RADIO
        return ETHERNET if self.mac else RAW_IP


class Kept(StrEnum):
    """What a change left of an answer."""

    SAME = "same"
    WEAKER = "weaker"
    """Less is said, and nothing wrong."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Change:
    """One change, and whether it may take evidence away, so that the answer may be weaker."""

    name: str
    apply: Callable[[Sequence[Frame], Labelled], list[Frame]]
    may_weaken: bool
    applies_to: Callable[[Labelled], bool]


CHANGES: dict[str, Change] = {}
Apply = Callable[[Sequence[Frame], Labelled], list[Frame]]


def on_ethernet(capture: Labelled) -> bool:
    """Can frames of Ethernet be added to it?"""
    return capture.link == ETHERNET


def change(
    *, may_weaken: bool = False, applies_to: Callable[[Labelled], bool] = on_ethernet
) -> Callable[[Apply], Apply]:
    """Register a function under its name as a change."""

    def register(function: Apply) -> Apply:
        name = function.__name__
        CHANGES[name] = Change(name, function, may_weaken, applies_to)
        return function

    return register


# -- captures


@cache
def labelled() -> tuple[Labelled, ...]:
    """Every development capture and recorded scenario."""
    return (*_development(), *_wifi(), *_recorded())


def _development() -> Iterable[Labelled]:
    for row in json.loads((CAPTURES / "truth.json").read_text()):
        name = f"{Path(row['file']).stem}-{row['device_mac'][-2:]}"
        expected = frozenset(row["accept"])
        path = CAPTURES / row["file"]
        yield Labelled(name, path, row["device_mac"], row["healthy"], expected)


def _wifi() -> Iterable[Labelled]:
    for row in json.loads((CAPTURES / "wifi" / "truth.json").read_text()):
        path = CAPTURES / "wifi" / row["file"]
        expected = frozenset(row["accept"])
        yield Labelled(f"wifi-{path.stem}", path, row["sta_mac"], row["healthy"], expected)


def _recorded() -> Iterable[Labelled]:
    for path in sorted(RECORDED.glob("*.json")):
        truth = json.loads(path.read_text())
        yield Labelled(
            f"recorded-{path.stem}",
            path.with_suffix(".pcap"),
            truth["devices"][0]["mac"] if truth["captured_at"] != "wan" else "",
            truth["healthy"],
            frozenset(truth["expected"]),
        )


# -- one direction


@change(may_weaken=True, applies_to=lambda _: True)
def only_from_the_device(frames: Sequence[Frame], capture: Labelled) -> list[Frame]:
    """As a mirror of one direction of the device's port shows it: what it sends."""
    return [(at, frame) for at, frame in frames if _is_from_device(frame, capture)]


@change(may_weaken=True, applies_to=lambda _: True)
def only_to_the_device(frames: Sequence[Frame], capture: Labelled) -> list[Frame]:
    """The other direction of that port: what anyone else sends."""
    return [(at, frame) for at, frame in frames if not _is_from_device(frame, capture)]


@change(may_weaken=True)
def only_into_the_router(frames: Sequence[Frame], capture: Labelled) -> list[Frame]:
    """As `tcpdump -Q in` on the router: what clients send."""
    router = _router_mac(frames, capture)
    return [(at, frame) for at, frame in frames if frame[6:12] != router]


@change(may_weaken=True)
def only_out_of_the_router(frames: Sequence[Frame], capture: Labelled) -> list[Frame]:
    """As `tcpdump -Q out` on the router: what it sends and forwards."""
    router = _router_mac(frames, capture)
    return [(at, frame) for at, frame in frames if frame[6:12] == router]


def _is_from_device(frame: bytes, capture: Labelled) -> bool:
    if capture.link == RAW_IP:
        return frame[12:16] == inet_aton(baseline(capture).device.ip or "")
    sender = 6
    if capture.link == RADIO:
        sender = int.from_bytes(frame[2:4], "little") + 10
    return frame[sender : sender + 6] == _device_mac(capture)


def _device_mac(capture: Labelled) -> bytes:
    return bytes.fromhex(capture.mac.replace(":", ""))


def _router_mac(frames: Sequence[Frame], capture: Labelled) -> bytes:
    """The MAC that most of the device's IPv4 goes to; without any, of who answers it most."""
    device = _device_mac(capture)
    sent = Counter(
        frame[:6]
        for _, frame in frames
        if frame[6:12] == device and not frame[0] & 1 and frame[12:14] == b"\x08\x00"
    )
    back = Counter(frame[6:12] for _, frame in frames if frame[6:12] != device)
    best = (sent or back).most_common(1)
    return best[0][0] if best else b""


# -- neighbours


@change()
def a_neighbours_redirect(frames: Sequence[Frame], capture: Labelled) -> list[Frame]:
    """Another client browses, and a site sends it to its site for the country: 302."""
    return _with(frames, _redirected(frames, capture, 302, "google.com", "www.google.fr"))


@change()
def a_neighbours_advertisement(frames: Sequence[Frame], capture: Labelled) -> list[Frame]:
    """Another client's page loads an advertisement, which another site serves: 307 and 303."""
    first = _redirected(frames, capture, 307, "ads.example-news.com", "cdn.tracker-one.net")
    second = _redirected(frames, capture, 303, "go.example-shop.com", "pay.example-bank.de")
    return _with(frames, [*first, *second])


@change()
def a_repeater_sends_arp_again(frames: Sequence[Frame], _capture: Labelled) -> list[Frame]:
    """A repeater between: each client's own ARP request again, with its MAC in it, 3 ms later."""
    copies = [
        (at + 3 * MS, _with_sender(frame, REPEATER_MAC))
        for at, frame in frames
        if frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\1" and frame[28:32] != bytes(4)
    ]
    return _with(frames, copies)


def _with_sender(arp: bytes, mac: bytes) -> bytes:
    return arp[:6] + mac + arp[12:22] + mac + arp[28:]


def _redirected(
    frames: Sequence[Frame], capture: Labelled, status: int, host: str, to: str
) -> list[Frame]:
    """A neighbour's web connection in the middle of the capture, beside the device."""
    wire = Wire()
    talk = wire.connection("142.250.74.99", 80, client=_neighbour(frames, capture))
    talk.mac, talk.sport = NEIGHBOUR_MAC, 41000 + len(host)
    talk.syn()
    talk.wire.wait(0.03)
    talk.syn_ack()
    talk.up()
    talk.up(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    talk.wire.wait(0.03)
    talk.down(f"HTTP/1.1 {status} Found\r\nLocation: http://{to}/\r\n\r\n".encode())
    talk.up(flags=ACK | FIN)
    shift = _middle(frames) - wire.frames[0][0]
    router = _router_mac(frames, capture) or bytes.fromhex("c05627000001")
    return [(at + shift, _by(frame, router)) for at, frame in wire.frames]


def _by(frame: bytes, router: bytes) -> bytes:
    """The same frame by way of that router."""
    if frame[6:12] == NEIGHBOUR_MAC:
        return router + frame[6:]
    return frame[:6] + router + frame[12:]


def _neighbour(frames: Sequence[Frame], capture: Labelled) -> str:
    """A free address beside the device's."""
    used = {inet_ntoa(frame[at : at + 4]) for _, frame in frames for at in (26, 30)}
    near = baseline(capture).device.ip or next(
        (a for a in sorted(used) if a.startswith(("10.", "192.168.", "172."))), "192.168.1.2"
    )
    start = near.rpartition(".")[0]
    return next(address for last in range(211, 250) if (address := f"{start}.{last}") not in used)


def _middle(frames: Sequence[Frame]) -> int:
    return (frames[0][0] + frames[-1][0]) // 2


def _with(frames: Sequence[Frame], more: Iterable[Frame]) -> list[Frame]:
    return sorted([*frames, *more], key=lambda item: item[0])


# -- judging


@cache
def baseline(capture: Labelled) -> Diagnosis:
    """What is concluded from the capture as it is."""
    return _diagnosed([str(capture.path)], capture)


def kept(capture: Labelled, what: Change) -> tuple[Kept, str]:
    """What the change left of the answer, and in a few words why."""
    frames = frames_of(capture.path)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "changed.pcap"
        path.write_bytes(pcap(what.apply(frames, capture), magic=0xA1B23C4D, link=capture.link))
        after = _diagnosed([str(path)], capture)
    before = baseline(capture)
    words = f"{_gist(before)} → {_gist(after)}"
    right = capture.expected | {_first(before)}
    return _compared(capture, before, after, _alike(right) if what.may_weaken else right), words


def holds(capture: Labelled, what: Change) -> str:
    """Empty where the answer is kept as this change must keep it, else what became of it."""
    result, words = kept(capture, what)
    return "" if result is Kept.SAME or (what.may_weaken and result is Kept.WEAKER) else words


def _diagnosed(files: Sequence[str], capture: Labelled) -> Diagnosis:
    found = diagnose(observe(files, Target()).observations, Target())
    if not capture.mac:
        return found[0]
    return next((d for d in found if d.device.mac == capture.mac), _not_found())


def _not_found() -> Diagnosis:
    return diagnose((), Target())[0]


def _alike(causes: Iterable[str]) -> frozenset[str]:
    """With those that look alike where the evidence that tells them apart is gone."""
    known = frozenset(causes)
    groups = [frozenset(group.members) for group in load().groups]
    return known.union(*(group for group in groups if group & known))


def _compared(
    capture: Labelled, before: Diagnosis, after: Diagnosis, right: frozenset[str]
) -> Kept:
    first, was = _first(after), _first(before)
    if after.verdict is before.verdict and (first == was or before.verdict is Verdict.HEALTHY):
        return Kept.SAME
    if after.verdict is Verdict.FAULT:
        return Kept.SAME if first in right and before.verdict is Verdict.FAULT else Kept.WRONG
    if capture.is_healthy:
        return Kept.WRONG if after.verdict is Verdict.SUSPECTED else Kept.WEAKER
    if after.verdict is Verdict.HEALTHY:
        return Kept.WRONG
    likely = [f.cause for f in after.findings if f.level in _SURE and f.stops_connection]
    return Kept.WEAKER if {*likely} <= right else Kept.WRONG


_SURE = (Level.CONFIRMED, Level.LIKELY)


def _first(one: Diagnosis) -> str:
    """The first standing cause that stops the connection."""
    standing = (f.cause for f in one.findings if f.level in STANDING and f.stops_connection)
    return next(standing, "")


def _gist(one: Diagnosis) -> str:
    level = next((f.level for f in one.findings if f.cause == _first(one)), "")
    return " ".join(word for word in (one.verdict, _first(one), level) if word)


# -- the table


def main() -> int:
    """Prints how many captures keep their answer under each change."""
    parser = argparse.ArgumentParser(prog="python -m tests.helpers.capture_changes")
    parser.add_argument("change", nargs="*", help="changes to try (default: all)")
    parser.add_argument("--quiet", action="store_true", help="the table alone")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    # As a script, this module is another than the one where changes are registered.
    from tests.helpers import capture_changes as registry

    names = options.change or list(registry.CHANGES)
    pairs = [
        (name, index)
        for name in names
        for index, capture in enumerate(registry.labelled())
        if registry.CHANGES[name].applies_to(capture)
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        results = list(pool.map(registry.try_one, pairs, chunksize=4))
    registry.print_table(results, is_quiet=options.quiet)
    return 0


Tried = tuple[str, str, Kept, bool, str]


def try_one(pair: tuple[str, int]) -> Tried:
    """One change of one capture: both names, what was kept, whether that is right, and why."""
    what, capture = CHANGES[pair[0]], labelled()[pair[1]]
    result, words = kept(capture, what)
    is_right = result is Kept.SAME or (what.may_weaken and result is Kept.WEAKER)
    return what.name, capture.name, result, is_right, words


def print_table(results: Sequence[Tried], *, is_quiet: bool) -> None:
    """One line for each change, and before it each answer that was not kept."""
    for name in dict.fromkeys(tried[0] for tried in results):
        mine = [tried for tried in results if tried[0] == name]
        count = Counter(tried[2] for tried in mine)
        right = sum(tried[3] for tried in mine)
        if not is_quiet:
            for _, capture, result, _, words in mine:
                if result is not Kept.SAME:
                    print(f"   {result:6} {capture}: {words}")
        print(
            f"{name:30} holds {right:4} of {len(mine):4}"
            f"  same {count[Kept.SAME]:4}  weaker {count[Kept.WEAKER]:4}"
            f"  wrong {count[Kept.WRONG]:4}"
        )
    right = sum(tried[3] for tried in results)
    print(f"{'all':30} holds {right:4} of {len(results):4}  {right / len(results):.1%}")


if __name__ == "__main__":
    sys.exit(main())
