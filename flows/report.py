"""The daily report: one HTML page with pictures, for screens of any size and light."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import aiosql
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg.rows import dict_row

from flows.stages import Desk
from flows.summary import Summary, read_summary

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "report.sql", "psycopg")
WIDTH, MARGIN = 600, 5

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Curve:
    """A line to draw: its points, and what they stand for. `value` is the last."""

    points: str
    first: date
    last: date
    low: float
    high: float
    value: float


def write_report(desk: Desk, path: Path | None = None) -> Path:
    """Write the report of the desk's session; by default into the home's `reports`."""
    page = render_report(desk)
    if path is None:
        path = desk.settings.home / "reports" / f"desk-{desk.clock.session}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page)
    return path


def render_report(desk: Desk) -> str:
    """The report as HTML that needs nothing from anywhere else."""
    summary = read_summary(desk)
    wanted = {"account_id": summary.account_id, "session": desk.clock.session}
    with desk.database.connect("reader", row_factory=dict_row) as conn:
        conn.read_only = True
        equity = list(QUERIES.equity(conn, **wanted))
        closes = list(QUERIES.closes(conn, **wanted))
    page: str = _template().render(
        session=desk.clock.session,
        source=desk.settings.price_source,
        broker=desk.settings.broker,
        change=_change(equity, summary),
        equity=_curve(equity, 150),
        symbols={
            symbol: curve
            for symbol, rows in groupby(closes, lambda row: row["symbol"])
            if (curve := _curve(list(rows), 80))
        },
        control=summary.control,
        account=summary.account,
        signals=summary.signals,
        orders=summary.orders,
        blocked=summary.blocked,
        positions=summary.positions,
        strategies=summary.strategies,
    )
    return page


def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
    )
    environment.filters |= {
        "money": lambda x: "" if x is None else f"{x:,.2f}",
        "percent": lambda x: "" if x is None else f"{x:+.1%}",
        "shares": lambda x: f"{x.normalize():,f}",
    }
    return environment.get_template("report.html.j2")


def _change(equity: Sequence[Row], summary: Summary) -> float | None:
    """The account's return on the session; None if it has no session before."""
    if summary.account is None or len(equity) < 2:
        return None
    before, now = equity[-2]["value"], equity[-1]["value"]
    return float(now / before - 1)


def _curve(rows: Sequence[Row], height: int) -> Curve | None:
    if len(rows) < 2:
        return None
    values = [row["value"] for row in rows]
    low, high = min(values), max(values)
    down = (height - 2 * MARGIN) / ((high - low) or 1.0)
    along = WIDTH / (len(values) - 1)
    points = " ".join(
        f"{along * i:.1f},{MARGIN + down * (high - value):.1f}"
        for i, value in enumerate(values)
    )
    first, last = rows[0]["session_date"], rows[-1]["session_date"]
    return Curve(points, first, last, low, high, values[-1])
