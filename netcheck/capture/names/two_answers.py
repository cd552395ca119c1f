"""Two different answers to one question: who is on the path can forge one, and is there first.

A resolver answers each question once; what answers in its name sends its own packet and cannot stop
the resolver's. Both come with other hop counts or other aliases. Source: Anonymous, "The Collateral
Damage of Internet Censorship by DNS Injection", ACM SIGCOMM CCR 42(3), 2012.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from netcheck.capture.records import CapturedMessage
from netcheck.wire.decode import Dns

Answers = Sequence[tuple[CapturedMessage, Dns]]


class TwoAnswers(NamedTuple):
    """The first answer with an address, which the client takes, and the next that contradicts
    it.
    """

    first: CapturedMessage
    second: CapturedMessage
    addresses: frozenset[str]
    """Those of the first alone."""
    others: tuple[str, ...]


def two_answers(answered: Sequence[Answers]) -> TwoAnswers | None:
    """The answers to one question of these, which one client asked one resolver under one number;
    None where no resolver alone contradicts itself. More questions than one may each have an
    answer.
    """
    if sum(map(len, answered)) <= len(answered):
        return None
    for answers in answered:
        given = [(captured, body) for captured, body in answers if body.addresses]
        if len(given) > 1:
            (first, body), (second, other), *_ = given
            is_other_sender = first.message.ttl != second.message.ttl
            is_other = is_other_sender or body.aliases != other.aliases
            if is_other and not set(body.addresses) & set(other.addresses):
                return TwoAnswers(first, second, frozenset(body.addresses), other.addresses)
    return None
