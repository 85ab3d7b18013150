"""The evaluation of a sweep's points on DuckDB, from a copy of the built bars."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiosql
from psycopg import sql

from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings
from flows.sweep_statements import Statements
from flows.sweep_workers import Connection, Step

BARS_AT_A_TIME = 250_000
BLOCK = 1 << 20
INTO = b"copy swept_curve from stdin (format csv)"
QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "sweep_duckdb.sql", "duckdb")


@dataclass(frozen=True, slots=True)
class OnDuckDb:
    """A database in memory with the bars of the symbols swept; see `on_duckdb`."""

    database: Database
    conn: Any
    folder: Path
    symbols: Sequence[str]
    sessions: int
    columns: dict[str, set[str]] = field(default_factory=dict)

    def steps(self, _points: int) -> int:
        """How many steps `evaluate` reports."""
        return len(self._chunks())

    def evaluate(
        self, into: Connection, statements: Statements, _points: int, on_step: Step
    ) -> set[int]:
        """Put the accounts of all points into `swept_curve` of `into`.

        Gives the points that would buy and sell on one bar; they have no accounts.
        """
        self._bring(statements["columns"])
        self.conn.execute(QUERIES.forget.sql)
        into.execute("truncate swept_curve")
        for symbols in self._chunks():
            for name in ("bars", "trades"):
                self.conn.execute(statements[name], {"symbols": symbols})
            QUERIES.add_curve(self.conn, symbols=symbols)
            on_step(1)
        file = self.folder / "curve.csv"
        QUERIES.write_curve(self.conn, file=str(file))
        with file.open("rb") as rows, into.cursor().copy(INTO) as copy:
            while block := rows.read(BLOCK):
                copy.write(block)
        return {row[0] for row in QUERIES.both_sides(self.conn)}

    def _chunks(self) -> list[list[str]]:
        size = max(1, BARS_AT_A_TIME // self.sessions)
        return [
            list(self.symbols[first : first + size])
            for first in range(0, len(self.symbols), size)
        ]

    def _bring(self, told: str) -> None:
        """Copy the columns that the points look at, and no point before did."""
        with self.database.connect("reader") as conn:
            for line in told.splitlines():
                model, *columns = line.split()
                if self.columns.get(model, set()) >= set(columns):
                    continue
                known = self.columns.setdefault(model, set())
                known.update(columns)
                self._copy(conn, model, sorted(known))

    def _copy(self, conn: Connection, model: str, columns: Sequence[str]) -> None:
        query = sql.SQL("select {} from {} where symbol = any({})").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.Identifier("intermediate", model),
            list(self.symbols),
        )
        described = conn.execute(sql.SQL("{} limit 0").format(query)).description or ()
        file = self.folder / "rows.csv"
        copied = sql.SQL("copy ({}) to stdout (format csv)").format(query)
        with file.open("wb") as rows, conn.cursor().copy(copied) as blocks:
            rows.writelines(blocks)
        self.conn.execute(f"drop table if exists intermediate.{model}")
        self.conn.read_csv(
            str(file),
            header=False,
            names=list(columns),
            dtype=[column.type_display for column in described],
        ).create(f"intermediate.{model}")
        file.unlink()
        if model == "int_bars":
            self.conn.execute(QUERIES.number_sessions.sql)


@contextmanager
def on_duckdb(
    settings: Settings, database: Database, symbols: Sequence[str], sessions: int
) -> Iterator[OnDuckDb]:
    """What evaluates points on DuckDB; it goes afterwards, with all it holds.

    Memory: DUCKDB_MEMORY (4GiB); the rest goes to the temporary folder.
    """
    import duckdb

    memory = os.environ.get("DUCKDB_MEMORY", "4GiB")
    with TemporaryDirectory(prefix="desk-") as name:
        try:
            conn = duckdb.connect(
                config={
                    "threads": settings.threads,
                    "memory_limit": memory,
                    "temp_directory": name,
                    "preserve_insertion_order": False,
                }
            )
        except duckdb.ParserException:
            reason = "must be a size, such as 4GiB"
            raise SettingError("DUCKDB_MEMORY", memory, reason) from None
        with conn:
            conn.execute(QUERIES.prepare.sql)
            try:
                yield OnDuckDb(database, conn, Path(name), symbols, sessions)
            except duckdb.OutOfMemoryException as full:
                reason = f"too little for the sweep: {str(full).splitlines()[0]}"
                raise SettingError("DUCKDB_MEMORY", memory, reason) from None
