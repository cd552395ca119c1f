"""An answer for a person at a terminal: 80 columns, the verdict first, meaning in words and never
in colour alone.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from netcheck.model import (
    NAMELESS,
    STANDING,
    Coverage,
    Device,
    Diagnosis,
    Evidence,
    Finding,
    Level,
    Observation,
    Owner,
    Rung,
    State,
    Struct,
    Untested,
    Verdict,
)
from netcheck.report.answer import Answer, Redaction, coverage, references
from netcheck.text.escape import rewritten, safe

WIDTH = 80
TEXT_LIMIT = 1500
REFERENCES_SHOWN = 3
DEEPEST_MARK = 9
BULLET, NUMBER = "- ", "{}. "
MOST_APART = 5
"""Causes shown one by one, even where the same evidence makes many possible."""

OWNERS = {
    Owner.YOU: "you, who hold the device and the computer",
    Owner.ROUTER: "whoever runs the local network (at home you, elsewhere IT)",
    Owner.ISP: "your Internet provider, or whoever runs the line beyond the local network",
    Owner.CLOUD: "the maker of the device, who runs its cloud",
    Owner.DEVICE: "nobody can mend this from outside: repair or replace the device",
}
ADDRESSEES = {
    Owner.ROUTER: "whoever runs the network",
    Owner.ISP: "the Internet provider",
    Owner.CLOUD: "the maker of the device",
}
"""To whom a sentence to paste is addressed."""
SIGNS = {
    State.PASSED: ("✓", "+"),
    State.IMPLIED: ("✓", "+"),
    State.FAILED: ("✗", "x"),
    State.MIXED: ("!", "!"),
    State.UNREACHED: ("·", "."),
    State.UNTESTED: ("?", "?"),
}
STATES = {
    State.IMPLIED: "a later step worked, so this one did",
    State.UNREACHED: "a step before it failed",
    State.UNTESTED: "nothing seen about it",
}
LINKS = {
    "EN10MB": "Ethernet",
    "IEEE802_11": "Wi-Fi frames",
    "IEEE802_11_RADIO": "Wi-Fi frames",
    "PPI": "Wi-Fi frames",
    "LINUX_SLL": "a Linux computer's view",
    "LINUX_SLL2": "a Linux computer's view",
    "RAW": "IP packets alone",
    "NULL": "loopback",
    "LOOP": "loopback",
}
"""Link types by their pcap names, in words."""
COLOURS = {
    State.PASSED: "32",
    State.IMPLIED: "32",
    State.FAILED: "31",
    State.MIXED: "33",
    Verdict.HEALTHY: "32",
    Verdict.FAULT: "31",
    Verdict.SUSPECTED: "33",
    Verdict.INSUFFICIENT: "33",
}
"""Select Graphic Rendition parameters (ECMA-48 §8.3.117): green, red, yellow."""


class Style(Struct, frozen=True, kw_only=True):
    """What the reader's terminal can show."""

    colour: bool = False
    plain: bool = False
    """ASCII signs only."""

    def sign(self, state: State) -> str:
        """One character for a state; its word always stands beside it."""
        return SIGNS[state][self.plain]

    def paint(self, text: str, meaning: State | Verdict) -> str:
        """The text in the colour of its meaning, if there are colours."""
        code = COLOURS.get(meaning) if self.colour else None
        return f"\x1b[{code}m{text}\x1b[0m" if code else text


def line(answer: Answer) -> str:
    """One line for each device: verdict, device and headline."""
    return "".join(
        f"{one.verdict}: {_named(one)}: {one.headline}\n" for one in _shown(answer).diagnoses
    )


def render(
    answer: Answer, titles: Mapping[str, str], style: Style, *, verbose: bool = False
) -> str:
    """The whole answer, one block for each device. `titles` are the causes' names by id."""
    shown = _shown(answer)
    blocks = [
        _block(one, titles, style, seen_from(_there(one.device, shown)), verbose=verbose)
        for one in shown.diagnoses
    ]
    common = [
        *_evidence_sections(shown),
        *(_observations(shown.observations) if verbose else ()),
        *_ending(shown),
    ]
    if len(blocks) == 1:
        return "\n".join([*blocks[0], *common]) + "\n"
    # Of the common part without the empty line that it begins with: a rule stands there.
    parts = [_summary(shown.diagnoses, style), *blocks, common[1:]]
    return f"\n\n{'=' * WIDTH}\n\n".join("\n".join(part) for part in parts) + "\n"


def _there(device: Device, answer: Answer) -> Sequence[Observation]:
    """What was seen on that device's network where several are explained; else everything."""
    if len(answer.diagnoses) == 1 or not device.site:
        return answer.observations
    return [o for o in answer.observations if o.site == device.site]


def _summary(diagnoses: Sequence[Diagnosis], style: Style) -> list[str]:
    """Several devices, or networks where no device was seen, at a glance: one line each."""
    longest = max(len(verdict) for verdict in Verdict)
    are_networks = not any(_is_known(one.device) for one in diagnoses)
    names = [
        (f"network {one.device.site or 'unknown'}" if are_networks else _name(one))
        for one in diagnoses
    ]
    lines = [
        f"{style.paint(f'{one.verdict.value.upper():<{longest}}', one.verdict)}  {name}"
        for one, name in zip(diagnoses, names, strict=True)
    ]
    return [
        f"{len(diagnoses)} {'networks' if are_networks else 'devices'}, each explained below:",
        "",
        *lines,
    ]


def _shown(answer: Answer) -> Answer:
    return rewritten(answer, lambda text: safe(text, TEXT_LIMIT))


def _block(
    one: Diagnosis, titles: Mapping[str, str], style: Style, place: str, *, verbose: bool
) -> list[str]:
    """What there is to say about one device. `place`: where this computer looked from."""
    stopping = [
        finding for finding in one.findings if finding.stops_connection and _is_shown(finding)
    ]
    beside = [
        finding for finding in one.findings if not finding.stops_connection and _is_shown(finding)
    ]
    return [
        *_top(one, style, place),
        *_section("How far it came", (_rung(rung, style) for rung in one.ladder)),
        *_section(
            "Why" if one.verdict is Verdict.FAULT else "What it may be", _findings(stopping, titles)
        ),
        *_section("Also noticed (does not stop the connection)", _findings(beside, titles)),
        *_section("Not the cause", _excluded(one.findings, titles, verbose=verbose)),
        *_section("To know more", _next_tests(one, titles)),
        *_section("Not tested", _not_tested(one.not_tested)),
        *_section("Notes", _list(one.notes)),
    ]


def _section(heading: str, lines: Iterable[str]) -> list[str]:
    """A heading with its lines; nothing where there are none."""
    body = list(lines)
    return ["", heading, *body] if body else []


def _top(one: Diagnosis, style: Style, place: str) -> Iterator[str]:
    """Verdict and headline, who must act, whom all this is about, from where it was seen, and what
    nothing explains.
    """
    word = one.verdict.value.upper()
    first, *others = wrapped(one.headline, f"{word}: ", indent="", below="")
    yield style.paint(word, one.verdict) + first.removeprefix(word)
    yield from others
    yield ""
    if one.owner in OWNERS:
        yield from wrapped(OWNERS[one.owner], "Who must act: ", indent="", below="  ")
    yield from wrapped(_named(one), "Device: ", indent="", below="  ")
    if place:
        yield from wrapped(place, "Seen from: ", indent="", below="  ")
    for sentence in one.unexplained:
        yield from wrapped(sentence, "Unexplained: ", indent="", below="  ")


def seen_from(observations: Iterable[Observation]) -> str:
    """Where the newest live run that asked for it stood: interface, Wi-Fi, address, gateway,
    resolvers; empty where none did.
    """
    newest = max(
        (o for o in observations if o.fact == "computer.vantage" and (o.ok or o.failed)),
        key=lambda o: o.at,
        default=None,
    )
    if newest is None:
        return ""
    parts = (
        newest.text("interface") or "no interface",
        f"Wi-Fi {newest.text('ssid')}" if newest.text("ssid") else "",
        newest.text("address") or "no IPv4 address",
        f"gateway {newest.text('gateway') or newest.text('ipv6_gateway') or 'none'}",
        f"resolvers {newest.text('resolvers') or 'none'}",
        "a random MAC address" if newest.value("mac_is_random") is True else "",
    )
    return ", ".join(part for part in parts if part)


def _name(one: Diagnosis) -> str:
    """The device by its best known name; where it has none, the one that somebody spoke of, or
    whichever comes.
    """
    if _is_known(one.device):
        return f"Photon {one.device.mac or one.device.id or one.device.ip}"
    seen = (o for rung in one.ladder for o in rung.because)
    named = (o for finding in one.findings for e in finding.support for o in e.seen)
    return (
        "your Photon"
        if any(o.subject == NAMELESS for o in (*seen, *named))
        else "any Photon on this network"
    )


def _is_known(device: Device) -> bool:
    return bool(device.mac or device.id or device.ip)


def _named(one: Diagnosis) -> str:
    """The device by all that is known of it."""
    device = one.device
    details = (
        f"id {device.id}" if device.id and device.mac else "",
        f"at {device.ip}" if device.ip and (device.mac or device.id) else "",
        f"Device OS {device.firmware}" if device.firmware else "",
        f"network {device.site}" if device.site else "",
    )
    known = ", ".join(detail for detail in details if detail)
    return f"{_name(one)} ({known})" if known else _name(one)


def _rung(rung: Rung, style: Style) -> str:
    """One line of the ladder: sign, stage, state, and where to look or why not."""
    head = f"  {style.sign(rung.state)} {rung.stage.value:<10} {rung.state.value:<10}"
    room = WIDTH - len(head) - 1
    about = _where(references(rung.because), room) if rung.because else STATES.get(rung.state, "")
    return (
        style.paint(head, rung.state) + " " + safe(about, room)
        if about
        else style.paint(head.rstrip(), rung.state)
    )


def _where(places: Sequence[str], room: int = WIDTH) -> str:
    """The first places to look, as many as there is room for, and how many more there are."""
    for count in range(min(len(places), REFERENCES_SHOWN), 1, -1):
        text = _places(places, count)
        if len(text) <= room:
            return text
    return _places(places, 1)


def _places(places: Sequence[str], count: int) -> str:
    """The first `count` places, a file's name once for packets in a row."""
    shown: list[str] = []
    before = ""
    for place in places[:count]:
        file, mark, packets = place.rpartition("#")
        shown.append(f"#{packets}" if mark and file == before else place)
        before = file
    more = len(places) - count
    return " ".join(shown) + (f" and {more} more" if more > 0 else "")


def _is_shown(finding: Finding) -> bool:
    return finding.level in STANDING or finding.level is Level.CONTESTED


def _findings(findings: Sequence[Finding], titles: Mapping[str, str]) -> Iterator[str]:
    """Each cause with its evidence, and what to do about the first and about every other that is
    more than possible.

    Those that the same evidence makes possible are named together at the end, where there are many.
    """
    told: set[Evidence] = set()
    folded: list[Finding] = []
    for number, finding in enumerate(findings, 1):
        title = titles.get(finding.cause, finding.cause)
        is_look_alike = _is_look_alike(finding, told)
        if is_look_alike and number > MOST_APART:
            folded.append(finding)
            continue
        if number > 1:
            yield ""
        if is_look_alike:
            look_alike = (
                f"{title}: {finding.level.value}; nothing seen tells it from what stands above"
                f" (netcheck causes {finding.cause})"
            )
            yield from wrapped(look_alike, NUMBER.format(number))
            continue
        yield from wrapped(f"{title}: {_level(finding)}", NUMBER.format(number - len(folded)))
        yield from _support(finding, told)
        yield from _evidence("against", finding.oppose)
        if finding.level in (Level.CONFIRMED, Level.LIKELY) or (
            number == 1 and finding.stops_connection
        ):
            yield from _remedy(finding)
        else:
            yield from wrapped(f"More: netcheck causes {finding.cause}", indent="     ")
    if folded:
        named = "; ".join(
            f"{titles.get(finding.cause, finding.cause)} ({finding.cause})" for finding in folded
        )
        yield ""
        yield from wrapped(
            f"Possible by the same signs: {named}. More: netcheck causes ID", indent="  "
        )


def _support(finding: Finding, told: set[Evidence]) -> Iterator[str]:
    """What speaks for a cause and was not `told` of one before it, and then is."""
    new = [evidence for evidence in finding.support if evidence not in told]
    told.update(new)
    yield from _evidence("for", new)
    if finding.support and not new:
        yield from wrapped("for: the same as above", indent="     ")


def _is_look_alike(finding: Finding, told: set[Evidence]) -> bool:
    """Is it no more than possible, by what was told already, with nothing against it?"""
    return (
        finding.level is Level.POSSIBLE
        and bool(finding.support)
        and not finding.oppose
        and told.issuperset(finding.support)
    )


def _level(finding: Finding) -> str:
    """How sure, and in how many tries it held; a computer's one look is no try of a device."""
    is_look = finding.out_of == 1 and any(
        o.source.startswith("probe:") for one in finding.support for o in one.seen
    )
    if finding.out_of == 0 or is_look:
        return finding.level.value.replace("_", " ")
    tries = (
        "the only try"
        if finding.out_of == 1 == finding.held_in
        else f"{finding.held_in} of {finding.out_of} tries"
    )
    return f"{finding.level.value.replace('_', ' ')}, seen in {tries}"


def _evidence(side: str, evidence: Iterable[Evidence]) -> Iterator[str]:
    for one in evidence:
        places = _where(references(one.seen))
        yield from wrapped(
            f"{one.clue.says} ({one.clue.weight.value}{'; ' if places else ''}{places})",
            f"{side}: ",
            indent="     ",
        )


def _remedy(finding: Finding) -> Iterator[str]:
    if finding.remedy:
        yield "     What to do:"
        for number, step in enumerate(finding.remedy, 1):
            yield from wrapped(step, NUMBER.format(number), indent="       ")
    if finding.ask_it:
        yield (
            f"     To paste into a message to {ADDRESSEES.get(finding.owner, 'whoever can help')}:"
        )
        yield from wrapped(f'"{finding.ask_it}"', indent="       ")


def _excluded(
    findings: Iterable[Finding], titles: Mapping[str, str], *, verbose: bool
) -> Iterator[str]:
    """The causes that the evidence speaks against: how many, or each with its reason."""
    excluded = [finding for finding in findings if not _is_shown(finding)]
    if excluded and not verbose:
        causes = "1 cause is" if len(excluded) == 1 else f"{len(excluded)} causes are"
        yield from wrapped(
            f"{causes} ruled out or unlikely; --verbose says which and why.", indent="  "
        )
        return
    for finding in excluded:
        reasons = "; ".join(one.clue.says for one in finding.oppose[:1])
        about = (
            f"{titles.get(finding.cause, finding.cause)}: {finding.level.value.replace('_', ' ')}"
        )
        yield from wrapped(f"{about} ({reasons})" if reasons else about, BULLET)


def _next_tests(one: Diagnosis, titles: Mapping[str, str]) -> Iterator[str]:
    for number, test in enumerate(one.next_tests, 1):
        yield from wrapped(f"{test.how} (about {_duration(test.cost_s)})", NUMBER.format(number))
        if len(test.settles) > 1:
            yield from wrapped(
                "; ".join(titles.get(cause, cause) for cause in test.settles),
                "tells apart: ",
                indent="     ",
            )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _not_tested(untested: Iterable[Untested]) -> Iterator[str]:
    """The facts nobody settled, together where the reason is the same."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for one in untested:
        by_reason[one.why].append(one.fact)
    for why, facts in by_reason.items():
        yield from wrapped(f"{', '.join(facts)}: {why}", BULLET)


def _list(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        yield from wrapped(sentence, BULLET)


def _evidence_sections(answer: Answer) -> list[str]:
    """What the answer rests on: captures with what they cannot show, and input that was not
    read.
    """
    return [
        *_section(
            "What was looked at",
            (text for one in coverage(answer.observations) for text in _covered(one)),
        ),
        *_section("Not read", _list(answer.unread)),
    ]


def _covered(one: Coverage) -> Iterator[str]:
    span = _duration(one.span_s) if one.span_s >= 1 else "less than 1 s"
    links = (
        ", ".join(dict.fromkeys(LINKS.get(name, name) for name in one.link.split()))
        or "unknown link type"
    )
    yield from wrapped(
        f"{one.source}: {span}, {links}, {one.relevant} of {one.packets} packets matter here",
        BULLET,
    )
    for sentence in one.cannot_show:
        yield from wrapped(sentence, "cannot show: ", indent="    ")


def _observations(observations: Iterable[Observation]) -> list[str]:
    return _section("Observations", (text for one in observations for text in _observed(one)))


def _observed(one: Observation) -> list[str]:
    words = (
        _moment(one.at),
        one.subject,
        one.fact,
        one.outcome.value,
        one.reason,
        one.target and f"> {one.target}",
    )
    data = (f"{name}={value}" for name, value in one.data)
    return wrapped(
        " ".join(word for word in (*words, *data, f"[{one.ref or one.source}]") if word),
        below="    ",
    )


def _moment(at: float) -> str:
    """UTC to the millisecond; the bare number where no calendar has such a year."""
    try:
        return (
            datetime.fromtimestamp(at, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )
    except (OverflowError, ValueError, OSError):
        return str(at)


def _ending(answer: Answer) -> list[str]:
    """How to prove the fix, and what the reader must know of this answer as a whole."""
    remarks = [
        (
            "Partial: interrupted, so only what was seen until then is judged."
            if answer.partial
            else ""
        ),
        (
            f"Names and addresses are pseudonyms (level {answer.redaction.value})."
            if answer.redaction is not Redaction.NONE
            else ""
        ),
        answer.sent,
    ]
    return [
        *_section("To prove a fix", wrapped(answer.prove, indent="  ")),
        *_section("About this answer", _list(remark for remark in remarks if remark)),
    ]


def wrapped(
    text: str, mark: str = "", *, indent: str | None = None, below: str | None = None
) -> list[str]:
    """The text in lines of WIDTH; `mark` stands before the first, and the others start below its
    text.

    A marked text is indented by two columns unless said otherwise, an unmarked one not at all.
    """
    start = indent if indent is not None else "  " if mark else ""
    rest = below if below is not None else start + " " * min(len(mark), DEEPEST_MARK)
    return textwrap.wrap(
        text, WIDTH, initial_indent=start + mark, subsequent_indent=rest, break_on_hyphens=False
    ) or [start + mark]
