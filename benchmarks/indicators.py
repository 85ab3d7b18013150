"""How fast dbt builds the indicators, against Python and against bare writing.

    python -m benchmarks.indicators [--symbols N] [--years N] [--parts PART …]
        [--increment-symbols N] [--increment-years N …] [--sessions N]
        [--select SELECTION …]

All on one fresh embedded Postgres; `careful` and `floor` are what the ratios need.
"""

import argparse

from benchmarks.database import own_database
from benchmarks.indicators_increment import (
    MODELS,
    increments,
    settled,
    slowest,
    store_walks,
)
from benchmarks.indicators_python import careful, usual
from benchmarks.indicators_table import HEADER, Table, steps_said
from benchmarks.indicators_tables import (
    SCHEMA,
    check_python_knows,
    columns_of,
    families_of,
    floor,
    largest_difference,
)
from desk.database import Database
from desk.settings import Settings
from flows.transform import Node, build

PARTS = ("floor", "careful", "binary", "dbt", "usual", "increment")


def dbt_build(settings: Settings, database: Database) -> dict[str, float]:
    """Seconds of a full `dbt build` of the families, with its slowest nodes."""
    build(settings, database, select=["stg_prices"])  # reads and keeps the manifest
    families = families_of(settings)
    nodes: list[Node] = []
    report = build(
        settings, database, select=families, full_refresh=True, on_done=nodes.extend
    )
    assert report.models == len(families), report
    return {"in all": report.seconds} | slowest(nodes)


def compare(settings: Settings, database: Database, asked: argparse.Namespace) -> None:
    """Each part's line, on the bars of `asked.symbols` over `asked.years`."""
    store_walks(database, asked.symbols, asked.years)
    build(settings, database, select=["+int_bars"])
    settled(database)
    columns = columns_of(settings)
    check_python_knows(columns)
    with database.connect(autocommit=True) as conn:
        conn.execute(f"create schema {SCHEMA} authorization desk_dbt")
        found = conn.execute("select count(*) from intermediate.int_bars").fetchone()
    print(f"{found[0] if found else 0:,} bars, {len(columns)} columns\n{HEADER}")
    table = Table(settings.home)

    def line(part: str, name: str, *call: object, **options: object) -> float:
        if part not in asked.parts:
            return 0
        _start_clean(database)
        return table.line(name, *call, **options)  # type: ignore[arg-type]

    bare, keyed = (floor, database, columns, False), (floor, database, columns, True)
    table.floor = line("floor", "create table as", *bare)
    line("floor", "the same with its key", *keyed)
    python = (careful, database, columns)
    table.careful = line("careful", "careful Python, CSV", *python, False)
    line("binary", "careful Python, binary COPY", *python, True)
    line("dbt", "dbt build", dbt_build, settings, database)
    few = max(1, asked.symbols // 100)
    line(
        "usual",
        "pandas apply and to_sql",
        *(usual, database, columns, few),
        scale=asked.symbols / few,
        note=f"{few} symbols, scaled to all",
    )
    line("floor", "create table as, again", *bare)
    if {"careful", "dbt"} <= set(asked.parts):
        build(settings, database, select=["int_indicators"])
        name, difference = largest_difference(database, columns)
        print(f"largest difference of dbt from careful: {difference:.0e}, {name}")


def _start_clean(database: Database) -> None:
    """Without the last floor, and with the last line's work on the disk."""
    with database.connect(autocommit=True) as conn:
        conn.execute(f"drop table if exists {SCHEMA}.floor")
        conn.execute("checkpoint")


def compare_increments(
    settings: Settings, database: Database, asked: argparse.Namespace
) -> None:
    """What a session costs at each of `asked.increment_years`."""
    with database.connect(autocommit=True) as conn:
        conn.execute(f"drop schema if exists {SCHEMA} cascade")
    print(f"one more session of {asked.increment_symbols:,} symbols", flush=True)
    typical = []
    for years in asked.increment_years:
        size = (asked.increment_symbols, years)
        made = increments(settings, database, size, asked.sessions, asked.select)
        typical.append(made.typical)
        each = ", ".join(f"{seconds:.2f}" for seconds in made.sessions)
        print(
            f"{years:>4} years stored: {made.typical:.2f} s ({each}),"
            f" {100 * made.typical / made.full:.1f} % of the full {made.full:.1f} s,"
            f" {made.typical / typical[0]:.2f}x",
            f"      slowest: {steps_said(made.slowest)}",
            sep="\n",
            flush=True,
        )


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--symbols", type=int, default=500)
    given.add_argument("--years", type=float, default=20)
    given.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    given.add_argument("--increment-symbols", type=int, default=5_000)
    given.add_argument("--increment-years", type=float, nargs="+", default=[2, 20])
    given.add_argument("--sessions", type=int, default=5)
    given.add_argument("--select", nargs="+", default=MODELS)
    asked = given.parse_args()
    with own_database() as (settings, database):
        if set(asked.parts) != {"increment"}:
            compare(settings, database, asked)
        if "increment" in asked.parts:
            compare_increments(settings, database, asked)


if __name__ == "__main__":
    main()
