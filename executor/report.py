"""What became of signals: orders, one order's story, slippage; for a terminal."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from desk.database import Database
from executor.execute import PassReport
from executor.statements import text_of

Row = Mapping[str, Any]
NEWEST = 40


def find_orders(database: Database, wanted: str | None) -> Sequence[Row]:
    """The newest decided signals, or those with an id, key, symbol or state."""
    return _rows(database, "find_orders", wanted=wanted, newest=NEWEST)


def orders_table(rows: Sequence[Row]) -> RenderableType:
    """Decided signals, newest first."""
    table = _table("id", "signal", "side", "qty", "state", "sent", "filled", "at", "")
    for row in rows:
        table.add_row(
            str(row["id"]),
            row["signal_key"],
            row["side"],
            _number(row["qty"]),
            row["state"],
            str(row["attempts"]),
            _number(row["filled_qty"]),
            _number(row["filled_avg_price"]),
            row["reason"] or "",
        )
    return table if rows else Text("no orders")


def story(database: Database, order_id: int) -> RenderableType:
    """One order from its signal to its fill."""
    (row,) = _rows(database, "order_story", id=order_id)
    bought = f"{row['side']} {_number(row['qty'])} {row['symbol']}"
    reserved = f" reserving {_number(row['price'])} a share" if row["price"] else ""
    lines = [
        Text(f"{row['signal_key']} on {row['account_id']}", "bold"),
        Text(row["sentence"] or ""),
        Text(f"  {json.dumps(row['details'])}", "dim"),
        Text(f"published {_moment(row['published_at'])}, "
             f"valid until {_moment(row['valid_until'])}"),
        Text("\nChecks", "bold"),
        *(Text(f"  ✓ {check}") for check in row["checks"]),
        *([Text(f"  ✗ {row['reason']}")] if row["state"] == "blocked" else []),
        Text(f"\n{bought}{reserved}: {row['state']} {row['reason'] or ''}", "bold"),
        Text(f"  as {row['client_order_id']}, at the broker "
             f"{row['broker_order_id'] or 'never confirmed'}"),
    ]  # fmt: skip
    told: list[RenderableType] = [*lines]
    told += [_step(step) for step in _rows(database, "order_steps", id=order_id)]
    if row["slippage_bps"] is not None:
        told.append(
            Text(
                f"expected {_number(row['expected_price'])} at the open, slippage "
                f"{row['slippage_bps']} basis points"
            )
        )
    return Group(*told)


def _step(step: Row) -> Text:
    parts = [_moment(step["happened_at"]), step["new_state"]]
    if step["attempts"]:
        parts.append(f"sent {step['attempts']} times")
    if step["filled_qty"]:
        filled = _number(step["filled_qty"]), _number(step["filled_avg_price"])
        parts.append(f"filled {filled[0]} at {filled[1]}")
    said = [f"the broker: {step['answer']}"] if step["answer"] else []
    return Text("  " + ", ".join([*parts, *said, step["reason"] or ""]).rstrip(", "))


def slippage_table(database: Database) -> RenderableType:
    """Expected against real fills, by strategy and side."""
    rows = _rows(database, "slippage")
    names = ("account", "strategy", "side", "fills", "bps", "worst", "cost")
    table = _table(*names)
    for row in rows:
        table.add_row(
            row["account_id"],
            row["strategy"],
            row["side"],
            str(row["fills"]),
            str(row["slippage_bps"]),
            str(row["worst_bps"]),
            f"{row['cost']:,.2f}",
        )
    return table if rows else Text("nothing has filled yet")


def pass_table(report: PassReport) -> RenderableType:
    """What a pass did, signal by signal."""
    table = _table("signal", "side", "qty", "now", "")
    for order in report.orders:
        table.add_row(
            order.signal_key,
            order.side,
            _number(order.qty),
            order.state,
            order.reason or "",
        )
    for deferral in report.deferrals:
        table.add_row(deferral.signal_key, "", "", "deferred", deferral.reason)
    return table


def _rows(database: Database, name: str, **parameters: Any) -> list[dict[str, Any]]:
    with database.connect("reader", row_factory=dict_row) as conn:
        conn.read_only = True
        return conn.execute(text_of(name), parameters).fetchall()


def _table(*names: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name)
    return table


def _number(value: Any) -> str:
    return "" if value is None else f"{value.normalize():,f}"


def _moment(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}"
