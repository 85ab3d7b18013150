"""The summary a trader reads after a pass, from the tables anyone can query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiosql
from psycopg.rows import dict_row
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from executor.dry_run import ACCOUNT_ID
from flows.stages import Desk, StageReport

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "summary.sql", "psycopg")
NEWEST = 10
JUDGED = ("probabilistic_sharpe", "deflated_sharpe")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """Rows of the summary; prices in US dollars, returns as fractions."""

    desk: Desk
    prices: Row
    signals: Sequence[Row]
    newest_signals: Sequence[Row]
    strategies: Sequence[Row]
    account_id: str
    orders: Sequence[Row]
    blocked: Sequence[Row]
    order_counts: Sequence[Row]
    account: Row | None
    positions: Sequence[Row]
    control: Row


def read_summary(desk: Desk) -> Summary:
    """The summary as of the desk's session, read with the reader's rights."""
    session = desk.clock.session
    with desk.database.connect("reader", row_factory=dict_row) as conn:
        conn.read_only = True
        newest = QUERIES.newest_signal_session(conn, session=session)
        account_id = ACCOUNT_ID
        if desk.settings.broker != "dry-run":
            prefix = f"{desk.settings.broker}:"
            account_id = QUERIES.newest_account(conn, prefix=prefix) or prefix
        return Summary(
            desk=desk,
            prices=QUERIES.prices(conn, session=session),
            signals=list(QUERIES.signals_of(conn, session=session)),
            newest_signals=list(QUERIES.signals_of(conn, session=newest)),
            strategies=list(QUERIES.strategies(conn)),
            account_id=account_id,
            orders=list(QUERIES.orders(conn, account_id=account_id, newest=NEWEST)),
            blocked=list(QUERIES.blocked(conn, account_id=account_id, newest=NEWEST)),
            order_counts=list(QUERIES.order_counts(conn, account_id=account_id)),
            account=QUERIES.account(conn, account_id=account_id, session=session),
            positions=list(
                QUERIES.positions(conn, account_id=account_id, session=session)
            ),
            control=QUERIES.control(conn),
        )


def stage_line(report: StageReport) -> Text:
    """One stage that was done, as a line."""
    return Text.assemble(
        ("✓", "green"),
        f" {report.stage:<8} {report.said} ",
        (f"{report.seconds:.1f} s", "dim"),
    )


def render_summary(summary: Summary) -> RenderableType:
    """The summary for a terminal, as rich renders it."""
    return Group(
        _heading(summary),
        _prices(summary.prices),
        *_signals(summary),
        Text(),
        Text("Strategies, all symbols sharing the cash, against buy and hold", "bold"),
        strategies_table(summary.strategies),
        Text(),
        _orders_heading(summary.account_id, summary.order_counts),
        *_orders_table(summary.orders),
        *_blocked_table(summary.blocked),
        Text(),
        _account(summary.account, summary.positions),
    )


def strategies_table(strategies: Sequence[Row]) -> RenderableType:
    """Strategies against buy and hold: trades, return, Sharpe, drawdown.

    With the probabilistic and the deflated Sharpe ratio where the rows have them.
    """
    judged = "deflated_sharpe" in strategies[0] if strategies else False
    names = ["trades", "total return", "Sharpe", *(["PSR", "DSR"] if judged else [])]
    names += ["max drawdown", "exposure"]
    table = _table("strategy", **dict.fromkeys(names, "right"))
    for row in strategies:
        table.add_row(
            row["strategy"].replace("_", " "),
            f"{row['trades']:,}",
            _percent(row["total_return"], signed=True),
            "" if row["sharpe"] is None else f"{row['sharpe']:.2f}",
            *(_percent(row[name]) for name in JUDGED if judged),
            _percent(row["max_drawdown"]),
            _percent(row["exposure"]),
        )
    return Padding(table, (0, 0, 0, 2))


def _heading(summary: Summary) -> RenderableType:
    settings = summary.desk.settings
    day = f"{summary.desk.clock.session:%A %Y-%m-%d}"
    heading = Text(f"Desk after the session of {day}", "bold")
    heading.append(f"  {settings.price_source} prices, {settings.broker}", "dim")
    if summary.control["kill"] != "off":
        halted = f"\nHalted ({summary.control['kill']}): {summary.control['reason']}"
        heading.append(halted, "bold red")
    return heading


def _prices(prices: Row) -> RenderableType:
    return Text(
        f"{prices['bars']:,} bars of {prices['symbols']} symbols, "
        f"{prices['first_session']} to {prices['last_session']}; "
        f"{prices['rejected']:,} rows rejected"
    )


def _signals(summary: Summary) -> Sequence[RenderableType]:
    heading = Text("\nSignals of the last session", "bold")
    if summary.signals:
        return heading, _signals_table(summary.signals)
    if not summary.newest_signals:
        return heading, Text("  none")
    return heading, Text("  none; the newest:"), _signals_table(summary.newest_signals)


def _signals_table(signals: Sequence[Row]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for row in signals:
        colour = "green" if row["side"] == "buy" else "red"
        table.add_row(Text(row["side"], colour), row["why"])
    return Padding(table, (0, 0, 0, 2))


def _orders_heading(account_id: str, counts: Sequence[Row]) -> RenderableType:
    told = ", ".join(
        f"{row['orders']} {row['state'].replace('_', ' ')}" for row in counts
    )
    return Text.assemble(("Orders ", "bold"), f"on {account_id}: {told or 'none yet'}")


def _orders_table(orders: Sequence[Row]) -> Sequence[RenderableType]:
    if not orders:
        return ()
    table = _table(
        "signal of", "strategy", "symbol", "side", qty="right", state="left", at="right"
    )
    for row in orders:
        table.add_row(
            row["session"],
            row["strategy"].replace("_", " "),
            row["symbol"],
            row["side"],
            _shares(row["qty"]),
            " ".join([row["state"].replace("_", " "), row["reason"] or ""]).strip(),
            _money(row["filled_avg_price"]),
        )
    return (Padding(table, (0, 0, 0, 2)),)


def _blocked_table(blocked: Sequence[Row]) -> Sequence[RenderableType]:
    if not blocked:
        return ()
    table = _table("signal of", "symbol", "side", **{"blocked because": "left"})
    for row in blocked:
        table.add_row(row["session"], row["symbol"], row["side"], row["reason"])
    return Text(), Padding(table, (0, 0, 0, 2))


def _account(account: Row | None, positions: Sequence[Row]) -> RenderableType:
    if account is None:
        return Text.assemble(("Account ", "bold"), "none yet")
    told = Text.assemble(
        ("Account ", "bold"),
        f"{_money(account['cash'])} cash + {_money(account['position_value'])} in "
        f"positions = {_money(account['equity'])} equity",
    )
    for row in positions:
        told.append(f"\n  {_shares(row['qty'])} {row['symbol']} ")
        told.append(f"at {_money(row['close'])} = {_money(row['market_value'])}")
    return told


def _table(*left: str, **others: Any) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in left:
        table.add_column(name, no_wrap=True)
    for name, justify in others.items():
        table.add_column(name, justify=justify, no_wrap=True)
    return table


def _percent(fraction: float | None, *, signed: bool = False) -> str:
    if fraction is None:
        return ""
    return f"{fraction:+,.1%}" if signed else f"{fraction:,.1%}"


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def _shares(qty: Decimal) -> str:
    return f"{qty.normalize():,f}"
