"""An answer for a person at a terminal with all its evidence (`--verbose`): 80 columns, the verdict
first, meaning in words and never in colour alone. The first screen of it is `screen`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from netcheck.model import Coverage, Observation, State, Verdict
from netcheck.report import table
from netcheck.report.answer import RungEntry
from netcheck.report.findings import excluded, findings, next_tests
from netcheck.report.layout import BULLET, WIDTH, Style, duration, listed, section, where, wrapped
from netcheck.report.view import AnswerView, DeviceView, Unchecked, kind_of, moment
from netcheck.report.words import OWNERS
from netcheck.text.escape import safe
from netcheck.text.redact import Redaction
from netcheck.wifi.codes import code_says

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


def render(view: AnswerView, style: Style) -> str:
    """The whole answer, one block for each device."""
    blocks = [_block(one, style) for one in view.devices]
    common = [*_evidence_sections(view), *_observations(view.observations), *_ending(view)]
    if len(view.devices) == 1:
        return "\n".join([*blocks[0], *common]) + "\n"
    # Of the common part without the empty line that it begins with: a rule stands there.
    parts = [summary(view.devices, style), *blocks, common[1:]]
    return f"\n\n{'=' * WIDTH}\n\n".join("\n".join(part) for part in parts) + "\n"


def summary(devices: Sequence[DeviceView], style: Style) -> list[str]:
    """A row for each of several devices, after a line that counts."""
    words = [one.verdict.value.upper() for one in devices]
    rows = table.rows(
        [(word, one.listed, _short(one)) for word, one in zip(words, devices, strict=True)],
        indent="",
    )
    for one, word, lines in zip(devices, words, rows, strict=True):
        lines[0] = style.paint(word, one.verdict) + lines[0].removeprefix(word)
    counted = Counter(one.verdict for one in devices)
    counts = ", ".join(f"{n} {verdict.value}" for verdict, n in counted.items())
    return [
        f"{len(devices)} {kind_of(devices)}, worst first: {counts}",
        "",
        *(line for lines in rows for line in lines),
    ]


def _short(one: DeviceView) -> str:
    return f"{one.short} ({one.leading.level.value})" if one.leading is not None else one.short


def _block(one: DeviceView, style: Style) -> list[str]:
    """What there is to say about one device."""
    causes = one.standing
    if one.leading is not None and one.leading not in causes:
        causes = (one.leading, *causes)
    return [
        *_top(one, style),
        *section("How far it came", _ladder(one.path, style)),
        *section(
            "Why" if one.verdict is Verdict.FAULT else "What it may be",
            findings(causes, one.alike, stop=True),
        ),
        *section(
            "Also noticed (does not stop the connection)", findings(one.beside, (), stop=False)
        ),
        *section("Not the cause", excluded(one.excluded)),
        *section("To know more", next_tests(one.tests)),
        *section("Not tested", _not_tested(one.unchecked)),
        *section("Notes", listed(one.notes)),
    ]


def _top(one: DeviceView, style: Style) -> Iterator[str]:
    """Verdict and headline, who must act, whom all this is about, from where it was seen, and what
    nothing explains.
    """
    word = one.verdict.value.upper()
    first, *others = wrapped(one.sentence, f"{word}: ", indent="", below="")
    yield style.paint(word, one.verdict) + first.removeprefix(word)
    yield from others
    yield ""
    if one.owner in OWNERS:
        yield from wrapped(OWNERS[one.owner], "Who must act: ", indent="", below="  ")
    known = f"{one.named} ({one.details})" if one.details else one.named
    yield from wrapped(known, "Device: ", indent="", below="  ")
    if one.place:
        yield from wrapped(one.place, "Seen from: ", indent="", below="  ")
    for sentence in one.unexplained:
        yield from wrapped(sentence, "Unexplained: ", indent="", below="  ")


def _ladder(ladder: Sequence[RungEntry], style: Style) -> list[str]:
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


def _about(rung: RungEntry, room: int) -> str:
    return where(rung.because, room) if rung.because else STATES.get(rung.state, "")


def _not_tested(unchecked: Iterable[Unchecked]) -> Iterator[str]:
    """The facts that were not settled, together where the reason is the same."""
    for one in unchecked:
        text = f"{', '.join(one.what)}: {one.why}" if one.what else one.why
        yield from wrapped(text, BULLET)


def _evidence_sections(view: AnswerView) -> list[str]:
    """What the answer rests on: captures with what they cannot show, and input that was not
    read.
    """
    return [
        *section(
            "What was read",
            (text for one in view.coverage for text in _covered(one)),
        ),
        *section("Not read", listed(view.unread)),
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
    says = code_says(one.text("code_of"), one.number("code"))
    place = f"[{one.ref or one.source}]"
    return wrapped(
        " ".join(word for word in (*words, *data, says and f"({says})", place) if word),
        below="    ",
    )


def _ending(view: AnswerView) -> list[str]:
    """How to prove the fix, and what the reader must know of this answer as a whole."""
    remarks = [
        (
            "Partial: interrupted, so only what was seen until then is judged."
            if view.partial
            else ""
        ),
        (
            f"Names and addresses are pseudonyms (level {view.redaction.value})."
            if view.redaction is not Redaction.NONE
            else ""
        ),
        view.sent,
    ]
    return [
        *section("To prove a fix", wrapped(view.prove, indent="  ")),
        *section("About this answer", listed(remark for remark in remarks if remark)),
    ]
