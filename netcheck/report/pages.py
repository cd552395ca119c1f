"""The catalogue of causes and the list of probes, for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from netcheck.correlator.catalogue import Cause
from netcheck.correlator.catalogue.step_costs import cost_of
from netcheck.model import Clue, Observation
from netcheck.probing.plugin import Kind, Probe, Traffic
from netcheck.report import table
from netcheck.report.layout import BULLET, NUMBER, WIDTH, wrapped
from netcheck.report.words import ADDRESSEES, OWNERS
from netcheck.text.escape import safe
from netcheck.vocabulary import is_of_package

WORDS = {
    Kind.TCP_CONNECTION: ("TCP connection", "TCP connections"),
    Kind.DNS_QUERY: ("DNS query", "DNS queries"),
    Kind.ICMP_ECHO: ("ping", "pings"),
    Kind.UDP_DATAGRAM: ("UDP datagram", "UDP datagrams"),
    Kind.HTTP_REQUEST: ("HTTP request", "HTTP requests"),
    Kind.TLS_GREETING: ("TLS handshake", "TLS handshakes"),
    Kind.IGMP_REPORT: ("IGMP report", "IGMP reports"),
    Kind.DHCP_DISCOVER: ("DHCP DISCOVER", "DHCP DISCOVERs"),
    Kind.ARP_REQUEST: ("ARP request", "ARP requests"),
    Kind.TCP_SYN_TTL: (
        "TCP SYN with a low TTL",
        "TCP SYNs with a low TTL",
    ),
    Kind.ARP_REPLY: ("ARP reply", "ARP replies"),
    Kind.TCP_SYN: ("TCP SYN", "TCP SYNs"),
    Kind.WIFI_SCAN: ("Wi-Fi scan", "Wi-Fi scans"),
}
"""What a probe sends, one and several."""


def overview(causes: Iterable[Cause]) -> str:
    """Every cause with its name, by rung."""
    ordered = list(causes)
    rows = iter(table.rows([(cause.id, cause.title) for cause in ordered]))
    lines: list[str] = []
    for stage, group in groupby(ordered, key=lambda cause: cause.stage):
        lines += ["", stage.value]
        for _ in group:
            lines += next(rows)
    return "\n".join([*lines[1:], "", "netcheck causes ID explains one."])


def page(cause: Cause) -> str:
    """One cause explained: what it is, what shows it, what to do, and who says so."""
    stops = "" if cause.stops_connection else "; does not stop the connection"
    return "\n".join(
        [
            *wrapped(cause.title),
            *wrapped(f"{cause.id}, on rung {cause.stage.value}{stops}"),
            "",
            *wrapped(cause.headline),
            "",
            *wrapped(cause.explain),
            "",
            *wrapped(OWNERS[cause.owner], "Who must act: ", indent=""),
            *_part(
                "What to do",
                (
                    NUMBER.format(number) + _with_cost(step)
                    for number, step in enumerate(cause.remedy, 1)
                ),
            ),
            *_part(
                f"To paste for {ADDRESSEES.get(cause.owner, '')}",
                [f'"{cause.ask_it}"'] if cause.ask_it else [],
            ),
            *_part(
                "Its other forms",
                (f"{BULLET}{other.headline} {other.remedy[0]}" for other in cause.elsewhere),
            ),
            *_part("What shows it", map(_clue, cause.clues_for)),
            *_part("What speaks against it", map(_clue, cause.clues_against)),
            *_part("Sources", (BULLET + source for source in cause.sources)),
        ]
    )


def _clue(clue: Clue) -> str:
    beside = ", only beside other evidence" if clue.context else ""
    return f"{BULLET}{clue.says} ({clue.weight.value}{beside})"


def _with_cost(step: str) -> str:
    """The step, and what it costs."""
    cost = cost_of(step)
    return f"{step} {cost.says}" if cost is not None else step


def _part(heading: str, items: Iterable[str]) -> Iterator[str]:
    lines = [line for item in items for line in wrapped(item, indent="  ", below="    ")]
    if lines:
        yield from ("", heading, *lines)


def probe_list(probes: Sequence[Probe]) -> str:
    """Each probe: its question, what it sends, needs and settles."""
    return "\n\n".join("\n".join(_probe(probe)) for probe in probes)


def _probe(probe: Probe) -> Iterator[str]:
    asked = f", only with --also {probe.name}" if probe.on_request else ""
    package = f" of {probe.package}" if probe.package else ""
    yield safe(
        f"{probe.name}{package} ({probe.stage.value}, at most {probe.within_s:g} s{asked})", WIDTH
    )
    yield from wrapped(safe(probe.ask), indent="  ", below="  ")
    sends = [traffic(one) for one in probe.sends] or ["nothing"]
    yield from table.table(
        [
            *(("" if number else "sends", line) for number, line in enumerate(sends)),
            ("needs", ", ".join(sorted(probe.needs)) or "nothing"),
            ("settles", ", ".join(sorted(probe.settles))),
            *(
                ("means" if not number else "", f"{fact}: {meaning}")
                for number, (fact, meaning) in enumerate(_meanings(probe))
            ),
        ]
    )


def _meanings(probe: Probe) -> list[tuple[str, str]]:
    """Each fact of a package's own with what it means, in the package's words."""
    return [
        (fact, str(dict(probe.words_of(fact))["meaning"]))
        for fact in sorted(probe.settles)
        if is_of_package(fact)
    ]


def probe_entry(probe: Probe) -> dict[str, object]:
    """A probe's own words as plain values, for JSON."""
    return {
        "name": probe.name,
        "ask": probe.ask,
        "stage": probe.stage,
        "within_s": probe.within_s,
        "on_request": probe.on_request,
        "sends": probe.sends,
        "needs": sorted(probe.needs),
        "settles": sorted(probe.settles),
        "package": probe.package,
        "meanings": dict(_meanings(probe)),
    }


def traffic(most: Traffic) -> str:
    """One kind of packet that may be sent, in words."""
    return f"at most {_counted(most.kind, most.at_most)} to {most.to}"


def _counted(kind: Kind, count: int) -> str:
    return f"{count} {WORDS[kind][count != 1]}"


BESIDES = (
    (
        "ARP requests for those of these neighbours whose MAC address it does not know (at most one"
        " a second for each)"
    ),
    "what a TCP connection needs besides its first packet",
    "refusals of answers that come too late (ICMP)",
)
"""What this computer's system adds to the packets of a plan, and no probe decides on (arp(7),
tcp(7), RFC 1122 §4.1.3.1).
"""


USB = (
    "`v` and, where that stays unanswered, `i`: once each, and nothing where a program writes",
    "only where it answers as listening mode does: `i`, `m`, `s`, `c`, `d`, each once in all",
)
"""What goes to the port of a Photon on USB (`netcheck.device.usb.dialogue`)."""


def plan(traffics: Iterable[Traffic], usb: Iterable[str] = ()) -> str:
    """What a run would send, a row each: how many at most, of what kind, and where to; `usb`: what
    goes to a USB port.
    """
    rows = [(*_counted(one.kind, one.at_most).split(maxsplit=1), one.to) for one in traffics]
    to_port = [line for what in usb for line in wrapped(what, BULLET)]
    if to_port:
        to_port = ["To a Photon that is plugged in by USB (none with --serial none):", *to_port]
    if not rows:
        return "\n".join(["This run would send nothing to any network.", *to_port])
    added = [line for what in BESIDES for line in wrapped(what, BULLET)]
    return "\n".join(
        [
            "This run would send, and nothing else:",
            *table.table([("at most", "what", "to"), *rows]),
            "",
            "This computer's system adds, as for any program:",
            *added,
            *(("", *to_port) if to_port else ()),
        ]
    )


def run_again(again: Sequence[str], as_before: Sequence[str]) -> str:
    """Which probes run again after a fix, and which need not, as the fix cannot change what they
    saw.
    """
    if not again:
        return "Only the new evidence is looked at; no probe runs again.\n"
    lines = wrapped(f"Run again: {', '.join(again)}.", below="  ")
    if as_before:
        lines += wrapped(f"Not asked again: {', '.join(as_before)}.", below="  ")
    return "\n".join([*lines, ""])


def asked_by_usb(observations: Iterable[Observation]) -> str:
    """The letters that went to devices on USB, in their order."""
    return "".join(
        one.ref.partition("serial:")[2] for one in observations if one.fact == "device.mode"
    )


def sent(observations: Iterable[Observation], usb: str = "") -> str:
    """What the probes of these observations let leave this machine, as a sentence; `usb`: the
    letters that went to a USB port.
    """
    total: Counter[Kind] = Counter()
    for one in observations:
        if one.fact == "probe.run":
            total.update({kind: int(one.number(kind.value) or 0) for kind in Kind})
    parts = ", ".join(_counted(kind, total[kind]) for kind in Kind if total[kind])
    to_port = f" To the USB port went {len(usb)}: {', '.join(usb)}." if usb else ""
    return f"Nothing left this machine but packets that --plan lists: {parts or 'none'}.{to_port}"


def asked_softap(observations: Iterable[Observation]) -> str:
    """How many questions went to the device's own access point, as a sentence."""
    count = sum(
        int(one.number("questions") or 0) for one in observations if one.fact == "softap.reach"
    )
    return (
        f"Nothing left this computer but {count} question{'' if count == 1 else 's'} to"
        " 192.168.0.1, none of which changes anything there."
    )
