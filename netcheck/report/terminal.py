"""An answer for a person at a terminal with all its evidence (`--verbose`): 80 columns, the verdict
first, meaning in words and never in colour alone. The first screen of it is `screen`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from netcheck.model import (
    Coverage,
    Device,
    Diagnosis,
    Observation,
    Rung,
    State,
    Untested,
    Verdict,
)
from netcheck.report import table
from netcheck.report.answer import Answer, coverage, references
from netcheck.report.findings import excluded, findings, next_tests
from netcheck.report.layout import BULLET, WIDTH, Style, duration, listed, section, where, wrapped
from netcheck.report.summary import device_name, summary, worst_first
from netcheck.report.view import details, is_shown, moment, seen_from
from netcheck.report.words import OWNERS
from netcheck.text.escape import rewritten, safe
from netcheck.text.redact import Redaction

TEXT_LIMIT = 1500

STATES = {
    State.IMPLIED: "a later step worked, so this one did",
    State.UNREACHED: "a step before it failed",
    State.UNTESTED: "nothing seen about it",
}
LINKS = {
    "EN10MB": "Ethernet",
    "IEEE802_11": "Wi-Fi frames",
    "IEEE802_11_RADIO": "Wi-Fi frames",
    "IEEE802_11_PRISM": "Wi-Fi frames",
    "IEEE802_11_AVS": "Wi-Fi frames",
    "PPI": "Wi-Fi frames",
    "DSA_TAG_BRCM": "Ethernet with a switch's tags",
    "DSA_TAG_BRCM_PREPEND": "Ethernet with a switch's tags",
    "DSA_TAG_DSA": "Ethernet with a switch's tags",
    "DSA_TAG_EDSA": "Ethernet with a switch's tags",
    "PKTAP": "a Mac's view",
    "NFLOG": "a Linux firewall's view",
    "PPP": "the provider's line (PPP)",
    "PPP_HDLC": "the provider's line (PPP)",
    "PPP_ETHER": "the provider's line (PPP)",
    "PPP_PPPD": "the provider's line (PPP)",
    "LINUX_SLL": "a Linux computer's view",
    "LINUX_SLL2": "a Linux computer's view",
    "RAW": "IP packets alone",
    "NULL": "loopback",
    "LOOP": "loopback",
}
"""Link types by their pcap names, in words."""


def render(answer: Answer, titles: Mapping[str, str], style: Style) -> str:
    """The whole answer, one block for each device. `titles` are the causes' names by id."""
    shown = _shown(msgspec.structs.replace(answer, diagnoses=tuple(worst_first(answer.diagnoses))))
    blocks = [
        _block(one, titles, style, seen_from(_there(one.device, shown))) for one in shown.diagnoses
    ]
    common = [*_evidence_sections(shown), *_observations(shown.observations), *_ending(shown)]
    if len(shown.diagnoses) == 1:
        return "\n".join([*blocks[0], *common]) + "\n"
    # Of the common part without the empty line that it begins with: a rule stands there.
    parts = [summary(shown.diagnoses, titles, style), *blocks, common[1:]]
    return f"\n\n{'=' * WIDTH}\n\n".join("\n".join(part) for part in parts) + "\n"


def _there(device: Device, answer: Answer) -> Sequence[Observation]:
    """What was seen on that device's network where several are explained; else everything."""
    if len(answer.diagnoses) == 1 or not device.site:
        return answer.observations
    return [o for o in answer.observations if o.site == device.site]


def _shown(answer: Answer) -> Answer:
    """The answer made safe."""
    return rewritten(answer, lambda text: safe(text, TEXT_LIMIT))


def _block(one: Diagnosis, titles: Mapping[str, str], style: Style, place: str) -> list[str]:
    """What there is to say about one device. `place`: where this computer looked from."""
    stopping = [
        finding for finding in one.findings if finding.stops_connection and is_shown(finding)
    ]
    beside = [
        finding for finding in one.findings if not finding.stops_connection and is_shown(finding)
    ]
    return [
        *_top(one, style, place),
        *section("How far it came", _ladder(one.ladder, style)),
        *section(
            "Why" if one.verdict is Verdict.FAULT else "What it may be", findings(stopping, titles)
        ),
        *section(
            "Also noticed (does not stop the connection)", findings(beside, titles, one.leading)
        ),
        *section("Not the cause", excluded(one.findings, titles)),
        *section("To know more", next_tests(one, titles)),
        *section("Not tested", _not_tested(one.not_tested)),
        *section("Notes", listed(one.notes)),
    ]


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
        if sentence not in one.headline:
            yield from wrapped(sentence, "Unexplained: ", indent="", below="  ")


def _named(one: Diagnosis) -> str:
    """The device by all that is known of it."""
    known = details(one.device)
    return f"{device_name(one)} ({known})" if known else device_name(one)


def _ladder(ladder: Sequence[Rung], style: Style) -> list[str]:
    """One line for each rung: sign, stage, state, and where to look or why not."""
    heads = [(f"{style.sign(rung.state)} {rung.stage.value}", rung.state.value) for rung in ladder]
    lines = table.table(heads)
    room = WIDTH - max(map(len, lines), default=0) - table.GAP
    about = [safe(_about(rung, room), room) for rung in ladder]
    lines = table.table([(*head, text) for head, text in zip(heads, about, strict=True)])
    painted = (len(line) - len(text) for line, text in zip(lines, about, strict=True))
    return [
        style.paint(line[:end], rung.state) + line[end:]
        for rung, line, end in zip(ladder, lines, painted, strict=True)
    ]


def _about(rung: Rung, room: int) -> str:
    return where(references(rung.because), room) if rung.because else STATES.get(rung.state, "")


def _not_tested(untested: Iterable[Untested]) -> Iterator[str]:
    """The facts that were not settled, together where the reason is the same."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for one in untested:
        by_reason[one.why].append(one.fact)
    for why, facts in by_reason.items():
        named = [fact for fact in facts if fact != "probe.run"]  # `why` names the probe itself
        yield from wrapped(f"{', '.join(named)}: {why}" if named else why, BULLET)


def _evidence_sections(answer: Answer) -> list[str]:
    """What the answer rests on: captures with what they cannot show, and input that was not
    read.
    """
    return [
        *section(
            "What was read",
            (text for one in coverage(answer.observations) for text in _covered(one)),
        ),
        *section("Not read", listed(answer.unread)),
    ]


def _covered(one: Coverage) -> Iterator[str]:
    span = duration(one.span_s) if one.span_s >= 1 else "less than 1 s"
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
    return section("Observations", (text for one in observations for text in _observed(one)))


def _observed(one: Observation) -> list[str]:
    words = (
        moment(one.at),
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
        *section("To prove a fix", wrapped(answer.prove, indent="  ")),
        *section("About this answer", listed(remark for remark in remarks if remark)),
    ]
