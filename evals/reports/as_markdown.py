"""The report for a terminal, a comment or a wiki."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evals.answers import Judged
from evals.measures import FAULTS
from evals.reports.summary import Table, about, tables
from evals.results import Results
from untrusted.characters import visible

_LONGEST = 200


def as_markdown(results: Results, judged: Sequence[Judged]) -> str:
    """``report.md``: the figures, and what went wrong."""
    wrong = Table("What went wrong", ("Question", "What", "Asked", "Expected", "Answered"), list(_wrong(judged)))
    found = [*tables(results), *([wrong] if wrong.rows else [])]
    return "\n\n".join(["# Eval", about(results.about), *map(as_table, found)]) + "\n"


def figures(results: Results) -> str:
    """The figures alone."""
    return "\n\n".join([about(results.about), *map(as_table, tables(results))]) + "\n"


def as_table(table: Table) -> str:
    """A table under its heading."""
    lines = [_line(table.heads), _line(["---"] * len(table.heads)), *map(_line, table.rows)]
    return "\n".join([f"## {table.title}", "", *lines])


def _wrong(judged: Sequence[Judged]) -> Iterable[Sequence[str]]:
    for one in judged:
        if names := [name for name, so in one.verdicts.items() if FAULTS.get(name) == so]:
            yield one.id, ", ".join(names), one.turn.ask, str(one.turn.expected), one.given.text or one.given.error


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Foreign words as nothing but words: no markup, no link, no picture, one line."""
    plain = " ".join(visible(text[: 2 * _LONGEST]).split())
    cut = plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"
    escaped = cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{char}" if char in "\\`*_[]|!#~" else char for char in escaped)
