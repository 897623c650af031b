"""Receipts whose verdict is known: read here by pandas and by hand, so that no checker is asked about itself.

Each line of ``receipts.jsonl`` is a receipt with one number:

- ``files``: names in ``files/``; the names of their tables are told by ``TABLES``.
- ``verdict``: ``agrees``, ``differs`` or ``cannot``, and ``why``.
- ``truth``: a Python expression over the tables, which computes what the query computes. ``also``: other definitions
  of the same word (medians, quantiles, deviations, ties), any of which may have been stated.
- ``means`` and ``step``: what ``stated`` says, and what one in its last digit is worth, both in the query's unit.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
FILES = HERE / "files"
_NA = ["", "n/a", "-", "なし", "unknown"]


@dataclass(frozen=True)
class Planted:
    """A receipt and its verdict."""

    id: str
    files: tuple[str, ...]
    receipt: Mapping[str, Any]
    verdict: str
    why: str
    truth: str = ""
    also: tuple[str, ...] = ()
    means: float = 0.0
    step: float = 0.0

    def allowed(self) -> list[float]:
        """What the stated number may be, by each definition."""
        names: dict[str, Any] = {"pd": pd, "np": np}
        for file in self.files:
            names |= tables_of(file)
        return [float(eval(text, names)) for text in (self.truth, *self.also)]


def planted() -> list[Planted]:
    """All of them."""
    found = [json.loads(line) for line in (HERE / "receipts.jsonl").read_text(encoding="utf-8").splitlines()]
    return [Planted(**{**each, "files": tuple(each["files"]), "also": tuple(each.get("also", ()))}) for each in found]


@cache
def tables_of(file: str) -> Mapping[str, pd.DataFrame]:
    """The tables of a planted file, by name."""
    if file.endswith(".xlsx"):
        return {
            table: pd.read_excel(FILES / file, sheet, skiprows=skipped, dtype={"品番": str}, engine="calamine")
            for table, (sheet, skipped) in _SHEETS[file].items()
        }
    table, encoding, delimiter, skipped, numbers, dates = _TEXTS[file]
    lines = (FILES / file).read_bytes().decode(encoding).splitlines()[skipped:]
    frame = pd.read_csv(
        io.StringIO("\n".join(lines)), sep=delimiter, dtype=str, keep_default_na=False, na_values=_NA, quotechar='"'
    )
    for column, style in numbers.items():
        frame[column] = [_number(cell, style) for cell in frame[column]]
    for column, form in dates.items():
        frame[column] = pd.to_datetime(frame[column], format=form)
    return {table: frame}


def _number(cell: Any, style: str) -> float:
    """Reads ``1,234.5`` or, in the style ``,``, ``1.234,5``; brackets and ▲ are minus."""
    if not isinstance(cell, str):
        return float("nan")
    text = cell.strip()
    minus = text.startswith(("(", "▲", "-"))
    text = "".join(char for char in text if char.isdecimal() or char in ".,")
    text = text.replace(".", "").replace(",", ".") if style == "," else text.replace(",", "")
    return -float(text) if minus else float(text)


_SHEETS = {
    "Budget.xlsx": {"budget_plan": ("Plan", 0), "budget_actual": ("Actual", 0)},
    "在庫.xlsx": {"在庫_本社": ("本社", 2), "在庫_倉庫": ("倉庫", 0)},
}
_TEXTS: Mapping[str, tuple[str, str, str, int, Mapping[str, str], Mapping[str, str]]] = {
    "Sales 2024.csv": ("sales_2024", "utf-8", ",", 0, {"units": ".", "revenue": "."}, {"date": "%Y-%m-%d"}),
    "quarterly.csv": ("quarterly", "utf-8", ",", 0, {"amount": "."}, {}),
    "Umsatz 2024.csv": (
        "umsatz_2024", "cp1252", ";", 0, {"Umsatz (TEUR)": ",", "Stück": ",", "Marge": ","}, {"Datum": "%d.%m.%Y"},
    ),
    "売上.csv": ("売上", "cp932", ",", 0, {"数量": ".", "売上": ".", "差額": "."}, {"日付": "%Y年%m月%d日"}),
    "orders.csv": ("orders", "utf-8", ",", 0, {"order_id": ".", "amount": "."}, {"ordered": "%Y-%m-%d %H:%M:%S"}),
    "customers.csv": ("customers", "utf-8", ",", 0, {}, {}),
    "survey.csv": ("survey", "utf-8", ",", 0, {"score": ".", "weight": "."}, {}),
    "report.csv": ("report", "utf-8", ",", 4, {"visitors": ".", "buyers": ".", "conversion": "."}, {}),
    "salaries.csv": ("salaries", "utf-8", ",", 0, {"salary": ".", "bonus": "."}, {}),
    "accounts.tsv": ("accounts", "utf-8", "\t", 0, {"balance": "."}, {}),
    "traffic.psv": ("traffic", "utf-8", "|", 0, {"visits": ".", "seconds": "."}, {"at": "%Y-%m-%dT%H:%M:%S"}),
    "invoices.csv": ("invoices", "utf-8", ",", 0, {"amount": "."}, {}),
    "monthly.csv": ("monthly", "utf-8", ",", 0, {"users": ".", "churned": ".", "revenue": "."}, {"month": "%Y-%m-%d"}),
    "kantone.csv": ("kantone", "utf-8-sig", ";", 0, {"Budget CHF": ".", "Ist CHF": "."}, {}),
    "probes.csv": ("probes", "utf-8", ",", 0, {"value": ".", "large": "."}, {}),
    "payments.csv": ("payments", "utf-8", ",", 0, {"total": "."}, {"paid on": "%m/%d/%Y"}),
}  # fmt: skip
