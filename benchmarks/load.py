"""How fast `desk load` is, against a bare COPY and the usual ways from Python.

    python -m benchmarks.load [FILE] [--as-of DATE] [--slice ROWS] [--rounds N]

FILE is a CSV or Parquet file of daily bars; without one, 3.1 million made-up bars.
"""

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import MetaData, Table, create_engine, insert

from benchmarks.database import Figure, emptied, measured, own_database
from desk.calendar import evening_of, sessions_between
from desk.database import Database
from desk.settings import Settings
from ingest.load import load
from ingest.sources import Bar, BarLines, Batch, Window
from ingest.sources.files import FilesSource

SYMBOLS, FIRST, LAST = 7_000, date(2015, 6, 1), date(2017, 3, 7)
COPY = "copy raw.raw_prices from stdin (format csv)"
KNOWN_AT = "2017-05-01 00:00:00+00"


def made_up(path: Path) -> None:
    """Prices that wander, of 7,000 symbols over 445 sessions, by symbol and date."""
    days = [session.session_date for session in sessions_between(FIRST, LAST)]
    random = np.random.default_rng(3)
    schema = pa.schema(
        [("symbol", pa.string()), ("date", pa.date32())]
        + [(name, pa.float64()) for name in Bar._fields[2:]]
    )
    with pq.ParquetWriter(path, schema) as writer:
        for number in range(SYMBOLS):
            close = 50 * np.exp(random.normal(0, 0.02, len(days)).cumsum())
            opening = close * np.exp(random.normal(0, 0.01, len(days)))
            high = np.maximum(opening, close) * 1.005
            low = np.minimum(opening, close) * 0.995
            volume = random.integers(1_000, 10_000_000, len(days)).astype(float)
            prices = [np.round(x, 2) for x in (opening, high, low, close)]
            columns = [pa.array([f"S{number:04}"] * len(days)), pa.array(days)]
            columns += [pa.array(x) for x in (*prices, volume)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


class Another:
    """The files' bars with one share more in each volume."""

    name, is_local = FilesSource.name, True

    def __init__(self, path: Path) -> None:
        self._files = FilesSource(path)

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        return self._files.universe(asked)

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        for batch in self._files.fetch(windows):
            if isinstance(batch.bars, BarLines):
                more = batch.bars.csv.replace(b"\n", b"1\n")
                yield replace(batch, bars=replace(batch.bars, csv=more))


def lines_of(path: Path) -> list[bytes]:
    """All bars as a bare COPY wants them: no parsing, no judgement."""
    source = FilesSource(path)
    windows = [Window(s, date.min, date.max) for s in source.universe(())]
    tail = f",files,{KNOWN_AT}\n".encode()
    return [
        batch.bars.csv.replace(b"\n", tail)
        for batch in source.fetch(windows)
        if isinstance(batch.bars, BarLines)
    ]


def copy_lines(database: Database, path: Path) -> tuple[int, float]:
    """Rows and seconds of the COPY alone; the lines are in memory before."""
    lines = lines_of(path)
    with database.connect("owner", autocommit=True) as conn:
        begun = time.perf_counter()
        conn.execute("select raw.begin_first_load()")  # no trigger beside it
        with conn.cursor().copy(COPY) as copy:
            for line in lines:
                copy.write(line)
        copied = time.perf_counter() - begun
        conn.execute("select raw.end_first_load('{}')")
        found = conn.execute("select count(*) from raw.raw_prices").fetchone()
    return (found[0] if found else 0), copied


def desk_load(
    settings: Settings, database: Database, path: Path, as_of: date, *, changed: bool
) -> str:
    source = Another(path) if changed else FilesSource(path)
    return load(settings, database, evening_of(as_of), source=source).said


def frame_of(path: Path, rows: int) -> pd.DataFrame:
    """The first rows as a frame with raw_prices' columns."""
    table = next(pq.ParquetFile(path).iter_batches(rows)).to_pandas()
    named = table.rename(columns={"date": "bar_date"})[list(Bar._fields)]
    named["bar_date"] = pd.to_datetime(named["bar_date"]).dt.date
    frame: pd.DataFrame = named.assign(source="files", known_at=pd.Timestamp(KNOWN_AT))
    return frame


def to_sql(
    database: Database, path: Path, rows: int, method: Literal["multi"] | None
) -> None:
    engine = create_engine(database.sqlalchemy_url("owner"))
    with engine.begin() as conn:
        frame_of(path, rows).to_sql(
            "raw_prices",
            conn,
            schema="raw",
            if_exists="append",
            index=False,
            method=method,
            chunksize=5_000 if method else None,
        )
    engine.dispose()


def bulk_insert(database: Database, path: Path, rows: int) -> None:
    engine = create_engine(database.sqlalchemy_url("owner"))
    table = Table("raw_prices", MetaData(schema="raw"), autoload_with=engine)
    records: list[Any] = frame_of(path, rows).to_dict("records")
    with engine.begin() as conn:
        conn.execute(insert(table), records)
    engine.dispose()


def show(name: str, seconds: float, floor: float, figure: Figure, note: str) -> None:
    print(
        f"{name:<34}{seconds:>8.1f} s{floor / seconds:>8.2f}"
        f"{figure.peak_mib:>8.0f} MiB  {note}",
        flush=True,
    )


def compare(path: Path, as_of: date, rows: int, rounds: int) -> None:
    with own_database() as (settings, database):

        def bare() -> Figure:
            figure = measured(copy_lines, database, path)
            assert isinstance(figure.result, tuple)
            total, seconds = figure.result
            return replace(figure, seconds=seconds, result=total)

        def loaded(*, changed: bool = False) -> Figure:
            return measured(_load_once, settings, database, path, as_of, changed)

        # In turn, and the best of each: other work on the machine hits both alike.
        copies, loads = [], []
        for _ in range(rounds):
            emptied(database)
            copies.append(bare())
            emptied(database)
            loads.append(loaded())
        copy, first = (min(many, key=_seconds) for many in (copies, loads))
        floor, total = copy.seconds, int(str(copy.result))
        print(f"{'':<34}{'time':>10}{'speed':>8}{'memory':>12}")
        show(f"bare COPY, best of {rounds}", floor, floor, copy, f"{total:,} bars")
        name = f"desk load, best of {rounds}"
        show(name, first.seconds, floor, first, str(first.result))
        for name, changed in (
            ("desk load, the same again", False),
            ("desk load, every bar changed", True),
        ):
            figure = loaded(changed=changed)
            show(name, figure.seconds, floor, figure, str(figure.result))
        note = f"{rows:,} bars, scaled to all"
        for name, call, arguments in (
            ("SQLAlchemy bulk insert", bulk_insert, ()),
            ("pandas to_sql", to_sql, (None,)),
            ("pandas to_sql(method='multi')", to_sql, ("multi",)),
        ):
            emptied(database)
            figure = measured(call, database, path, rows, *arguments)
            show(name, figure.seconds * total / rows, floor, figure, note)


def _seconds(figure: Figure) -> float:
    return figure.seconds


def _load_once(
    settings: Settings, database: Database, path: Path, as_of: date, changed: bool
) -> str:
    return desk_load(settings, database, path, as_of, changed=changed)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("file", type=Path, nargs="?")
    given.add_argument("--as-of", type=date.fromisoformat, default=date(2017, 4, 28))
    given.add_argument("--slice", type=int, default=50_000, dest="rows")
    given.add_argument("--rounds", type=int, default=3)
    asked = given.parse_args()
    with TemporaryDirectory(prefix="desk-benchmark-") as folder:
        path = asked.file or Path(folder) / "bars.parquet"
        if asked.file is None:
            made_up(path)
        compare(path, asked.as_of, asked.rows, asked.rounds)


if __name__ == "__main__":
    main()
