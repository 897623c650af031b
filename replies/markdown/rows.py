"""Rows of a Markdown table, as GitHub's flavour has them (https://github.github.com/gfm/#tables-extension-)."""

from __future__ import annotations

import re

_PIPE = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r":?-+:?")


def cells_of(row: str) -> list[str]:
    """What stands in the cells of a row, pipes at its ends or not."""
    cells = _PIPE.split(row.strip())
    if len(cells) > 1 and not cells[0]:
        del cells[0]
    if len(cells) > 1 and not cells[-1]:
        del cells[-1]
    return [cell.strip().replace("\\|", "|") for cell in cells]


def is_delimiter_row(line: str) -> bool:
    """Whether a line is the one between header and body: ``|---|:--:|``."""
    return all(_RULE.fullmatch(cell) for cell in cells_of(line))


def alignments_of(delimiter_row: str) -> list[str]:
    """``left``, ``center``, ``right``, or "" for each column."""
    words = {(True, True): "center", (False, True): "right", (True, False): "left", (False, False): ""}
    return [words[rule.startswith(":"), rule.endswith(":")] for rule in cells_of(delimiter_row)]
