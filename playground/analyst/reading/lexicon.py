"""The words of ``words.toml``: what each kind of word looks like in a question, in English and Japanese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from playground.analyst.reading.language import CJK, stem

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
KINDS = ("function", "grain", "each_grain", "chart", "file", "superlative", "adjective", "order", "task", "marker")
SILENT = "silent"


def _set(name: str) -> frozenset[str]:
    return frozenset(WORDS[name].split())


GENERIC, ADDITIVE, NOT_ADDITIVE = _set("generic"), _set("additive"), _set("not_additive")
SYNONYMS = tuple(frozenset(map(stem, group.split())) for group in WORDS["synonyms"])


def _pattern(english: str, japanese: str) -> re.Pattern[str]:
    parts = [rf"(?<![a-z0-9])(?:{''.join(english.split(chr(10) + '  '))})(?![a-z0-9])"] if english else []
    parts += ["".join(japanese.split())] if japanese else []
    return re.compile("|".join(parts))


LEXICON = tuple((kind, value, _pattern(*two)) for kind in KINDS for value, two in WORDS[kind].items())
QUIET = _pattern(*WORDS["silent"]["words"])
DOUBTFUL = _pattern(*WORDS["doubtful"]["phrases"])


def found_words(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Every place of a lower-case text where a word of the lexicon stands: its kind, what it stands for, and where."""
    for kind, value, pattern in LEXICON:
        yield from ((kind, value, *match.span()) for match in pattern.finditer(text))
    yield from ((SILENT, "", *match.span()) for match in QUIET.finditer(text))


@lru_cache(maxsize=4096)  # it is asked for each pair of a word and a column, and tries all patterns
def is_word(text: str) -> bool:
    """Whether a text is a word of the lexicon as a whole."""
    lower = text.lower()
    return not CJK.search(text) and any(pattern.fullmatch(lower) for *_, pattern in (*LEXICON, ("", "", QUIET)))
