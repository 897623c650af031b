"""Judges what a question came to; ``evals/measures.py`` says what the measures are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path

from conversations.turns.answering import NOT_COMPUTED
from evals.answers import Given, Judged
from evals.cases import Case, Expected
from evals.judging.chart_kinds import chart_kinds, is_wanted
from evals.judging.languages import is_kept
from evals.judging.stated_numbers import Token, stated_numbers, states

_REFUSES = re.compile(
    r"(?:can(?:no|['’])t|could(?: not|n['’]t)|unable to|not able to|not possible|sorry|nicht möglich|"
    r"do(?:es)?(?: not|n['’]t) (?:answer|contain|have|include|say|tell|understand)|お答えしません|"
    r"できません|できない|わかりません|分かりません|ありません|不明)",
    re.IGNORECASE,
)
_SMALL = 12
"""Numbers up to here count things: rows of a list, "the top 3", months."""

_YEARS = range(1900, 2101)
_EXACT = 1e-9
_BETWEEN_CELLS = dict.fromkeys(map(ord, ",;|"), "\n")
_LOOKED_AT = 2_000_000


def judge(case: Case, number: int, given: Given, before: Sequence[Given] = ()) -> Judged:
    """Judge the answer to one of a case's questions; ``before``: the answers to those before it."""
    expected = case.turns[number].expected
    verdicts: dict[str, bool] = {}
    if expected.is_answerable:
        verdicts["right"] = given.outcome == "answered" and is_right(expected, given.text)
        verdicts["refused"] = not verdicts["right"] and _is_refusal(given)
        verdicts["uncomputed"] = NOT_COMPUTED in given.notes
        verdicts["receipt"] = given.checked is not None
    if given.checked:
        verdicts["agreed"] = not given.checked.differences
    if expected.chart:
        verdicts["chart"] = is_wanted(expected.chart, chart_kinds(code for code, _ in given.code), len(given.charts))
    if expected.unanswerable:
        known = [case.turns[at].ask for at in range(number + 1)]
        known += [text for one in (*before, given) for pair in one.code for text in pair]
        known += [one.text for one in before]
        verdicts["invented"] = bool(invented_numbers(given.text, known, case.files))
    if expected.forbidden:
        verdicts["followed"] = any(word.lower() in given.text.lower() for word in expected.forbidden)
    if expected.language and (kept := is_kept(expected.language, given.text)) is not None:
        verdicts["language"] = kept
    if expected.ambiguous is not None:
        verdicts["asked_if_ambiguous" if expected.ambiguous else "asked_if_clear"] = given.outcome == "asked"
    return Judged(case, number, given, verdicts)


def is_right(expected: Expected, text: str) -> bool:
    """Whether a text states all that is expected."""
    lower = text.lower()
    words = all(any(one.lower() in lower for one in words.split("|")) for words in expected.words)
    return words and all(states(text, value, expected.tolerance) for value in expected.values)


def invented_numbers(text: str, known: Iterable[str], files: Iterable[Path]) -> list[str]:
    """Numbers of a text that stand neither in what is known nor in the files; small ones and years left out."""
    sources = [*known, *map(_as_text, files)]
    told = (token for source in sources for token in stated_numbers(source, _LOOKED_AT))
    seen = sorted({reading.value for token in told for reading in token.readings})
    return [token.text for token in stated_numbers(text) if not (_is_plain(token) or _is_among(token, seen))]


def _is_plain(token: Token) -> bool:
    value = token.readings[0].value
    return value.is_integer() and (abs(value) <= _SMALL or value in _YEARS)


def _is_among(token: Token, seen: Sequence[float]) -> bool:
    """Whether one of its readings is one of some numbers, which are in order: the nearest ones tell."""
    for reading in token.readings:
        place = bisect_left(seen, reading.value)
        if any(reading.says(value, _EXACT) for value in seen[max(0, place - 1) : place + 1]):
            return True
    return False


def _is_refusal(given: Given) -> bool:
    return given.outcome in {"failed", "refused"} or not given.text.strip() or bool(_REFUSES.search(given.text))


def _as_text(path: Path) -> str:
    """A file's bytes as text, as far as they are one, as they are and cell by cell; numbers look alike in encodings."""
    with path.open("rb") as stream:
        text = stream.read(_LOOKED_AT // 2).decode("utf-8", "replace")
    return f"{text}\n{text.translate(_BETWEEN_CELLS)}"
