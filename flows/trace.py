"""Trace: where an order or a signal came from, as `marts.lineage` tells it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiosql
import psycopg
from psycopg.rows import dict_row
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from desk.database import Database
from desk.errors import DeskError

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "trace.sql", "psycopg")

Row = Mapping[str, Any]


def read_trace(database: Database, wanted: str) -> Sequence[Row]:
    """Rows of `marts.lineage` of a signal key or of an order's id, client order id or
    broker order id: one per account with an order.

    Raises `DeskError` when there is no such thing, or nothing is built.
    """
    with database.connect("reader", row_factory=dict_row) as conn:
        conn.read_only = True
        try:
            rows = list(QUERIES.trace(conn, wanted=wanted))
        except psycopg.errors.UndefinedTable:
            raise DeskError("nothing is built yet: run `desk build` first") from None
    if not rows:
        raise DeskError(
            f"no order or published signal is called {wanted}: give an order's id, "
            "client order id or broker order id, or a signal key "
            "(strategy|symbol|date); `desk orders` lists them"
        )
    return rows


def render_trace(rows: Sequence[Row]) -> RenderableType:
    """Each order's way back to the code, a line a step."""
    return Group(*(_steps(row) for row in rows))


def _steps(row: Row) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for step, told in (
        ("order", _order(row)),
        ("signal", f"{row['signal_key']}, {row['side']}, published "
                   f"{_moment(row['published_at'])}"),
        ("", f"{row['sentence']} (strategy version {row['strategy_version']})"),
        ("indicators", _indicators(row)),
        ("bar", _bar(row)),
        ("load", _load(row)),
        ("code", row["code_version"] or "not recorded"),
    ):  # fmt: skip
        table.add_row(step, Text(told))
    return table


def _order(row: Row) -> str:
    if row["order_id"] is None:
        return "none yet"
    told = f"{row['order_id']} on {row['account_id']}, {row['order_state']}"
    if row["filled_qty"]:
        filled = f"{row['filled_qty'].normalize():,f}"
        told += f", filled {filled} at {row['filled_avg_price']:,.2f}"
    broker = f", at the broker {row['broker_order_id']}" * bool(row["broker_order_id"])
    return f"{told}; {row['client_order_id']}{broker}"


def _indicators(row: Row) -> str:
    values = row["indicators"]
    if values is None:
        return "not calculated"
    return ", ".join(
        f"{name} {value:.6g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in sorted(values.items())
        if value is not None
    )


def _bar(row: Row) -> str:
    if row["bar_close"] is None:
        return f"{row['symbol']} {row['bar_date']} is no longer there"
    prices = ", ".join(
        f"{name} {row[f'bar_{name}']:,.6g}" for name in ("open", "high", "low", "close")
    )
    superseded = row["bar_superseded_at"]
    corrected = f", corrected {_moment(superseded)}" if superseded else ""
    return (
        f"{row['symbol']} {row['bar_date']}: {prices}, volume {row['bar_volume']:,.0f}"
        f"; known since {_moment(row['bar_known_at'])}{corrected}"
    )


def _load(row: Row) -> str:
    if row["bar_run_id"] is None:
        return f"not recorded; {row['published_run_id']} was the last when published"
    return (
        f"{row['bar_run_id']} from {row['bar_source']}, "
        f"started {_moment(row['bar_run_started_at'])}"
    )


def _moment(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}"
