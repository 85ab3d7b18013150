"""Typed rows for the API: a pool of the reader's connections, with a deadline."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from desk.database import Database

Row = TypeVar("Row")
Result = TypeVar("Result")
Pool = AsyncConnectionPool[AsyncConnection[Any]]

ANSWER_SECONDS = 1.8
LARGEST_POOL = 8
# A network that swallows packets is noticed in seconds, not in a quarter hour.
CONNECTION: Mapping[str, Any] = {"autocommit": True, "tcp_user_timeout": 10_000}


class DatabaseAwayError(Exception):
    """The database gave no answer in time; asking again later may help."""


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
        check=AsyncConnectionPool.check_connection,
        configure=prepare_connection,
        kwargs=dict(CONNECTION),
    )


async def prepare_connection(conn: AsyncConnection[Any]) -> None:
    """Times in UTC, JSON read by msgspec."""
    set_json_loads(msgspec.json.decode, conn)
    await conn.execute("set timezone to 'UTC'")


async def fetch_all(
    conn: AsyncConnection[Any], name: str, row: type[Row], **parameters: Any
) -> list[Row]:
    """The rows of a statement of `api/sql`, as structs."""
    async with conn.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(statement(name), parameters)
        return await cursor.fetchall()


async def fetch_value(conn: AsyncConnection[Any], name: str) -> Any:
    """The one value of a statement of `api/sql`."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(statement(name))
        return await cursor.fetchone()


async def answer(
    pool: Pool, ask: Callable[[AsyncConnection[Any]], Coroutine[Any, Any, Result]]
) -> Result:
    """What `ask` finds on a connection of the pool; `DatabaseAwayError` within 2 s."""

    async def asked() -> Result:
        async with pool.connection() as conn:
            return await ask(conn)

    # Not asyncio.timeout: cancelling would wait for a server that hangs.
    task = asyncio.create_task(asked())
    await asyncio.wait({task}, timeout=ANSWER_SECONDS)
    if not task.done():
        task.cancel()
        raise DatabaseAwayError("no answer in time")
    try:
        return task.result()
    except (PoolTimeout, psycopg.OperationalError) as lost:
        raise DatabaseAwayError(str(lost)) from lost
