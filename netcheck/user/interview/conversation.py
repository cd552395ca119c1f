"""The interview itself: asks, reads, goes back, and ends. What was answered is kept turn by turn,
so that any turn can be undone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence

from netcheck.model import Observation, Struct, Target
from netcheck.text.escape import safe
from netcheck.user.answers import UserAnswerError
from netcheck.user.interview import replies, wording
from netcheck.user.interview.choosing import Stop, choose
from netcheck.user.interview.own_words import understood
from netcheck.user.led.reading import LedError
from netcheck.vocabulary.questions import QUESTIONS, Question

REMARKS = ("Try again, or press Enter if you do not know.", "Taken as not known.")
"""What is said to a line that is not understood: the first time, and the second."""
MOST_COMPLAINT = 600


class Turn(Struct, frozen=True, kw_only=True):
    """A question that was asked, and what its answer says; nothing where it was not known.

    `said`: the answer in words, for the summary; shown in this run, and kept nowhere.
    """

    key: str
    answered: tuple[Observation, ...] = ()
    said: str = ""


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
                if not isinstance(question, Stop):
                    again = self._ask(question)
                elif not self._is_corrected():
                    self._say_why_ended(question)
                    return True
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
        meant = self._meant(question)
        if meant is wording.TypedWord.BACK:
            return self._back(question)
        self.turns.append(meant if isinstance(meant, Turn) else Turn(key=question.key))
        return None

    def _meant(self, question: Question) -> Turn | wording.TypedWord:
        """What is typed to this question: an answer, back, or not known, also where it is twice not
        understood.
        """
        remarks = iter(REMARKS)
        while True:
            try:
                line = self._line(wording.prompt(question))
                meant = wording.typed(question, line)
                if meant is wording.TypedWord.EXPLAIN:
                    self._say_all(wording.explanation(question))
                    continue
                return (
                    meant
                    if isinstance(meant, wording.TypedWord)
                    else self._turn(question, meant, line)
                )
            except (wording.NotAChoice, UserAnswerError, LedError) as error:
                complaint, remark = safe(str(error), MOST_COMPLAINT), next(remarks)
                self._say_wrapped(f"{complaint[0].upper()}{complaint[1:]} {remark}")
                if remark == REMARKS[-1]:
                    return wording.TypedWord.UNKNOWN

    def _turn(self, question: Question, values: Sequence[str], line: str) -> Turn:
        others = [o for turn in self.turns if turn.key != question.key for o in turn.answered]
        known = replies.known([*self._given, *others])
        meant = understood(question, values, known, self._target, self._clock(), line)
        if meant.unknown:
            self._say_wrapped(f"Not understood of the light: {', '.join(meant.unknown)}.")
        return Turn(key=question.key, answered=meant.observations, said=meant.said)

    def _is_corrected(self) -> bool:
        """Show what was answered, and ask again what is named as wrong; false where nothing is."""
        said = [turn for turn in self.turns if turn.said]
        if not said:
            return False
        self._say("")
        self._say_all(wording.summary([(QUESTIONS[turn.key], turn.said) for turn in said]))
        try:
            line = self._line(wording.SUMMARY_PROMPT).strip()
        except InputEnded:
            return False
        if not re.fullmatch(r"[0-9]{1,2}", line, re.ASCII) or not 0 < int(line) <= len(said):
            return False
        self._ask_again(said[int(line) - 1])
        return True

    def _ask_again(self, turn: Turn) -> None:
        """Put another answer in the place of that turn's; it stays where none is given."""
        question = QUESTIONS[turn.key]
        self._say_all(wording.lines(question, self.turns.index(turn) + 1))
        meant = self._meant(question)
        if meant is not wording.TypedWord.BACK:
            new = meant if isinstance(meant, Turn) else Turn(key=turn.key)
            self.turns[self.turns.index(turn)] = new

    def _back(self, question: Question) -> Question:
        if not self.turns:
            self._say("   This is the first question.")
            return question
        return QUESTIONS[self.turns.pop().key]

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
