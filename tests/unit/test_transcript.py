from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.planning.transcript import MOST, fitted, transcript

ANSWER = "The total is 30. " * 60


def test_a_short_conversation_is_told_as_it_was() -> None:
    said = [("How much?", "30."), ("And in May?", "12.")]
    assert transcript(said) == "User: How much?\nAssistant: 30.\n\nUser: And in May?\nAssistant: 12."
    assert transcript([]) == ""


@pytest.mark.parametrize("turns", [60, 300])
def test_of_a_long_one_people_are_heard_to_the_end_and_the_latest_answers(turns: int) -> None:
    said = [(f"Region {number} counts as West from now on.", f"({number}) {ANSWER}") for number in range(turns)]
    told = transcript(said)
    assert len(told) <= MOST
    assert all(question in told for question, _ in said)
    assert all(answer in told for _, answer in said[-10:])
    assert said[0][1] not in told
    assert "\nAssistant: (0) The" in told


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), max_size=20), st.integers(1, 500))
def test_it_never_has_more_than_so_many_characters(said: list[tuple[str, str]], most: int) -> None:
    told = transcript(said, most)
    assert len(told) <= max(most, len("User: \nAssistant: "))


@given(st.lists(st.text()), st.integers(-5, 200))
def test_texts_fit_and_only_the_longest_are_cut(texts: list[str], room: int) -> None:
    cut = fitted(texts, room)
    assert sum(map(len, cut)) <= max(0, room)
    longest = max(map(len, cut), default=0)
    for text, shown in zip(texts, cut, strict=True):
        assert shown == text or (len(shown) == longest and text.startswith(shown.removesuffix("…")))
