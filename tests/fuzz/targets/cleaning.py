"""What a model says, on its way to Slack: cleaned, taken apart into words and tables, shown in modals and files."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Iterable
from itertools import pairwise

from playground.slack.state.blocks import Rules, find_problems
from replies.answers.compose import as_mrkdwn
from replies.markdown.sanitize import Sanitiser, escape, sanitise
from replies.markdown.segments import Segmenter, as_text, joined, segments
from replies.markdown.tables import MarkdownTable
from replies.views.how_modal import CodeStep, how_modal
from replies.views.wording import Wording
from tests.fuzz.cost import assert_linear
from tests.fuzz.source import bytes_of, text_of
from tests.hostile.models import TEXTS
from tests.hostile.names import FILE_NAMES

WORDING = Wording("en")
_PING = re.compile(r"<[!@#]")
_HIDDEN_LINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>|]*\|")
_MARKUP = re.compile(r"\][(\[]|sandbox|http|<|\\|\$|`|!\[", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z0-9]+")


def seeds() -> Iterable[bytes]:
    """Model texts, and names."""
    return map(bytes_of, [*TEXTS.values(), *FILE_NAMES])


def one(data: bytes) -> None:
    """Nothing pings or hides, nothing is lost, whatever the cut; tables and modals are what Slack takes."""
    text = text_of(data)
    clean = sanitise(text)
    assert in_pieces(text, zlib.crc32(data)) == clean
    for shown in (clean, sanitise(text, "spell"), sanitise(text, inline=True), as_mrkdwn(clean), escape(text)):
        assert not _PING.search(shown)
        assert not _HIDDEN_LINK.search(shown)
    clean.encode()
    if not _MARKUP.search("".join(filter(str.isprintable, text))):
        assert "".join(_WORDS.findall(clean)) == "".join(_WORDS.findall(text))
    taken_apart(clean, zlib.crc32(data))
    view = how_modal(WORDING, "T:C:1.2", [], [CodeStep(clean, clean)])
    assert not list(find_problems(view["blocks"], Rules("view")))
    assert_linear(sanitise, text)
    assert_linear(segments, clean)


def in_pieces(text: str, seed: int) -> str:
    """The text cleaned as it would arrive in deltas, cut anywhere."""
    chance, sanitiser = random.Random(seed), Sanitiser()
    places = sorted({0, len(text), *(chance.randrange(len(text) + 1) for _ in range(8))})
    return "".join(sanitiser.feed(text[begin:end]) for begin, end in pairwise(places)) + sanitiser.close()


def taken_apart(text: str, seed: int) -> None:
    """Words and tables add up to the text; every table can be shown and read as CSV."""
    parts = segments(text)
    assert as_text(parts) == text
    chance, segmenter = random.Random(seed), Segmenter()
    places = sorted({0, len(text), *(chance.randrange(len(text) + 1) for _ in range(8))})
    fed = [segmenter.feed(text[begin:end]) for begin, end in pairwise(places)]
    assert as_text(joined(*fed, segmenter.close())) == text
    for part in parts:
        if isinstance(part, MarkdownTable):
            shown = part if part.fits else part.preview
            assert not list(find_problems([shown.block("Table")], Rules("message")))
            part.to_csv()
