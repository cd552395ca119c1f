"""Examples: observations, what must come of them, and what must not come of anything near them.

A row is `WHAT | LINE; LINE; …`: these observations bring WHAT, and every one is needed for it. With
`not WHAT` they do not bring it. A line is

    [not|with|given] [ever] SUBJECT FACT OUTCOME [REASON] [>TARGET] [@SECONDS] [+TOOK_S] [<SOURCE]
        [NAME=VALUE …]
    [not|given] rule NAME

`dev` is the device, `ctl` another client, `net` the network itself, `any` each of them, `far`
another network; `told.*` is every question that is answered freely. `not`: an observation like that
takes it away again. `with`: it is there, and does not take it away. `given`: it is needed, and
not cited as evidence. `ever`: in an earlier try. `rule NAME`: what that rule finds.

In place of a subject, fact, outcome, reason or value stand those that do as well, `a|b`, or `*` for
all of them; after `!` ones that do not: `rtt_ms=2000!1999`. `%20` is a space. Of what a line says
each other outcome, reason, subject, target, source and value is tried, and must not do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from netcheck.correlator.attempts import Attempt
from netcheck.correlator.catalogue.reading import EXAMPLES
from netcheck.correlator.judging.view import History, View
from netcheck.model import Observation, Scalar
from netcheck.vocabulary import FACTS, REASONS, VALUES
from netcheck.vocabulary.questions import of_fact
from tests.helpers.notation import CTL, SUBJECTS, seen

FAR = "far"
ANYONE = ("dev", "ctl", "net")
OUTCOMES = ("ok", "failed", "unclear")
MARKER = next(iter(FACTS))
"""A fact to mark with what a rule found."""
CAPTURE, OTHER = "capture:test.pcap", "other"
FREE_TEXT = frozenset(
    f"told.{key}" for key in ("router_text", "setup_tool", "setup_step", "setup_error", "cli_error")
)
Finds = Callable[[View], Sequence[Observation]]


@dataclass(frozen=True)
class Choice:
    """What may stand in one place: those that do, `*` for all, and those that do not."""

    good: tuple[str, ...] = ("*",)
    bad: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Choice:
        good, _, bad = text.partition("!")
        return cls(_words(good), _words(bad))

    def __str__(self) -> str:
        good, bad = "|".join(map(_quoted, self.good)), "|".join(map(_quoted, self.bad))
        return good + ("!" + bad if bad else "")

    @property
    def is_open(self) -> bool:
        return self.good == ("*",)


def _words(text: str) -> tuple[str, ...]:
    return tuple(unquote(word) for word in text.split("|")) if text else ()


def _quoted(text: str) -> str:
    return quote(text, safe=" *:/.,-_?=()[]'\"\\+@<>&#").replace(" ", "%20")


@dataclass(frozen=True)
class Line:
    """One observation of an example, or one rule's finding."""

    who: str = "dev"
    fact: str = ""
    outcome: Choice = Choice()
    reason: Choice = Choice()
    target: str = ""
    at: Choice = Choice(("0",))
    took: Choice = Choice(())
    source: str = ""
    data: tuple[tuple[str, Choice], ...] = ()
    rule: str = ""
    is_ever: bool = False
    is_not: bool = False
    is_with: bool = False
    is_given: bool = False

    @classmethod
    def read(cls, text: str) -> Line:
        words = text.split()
        marks = {mark: mark in words[:2] for mark in ("not", "with", "given", "ever")}
        words = [word for word in words if word not in marks]
        if words[0] == "rule":
            return cls(rule=words[1], is_not=marks["not"], is_given=marks["given"])
        who, fact, outcome, *rest = words
        one = cls(
            who=who,
            fact=fact,
            outcome=Choice.read(outcome),
            is_ever=marks["ever"],
            is_not=marks["not"],
            is_with=marks["with"],
            is_given=marks["given"],
            reason=Choice(("",)) if outcome == "ok" else Choice(),
        )
        for word in rest:
            one = one._with(word)
        return one

    def _with(self, word: str) -> Line:
        match word[0]:
            case ">":
                return replace(self, target=unquote(word[1:]))
            case "@":
                return replace(self, at=Choice.read(word[1:]))
            case "+":
                return replace(self, took=Choice.read(word[1:]))
            case "<":
                return replace(self, source=word[1:])
        name, sign, value = word.partition("=")
        if sign:
            return replace(self, data=(*self.data, (name, Choice.read(value))))
        return replace(self, reason=Choice.read(word))

    def __str__(self) -> str:
        marks = "".join(
            f"{mark} "
            for mark, is_set in (
                ("not", self.is_not),
                ("with", self.is_with),
                ("given", self.is_given),
                ("ever", self.is_ever),
            )
            if is_set
        )
        if self.rule:
            return f"{marks}rule {self.rule}"
        words = [self.who, self.fact, str(self.outcome)]
        if self.reason.good != ("",) or self.reason.bad:
            words.append(str(self.reason))
        words += [f">{_quoted(self.target)}"] if self.target else []
        words += [f"@{self.at}"] if self.at != Choice(("0",)) else []
        words += [f"+{self.took}"] if self.took.good else []
        words += [f"<{self.source}"] if self.source else []
        words += [f"{name}={choice}" for name, choice in self.data]
        return marks + " ".join(words)

    @property
    def whom(self) -> Sequence[str]:
        """Whose it may be."""
        return ANYONE if self.who == "any" else self.who.split("|")

    @property
    def facts(self) -> Sequence[str]:
        """The facts of which any does."""
        return sorted(FREE_TEXT) if self.fact == "told.*" else self.fact.split("|")

    def made(self) -> Observation:
        """The observation that the first choices make, or that stands for what a rule finds."""
        if self.rule:
            return seen(f"dev {MARKER} ok >{self.rule}")
        reason = "" if self.reason.is_open else self.reason.good[0]
        some = "failed" if reason else "ok"
        outcome = some if self.outcome.is_open else self.outcome.good[0]
        who = CTL if self.whom[0] == FAR else self.whom[0]
        one = seen(f"{SUBJECTS.get(who, who)} {self.facts[0]} {outcome}", self.source or CAPTURE)
        data = tuple((name, scalar(choice.good[0])) for name, choice in self.data if choice.good)
        return Observation(
            stage=one.stage,
            fact=one.fact,
            outcome=one.outcome,
            reason=reason,
            subject=one.subject,
            target=self.target,
            source=one.source,
            at=one.at + float(self.at.good[0]),
            took_s=float(self.took.good[0]) if self.took.good else None,
            data=data,
        )

    def alike(self) -> Iterator[Line]:
        """The line with each other choice that does as well."""
        if self.rule:
            return
        for who in self.whom[1:]:
            yield replace(self, who=who)
        for fact in self.facts[1:]:
            yield replace(self, fact=fact)
        for outcome in OUTCOMES if self.outcome.is_open else self.outcome.good:
            yield replace(self, outcome=Choice((outcome,)))
        for reason in ("", "timeout") if self.reason.is_open else self.reason.good:
            yield replace(self, reason=Choice((reason,)))
        for at in self.at.good:
            yield replace(self, at=Choice((at,)))
        for name, choice in self.data:
            for value in choice.good:
                yield self.saying(name, value)

    def near(self) -> Iterator[Line]:
        """The line with one thing in it otherwise, so that it does not do."""
        if self.rule:
            return
        yield from self._of_others()
        if not self.outcome.is_open:
            for outcome in set(OUTCOMES) - set(self.outcome.good):
                yield replace(self, outcome=Choice((outcome,)))
        if not self.reason.is_open and self.reason.good != ("",):
            for reason in {*REASONS, ""} - set(self.reason.good):
                yield replace(self, reason=Choice((reason,)))
        for at in self.at.bad:
            yield replace(self, at=Choice((at,)))
        for took in self.took.bad:
            yield replace(self, took=Choice((took,)))
        if self.target and self.target != OTHER:
            yield replace(self, target=OTHER)
        if self.source:
            yield replace(self, source=CAPTURE)
        for name, choice in self.data:
            if choice.good:
                yield replace(self, data=tuple(one for one in self.data if one[0] != name))
            for value in (*choice.bad, *self._other_values(name, choice)):
                yield self.saying(name, value)

    def _of_others(self) -> Iterator[Line]:
        for who in (*ANYONE, FAR):
            if who not in self.whom:
                yield replace(self, who=who)
        if any(fact in FREE_TEXT for fact in self.facts):
            yield from (replace(self, fact=fact) for fact in FREE_TEXT - {*self.facts})

    def _other_values(self, name: str, choice: Choice) -> Iterator[str]:
        if OTHER in choice.good or not choice.good or _is_number(choice.good[0]):
            return
        yield OTHER
        if name == "value":
            question = of_fact(self.fact)
            known = question.values if question else VALUES.get(self.fact, ())
            yield from (value for value in known if value not in choice.good)

    def saying(self, name: str, value: str) -> Line:
        """The line with that value."""
        return replace(
            self,
            data=tuple((key, Choice((value,)) if key == name else one) for key, one in self.data),
        )


def scalar(text: str) -> Scalar:
    """The value that a text in a line stands for."""
    if text in ("true", "false"):
        return text == "true"
    return float(text) if _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _too_wide(line: Line, near: Line) -> str:
    """That something near the line does as well, and which key would exclude it."""
    keys = {"who": "of", "outcome": "outcome", "reason": "reason", "source": "source"}
    keys |= {"fact": "fact", "target": "same_target", "data": "value or data"}
    changed = [key for name, key in keys.items() if getattr(line, name) != getattr(near, name)]
    lacks = f": it lacks {' and '.join(changed)}" if changed else ""
    good = f" = {line.outcome}" if changed == ["outcome"] else ""
    return f"is also found with '{near}' in place of '{line}'{lacks}{good}"


@dataclass(frozen=True)
class Example:
    """What comes of which observations."""

    what: str
    lines: tuple[Line, ...]

    @classmethod
    def read(cls, text: str) -> Example:
        what, _, lines = text.partition("|")
        return cls(what.strip(), tuple(Line.read(line) for line in lines.split(";")))

    def __str__(self) -> str:
        return f"{self.what} | {'; '.join(map(str, self.lines))}"

    def failures(self, finds: Finds) -> Iterator[str]:
        """Where it is not so: one sentence for each set of observations that says otherwise."""
        needed = [line for line in self.lines if not line.is_not]
        if self.what.startswith("not "):
            if finds(view(needed)):
                yield f"comes of {'; '.join(map(str, needed))}"
            return
        for lines in self._found():
            if not finds(view(lines)):
                yield f"does not come of {'; '.join(map(str, lines))}"
        cited = finds(view(needed))
        for line in needed:
            if not line.is_with and (line.made() in cited) is line.is_given:
                yield f"{line} is {'' if line.is_given else 'not '}cited"
        for place, line in enumerate(needed):
            if line.is_with:
                continue
            rest = [*needed[:place], *needed[place + 1 :]]
            if finds(view(rest)):
                yield f"is found without '{line}': the clue does not need it (`with`)"
            for near in line.near():
                if finds(view([*rest, near])):
                    yield _too_wide(line, near)
        for line in self.lines:
            if line.is_not:
                for other in (line, *line.alike()):
                    if finds(view([*needed, other])):
                        yield f"comes in spite of {other}"

    def _found(self) -> Iterator[Sequence[Line]]:
        needed = [line for line in self.lines if not line.is_not]
        yield needed
        for place, line in enumerate(needed):
            for other in line.alike():
                yield [*needed[:place], other, *needed[place + 1 :]]
        for line in self.lines:
            if line.is_not:
                yield from ([*needed, near] for near in line.near())


def of_file(text: str) -> Mapping[str, str]:
    """The examples at the end of a file of the catalogue, by kind."""
    return tomllib.loads(text.partition(EXAMPLES)[2])


def rows(text: str) -> list[Example]:
    """The examples of several lines; empty ones and those that begin with # do not count."""
    lines = (line.strip() for line in text.splitlines())
    return [Example.read(line) for line in lines if line and not line.startswith("#")]


def view(lines: Sequence[Line]) -> View:
    """What a rule sees where these observations are all there is."""
    made = [(line, line.made()) for line in lines if not line.rule]
    attempt = Attempt(
        own=[o for line, o in made if line.whom[0] == "dev" and not line.is_ever],
        others=[o for line, o in made if line.whom[0] in ("ctl", "net")],
        elsewhere=[o for line, o in made if line.whom[0] == FAR],
    )
    earlier = [o for line, o in made if line.is_ever and line.whom[0] == "dev"]
    tries = [attempt] if not earlier else [Attempt(own=earlier), attempt]
    one = View(attempt, History(tries))
    for line in lines:
        if line.rule:
            one.found[line.rule] = (line.made(),)
    return one
