"""How fast `desk sweep` is, against `backtesting`, vectorbt and a bare read.

    python -m benchmarks.sweep [--symbols N] [--years N] [--fast 5..50:5]
        [--slow 60..240:20] [--sample N] [--parts PART …]

All on one fresh embedded Postgres with random walks. The opponents get environments of
their own, made by uv in the temporary folder, and the same closes and opens.
"""

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.database import measured, own_database
from benchmarks.indicators_increment import settled, store_walks
from benchmarks.opponents import told_by
from desk.database import Database
from desk.settings import Settings
from flows.grid import make_grid
from flows.sweep import SweepEngine, sweep
from flows.transform import build

PARTS = ("floor", "postgres", "duckdb", "backtesting", "vectorbt")
ENGINES: tuple[SweepEngine, ...] = ("postgres", "duckdb")
DECLARED = {"fast_bars": 50, "slow_bars": 200}
BARS = """
copy (
    select symbol, bar_date, open, high, low, close
    from intermediate.int_bars
    order by symbol, bar_date
) to stdout (format csv, header)
"""


def desk_sweep(
    settings: Settings, database: Database, grid: Sequence[str], engine: SweepEngine
) -> int:
    """`desk sweep`, from the rendering to the judged trials."""
    return len(sweep(settings, database, "sma_cross", grid, engine=engine).points)


def floor(database: Database) -> int:
    """Every bar read once for its symbol, and nothing done with it."""
    with database.connect("dbt") as conn:
        row = conn.execute(
            "select count(*) from (select array_agg(close order by bar_date) "
            "from intermediate.int_bars group by symbol) as series"
        ).fetchone()
    return int(row[0]) if row else 0


def compare(settings: Settings, database: Database, asked: argparse.Namespace) -> None:
    """Each part's line."""
    store_walks(database, asked.symbols, asked.years)
    build(settings, database, select=["+int_indicators", "int_symbols"])
    build(settings, database, select=["+int_momentum_ranks", "trials"])
    settled(database)
    grid = [f"fast={asked.fast}", f"slow={asked.slow}"]
    points = make_grid("sma_cross", DECLARED, grid).points
    runs = asked.symbols * len(points)
    print(
        f"{asked.symbols:,} symbols x {asked.years} years x {len(points)} pairs"
        f" = {runs:,} backtests; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    if "floor" in asked.parts:
        print(f"floor, bars read once: {measured(floor, database).seconds:.1f} s")
    taken: dict[str, float] = {}
    for engine in ENGINES:
        if engine in asked.parts:
            done = measured(desk_sweep, settings, database, grid, engine)
            assert done.result == len(points)
            taken[engine] = done.seconds
            print(
                f"desk sweep on {engine}: {done.seconds:.1f} s,"
                f" {runs / done.seconds:,.0f} a second, {done.peak_mib:,.0f} MiB",
                flush=True,
            )
    with TemporaryDirectory(prefix="desk-rivals-") as folder:
        bars = Path(folder) / "bars.csv"
        with (
            bars.open("wb") as out,
            database.connect("reader") as conn,
            conn.cursor().copy(BARS) as blocks,
        ):
            for block in blocks:
                out.write(block)
        for name in ("backtesting", "vectorbt"):
            if name in asked.parts:
                given = (bars, json.dumps(points), asked.sample)
                told = told_by(name, f"{name}_sweep.py", Path(folder), *given)
                seconds = told["seconds"] * runs / told["runs"]
                scaled = "" if told["runs"] == runs else f" (from {told['runs']:,})"
                ratios = "".join(
                    f", {seconds / ours:.1f}x desk's on {engine}"
                    for engine, ours in taken.items()
                )
                print(f"{name}: {seconds:,.1f} s{scaled}{ratios}", flush=True)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--symbols", type=int, default=500)
    given.add_argument("--years", type=float, default=20)
    given.add_argument("--fast", default="5..50:5")
    given.add_argument("--slow", default="60..240:20")
    given.add_argument(
        "--sample", type=int, default=500, help="backtests that backtesting runs"
    )
    given.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = given.parse_args()
    with own_database() as (settings, database):
        compare(settings, database, asked)


if __name__ == "__main__":
    main()
