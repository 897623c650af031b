"""Markdown tables, shown as Slack's own tables.

Only what is shown is parsed: a table may have a million cells.

Limits of the ``table`` and ``data_table`` blocks: https://docs.slack.dev/reference/block-kit/blocks/table-block
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from replies.markdown.rows import alignments_of, cells_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Block: TypeAlias = dict[str, Any]

MOST_ROWS = 100
MOST_COLUMNS = 20
MOST_CHARACTERS = 10_000
MOST_JSON = 60_000
_LONGEST_SHOWN = 60_000
"""Characters of the source of a table that may still fit."""
_LONGEST_CELL = 2000
"""Characters of a cell that may be marked up; in a longer one the marks are left as they are."""
PREVIEW_ROWS = 15
_SORTABLE_FROM = 16
_BLANK = "\u00a0"
_NUMBER = re.compile(r"[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z|[-+−]?\d+(?:\.\d+)?\Z")
_LONGEST_NUMBER = 20
_MARKS = re.compile(r"[*_~`<\[\]!&\\\n]")
_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NUMBER_LIKE = re.compile(r"[-+−(]?[$€£¥]?\s?[-+−]?[\d.,]+\s?[%)]?\Z")


@dataclass(frozen=True)
class TableCell:
    """A cell: what it says, and its elements when it is more than plain words."""

    text: str
    elements: tuple[Block, ...] = ()


@dataclass(frozen=True)
class MarkdownTable:
    """A table as the model wrote it, cleaned."""

    source: str

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.rstrip("\n").split("\n")

    @cached_property
    def _written(self) -> list[list[str]]:
        """What stands in each cell, the header first; all rows have as many cells as that."""
        header, _, *body = self._lines
        width = len(first := cells_of(header))
        return [first, *((cells_of(line) + [""] * width)[:width] for line in body)]

    @cached_property
    def rows(self) -> list[list[TableCell]]:
        """All rows, the header first."""
        return [[_cell(text) for text in row] for row in self._written]

    @cached_property
    def alignments(self) -> list[str]:
        """``left``, ``center`` or ``right`` for each column; numbers go right unless the model said otherwise."""
        columns = list(zip(*self._written[1:], strict=False)) or [() for _ in self._written[0]]
        guessed = ["right" if _are_numbers(column) else "left" for column in columns]
        return [said or guess for said, guess in zip(alignments_of(self._lines[1]), guessed, strict=True)]

    @cached_property
    def fits(self) -> bool:
        """Whether Slack shows it whole as a native table."""
        if len(self.source) > _LONGEST_SHOWN or len(self._lines) - 1 > MOST_ROWS:
            return False
        return (
            len(self._written[0]) <= MOST_COLUMNS
            and sum(len(cell.text) for row in self.rows for cell in row) <= MOST_CHARACTERS
            and len(str(self.block(""))) <= MOST_JSON
        )

    @property
    def preview(self) -> MarkdownTable:
        """Its first rows and columns, within the limits."""
        rows = [[_cell(text).text for text in row[:MOST_COLUMNS]] for row in self._written[: PREVIEW_ROWS + 1]]
        longest = max(10, min(200, MOST_CHARACTERS // (len(rows) * len(rows[0]))))
        shortened = [[_shortened(text, longest) for text in row] for row in rows]
        return MarkdownTable(_markdown(shortened, self.alignments))

    def block(self, caption: str) -> Block:
        """The native block: ``table``, or the sortable, paged ``data_table`` with its caption for long ones."""
        if len(self.rows) > _SORTABLE_FROM:
            return {
                "type": "data_table",
                "caption": caption or _BLANK,
                "page_size": 10,
                "rows": [
                    [_raw(cell) for cell in self.rows[0]],
                    *([_number(cell) or _shown(cell) for cell in row] for row in self.rows[1:]),
                ],
            }
        return {
            "type": "table",
            "column_settings": [
                # Words may break over lines; numbers may not.
                {"align": align, "is_wrapped": align != "right"}
                for align in self.alignments[:MOST_COLUMNS]
            ],
            "rows": [[_shown(cell) for cell in row] for row in self.rows],
        }

    def to_csv(self) -> bytes:
        """The whole table as CSV, with the byte order mark that lets Excel read it as UTF-8."""
        out = io.StringIO(newline="")
        csv.writer(out).writerows([_cell(text).text for text in row] for row in self._written)
        return out.getvalue().encode("utf-8-sig")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # a twelfth of the start, for answers with tables only

    parser = MarkdownIt("commonmark").enable("strikethrough")
    # By default a host is shown in the letters that its ``xn--`` form stands for, look-alikes among them.
    parser.normalizeLinkText = lambda url: url  # type: ignore[method-assign, assignment]
    return parser


_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def _cell(written: str) -> TableCell:
    written = _BREAKS.sub(" ", written)
    if not _MARKS.search(written) or len(written) > _LONGEST_CELL:
        return TableCell(written)
    return _marked_up(_parser().parseInline(written)[0])


def _marked_up(inline: Token) -> TableCell:
    elements: list[Block] = []
    style: dict[str, bool] = {}
    link = ""
    for token in inline.children or []:
        name = token.type.rpartition("_")[0]
        if token.type == "link_open":
            link = str(token.attrGet("href") or "")
        elif token.type == "link_close":
            link = ""
        elif name in _STYLES and token.nesting:
            style = {**style, _STYLES[name]: True} if token.nesting > 0 else _without(style, _STYLES[name])
        elif token.content or token.type in {"softbreak", "hardbreak"}:
            styles = {**style, "code": True} if token.type == "code_inline" else style
            elements.append(_element(_BREAKS.sub(" ", token.content) or " ", styles, link))
    text = "".join(element["text"] for element in elements).strip()
    plain = all(element["type"] == "text" and "style" not in element for element in elements)
    return TableCell(text, () if plain else tuple(elements))


def _without(style: dict[str, bool], name: str) -> dict[str, bool]:
    return {key: value for key, value in style.items() if key != name}


def _element(text: str, style: dict[str, bool], link: str) -> Block:
    element: Block = {"type": "link", "url": link, "text": text} if link else {"type": "text", "text": text}
    return {**element, "style": style} if style else element


def _raw(cell: TableCell) -> Block:
    return {"type": "raw_text", "text": cell.text or _BLANK}


def _shown(cell: TableCell) -> Block:
    if not cell.elements:
        return _raw(cell)
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(cell.elements)}],
    }


def _number(cell: TableCell) -> Block | None:
    if cell.elements or len(cell.text) > _LONGEST_NUMBER or not _NUMBER.match(cell.text):
        return None
    value = float(cell.text.replace(",", "").replace("−", "-"))
    return {"type": "raw_number", "value": int(value) if value.is_integer() else value, "text": cell.text}


def _are_numbers(column: Sequence[str]) -> bool:
    plain = (text.strip("*_~`") for text in column)
    filled = [text for text in plain if text not in {"", "-", "–", "—", "N/A", "n/a"}]
    return bool(filled) and all(_NUMBER_LIKE.match(text) for text in filled)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _markdown(rows: Sequence[Sequence[str]], alignments: Sequence[str]) -> str:
    rules = {"right": "---:", "center": ":---:", "left": "---"}
    lines = [[text.replace("\\", "\\\\").replace("|", "\\|") for text in row] for row in rows]
    lines.insert(1, [rules[align] for align in alignments[: len(rows[0])]])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
