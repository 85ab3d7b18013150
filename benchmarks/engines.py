"""How fast the indicators are built on DuckDB, against Postgres and as bars grow.

    python -m benchmarks.engines [--symbols N] [--years N] [--growth N …]
        [--parts ratio growth]

`ratio` builds the models that `int_indicators` joins of the same made-up prices on
both engines. `growth` builds bars and indicators on DuckDB from snapshots of --growth
symbols. DuckDB has DUCKDB_MEMORY (4GiB), and a process of its own for each line.
"""

import argparse
import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.database import measured, own_database
from benchmarks.engines_snapshot import largest_difference, load_snapshot, write_walks
from benchmarks.indicators import dbt_build
from benchmarks.indicators_increment import LAST, settled
from benchmarks.indicators_table import HEADER, Table, steps_said
from benchmarks.indicators_tables import columns_of, families_of
from flows.transform import DBT_PROJECT, build

PARTS = ("ratio", "growth")


def duckdb_build(folder: Path, select: list[str]) -> dict[str, float]:
    """Seconds of `dbt build` on DuckDB from `folder`/snapshot, with its nodes."""
    from dbt.cli.main import dbtRunner

    os.environ["DUCKDB_PATH"] = str(folder / "desk.duckdb")
    os.environ["DUCKDB_SNAPSHOT"] = str(folder / "snapshot")
    flags = (
        *("--target", "duckdb", "--project-dir", str(DBT_PROJECT)),
        *("--profiles-dir", str(DBT_PROJECT), "--log-level", "none"),
        *("--target-path", str(folder / "target"), "--log-path", str(folder)),
    )
    parsed = dbtRunner().invoke(["parse", *flags])
    done = dbtRunner(manifest=parsed.result).invoke(  # type: ignore[arg-type]
        ["build", "--select", *select, "--exclude-resource-type", "unit_test", *flags]
    )
    results: Any = done.result
    assert done.success, done.exception or [(r.node.name, r.message) for r in results]
    taken = {r.node.name: r.execution_time for r in results if r.execution_time > 0.5}
    return {"in all": results.elapsed_time} | taken


def compare(folder: Path, symbols: int, years: float) -> None:
    """Postgres' line, DuckDB's line and their ratio, on the same prices."""
    write_walks(folder / "snapshot", symbols, LAST - timedelta(365.25 * years))
    with own_database() as (settings, database):
        print(f"{load_snapshot(database, folder / 'snapshot'):,} bars\n{HEADER}")
        settled(database)
        build(settings, database, select=["+int_bars"])
        settled(database)
        families = families_of(settings)
        table = Table(settings.home)
        measured(duckdb_build, folder, ["+int_bars"])
        on_postgres = table.line("Postgres", dbt_build, settings, database)
        on_duckdb = table.line(
            "DuckDB", duckdb_build, folder, families, settings.threads
        )
        print(f"DuckDB is {on_postgres / on_duckdb:.1f}x as fast")
        build(settings, database, select=["int_indicators"])
        measured(duckdb_build, folder, ["int_indicators"])
        name, difference = largest_difference(
            database, folder / "desk.duckdb", columns_of(settings)
        )
        print(f"largest difference: {difference:.0e} of the value, {name}")


def grow(folder: Path, sizes: list[int], years: float) -> None:
    """Time and memory from snapshot to indicators, for each number of symbols."""
    per_bar = []
    for symbols in sizes:
        with TemporaryDirectory(dir=folder) as name:
            own = Path(name)
            bars = write_walks(
                own / "snapshot", symbols, LAST - timedelta(365.25 * years)
            )
            figure = measured(duckdb_build, own, ["+int_indicators"])
        taken = figure.result
        assert isinstance(taken, dict)
        seconds = taken.pop("in all")
        per_bar.append(seconds / bars)
        print(
            f"{bars:>12,} bars: {seconds:.1f} s, {1e6 * per_bar[-1]:.2f} us a bar"
            f" ({per_bar[-1] / per_bar[0]:.2f}x), CPU {figure.cpu_seconds:.1f} s,"
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
        if "ratio" in asked.parts:
            compare(Path(folder), asked.symbols, asked.years)
        if "growth" in asked.parts:
            grow(Path(folder), asked.growth, asked.years)


if __name__ == "__main__":
    main()
