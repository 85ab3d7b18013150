"""Typed rows for the API: a pool of the reader's connections, with a deadline."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import AsyncRowFactory, RowMaker, class_row, scalar_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from desk.database import Database

Row = TypeVar("Row")
Result = TypeVar("Result")
Connection = AsyncConnection[Any]
Pool = AsyncConnectionPool[Connection]

ANSWER_SECONDS = 1.8
LARGEST_POOL = 8
# A network that swallows packets is noticed in seconds, not in a quarter hour.
CONNECTION: Mapping[str, Any] = {"autocommit": True, "tcp_user_timeout": 10_000}


class DatabaseAwayError(Exception):
    """The database gave no answer in time; asking again later may help."""


class NotBuiltError(Exception):
    """A table is missing: the desk has not built it yet."""


@cache
def statement(name: str) -> str:
    """The text of `api/sql/<name>.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


def reader_pool(database: Database) -> Pool:
    """A pool, not yet open, of connections with the reader's rights."""
    return AsyncConnectionPool(
        database.conninfo("reader"),
        min_size=1,
        max_size=LARGEST_POOL,
        open=False,
        timeout=ANSWER_SECONDS,
        # No waiting in the background: the next request tries again at once.
        reconnect_timeout=0,
        configure=prepare_reader,
        kwargs=dict(CONNECTION),
    )


async def prepare_reader(conn: Connection) -> None:
    """Nothing is written, and no query outlives the request that waits for it."""
    await prepare_connection(conn)
    await conn.execute("set default_transaction_read_only to on")
    await conn.execute(f"set statement_timeout to {round(ANSWER_SECONDS * 1000)}")


async def prepare_connection(conn: Connection) -> None:
    """Times in UTC; JSON is passed on as the database has it."""
    set_json_loads(msgspec.Raw, conn)
    await conn.execute("set timezone to 'UTC'")


async def fetch_all(
    conn: Connection, name: str, row: type[Row], **parameters: Any
) -> list[Row]:
    """The rows of a statement of `api/sql`, as structs."""
    async with conn.cursor(row_factory=made_of(row), binary=True) as cursor:
        await cursor.execute(statement(name), parameters)
        return await cursor.fetchall()


def made_of(row: type[Row]) -> AsyncRowFactory[Row]:
    """Rows as structs; by position, at half the cost, where the columns' order is
    that of the fields."""

    def maker(cursor: AsyncCursor[Any]) -> RowMaker[Row]:
        names = tuple(column.name for column in cursor.description or ())
        if names == getattr(row, "__struct_fields__", None):
            return lambda values: row(*values)
        return class_row(row)(cursor)

    return maker


async def fetch_value(conn: Connection, name: str, **parameters: Any) -> Any:
    """The one value of a statement of `api/sql`; None without a row."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(statement(name), parameters)
        return await cursor.fetchone()


async def answer(
    pool: Pool, ask: Callable[[Connection], Coroutine[Any, Any, Result]]
) -> Result:
    """What `ask` finds on a connection of the pool, within 2 seconds.

    `ask` only reads: when its connection turns out to be lost it is asked once more.
    Raises `DatabaseAwayError`, or `NotBuiltError` when dbt's tables are missing.
    """

    async def asked() -> Result:
        try:
            return await _asked_once(pool, ask)
        except (psycopg.errors.QueryCanceled, PoolTimeout):
            raise
        except psycopg.OperationalError:
            await pool.check()
            return await _asked_once(pool, ask)

    return await in_time(asked())


async def in_time(asking: Coroutine[Any, Any, Result]) -> Result:
    """Its result; `DatabaseAwayError` when the database doesn't answer in time."""
    # Not asyncio.timeout: cancelling would wait for a server that hangs.
    task = asyncio.create_task(asking)
    await asyncio.wait({task}, timeout=ANSWER_SECONDS)
    if not task.done():
        task.cancel()
        raise DatabaseAwayError("no answer in time")
    try:
        return task.result()
    except (PoolTimeout, psycopg.OperationalError) as lost:
        raise DatabaseAwayError(" ".join(str(lost).split())) from lost
    except psycopg.errors.UndefinedTable as missing:
        raise NotBuiltError(str(missing).splitlines()[0]) from missing


async def _asked_once(
    pool: Pool, ask: Callable[[Connection], Coroutine[Any, Any, Result]]
) -> Result:
    async with pool.connection() as conn:
        return await ask(conn)
