"""Fourteen features from storage to a table in memory, against Microsoft's qlib.

    python -m benchmarks.features [--symbols N] [--years N] [--parts PART …]

The task qlib publishes: features of 800 stocks, daily from 2007 to 2020, on one core,
without its caches. It does not say which fourteen; features.sql has those taken here.
All three have the same made-up prices, as 4-byte floats, each in its own storage: qlib
its binary files, DuckDB and Postgres a table. DuckDB's and qlib's features are 4-byte
floats too, and their seconds the median of three runs. qlib gets an environment of its
own, made by uv in the temporary folder.
"""

import argparse
import io
import os
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv

from benchmarks.database import own_database
from benchmarks.opponents import told_by
from desk.database import Database

PARTS = ("postgres", "qlib")
HERE = Path(__file__).parent
QUERY = (HERE / "features.sql").read_text()
STREAMED = (HERE / "features_streamed.sql").read_text()
PRICES = ("open", "high", "low", "close", "volume")
COMPARED = "S00001"
# Of 4-byte floats; of the same calculated with 8 bytes and then rounded.
TOLERANCE = 1e-3
SAME = 1e-6
RUNS = 3
# Rows of one Arrow block. With DuckDB's million it takes a tenth longer.
BLOCK = 61_440


def made_up(symbols: int, years: float) -> pa.Table:
    """Random walks on weekdays up to the end of 2020, symbol by symbol."""
    last, sessions = np.datetime64("2020-12-31"), round(252 * years)
    dates = np.busday_offset(last, np.arange(1 - sessions, 1), roll="backward")
    random = np.random.default_rng(7)
    shape = (symbols, sessions)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, shape), axis=1))
    open_ = close * np.exp(random.normal(0, 0.005, shape))
    high = np.maximum(open_, close) * (1 + random.uniform(0, 0.01, shape))
    low = np.minimum(open_, close) * (1 - random.uniform(0, 0.01, shape))
    volume = np.round(random.lognormal(13, 0.5, shape))
    names = [f"S{number:05}" for number in range(1, symbols + 1)]
    values = zip(PRICES, (open_, high, low, close, volume), strict=True)
    return pa.table(
        {
            "symbol": np.repeat(names, sessions),
            "bar_date": np.tile(dates, symbols),
            "bar_number": np.tile(np.arange(1, sessions + 1), symbols),
            **{name: value.astype("f4").ravel() for name, value in values},
        }
    )


def stored_in_duckdb(bars: pa.Table, file: Path) -> None:
    """A file with the bars as they are, symbols by number."""
    with duckdb.connect(str(file)) as conn:
        conn.register("given", bars)
        conn.sql("create type name as enum (select distinct symbol from given)")
        conn.sql(
            "create table stored as select * replace (cast(symbol as name) as symbol)"
            " from given"
        )


def opened(file: Path, kind: str) -> duckdb.DuckDBPyConnection:
    """A connection to it, on one thread, that calculates with prices of a kind."""
    conn = duckdb.connect(str(file), read_only=True)
    conn.execute("set threads = 1")
    columns = ", ".join(f"cast({name} as {kind}) as {name}" for name in PRICES)
    conn.execute(
        f"create temporary view bars as select * replace ({columns}) from stored"
    )
    return conn


def stored_in_postgres(bars: pa.Table, database: Database) -> None:
    """A table with its key, analysed."""
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(bars, buffer, pyarrow.csv.WriteOptions(include_header=False))
    columns = ", ".join(f"{name} double precision" for name in PRICES)
    with database.connect() as conn:
        conn.execute(
            "create table bars (symbol text, bar_date date, bar_number integer,"
            f" {columns}, primary key (symbol, bar_date))".encode()
        )
        with conn.cursor().copy("copy bars from stdin (format csv)") as copy:
            copy.write(buffer.getvalue())
    with database.connect(autocommit=True) as conn:
        conn.execute("vacuum analyze bars")


def stored_for_qlib(bars: pa.Table, folder: Path) -> None:
    """qlib's storage: a calendar, the instruments, a file of floats for each column."""
    first = bars.filter(pa.compute.equal(bars["symbol"], COMPARED))
    dates = [str(date) for date in first["bar_date"].to_pylist()]
    sessions = len(dates)
    for name in ("calendars", "instruments", "features"):
        (folder / name).mkdir(parents=True)
    (folder / "calendars" / "day.txt").write_text("\n".join(dates) + "\n")
    symbols = bars["symbol"].to_numpy()[::sessions]
    lines = (f"{symbol}\t{dates[0]}\t{dates[-1]}\n" for symbol in symbols)
    (folder / "instruments" / "all.txt").write_text("".join(lines))
    values = {name: bars[name].to_numpy().reshape(-1, sessions) for name in PRICES}
    for number, symbol in enumerate(symbols):
        own = folder / "features" / symbol.lower()
        own.mkdir()
        for name in PRICES:
            # The first number is the place of the first value in the calendar.
            stored = np.insert(values[name][number], 0, 0).astype("<f4")
            stored.tofile(own / f"{name}.day.bin")


def in_memory(conn: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """A query's features as 4-byte floats."""
    floats = "cast(columns(* exclude (symbol, bar_date)) as float)"
    found = conn.sql(f"select symbol, bar_date, {floats} from ({query})")
    return found.to_arrow_table(BLOCK)


def from_duckdb(conn: duckdb.DuckDBPyConnection) -> pa.Table:
    """The features as the rows stream by, a symbol's first by windows."""
    conn.execute(STREAMED)
    first = "(select * from bars where bar_number < 60) as bars"
    return pa.concat_tables(
        [
            in_memory(conn, QUERY.replace("from bars\n", f"from {first}\n")),
            in_memory(conn, "from streamed"),
        ]
    )


def from_postgres(database: Database) -> pa.Table:
    """The features as a table, calculated by one process of the server."""
    with database.connect() as conn:
        conn.execute("set max_parallel_workers_per_gather = 0")
        query = f"copy ({QUERY}) to stdout (format csv, header)"
        with conn.cursor().copy(query.encode()) as blocks:
            return pyarrow.csv.read_csv(io.BytesIO(b"".join(blocks)))


def in_order(table: pa.Table) -> pa.Table:
    """Its rows symbol by symbol, session by session."""
    named = table.set_column(0, "symbol", table["symbol"].cast(pa.string()))
    return named.sort_by([("symbol", "ascending"), ("bar_date", "ascending")])


def of_compared(table: pa.Table) -> pa.Table:
    """The compared symbol's rows, session by session."""
    return in_order(table.filter(pa.compute.equal(table["symbol"], COMPARED)))


def differences(ours: pa.Table, theirs: pa.Table) -> Mapping[str, float]:
    """The most that a feature differs by, of its value, row by row."""
    found = {}
    for name in ours.column_names[2:]:
        one = ours[name].to_numpy().astype(float)[1:]
        other = theirs[name].to_numpy().astype(float)[1:]
        assert (np.isnan(one) == np.isnan(other)).all(), name
        apart = np.abs(one - other) / np.maximum(np.abs(other), 1e-2)
        found[name] = float(np.nanmax(apart))
    return found


def compare(folder: Path, asked: argparse.Namespace) -> None:
    """Each part's line."""
    bars = made_up(asked.symbols, asked.years)
    print(
        f"{bars.num_rows:,} bars of {asked.symbols:,} symbols; load"
        f" {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    seconds: dict[str, float] = {}

    def line(name: str, taken: float, said: str = "") -> None:
        seconds[name] = taken
        print(f"{name:<16}{taken:>8.2f} s  {said}", flush=True)

    file = folder / "bars.duckdb"
    stored_in_duckdb(bars, file)
    with opened(file, "double") as conn:
        begun = time.perf_counter()
        windows = in_memory(conn, QUERY)
        line("DuckDB, windows", time.perf_counter() - begun)
    windows = in_order(windows)
    for name, kind, allowed in (
        ("DuckDB, doubles", "double", SAME),
        ("DuckDB", "float", TOLERANCE),
    ):
        runs = []
        for _ in range(RUNS):
            with opened(file, kind) as conn:
                begun = time.perf_counter()
                ours = from_duckdb(conn)
                runs.append(time.perf_counter() - begun)
        assert ours.num_rows == bars.num_rows
        found = differences(in_order(ours), windows)
        worst = max(found.values())
        said = f"within {worst:.0e} of the windows' values"
        line(name, statistics.median(runs), said)
        assert worst < allowed, found
    if "postgres" in asked.parts:
        with own_database() as (_, database):
            stored_in_postgres(bars, database)
            begun = time.perf_counter()
            other = from_postgres(database)
            line("Postgres", time.perf_counter() - begun)
        found = differences(of_compared(ours), of_compared(other))
        assert max(found.values()) < TOLERANCE, found
    if "qlib" in asked.parts:
        storage, features = folder / "qlib", folder / "features.csv"
        stored_for_qlib(bars, storage)
        given = (storage, COMPARED, features)
        told = told_by("pyqlib", "qlib_features.py", folder, *given)
        assert told["rows"] == bars.num_rows
        ours_alone = dict(seconds)
        line("qlib", told["seconds"], f"{told['version']}, without cache")
        for name, taken in ours_alone.items():
            print(f"{name} is {told['seconds'] / taken:.1f}x as fast as qlib")
        found = differences(of_compared(ours), pyarrow.csv.read_csv(features))
        worst = max(found.values())
        print(f"largest difference: {worst:.0e} of the value")
        assert worst < TOLERANCE, found


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--symbols", type=int, default=800)
    given.add_argument("--years", type=float, default=14)
    given.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = given.parse_args()
    with TemporaryDirectory(prefix="desk-benchmark-") as folder:
        compare(Path(folder), asked)


if __name__ == "__main__":
    main()
