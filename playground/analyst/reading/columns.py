"""Finds which columns a question names: by whole names, by their telling word, synonyms and near spellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from playground.analyst.profile import Column
from playground.analyst.reading.language import CJK, name_words, normal, words
from playground.analyst.reading.lexicon import GENERIC, SYNONYMS, is_word

LONGEST = 6
"""Words of a question that are taken together for one name."""


@dataclass(frozen=True)
class Mention:
    """A place of the question that means a column. ``score`` is 1 for its whole name."""

    column: str
    start: int
    end: int
    score: float


def mentions(question: str, columns: Sequence[Column]) -> list[Mention]:
    """All places that name a column: the best one for each place, none where two columns fit equally.

    Args:
        question: Normalised text; places count in it.
        columns: The table's columns; unnamed and empty ones are never meant.
    """
    found: dict[tuple[int, int], list[Mention]] = {}
    for column in columns:
        if column.kind != "empty" and not column.name.startswith("Unnamed:"):
            for mention in (*_latin(question, column.name), *_japanese(question, column.name)):
                found.setdefault((mention.start, mention.end), []).append(mention)
    chosen: list[Mention] = []
    for same in found.values():
        best = max(mention.score for mention in same)
        fitting = {mention.column: mention for mention in same if mention.score == best}
        if len(fitting) == 1:
            chosen += fitting.values()
    return sorted(chosen, key=lambda mention: mention.start)


def names_of(name: str) -> dict[tuple[str, ...], float]:
    """What a column is called, in stemmed words: whole, without what says little, by its last telling word."""
    whole = tuple(name_words(name))
    telling = whole
    while len(telling) > 1 and telling[-1] in GENERIC:
        telling = telling[:-1]
    called = {telling[-1:]: 0.7, telling: 0.9, whole: 1.0}
    for known, score in list(called.items()):
        for group in SYNONYMS:
            if len(known) == 1 and known[0] in group:
                called |= {(word,): score * 0.8 for word in group if (word,) not in called}
    return {known: score for known, score in called.items() if known}


def _latin(question: str, name: str) -> list[Mention]:
    asked = words(question)
    called = names_of(name)
    joined = {"".join(known): score for known, score in called.items()}
    found = []
    for first in range(len(asked)):
        for last in range(first, min(first + LONGEST, len(asked))):
            window = asked[first : last + 1]
            said = "".join(word.stem for word in window)
            score = joined.get(said, 0.0)
            own = not any(is_word(question[word.start : word.end]) or len(word.stem) < 3 for word in window)
            if not score and len(said) >= 6 and said.isascii() and own:
                # A near spelling of a synonym is another word: expensive is not expense.
                close = [_near(said, known) * value for known, value in joined.items() if value >= 0.9]
                score = max(close, default=0.0)
            if score >= 0.5 and not (score < 1 and is_word(question[window[0].start : window[-1].end])):
                found.append(Mention(name, window[0].start, window[-1].end, score))
    return found


def _near(said: str, known: str) -> float:
    """How well a misspelt word fits a name; 0 when it is another word."""
    alike = SequenceMatcher(None, said, known).ratio()
    return alike * 0.9 if alike >= 0.83 and said[0] == known[0] and abs(len(said) - len(known)) <= 2 else 0.0


def _japanese(question: str, name: str) -> list[Mention]:
    name = normal(name)
    called = {"".join(known): score for known, score in names_of(name).items()}
    if CJK.search(name):
        # A Japanese compound ends with what the thing is: カテゴリ means 商品カテゴリ.
        called |= {name[start:]: 0.7 for start in range(1, len(name) - 1)} | {name: 1.0}
    found = []
    for part, score in called.items():
        at = question.find(part) if CJK.search(part) else -1
        while at >= 0:
            found.append(Mention(name, at, at + len(part), score))
            at = question.find(part, at + 1)
    return found
