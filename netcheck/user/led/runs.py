"""Cuts what a person wrote into runs of words about one thing, and knows of each whether it is
meant: negation, time, place.

A negation reaches to the end of its clause: "never cyan or magenta", but "doesn't go cyan and
blinks green". What "should be", "used to be", shows on another device, or while a button is held,
is not what is seen now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from netcheck.user.led.tokens import Token, TokenKind

FEATURES = frozenset(
    {
        TokenKind.COLOUR,
        TokenKind.SHADE,
        TokenKind.OTHER,
        TokenKind.PATTERN,
        TokenKind.NOUN,
        TokenKind.SPEED,
        TokenKind.COUNT,
        TokenKind.TIMES,
        TokenKind.SOS,
        TokenKind.MODE,
    }
)
SEPARATORS = (
    TokenKind.COMMA,
    TokenKind.AND,
    TokenKind.SLASH,
    TokenKind.OR,
    TokenKind.STOP,
    TokenKind.UNTIL,
    TokenKind.THEN,
    TokenKind.BEFORE,
    TokenKind.AFTER,
)
"""From the weakest to the one that says most."""
NEW_STATEMENT = frozenset(
    {
        "blinks",
        "flashes",
        "breathes",
        "pulses",
        "flickers",
        "fades",
        "throbs",
        "blinkt",
        "atmet",
        "clignote",
        "parpadea",
        "lampeggia",
    }
)
"""Verbs that begin a new statement after "and": what was denied before is not denied of them."""
SUBJECTS = frozenset(
    {"i", "it", "it's", "we", "you", "there", "just", "only", "ich", "es", "je", "il"}
)
"""Words that begin a new statement after something was denied: "instead of cyan I get green"."""
QUICKENS = frozenset({"faster", "quicker", "speeds up", "accelerates", "schneller", "sneller"})
"""What a blinking does after a while: "green that speeds up" was slow and is fast."""
COMES = frozenset(
    {
        "come",
        "comes",
        "came",
        "appear",
        "appears",
        "show",
        "shows",
        "seen",
        "reached",
        "there",
        "happen",
        "happens",
        "arrives",
    }
)
"""Verbs of which a colour that stands before them is the subject: "cyan never comes", "cyan comes
never".
"""
ESTIMATES = frozenset({"maybe", "perhaps", "possibly"})
"""Words that say of a number that it is a guess: "blinks green maybe ten times"."""
FAR = 6
"""How many words a negation looks ahead for what it denies."""


@dataclass
class WordRun:
    """Features with no separator between them, and what applies to all of them. `opens`: no word
    about the light comes before it in its sentence.
    """

    separator_before: TokenKind = TokenKind.STOP
    opens: bool = True
    features: list[Token] = field(default_factory=list)
    is_denied: bool = False
    is_unreal: bool = False
    is_elsewhere: bool = False
    is_sometimes: bool = False
    stays: bool = False

    @property
    def is_meant(self) -> bool:
        """Does it tell what this light shows now?"""
        return bool(self.features) and not self.is_unreal and not self.is_elsewhere


def runs(words: Sequence[Token]) -> list[WordRun]:
    """The runs in their order."""
    reader = _Reader()
    for at, token in enumerate(words):
        reader.take(token, words[at + 1 : at + 1 + FAR])
    return reader.finished()


@dataclass
class _Scope:
    """What the words so far mean for those that follow. `has_been_applied`: to one at least."""

    denied: bool = False
    unreal: bool = False
    elsewhere: bool = False
    sometimes: bool = False
    stays: bool = False
    has_been_applied: bool = False


class _Reader:
    """Takes one word after the other."""

    def __init__(self) -> None:
        self.found = [WordRun()]
        self.clause = [self.found[-1]]
        self.scope = _Scope()
        self.is_holding = False
        self.is_subject_over = False
        """Was the last word the verb of a colour that stands before it: "cyan comes"?"""

    def finished(self) -> list[WordRun]:
        """The runs, when all words were taken."""
        if len(self.found) > 1 and not self.run.features:
            self._drop_empty()
        return self.found

    @property
    def run(self) -> WordRun:
        return self.found[-1]

    def take(self, token: Token, following: Sequence[Token]) -> None:
        """One word, and those that follow it."""
        if (
            self.scope.has_been_applied
            and token.text in SUBJECTS
            and (self.scope.denied or self.scope.unreal)
        ):
            self.scope = _Scope()
            self._new_run(TokenKind.STOP)
        if token.kind in FEATURES or (token.kind is TokenKind.ARTICLE and _is_one(following)):
            self._feature(token)
        elif token.kind in SEPARATORS:
            self._separator(token, following)
        elif token.kind is TokenKind.NOT:
            self._negation(following)
        elif token.kind is TokenKind.UNREAL:
            self._new_run(TokenKind.AND)
            self.scope.unreal, self.scope.has_been_applied = True, False
        elif token.kind is TokenKind.ELSEWHERE:
            self.scope.elsewhere = token.value != "light"
            for run in self.clause:
                run.is_elsewhere = True
        elif token.kind is TokenKind.SOMETIMES:
            self._sometimes(token, following)
        elif token.kind in (TokenKind.REMAINS, TokenKind.NOT_STAYING):
            self.scope.stays = self.run.stays = True
        elif token.kind is TokenKind.HOLD:
            self.is_holding = True
        self.is_subject_over = token.text in COMES and bool(self.run.features)

    def _feature(self, token: Token) -> None:
        if token.text in QUICKENS and any(
            one.kind is TokenKind.COLOUR for one in self.run.features
        ):
            self._new_run(TokenKind.THEN)
        self.run.features.append(
            Token(kind=TokenKind.COUNT, value="1", text=token.text)
            if token.kind is TokenKind.ARTICLE
            else token
        )
        self.run.is_denied |= self.scope.denied
        self.run.is_unreal |= self.scope.unreal
        self.scope.has_been_applied = True

    def _separator(self, token: Token, following: Sequence[Token]) -> None:
        if token.kind in (TokenKind.AFTER, TokenKind.BEFORE) and not _is_of_light(following):
            return  # "after a reset" puts nothing in order
        if token.kind is TokenKind.STOP:
            self.scope = _Scope()
            self.is_holding = False
        elif token.kind is TokenKind.THEN and (
            self.scope.has_been_applied or token.value == "order"
        ):
            self.scope = _Scope()
        elif token.kind is TokenKind.COMMA:
            before = self.scope
            kept = _Scope(
                elsewhere=before.elsewhere,
                sometimes=before.sometimes,
                unreal=before.unreal and token.text == "(",
            )
            self.scope = _Scope() if before.has_been_applied else kept
        elif token.kind is TokenKind.AND:
            self.scope.sometimes &= token.value != "amid"
            if not _goes_on(following):
                self.scope.denied = self.scope.unreal = False
        elif token.kind is TokenKind.UNTIL and self.is_holding:
            self.scope.unreal, self.scope.has_been_applied = True, False
        self._new_run(
            token.kind, is_same_clause=token.kind in (TokenKind.AND, TokenKind.OR, TokenKind.SLASH)
        )

    def _sometimes(self, token: Token, following: Sequence[Token]) -> None:
        """Holds for what follows, or, where nothing does, for what stands before: "a red flash
        sometimes".
        """
        if token.text in ESTIMATES and _counts_what_was_said(following):
            return
        ahead = next(
            (token for token in following if token.kind in FEATURES or token.kind in SEPARATORS),
            None,
        )
        is_begun = any(token.text not in ("a", "an") for token in self.run.features)
        if is_begun and ahead is not None and ahead.kind in FEATURES:
            self._new_run(TokenKind.AND)
        self.scope.sometimes = self.run.is_sometimes = True

    def _new_run(self, separator_before: TokenKind, *, is_same_clause: bool = True) -> None:
        """Begin a new run, or let the one that has no features yet be the new one."""
        before = self.run
        if before.features:
            opens = separator_before is TokenKind.STOP
        else:
            self._drop_empty()
            separator_before = max(before.separator_before, separator_before, key=SEPARATORS.index)
            opens = before.opens or separator_before is TokenKind.STOP
        scope = self.scope
        self.found.append(
            WordRun(
                separator_before,
                opens,
                is_elsewhere=scope.elsewhere,
                is_sometimes=scope.sometimes,
                stays=scope.stays,
            )
        )
        self.clause = [*self.clause, self.run] if is_same_clause else [self.run]

    def _drop_empty(self) -> None:
        """A run without features says how the one before goes on: "and stays there"."""
        empty = self.found.pop()
        if self.found:
            self.found[-1].stays |= empty.stays

    def _negation(self, following: Sequence[Token]) -> None:
        """Denies what follows; but "never gets past green" and "doesn't stay cyan" say that it was
        there.
        """
        is_after = self.is_subject_over and not _names(_up_to_separator(following))
        if is_after or _is_of_subject(following):
            self.run.is_denied = bool(self.run.features)
            return
        for token in following:
            if token.kind in (TokenKind.PAST, TokenKind.NOT_STAYING):
                self.scope.stays = self.run.stays = token.kind is TokenKind.PAST
                return
            if token.kind in FEATURES or token.kind in (TokenKind.COMMA, TokenKind.STOP):
                break
        self._new_run(TokenKind.AND)
        self.scope.denied, self.scope.has_been_applied = True, False


def _is_of_subject(following: Sequence[Token]) -> bool:
    """Is denied what stands before ("cyan never comes"), and nothing that follows?"""
    for token in following:
        if token.kind in FEATURES or token.kind in SEPARATORS:
            return False
        if token.text in COMES:
            after = following[following.index(token) + 1 :]
            return not _names(_up_to_separator(after))
    return False


def _names(words: Sequence[Token]) -> bool:
    """Does one of them say what the light shows?"""
    return any(one.kind in FEATURES for one in words)


def _counts_what_was_said(following: Sequence[Token]) -> bool:
    """Do they begin with "ten times"?"""
    kinds = [token.kind for token in following[:2]]
    return kinds[:1] == [TokenKind.TIMES] or kinds == [TokenKind.COUNT, TokenKind.TIMES]


def _up_to_separator(following: Sequence[Token]) -> list[Token]:
    ends = next(
        (at for at, token in enumerate(following) if token.kind in SEPARATORS), len(following)
    )
    return list(following[:ends])


def _goes_on(following: Sequence[Token]) -> bool:
    """Does a list go on after "and" ("never flashing and breathing"), or does a new statement begin
    ("and blinks green")?
    """
    return (
        bool(following) and following[0].kind in FEATURES and following[0].text not in NEW_STATEMENT
    )


def _is_of_light(following: Sequence[Token]) -> bool:
    """Do the next words speak of what the light shows?"""
    fillers = ("the", "it", "that", "this", "about", "some", "its", "being", "with")
    telling = [
        token
        for token in following
        if token.kind not in (TokenKind.ARTICLE, TokenKind.LIGHT) and token.text not in fillers
    ]
    return bool(telling) and telling[0].kind in FEATURES


def _is_one(following: Sequence[Token]) -> bool:
    """Does "a" count one flash ("a red blip", "a flash of red", "a quick red") and no state ("a
    blinking red light")?
    """
    colours = 0
    for token in following:
        if token.kind is TokenKind.NOUN:
            return token.value == "one"
        if token.kind is TokenKind.COLOUR:
            colours += 1
        elif token.kind in (TokenKind.PATTERN, TokenKind.LIGHT, TokenKind.COUNT, TokenKind.MODE):
            return False
        elif token.kind in SEPARATORS and token.kind not in (TokenKind.OR, TokenKind.SLASH):
            break
    return colours == 1
