"""The evaluation of a batch of points, on several connections at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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

Connection = psycopg.Connection[Any]
Step = Callable[[int], None]  # parts of the work done


def connect(database: Database, **options: Any) -> Connection:
    """A connection with a sweep's temporary tables; nothing of it stays."""
    conn = database.connect("dbt", autocommit=True, **options)
    QUERIES.prepare(conn)
    return conn


def parts_of(symbols: Sequence[str], points: int, threads: int) -> int:
    """How many steps `evaluate` reports."""
    curves = -(-points // POINTS_AT_A_TIME)
    return len(_chunks(symbols, threads)) + threads * curves


def _chunks(symbols: Sequence[str], threads: int) -> list[Sequence[str]]:
    size = min(SYMBOLS_AT_A_TIME, -(-len(symbols) // threads))
    return [symbols[first : first + size] for first in range(0, len(symbols), size)]


def evaluate(
    database: Database,
    into: Connection,
    statements: Statements,
    *,
    symbols: Sequence[str],
    points: int,
    sessions: int,
    threads: int,
    on_step: Step,
) -> set[int]:
    """Put the accounts of points 1 to `points` into `swept_curve` of `into`.

    Gives the points that would buy and sell on one bar; they have no accounts.
    """
    chunks: SimpleQueue[Sequence[str]] = SimpleQueue()
    for chunk in _chunks(symbols, threads):
        chunks.put(chunk)
    workers: list[Connection] = []

    def work() -> tuple[set[int], list[bytes]]:
        with connect(database) as conn:
            workers.append(conn)
            own = add_trades(conn, statements, chunks, on_step)
            QUERIES.add_series(conn, symbols=own, all_symbols=list(symbols))
            for first in range(1, points + 1, POINTS_AT_A_TIME):
                last = first + POINTS_AT_A_TIME - 1
                QUERIES.add_curve(
                    conn, first_point=first, last_point=last, sessions=sessions
                )
                on_step(1)
            refused = {row[0] for row in QUERIES.both_sides(conn)}
            with conn.cursor().copy("copy swept_curve to stdout (format binary)") as c:
                return refused, [bytes(block) for block in c]

    refused: set[int] = set()
    QUERIES.forget(into)
    with ThreadPoolExecutor(threads) as pool:
        try:
            for done in [pool.submit(work) for _ in range(threads)]:
                found, blocks = done.result()
                refused |= found
                with into.cursor().copy(
                    "copy swept_curve from stdin (format binary)"
                ) as c:
                    for block in blocks:
                        c.write(block)
        except BaseException:
            _stop(chunks, workers)
            raise
    return refused


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
