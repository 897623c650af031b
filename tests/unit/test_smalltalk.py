from __future__ import annotations

import pytest

from conversations.planning.smalltalk import (
    is_bare_thanks,
    is_small_talk,
    speaks_of_file,
)


@pytest.mark.parametrize(
    "text",
    ["hi", "Hello there!", "thanks!", "Thank you so much", "who are you?", "ありがとうございます！", ":wave:", ""],
)
def test_small_talk(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    ["average revenue by region", "hi, what is the total?", "売上の合計は？", "thanks, and by month?", "describe this"],
)
def test_questions_are_not_small_talk(text: str) -> None:
    assert not is_small_talk(text)


@pytest.mark.parametrize(
    "text",
    ["thanks!", "Perfect, thanks!", "ok 👍", ":tada:", "👍🏽", "なるほど", "了解です。", "ありがとうございます！"],
)
def test_bare_thanks_need_no_answer(text: str) -> None:
    assert is_bare_thanks(text)


@pytest.mark.parametrize(
    "text", ["", "?", "12", "help", "hello", "thanks, now by region", "ok, and by month?", "なるほど、月別は？"]
)
def test_more_than_thanks_needs_one(text: str) -> None:
    assert not is_bare_thanks(text)


def test_words_for_files() -> None:
    assert speaks_of_file("what is in this spreadsheet")
    assert speaks_of_file("このデータについて")
    assert not speaks_of_file("tell me a joke")
