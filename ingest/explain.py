"""The story of one symbol's data, for people: `desk load --explain SYMBOL`."""

from collections.abc import Sequence
from pathlib import Path

import aiosql
from psycopg.rows import dict_row
from rich.console import Group, RenderableType
from rich.text import Text

from desk.calendar import Clock
from desk.database import Database
from desk.errors import DeskError
from ingest.explain_tables import Row, tables, when

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "explain.sql", "psycopg")
SHOWN = 20
SECTIONS = (
    "overview",
    "sources",
    "gaps",
    "actions",
    "corrections",
    "rejections",
    "marks",
    "runs",
)


def explain(database: Database, clock: Clock, symbol: str) -> RenderableType:
    """What the desk knows of a symbol's data, and how it came to be.

    Bars, sources, sessions missing, splits and dividends, corrections, refused rows,
    marks and loads, the latest `SHOWN` of each. Raises `DeskError` for a symbol no
    load has ever asked for.
    """
    asked = {"symbol": symbol, "shown": SHOWN, "session": clock.session}
    with database.connect("reader", row_factory=dict_row) as conn:
        told: dict[str, list[Row]] = {
            name: conn.execute(getattr(QUERIES, name).sql.encode(), asked).fetchall()
            for name in SECTIONS
        }
    (overview,) = told["overview"]
    if not overview["bars"] and not any(
        told[name] for name in ("actions", "rejections", "runs")
    ):
        raise DeskError(
            f"{symbol}: there is nothing on it, and no load has asked for it"
        )
    return Group(
        _headline(symbol, overview, told["gaps"]),
        *tables(told),
    )


def _headline(symbol: str, overview: Row, gaps: Sequence[Row]) -> Text:
    text = Text(symbol, style="bold")
    if not overview["bars"]:
        return text.append(": no bars up to the last session", style="not bold")
    old, missing = overview["sessions_old"], overview["sessions_missing"]
    shown = sum(gap["sessions"] for gap in gaps)
    lines = [
        f": {overview['bars']:,} bars from {overview['first_date']} to "
        f"{overview['last_date']}",
        f"The last bar is {_counted(old, 'session')} old."
        if old
        else "The last bar is of the last session.",
        f"{_counted(missing, 'session')} between {'have' if missing > 1 else 'has'} no "
        f"bar: {', '.join(map(_span, gaps))}{' …' if shown < missing else ''}"
        if missing
        else "No session between is missing.",
        f"{_counted(overview['corrections'], 'correction')} of bars.",
        f"Judged by the quality gate {when(overview['checked_at'])}."
        if overview["checked_at"]
        else "Not judged by the quality gate yet.",
    ]
    return text.append("\n".join(lines), style="not bold")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _span(gap: Row) -> str:
    if gap["sessions"] == 1:
        return str(gap["first_date"])
    return f"{gap['first_date']} to {gap['last_date']}"
