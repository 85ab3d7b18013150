"""Indicators as Python users make them: out of Postgres, TA-Lib, and back."""

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import psycopg2  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from psycopg import sql
from pyarrow import csv
from sqlalchemy import create_engine

from benchmarks.indicators_tables import KEY, SCHEMA, add_key, create_table
from benchmarks.indicators_talib import indicators
from desk.database import Database

PRICES = ("high", "low", "close", "volume")
BARS = f"select {', '.join((*KEY, *PRICES))} from intermediate.int_bars"
IN_ORDER = "order by symbol, bar_date"
BATCH = 25  # symbols whose rows are made and sent at once
POSTGRES_EPOCH = np.datetime64("2000-01-01")
BINARY_BEGIN, BINARY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


@dataclass
class Steps:
    """Wall seconds of each step; a step may come several times."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        taken = time.perf_counter() - begun
        self.seconds[name] = self.seconds.get(name, 0) + taken


@dataclass(frozen=True)
class Made:
    """The bars' keys and their indicators, a row of `values` for each column."""

    keys: pa.Table
    values: NDArray[np.float64]

    def where(self, chosen: NDArray[np.bool_]) -> "Made":
        return Made(self.keys.filter(pa.array(chosen)), self.values[:, chosen])


def careful(
    database: Database, columns: Sequence[str], is_binary: bool
) -> dict[str, float]:
    """Seconds by step: COPY into numpy, TA-Lib by slices, Arrow's CSV by COPY back.

    `is_binary`: rows without a NULL go back in COPY's binary format instead.
    """
    steps = Steps()
    table = sql.Identifier(SCHEMA, "careful_binary" if is_binary else "careful")
    with steps.step("COPY out"):
        text = _copied_out(database)
    with steps.step("parse"):
        bars = _parsed(text)
        del text
    with database.connect("dbt") as conn:
        conn.execute(create_table(table, columns))
        if is_binary:
            _copy_binary(conn, table, _made(bars, columns, steps), steps)
        else:
            _copy_csv(conn, table, _made(bars, columns, steps), steps)
        with steps.step("primary key"):
            conn.execute(add_key(table))
            conn.commit()
    return steps.seconds


def _copied_out(database: Database) -> bytes:
    text = io.BytesIO()
    conn = psycopg2.connect(database.conninfo("dbt"))  # psycopg 3 has a call per row
    with conn.cursor() as cur:
        cur.copy_expert(f"copy ({BARS} {IN_ORDER}) to stdout (format csv)", text)
    conn.close()
    return text.getvalue()


def _parsed(text: bytes) -> pa.Table:
    prices = dict.fromkeys(PRICES, pa.float64())
    types = {"symbol": pa.string(), "bar_date": pa.date32(), **prices}
    return csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=list(types)),
        convert_options=csv.ConvertOptions(column_types=types),
    ).combine_chunks()


def _made(bars: pa.Table, columns: Sequence[str], steps: Steps) -> Iterator[Made]:
    prices = [bars[name].to_numpy() for name in PRICES]
    runs = pc.run_end_encode(bars["symbol"].chunk(0))
    ends = runs.run_ends.to_numpy()
    for first in range(0, len(ends), BATCH):
        with steps.step("TA-Lib"):
            start = ends[first - 1] if first else 0
            batch = slice(start, ends[first : first + BATCH][-1])
            values = np.empty((len(columns), batch.stop - batch.start))
            for end in ends[first : first + BATCH]:
                made = indicators(*(price[start:end] for price in prices))
                for row, name in zip(values, columns, strict=True):
                    row[start - batch.start : end - batch.start] = made[name]
                start = end
            keys = bars.select(KEY)[batch]
        yield Made(keys, values)


def _copy_csv(
    conn: psycopg.Connection[Any],
    table: sql.Identifier,
    batches: Iterator[Made],
    steps: Steps,
) -> None:
    query = sql.SQL("copy {} from stdin (format csv, freeze)").format(table)
    with conn.cursor().copy(query) as copy:
        for made in batches:
            with steps.step("rows"):
                lines = _lines(made)
            with steps.step("COPY in"):
                copy.write(lines)


def _lines(made: Made) -> memoryview:
    values = [pa.array(row, from_pandas=True) for row in made.values]  # NaN is NULL
    arrays = [*made.keys.columns, *values]
    table = pa.table(arrays, names=[str(i) for i in range(len(arrays))])
    sink = io.BytesIO()
    csv.write_csv(table, sink, csv.WriteOptions(include_header=False, batch_size=8_192))
    return sink.getbuffer()


def _copy_binary(
    conn: psycopg.Connection[Any],
    table: sql.Identifier,
    batches: Iterator[Made],
    steps: Steps,
) -> None:
    warming_up: list[Made] = []
    query = sql.SQL("copy {} from stdin (format binary, freeze)").format(table)
    with conn.cursor().copy(query) as copy:
        copy.write(BINARY_BEGIN)
        for made in batches:
            with steps.step("rows"):
                is_whole = np.isfinite(made.values.sum(axis=0))
                warming_up.append(made.where(~is_whole))
                rows = _binary_rows(made.where(is_whole))
            with steps.step("COPY in"):
                copy.write(rows)
        copy.write(BINARY_END)
    _copy_csv(conn, table, iter(warming_up), steps)


def _binary_rows(made: Made) -> bytes:
    """Each field behind its length, in network order; symbols of six characters."""
    doubles = [(f"{i}{of}", t) for i in range(len(made.values)) for of, t in FIELD]
    rows = np.empty(made.keys.num_rows, dtype=[*BEFORE, *doubles])
    rows["fields"] = len(made.values) + len(KEY)
    rows["length of symbol"] = 6
    rows["symbol"] = made.keys["symbol"].to_numpy().astype("S6")
    rows["length of bar_date"] = 4
    days = made.keys["bar_date"].to_numpy() - POSTGRES_EPOCH
    rows["bar_date"] = days.astype("timedelta64[D]").astype(np.int64)
    for i, row in enumerate(made.values):
        rows[f"{i} length"] = 8
        rows[f"{i} value"] = row
    return rows.tobytes()


FIELD = ((" length", ">i4"), (" value", ">f8"))
BEFORE = [
    ("fields", ">i2"),
    *(("length of symbol", ">i4"), ("symbol", "S6")),
    *(("length of bar_date", ">i4"), ("bar_date", ">i4")),
]


def usual(database: Database, columns: Sequence[str], symbols: int) -> int:
    """Rows made the usual way, of the first symbols: pandas both ways."""
    engine = create_engine(database.sqlalchemy_url("dbt"))
    with engine.begin() as conn:
        bars = pd.read_sql(f"{BARS} where symbol <= 'S{symbols:05}' {IN_ORDER}", conn)
        made = bars.groupby("symbol")[["bar_date", *PRICES]].apply(_frame)
        frame = made.reset_index("symbol")[[*KEY, *columns]]
        frame.to_sql("usual", conn, schema=SCHEMA, if_exists="replace", index=False)
    engine.dispose()
    return len(frame)


def _frame(bars: pd.DataFrame) -> pd.DataFrame:
    prices = (bars[name].to_numpy(np.float64) for name in PRICES)
    return bars[["bar_date"]].assign(**indicators(*prices))
