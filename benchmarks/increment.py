"""What one more session of 7,000 symbols costs after 1 and after 20 years.

python -m benchmarks.increment [--symbols N] [--years N …]
"""

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import aiosql

from benchmarks.database import emptied, own_database
from desk.calendar import evening_of, sessions_between
from desk.database import Database
from desk.settings import Settings
from ingest.load import load
from ingest.sources import BarLines, Batch, Window

QUERIES = aiosql.from_path(Path(__file__).parent / "increment.sql", "psycopg")
LAST = date(2017, 3, 1)
INCREMENTS = 5


@dataclass(frozen=True)
class OneSession:
    """A vendor's answer: one bar of each symbol."""

    symbols: tuple[str, ...]
    session: date
    name: str = "made-up"
    is_local: bool = False

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG002
        return self.symbols

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        symbols = tuple(window.symbol for window in windows)
        csv = "".join(f"{s},{self.session},10,11,9,10.5,1000\n" for s in symbols)
        yield Batch(symbols, BarLines(csv.encode(), len(symbols), is_typed=True))


def increments(
    settings: Settings, database: Database, symbols: int, years: int
) -> list[float]:
    """Seconds of each daily load after so many stored years."""
    emptied(database)
    first = LAST - timedelta(days=round(365.25 * years))
    with database.connect("ingest", autocommit=True) as conn:
        QUERIES.store_years(conn, symbols=symbols, first=first, last=LAST)
    with database.connect(autocommit=True) as conn:
        conn.execute("vacuum analyze raw.raw_prices")
        conn.execute("checkpoint")
    names = tuple(f"S{number:05}" for number in range(1, symbols + 1))
    days = sessions_between(LAST + timedelta(days=1), LAST + timedelta(days=30))
    taken = []
    for day in days[:INCREMENTS]:
        source = OneSession(names, day.session_date)
        begun = time.perf_counter()
        report = load(settings, database, evening_of(day.session_date), source=source)
        taken.append(time.perf_counter() - begun)
        assert report.rows_new == symbols, report.said
    return taken


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--symbols", type=int, default=7_000)
    given.add_argument("--years", type=int, nargs="+", default=[1, 20])
    asked = given.parse_args()
    with own_database() as (settings, database):
        for years in asked.years:
            taken = increments(settings, database, asked.symbols, years)
            shown = ", ".join(f"{seconds:.2f}" for seconds in taken)
            print(
                f"{years:>3} years stored: {median(taken):.2f} s a session ({shown})",
                flush=True,
            )


if __name__ == "__main__":
    main()
