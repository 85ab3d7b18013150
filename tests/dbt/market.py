"""Made-up markets through the backtest's own SQL, without the models before it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from desk.database import Database

Compiled = Mapping[str, str]  # model, in the order they depend on each other: SQL
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Costs:
    """The backtest's settings; in the order of dbt's variables."""

    commission_bps: float = 0
    slippage_bps: float = 0
    commission_per_share: float = 0
    commission_minimum: float = 0
    starting_cash: float = 10_000
    position_weight: float = 0.5
    max_positions: int = 2
    borrow_bps: float = 0
    whole_shares: bool = False


@dataclass(frozen=True)
class Bar:
    """As traded; `factor`: what the bar's splits and dividends multiply shares by."""

    symbol: str
    bar_date: date
    open: float
    high: float
    low: float
    close: float
    factor: float = 1.0


@dataclass(frozen=True)
class Exits:
    """What a strategy declares, in per cent and bars, and whether it goes short."""

    stop_loss_pct: float | None = None
    take_profit_pct: float | None = None
    trailing_stop_pct: float | None = None
    max_holding_bars: int | None = None
    has_shorts: bool = False


@dataclass(frozen=True)
class Market:
    """Bars in order of symbol and session, sides by (strategy, symbol, session)."""

    bars: Sequence[Bar]
    sides: Mapping[tuple[str, str, date], str]
    exits: Mapping[str, Exits] = field(default_factory=dict)


def compile_backtest(dbt: Any, costs: Costs) -> dict[str, str]:
    """The backtest's models as SQL, and the simulation as `simulation`."""
    flags = ("--vars", json.dumps(vars(costs)))
    manifest = dbt("parse", *flags)
    done = dbt("compile", "--select", "path:models/backtest", *flags, manifest=manifest)
    nodes = {
        node.name: node
        for node in (result.node for result in done.results)
        if node.resource_type == "model"
    }
    inline = dbt("compile", "--inline", "{{ create_simulation() }}", *flags)
    compiled = {"simulation": str(inline.results[0].node.compiled_code)}

    def add(name: str) -> None:
        if name in nodes and name not in compiled:
            for needed in nodes[name].depends_on.nodes:
                add(needed.split(".")[-1])
            local = re.sub(r'"desk_test_\w+"\.', "", nodes[name].compiled_code)
            compiled[name] = f'create table "{nodes[name].schema}".{name} as {local}'

    for name in nodes:
        add(name)
    return compiled


@contextmanager
def backtested(
    database: Database, compiled: Compiled, market: Market
) -> Iterator["Connection[dict[str, Any]]"]:
    """A connection on which the market is backtested; nothing of it stays."""
    with database.connect(row_factory=dict_row) as conn:
        _fill(conn, market)
        for statement in compiled.values():
            conn.execute(statement.encode())
        yield conn
        conn.rollback()


def _fill(conn: "Connection[dict[str, Any]]", market: Market) -> None:
    conn.execute(SCHEMA)
    numbers: dict[str, int] = {}
    factors: dict[str, float] = {}
    with conn.cursor() as cursor:
        for bar in market.bars:
            number = numbers[bar.symbol] = numbers.get(bar.symbol, 0) + 1
            factor = factors[bar.symbol] = factors.get(bar.symbol, 1.0) * bar.factor
            prices = (bar.open, bar.high, bar.low, bar.close)
            cursor.execute(
                "insert into intermediate.int_bars "
                "values (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    bar.symbol,
                    bar.bar_date,
                    number,
                    *(price * factor for price in prices),
                    factor,
                ),
            )
        cursor.execute(
            "insert into intermediate.int_symbols select distinct on (symbol) "
            "symbol, bar_number, bar_date, cumulative_factor "
            "from intermediate.int_bars order by symbol, bar_date desc"
        )
        for (strategy, symbol, day), side in market.sides.items():
            cursor.execute(
                "insert into marts.signals values (%s, %s, %s, %s, %s)",
                [f"{strategy}|{symbol}|{day}", strategy, symbol, day, side],
            )
        for strategy, exits in market.exits.items():
            cursor.execute(
                "insert into intermediate.int_strategies "
                "values (%s, %s, %s, %s, %s, %s)",
                [strategy, *vars(exits).values()],
            )


SCHEMA = """
create table intermediate.int_bars (
    symbol text, bar_date date, bar_number bigint, open float8, high float8,
    low float8, close float8, cumulative_factor float8,
    primary key (symbol, bar_date)
);
create table intermediate.int_symbols (
    symbol text, bars bigint, last_bar_date date, cumulative_factor float8
);
create table intermediate.int_strategies (
    strategy text, stop_loss_pct float8, take_profit_pct float8,
    trailing_stop_pct float8, max_holding_bars bigint, has_shorts boolean
);
create table marts.signals (
    signal_key text, strategy text, symbol text, bar_date date, side text
);
create aggregate intermediate.product(float8) (
    sfunc = float8mul, stype = float8, initcond = '1'
)
"""


def rows(conn: "Connection[dict[str, Any]]", query: str) -> Rows:
    return conn.execute(query.encode()).fetchall()
