"""Text objects: nothing in them is read as more than it says, and none is too long."""

from __future__ import annotations

from replies.markdown.sanitize import escape
from replies.views.blocks import contexts, section


def test_bare_words_in_mrkdwn_are_never_made_into_mentions_or_links() -> None:
    assert section("@here")["text"]["verbatim"]
    assert [element["verbatim"] for element in contexts(["@channel", "http://x.y"])[0]["elements"]] == [True, True]


def test_a_long_text_is_shortened_between_entities() -> None:
    for length in range(2990, 3005):
        text = section("x" * length + escape("<&>") * 5)["text"]["text"]
        assert len(text) <= 3000
        assert text.rstrip("…").rpartition("&")[2].strip("x") in {"lt;", "gt;", "amp;", ""}
    assert section("x" * 3000)["text"]["text"] == "x" * 3000
