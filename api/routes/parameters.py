"""Parameters that several routes take."""

from datetime import date
from typing import Annotated, Literal

from litestar.exceptions import NotFoundException
from litestar.params import PathParameter, QueryParameter

from api.database import Connection, fetch_value

LARGEST_NUMBER = 2**53 - 1  # that JSON keeps exactly
# What a ticker or a strategy may look like; what exists is looked up.
SYMBOL = r"^[A-Za-z0-9.^=_-]{1,32}$"
STRATEGY = r"^[a-z][a-z0-9_]{0,62}$"

SymbolPath = Annotated[
    str, PathParameter(pattern=SYMBOL, description="Ticker, such as AAPL.")
]
StrategyPath = Annotated[
    str, PathParameter(pattern=STRATEGY, description="Such as sma_cross.")
]
SymbolQuery = Annotated[
    str | None, QueryParameter(pattern=SYMBOL, description="Of this symbol only.")
]
StrategyQuery = Annotated[
    str | None,
    QueryParameter(pattern=STRATEGY, description="Of this strategy only."),
]
SideQuery = Annotated[
    Literal["buy", "sell"] | None, QueryParameter(description="This side only.")
]
FirstDate = Annotated[
    date, QueryParameter(name="from", description="First session (YYYY-MM-DD).")
]
LastDate = Annotated[
    date, QueryParameter(name="to", description="Last session (YYYY-MM-DD).")
]
Limit = Annotated[int, QueryParameter(ge=1, le=500, description="How many, at most.")]
Cursor = Annotated[
    int,
    QueryParameter(
        ge=1,
        le=LARGEST_NUMBER,
        description="next_cursor of the page before; without it, the newest.",
    ),
]
AccountQuery = Annotated[
    str,
    QueryParameter(
        name="symbol",
        pattern=SYMBOL,
        description="The account of this symbol, or portfolio: all share the cash.",
    ),
]


async def check_symbol(conn: Connection, symbol: str | None) -> None:
    """404 for a symbol of which there is nothing."""
    if symbol is not None and not await fetch_value(
        conn, "known_symbol", symbol=symbol
    ):
        raise NotFoundException(f"no symbol {symbol}")


async def check_strategy(conn: Connection, strategy: str | None) -> None:
    """404 for a strategy that is neither declared nor ever published a signal."""
    if strategy is None or await fetch_value(
        conn, "published_strategy", strategy=strategy
    ):
        return
    if not await fetch_value(conn, "declared_strategy", strategy=strategy):
        raise NotFoundException(f"no strategy {strategy}")
