"""What lies behind an answer, page by page: its files and how they were read, its numbers, and the Python.

Limits of views: https://docs.slack.dev/surfaces/modals (100 blocks, 250 kB).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from conversations.ports.windows import NOTHING, Account, Source
from replies.markdown.tables import Block
from replies.views import blocks
from replies.views.modals import modal
from replies.views.sources import account_shown, sources_shown
from replies.views.wording import Wording
from untrusted.characters import spelled, whole

CODE_BACK = "code_page_back"
CODE_ON = "code_page_on"
POST_CODE = "post_code"

_PIECE = 2900
_PAGE_BYTES = 30_000
_PAGE_BLOCKS = 60
_FILE_BYTES = 600


@dataclass(frozen=True)
class CodeStep:
    """A piece of Python that ran, and what it printed."""

    code: str
    output: str


def how_modal(
    wording: Wording,
    turn: str,
    sources: Sequence[Source],
    steps: Sequence[CodeStep],
    page: int = 0,
    account: Account = NOTHING,
) -> Block:
    """The view for the button: a page of files, the account and what ran, from 0; beyond the last means the last."""
    files = ((block, _FILE_BYTES) for block in sources_shown(wording, sources))
    behind = account_shown(wording, account)
    pages = list(_pages(chain(files, behind, _blocks(wording, steps))))
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
    return modal(wording, wording.plain("How"), [*pages[page], *below], turn)


def page_of(value: str) -> tuple[int, str]:
    """The page and turn in the value of ``CODE_BACK`` or ``CODE_ON``."""
    page, _, turn = value.partition(" ")
    return (int(page) if page.isdecimal() else 0), turn


def _pages(shown: Iterable[tuple[Block, int]]) -> Iterator[list[Block]]:
    page: list[Block] = []
    used = 0
    for block, size in shown:
        if page and (used + size > _PAGE_BYTES or len(page) >= _PAGE_BLOCKS):
            yield page
            page, used = [], 0
        page.append(block)
        used += size
    if page:
        yield page


def _blocks(wording: Wording, steps: Sequence[CodeStep]) -> Iterator[tuple[Block, int]]:
    if not steps:
        yield blocks.section(wording.say("No Python ran for this answer.")), 40
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
