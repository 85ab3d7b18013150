"""How fast DuckDB builds the indicators, against Postgres, and all of it as bars grow.

    python -m benchmarks.engines [--symbols N] [--years N] [--growth N …]
        [--parts ratio same growth]

`ratio` builds the models that `int_indicators` joins of the same made-up prices on
both engines, twice each: the faster one counts, for memory that nobody touched before
takes a third of DuckDB's time. `same` builds everything on both and compares trades
and metrics. `growth` takes snapshots of --growth symbols and builds everything of them,
bars to metrics, on DuckDB, which has DUCKDB_MEMORY (4GiB). Each figure has a process of
its own.
"""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np

from benchmarks.database import Figure, measured, own_database
from benchmarks.indicators import dbt_build
from benchmarks.indicators_increment import settled, store_walks
from benchmarks.indicators_table import HEADER, Table, steps_said
from benchmarks.indicators_tables import columns_of, families_of
from desk.database import Database
from desk.settings import Settings
from desk.snapshot import SnapshotReport, snapshot
from flows.transform import build
from tests.dbt.engines import DuckDb

PARTS = ("ratio", "same", "growth")
NO_NUMBERS = ("strategy", "symbol", "first_session", "last_session")
TRADES = """
    select concat_ws('|', account, strategy, symbol, entry_date, exit_date, side)
    from marts.trades
"""


def duckdb_build(folder: Path, select: Sequence[str] = ()) -> dict[str, float]:
    """Seconds of `dbt build` on DuckDB from `folder`/snapshot, with its nodes."""
    chosen = ("--select", *select) if select else ()
    results = DuckDb(folder, folder / "snapshot").dbt(
        "build", *chosen, "--exclude-resource-type", "unit_test"
    )
    failed = [r for r in results if r.status not in ("success", "pass")]
    assert not failed, [(r.node.name, r.message) for r in failed]
    taken = {r.node.name: r.execution_time for r in results if r.execution_time > 0.5}
    return {"in all": results.elapsed_time} | taken


def largest_difference(
    database: Database, file: Path, columns: Sequence[str], rest: str
) -> tuple[str, float]:
    """The column in which values differ most, and by how much of them.

    `rest`: the query's `from` and what follows.
    """
    query = f"select {', '.join(columns)} {rest}"
    ours, theirs = (
        np.array(rows, dtype=float) for rows in on_both(database, file, query)
    )
    assert (np.isnan(ours) == np.isnan(theirs)).all()
    size = np.maximum(np.abs(ours), 1e-3)
    differences = np.nanmax(np.abs(ours - theirs) / size, axis=0)
    worst = int(differences.argmax())
    return columns[worst], float(differences[worst])


def on_both(
    database: Database, file: Path, query: str
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """A query's rows on Postgres and on DuckDB."""
    with database.connect() as conn:
        ours = conn.execute(query.encode()).fetchall()
    with duckdb.connect(str(file), read_only=True) as conn_duckdb:
        return ours, conn_duckdb.execute(query).fetchall()


def same(settings: Settings, database: Database, folder: Path) -> None:
    """A hash of each engine's trades, and how far apart their metrics are."""
    build(settings, database)
    measured(duckdb_build, folder)
    file = folder / "desk.duckdb"
    for engine, rows in zip(
        ("Postgres", "DuckDB"), on_both(database, file, TRADES), strict=True
    ):
        listed = "\n".join(sorted(row[0] for row in rows))
        digest = hashlib.sha256(listed.encode()).hexdigest()
        print(f"{engine}: {len(rows):,} trades, {digest[:16]}", flush=True)
    with database.connect() as conn:
        of_metrics = conn.execute("select * from marts.backtest_metrics limit 0")
        columns = [column.name for column in of_metrics.description or ()]
    columns = [name for name in columns if name not in NO_NUMBERS]
    rest = "from marts.backtest_metrics order by strategy, symbol"
    name, difference = largest_difference(database, file, columns, rest)
    print(f"largest difference of a metric: {difference:.0e} of the value, {name}")


def taken_snapshot(database: Database, folder: Path) -> Figure:
    """The snapshot of a database's prices in `folder`, and what it took."""
    figure = measured(snapshot, database, str(folder / "snapshot"))
    assert isinstance(figure.result, SnapshotReport)
    print(
        f"snapshot: {figure.result.said}, {figure.seconds:.1f} s,"
        f" {figure.peak_mib:,.0f} MiB",
        flush=True,
    )
    return figure


def compare(folder: Path, symbols: int, years: float, *, is_same_asked: bool) -> None:
    """Postgres' line, DuckDB's line and their ratio, on the same prices."""
    with own_database() as (settings, database):
        store_walks(database, symbols, years)
        taken_snapshot(database, folder)
        print(HEADER)
        build(settings, database, select=["+int_bars"])
        settled(database)
        families = families_of(settings)
        table = Table(settings.home)
        measured(duckdb_build, folder, ["+int_bars"])
        on_postgres = min(
            table.line("Postgres", dbt_build, settings, database) for _ in range(2)
        )
        settled(database)
        on_duckdb = min(
            table.line("DuckDB", duckdb_build, folder, families) for _ in range(2)
        )
        print(f"DuckDB is {on_postgres / on_duckdb:.1f}x as fast")
        build(settings, database, select=["int_indicators"])
        measured(duckdb_build, folder, ["int_indicators"])
        name, difference = largest_difference(
            database,
            folder / "desk.duckdb",
            columns_of(settings),
            "from intermediate.int_indicators where symbol <= 'S00020'"
            " order by symbol, bar_date",
        )
        print(f"largest difference: {difference:.0e} of the value, {name}", flush=True)
        if is_same_asked:
            same(settings, database, folder)


def grow(folder: Path, sizes: Sequence[int], years: float) -> None:
    """Time and memory from snapshot to metrics, for each number of symbols."""
    per_bar: list[float] = []
    for symbols in sizes:
        with TemporaryDirectory(dir=folder) as name:
            own = Path(name)
            with own_database() as (_, database):
                store_walks(database, symbols, years)
                report = taken_snapshot(database, own).result
            figure = measured(duckdb_build, own)
        assert isinstance(report, SnapshotReport)
        assert isinstance(figure.result, dict)
        taken = dict(figure.result)
        per_bar.append(taken.pop("in all") / report.rows)
        print(
            f"{report.rows:>12,} bars: {1e6 * per_bar[-1]:.2f} us a bar"
            f" ({per_bar[-1] / per_bar[0]:.2f}x), {figure.seconds:.1f} s with dbt's"
            f" start, CPU {figure.cpu_seconds:.1f} s,"
            f" {figure.peak_mib:,.0f} MiB at most",
            f"      {steps_said(taken)}",
            sep="\n",
            flush=True,
        )


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--symbols", type=int, default=500)
    given.add_argument("--years", type=float, default=20)
    given.add_argument("--growth", type=int, nargs="+", default=[500, 7_000])
    given.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = given.parse_args()
    with TemporaryDirectory(prefix="desk-benchmark-") as folder:
        if {"ratio", "same"} & set(asked.parts):
            is_same_asked = "same" in asked.parts
            compare(
                Path(folder), asked.symbols, asked.years, is_same_asked=is_same_asked
            )
        if "growth" in asked.parts:
            grow(Path(folder), asked.growth, asked.years)


if __name__ == "__main__":
    main()
