"""Traps in tables: found where they are, and nowhere else."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tables import FileFacts
from tables.inspecting import inspect_now
from tables.traps.trap import Reading, Trap, TrapKind
from tests.unit.traps_labelled import LATER, WITH, WITHOUT, Labelled

ALL = [*WITH, *WITHOUT, *LATER]


def look_into(tmp_path: Path, data: bytes, name: str = "x.csv") -> FileFacts:
    path = tmp_path / name
    path.write_bytes(data)
    return inspect_now(path, name)


def kinds(facts: FileFacts) -> set[TrapKind]:
    return {trap.kind for trap in facts.all_traps()}


@pytest.mark.one_in(4)
@pytest.mark.parametrize("labelled", ALL, ids=[name for name, *_ in ALL])
def test_what_is_told_is_there_and_what_is_there_is_told(tmp_path: Path, labelled: Labelled) -> None:
    _, text, traps = labelled
    assert kinds(look_into(tmp_path, text.encode())) == traps


def test_there_are_enough_of_both() -> None:
    assert min(len(WITH), len(WITHOUT)) >= 30


@pytest.mark.parametrize("encoding", ["cp932", "utf-16"])
def test_traps_are_seen_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "支店,商品,売上\n東京,りんご,10\n東京,みかん,20\n大阪,りんご,5\n合計,,35\n"
    assert kinds(look_into(tmp_path, text.encode(encoding))) == {"totals"}


def test_the_model_is_told(tmp_path: Path) -> None:
    told = look_into(tmp_path, b"region;sales\nNorth;1,5\nSouth;2,5\nTotal;4,0\n").remark()
    assert '3 rows × 2 columns. BEWARE: totals of other rows: 1 ("Total"); leave them out' in told
    assert '"sales" has decimal commas ("1,5", "2,5", "4,0")' in told


def test_how_columns_are_read_is_told(tmp_path: Path) -> None:
    facts = look_into(tmp_path, "date,price\n31/12/2024,5 €\n15/01/2025,7 €\n02/02/2025,9 €\n".encode())
    assert facts.all_readings() == [Reading("date", "day_first"), Reading("price", "unit", "€")]


def workbook(*, hidden: bool) -> bytes:
    book, stream = openpyxl.Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sales"
    for row in (("region", "sales"), ("North", 10), ("South", 20), ("West", 5), ("East", 7)):
        sheet.append(row)
    other = book.create_sheet("Old prices")
    other.append(("item", "price"))
    if hidden:
        other.sheet_state = "hidden"
        sheet.row_dimensions[3].hidden = sheet.row_dimensions[4].hidden = True
        sheet.column_dimensions["B"].hidden = True
    book.save(stream)
    return stream.getvalue()


def test_what_a_workbook_hides_is_seen(tmp_path: Path) -> None:
    facts = look_into(tmp_path, workbook(hidden=True), "x.xlsx")
    assert facts.all_traps() == [
        Trap("hidden_sheets", examples=("Old prices",), count=1),
        Trap("hidden_rows", count=2, sheet="Sales"),
        Trap("hidden_columns", count=1, sheet="Sales"),
    ]
    assert 'sheet "Sales": hidden rows: 2' in facts.remark()
    assert kinds(look_into(tmp_path, workbook(hidden=False), "x.xlsx")) == set()


def test_traps_of_sheets_name_the_sheet(tmp_path: Path) -> None:
    book, stream = openpyxl.Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Year"
    for row in (("region", "sales"), ("North", 10), ("South", 20), ("West", 5), ("Total", 35)):
        sheet.append(row)
    book.save(stream)
    (trap,) = look_into(tmp_path, stream.getvalue(), "x.xlsx").all_traps()
    assert (trap.kind, trap.sheet, trap.count) == ("totals", "Year", 1)
