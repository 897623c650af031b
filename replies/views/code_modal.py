"""Modals: the Python behind an answer, page by page, and the question why an answer was bad.

Limits of views: https://docs.slack.dev/surfaces/modals (100 blocks, 24 characters of title, 250 kB).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.wording import Wording
from untrusted.characters import spelled, whole

CODE_BACK = "code_page_back"
CODE_ON = "code_page_on"
POST_CODE = "post_code"
FEEDBACK_REASON = "feedback_reason"
REASON = "reason"

_TITLE = 24
_PIECE = 2900
_PAGE_BYTES = 30_000
_PAGE_BLOCKS = 60


@dataclass(frozen=True)
class CodeStep:
    """A piece of Python that ran, and what it printed."""

    code: str
    output: str


def code_modal(wording: Wording, turn: str, steps: Sequence[CodeStep], page: int = 0) -> Block:
    """The view for the Code button: a page of what ran, from 0; beyond the last means the last."""
    pages = list(_pages(wording, steps)) or [[blocks.section(wording.say("No Python ran for this answer."))]]
    page = max(0, min(page, len(pages) - 1))
    turning: list[Block] = []
    if page > 0:
        turning.append(blocks.button(wording.plain("Previous"), CODE_BACK, f"{page - 1} {turn}"))
    if page < len(pages) - 1:
        turning.append(blocks.button(wording.plain("Next"), CODE_ON, f"{page + 1} {turn}"))
    if steps:
        turning.append(blocks.button(wording.plain("Post as .py file"), POST_CODE, turn))
    below = [blocks.actions(*turning)] if turning else []
    if len(pages) > 1:
        below += blocks.contexts([wording.say("Page {page} of {pages}", page=page + 1, pages=len(pages))])
    return _modal(wording, wording.plain("Code"), [*pages[page], *below], turn)


def page_of(value: str) -> tuple[int, str]:
    """The page and turn in the value of ``CODE_BACK`` or ``CODE_ON``."""
    page, _, turn = value.partition(" ")
    return (int(page) if page.isdecimal() else 0), turn


def feedback_modal(wording: Wording, turn: str) -> Block:
    """Asks what was wrong; submitted as ``FEEDBACK_REASON`` with the text in ``values[REASON][REASON].value``."""
    question: Block = {
        "type": "input",
        "block_id": REASON,
        "optional": True,
        "label": blocks.plain(wording.plain("What was wrong?"), 2000),
        "element": {"type": "plain_text_input", "action_id": REASON, "multiline": True, "max_length": 2000},
    }
    view = _modal(wording, wording.plain("Feedback"), [question], turn)
    return view | {
        "callback_id": FEEDBACK_REASON,
        "submit": blocks.plain(wording.plain("Send"), _TITLE),
        "close": blocks.plain(wording.plain("Cancel"), _TITLE),
    }


def sentence_modal(wording: Wording, sentence: str) -> Block:
    """A view that holds one sentence (mrkdwn), where another cannot be shown, or not yet."""
    return _modal(wording, wording.plain("Data analyst"), [blocks.section(sentence)], "")


def _modal(wording: Wording, title: str, shown: Sequence[Block], turn: str) -> Block:
    return {
        "type": "modal",
        "title": blocks.plain(title, _TITLE),
        "close": blocks.plain(wording.plain("Close"), _TITLE),
        "private_metadata": turn,
        "blocks": list(shown),
    }


def _pages(wording: Wording, steps: Sequence[CodeStep]) -> Iterator[list[Block]]:
    page: list[Block] = []
    used = 0
    for block, size in _blocks(wording, steps):
        if page and (used + size > _PAGE_BYTES or len(page) >= _PAGE_BLOCKS):
            yield page
            page, used = [], 0
        page.append(block)
        used += size
    if page:
        yield page


def _blocks(wording: Wording, steps: Sequence[CodeStep]) -> Iterator[tuple[Block, int]]:
    for number, step in enumerate(steps, 1):
        yield blocks.section(wording.say("*Step {number}*", number=number)), 40
        yield from _exactly(step.code)
        if step.output.strip():
            yield blocks.contexts([wording.say("Output")])[0], 40
            yield from _exactly(step.output)


def _exactly(text: str) -> Iterator[tuple[Block, int]]:
    for piece in _pieces(spelled(whole(text.strip("\n")))):
        yield blocks.preformatted(piece.rstrip("\n") or " "), len(piece.encode())


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that fit into a block, cut at the ends of lines where there are any."""
    start = 0
    while start < len(text):
        fits = len(text[start : start + _PIECE].encode()[:_PIECE].decode(errors="ignore"))
        end = start + fits
        if end < len(text):
            end = text.rfind("\n", start + fits // 2, end) + 1 or end
        yield text[start:end]
        start = end
