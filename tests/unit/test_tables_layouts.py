"""T1-T5, T7, T9, T10: where tables begin and end in a file, and how it is delimited; each with others of its kind."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tables import FileFacts
from tables.inspecting import inspect_now


@dataclass(frozen=True)
class Right:
    """What is true of a file; ``told`` are words that the model has to be told."""

    header: int
    rows: int
    columns: int
    names: str = ""
    told: tuple[str, ...] = ()
    delimiter: str = ","
    quote: str = '"'


def look(tmp_path: Path, text: str, name: str = "data.csv") -> FileFacts:
    path = tmp_path / "file"
    path.write_bytes(text.encode())
    return inspect_now(path, name)


def check(found: FileFacts, right: Right) -> None:
    remark = found.remark()
    assert (found.header_row, found.rows, found.column_count) == (right.header, right.rows, right.columns), remark
    assert (found.delimiter, found.quote) == (right.delimiter, right.quote), remark
    if right.names:
        assert "|".join(column.name for column in found.columns) == right.names
    for words in right.told:
        assert words in remark


PADDED = {  # T1
    "as given": ("Report,,\n,,\nday,sales,n\n1,2,3\n2,3,4\n", Right(3, 2, 3, "day|sales|n", ('"Report"',))),
    "semicolons": (
        "Umsatz;;;\n;;;\nOrt;Jan;Feb;Mrz\nBonn;1;2;3\nKiel;4;5;6\n",
        Right(3, 2, 4, "Ort|Jan|Feb|Mrz", ('"Umsatz"',), ";"),
    ),
    "two cells filled": (
        "Sales report,Q1 2026,\nday,sales,n\n1,2,3\n2,3,4\n",
        Right(2, 2, 3, told=("Sales report, Q1 2026",)),
    ),
    "several titles": (
        "Acme,,,\nSales,,,\nCreated,2026-01-05,,\n,,,\nid,day,n,x\n1,2,3,4\n",
        Right(5, 1, 4, "id|day|n|x", ("Acme", "Created, 2026-01-05")),
    ),
    "no empty row": (
        "売上レポート,,\n2026年1月,,\n日付,地域,金額\n2026-01-05,東京,1\n2026-01-06,大阪,2\n",
        Right(3, 2, 3, "日付|地域|金額", ("売上レポート",)),
    ),
    "quoted": (
        '"Report","",""\n"","",""\n"day","sales","n"\n"1","2","3"\n',
        Right(3, 1, 3, "day|sales|n", ("Report",)),
    ),
    "words only": ("People,,\n,,\nname,city,team\nAnn,Rome,red\nBob,Oslo,blue\n", Right(3, 2, 3, "name|city|team")),
    "empty rows at the end": ("Report,,\n,,\nday,sales,n\n1,2,3\n2,3,4\n,,\n,,\n", Right(3, 2, 3, "day|sales|n")),
    "a note below": (
        "Report,,\n,,\nday,sales,n\n1,2,3\n2,3,4\n,,\nSource: CRM,,\n",
        Right(3, 2, 3, told=("Source: CRM",)),
    ),
    "a last column that is often empty": ("T,,\n,,\na,b,note\n1,2,\n2,3,\n3,4,x\n4,5,\n", Right(3, 4, 3, "a|b|note")),
    "many rows": ("Report,,\n,,\nday,sales,n\n" + "1,2,3\n" * 5000, Right(3, 5000, 3)),
    "tabs": ("Bericht\t\t\n\t\t\nTag\tWert\tn\n1\t2\t3\n", Right(3, 1, 3, "Tag|Wert|n", delimiter="\t")),
    "a title as wide as one column": (
        "Report for 2026\n\nday,sales,n\n1,2,3\n",
        Right(2, 1, 3, "day|sales|n", ("Report for 2026",)),
    ),
}
KEYS = "".join(f"#KEY{n}:VALUE {n}\n" for n in range(25))
PREAMBLES = {  # T2
    "as given": (KEYS + "time,volt\n0.1,2.5\n0.2,2.6\n0.3,2.7\n", Right(26, 3, 2, "time|volt", ("#KEY0:VALUE 0",))),
    "longer than the table": (KEYS * 4 + "t;u;i\n1,5;2,5;3,5\n2,5;3,5;4,5\n", Right(101, 2, 3, "t|u|i", delimiter=";")),
    "300 rows": (KEYS * 12 + "time,volt,amp\n" + "0.1,2.5,3\n" * 50, Right(301, 50, 3)),
    "with the delimiter": (
        "".join(f"Key {n},value {n}\n" for n in range(30)) + "t,u,i,r\n" + "1,2,3,4\n" * 40,
        Right(31, 40, 4, "t|u|i|r"),
    ),
    "with an empty row": (KEYS + "\ntime\tvolt\n0.1\t2.5\n0.2\t2.6\n", Right(26, 2, 2, "time|volt", delimiter="\t")),
    "in blocks": (
        f"[Header]\n{KEYS}\n[Setup]\n{KEYS}\n[Data]\nx,y,z\n1,2,3\n4,5,6\n",
        Right(54, 2, 3, "x|y|z", ("[Header]",)),
    ),
    "without a header": (KEYS + "1,2,3\n4,5,6\n7,8,9\n", Right(0, 3, 3)),
    "header after a hash": (KEYS + "#time,volt,amp\n1,2,3\n4,5,6\n", Right(26, 2, 3, "#time|volt|amp")),
    "padded": (
        "".join(f"KEY{n},VALUE,,,\n" for n in range(25)) + "a,b,c,d,e\n1,2,3,4,5\n2,3,4,5,6\n3,4,5,6,7\n",
        Right(26, 3, 5, "a|b|c|d|e"),
    ),
    "sentences with commas": (
        "Measured in June, in Rome, by Ann, Bob, and Cy\n" * 22 + "\nx,y,z\n" + "1,2,3\n" * 30,
        Right(23, 30, 3, "x|y|z"),
    ),
    "many rows": (KEYS + "time,volt\n" + "0.1,2.5\n" * 100_000, Right(26, 100_000, 2)),
}
HEADERLESS = {  # T3
    "as given": ("Ann,2020-01-01,2021-01-01\nBob,2020-02-01,2021-02-01\n", Right(0, 2, 3)),
    "one date": ("Ann,2020-01-01\nBob,2020-02-01\n", Right(0, 2, 2)),
    "other dates": ("東京;2026年1月5日;2026年2月5日\n大阪;2026年1月6日;2026年2月6日\n", Right(0, 2, 3, delimiter=";")),
    "German dates": (
        "A;01.02.2026;05.02.2026\nB;02.02.2026;06.02.2026\nC;03.02.2026;07.02.2026\n",
        Right(0, 3, 3, delimiter=";"),
    ),
    "years": ("Ann,2001,2019\nBob,1999,2020\nCy,2003,2018\n", Right(0, 3, 3)),
    "times": ("Ann,09:30,17:00\nBob,08:45,16:30\n", Right(0, 2, 3)),
    "codes": ("A-001,red\nA-002,blue\nA-003,red\n", Right(0, 3, 2)),
    "a gap in the first row": (
        "Ann,,2021-01-01\nBob,2020-02-01,2021-02-01\nCy,2020-03-01,2021-03-01\n",
        Right(0, 3, 3),
    ),
    "categories": ("East,shoes\nWest,shoes\nEast,boots\nNorth,boots\n", Right(0, 4, 2)),
    "e-mail": ("ann@x.org,Ann\nbob@x.org,Bob\n", Right(0, 2, 2)),
    "yes and no": ("Ann,true,false\nBob,false,false\n", Right(0, 2, 3)),
    "numbers": ("1,2,3\n4,5,6\n7,8,9\n", Right(0, 3, 3)),
    # and what is a header all the same
    "years above numbers": ("region,2024,2025\nEast,1,2\nWest,3,4\n", Right(1, 2, 3, "region|2024|2025")),
    "dates above numbers": ("store,2026-01-01,2026-02-01\nA,10,20\nB,30,40\n", Right(1, 2, 3)),
    "hours above numbers": ("store,1,2,3,4\nA,10,20,15,7\nB,30,40,12,9\n", Right(1, 2, 5)),
    "words above dates": ("name,from,to\nAnn,2020-01-01,2021-01-01\n", Right(1, 1, 3, "name|from|to")),
    "words above words": ("name,city\nAnn,Rome\nBob,Oslo\n", Right(1, 2, 2, "name|city")),
    "quarters above numbers": ("region,Q1,Q2\nEast,1,2\nWest,3,4\n", Right(1, 2, 3)),
}
GROUPED = {  # T4
    "as given": (
        ",2024,2024,2025,2025\n,Q1,Q2,Q1,Q2\nregion,sales,sales,sales,sales\nEast,1,2,3,4\nWest,5,6,7,8\n",
        Right(
            3, 2, 5, "region|2024 / Q1 / sales|2024 / Q2 / sales|2025 / Q1 / sales|2025 / Q2 / sales", ("rows 1 to 3",)
        ),
    ),
    "merged cells": (
        ",2024,,2025,\n,Q1,Q2,Q1,Q2\nregion,sales,sales,sales,sales\nEast,1,2,3,4\nWest,5,6,7,8\n",
        Right(3, 2, 5, "region|2024 / Q1 / sales|2024 / Q2 / sales|2025 / Q1 / sales|2025 / Q2 / sales"),
    ),
    "two rows": (
        "region,2024,,2025,\n,Q1,Q2,Q1,Q2\nEast,1,2,3,4\nWest,5,6,7,8\n",
        Right(2, 2, 5, "region|2024 / Q1|2024 / Q2|2025 / Q1|2025 / Q2"),
    ),
    "units": (
        "time;temperature;pressure\ns;°C;bar\n0;20,5;1\n1;20,6;2\n",
        Right(2, 2, 3, "time / s|temperature / °C|pressure / bar", delimiter=";"),
    ),
    "below a title": (
        "Report,,,,\n,,,,\n,2024,,2025,\nregion,cost,gain,cost,gain\nEast,1,2,3,4\nWest,2,3,4,5\n",
        Right(4, 2, 5, "region|2024 / cost|2024 / gain|2025 / cost|2025 / gain", ('"Report"',)),
    ),
    "Japanese": (
        ",2024年,,2025年,\n地域,売上,利益,売上,利益\n東京,1,2,3,4\n大阪,5,6,7,8\n",
        Right(2, 2, 5, "地域|2024年 / 売上|2024年 / 利益|2025年 / 売上|2025年 / 利益"),
    ),
    "words below": (
        ",Home,,Work,\nname,city,street,city,street\nAnn,Rome,Via X,Oslo,Y\nBob,Bonn,Z,Kiel,W\n",
        Right(2, 2, 5, "name|Home / city|Home / street|Work / city|Work / street"),
    ),
    "one row of data": (",2024,2024\n,Q1,Q2\nregion,sales,sales\nEast,1,2\n", Right(3, 1, 3)),
    "many rows": (",a,a,b,b\nid,x,y,x,y\n" + "7,1,2,3,4\n" * 3000, Right(2, 3000, 5, "id|a / x|a / y|b / x|b / y")),
    # and what is a single row all the same
    "a gap in the first row of data": ("name,a,b\nAnn,n/a,n/a\nBob,1,2\nCy,3,4\n", Right(1, 3, 3, "name|a|b")),
    "words in one column": ("name,n\nAnn,few\nBob,1\nCy,3\nDi,4\n", Right(1, 4, 2, "name|n")),
}


@pytest.mark.parametrize("kind", PADDED)
def test_t1_title_rows_padded_to_the_width_are_notes(tmp_path: Path, kind: str) -> None:
    text, right = PADDED[kind]
    check(look(tmp_path, text), right)


@pytest.mark.parametrize("kind", PREAMBLES)
def test_t2_a_long_preamble_is_seen_through(tmp_path: Path, kind: str) -> None:
    text, right = PREAMBLES[kind]
    check(look(tmp_path, text), right)


@pytest.mark.parametrize("kind", HEADERLESS)
def test_t3_data_in_the_first_row_is_no_header(tmp_path: Path, kind: str) -> None:
    text, right = HEADERLESS[kind]
    check(look(tmp_path, text), right)


@pytest.mark.parametrize("kind", GROUPED)
def test_t4_a_header_over_several_rows_is_joined(tmp_path: Path, kind: str) -> None:
    text, right = GROUPED[kind]
    check(look(tmp_path, text), right)


SEVERAL = {  # T5: header row, rows and columns of each table
    "as given": ("day,sales\n1,2\n2,3\n\nname,age,city\nAnn,5,Rome\nBob,6,Oslo\nCy,7,Bonn\n", [(1, 2, 2), (4, 3, 3)]),
    "one width": ("day,sales\n1,2\n2,3\n\nday,costs\n1,7\n2,8\n", [(1, 2, 2), (4, 2, 2)]),
    "padded": ("a,b,c,,\n1,2,3,,\n,,,,\nd,e,f,g,h\n1,2,3,4,5\n2,3,4,5,6\n", [(1, 1, 3), (4, 2, 5)]),
    "titled": ("Table 1: sales\nday,sales\n1,2\n\nTable 2: costs\nday,costs\n1,7\n2,8\n", [(2, 1, 2), (5, 2, 2)]),
    "titles apart": ("Sales\n\nday,sales\n1,2\n2,2\n\nCosts\n\nday,costs\n1,7\n2,8\n", [(2, 2, 2), (6, 2, 2)]),
    "three": ("a;b\n1;2\n\nc;d;e\n1;2;3\n\nf;g\n5;6\n7;8\n", [(1, 1, 2), (3, 1, 3), (5, 2, 2)]),
    "words": (
        "name,city,team\nAnn,Rome,x\nBob,Oslo,y\n\nitem,colour\ncup,red\nbowl,blue\n",
        [(1, 2, 3), (4, 2, 2)],
    ),
    "several empty rows": ("a,b\n1,2\n\n\n\nc,d,e\n1,2,3\n4,5,6\n", [(1, 1, 2), (3, 2, 3)]),
    "long ones": ("a,b\n" + "1,2\n" * 50_000 + "\nc,d,e\n" + "1,2,3\n" * 40_000, [(1, 50_000, 2), (50_002, 40_000, 3)]),
    "quoted": ('a,b\n"x, y",2\n' * 1 + '"z",3\n\nc,d,e\n"1",2,3\n"4",5,6\n', [(1, 2, 2), (4, 2, 3)]),
    "Windows line ends": ("a,b\r\n1,2\r\n\r\nc,d,e\r\n1,2,3\r\n4,5,6\r\n", [(1, 1, 2), (3, 2, 3)]),
}


@pytest.mark.parametrize("kind", SEVERAL)
def test_t5_tables_below_each_other_are_both_told(tmp_path: Path, kind: str) -> None:
    text, right = SEVERAL[kind]
    found = look(tmp_path, text)
    assert [(table.header_row, table.rows, table.column_count) for table in found.tables] == right
    largest = max(right, key=lambda table: table[1])
    assert (found.header_row, found.rows, found.column_count) == largest
    assert f"{len(right)} tables below each other" in found.remark()
    for number in range(1, len(right) + 1):
        assert f"table {number}, " in found.remark()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a,b\n1,2\n\n3,4\n", Right(1, 2, 2, "a|b")),
        ("a,b\n\n1,2\n3,4\n", Right(1, 2, 2, "a|b")),
        ("a,b\n\n1,2\n\n3,4\n\n5,6\n", Right(1, 3, 2, "a|b")),
        ("a,b\r\r\n1,2\r\r\n3,4\r\r\n", Right(1, 2, 2, "a|b")),
        ("a,b\n1,2\n3,4\n\nTotal,6\n", Right(1, 3, 2, "a|b")),
        ("a,b\n1,2\n,\n3,4\n", Right(1, 2, 2, "a|b")),
        ("name,n\nAnn,1\n\nBob,2\nCy,3\n", Right(1, 3, 2, "name|n")),
        ("name,n\nAnn,1\nBob,2\n\nSource: us\n", Right(1, 2, 2, "name|n", ("Source: us",))),
        ("a,b\n" + "1,2\n\n" * 3000, Right(1, 3000, 2, "a|b")),
        ("name,city\nAnn,Rome\n\nBob,Oslo\nCy,Bonn\n", Right(1, 3, 2, "name|city")),
    ],
)
def test_t5_a_table_with_empty_rows_is_one(tmp_path: Path, text: str, right: Right) -> None:
    found = look(tmp_path, text)
    assert found.tables == ()
    check(found, right)


@pytest.mark.parametrize(
    ("text", "right", "rows"),
    [
        ("a,b\n'x, y',2\n'z',3\n", Right(1, 2, 2, "a|b", ("quotechar '",), quote="'"), [("x, y", "2"), ("z", "3")]),
        ("'a';'b'\n'1';'2'\n", Right(1, 1, 2, "a|b", delimiter=";", quote="'"), [("1", "2")]),
        ("a,b\n1,'it''s'\n2,'O''Neil, J'\n", Right(1, 2, 2, quote="'"), [("1", "it's"), ("2", "O'Neil, J")]),
        ("a\tb\n'x\ty'\t1\n'z'\t2\n", Right(1, 2, 2, delimiter="\t", quote="'"), [("x\ty", "1"), ("z", "2")]),
        ("a,b\n'two\nlines',1\n'x',2\n", Right(1, 2, 2, quote="'"), [("two\nlines", "1"), ("x", "2")]),
        ("id,note\n1,'a|b|c'\n2,'d, e; f'\n", Right(1, 2, 2, quote="'"), [("1", "a|b|c"), ("2", "d, e; f")]),
        ("a,b\n" + "'x, y',2\n" * 2000, Right(1, 2000, 2, quote="'"), [("x, y", "2")]),
        ('a, b\n1, "x, y"\n2, "z"\n', Right(1, 2, 2, "a|b", ("skipinitialspace=True",), quote=' "'), [("1", "x, y")]),
        ('a;b\n"1"; "x; y"\n"2"; "z"\n', Right(1, 2, 2, delimiter=";", quote=' "'), [("1", "x; y"), ("2", "z")]),
        ('a,b\n1,"he said, ""no"""\n2,"x, "\n', Right(1, 2, 2, "a|b"), [("1", 'he said, "no"')]),
        # and apostrophes
        ("name,n\nO'Neil,1\nD'Arcy,2\n", Right(1, 2, 2), [("O'Neil", "1"), ("D'Arcy", "2")]),
        ("code,n\n'001,1\n'002,2\n", Right(1, 2, 2), [("'001", "1"), ("'002", "2")]),
        ("word,n\n'tis,1\ndogs',2\nit's,3\n", Right(1, 3, 2), [("'tis", "1"), ("dogs'", "2")]),
        ('a,b\n"it\'s, x",1\n"y",2\n', Right(1, 2, 2), [("it's, x", "1"), ("y", "2")]),
    ],
)
def test_t7_single_quotes_quote_where_they_stand_around_cells(
    tmp_path: Path, text: str, right: Right, rows: list[tuple[str, ...]]
) -> None:
    found = look(tmp_path, text)
    check(found, right)
    assert list(found.first_rows[: len(rows)]) == rows


def test_t8_a_nul_is_a_cell(tmp_path: Path) -> None:
    check(look(tmp_path, "a,b,c\n\0,2,3\n"), Right(1, 1, 3, "a|b|c"))


@pytest.mark.parametrize(
    "text", ["\n", "\r\n", "\n" * 1000, "  \n\t\n", "\ufeff", "\ufeff\n", ",,\n,,\n", ";;;\r\n", '""\n']
)
def test_t9_a_file_without_a_filled_cell_is_empty(tmp_path: Path, text: str) -> None:
    found = look(tmp_path, text)
    assert (found.kind, found.rows, found.column_count, found.columns) == ("text", -1, 0, ())
    assert found.remark() == "it is empty"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("begin,x|y|z\nend,a|b\nmid,c|d|e|f\n", Right(1, 2, 2)),
        ("begin,x|y|z\nend,a|b|c\nmid,c|d|e\n", Right(1, 2, 2)),
        ("id,tags\n1,x|y|z\n2,a|b|c\n3,c|d|e\n", Right(1, 3, 2, "id|tags")),
        ("id,tags\n1,x|y|z\n2,a\n3,c|d|e|f|g\n", Right(1, 3, 2, "id|tags")),
        ('"id","tags"\n"1","x|y|z"\n"2","a|b|c"\n', Right(1, 2, 2, "id|tags")),
        ('id,tags\n1,"x;y;z"\n2,"a;b;c"\n', Right(1, 2, 2, "id|tags")),
        ("id;tags\n1;x,y,z\n2;a,b,c\n", Right(1, 2, 2, "id|tags", delimiter=";")),
        ("id|tags\n1|x,y,z\n2|a,b,c\n", Right(1, 2, 2, "id|tags", delimiter="|")),
        ("id\ttext\n1\tone, two, three\n2\tfour, five, six\n", Right(1, 2, 2, "id|text", delimiter="\t")),
        ("a;b;c\n1,5;2,5;3,5\n2,5;3,5;4,5\n", Right(1, 2, 3, "a|b|c", delimiter=";")),
        ("1,5;2,5\n2,5;3,5\n3,5;4,5\n", Right(0, 3, 2, delimiter=";")),
        ("day,who,n\n1,Smith; John,5\n2,Doe; Jane,6\n", Right(1, 2, 3, "day|who|n")),
        ("path,n\na|b|c|d,1\ne|f|g|h,2\ni|j|k|l,3\n", Right(1, 3, 2, "path|n")),
        ("k,v\n" + "".join(f"{n},{'|'.join('abcde'[: n % 5 + 1])}\n" for n in range(500)), Right(1, 500, 2, "k|v")),
        ("value\n1,5\n2,5\n3,25\n", Right(1, 3, 1, "value", delimiter="")),
    ],
)
def test_t10_the_delimiter_is_the_one_that_makes_even_rows(tmp_path: Path, text: str, right: Right) -> None:
    check(look(tmp_path, text), right)


def test_sheets_of_workbooks_are_read_the_same_way(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    titled, grouped, several = book.active, book.create_sheet("grouped"), book.create_sheet("several")
    assert isinstance(titled, Worksheet)
    rows: dict[Worksheet, list[list[object]]] = {
        titled: [["Report"], [], ["day", "sales", "n"], [1, 2, 3], [2, 3, 4]],
        grouped: [[None, 2024, None, 2025], ["region", "cost", "gain", "cost"], ["East", 1, 2, 3], ["West", 2, 3, 4]],
        several: [["a", "b"], [1, 2], [], ["c", "d", "e"], [1, 2, 3], [2, 3, 4]],
    }
    for sheet, held in rows.items():
        for row in held:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    (tmp_path / "book").write_bytes(stream.getvalue())
    found = inspect_now(tmp_path / "book", "book.xlsx")
    first, second, third = found.sheets
    assert (first.header_row, first.rows, first.column_count, first.notes) == (3, 2, 3, ("Report",))
    assert [column.name for column in second.columns] == ["region", "2024 / cost", "2024 / gain", "2025 / cost"]
    assert (second.header_row, second.rows) == (2, 2)
    assert [(table.header_row, table.rows, table.column_count) for table in third.tables] == [(1, 1, 2), (4, 2, 3)]
    assert "2 tables below each other" in found.remark()


OTHERS: dict[str, tuple[str, tuple[int, int, int]]] = {  # labelled before they were tried
    "T1a": (
        "Quarterly results,,,,\nRegion: EMEA,,,,\nPrepared by: Ann Lee,,Date: 2026-03-01,,\n"
        ",,,,\nCountry,Q1,Q2,Q3,Q4\nFrance,10,20,30,40\nSpain,5,6,7,8\n",
        (5, 2, 5),
    ),
    "T1b": ("Inventory;;\nWarehouse 5;;\nSKU;Item;Qty\nA1;Bolt;5\nA2;Nut;7\n", (3, 2, 3)),
    "T1c": (
        '"Kontoauszug";"";"";""\n"Konto:";"DE12 3456";"";""\n'
        '"Zeitraum:";"01.01.2026 - 31.01.2026";"";""\n"";"";"";""\n'
        '"Buchungstag";"Text";"Betrag";"Saldo"\n"02.01.2026";"Miete";"-800,00";"1.200,00"\n'
        '"03.01.2026";"Lohn";"2.500,00";"3.700,00"\n',
        (5, 2, 4),
    ),
    "T1d": (
        "Bank statement\nAccount;DE123\nFrom;01.01.2026\nTo;31.01.2026\nBalance;1.234,50 EUR\n\n"
        "Date;Text;Amount\n02.01.2026;Rent;-800,00\n03.01.2026;Pay;2500,00\n",
        (6, 2, 3),
    ),
    "T1e": ("Report title, with comma,,\n,,\nname,city,n\nAnn,Rome,1\nBob,Oslo,2\n", (3, 2, 3)),
    "T1f": ("売上表,,,\n単位:千円,,,\n,,,\n月,東京,大阪,名古屋\n1月,100,200,300\n2月,110,210,310\n", (4, 2, 4)),
    "T1g": ("Survey export\t\t\t\n\t\t\t\nq1\tq2\tq3\tq4\n5\t4\t\t1\n3\t\t\t\n4\t4\t2\t\n", (3, 3, 4)),
    "T1h": (",,\nReport,,\n,,\nid,a,b\n1,2,3\n4,5,6\n", (4, 2, 3)),
    "T2a": (
        "".join(
            f"##{k}= {i}\n"
            for i, k in enumerate(
                ["TITLE", "JCAMP", "OWNER", "XUNITS", "YUNITS", "FIRSTX", "DATE", *"ABCDEFGHIJKLMNOP"]
            )
        )
        + "wavelength,absorbance\n400,0.1\n401,0.2\n402,0.25\n",
        (24, 3, 2),
    ),
    "T2b": ("".join(f"; comment line {i}\n" for i in range(30)) + "x;y;z\n1;2;3\n4;5;6\n7;8;9\n", (31, 3, 3)),
    "T2c": (
        "".join(f"// setting {i} = {i * 2}, mode auto\n" for i in range(24))
        + "t,v1,v2,v3\n0,1,2,3\n1,2,3,4\n2,3,4,5\n3,4,5,6\n",
        (25, 4, 4),
    ),
    "T2d": (
        "".join(f"Param{i}\t{i}\n" for i in range(40)) + "\nTime\tCh1\tCh2\tCh3\n0\t1\t2\t3\n1\t1\t2\t3\n",
        (41, 2, 4),
    ),
    "T2e": ("".join(f"#{i}\n" for i in range(22)) + "\n\n#END\nname|age|city\nAnn|5|Rome\nBob|6|Oslo\n", (24, 2, 3)),
    "T3a": ("2026-01-05,East,100\n2026-01-06,West,200\n2026-01-07,East,300\n", (0, 3, 3)),
    "T3b": ("Smith;John;1980-05-01;M\nDoe;Jane;1975-03-12;F\n", (0, 2, 4)),
    "T3c": ("192.168.0.1,200,GET\n10.0.0.5,404,GET\n10.0.0.7,200,POST\n", (0, 3, 3)),
    "T3d": ("555-1234,Ann\n555-9876,Bob\n555-1111,Cy\n", (0, 3, 2)),
    "T3e": ("2020,2021\n100,200\n150,250\n", (1, 2, 2)),
    "T3f": ("Alpha,1 Jan 2020,5 Feb 2021\nBeta,2 Jan 2020,6 Feb 2021\n", (0, 2, 3)),
    "T3g": ("Jan 2020,10\nFeb 2020,12\nMar 2020,14\n", (0, 3, 2)),
    "T3h": ("product,price (EUR),in stock\nBolt,1.5,yes\nNut,2,no\n", (1, 2, 3)),
    "T3i": ("name,dob\nAnn,1990-01-01\n", (1, 1, 2)),
    "T4a": ("Store,Sales,,Returns,\n,2025,2026,2025,2026\nA,10,20,1,2\nB,30,40,3,4\n", (2, 2, 5)),
    "T4b": (";Umsatz;Umsatz;Kosten;Kosten\nMonat;Plan;Ist;Plan;Ist\nJan;1,5;2,5;3;4\nFeb;2,5;3,5;4;5\n", (2, 2, 5)),
    "T4c": ("Date,Open,Close\n(d),(USD),(USD)\n2026-01-01,5,6\n2026-01-02,6,7\n", (2, 2, 3)),
    "T4d": ("2024,2024,2025,2025\nQ1,Q2,Q1,Q2\n1,2,3,4\n5,6,7,8\n", (2, 2, 4)),
    "T4e": (",,Group A,,Group B,\nid,sex,pre,post,pre,post\n1,f,5,6,7,8\n2,m,6,7,8,9\n", (2, 2, 6)),
    "T10a": ("event,payload\nclick,a|b|c|d\nview,e|f|g|h\nbuy,i|j|k|l\n", (1, 3, 2)),
    "T10b": ("user;roles\nann;admin,editor,viewer\nbob;viewer,editor,admin\n", (1, 2, 2)),
    "T10c": ("gene\tgo_terms\nBRCA1\tGO:1;GO:2;GO:3\nTP53\tGO:4;GO:5;GO:6\n", (1, 2, 2)),
    "T10d": ("name|desc\nx|one, two, three, four\ny|a, b, c, d\n", (1, 2, 2)),
    "T10e": ('a,b,c\n"1;2;3",4,5\n"6;7;8",9,0\n', (1, 2, 3)),
    "none": ('name,comment\nAnn,"hello, world"\nBob,"line1\nline2"\n', (1, 2, 2)),
    "none2": ("id,name,note\n1,Ann,\n2,Bob,ok\n3,Cy,\n", (1, 3, 3)),
    "none4": ("x,y\n1,2\n3\n5,6\n7,8\n", (1, 4, 2)),
    "none5": ("month,2024,2025\nJan,100,120\nFeb,110,130\nMar,90,95\n", (1, 3, 3)),
    "none7": ("first,last,email\nAnn,Lee,ann@x.org\nBob,Ray,bob@y.org\n", (1, 2, 3)),
    "none8": (",a,b\n0,1,2\n1,3,4\n", (1, 2, 3)),
    "none9": ("id,city,city2\n1,Rome,Rome\n2,Oslo,Rome\n", (1, 2, 3)),
    "none10": ("yes,no\nyes,no\nno,yes\n", (0, 3, 2)),
    "none11": ("code\nA1\nB2\nC3\n", (1, 3, 1)),
    "none12": ("city\nRome\nOslo\nRome\n", (1, 3, 1)),
    "none13": ("mpg,cyl\nMazda,21,6\nDatsun,22,4\nFord,19,8\n", (1, 3, 3)),
    "more a": (
        "Monthly Report - January 2026,,,,,\nDepartment,Finance,,,,\n,,,,,\n"
        "Date,Account,Debit,Credit,Balance,Memo\n2026-01-02,4000,100,,900,\n"
        "2026-01-03,4100,,50,950,refund\n",
        (4, 2, 6),
    ),
    "more b": (
        "Exported by SAP;;;\nUser: X;;;\n;;;\nMaterial;Werk;Bestand;ME\n"
        "000123;1000;5,000;ST\n000124;1000;7,500;ST\n;;;\nSumme;;12,500;\n",
        (4, 3, 4),
    ),
    "more c": ("sensor,2026-01-01 00:00,2026-01-01 01:00,2026-01-01 02:00\nA,1.1,1.2,1.3\nB,2.1,2.2,2.3\n", (1, 2, 4)),
    "more e": ("Name;Geburtsdatum\nMeier;01.02.1980\nSchulze;03.04.1990\n", (1, 2, 2)),
    "more f": ("Meier;01.02.1980\nSchulze;03.04.1990\n", (0, 2, 2)),
    "more g": ("2024-01-01 10:00:00,INFO,started\n2024-01-01 10:00:05,WARN,slow\n", (0, 2, 3)),
    "more h": ("id,score\n1,\n2,5\n3,\n", (1, 3, 2)),
    "more i": ("a,b,c\n,,\n1,2,3\n", (1, 1, 3)),
    "more j": ("year,value\n2020,5\n2021,6\n", (1, 2, 2)),
    "more k": ("1990,1991,1992\n5,6,7\n", (1, 1, 3)),
    "more l": ("x\n\n1\n\n2\n\n3\n", (1, 3, 1)),
    "more m": ("City,Population (2020),Area\nRome,2800000,1285\nOslo,700000,454\n", (1, 2, 3)),
    "more n": ('"Smith, Ann","10","2020-01-01"\n"Lee, Bob","20","2020-02-01"\n', (0, 2, 3)),
    "more o": ("TRUE,1\nFALSE,0\nTRUE,1\n", (0, 3, 2)),
    "more p": ("Question,Answer\nWhat is it?,A cup\nWhy?,Because\n", (1, 2, 2)),
    "more q": ("№;Товар;Цена\n1;Хлеб;45,50\n2;Молоко;80,00\n", (1, 2, 3)),
    "more r": ("Отчёт;;\n;;\n№;Товар;Цена\n1;Хлеб;45,50\n", (3, 1, 3)),
    "more s": ("店舗別売上,,\n作成日:2026/01/05,,\n店舗,1月,2月\n渋谷,100,200\n新宿,150,250\n", (3, 2, 3)),
    "more t": ("A,B\n1,2\nTotal rows: 1\n", (1, 2, 2)),
    "more u": ("id\tname\n1\t'Ann'\n2\t'Bob'\n", (1, 2, 2)),
    "more v": ("date,usd,eur\n2026-01-01,1.1,0.9\n\n2026-01-02,1.2,0.8\n2026-01-03,1.3,0.7\n", (1, 3, 3)),
    "more w": ("Household survey 2026\n\nid,q1,q2\n1,yes,no\n2,no,no\n\nNotes: weighted\n", (2, 2, 3)),
    "more x": ("GroupA;;GroupB;\nx;y;x;y\n1;2;3;4\n5;6;7;8\n", (2, 2, 4)),
    "more y": ("name;jan;feb;mar\nunits;kg;kg;kg\nA;1;2;3\nB;4;5;6\n", (2, 2, 4)),
    "more z": ("email,plan\nann@x.org,free\nbob@y.org,pro\n", (1, 2, 2)),
    "more aa": ("url|hits\nhttp://a/b|5\nhttp://c/d|6\n", (1, 2, 2)),
    "more bb": ("a|b|c\n1|x, y|3\n2|z, w|4\n", (1, 2, 3)),
    "more cc": ("ts,msg\n1,a;b\n2,c;d\n3,e;f\n", (1, 3, 2)),
    "more dd": ("country;gdp;pop\nItaly;2.000.000,5;60\nSpain;1.400.000,5;47\n", (1, 2, 3)),
    "still more a": ('"a","b"\n"x ""y"", z","1"\n"q","2"\n', (1, 2, 2)),
    "still more b": ('a,b\n"5"" pipe",3\n"6"" pipe",4\n', (1, 2, 2)),
    "still more c": ('a,b\n5" pipe,3\n6" pipe,4\n', (1, 2, 2)),
    "still more e": ('x;y\n"1;2";3\n"4;5";6\n', (1, 2, 2)),
    "still more f": ("Ann|5\nBob|6\nCy|7\n", (0, 3, 2)),
    "still more g": ("a\tb\tc\n1\t\t3\n\t2\t3\n", (1, 2, 3)),
    "still more h": ('id,addr\n1,"12 Main St\nApt 4"\n2,"5 Oak"\n', (1, 2, 2)),
    "still more i": ("Jahr;Monat;Umsatz\n2024;1;1.200,50\n2024;2;1.300,75\n", (1, 2, 3)),
    "still more j": ("1;2024-01-01;1.200,50\n2;2024-02-01;1.300,75\n", (0, 2, 3)),
    "still more k": ("col1,col2,col3\nval1,val2,val3\nval4,val5,val6\n", (1, 2, 3)),
    "still more l": ("Stock list,,\nas of 1 May,,\n\nitem,qty,loc\nbolt,5,A1\nnut,7,B2\n", (3, 2, 3)),
    "still more m": ("name,score\nAnn,10\nBob,12\nAverage,11\n", (1, 3, 2)),
    "still more n": ("k;v\n" + "".join(f"{i};{i * i}\n" for i in range(3000)), (1, 3000, 2)),
    "still more o": ("".join(f"{i},{i % 7},x{i}\n" for i in range(3000)), (0, 3000, 3)),
    "still more p": ("Title\n\n" + "a,b\n" + "".join(f"{i},{i}\n" for i in range(3000)), (2, 3000, 2)),
    "still more s": ("Sales,,,Costs,,\nday,n,eur,day,n,eur\n1,2,3,1,2,3\n2,3,4,2,3,4\n", (2, 2, 6)),
    "still more t": ("Nr,Name,Ort\n1,Ann,Bonn\n2,Bob,Kiel\n", (1, 2, 3)),
    "still more u": ("北京,100\n上海,200\n广州,300\n", (0, 3, 2)),
    "still more v": ("城市,销量\n北京,100\n上海,200\n", (1, 2, 2)),
    "still more w": ("# generated\n# by tool\n#\ncity,n\nRome,1\nOslo,2\n", (4, 2, 2)),
    "still more x": ("#city,n\nRome,1\nOslo,2\n", (1, 2, 2)),
    "still more y": ("city;n;\nRome;1;\nOslo;2;\n", (1, 2, 3)),
}


@pytest.mark.one_in(4)
@pytest.mark.parametrize("kind", OTHERS)
def test_other_tables_of_these_kinds(tmp_path: Path, kind: str) -> None:
    text, right = OTHERS[kind]
    found = look(tmp_path, text)
    assert (found.header_row, found.rows, found.column_count) == right
