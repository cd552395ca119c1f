"""Hostile input of each kind, made from a number alone, so that any can be made again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from random import Random

from netcheck import capture, casefile
from netcheck.capture.files.stream import open_capture
from netcheck.model import Target
from tests.doubles import log_player
from tests.doubles.serial_photon import VERSIONS, Console
from tests.doubles.softap_server import Fault, SoftAp
from tests.fuzz.mutations import UNSAFE, mutated
from tests.helpers.capture_files import frames_of, pcap, pcapng
from tests.helpers.places import CAPTURES, RECORDED, SAMPLES, TESTS

Frames = list[tuple[int, bytes]]
LINKS = (0, 1, 12, 101, 105, 113, 119, 127, 192, 276)
MOST_FRAMES = 400
LATEST_NS = 2**32 * 10**9
LINE = b"\n"


def made(kind: str, seed: int, number: int) -> bytes:
    """The input of that kind and number."""
    return KINDS[kind](Random(f"{seed}/{kind}/{number}"))


# ----------------------------------------------------------------------------------------- captures


@cache
def _files() -> tuple[tuple[int, bytes, Frames], ...]:
    """Every capture that there is: its link type, its content and its frames."""
    found = [*CAPTURES.rglob("*.pcap*"), *SAMPLES.glob("*.pcap*"), *RECORDED.glob("*.pcap")]
    kept = []
    for path in sorted(found):
        reading = open_capture(str(path))
        frames = [packet.frame for packet in reading]
        if frames and len(reading.links) == 1:
            kept.append((min(reading.links), path.read_bytes(), frames_of(path)[:MOST_FRAMES]))
    return tuple(kept)


@cache
def _frames(link: int) -> tuple[bytes, ...]:
    return tuple({frame: None for one, _, frames in _files() if one == link for _, frame in frames})


def _capture(random: Random) -> bytes:
    """A capture with changed frames, or with changed bytes anywhere."""
    link, content, frames = random.choice(_files())
    if random.random() < 0.25 and len(content) < 200_000:
        return mutated(random, content, [random.choice(_files())[1][:4000]])
    changed = list(frames)
    for _ in range(random.randint(1, 25)):
        _change_frames(random, changed, _frames(link))
    if random.random() < 0.05:
        link = random.choice(LINKS)
    write = random.choice((pcap, pcapng))
    return write([(at % LATEST_NS, frame) for at, frame in changed], link=link)


def _change_frames(random: Random, frames: Frames, others: tuple[bytes, ...]) -> None:
    index = random.randrange(len(frames))
    at_ns, frame = frames[index]
    match random.randrange(9):
        case 0 if len(frames) > 1:
            del frames[index]
        case 1:
            frames.insert(random.randrange(len(frames) + 1), (at_ns, frame))
        case 2:
            frames.insert(index, (at_ns, random.choice(others)))
        case 3:
            shift_ns = random.choice((10**6, 10**9, 60 * 10**9, 86_400 * 10**9))
            frames[index] = (at_ns + random.randint(-shift_ns, shift_ns), frame)
        case 4 if len(frames) < 2 * MOST_FRAMES:
            frames[index:index] = [(at_ns + n, frame) for n in range(random.choice((2, 20, 100)))]
        case 5:
            frames[index] = (random.randrange(2**32) * 10**9, frame)
        case _:
            frames[index] = (at_ns, mutated(random, frame, others, 4))


def _frame(random: Random) -> bytes:
    """One frame, as a capture of one, so that its link type comes with it."""
    link, _, frames = random.choice(_files())
    frame = mutated(random, random.choice(frames)[1], _frames(link), 6)
    return pcap([(10**9, frame)], link=random.choice((link, link, link, random.choice(LINKS))))


# ------------------------------------------------------------------------------ case files, logs


@cache
def _case_lines() -> tuple[bytes, ...]:
    """Lines of the case files of every capture."""
    lines: dict[bytes, None] = {}
    for path in sorted([*CAPTURES.rglob("*.pcap*"), *RECORDED.glob("*.pcap")])[::3]:
        observations = capture.observe([str(path)], Target()).observations
        lines |= dict.fromkeys(casefile.lines(observations))
    return tuple(lines)


def _case(random: Random) -> bytes:
    """A case file with values of other fields, of other types, or with bytes changed."""
    header, *lines = _case_lines()
    begin = random.randrange(len(lines))
    chosen = lines[begin : begin + random.choice((1, 10, 60))]
    for _ in range(random.randint(1, 10)):
        index = random.randrange(len(chosen))
        if random.random() < 0.3:
            chosen[index] = mutated(random, chosen[index], lines, 4).replace(LINE, b" ") + LINE
        else:
            chosen[index] = _changed_line(random, chosen[index], lines)
    return header + b"".join(chosen)


VALUES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**64, 1e308, -1e308, 0.1, 1e-320),
    *("", " ", "x" * 5000, "network", "nameless", "0.0.0.0", "255.255.255.255", "::", "fe80::1%x"),
    *([], [[]], {}, {"a": 1}, [["value", 1]], [["value", "x"], ["value", "y"]], "1970", "NaN"),
    *("ssid:x", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "54.1.2.3:99999", "a.b:0", "f" * 24),
)


def _changed_line(random: Random, line: bytes, lines: list[bytes]) -> bytes:
    try:
        record, other = json.loads(line), json.loads(random.choice(lines))
    except ValueError:
        return line
    name = random.choice(list(record or {"x": 0}))
    value = random.choice((*VALUES, other.get(name), other.get("data"), _unsafe(random)))
    if name == "data" and isinstance(record.get("data"), list) and record["data"]:
        pair = random.choice(record["data"])
        if isinstance(pair, list) and pair:
            pair[random.randrange(len(pair))] = value
    else:
        record[name] = value
    return json.dumps(record).encode() + LINE


def _unsafe(random: Random) -> str:
    return random.choice(UNSAFE).decode("utf-8", "replace")


@cache
def _logs() -> tuple[bytes, ...]:
    """Logs of devices: of support cases, of the samples and of the tests."""
    cases = json.loads((TESTS / "cases" / "cases.json").read_text(encoding="utf-8"))
    texts = ["\n".join(case["log"]) for case in cases if case["log"]]
    texts += [path.read_text(encoding="utf-8") for path in SAMPLES.glob("*.log")]
    texts += [
        "\n".join(log_player.log(version, fault))
        for version in log_player.VERSIONS
        for fault in log_player.FAULTS
    ]
    return tuple(text.encode() for text in texts)


def _log(random: Random) -> bytes:
    """A log with lines and bytes changed."""
    text = random.choice(_logs())
    lines = text.split(LINE)
    for _ in range(random.randrange(8)):
        at = random.randrange(len(lines))
        lines[at:at] = random.choice(
            (
                [random.choice(lines)] * random.choice((1, 1, 50)),
                random.choice(_logs()).split(LINE)[:9],
            )
        )
        if random.random() < 0.5:
            del lines[random.randrange(len(lines))]
    return mutated(random, random.choice((LINE, b"\r\n", b"\r")).join(lines or [b""]), _logs())


# --------------------------------------------------------------------------------------- the device


def _softap(random: Random) -> bytes:
    """Answers over its access point, one after the other, with blank lines of 0xFF between."""
    fault = random.choice([one for one in Fault if one is not Fault.SILENT])
    networks = tuple(
        (
            random.choice((b"HomeNet", *UNSAFE)),
            random.randint(-128, 200),
            random.choice((0, 4194308)),
            6,
        )
        for _ in range(random.choice((1, 1, 3, 300)))
    )
    device = SoftAp(fault=fault, networks=networks, chunked=random.random() < 0.5)
    answers: list[bytes] = []
    for command in ("version", "device-id", "scan-ap", "public-key"):
        over = random.choice(("tcp", "http"))
        asked = f"{command}\n0\n\n" if over == "tcp" else f"GET /{command} HTTP/1.1\r\n\r\n"
        answer = device.reply(over, asked.encode()) or b""
        is_changed = random.random() < 0.6
        answers.append(mutated(random, answer, answers, 6) if is_changed else answer)
    return BETWEEN.join(answers)


BETWEEN = b"\n\xff\xff\n"
"""Stands between what is answered to one question and to the next."""


def _serial(random: Random) -> bytes:
    """What comes over the port by itself, and then the answer to each letter."""
    console = Console(version=random.choice(list(VERSIONS)), is_claimed=random.random() < 0.5)
    console.diagnostics = {"net:err": random.choice((1062, -1, 2**70, "x", None, [1], 1e400))}
    spoken = random.choice((b"", *_logs()))[:2000] if random.random() < 0.4 else b""
    parts = [spoken, *(console.take(bytes((letter,))) for letter in b"vimscd")]
    return BETWEEN.join(
        mutated(random, part, parts, 5) if random.random() < 0.5 else part for part in parts
    )


KINDS: Mapping[str, Callable[[Random], bytes]] = {
    "captures": _capture,
    "frames": _frame,
    "cases": _case,
    "logs": _log,
    "softap": _softap,
    "serial": _serial,
}


def warm() -> Iterator[str]:
    """Make one of each, so that what is read once is read before the processes part."""
    for kind in KINDS:
        made(kind, 0, 0)
        yield kind
