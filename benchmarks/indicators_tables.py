"""Tables of the benchmark's own, as wide as `int_indicators`, and their floor."""

import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from psycopg import sql

from benchmarks.indicators_talib import indicators
from desk.database import Database
from desk.settings import Settings

KEY = ("symbol", "bar_date")
SCHEMA = "benchmark"


def columns_of(settings: Settings) -> list[str]:
    """The indicators of `int_indicators`, as dbt's manifest has them."""
    return [name for name in _int_indicators(settings)["columns"] if name not in KEY]


def families_of(settings: Settings) -> list[str]:
    """The models that `int_indicators` joins to the bars."""
    parents = _int_indicators(settings)["depends_on"]["nodes"]
    names = [str(parent).rsplit(".", maxsplit=1)[-1] for parent in parents]
    return [name for name in names if name != "int_bars"]


def _int_indicators(settings: Settings) -> dict[str, Any]:
    manifest = settings.home / "dbt" / "target" / "manifest.json"
    node: dict[str, Any] = json.loads(manifest.read_text())["nodes"][
        "model.desk.int_indicators"
    ]
    return node


def check_python_knows(columns: Sequence[str]) -> None:
    rising = np.arange(1.0, 301.0)
    known = indicators(rising + 1, rising, rising + 0.5, rising)
    if unknown := [name for name in columns if name not in known]:
        raise SystemExit(f"indicators_talib.py lacks {', '.join(unknown)}")


def create_table(table: sql.Identifier, columns: Sequence[str]) -> sql.Composed:
    doubles = (
        sql.SQL("{} double precision").format(sql.Identifier(name)) for name in columns
    )
    return sql.SQL("create table {} (symbol text, bar_date date, {})").format(
        table, sql.SQL(", ").join(doubles)
    )


def add_key(table: sql.Identifier) -> sql.Composed:
    return sql.SQL("alter table {} add primary key (symbol, bar_date)").format(table)


def floor(database: Database, columns: Sequence[str], has_key: bool) -> float:
    """Seconds to write rows of that width: nothing calculated, nothing moved.

    With a key, it is there before the rows, as with dbt's contracts.
    """
    table = sql.Identifier(SCHEMA, "floor")
    closes = (sql.SQL("close as {}").format(sql.Identifier(name)) for name in columns)
    rows = sql.SQL("select symbol, bar_date, {} from intermediate.int_bars").format(
        sql.SQL(", ").join(closes)
    )
    with database.connect("dbt") as conn:
        begun = time.perf_counter()
        if has_key:
            conn.execute(create_table(table, columns))
            conn.execute(add_key(table))
            conn.execute(sql.SQL("insert into {} {}").format(table, rows))
        else:
            conn.execute(sql.SQL("create table {} as {}").format(table, rows))
        conn.commit()
        return time.perf_counter() - begun


def largest_difference(database: Database, columns: Sequence[str]) -> tuple[str, float]:
    """The column of dbt's that is furthest from Python's, relative to its largest
    value, on the first symbol's bars that both have."""
    ours, theirs = (
        _first_symbol(database, sql.Identifier(schema, name), columns)
        for schema, name in (("intermediate", "int_indicators"), (SCHEMA, "careful"))
    )
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    differences = np.nanmax(np.abs(ours - theirs), axis=0)
    relative = differences / np.nanmax(np.abs(theirs), axis=0)
    worst = int(np.argmax(relative))
    return columns[worst], float(relative[worst])


def _first_symbol(
    database: Database, table: sql.Identifier, columns: Sequence[str]
) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    query = sql.SQL(
        "select {} from {} where symbol = 'S00001' order by bar_date"
    ).format(names, table)
    with database.connect("dbt") as conn:
        return np.array(conn.execute(query).fetchall(), dtype=np.float64)
