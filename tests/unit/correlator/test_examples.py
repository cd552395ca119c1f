"""One truth row for every clue and every rule: what shows it, and that nothing near that does.

The rows stand at the end of each cause's file, of `rules.toml` and of `words.toml`, and for rules
that are code in `rules/examples.txt`. They say twice what the catalogue says, on purpose: a weight,
a side, a reason or a value that changes by mistake contradicts its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from netcheck.correlator.catalogue import Cause, known_issues, load, parse, shipped, user_answers
from netcheck.correlator.catalogue.reading import ANSWERS, RULES, WORDS
from netcheck.correlator.judging.view import View
from netcheck.correlator.judging.weigh import weigh
from netcheck.correlator.rules import RULES as CODE
from netcheck.correlator.rules import every_rule
from netcheck.model import Clue, Observation
from netcheck.vocabulary import is_told_by_user
from tests.helpers.clues import facts_of_rule
from tests.helpers.examples import Example, Finds, of_file, rows

FILES = shipped()
OWN = parse(
    {name: text for name, text in FILES.items() if name not in (ANSWERS, known_issues.FILE)}
)
"""The catalogue with the clues that the causes' own files hold."""
CODE_ROWS = rows(Path(__file__).parent.joinpath("rules", "examples.txt").read_text("utf-8"))
DATA_ROWS = [row for name in (RULES, WORDS) for row in rows(of_file(FILES[name])["rows"])]
BY_ANSWER = Path(__file__).with_name("user_answers.txt")


def clues(cause: Cause) -> Iterator[tuple[str, str, Clue]]:
    """Side, the words of its weight, and each clue of a cause."""
    for side, several in (("for", cause.clues_for), ("against", cause.clues_against)):
        for clue in several:
            yield side, f"{'context ' if clue.context else ''}{clue.weight.value} {side}", clue


def finding(cause: Cause, side: str, clue: Clue) -> Finds:
    """Is that clue found, and on its side, where nothing else is asked?"""
    alone = (msgspec.structs.replace(clue, context=False),)
    one = msgspec.structs.replace(
        cause,
        clues_for=alone if side == "for" else (),
        clues_against=alone if side == "against" else (),
    )

    def finds(view: View) -> Sequence[Observation]:
        rules = every_rule()
        if view.found:  # the row says what these find, without the facts that make them find it
            rules = {name: getattr(rule, "find", rule) for name, rule in rules.items()}
        weighed = weigh(one, view, rules)
        found = weighed.support if side == "for" else weighed.oppose
        return [o for evidence in found for o in evidence.seen]

    return finds


def matched(rows: list[Example], cause: Cause) -> Iterator[tuple[Clue | None, Example | None, str]]:
    """Each clue with a row that is true of it and of no clue before, and what is left over."""
    left = list(clues(cause))
    for row in rows:
        failures = ["no clue has that weight on that side"]
        for one in left:
            side, weight, clue = one
            if weight == row.what:
                failures = list(row.failures(finding(cause, side, clue)))
                if not failures:
                    left.remove(one)
                    yield clue, row, ""
                    break
        else:
            again = any(
                weight == row.what and not list(row.failures(finding(cause, side, clue)))
                for side, weight, clue in clues(cause)
            )
            if not again:
                yield None, row, failures[0]
    for _, _, clue in left:
        yield clue, None, "no row"


@pytest.mark.parametrize("cause", OWN.causes.values(), ids=lambda cause: cause.id)
def test_every_clue_has_a_true_row_and_every_row_a_clue(cause: Cause) -> None:
    file = f"{cause.stage.value}/{cause.id}.toml"
    text = of_file(FILES[file]).get("clues", "")
    wrong = [
        f"{file}: clue {clue.says!r}: {why}" if clue else f"{file}: row '{row}': {why}"
        for clue, row, why in matched(rows(text), cause)
        if why
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("row", [*CODE_ROWS, *DATA_ROWS], ids=str)
def test_a_rule_finds_what_its_row_says_and_nothing_near_it(row: Example) -> None:
    rule = every_rule()[row.what.removeprefix("not ")]
    assert list(row.failures(rule)) == []


def test_every_rule_has_a_row() -> None:
    shared = {name for name in load().patterns if "." not in name}
    assert {row.what for row in CODE_ROWS if not row.what.startswith("not ")} == set(CODE)
    assert {row.what for row in DATA_ROWS} == shared


def test_every_condition_of_a_rule_is_in_a_row() -> None:
    for name in (name for name in load().patterns if "." not in name):
        pattern = load().patterns[name]
        lines = [line for row in DATA_ROWS if row.what == name for line in row.lines]
        for condition in pattern.any_of:
            assert any(
                condition.fact in line.facts and line.rule == condition.rule for line in lines
            ), (name, condition)


# ------------------------------------------------------------------------------------------ answers


def by_answer() -> Iterator[str]:
    """What each answer of `user_answers.toml` says of which causes, a line for each weight."""
    said: dict[tuple[str, str], list[str]] = {}
    support, oppose = user_answers.read(FILES[ANSWERS])
    for side, causes in (("for", support), ("against", oppose)):
        for name, several in causes.items():
            for clue in several:
                key = clue.rule or f"{clue.fact.removeprefix('told.')}={'|'.join(clue.value)}"
                weight = f"{'context ' if clue.context else ''}{clue.weight.value} {side}"
                said.setdefault((key, weight), []).append(name)
    for (key, weight), names in sorted(said.items()):
        yield f"{key} | {weight} | {' '.join(sorted(names))}"


def test_answers_bear_on_the_causes_that_the_table_names() -> None:
    assert BY_ANSWER.read_text("utf-8").splitlines() == list(by_answer())


def test_answers_speak_of_what_users_tell() -> None:
    support, oppose = user_answers.read(FILES[ANSWERS])
    told = {clue for causes in (support, oppose) for several in causes.values() for clue in several}
    facts = {fact for clue in told for fact in ({clue.fact} - {""} or facts_of_rule(clue.rule))}
    assert {fact for fact in facts if not is_told_by_user(fact)} <= {
        fact for name in CODE for fact in facts_of_rule(name)
    }
