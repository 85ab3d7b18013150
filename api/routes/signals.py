"""/latest, /signals, /near-misses."""

from datetime import date
from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import PathParameter, QueryParameter

from api.database import (
    Connection,
    answer,
    fetch_all,
    fetch_value,
    statement,
)
from api.errors import documented
from api.formats import as_json, paged, tabular
from api.openapi import Tabular
from api.routes.parameters import (
    LARGEST_NUMBER,
    FirstDate,
    LastDate,
    Limit,
    SideQuery,
    StrategyQuery,
    SymbolQuery,
    check_strategy,
    check_symbol,
)
from api.schema.ledger import Fill, Order, OrderStep
from api.schema.market import Bar
from api.schema.signals import Latest, NearMiss, Signal, SignalPage, SignalStory

Executed = Annotated[
    Literal[
        "true",
        "false",
        "blocked",
        "submitting",
        "open",
        "partially_filled",
        "filled",
        "canceled",
        "expired",
        "rejected",
        "abandoned",
    ]
    | None,
    QueryParameter(
        description="true: its newest order filled, at least in part; false: nothing "
        "did; or that order's state."
    ),
]
KEY = r"^[a-z][a-z0-9_]{0,62}\|[A-Za-z0-9.^=_-]{1,32}\|[0-9]{4}-[0-9]{2}-[0-9]{2}$"
SignalKeyPath = Annotated[
    str, PathParameter(pattern=KEY, description="strategy|symbol|bar_date.")
]
SignalCursor = Annotated[
    str | None,
    QueryParameter(
        pattern=KEY, description="next_cursor of the page before; else the newest."
    ),
]


@get("/latest", tags=["signals"], responses=documented(400))
async def latest(
    request: Request[Any, Any, Any], state: State, limit: Limit = 50
) -> Response[Latest]:
    """The newest published signals, with why, and what became of them."""

    async def ask(conn: Connection) -> Latest:
        async with conn.cursor(binary=True) as cursor:
            await cursor.execute(statement("latest"), {"limit": limit})
            rows = await cursor.fetchall()
        signals = [Signal(*row[2:]) for row in rows if row[2] is not None]
        return Latest(rows[0][0], rows[0][1], signals)

    return await as_json(request, await answer(state.pool, ask))


@get(
    "/signals",
    tags=["signals"],
    operation_class=Tabular,
    responses=documented(400, 404, 406),
)
async def signals(
    request: Request[Any, Any, Any],
    state: State,
    symbol: SymbolQuery = None,
    strategy: StrategyQuery = None,
    side: SideQuery = None,
    first_date: FirstDate = date.min,
    last_date: LastDate = date.max,
    executed: Executed = None,
    limit: Limit = 100,
    cursor: SignalCursor = None,
) -> Response[SignalPage]:
    """Published signals, newest first, page by page.

    As a table, the next page's cursor is in the header X-Next-Cursor.
    """

    async def ask(conn: Connection) -> list[Signal]:
        await check_symbol(conn, symbol)
        await check_strategy(conn, strategy)
        return await fetch_all(
            conn,
            "find_signals",
            Signal,
            symbol=symbol,
            strategy=strategy,
            side=side,
            first_date=first_date,
            last_date=last_date,
            executed=executed,
            before=await _sequence_of(conn, cursor),
            limit=limit,
        )

    found = await answer(state.pool, ask)
    next_cursor = found[-1].signal_key if len(found) == limit else None
    page = SignalPage(found, next_cursor)
    return await paged(request, page, found, Signal, next_cursor)


@get("/signals/{signal_key:str}", tags=["signals"], responses=documented(400, 404))
async def signal(
    request: Request[Any, Any, Any], state: State, signal_key: SignalKeyPath
) -> Response[SignalStory]:
    """The whole story of one signal: bars, indicators, rule, orders, fills."""

    async def ask(conn: Connection) -> SignalStory:
        found = await fetch_all(conn, "signal", Signal, signal_key=signal_key)
        if not found:
            raise NotFoundException(f"no signal {signal_key}")
        at = {"symbol": found[0].symbol, "bar_date": found[0].bar_date}
        by = {"signal_key": signal_key}
        return SignalStory(
            found[0],
            await fetch_all(conn, "signal_bars", Bar, **at),
            await fetch_value(conn, "signal_indicators", **at) or {},
            await fetch_all(conn, "signal_orders", Order, **by),
            await fetch_all(conn, "signal_steps", OrderStep, **by),
            await fetch_all(conn, "signal_fills", Fill, **by),
        )

    return await as_json(request, await answer(state.pool, ask))


@get(
    "/near-misses",
    tags=["signals"],
    operation_class=Tabular,
    responses=documented(400, 404, 406),
)
async def near_misses(
    request: Request[Any, Any, Any],
    state: State,
    symbol: SymbolQuery = None,
    strategy: StrategyQuery = None,
    side: SideQuery = None,
) -> Response[list[NearMiss]]:
    """What each symbol's last bar lacked for a signal, the nearest first."""

    async def ask(conn: Connection) -> list[NearMiss]:
        await check_symbol(conn, symbol)
        await check_strategy(conn, strategy)
        return await fetch_all(
            conn, "near_misses", NearMiss, symbol=symbol, strategy=strategy, side=side
        )

    found = await answer(state.pool, ask)
    return await tabular(request, found, NearMiss, daily=True)


async def _sequence_of(conn: Connection, cursor: str | None) -> int:
    if cursor is None:
        return LARGEST_NUMBER
    sequence: int | None = await fetch_value(conn, "cursor", signal_key=cursor)
    if sequence is None:
        raise NotFoundException(f"no signal {cursor}")
    return sequence


handlers = [latest, signals, signal, near_misses]
