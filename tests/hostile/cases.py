"""Hostile case files and logs, each of at most 3 MB."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

HEADER = '{"schema":"netcheck-case/1","version":"0"}\n'
AT = 1_700_000_000.0
DEVICE = "e0:4f:43:00:00:01"
Lines = Iterator[dict[str, Any] | str]

CASES: dict[str, Callable[[], Lines]] = {}
LOGS: dict[str, Callable[[], str]] = {}


def case(lines: Callable[[], Lines]) -> Callable[[], Lines]:
    CASES[lines.__name__] = lines
    return lines


def log(text: Callable[[], str]) -> Callable[[], str]:
    LOGS[text.__name__] = text
    return text


def stored(name: str) -> bytes:
    """The case file of that name."""
    rows = (row if isinstance(row, str) else json.dumps(row) for row in CASES[name]())
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


def seen(fact: str, stage: str, outcome: str, at: float, **more: Any) -> dict[str, Any]:
    return {
        "stage": stage,
        "fact": fact,
        "outcome": outcome,
        "subject": DEVICE,
        "source": "capture:a.pcap",
        "at": at,
        **more,
    }


def identity(mac: str, index: int = 0) -> dict[str, Any]:
    data = [["rank", 5], ["mac", mac], ["ip", f"10.0.{index // 250 % 250}.{index % 250}"]]
    return seen("device.identity", "power", "ok", AT, subject=mac, data=data)


def mac_of(index: int) -> str:
    return "e0:4f:43:" + index.to_bytes(3, "big").hex(":")


def computer(index: int, at: float, site: str) -> Lines:
    more = {"subject": "3c:22:fb:00:00:01", "source": "probe:cloud_port/1", "site": site}
    yield seen("gateway.arp", "gateway", "ok", at, **more, target="192.168.1.1")
    yield seen(
        "tcp.cloud", "tcp", "failed", at + 1, reason="timeout", **more, target="54.1.2.3:5683"
    )


@case
def sites() -> Lines:
    for index in range(5_000):
        yield from computer(index, AT + index, f"site {index}")


@case
def sites_by_gateway() -> Lines:
    for index in range(5_000):
        yield from computer(index, AT + index, f"10.{index >> 16}.{index >> 8 & 255}.{index & 255}")


@case
def devices() -> Lines:
    for index in range(5_000):
        yield identity(mac_of(index), index)
        yield seen(
            "tcp.cloud",
            "tcp",
            "failed",
            AT + index,
            reason="timeout",
            subject=mac_of(index),
            target="54.1.2.3:5683",
        )


@case
def names_of_one_device() -> Lines:
    for index in range(10_000):
        data = [["rank", 5], ["mac", mac_of(index)], ["id", f"{index:024x}"]]
        yield seen("device.identity", "power", "ok", AT, subject=f"{index + 1:024x}", data=data)


@case
def tries_of_one_device() -> Lines:
    yield identity(DEVICE)
    for index in range(14_000):
        at = AT + index * 10
        yield seen("tcp.cloud", "tcp", "failed", at, reason="timeout", target="54.1.2.3:5683")


@case
def observations_of_one_try() -> Lines:
    yield identity(DEVICE)
    for index in range(15_000):
        yield seen(
            "tcp.other",
            "tcp",
            "failed",
            AT,
            reason="timeout",
            target=f"h{index}:443",
            ref=f"r{index}",
        )


@case
def failures_by_usb_again_and_again() -> Lines:
    yield identity(DEVICE)
    for index in range(14_000):
        more = {"source": "device:serial", "ref": f"s{index}:1", "reason": "timeout"}
        yield seen("tcp.cloud", "tcp", "failed", AT + index * 10, **more)


@case
def runs_of_one_computer() -> Lines:
    for index in range(6_500):
        yield from computer(index, AT + index * 100, "home")


@case
def controls_of_one_device() -> Lines:
    yield identity(DEVICE)
    for index in range(4_500):
        at = AT + index * 10
        yield seen("tcp.cloud", "tcp", "failed", at, reason="timeout", target="54.1.2.3:5683")
        yield from computer(index, at, "home")


@case
def answers() -> Lines:
    for index in range(14_000):
        yield seen(
            "told.last_change",
            "power",
            "ok",
            AT + index,
            source="user:answers",
            subject="nameless",
            data=[["text", "x" * 30], ["value", "other"]],
        )


@case
def light() -> Lines:
    for index in range(15_000):
        yield seen(
            "led.state",
            "power",
            "ok",
            AT,
            source="user:led",
            subject="nameless",
            data=[["value", "green_fast"], ["step", index]],
        )


@case
def nested_unknown_field() -> Lines:
    yield identity(DEVICE)
    plain = json.dumps(seen("tcp.cloud", "tcp", "failed", AT, reason="timeout"))
    yield plain[:-1] + ',"x":' + "[" * 30_000 + "]" * 30_000 + "}"


@case
def nameless_identity() -> Lines:
    yield seen("device.identity", "power", "ok", AT, subject="", data=[["rank", 5]])
    yield identity(DEVICE)
    yield seen("tcp.cloud", "tcp", "failed", AT, reason="timeout", target="54.1.2.3:5683")


@case
def blank_router() -> Lines:
    yield identity(DEVICE)
    yield seen("dhcp.options", "address", "ok", AT, data=[["router", " "]])
    yield seen("tcp.cloud", "tcp", "failed", AT, reason="timeout", target="54.1.2.3:5683")


@case
def times_without_end() -> Lines:
    yield identity(DEVICE)
    for at in (1e308, -1e308, 1e18, -5.0):
        yield seen("tcp.cloud", "tcp", "failed", at, reason="timeout", took_s=1e308)
    yield json.dumps(seen("tcp.cloud", "tcp", "failed", AT))[:-1] + ',"took_s":-1e400}'


@case
def values_out_of_range() -> Lines:
    yield identity(DEVICE)
    for value in (1e308, -(2**63), 2**63, "", " ", "x" * 60_000, True):
        for name in ("rtt_ms", "router", "gateway", "version", "addresses", "number", "discovers"):
            yield seen("dhcp.options", "address", "ok", AT, data=[[name, value]])
            yield seen("tcp.cloud", "tcp", "failed", AT, data=[[name, value]])


@case
def long_texts() -> Lines:
    yield identity(DEVICE)
    for index in range(48):
        yield seen("tcp.cloud", "tcp", "failed", AT + index, target="t" * 60_000, reason="timeout")


@case
def many_values() -> Lines:
    yield identity(DEVICE)
    for index in range(45):
        data = [[f"n{number}", number] for number in range(4_000)]
        yield seen("tcp.cloud", "tcp", "failed", AT + index, reason="timeout", data=data)


@case
def lines_that_are_none() -> Lines:
    yield from ("[]" for _ in range(900_000))


@case
def one_line() -> Lines:
    yield "x" * 2_900_000


@case
def unknown_facts() -> Lines:
    yield identity(DEVICE)
    for index in range(15_000):
        yield seen(f"acme{index}.fact", "tcp", "failed", AT + index, reason="timeout")


@log
def log_of_failures() -> str:
    return "".join(
        f"{index * 10:010d} [comm.protocol.handshake] ERROR: Handshake failed: 16\n"
        f"{index * 10 + 5:010d} [system] ERROR: Cloud socket connection failed: -1\n"
        for index in range(22_000)
    )


@log
def log_without_line_end() -> str:
    return "0000001501 [hal.wlan] INFO: Joining Lab Net\n" + "." * 2_900_000


@log
def log_of_heads() -> str:
    return "0000001501 [hal.wlan] INFO: " * 100_000


@log
def log_of_resets() -> str:
    return "".join(
        f"{(index % 2) * 4000000000 + 1501:010d} [hal.wlan] INFO: Joining Lab Net {index}\n"
        for index in range(50_000)
    )


@log
def log_of_json() -> str:
    return (
        "0000001501 [hal.wlan] INFO: Joining Lab Net\n"
        + ('{"m":' + "[" * 2000 + "]" * 1990 + "}\n") * 700
    )
