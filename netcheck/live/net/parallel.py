"""Several questions at once, each in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


def together(questions: Sequence[Callable[[], T]]) -> list[T]:
    """Ask side by side; the answers in the order of the questions. Raises what the first failing
    question raised.
    """
    answers: dict[int, T] = {}
    errors: dict[int, BaseException] = {}
    for place, answer in _in_threads(questions):
        if isinstance(answer, _Failure):
            errors[place] = answer.error
        else:
            answers[place] = answer
    if errors:
        raise errors[min(errors)]
    return [answers[place] for place in range(len(questions))]


def as_answered(questions: Sequence[Callable[[], T]]) -> Iterator[T]:
    """Ask side by side; each answer as it comes. Raises what a question raised when it did."""
    for _, answer in _in_threads(questions):
        if isinstance(answer, _Failure):
            raise answer.error
        yield answer


@dataclass(frozen=True)
class _Failure:
    """What a question raised: carried over to the asking thread, which raises it."""

    error: BaseException


def _in_threads(questions: Sequence[Callable[[], T]]) -> Iterator[tuple[int, T | _Failure]]:
    """The place of each question and its answer, as they come; asked in daemon threads, which no
    exit waits for.
    """
    answers: queue.SimpleQueue[tuple[int, T | _Failure]] = queue.SimpleQueue()

    def ask(place: int, question: Callable[[], T]) -> None:
        try:
            answers.put((place, question()))
        except BaseException as error:
            answers.put((place, _Failure(error)))

    for item in enumerate(questions):
        threading.Thread(target=ask, args=item, daemon=True).start()
    for _ in questions:
        yield answers.get()
