"""Cutting loses nothing, keeps to the limit, and leaves no fence open."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from replies.markdown.fences import Fence, fence_after
from replies.markdown.split import OpenMarkup, cut
from tests.support.budgets import examples
from tests.support.splitting import split

PARTS = [
    "```python\n",
    "```\n",
    "````\n",
    "  ```sql\n",
    "\n",
    "\n\n",
    "word ",
    "a sentence. ",
    "文。",
    "絵文字👨‍👩‍👧",
    "é",
    "x" * 300,
    "| a | b |\n",
    "|---|---|\n",
    "| 1 | 2 |\n",
    "# Head\n",
    "- item\n",
    "[label](https://example.com/a/b)",
    "`code`",
    "`" * 7,
]
texts = st.lists(st.sampled_from(PARTS) | st.text(max_size=30), max_size=60).map(lambda parts: "".join(parts * 4))


def open_fence(text: str) -> Fence | None:
    fence = None
    for line in text.split("\n"):
        fence = fence_after(line + "\n", fence)
    return fence


@examples(300)
@given(texts, st.integers(2500, 4000))
def test_nothing_is_lost_and_everything_fits(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert "".join(piece.body for piece in pieces) == text
    for piece in pieces:
        assert piece.body
        assert len(piece.text.encode()) <= limit
        assert open_fence(piece.text) is None


@examples(200)
@given(texts, st.lists(st.integers(1, 3000), min_size=1, max_size=20))
def test_context_does_not_depend_on_the_cut(text: str, cuts: list[int]) -> None:
    context, rest = OpenMarkup(), text
    for size in cuts:
        context, rest = context.after(rest[:size]), rest[size:]
    assert context.after(rest) == OpenMarkup().after(text)


def test_a_fence_is_closed_and_opened_again_with_its_language() -> None:
    text = "Look:\n```python\n" + "print('x')\n" * 400 + "```\nDone."
    pieces = split(text, 3000)
    assert pieces[0].text.endswith("\n```")
    assert pieces[1].text.startswith("```python\nprint")


def test_a_table_gets_its_header_again() -> None:
    header = "| name | value |\n|---|---|\n"
    pieces = split(header + "| row | 1 |\n" * 500, 3000)
    assert all(piece.text.startswith(header) for piece in pieces)


def test_the_cut_prefers_a_blank_line() -> None:
    text = "a" * 1500 + "\n\n" + "b c " * 600
    assert split(text, 2600)[0].body == "a" * 1500 + "\n\n"


def test_links_stay_whole() -> None:
    link = "[a label of some words](https://example.com/path)"
    for piece in split((link + " ") * 200, 2500):
        assert piece.body.count("[") == piece.body.count(")")


def test_no_room_takes_nothing() -> None:
    piece, _ = cut("```\ncode\n```", 20, OpenMarkup())
    assert piece.body == ""
