"""What is known of a table after a first look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["number", "date", "category", "text", "flag", "empty"]


@dataclass(frozen=True)
class Column:
    """A column.

    Args:
        name: As in the file, without surrounding blanks.
        kind: How its values are to be read.
        missing: Number of missing values.
        unique: Number of different values.
        values: The most frequent values, as text; for filters that name one.
        clean: Regular expression of what to strip before reading numbers ("" = they are numbers already).
        decimal_comma: Whether a comma is the decimal sign.
        percent: Whether the values carry a percent sign.
        format: strftime format of dates; "" leaves it to pandas.
        low: Smallest value (ISO date or number), as text.
        high: Largest value, likewise.
        whole: Whether all numbers are whole.
        unreadable: Values that are present but do not fit the kind.
    """

    name: str
    kind: Kind
    missing: int = 0
    unique: int = 0
    values: Sequence[str] = ()
    clean: str = ""
    decimal_comma: bool = False
    percent: bool = False
    format: str = ""
    low: str = ""
    high: str = ""
    whole: bool = False
    unreadable: int = 0
    formula: str = ""
    """How a column that the file lacks is computed from others, in pandas, from ``parts``."""
    parts: Sequence[str] = ()

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    @property
    def is_date(self) -> bool:
        return self.kind == "date"


@dataclass(frozen=True)
class Profile:
    """A table: how it is read, its size and columns."""

    path: str
    rows: int
    columns: Sequence[Column]
    reader: str = ""
    """The expression that reads it, for example ``pd.read_csv('/mnt/data/a.csv', encoding='cp932')``."""
    duplicates: int = 0
    _by_name: dict[str, Column] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._by_name.update({column.name: column for column in self.columns})

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def of_kind(self, *kinds: Kind) -> list[Column]:
        """The columns of these kinds, in the order of the file."""
        return [column for column in self.columns if column.kind in kinds]

    def is_unique(self, name: str) -> bool:
        """Whether every row has a value of its own there."""
        return self.rows > 1 and self[name].unique >= self.rows - self[name].missing and self[name].missing == 0


def profile_from_json(path: str, found: Mapping[str, Any]) -> Profile:
    """The profile that the first look printed."""
    columns = [Column(**entry) for entry in found["columns"]]
    return Profile(path, int(found["rows"]), columns, str(found["reader"]), int(found.get("duplicates", 0)))


def last_json(logs: str) -> dict[str, Any] | None:
    """The last line of the output that is a JSON object."""
    for line in reversed(logs.splitlines()):
        if line.startswith("{"):
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                return found
    return None
