"""Lays a finished text out as messages: Markdown blocks, one native table each, the closing below the last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conversations.files.answer_budget import MOST_MESSAGES, MOST_TABLES
from replies.markdown.segments import Segment
from replies.markdown.split import OpenMarkup, cut
from replies.markdown.tables import PREVIEW_ROWS, Block, MarkdownTable
from replies.views import blocks
from replies.views.footer import Closing
from replies.views.sentences import N_
from replies.views.wording import Wording

ANSWER = "answer"
"""The part that completes a turn: once it is posted, nothing is missing."""

_MOST_MARKDOWN = 12_000
_MOST_TEXT = 39_000
_NOTIFICATION = 3000
_TIME = re.compile(r"<!date\^[0-9]{1,15}\^[^|<>\n]{1,60}\|([^|<>\n]{1,60})>")
"""A time as ``Wording.moment`` writes it, and the words in it."""

_ALLOWED_LINK = re.compile(r"<((?:https?|mailto|tel):[^<>\s]+)>")


@dataclass
class Draft:
    """A message to post: its blocks, and the same as Markdown for when Slack refuses the blocks."""

    part: str = ""
    blocks: list[Block] = field(default_factory=list)
    markdown: str = ""
    has_table: bool = False
    room_used: int = 0

    def forms(self) -> list[dict[str, Any]]:
        """How to say it, best first; each is a set of arguments of ``chat.postMessage``."""
        text = as_mrkdwn(self.markdown)
        forms: list[dict[str, Any]] = [{"blocks": self.blocks, "text": text[:_NOTIFICATION]}]
        if len(self.markdown) <= _MOST_MARKDOWN:
            forms.append({"markdown_text": self.markdown})
        if len(text) <= _MOST_TEXT:
            forms.append({"text": text})
        return forms


@dataclass(frozen=True)
class BigTable:
    """A table that goes with the answer as a file."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Rest:
    """What is not visible yet, the Markdown context in which it goes on, and how many messages stand before it."""

    parts: Sequence[Segment]
    context: OpenMarkup = field(default_factory=OpenMarkup)
    before: int = 0


class Composer:
    """Lays a text out over at most ``most`` messages of ``limit`` bytes of text; what is over is only in ``WHOLE``.

    ``context``: what is open where the text begins (it may go on from a stream).
    """

    def __init__(
        self, wording: Wording, limit: int, context: OpenMarkup | None = None, most: int = MOST_MESSAGES
    ) -> None:
        self._wording = wording
        self._limit = limit
        self._most = most
        self.is_cut = False
        self._drafts: list[Draft] = [Draft()]
        self._context = context or OpenMarkup()
        self.big_tables: list[BigTable] = []

    def compose(self, parts: Sequence[Segment], closing: Closing, prefix: str) -> list[Draft]:
        """The messages, the last of them with the closing; its part is ``ANSWER``, the others' ``prefix:n``."""
        for part in parts:
            if self.is_cut:
                break
            if isinstance(part, MarkdownTable):
                self._add_table(part)
            else:
                self._add_text(part)
        if self.is_cut:
            line = self._wording.say(LONG, name=WHOLE)
            closing = replace(
                closing, blocks=[*blocks.contexts([line]), *closing.blocks], text=f"{line}\n{closing.text}"
            )
        drafts = [draft for draft in self._drafts if draft.blocks]
        if not drafts:
            drafts = [Draft(blocks=[blocks.section(closing.alone)] if closing.alone else [], markdown=closing.alone)]
        last = drafts[-1]
        last.blocks = [*last.blocks, *closing.blocks]
        last.markdown = f"{last.markdown.rstrip()}\n\n{closing.text}".strip()
        for index, draft in enumerate(drafts):
            draft.part = f"{prefix}:{index}"
        last.part = ANSWER
        return drafts

    def _add_text(self, text: str) -> None:
        start = 0
        while start < len(text):
            draft = self._drafts[-1]
            opening = self._context.opening if not draft.room_used else ""
            piece, after = cut(text, self._limit - draft.room_used, self._context, opening=opening, start=start)
            is_rest = start + len(piece.body) == len(text)
            if draft.room_used and (not piece.body or (not is_rest and draft.room_used > self._limit // 2)):
                if not self._begin_message():
                    return
                continue
            draft.room_used += len(piece.text.encode())
            draft.markdown += piece.text
            if piece.text.strip():
                draft.blocks.append(blocks.markdown(piece.text.strip("\n")))
            self._context = after
            start += len(piece.body)
            if not text[start:].strip() or not self._begin_message():
                return

    def _begin_message(self) -> bool:
        """Go on in a new message; False when there are enough."""
        self.is_cut = len(self._drafts) >= self._most
        if not self.is_cut:
            self._drafts.append(Draft())
        return not self.is_cut

    def _add_table(self, table: MarkdownTable) -> None:
        shown = table
        if not table.fits:
            if len(self.big_tables) >= MOST_TABLES:
                self.is_cut = True
                return
            shown = table.preview
            name = f"table-{len(self.big_tables) + 1}.csv"
            self.big_tables.append(BigTable(name, table.to_csv()))
            self._add_text(self._wording.say(PREVIEW, count=PREVIEW_ROWS, name=name) + "\n\n")
        characters = sum(len(cell.text) for row in shown.rows for cell in row)
        draft = self._drafts[-1]
        if draft.has_table or (draft.room_used and draft.room_used + characters > self._limit):
            if not self._begin_message():
                return
            draft = self._drafts[-1]
        draft.blocks.append(shown.block(self._wording.plain("Table")))
        draft.markdown += shown.source
        draft.has_table = True
        draft.room_used += characters


WHOLE = "answer.md"
LONG = N_("The answer is long: all of it is in {name}.")
PREVIEW = N_("The first {count} rows; the whole table is in {name}.")


def as_mrkdwn(markdown: str) -> str:
    """Markdown that has been cleaned, as plain words for notifications and as the last way to say it."""
    text = _ALLOWED_LINK.sub(r"\1", markdown)
    text = _TIME.sub(r"\1", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"\*\*(\S(?:[^*\n]*\S)?)\*\*", r"*\1*", text)
    text = re.sub(r"^#{1,6} +(.+)$", r"*\1*", text, flags=re.MULTILINE)
    return text.strip()
