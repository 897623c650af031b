"""Cutting long answers into messages."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from playground.slack.state.blocks import Rules, find_problems
from replies.answers.compose import Composer
from replies.markdown.fences import fence_after
from replies.markdown.segments import segments
from replies.markdown.split import OpenMarkup
from replies.views.footer import Closing
from replies.views.wording import Wording
from tests.fuzz.cost import assert_linear
from tests.fuzz.source import Source
from tests.hostile.models import TEXTS
from tests.support.splitting import split

LEAST, MOST = 2_500, 9_000
CLOSING = Closing([{"type": "divider"}], "the end", "")


def seeds() -> Iterable[bytes]:
    """Model texts, three times over, with small and large messages."""
    texts = (text.encode("utf-8", "replace") for text in TEXTS.values())
    return [bytes((limit, 0)) + text * 3 for text in texts for limit in (0, 200)]


def one(data: bytes) -> None:
    """Nothing is lost, everything fits, no fence stays open, and Slack takes the messages."""
    source = Source(data)
    limit = LEAST + source.below(MOST - LEAST)
    text = source.rest().decode("utf-8", "replace")
    text *= 1 + (zlib.crc32(data) % 16 if len(text) < 1_000 else 0)
    pieces = split(text, limit)
    assert "".join(piece.body for piece in pieces) == text
    for piece in pieces:
        assert piece.body
        assert len(piece.text.encode()) <= limit
        assert not _is_open(piece.text)
    assert len(pieces) <= 2 + 5 * len(text.encode()) // limit
    half = len(text) // 2
    assert OpenMarkup().after(text[:half]).after(text[half:]) == OpenMarkup().after(text)
    drafts = Composer(Wording("en"), limit).compose(segments(text), CLOSING, "rest")
    for draft in drafts:
        assert not list(find_problems(draft.blocks, Rules("message")))
    assert_linear(lambda grown: split(grown, limit), text)


def _is_open(text: str) -> bool:
    fence = None
    for line in text.split("\n"):
        fence = fence_after(line + "\n", fence)
    return fence is not None
