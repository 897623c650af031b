"""Checks the receipts that were planted by somebody else, who did not see the checker."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from receipts.checking import findings
from receipts.database import Tables
from receipts.form import Claim, Finding, read_receipt
from receipts.loading import Unloadable, load
from receipts.naming import named
from receipts.variants import columns_in
from tests.receipts.planted import FILES, Planted, planted

HOSTILE = (
    "SELECT content FROM read_text('/etc/passwd')",
    "SELECT count(*) FROM read_csv('/etc/passwd')",
    "SELECT count(*) FROM '/etc/passwd'",
    "SELECT count(*) FROM sales, glob('/etc/*')",
    "SELECT getenv('HOME') FROM sales",
    "COPY sales TO '/tmp/stolen.csv'",
    "EXPORT DATABASE '/tmp/stolen'",
    "ATTACH '/tmp/stolen.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 4",
    "SET lock_configuration = false",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "EXPLAIN SELECT sum(amount) FROM sales",
    "DROP TABLE base.sales",
    "DELETE FROM base.sales",
    "INSERT INTO base.sales VALUES (1)",
    "CREATE TABLE more AS SELECT 1",
    "SELECT sum(amount) FROM sales; SELECT 1",
    "SELECT 60",
    "SELECT count(*) FROM duckdb_settings()",
    "SELECT sum(amount) FROM tables",
    "SELECT sum(amount FROM sales",
    "SELECT '" + "x" * 3000 + "' FROM sales",
    "(" * 2000 + "SELECT 1" + ")" * 1000,
    "SELECT " + "-" * 2000 + "1 FROM sales",
    "",
)


def tables_of(files: Iterable[Path]) -> Tables:
    tables, paths = Tables(), list(files)
    for name, path in zip(named(path.name for path in paths), paths, strict=True):
        with suppress(Unloadable), path.open("rb") as stream:
            tables.add(load(stream, name.file, name.table), name.aliases)
    tables.lock()
    return tables


@cache
def planted_tables(files: tuple[str, ...]) -> Tables:
    return tables_of(path for name in files if (path := FILES / name).exists())


def verdict(case: Planted) -> str:
    claims = read_receipt(json.dumps(case.receipt).encode()) or ()
    found = [finding.verdict for finding in findings(planted_tables(case.files), claims)]
    return next((one for one in ("differs", "cannot") if one in found), "agrees" if found else "cannot")


@pytest.mark.thorough
def test_planted_traps_are_found_and_nothing_right_is_flagged() -> None:
    judged = [(case, verdict(case)) for case in planted()]
    assert [case.id for case, found in judged if case.verdict != found] == []
    assert Counter(found for _, found in judged)["differs"] >= 60


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    path = tmp_path_factory.mktemp("files") / "sales.csv"
    path.write_bytes(
        "Bericht\n\nOrt;amount;Tag;ok\nÖst;1.010,5;01.02.2024;true\nSüd;2,5;13.02.2024;false\n;n/a;;\n".encode("cp1252")
    )
    return tables_of([path])


def found(
    tables: Tables, query: str, stated: str = "60", *, value: float = 60, unit: str = "", label: str = ""
) -> Finding:
    (finding,) = findings(tables, [Claim(label, value, stated, unit, query)])
    return finding


@pytest.mark.one_in(3)
@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_reaches_beyond_the_tables(sales: Tables, query: str) -> None:
    finding = found(sales, query)
    assert (finding.verdict, finding.found) == ("cannot", "")
    assert found(sales, "SELECT sum(amount) FROM sales", "1,013").verdict == "agrees"


@pytest.mark.parametrize(
    ("query", "stated", "expected"),
    [
        ("SELECT sum(amount) FROM sales", "1,013", "agrees"),
        ("SELECT sum(amount) FROM sales", "1,013.1", "differs"),
        ("SELECT sum(amount) FROM sales WHERE Ort = 'Öst'", "1.010,50 €", "agrees"),
        ("SELECT count(*) FROM sales WHERE month(Tag) = 2", "2", "agrees"),
        ("SELECT count(*) FROM sales WHERE Tag = '13.02.2024'", "1", "agrees"),  # as the file spells it
        ("SELECT count(*) FROM sales WHERE ok", "1", "agrees"),
        ("SELECT count(*) FROM sales WHERE Ort IS NULL", "1", "agrees"),
        ("SELECT max(Tag) - min(Tag) FROM sales", "12", "agrees"),
        ("SELECT sum(amount) FROM table_1", "1013", "agrees"),
        ("SELECT count(*) FILTER (WHERE ok) / count(ok) FROM sales", "50 %", "agrees"),
        ("SELECT count(*) FILTER (WHERE ok) / count(ok) FROM sales", "0.5 %", "differs"),
        ("SELECT 100.0 * count(*) FILTER (WHERE ok) / count(ok) FROM sales", "50 %", "agrees"),
        ("SELECT 60 FROM sales LIMIT 1", "60", "cannot"),
        ("SELECT 60 + 0 * count(*) FROM sales", "60", "cannot"),
        ("SELECT sum(amount) FROM sales WHERE Ort = 'West'", "60", "cannot"),
        ("SELECT coalesce(sum(amount), 0) FROM sales WHERE Ort = 'West'", "0", "agrees"),
        ("SELECT min(Ort) FROM sales", "60", "cannot"),
    ],
)
def test_what_is_stated_is_compared_as_it_is_stated(sales: Tables, query: str, stated: str, expected: str) -> None:
    value = 1010.5 if "€" in stated else float(stated.split(maxsplit=1)[0].replace(",", ""))
    assert found(sales, query, stated, value=value).verdict == expected


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("name", "data", "column", "total"),
    [
        ("a.csv", b'v,w\n"1,234.5",x\n"(4.5)",y\n', "v", 1230.0),
        ("b.csv", b"v;w\n1.234,5;x\n-4,5;y\n", "v", 1230.0),
        ("c.csv", "v\tw\n１２\tx\n▲２\ty\n".encode("cp932"), "v", 10.0),
        ("d.csv", b"v,w\n12 %,x\n3 %,y\n", "v", 15.0),
        ("e.csv", b"v,w\n1e3,x\n5e-1,y\n", "v", 1000.5),
        ("f.csv", b"v,w\n" + b"1,x\n" * 70_000, "v", 70_000.0),
    ],
)
def test_numbers_are_read_whatever_their_spelling(
    tmp_path: Path, name: str, data: bytes, column: str, total: float
) -> None:
    (tmp_path / name).write_bytes(data)
    assert tables_of([tmp_path / name]).ask(f"SELECT sum({column}) FROM {Path(name).stem}") == pytest.approx(total)


def test_dates_of_unknown_order_stay_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("day,v\n03/04/2024,1\n05/06/2024,2\n")
    assert tables_of([tmp_path / "a.csv"]).ask("SELECT min(day) FROM a") == "03/04/2024"


def test_several_tables_and_files_have_names_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "Q1 sales.csv").write_text("a,b\n1,2\n3,4\n\nkind,n,m\nx,5,1\ny,6,1\n")
    (tmp_path / "order.csv").write_text("a,b\n7,8\n")
    tables = tables_of([tmp_path / "Q1 sales.csv", tmp_path / "order.csv"])
    asked: Sequence[tuple[str, int]] = (
        ("SELECT sum(a) FROM q1_sales_1", 4),
        ("SELECT sum(n) FROM q1_sales_2", 11),
        ("SELECT sum(a) FROM order_data", 7),
        ('SELECT sum(a) FROM "order"', 7),
    )
    for query, total in asked:
        assert tables.ask(query) == total


@pytest.mark.parametrize(
    ("query", "all_of_it"),
    [
        ("SELECT sum(a) FROM t", False),
        ('SELECT count(*) FROM t WHERE "A" > 1 AND a * 2 < 9', False),
        ("SELECT max(x) FROM (SELECT * FROM t)", True),
        ("SELECT a, * FROM t", True),
        ("SELECT t.* FROM t", True),
        ("FROM t", True),
        ("SELECT sum(x) FROM (FROM t)", True),
        ("SELECT max(columns(*)) FROM t", True),
    ],
)
def test_only_columns_that_queries_need_are_loaded(tmp_path: Path, query: str, all_of_it: bool) -> None:
    wanted = columns_in([query])
    assert (wanted("A"), wanted("other")) == (True, all_of_it)
    (tmp_path / "t.csv").write_text("A;other\n1.234;0,5\n2.000;1,5\n")
    with (tmp_path / "t.csv").open("rb") as stream:
        (table,) = load(stream, "t.csv", "t", columns_in(["SELECT sum(a) FROM t"]))
    tables = Tables()
    tables.add([table])
    tables.lock()
    assert (table.columns, tables.ask("SELECT sum(a) FROM t")) == (["A"], 3234)  # by the commas of the other column
