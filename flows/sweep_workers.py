"""The evaluation of a batch of points on Postgres, on several connections at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import aiosql
import psycopg

from desk.database import Database
from flows.sweep_statements import Statements

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "sweep.sql", "psycopg")
SYMBOLS_AT_A_TIME = 25
POINTS_AT_A_TIME = 25
OUT_OF = b"copy swept_curve to stdout (format binary)"
INTO = b"copy swept_curve from stdin (format binary)"

Connection = psycopg.Connection[Any]
Step = Callable[[int], None]  # parts of the work done


@dataclass(frozen=True, slots=True)
class OnPostgres:
    """Several connections to the desk's own database, which share the symbols."""

    database: Database
    symbols: Sequence[str]
    sessions: int
    threads: int

    def steps(self, points: int) -> int:
        """How many steps `evaluate` reports."""
        curves = -(-points // POINTS_AT_A_TIME)
        return len(self._chunks()) + self.threads * curves

    def _chunks(self) -> list[Sequence[str]]:
        size = min(SYMBOLS_AT_A_TIME, -(-len(self.symbols) // self.threads))
        return [
            self.symbols[first : first + size]
            for first in range(0, len(self.symbols), size)
        ]

    def evaluate(
        self, into: Connection, statements: Statements, points: int, on_step: Step
    ) -> set[int]:
        """Put the accounts of points 1 to `points` into `swept_curve` of `into`.

        Gives the points that would buy and sell on one bar; they have no accounts.
        """
        chunks: SimpleQueue[Sequence[str]] = SimpleQueue()
        for chunk in self._chunks():
            chunks.put(chunk)
        workers: list[Connection] = []

        def work() -> tuple[set[int], list[bytes]]:
            with connect(self.database) as conn:
                workers.append(conn)
                own = add_trades(conn, statements, chunks, on_step)
                QUERIES.add_series(conn, symbols=own, all_symbols=list(self.symbols))
                for first in range(1, points + 1, POINTS_AT_A_TIME):
                    QUERIES.add_curve(
                        conn,
                        first_point=first,
                        last_point=first + POINTS_AT_A_TIME - 1,
                        sessions=self.sessions,
                    )
                    on_step(1)
                refused = {row[0] for row in QUERIES.both_sides(conn)}
                with conn.cursor().copy(OUT_OF) as blocks:
                    return refused, [bytes(block) for block in blocks]

        refused: set[int] = set()
        QUERIES.forget(into)
        with ThreadPoolExecutor(self.threads) as pool:
            try:
                for done in [pool.submit(work) for _ in range(self.threads)]:
                    found, blocks = done.result()
                    refused |= found
                    with into.cursor().copy(INTO) as copy:
                        for block in blocks:
                            copy.write(block)
            except BaseException:
                _stop(chunks, workers)
                raise
        return refused


def connect(database: Database, **options: Any) -> Connection:
    """A connection with a sweep's temporary tables; nothing of it stays."""
    conn = database.connect("dbt", autocommit=True, **options)
    QUERIES.prepare(conn)
    return conn


def add_trades(
    conn: Connection,
    statements: Statements,
    chunks: "SimpleQueue[Sequence[str]]",
    on_step: Step,
) -> list[str]:
    """Trade whatever symbols are left to do; gives those it took."""
    conn.execute(statements["first_of_each_run"].encode())
    conn.execute(statements["account_trades"].encode())
    own: list[str] = []
    with suppress(Empty):
        while True:
            symbols = list(chunks.get_nowait())
            conn.execute(statements["trades"].encode(), {"symbols": symbols})
            own += symbols
            on_step(1)
    return own


def _stop(chunks: "SimpleQueue[Sequence[str]]", workers: Sequence[Connection]) -> None:
    with suppress(Empty):
        while True:
            chunks.get_nowait()
    for conn in workers:
        if not conn.closed:
            conn.cancel_safe()
