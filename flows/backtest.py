"""What `desk backtest` tells: for people, for machines, and as a picture."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

import aiosql
from psycopg.rows import dict_row
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from desk.database import Database
from desk.errors import DeskError
from flows.summary import strategies_table

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "backtest.sql", "psycopg")
SHOWN_TRADES = 10
BENCHMARK = "buy_and_hold"
PROBABILITIES = (
    "PSR: probability that the true Sharpe ratio is above 0. DSR: that it is above "
    "what the best of all configurations in the trial ledger would show by chance."
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Rows of the portfolios: metrics, closed trades, equity by session."""

    metrics: Sequence[Row]
    trades: Sequence[Row]
    curves: Sequence[Row]


def read_backtest(database: Database) -> Backtest:
    """The last build's backtest, read with the reader's rights."""
    with database.connect("reader", row_factory=dict_row) as conn:
        conn.read_only = True
        return Backtest(
            metrics=list(QUERIES.metrics(conn)),
            trades=list(QUERIES.trades(conn)),
            curves=list(QUERIES.curves(conn)),
        )


def selected(backtest: Backtest, strategies: Sequence[str]) -> Backtest:
    """Those strategies only, and buy and hold. Raises `DeskError` on an unknown one."""
    known = [row["strategy"] for row in backtest.metrics]
    for name in strategies:
        if name not in known:
            raise DeskError(
                f"there is no strategy {name}; known are {', '.join(sorted(known))}"
            )
    kept = {*strategies, BENCHMARK}
    return Backtest(
        *(
            [row for row in rows if row["strategy"] in kept]
            for rows in (backtest.metrics, backtest.trades, backtest.curves)
        )
    )


def render_backtest(backtest: Backtest, *, all_trades: bool) -> RenderableType:
    """Strategies against buy and hold, then each strategy's trades."""
    parts: list[RenderableType] = [
        Text("Strategies, all symbols sharing the cash, against buy and hold", "bold"),
        strategies_table(backtest.metrics),
        Text(PROBABILITIES, "dim"),
    ]
    for strategy, group in groupby(backtest.trades, lambda row: row["strategy"]):
        trades = list(group)
        shown = trades if all_trades else trades[-SHOWN_TRADES:]
        told = f"\n{strategy.replace('_', ' ')}: {len(trades):,} trades"
        more = "" if len(shown) == len(trades) else f", the last {len(shown)}"
        parts += [Text(told + more, "bold"), Padding(_trades(shown), (0, 0, 0, 2))]
    return Group(*parts)


def _trades(trades: Sequence[Row]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("symbol", "side", "entered", "left", "because of"):
        table.add_column(name, no_wrap=True)
    for name in ("shares", "at", "left at", "pnl", "return"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in trades:
        table.add_row(
            row["symbol"],
            row["side"],
            str(row["entry_date"]),
            str(row["exit_date"]),
            row["exit_reason"].replace("_", " "),
            f"{row['qty']:,.2f}",
            f"{row['entry_price']:,.2f}",
            f"{row['exit_price']:,.2f}",
            f"{row['pnl']:+,.2f}",
            f"{row['trade_return']:+.1%}",
        )
    return table


def write_json(backtest: Backtest, out: TextIO) -> None:
    """Metrics, trades and curves as one JSON object."""
    told = {
        "metrics": backtest.metrics,
        "trades": backtest.trades,
        "curves": backtest.curves,
    }
    json.dump(told, out, default=str)
    out.write("\n")


def write_csv(backtest: Backtest, out: TextIO) -> None:
    """The metrics, one line per strategy."""
    writer = csv.writer(out)
    for number, row in enumerate(backtest.metrics):
        if number == 0:
            writer.writerow(row.keys())
        writer.writerow(row.values())
