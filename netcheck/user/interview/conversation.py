"""The interview itself: asks, reads, goes back, and ends. What was answered is kept turn by turn,
so that any turn can be undone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from netcheck.model import Observation, Struct, Target
from netcheck.text.escape import safe
from netcheck.user.answers import UserAnswerError
from netcheck.user.interview import replies, wording
from netcheck.user.interview.choosing import Stop, choose
from netcheck.user.led.reading import LedError
from netcheck.vocabulary.questions import QUESTIONS, Question

REMARKS = ("Try again, or press Enter if you do not know.", "Taken as not known.")
"""What is said to a line that is not understood: the first time, and the second."""
MOST_COMPLAINT = 600


class Turn(Struct, frozen=True, kw_only=True):
    """A question that was asked, and what its answer says; nothing where it was not known."""

    key: str
    answered: tuple[Observation, ...] = ()


class InputEnded(Exception):
    """The input has ended: there is no answer any more."""


class Conversation:
    """One interview. `read` shows a prompt and gives the line typed, None at the end of the input;
    `say` shows a line; `clock` is UTC seconds.
    """

    def __init__(
        self,
        given: Sequence[Observation],
        target: Target,
        read: Callable[[str], str | None],
        say: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self.turns: list[Turn] = []
        self._given = tuple(given)
        self._target = target
        self._read = read
        self._say = say
        self._clock = clock

    @property
    def answered(self) -> list[Observation]:
        """All that was answered."""
        return [o for turn in self.turns for o in turn.answered]

    def run(self) -> bool:
        """Ask until nothing is worth asking; false where the input ended before."""
        self._say_all(wording.INTRODUCTION)
        again: Question | None = None
        try:
            while True:
                question = again or self._next()
                if isinstance(question, Stop):
                    self._say_why_ended(question)
                    return True
                again = self._ask(question)
        except InputEnded:
            return False

    def _next(self) -> Question | Stop:
        asked = [turn.key for turn in self.turns]
        chosen = choose([*self._given, *self.answered], self._target, asked)
        return chosen if isinstance(chosen, Stop) else chosen.question

    def _ask(self, question: Question) -> Question | None:
        """Ask and keep the turn. Gives the question before, where its answer is taken back, or this
        one where there is none before.
        """
        self._say_all(wording.lines(question, len(self.turns) + 1))
        for remark in REMARKS:
            try:
                meant = wording.typed(question, self._line(wording.prompt(question)))
                if meant is wording.TypedWord.BACK:
                    return self._back(question)
                answered = (
                    () if isinstance(meant, wording.TypedWord) else self._answered(question, meant)
                )
            except (wording.NotAChoice, UserAnswerError, LedError) as error:
                complaint = safe(str(error), MOST_COMPLAINT)
                self._say_wrapped(f"{complaint[0].upper()}{complaint[1:]} {remark}")
                continue
            self.turns.append(Turn(key=question.key, answered=answered))
            return None
        self.turns.append(Turn(key=question.key))
        return None

    def _back(self, question: Question) -> Question:
        if not self.turns:
            self._say("   This is the first question.")
            return question
        return QUESTIONS[self.turns.pop().key]

    def _answered(self, question: Question, values: Sequence[str]) -> tuple[Observation, ...]:
        at = self._clock()
        return tuple(
            o for value in values for o in replies.observed(question.key, value, self._target, at)
        )

    def _line(self, prompt: str) -> str:
        line = self._read(prompt)
        if line is None:
            raise InputEnded
        return line

    def _say_why_ended(self, stop: Stop) -> None:
        self._say("")
        self._say_all(textwrap.wrap(f"Thank you: {stop.value}.", wording.WIDTH))
        self._say("")

    def _say_all(self, several: Iterable[str]) -> None:
        for line in several:
            self._say(line)

    def _say_wrapped(self, text: str) -> None:
        self._say_all(
            textwrap.wrap(text, wording.WIDTH, initial_indent="   ", subsequent_indent="   ")
        )
