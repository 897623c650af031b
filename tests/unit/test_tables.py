from __future__ import annotations

import csv
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables import FileFacts, is_data, is_taken, pasted_tables, without_pasted
from tables.columns import guess_type
from tables.encodings import detect
from tables.inspecting import inspect_now
from tables.pasted import references
from tests.support.budgets import examples

MB = 1024 * 1024


def facts(tmp_path: Path, data: bytes, name: str = "data.csv") -> FileFacts:
    path = tmp_path / "file"
    path.write_bytes(data)
    return inspect_now(path, name)


JAPANESE = [
    "日付,地域,売上,担当者\n2026-01-05,東京,1200,佐藤\n2026-01-06,大阪,900,鈴木\n",
    "id,名前\n1,健二\n",
    "氏名,住所\n山田,東京都\n",
    "商品,数量\nりんご,3\nみかん,5\n",
    "店舗,1月\n渋谷,1\n",
    "id,value\n" + "".join(f"{i},{i * 2}\n" for i in range(2000)) + "9,合計\n",
]
OTHERS = [
    ("ｺｰﾄﾞ,ｶﾅ,金額\n1,ｻﾄｳ,100\n2,ｽｽﾞｷ,300\n", "cp932"),
    ("①番,㈱髙島屋\n1,２０２６年\n", "cp932"),
    ("日期,地区,销售额\n2026-01-05,北京,1200\n2026-01-06,上海,900\n", "gbk"),
    ("姓名,年龄\n张三,20\n李四,31\n", "gbk"),
    ("日期,地區,銷售額\n2026-01-05,臺北,1200\n", "big5"),
    ("날짜,지역,매출\n2026-01-05,서울,1200\n", "cp949"),
    ("Ort;Umsatz\nMünchen;1.200,50\nKöln;900\n", "latin-1"),
    ("name,city\nJosé,São Paulo\nFrançois,Besançon\n", "latin-1"),
    ("name;price\nx;10 €\n", "cp1252"),
    ("дата,город,продажи\n2026,Москва,120\n2026,Казань,33\n", "cp1251"),
    ("a,b\n1,2\n", "utf-16-le"),
    ("naïve,b\n1,2\n", "utf-8"),
]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [*((text, encoding) for text in JAPANESE for encoding in ("cp932", "euc_jp", *UNICODE)), *OTHERS],
)
def test_the_encoding_found_reads_the_text_as_it_was_written(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    found = detect(io.BytesIO(data), len(data))
    assert found.clean
    assert data.decode(found.name).lstrip("\ufeff") == text


def test_utf8_with_a_broken_byte_is_still_utf8() -> None:
    found = detect(io.BytesIO("売上,".encode() * 100 + b"\xff\n"), 10_000)
    assert (found.name, found.clean) == ("utf-8", False)


def test_the_limit_may_cut_a_character() -> None:
    data = "売上高,日付\n".encode() * 100
    assert [detect(io.BytesIO(data), limit).name for limit in range(300, 304)] == ["utf-8"] * 4


def test_a_table_is_described(tmp_path: Path) -> None:
    data = "日付;地域;売上;達成\r\n" + "".join(
        f"2026-01-{i % 28 + 1:02d};東京;{i * 1000:,};はい\r\n" for i in range(1234)
    )
    found = facts(tmp_path, data.encode("cp932"), "売上.csv")
    assert found.remark() == "encoding cp932, delimiter ';', 1,234 rows × 4 columns"
    assert [(column.name, column.type) for column in found.columns] == [
        ("日付", "date"),
        ("地域", "category"),
        ("売上", "integer"),
        ("達成", "boolean"),
    ]
    assert found.columns[0].samples == ("2026-01-01", "2026-01-02", "2026-01-03")
    assert found.first_rows[0] == ("2026-01-01", "東京", "0", "はい")
    assert found.has_cjk
    assert json.loads(json.dumps(asdict(found)))["rows"] == 1234


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2", "1,234", ""], "integer"),
        (["1.5", "¥1,200", "12%", "1.234,50", "(30)", "1e5", "N/A"], "number"),
        (["2026-01-05", "2026/1/5 10:20", "05.01.2026", "2026年1月5日", "令和8年1月5日", "Jan 5, 2026"], "date"),
        (["true", "FALSE", "true"], "boolean"),
        (["00123", "00456"], "text"),
        (["East", "West"] * 10, "category"),
        ([f"name {i}" for i in range(30)], "text"),
        (["", "-", "NA"], "empty"),
        ([], "empty"),
    ],
)
def test_types(cells: list[str], expected: str) -> None:
    assert guess_type(cells) == expected


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("a,b\n1,2\n\n3,4\n", "delimiter ',', 2 rows × 2 columns"),
        ("a\tb\n1\t2\n", "delimiter tab, 1 row × 2 columns"),
        ("a|b|c\n1|2|3\n", "delimiter '|', 1 row × 3 columns"),
        ("name;price\nx;1.5\ny;2.5\n", "delimiter ';', 2 rows × 2 columns"),
        ("value\n1\n2\n", "delimiter none (one column), 2 rows × 1 column"),
        ("1,2,3\n4,5,6\n7,8,9\n", "delimiter ',', no header row, 3 rows × 3 columns"),
        ("region,2024,2025\nEast,1,2\nWest,3,4\n", "delimiter ',', 2 rows × 3 columns"),
        (
            "Report\nJanuary\n\nday,sales\n1,2\n2,3\n3,4\n",
            "header in row 3 (blank lines not counted), 3 rows × 2 columns, "
            'notes beside the table: "Report"; "January"',
        ),
        ('a,b\n"x\ny",2\n"q ""z""",3\n', "2 rows × 2 columns"),
        ("a,b\r1,2\r3,4\r", "2 rows × 2 columns"),
        (",,\nx,y,z\n1,2,3\n", "header in row 2 (blank lines not counted), 1 row × 3 columns"),
        ("a,b\n1,2,3\n4\n5,6\n7,8\n", "4 rows × 2 columns, rows of different lengths"),
        ("a,a,a\nx,y,z\n", "1 row × 3 columns"),
        ("a,b\n1,2", "1 row × 2 columns"),
        ('a,b\n1,"x\n' + "2,3\n" * 100, "unbalanced quotes (read with quoting=3), 101 rows × 2 columns"),
    ],
)
def test_shapes(tmp_path: Path, text: str, remark: str) -> None:
    assert facts(tmp_path, text.encode()).remark().endswith(remark)


@pytest.mark.thorough
def test_rows_beyond_what_is_read_are_a_lower_bound(tmp_path: Path) -> None:
    found = facts(tmp_path, b"a,b\n" + b"1234,5678\n" * (21 * MB // 10))
    assert not found.rows_exact
    assert found.rows >= 2_000_000
    assert "≥ 2,0" in found.remark()


@given(
    rows=st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=5), min_size=2, max_size=20),
    delimiter=st.sampled_from(",;\t|"),
)
@examples(150)
def test_nothing_that_csv_can_write_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    found = facts(tmp_path_factory.getbasetemp(), out.getvalue().encode("utf-8", "surrogatepass"))
    json.dumps(asdict(found))
    found.remark()


@given(
    data=st.binary(max_size=4000),
    name=st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.txt", "a.json", "a", "a.parquet"]),
)
@examples(300)
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    found = facts(tmp_path_factory.getbasetemp(), data, name)
    json.dumps(asdict(found))
    found.remark()


PATHOLOGICAL: dict[str, Callable[[], bytes]] = {
    "NUL bytes": lambda: b"\0" * 20 * MB,
    "noise": lambda: os.urandom(MB) * 20,
    "one line": lambda: b"x" * 20 * MB,
    "one line of cells": lambda: b"1," * 10 * MB,
    "one line of kana": lambda: "あ".encode("cp932") * 10 * MB,
    "blank lines": lambda: b"\n" * 20 * MB,
    "quotes": lambda: b'"' * 20 * MB,
    "quoted cells": lambda: b'a,b\n"x, y","z"\n' * (20 * MB // 15),
    "an open quote": lambda: b'a,b\n1,"x\n' + b"2,3\n" * 5 * MB,
    "a giant cell": lambda: b'a,b\n1,"' + b"x\n" * 10 * MB + b'"\n',
    "short rows": lambda: b"a,b\n" + b"1,2\n" * 5 * MB,
    "ragged rows": lambda: b"".join(b"1," * (i % 7) + b"\n" for i in range(20 * MB // 7)),
    "10,000 columns": lambda: (b",".join(b"%d" % i for i in range(10_000)) + b"\n") * 400,
    "euc-jp": lambda: "日付,東京,売上高\n".encode("euc_jp") * (MB),
}


@pytest.mark.parametrize("kind", PATHOLOGICAL)
@pytest.mark.thorough
def test_twenty_megabytes_of_anything_take_two_seconds_at_most(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(PATHOLOGICAL[kind]())
    started = time.process_time()
    found = inspect_now(path, "data.csv")
    spent = time.process_time() - started
    assert spent < 2
    assert len(json.dumps(asdict(found))) < 300_000


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "売上"
    sheet.append(["売上レポート"])
    sheet.append([])
    sheet.append(["日付", "地域", "金額"])
    for day in range(1, 21):
        sheet.append([f"2026-01-{day:02d}", "東京" if day % 2 else "大阪", day * 1.5])
    book.create_sheet("empty")
    book.save(path)


@pytest.mark.parametrize("name", ["book.xlsx", "wrongly-named.csv"])
def test_a_workbook_is_described_by_its_sheets(tmp_path: Path, name: str) -> None:
    workbook(tmp_path / "file")
    found = inspect_now(tmp_path / "file", name)
    assert found.kind == "workbook"
    assert found.remark() == (
        "2 sheets: '売上' (20 rows × 3 columns), header in row 3, notes beside the table: \"売上レポート\"; "
        "'empty' (0 rows × 0 columns)"
    )
    assert [(column.name, column.type) for column in found.columns] == [
        ("日付", "date"),
        ("地域", "category"),
        ("金額", "number"),
    ]
    assert found.has_cjk


def test_a_sheet_that_is_cut_has_the_facts_of_one_that_is_laid_out(tmp_path: Path) -> None:
    def with_stray_cell(row: int) -> FileFacts:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["売上レポート"])
        sheet.append(["日付", "時刻", "地域", "金額", "率", "達成", "コード", "備考"])
        for day in range(1, 29):
            when = datetime(2026, 1, day, 9, 30)
            sheet.append([when.date(), when, "東京", day * 1.5, day / 28, day % 2 == 0, f"{day:05d}", None])
        sheet.cell(row, 8, "total")
        book.save(tmp_path / "book.xlsx")
        return inspect_now(tmp_path / "book.xlsx", "book.xlsx")

    laid_out, cut = with_stray_cell(240_000), with_stray_cell(270_000)
    (first,), (second,) = laid_out.sheets, cut.sheets
    assert [column.name for column in first.columns][:3] == ["日付", "時刻", "地域"]
    assert second == replace(first, rows=first.rows + 30_000)


def test_a_broken_workbook_says_so(tmp_path: Path) -> None:
    assert facts(tmp_path, b"PK\x03\x04 broken", "a.xlsx").remark() == "not a readable workbook"


@pytest.mark.parametrize("name", ["large.xlsx", "large.xls"])
def test_a_workbook_that_would_fill_the_memory_is_not_opened(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("xlsx"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", bytes(31 * 2**20))
    else:
        with path.open("wb") as stream:
            stream.write(b"\xd0\xcf\x11\xe0")
            stream.truncate(31 * 2**20)
    facts = inspect_now(path, name)
    assert facts.kind == "workbook"
    assert facts.remark() == "too large to count here (31 MB unpacked)"


def test_text_under_a_workbooks_name_is_read_as_text(tmp_path: Path) -> None:
    assert facts(tmp_path, b"a\tb\n1\t2\n", "export.xls").remark() == "encoding utf-8, delimiter tab, 1 row × 2 columns"


@pytest.mark.parametrize(
    ("name", "mimetype", "filetype"),
    [
        ("a.csv", "text/csv", "csv"),
        ("A.XLSX", "", ""),
        ("a.jsonl", "", ""),
        ("a.parquet", "application/octet-stream", "binary"),
        ("report", "text/csv", "csv"),
        ("v1.2", "text/csv", "csv"),
    ],
)
def test_data_and_documents_are_taken(name: str, mimetype: str, filetype: str) -> None:
    assert is_taken(name, mimetype, filetype)


@pytest.mark.parametrize(("name", "mimetype", "filetype"), [("a.mp4", "video/mp4", "mp4"), ("setup.exe", "", "")])
def test_film_and_programs_are_not(name: str, mimetype: str, filetype: str) -> None:
    assert not is_taken(name, mimetype, filetype)


def test_data_and_what_is_not() -> None:
    assert all(map(is_data, ["a.csv", "b.XLSX", "c.parquet", "d.zip", "e.json", "f.txt"]))
    assert not any(map(is_data, ["a.png", "b.pdf", "c.py", "d.mp4", "e"]))
    assert is_data("untitled", "text/csv", "csv")


def test_pasted_csv_becomes_a_file() -> None:
    text = "sum by region?\n```\nregion,sales\nA &amp; B,1\n&lt;C&gt;,2\n```\nand ```x\ty\n1\t2```"
    tables = pasted_tables(text)
    assert [(table.name, table.data.decode()) for table in tables] == [
        ("pasted-1.csv", "region,sales\nA & B,1\n<C>,2\n"),
        ("pasted-2.csv", "x,y\n1,2\n"),
    ]
    assert without_pasted(text) == "sum by region?\n`pasted-1.csv`\nand `pasted-2.csv`"


def test_people_in_a_pasted_table_are_named_in_their_cells() -> None:
    text = "```who,when,n\n<@U1>,<!date^1^{date}, x|Dec 1, 2025>,1\n<@U2|bob>,<#C1>,2\n\ue0007\ue000,&lt;@U1&gt;,3\n```"
    assert references(text) == ["<@U1>", "<!date^1^{date}, x|Dec 1, 2025>", "<@U2|bob>", "<#C1>"]
    (table,) = pasted_tables(text, {"<@U1>": '@Smith, "Ann"', "<!date^1^{date}, x|Dec 1, 2025>": "Dec 1, 2025"})
    assert list(csv.reader(table.data.decode().splitlines())) == [
        ["who", "when", "n"],
        ['@Smith, "Ann"', "Dec 1, 2025", "1"],
        ["<@U2|bob>", "<#C1>", "2"],
        ["\ue0007\ue000", "<@U1>", "3"],
    ]
    (framed,) = pasted_tables("```| who | n |\n| <@U2|bob> | 2 |```", {"<@U2|bob>": "@Bob"})
    assert framed.data == b"who,n\n@Bob,2\n"


def test_a_pasted_markdown_table_becomes_a_file() -> None:
    (table,) = pasted_tables("```\n| a | b |\n|---|--:|\n| x | 1 |\n| y | 2 |\n```")
    assert table.data == b"a,b\nx,1\ny,2\n"


@pytest.mark.parametrize(
    "text",
    [
        "no fence: a,b\n1,2",
        "```just one line, with a comma```",
        "```def f(a, b):\n    return max(a, b)\n\nprint(f(1, 2), f(3, 4))```",
        "```Dear all, I hope\nthis finds you well\nand happy```",
    ],
)
def test_what_is_no_table_stays_text(text: str) -> None:
    assert pasted_tables(text) == []
    assert without_pasted(text) == text.strip()
