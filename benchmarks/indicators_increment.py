"""What one more session costs dbt after few and after many stored years."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import aiosql

from benchmarks.database import emptied
from desk.calendar import evening_of, sessions_between
from desk.database import Database
from desk.settings import Settings
from flows.transform import Node, build
from ingest.load import load
from ingest.sources import BarLines, Batch, Window

QUERIES = aiosql.from_path(Path(__file__).parent / "indicators.sql", "psycopg")
LAST = date(2024, 12, 31)
# All that the indicators need, tests included, and the other incremental model:
# changes are taken off the list when every incremental model has them.
MODELS = ("+int_indicators", "int_symbols")
SLOWEST = 6


@dataclass(frozen=True, slots=True)
class Increments:
    """Wall seconds of a full build, and of the build after each new session."""

    full: float
    sessions: tuple[float, ...]
    slowest: dict[str, float]  # nodes of the last session's build

    @property
    def typical(self) -> float:
        return median(self.sessions)


@dataclass(frozen=True)
class OneSession:
    """A vendor's answer: one bar of each symbol."""

    lines: dict[str, str]
    name: str = "made-up"
    is_local: bool = False

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG002
        return tuple(self.lines)

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        symbols = tuple(window.symbol for window in windows)
        csv = "".join(self.lines[symbol] + "\n" for symbol in symbols)
        yield Batch(symbols, BarLines(csv.encode(), len(symbols), is_typed=True))


def store_walks(database: Database, symbols: int, years: float) -> None:
    """Prices of so many symbols and years, and nothing else, as if long there."""
    emptied(database)
    first = LAST - timedelta(days=round(365.25 * years))
    with database.connect("ingest", autocommit=True) as conn:
        QUERIES.store_walks(conn, symbols=symbols, first=first, last=LAST)
    settled(database)


def settled(database: Database) -> None:
    """What autovacuum would have done, done; and all of it on the disk."""
    with database.connect(autocommit=True) as conn:
        conn.execute("vacuum analyze")
        conn.execute("checkpoint")


def increments(
    settings: Settings,
    database: Database,
    size: tuple[int, float],
    sessions: int,
    select: Sequence[str],
) -> Increments:
    """A full build of `size` (symbols, years), then one build per new session."""
    symbols, years = size
    store_walks(database, symbols, years)
    build(settings, database, select=["stg_prices"])  # keeps the manifest
    full = build(settings, database, select=select, full_refresh=True).seconds
    settled(database)
    days = sessions_between(LAST, LAST + timedelta(days=60))[: sessions + 1]
    taken, nodes = [], list[Node]()
    for before, day in pairwise(days):
        with database.connect("ingest") as conn:
            lines = dict(
                QUERIES.next_session(
                    conn, last=before.session_date, session=day.session_date
                )
            )
        clock = evening_of(day.session_date)
        report = load(settings, database, clock, source=OneSession(lines))
        assert report.rows_new == symbols, report.said
        begun = time.perf_counter()
        nodes.clear()
        build(settings, database, select=select, on_done=nodes.extend)
        taken.append(time.perf_counter() - begun)
    return Increments(full, tuple(taken), slowest(nodes))


def slowest(nodes: Sequence[Node]) -> dict[str, float]:
    """A build's slowest nodes, with their seconds."""
    first = sorted(nodes, key=lambda node: -node.seconds)[:SLOWEST]
    return {node.name: node.seconds for node in first}
