"""/strategies, /backtests."""

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from api.database import Connection, answer, fetch_all
from api.errors import documented
from api.formats import as_json, tabular
from api.openapi import Tabular
from api.routes.parameters import AccountQuery, StrategyPath
from api.schema.research import Backtest, EquityPoint, Metrics, StrategyCard, Trade


@get(
    "/strategies",
    tags=["research"],
    operation_class=Tabular,
    responses=documented(406),
)
async def strategies(
    request: Request[Any, Any, Any], state: State
) -> Response[list[StrategyCard]]:
    """Every strategy with its parameters and exits."""

    async def ask(conn: Connection) -> list[StrategyCard]:
        return await fetch_all(conn, "strategies", StrategyCard)

    found = await answer(state.pool, ask)
    return await tabular(request, found, StrategyCard, daily=True)


@get(
    "/backtests",
    tags=["research"],
    operation_class=Tabular,
    responses=documented(400, 406),
)
async def backtests(
    request: Request[Any, Any, Any], state: State
) -> Response[list[Metrics]]:
    """How each strategy did, in each symbol's account and in the portfolio."""

    async def ask(conn: Connection) -> list[Metrics]:
        return await fetch_all(conn, "metrics", Metrics, strategy=None, symbol=None)

    found = await answer(state.pool, ask)
    return await tabular(request, found, Metrics, daily=True)


@get(
    "/backtests/{strategy:str}",
    tags=["research"],
    responses=documented(400, 404),
)
async def backtest(
    request: Request[Any, Any, Any],
    state: State,
    strategy: StrategyPath,
    account: AccountQuery = "portfolio",
) -> Response[Backtest]:
    """A strategy's metrics, trades and equity in one account."""

    async def ask(conn: Connection) -> Backtest:
        metrics = await _metrics(conn, strategy, account)
        of = {"strategy": strategy, "symbol": account}
        return Backtest(
            metrics,
            await fetch_all(conn, "trades", Trade, **of),
            await fetch_all(conn, "equity", EquityPoint, **of),
        )

    return await as_json(request, await answer(state.pool, ask), daily=True)


@get(
    "/backtests/{strategy:str}/trades",
    tags=["research"],
    operation_class=Tabular,
    responses=documented(400, 404, 406),
)
async def trades(
    request: Request[Any, Any, Any],
    state: State,
    strategy: StrategyPath,
    account: AccountQuery = "portfolio",
) -> Response[list[Trade]]:
    """A strategy's closed trades in one account, oldest first."""

    async def ask(conn: Connection) -> list[Trade]:
        await _metrics(conn, strategy, account)
        return await fetch_all(conn, "trades", Trade, strategy=strategy, symbol=account)

    found = await answer(state.pool, ask)
    return await tabular(request, found, Trade, daily=True)


@get(
    "/backtests/{strategy:str}/equity",
    tags=["research"],
    operation_class=Tabular,
    responses=documented(400, 404, 406),
)
async def equity(
    request: Request[Any, Any, Any],
    state: State,
    strategy: StrategyPath,
    account: AccountQuery = "portfolio",
) -> Response[list[EquityPoint]]:
    """What a strategy's money was worth at each close, oldest first."""

    async def ask(conn: Connection) -> list[EquityPoint]:
        await _metrics(conn, strategy, account)
        return await fetch_all(
            conn, "equity", EquityPoint, strategy=strategy, symbol=account
        )

    found = await answer(state.pool, ask)
    return await tabular(request, found, EquityPoint, daily=True)


async def _metrics(conn: Connection, strategy: str, account: str) -> Metrics:
    found = await fetch_all(conn, "metrics", Metrics, strategy=strategy, symbol=account)
    if not found:
        raise NotFoundException(f"no backtest of {strategy} in {account}")
    return found[0]


handlers = [strategies, backtests, backtest, trades, equity]
