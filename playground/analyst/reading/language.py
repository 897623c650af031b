"""Which language a question is in, and its words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々ー]")
WORD = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々ー]+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Word:
    """A word of the question: its stem, and where it stands."""

    stem: str
    start: int
    end: int


def normal(text: str) -> str:
    """Compatibility forms and spaces unified; the length may change, the case does not."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()


def is_japanese(question: str, told: str = "") -> bool:
    """Whether to answer in Japanese: by the question's script, else by the locale that is told."""
    if CJK.search(question):
        return True
    return not re.search(r"[A-Za-z]{2}", question) and bool(re.search(r"locale is ja\b", told))


def stem(word: str) -> str:
    """A word without its plural ending; enough to bring question and column together."""
    if len(word) <= 3 or not word.isascii():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(ss|x|ch|sh|z)es$", word):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def words(text: str) -> list[Word]:
    """The words of a text, stemmed, with their places."""
    return [Word(stem(match.group()), match.start(), match.end()) for match in WORD.finditer(text.lower())]


def name_words(name: str) -> list[str]:
    """The words that a column's name is made of (snake, camel, spaces, punctuation)."""
    split = CAMEL.sub(" ", normal(name)).replace("_", " ")
    return [word.stem for word in words(split)]
