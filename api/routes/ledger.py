"""/orders, /positions, /account; /halt and /resume."""

from typing import Annotated, Any

import structlog
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException
from litestar.params import JSONBody, QueryParameter
from psycopg import AsyncConnection

from api.database import (
    CONNECTION,
    Connection,
    answer,
    fetch_all,
    fetch_value,
    in_time,
)
from api.errors import documented
from api.formats import as_json, paged, tabular
from api.openapi import Tabular
from api.routes.parameters import (
    LARGEST_NUMBER,
    Cursor,
    Limit,
    StrategyQuery,
    SymbolQuery,
    check_strategy,
    check_symbol,
)
from api.schema.ledger import (
    AccountEquity,
    AccountState,
    Control,
    Halt,
    Order,
    OrderPage,
    OrderState,
    Position,
)
from desk.calendar import desk_now

StateQuery = Annotated[
    OrderState | None, QueryParameter(name="state", description="In this state only.")
]
Sessions = Annotated[
    int, QueryParameter(ge=1, le=500, description="How many sessions, at most.")
]

log = structlog.get_logger()


@get(
    "/orders",
    tags=["ledger"],
    operation_class=Tabular,
    responses=documented(400, 404, 406),
)
async def orders(
    request: Request[Any, Any, Any],
    state: State,
    symbol: SymbolQuery = None,
    strategy: StrategyQuery = None,
    order_state: StateQuery = None,
    limit: Limit = 100,
    cursor: Cursor = LARGEST_NUMBER,
) -> Response[OrderPage]:
    """Decided signals, newest first, page by page: orders, or why there are none.

    As a table, the next page's cursor is in the header X-Next-Cursor.
    """

    async def ask(conn: Connection) -> list[Order]:
        await check_symbol(conn, symbol)
        await check_strategy(conn, strategy)
        return await fetch_all(
            conn,
            "find_orders",
            Order,
            symbol=symbol,
            strategy=strategy,
            state=order_state,
            limit=limit,
            cursor=cursor,
        )

    found = await answer(state.pool, ask)
    next_cursor = found[-1].order_id if len(found) == limit else None
    return await paged(
        request, OrderPage(found, next_cursor), found, Order, next_cursor
    )


@get("/positions", tags=["ledger"], operation_class=Tabular, responses=documented(406))
async def positions(
    request: Request[Any, Any, Any], state: State
) -> Response[list[Position]]:
    """What each account holds after its last session."""

    async def ask(conn: Connection) -> list[Position]:
        return await fetch_all(conn, "positions", Position)

    return await tabular(request, await answer(state.pool, ask), Position)


@get("/account", tags=["ledger"], responses=documented())
async def account(
    request: Request[Any, Any, Any], state: State
) -> Response[AccountState]:
    """Each account's money after its last session, and the kill switch."""

    async def ask(conn: Connection) -> AccountState:
        (control,) = await fetch_all(conn, "control", Control)
        return AccountState(control, await fetch_all(conn, "account", AccountEquity))

    return await as_json(request, await answer(state.pool, ask))


@get(
    "/account/equity",
    tags=["ledger"],
    operation_class=Tabular,
    responses=documented(400, 406),
)
async def account_equity(
    request: Request[Any, Any, Any], state: State, sessions: Sessions = 60
) -> Response[list[AccountEquity]]:
    """What each account was worth at the last sessions' closes, newest first."""

    async def ask(conn: Connection) -> list[AccountEquity]:
        return await fetch_all(conn, "account_equity", AccountEquity, sessions=sessions)

    return await tabular(request, await answer(state.pool, ask), AccountEquity)


class Asked(Request[Any, Any, Any]):
    """A request whose body is parsed as deep as Python goes; beyond that is 400."""

    async def json(self) -> Any:
        """The body, parsed."""
        try:
            return await super().json()
        except RecursionError:
            raise ClientException("the body is nested too deeply") from None


@post(
    "/halt",
    tags=["ledger"],
    status_code=200,
    responses=documented(400, 403, 413),
    request_class=Asked,
)
async def halt(
    request: Request[Any, Any, Any], state: State, data: JSONBody[Halt]
) -> Response[Control]:
    """Send no more orders, or none that open a position; works at once.

    What halted everything before keeps its reason. Orders at the broker stay there.
    """
    return await _control(request, state, "halt", kill=data.scope, reason=data.reason)


@post("/resume", tags=["ledger"], status_code=200, responses=documented(403))
async def resume(request: Request[Any, Any, Any], state: State) -> Response[Control]:
    """Send orders again.

    If the desk halted itself over orders that the ledger doesn't know: says that
    you have looked at them.
    """
    return await _control(request, state, "resume", now=desk_now(state.settings))


async def _control(
    request: Request[Any, Any, Any], state: State, name: str, **parameters: Any
) -> Response[Control]:
    async def ask() -> Control:
        # A connection of its own: the pool's may only read.
        async with await AsyncConnection.connect(
            state.control_conninfo, **CONNECTION
        ) as conn:
            await fetch_value(conn, name, **parameters)
            (control,) = await fetch_all(conn, "control", Control)
            return control

    control = await in_time(ask())
    log.warning("control_used", name=name, key=request.auth.name, kill=control.kill)
    return await as_json(request, control)


handlers = [orders, positions, account, account_equity]
control_handlers = [halt, resume]
