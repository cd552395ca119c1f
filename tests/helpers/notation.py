"""A one-line notation for observations, so that a table of cases reads like a truth table.

    SUBJECT FACT OUTCOME [REASON] [>TARGET] [@SECONDS] [+TOOK_S] [NAME=VALUE …]

    dev dhcp.lease failed no_offer @12 rtt_ms=3
    ctl tcp.cloud ok >device.spark.io:5683 @12.5 +0.2

`dev` is the device, `ctl` another client, `net` the network itself. The rung is the fact's own;
times count from START.
"""

from __future__ import annotations

from netcheck.model import NETWORK, Observation, Outcome, Scalar, Stage
from netcheck.vocabulary import FACTS, REASONS

DEV = "e0:4f:43:00:00:01"
CTL = "00:11:22:33:44:55"
SUBJECTS = {"dev": DEV, "ctl": CTL, "net": NETWORK}
START = 1_600_000_000.0


def seen(line: str, source: str = "capture:test.pcap") -> Observation:
    """The observation that one line says; ValueError where the line breaks the notation or a closed
    list.
    """
    subject, fact, outcome, *rest = line.split()
    reason, target, at, took_s, data = "", "", START, None, list[tuple[str, Scalar]]()
    for word in rest:
        if word.startswith("@"):
            at = START + float(word[1:])
        elif word.startswith("+"):
            took_s = float(word[1:])
        elif word.startswith(">"):
            target = word[1:]
        elif "=" in word:
            name, _, value = word.partition("=")
            data.append((name, _scalar(value)))
        elif word in REASONS:
            reason = word
        else:
            raise ValueError(f"{word!r} in {line!r} is no reason, target, time or value")
    return Observation(
        stage=_stage(fact),
        fact=fact,
        outcome=Outcome(outcome),
        reason=reason,
        subject=SUBJECTS.get(subject, subject),
        target=target,
        source=source,
        at=at,
        took_s=took_s,
        data=tuple(data),
        ref=f"test.pcap#{int(at - START) + 1}",
    )


def case(text: str, source: str = "capture:test.pcap") -> list[Observation]:
    """The observations of several lines; empty lines and what follows a `#` do not count."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [seen(line, source) for line in lines if line]


def _stage(fact: str) -> Stage:
    if fact not in FACTS:
        raise ValueError(f"{fact!r} is no fact of the vocabulary")
    return FACTS[fact].stage


def _scalar(text: str) -> Scalar:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
