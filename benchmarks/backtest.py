"""How long signals, backtest and metrics take, beside the indicators they rest on.

    python -m benchmarks.backtest [--symbols N] [--years N]

Both are dbt builds with their tests on one fresh embedded Postgres.
"""

import argparse

from benchmarks.database import own_database
from benchmarks.indicators_increment import settled, slowest, store_walks
from benchmarks.indicators_table import steps_said
from benchmarks.indicators_tables import families_of
from desk.database import Database
from desk.settings import Settings
from flows.transform import Node, build

BACKTEST = (
    "int_strategies",
    "int_month_ends",
    "int_sessions",
    "int_momentum_ranks+",
    "path:models/strategies+",
)


def compare(settings: Settings, database: Database, symbols: int, years: float) -> None:
    """Prints the time of each build and their ratio."""
    store_walks(database, symbols, years)
    build(settings, database, select=["+int_bars"])
    build(settings, database, select=["int_symbols", "+restatements,staging"])
    settled(database)
    families = families_of(settings)
    indicators = build(settings, database, select=families, full_refresh=True).seconds
    print(f"indicators                    {indicators:6.1f} s", flush=True)
    build(settings, database, select=["int_indicators"])
    settled(database)
    nodes: list[Node] = []
    report = build(settings, database, select=BACKTEST, on_done=nodes.extend)
    print(
        f"signals, backtest and metrics {report.seconds:6.1f} s,"
        f" {report.seconds / indicators:.2f} of the indicators\n"
        f"  slowest: {steps_said(slowest(nodes))}"
    )


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--symbols", type=int, default=500)
    given.add_argument("--years", type=float, default=20)
    asked = given.parse_args()
    with own_database() as (settings, database):
        compare(settings, database, asked.symbols, asked.years)


if __name__ == "__main__":
    main()
