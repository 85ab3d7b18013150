"""/bars, /indicators, /symbols, /runs."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter
from psycopg.rows import scalar_row
from psycopg.sql import SQL, Identifier

from api.database import Connection, answer, fetch_all, statement
from api.errors import documented
from api.formats import tabular
from api.openapi import Tabular
from api.routes.parameters import (
    FirstDate,
    LastDate,
    Limit,
    SymbolPath,
    check_symbol,
)
from api.schema.market import Bar, Indicators, Run, SymbolHealth
from desk.calendar import desk_now

Columns = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$",
        max_length=2_000,
        description="Columns, separated by commas, such as rsi_14,sma_50; all without.",
    ),
]


@get(
    "/bars/{symbol:str}",
    tags=["market"],
    operation_class=Tabular,
    responses=documented(400, 404, 406),
)
async def bars(
    request: Request[Any, Any, Any],
    state: State,
    symbol: SymbolPath,
    first_date: FirstDate = date.min,
    last_date: LastDate = date.max,
) -> Response[list[Bar]]:
    """A symbol's daily bars, oldest first."""

    async def ask(conn: Connection) -> list[Bar]:
        await check_symbol(conn, symbol)
        return await fetch_all(
            conn,
            "bars",
            Bar,
            symbol=symbol,
            first_date=first_date,
            last_date=last_date,
        )

    found = await answer(state.pool, ask)
    return await tabular(request, found, Bar, daily=True)


@get(
    "/indicators/{symbol:str}",
    tags=["market"],
    operation_class=Tabular,
    responses=documented(400, 404, 406),
)
async def indicators(
    request: Request[Any, Any, Any],
    state: State,
    symbol: SymbolPath,
    columns: Columns = None,
    first_date: FirstDate = date.min,
    last_date: LastDate = date.max,
) -> Response[list[Indicators]]:
    """A symbol's indicators, oldest session first; as a table, a column each."""

    async def ask(conn: Connection) -> list[Indicators]:
        await check_symbol(conn, symbol)
        chosen = await _columns(conn, columns)
        query = SQL(statement("indicators")).format(
            SQL(",\n    ").join(Identifier(column) for column in chosen)
        )

        def row(values: Sequence[Any]) -> Indicators:
            return Indicators(
                values[0], values[1], dict(zip(chosen, values[2:], strict=True))
            )

        async with conn.cursor(row_factory=lambda _: row) as cursor:
            await cursor.execute(
                query,
                {"symbol": symbol, "first_date": first_date, "last_date": last_date},
            )
            return await cursor.fetchall()

    found = await answer(state.pool, ask)
    return await tabular(request, found, Indicators, daily=True)


async def _columns(conn: Connection, asked: str | None) -> list[str]:
    """Columns that exist, in the order asked for; 404 for one that doesn't."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(statement("indicator_columns"))
        known = await cursor.fetchall()
    if asked is None:
        return known
    chosen = list(dict.fromkeys(asked.split(",")))
    for column in chosen:
        if column not in known:
            raise NotFoundException(f"no indicator {column}")
    return chosen


@get(
    "/symbols",
    tags=["market"],
    operation_class=Tabular,
    responses=documented(406),
)
async def symbols(
    request: Request[Any, Any, Any], state: State
) -> Response[list[SymbolHealth]]:
    """Every symbol with bars, how far they reach, and what is wrong with them."""

    async def ask(conn: Connection) -> list[SymbolHealth]:
        return await fetch_all(
            conn, "symbols", SymbolHealth, now=desk_now(state.settings)
        )

    found = await answer(state.pool, ask)
    return await tabular(request, found, SymbolHealth, daily=True)


@get("/runs", tags=["market"], operation_class=Tabular, responses=documented(400, 406))
async def runs(
    request: Request[Any, Any, Any], state: State, limit: Limit = 50
) -> Response[list[Run]]:
    """Loads of prices, newest first."""

    async def ask(conn: Connection) -> list[Run]:
        return await fetch_all(conn, "runs", Run, limit=limit)

    return await tabular(request, await answer(state.pool, ask), Run)


handlers = [bars, indicators, symbols, runs]
