"""A trap, and how a column is to be read, as plain values; and a phrase of each for the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOST = 20
"""Traps of a file that are told."""

SHOWN = 40
_NAME = 100

TrapKind = Literal[
    "totals",
    "duplicate_rows",
    "duplicate_keys",
    "currencies",
    "units",
    "date_orders",
    "date_forms",
    "ambiguous_dates",
    "decimal_commas",
    "mixed_decimals",
    "number_ids",
    "time_zones",
    "hidden_rows",
    "hidden_columns",
    "hidden_sheets",
]

ReadingKind = Literal["day_first", "month_first", "unit"]


@dataclass(frozen=True)
class Trap:
    """Something that leads computations astray.

    ``column`` is its header, "" for whole rows; ``sheet`` is "" outside of workbooks; ``examples`` are a few cells, or
    names of sheets; ``count`` is how many rows, columns or sheets it is about, as far as they were looked at, or 0.
    """

    kind: TrapKind
    column: str = ""
    examples: tuple[str, ...] = ()
    count: int = 0
    sheet: str = ""

    def phrase(self) -> str:
        """For the model, in English; names and cells are quoted."""
        told = _PHRASES[self.kind].format(
            column=_quoted(self.column),
            examples=", ".join(map(_quoted, self.examples)),
            count=self.count,
        )
        return f"sheet {_quoted(self.sheet)}: {told}" if self.sheet else told


@dataclass(frozen=True)
class Reading:
    """How the cells of a column are to be read; ``unit`` is what stands at all of its numbers."""

    column: str
    kind: ReadingKind
    unit: str = ""


def shown(cells: list[str]) -> tuple[str, ...]:
    """A few different cells, cut."""
    return tuple(dict.fromkeys(" ".join(cell.split())[:SHOWN] for cell in cells))[:3]


def name_of(header: str, position: int) -> str:
    """What a column is called."""
    return " ".join(header[:_NAME].split()) or f"column {position + 1}"


def _quoted(text: str) -> str:
    return f'"{text}"'


_PHRASES: dict[TrapKind, str] = {
    "totals": "totals of other rows: {count} ({examples}); leave them out before adding up",
    "duplicate_rows": "exact copies of earlier rows: {count}",
    "duplicate_keys": "values of {column} that stand in several rows: {count} ({examples})",
    "currencies": "{column} is in several currencies ({examples}): never add them up",
    "units": "{column} is in several units ({examples}): convert before adding up",
    "date_orders": "{column} has dates with the day first and dates with the month first ({examples})",
    "date_forms": "{column} writes dates in several forms ({examples}): parse each form",
    "ambiguous_dates": "{column} may have the day or the month first ({examples}): say which you took",
    "decimal_commas": "{column} has decimal commas ({examples})",
    "mixed_decimals": "{column} has decimal commas and decimal points ({examples})",
    "number_ids": "{column} has codes that look like numbers ({examples}): read them as text",
    "time_zones": "{column} is in several time zones ({examples})",
    "hidden_rows": "hidden rows: {count}",
    "hidden_columns": "hidden columns: {count}",
    "hidden_sheets": "hidden sheets: {count} ({examples})",
}
