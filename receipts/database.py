"""DuckDB, in memory and shut off: it opens no file, loads no extension, and lets nobody change that.

It is handed each column as one text, and so needs no reader of files of its own
(https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeAlias

from receipts.cells import Kind, habits_of, typed
from receipts.loading import Loaded, Unloadable
from receipts.variants import MACROS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

View: TypeAlias = Literal["main", "plain", "backwards", "one", "five"]
"""How queries see the tables: as they are told to the model; with dates and marks such as ``n/a`` as the text that they
are; from the last row to the first; and with one row of nothing, and five."""

_SHUT: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "async_threads": "0",
    "memory_limit": "384MB",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
_BETWEEN = "\x1f"
_AT_ONCE = 50_000
"""Rows that are handed over at a time."""


class QueryFailed(Exception):
    """A query that is none, or breaks; the text is the kind of error."""


class NotAQuery(QueryFailed):
    """It is not one SELECT over tables of the files."""


class TakesTooLong(Exception):
    """The query was interrupted."""


class Tables:
    """The tables of some files, for queries."""

    def __init__(self) -> None:
        """Opened before the process gives up its rights: DuckDB looks at the system once."""
        import duckdb

        self._duckdb = duckdb
        self._db = duckdb.connect(":memory:", config=_SHUT)
        self._names: set[str] = set()
        self._views: dict[View, DuckDBPyConnection] = {}
        self._db.execute("SET enable_external_access = false")
        for view in ("base", "plain", "backwards", "one", "five"):
            self._db.execute(f"CREATE SCHEMA {view}")
        for macro in MACROS:
            self._db.execute(macro)

    def add(self, tables: Sequence[Loaded], aliases: Sequence[str] = ()) -> None:
        """Add the tables of a file; ``aliases`` are further names of its only one.

        Raises:
            Unloadable: They do not fit.
        """
        try:
            self._add(tables, aliases)
        except self._duckdb.Error as error:
            raise Unloadable(type(error).__name__) from error

    def _add(self, tables: Sequence[Loaded], aliases: Sequence[str]) -> None:
        habits = habits_of([cells for table in tables for cells in (*table.cells, *table.others)])
        for table in tables:
            columns = [typed(cells, habits) for cells in table.cells]
            raw = [
                ("VARCHAR", [cell or None for cell in cells])
                if column.kind in ("DATE", "TIMESTAMP", "VARCHAR")
                else None
                for column, cells in zip(columns, table.cells, strict=True)
            ]
            stored: list[tuple[str, Kind, Sequence[str | None]]] = []
            for number, (column, text) in enumerate(zip(columns, raw, strict=True)):
                stored.append((f"t{number}", column.kind, column.cells))
                if text and text[1] != column.cells:
                    stored.append((f"r{number}", "VARCHAR", text[1]))
            self._store(table.name, stored)
            kept = {name for name, _, _ in stored}
            self._show(table, kept, [name for name in aliases if name != table.name] if len(tables) == 1 else ())

    def lock(self) -> None:
        """Let no query change how the database is set."""
        for view in ("plain", "backwards", "one", "five"):
            cursor = self._db.cursor()
            cursor.execute(f"SET search_path = '{view},main'")
            self._views[view] = cursor
        self._views["main"] = self._db.cursor()
        self._db.execute("SET lock_configuration = true")

    def ask(self, query: str, view: View = "main") -> object:
        """The first cell of a query's result; None for nothing.

        Raises:
            NotAQuery: It is not one SELECT that reads a table of the files.
            QueryFailed: It breaks.
            TakesTooLong: It was interrupted.
        """
        database = self._views[view]
        try:
            statements = database.extract_statements(query)
            if len(statements) != 1 or statements[0].type != self._duckdb.StatementType.SELECT:
                raise NotAQuery("not one SELECT")
            if not {name.lower() for name in database.get_table_names(query)} & self._names:
                raise NotAQuery("no table of the files")
            row = database.execute(statements[0]).fetchone()
        except RuntimeError as error:  # a signal's handler has raised
            self._end_transaction(database)
            raise TakesTooLong from error
        except (self._duckdb.Error, ValueError, OverflowError) as error:
            self._end_transaction(database)
            raise QueryFailed(type(error).__name__) from error
        return row[0] if row else None

    def _end_transaction(self, database: DuckDBPyConnection) -> None:
        """Some errors leave one open, in which nothing else can be asked."""
        with suppress(self._duckdb.Error):
            database.rollback()

    def _store(self, name: str, stored: Sequence[tuple[str, Kind, Sequence[str | None]]]) -> None:
        """One table with all forms of each column."""
        columns = ", ".join(f"{column} {kind}" for column, kind, _ in stored)
        self._db.execute(f"CREATE TABLE base.{_quoted(name)} ({columns})")
        values = ", ".join(
            f"TRY_CAST(nullif(unnest(string_split(${number}, chr(31))), '') AS {kind})"
            for number, (_, kind, _) in enumerate(stored, 1)
        )
        for begin in range(0, len(stored[0][2]) if stored else 0, _AT_ONCE):
            texts = [_joined(cells[begin : begin + _AT_ONCE]) for _, _, cells in stored]
            self._db.execute(f"INSERT INTO base.{_quoted(name)} SELECT {values}", texts)

    def _show(self, table: Loaded, kept: Collection[str], aliases: Sequence[str]) -> None:
        base = f"base.{_quoted(table.name)}"
        numbered = [(number, _quoted(name)) for number, name in enumerate(table.columns)]
        as_told = ", ".join(f"t{number} AS {name}" for number, name in numbered)
        as_text = ", ".join(f"{'r' if f'r{number}' in kept else 't'}{number} AS {name}" for number, name in numbered)
        empty = f"FROM range({{}}) LEFT JOIN {base} ON false"
        sources: dict[View, str] = {
            "main": f"{as_told} FROM {base}",
            "plain": f"{as_text} FROM {base}",
            "backwards": f"{as_told} FROM {base} ORDER BY {base}.rowid DESC",
            "one": f"{as_told} {empty.format(1)}",
            "five": f"{as_told} {empty.format(5)}",
        }
        for called in dict.fromkeys([table.name, *aliases]):
            if called.lower() not in self._names:
                for view, source in sources.items():
                    self._db.execute(f"CREATE VIEW {view}.{_quoted(called)} AS SELECT {source}")
                self._names.add(called.lower())


def _joined(cells: Sequence[str | None]) -> str:
    return _BETWEEN.join((cell or "").replace(_BETWEEN, " ").replace("\0", "") for cell in cells)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
