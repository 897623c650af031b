"""A question as a row of tokens: every word is something known, silent, or not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.analyst.plan import Condition
from playground.analyst.profile import Profile
from playground.analyst.reading.columns import mentions
from playground.analyst.reading.language import CJK, name_words, normal, words
from playground.analyst.reading.lexicon import SILENT, SYNONYMS, WORDS, found_words
from playground.analyst.reading.spans import is_year, time_spans
from playground.analyst.reading.values import numbers, operators, values

LETTERS: dict[str, str] = WORDS["letter"]
"""A letter for each kind of token, so that regular expressions can find them in a row. Further ones: columns of numbers
(N), of dates (D) and others (C), values (V), numbers (#), spans of time (T), and what is not understood (?)."""
DROPPED = "&i~zwvU"
"""What may be left over: it joins or leads, and computes nothing by itself."""

ID_WORDS = frozenset({"id", "no", "number"})
"""Last words of the names of columns that only tell rows apart."""


@dataclass
class Token:
    """A word or phrase of the question, and what it stands for (a column, a function, a condition…)."""

    letter: str
    value: Any
    text: str
    start: int
    end: int


class Sentence:
    """The tokens of a question. What has become part of a plan is taken out; the rest was not understood."""

    def __init__(self, text: str, profile: Profile) -> None:
        self.text = text
        self.profile = profile
        self.tokens = sorted(_tokens(text, profile), key=lambda token: token.start)

    @property
    def letters(self) -> str:
        """The letters of the tokens that are left; a space stands for one that was taken."""
        return "".join(token.letter for token in self.tokens)

    def has(self, letters: str) -> bool:
        """Whether a token of one of these kinds is left."""
        return any(token.letter in letters for token in self.tokens)

    def take(self, pattern: str, letters: str = "") -> list[Token]:
        """Take the first tokens whose letters match; of them, those of some kinds only, when given."""
        match = re.search(pattern, self.letters)
        return [] if match is None else self._taken(match.start(), match.end(), letters)

    def take_all(self, pattern: str, letters: str = "") -> list[Token]:
        """Take all such tokens, in the order of the question."""
        found = []
        while tokens := self.take(pattern, letters):
            found += tokens
        return found

    def _taken(self, start: int, end: int, letters: str) -> list[Token]:
        found = [Token(**vars(token)) for token in self.tokens[start:end]]
        for token in self.tokens[start:end]:
            token.letter = " "
        return [token for token in found if not letters or token.letter in letters]

    @property
    def left_over(self) -> list[str]:
        """The words that matter and have no part in anything; unknown ones alone, when there are some."""
        left = [token for token in self.tokens if token.letter not in DROPPED + " "]
        unknown = [token for token in left if token.letter == "?"] or left
        phrases: list[str] = []
        start = end = -1
        for token in unknown:
            if start < 0 or self.text[end : token.start].strip():
                start = token.start
                phrases.append("")
            end = token.end
            phrases[-1] = self.text[start:end].strip()
        return phrases


def _tokens(text: str, profile: Profile) -> Iterator[Token]:
    rest = list(text)
    named = mentions(text, profile.columns)
    for start, end, conditions in time_spans(text, named, profile):
        yield Token("T", conditions, text[start:end].strip(), start, end)
        rest[start:end] = " " * (end - start)
    left = "".join(rest)
    for _, start, end, letter, value in sorted(_candidates(left, profile), key=lambda candidate: candidate[0]):
        if "".join(rest[start:end]) == left[start:end]:
            rest[start:end] = "\n" * (end - start)
            if letter != " ":
                yield Token(letter, value, text[start:end].strip(), start, end)
    for match in re.finditer(r"[^\W_]+|[%<>=+]", "".join(rest)):
        yield Token("?", None, match[0], *match.span())


def _candidates(text: str, profile: Profile) -> Iterator[tuple[tuple[int, int], int, int, str, Any]]:
    """What may stand where; the longest comes first, then the rank of its kind."""

    def ranked(rank: int, start: int, end: int, letter: str, value: Any) -> tuple[Any, int, int, str, Any]:
        return ((start - end, rank), start, end, letter, value)

    lower = text.lower()
    for kind, value, start, end in found_words(lower):
        rank = 5 if kind == SILENT else 3 if kind == "grain" else 0
        yield ranked(rank, start, end, LETTERS.get(value if kind == "marker" else kind, " "), value)
    for kind, op, start, end in operators(lower):
        yield ranked(0, start, end, LETTERS[kind], op)
    for amount, start, end in numbers(lower):
        yield ranked(4, start, end, "#", amount)
    for mention in mentions(text, profile.columns):
        column = profile[mention.column]
        number = column.is_number and not is_year(profile, column.name)
        # "captains" are rows, not the numbers in captain_id.
        rows = mention.score < 1 and _identifies(column.name, profile)
        letter = "R" if rows else "N" if number else "D" if column.is_date else "C"
        yield ranked(1, mention.start, mention.end, letter, column.name)
    for column in profile.columns:
        for value, start, end in values(text, column):
            yield ranked(2, start, end, "V", Condition(column.name, "in", (value,)))
    groups = [column.name for column in profile.of_kind("category") if 2 <= column.unique <= 50]
    for match in re.finditer(r"(?<![a-z])groups?(?![a-z])|グループ", lower) if groups else ():
        yield ranked(2, *match.span(), "C", groups[0])
    for start, end in things(text, profile):
        yield ranked(2, start, end, "R", "")


def lists(name: str, profile: Profile) -> bool:
    """Whether a small table has a row for each value, as a list of people or regions has; no ids."""
    is_small = profile[name].kind == "category" and profile.rows <= 50
    return is_small and profile.is_unique(name) and ID_WORDS.isdisjoint(name_words(name)[-1:])


def _identifies(name: str, profile: Profile) -> bool:
    parts = name_words(name)
    return profile.is_unique(name) and len(parts) > 1 and parts[-1] in ID_WORDS


def things(text: str, profile: Profile) -> Iterator[tuple[int, int]]:
    """Where what a row is gets named: "orders", where every row has an ``order_id`` of its own."""
    known = {name_words(column.name)[0] for column in profile.columns if _identifies(column.name, profile)}
    file = profile.path.rpartition("/")[2].rpartition(".")[0]
    named_in_japanese = [word for group in SYNONYMS if group & known for word in group if CJK.search(word)]
    known |= set(re.findall(r"[a-z]+", file)[-1:])
    stems = {word for name in known for word in name_words(name)}
    yield from ((word.start, word.end) for word in words(text) if word.stem in stems and not CJK.search(word.stem))
    for word in [*named_in_japanese, *([normal(file)] if CJK.search(file) else [])]:
        yield from (match.span() for match in re.finditer(re.escape(word), text))
