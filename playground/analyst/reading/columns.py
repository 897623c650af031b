"""Finds which columns a question speaks of: by whole names, parts of names, synonyms and near spellings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from playground.analyst.profile import Column
from playground.analyst.reading.language import CJK, Word, name_words, normal, stem, words
from playground.analyst.reading.vocabulary import FUNCTION_WORDS, GENERIC, SYNONYMS

THRESHOLD = 0.4
LINKING = frozenset({"of", "the", "for", "in"})
FUNCTIONAL = frozenset(map(stem, FUNCTION_WORDS))


@dataclass(frozen=True)
class Mention:
    """A place of the question that means a column. ``score`` is 1 for its whole name."""

    column: str
    start: int
    end: int
    score: float


def mentions(question: str, columns: Sequence[Column]) -> list[Mention]:
    """All mentions of columns, without overlaps, in the order of the text.

    Args:
        question: Normalised text; places count in it.
        columns: The table's columns; unnamed and empty ones are never meant.
    """
    found: list[tuple[float, Mention]] = []
    asked = words(question)
    for column in columns:
        if column.kind == "empty" or column.name.startswith("Unnamed:"):
            continue
        found += _latin(asked, column.name)
        found += _japanese(question, column.name)
    chosen: list[Mention] = []
    for _, mention in sorted(found, key=lambda item: -item[0]):
        if all(mention.end <= other.start or other.end <= mention.start for other in chosen):
            chosen.append(mention)
    return sorted(chosen, key=lambda mention: mention.start)


def column_for(words_: str, columns: Sequence[Column]) -> str | None:
    """The column that a short text means best."""
    found = mentions(words_, columns)
    return max(found, key=lambda mention: mention.score).column if found else None


def weight(word: str) -> float:
    """How much a word of a name says."""
    return 0.4 if word in GENERIC or word.isdigit() else 1.0


def likeness(asked: str, named: str) -> float:
    """How well a word of the question fits a word of a name, from 0 to 1."""
    if asked == named:
        return 1.0
    if any(asked in group and named in group for group in SYNONYM_STEMS):
        return 0.8
    if min(len(asked), len(named)) >= 5 and asked.isascii():
        if named.startswith(asked) or asked.startswith(named):
            return 0.8
        ratio = SequenceMatcher(None, asked, named).ratio()
        return ratio * 0.9 if ratio >= (0.8 if len(asked) >= 7 else 0.84) else 0.0
    return 0.0


SYNONYM_STEMS = tuple(frozenset(map(stem, group)) for group in SYNONYMS)


def _latin(asked: Sequence[Word], name: str) -> list[tuple[float, Mention]]:
    named = name_words(name)
    if not named:
        return []
    found = []
    total = sum(map(weight, named))
    joined = "".join(named)
    for first in range(len(asked)):
        if asked[first].stem in LINKING:
            continue
        for last in range(first, min(first + len(named) + 3, len(asked))):
            window = asked[first : last + 1]
            if window[-1].stem in LINKING:
                continue
            score, said = _fit([word.stem for word in window], named, joined, total)
            if score >= THRESHOLD:
                mention = Mention(name, window[0].start, window[-1].end, score)
                found.append((score + 0.3 * said, mention))
    return found


def _fit(window: list[str], named: list[str], joined: str, total: float) -> tuple[float, float]:
    """How well consecutive words fit a name: a score from 0 to 1, and how much they say."""
    if "".join(window) == joined:
        blocked = len(window) == 1 and window[0] in FUNCTIONAL
        return (0.9 if blocked else 1.0), (0.2 if blocked else total)
    left = list(named)
    said = 0.0
    for word in window:
        if word in LINKING and len(window) > 2:
            continue
        best = max(left, key=lambda other: likeness(word, other), default="")
        fit = likeness(word, best) if best else 0.0
        if not fit or (word in FUNCTIONAL and len(window) == 1):
            return 0.0, 0.0
        left.remove(best)
        said += fit * weight(best)
    return 0.97 * said / total, said


def _japanese(question: str, name: str) -> list[tuple[float, Mention]]:
    name = normal(name)
    found = []
    for part in {name, *_synonyms(name)}:
        if not CJK.search(part):
            continue
        size, start = _common(question, part)
        if size >= 2 or (size == len(part) and size >= 1 and part in {"国", "県", "市", "店", "年齢"}):
            share = size / len(part)
            if share >= THRESHOLD:
                score = share if part == name else share * 0.8
                found.append((score + 0.3 * size / 2, Mention(name, start, start + size, score)))
    return found


def _synonyms(name: str) -> set[str]:
    parts = {name, *name_words(name)}
    return {word for group in SYNONYMS if parts & group or set(map(stem, group)) & parts for word in group}


def _common(question: str, part: str) -> tuple[int, int]:
    """The longest piece of ``part`` that stands in the question: its length, and where."""
    for size in range(len(part), 0, -1):
        for begin in range(len(part) - size + 1):
            piece = part[begin : begin + size]
            at = question.find(piece)
            if at >= 0 and CJK.search(piece):
                return size, at
    return 0, -1
