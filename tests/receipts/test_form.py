"""Reads receipts that a model has written, or a stranger."""

from __future__ import annotations

import json
from typing import Any

import pytest

from receipts.form import MOST_BYTES, MOST_LEFT_OUT, MOST_NUMBERS, LeftOut, read_receipt, receipt_left_out
from receipts.naming import column_names, named, sheet_name
from receipts.written import readings, unit_factor

GOOD: dict[str, Any] = {"label": "Revenue", "value": 1.5, "stated": "1.5", "unit": "EUR", "query": "SELECT 1"}


def receipt(*numbers: object, **more: object) -> bytes:
    return json.dumps({"version": 1, "numbers": list(numbers)} | more).encode()


def test_a_receipt_is_read() -> None:
    (claim,) = read_receipt(receipt(GOOD)) or ()
    assert claim.to_json() == GOOD
    assert len(read_receipt(receipt(*[GOOD] * 80)) or ()) == MOST_NUMBERS


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 50_000, receipt(), receipt(GOOD, version=2),
        receipt(1, "x", None, []), receipt(GOOD | {"value": "1"}), receipt(GOOD | {"value": True}),
        receipt(GOOD | {"query": ""}), receipt(GOOD | {"query": "x" * 5000}), b'{"version":1,"numbers":{"a":1}}',
        receipt(GOOD).replace(b"1.5,", b"NaN,"), receipt(GOOD).replace(b"1.5,", b"1" + b"0" * 400 + b","),
        receipt(GOOD) + b" " * MOST_BYTES,
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_none(data: bytes) -> None:
    assert read_receipt(data) is None


def test_what_is_told_of_a_number_is_bounded_and_visible() -> None:
    (claim,) = read_receipt(receipt(GOOD | {"label": "a\u202e\nb" * 900, "stated": 7, "unit": None})) or ()
    assert claim.label.startswith("a b")
    assert len(claim.label) <= 120
    assert (claim.stated, claim.unit) == ("7", "")


@pytest.mark.parametrize(
    ("stated", "number", "half"),
    [
        ("1,234.50", 1234.5, 0.005), ("1.234,50", 1234.5, 0.005), ("12.3k", 12_300, 50), ("1.2 million", 1.2e6, 5e4),
        ("34 %", 34, 0.5), ("１２３万", 1.23e6, 5000), ("(1,234)", -1234, 0.5), ("−5", -5, 0.5), ("▲5", -5, 0.5),
        ("$1,234", 1234, 0.5), ("3,5", 3.5, 0.05), ("about 1,200", 1200, 100), ("1億2300万", 1.23e8, 5000),
        ("1 234,5", 1234.5, 0.05), ("1'234", 1234, 0.5), ("5 Mio. €", 5e6, 5e5), (".5", 0.5, 0.05), ("1.5e3", 1500, 50),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(stated: str, number: float, half: float) -> None:
    one = readings(stated)[0]
    assert one.number * one.factor == pytest.approx(number)
    assert one.half * one.factor == pytest.approx(half)


def test_units_may_multiply() -> None:
    assert [unit_factor(unit) for unit in ("k EUR", "TEUR", "万円", "m", "million USD", "EUR", "", "kg")] == [
        1e3, 1e3, 1e4, 1, 1e6, 1, 1, 1,
    ]  # fmt: skip


def test_files_sheets_and_columns_get_names_that_queries_can_use() -> None:
    files = ["Sales 2024.csv", "sales-2024.xlsx", "売上.csv", "order.csv", "2024.csv", "!!.csv", "Umsätze Q1.csv"]
    assert [one.table for one in named(files)] == [
        "sales_2024", "sales_2024_2", "売上", "order_data", "table_5", "table_6", "umsätze_q1",
    ]  # fmt: skip
    assert [sheet_name("book", sheet, 3) for sheet in ("Sheet 1", "!")] == ["book_sheet_1", "book_3"]
    assert column_names(["a", "A", "", " b ", "b"]) == ["a", "A_2", "column_3", "b", "b_2"]


def test_rows_that_are_left_out_are_told_with_number_and_reason() -> None:
    told = [{"rows": 3, "why": " no\nrevenue "}, {"rows": "2", "why": "doubled"}]
    rude = [None, 7, {"rows": 1}, {"rows": -1, "why": "x"}, {"rows": True, "why": "x"}, {"rows": 1e400, "why": "x"}]
    found = [LeftOut(3, "no revenue"), LeftOut(2, "doubled")]
    assert receipt_left_out(receipt(GOOD, left_out=[*told, *rude])) == found
    assert receipt_left_out(receipt(GOOD, left_out={"rows": 3})) == []
    assert len(receipt_left_out(receipt(GOOD, left_out=told * 50))) == MOST_LEFT_OUT
