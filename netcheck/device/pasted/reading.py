"""What a pasted text holds beside a log of the device, collected line by line and bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from netcheck.device.pasted import answers, router, tools
from netcheck.device.pasted.router import RouterStatement
from netcheck.model import NAMELESS, Observation, Outcome, Target
from netcheck.photon.fingerprint import RANKS
from netcheck.text.escape import safe
from netcheck.text.secrets import Scrubber, scrubbed
from netcheck.vocabulary import FACTS

ROUTER = "router:log"
MOST_CHARACTERS = 64 * 1024
"""Answers of a device are looked for in so much of a text."""
MOST_STATEMENTS = 1000
"""Of more lines of a router the newest are kept."""
LINE_S = 0.001
"""Between two lines: only their order is known."""


class PastedText:
    """Feed it the lines of a text, and ask what they hold."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._lines: list[str] = []
        self._size = 0
        self._count = 0
        self._said = deque[tuple[int, RouterStatement]](maxlen=MOST_STATEMENTS)
        self._scrubber = Scrubber()

    def feed(self, text: str) -> None:
        """Take the next line."""
        self._count += 1
        for one in router.statements(text, self._target):
            self._said.append((self._count, one))
        if self._size < MOST_CHARACTERS:
            line = self._scrubber.line(text)
            self._lines.append(line)
            self._size += len(line) + 1

    def observations(self, shown: str, at: float) -> Iterator[Observation]:
        """What the text holds. `shown`: the file's name; `at`: when its last line was written."""
        text = "\n".join(self._lines)[:MOST_CHARACTERS]
        yield from answers.observations(text, self._target, shown, at)
        yield from tools.observations(text, self._target, shown, at)
        yield from self._identities(shown, at)
        for number, one in self._said:
            yield Observation(
                stage=FACTS[one.fact].stage,
                fact=one.fact,
                outcome=one.outcome,
                reason=one.reason,
                subject=one.subject,
                target=scrubbed(safe(one.target, 120)),
                source=ROUTER,
                site=self._target.site,
                at=round(at - (self._count - number) * LINE_S, 3),
                ref=f"{shown}:{number}",
            )

    def _identities(self, shown: str, at: float) -> Iterator[Observation]:
        """Each device that the router's lines name, and by which sign it is a Photon."""
        ranks: dict[str, tuple[str, int]] = {}
        for number, one in self._said:
            if one.subject != NAMELESS:
                sign = "tries_cloud" if one.fact == "tcp.cloud" else "maker_prefix"
                known, _ = ranks.get(one.subject, (sign, number))
                ranks[one.subject] = (max(sign, known, key=lambda sign: RANKS[sign]), number)
        for mac, (sign, number) in ranks.items():
            yield Observation(
                stage=FACTS["device.identity"].stage,
                fact="device.identity",
                outcome=Outcome.OK,
                subject=mac,
                source=ROUTER,
                site=self._target.site,
                at=at,
                data=(("mac", mac), ("sign", sign), ("rank", RANKS[sign])),
                ref=f"{shown}:{number}",
            )
