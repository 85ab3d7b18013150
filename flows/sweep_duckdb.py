"""The evaluation of a sweep's points on DuckDB, from a copy of the built bars."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiosql
from fsspec.implementations.local import LocalFileSystem
from psycopg import sql

from desk.database import Database
from desk.errors import SettingError
from desk.parquet import write_part
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
    models: set[str] = field(default_factory=set)

    def steps(self, _points: int) -> int:
        """How many steps `evaluate` reports."""
        return len(self._chunks())

    def evaluate(
        self, into: Connection, statements: Statements, _points: int, on_step: Step
    ) -> set[int]:
        """Put the accounts of all points into `swept_curve` of `into`.

        Gives the points that would buy and sell on one bar; they have no accounts.
        """
        self._bring(statements["models"].split())
        self.conn.execute(QUERIES.forget.sql)
        into.execute("truncate swept_curve")
        for symbols in self._chunks():
            self.conn.execute(statements["trades"], {"symbols": symbols})
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

    def _bring(self, models: Sequence[str]) -> None:
        """Copy what the points look at and no point before did."""
        with self.database.connect("reader") as conn:
            for model in models:
                if model in self.models:
                    continue
                file = self.folder / f"{model}.parquet"
                query = sql.SQL("select * from {} where symbol = any({})").format(
                    sql.Identifier("intermediate", model), list(self.symbols)
                )
                write_part(
                    conn,
                    query.as_string(conn),
                    LocalFileSystem(),
                    str(self.folder),
                    file.name,
                    hashlib.sha256(),
                )
                self.conn.read_parquet(str(file)).create(f"intermediate.{model}")
                file.unlink()
                self.models.add(model)
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
        except duckdb.Error as refused:
            raise SettingError("DUCKDB_MEMORY", memory, str(refused)) from None
        with conn:
            conn.execute(QUERIES.prepare.sql)
            yield OnDuckDb(database, conn, Path(name), symbols, sessions)
