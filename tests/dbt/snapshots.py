"""A snapshot's files, as dbt's other engines read them, made from a test's database."""

from pathlib import Path

import pyarrow as pa
from psycopg import sql
from pyarrow import parquet

from desk.database import Database

TABLES = ("corporate_actions", "symbol_marks", "raw_price_revisions", "raw_prices")
TYPES = {
    "boolean": pa.bool_(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "double precision": pa.float64(),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}


def write_snapshot(database: Database, folder: Path) -> None:
    """`<folder>/<table>/…/part-0.parquet` for each table; prices by year."""
    for table in TABLES:
        rows = _read(database, table)
        if table != "raw_prices":
            _write(rows, folder / table)
            continue
        years = pa.compute.year(rows["bar_date"])
        for year in years.unique().to_pylist():
            part = rows.filter(pa.compute.equal(years, year))
            _write(part, folder / table / f"year={year}")


def _read(database: Database, table: str) -> pa.Table:
    columns = sql.SQL(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = 'raw' and table_name = %s order by ordinal_position"
    )
    with database.connect() as conn:
        found = conn.execute(columns, [table]).fetchall()
        rows = conn.execute(
            sql.SQL("select * from raw.{}").format(sql.Identifier(table))
        ).fetchall()
    schema = pa.schema([(name, TYPES.get(kind, pa.string())) for name, kind in found])
    values = zip(*rows, strict=True) if rows else [[] for _ in found]
    return pa.table(
        [pa.array(c, f.type) for c, f in zip(values, schema, strict=True)], schema
    )


def _write(rows: pa.Table, folder: Path) -> None:
    folder.mkdir(parents=True)
    parquet.write_table(rows, folder / "part-0.parquet")
