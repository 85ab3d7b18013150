"""Made-up snapshots, in Postgres too, and what the engines made of them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from desk.calendar import sessions_between
from desk.database import Database

WALKS = Path(__file__).with_name("engines.sql").read_text()
AT_ONCE = 500
COMPARED = "S00001"


def write_walks(snapshot: Path, symbols: int, first: date) -> int:
    """Prices of so many symbols since `first`, and no corporate actions; how many."""
    from benchmarks.indicators_increment import LAST

    sessions = sessions_between(first, LAST)
    with duckdb.connect() as conn:
        conn.register(
            "sessions",
            pa.table(
                {
                    "session_date": [s.session_date for s in sessions],
                    "closes_at": [s.closes_at for s in sessions],
                }
            ),
        )
        (snapshot / "raw_prices").mkdir(parents=True)
        for begin in range(0, symbols, AT_ONCE):
            file = snapshot / "raw_prices" / f"part-{begin}.parquet"
            end = min(begin + AT_ONCE, symbols)
            conn.execute(WALKS.format(first=begin, last=end, file=file))
        (snapshot / "corporate_actions").mkdir()
        conn.execute(
            "copy (select 'A' as symbol, current_date as ex_date, 'split' as kind,"
            " 2.0::double as value where false)"
            f" to '{snapshot}/corporate_actions/part-0.parquet' (format parquet)"
        )
    return symbols * len(sessions)


def load_snapshot(database: Database, snapshot: Path) -> int:
    """The snapshot's prices into Postgres as if long there; how many."""
    with (
        duckdb.connect() as source,
        database.connect("ingest", autocommit=True) as conn,
        conn.cursor() as cursor,
    ):
        bars = 0
        for part in sorted((snapshot / "raw_prices").glob("*.parquet")):
            csv = snapshot / "part.csv"
            source.execute(
                f"copy (from '{part}') to '{csv}' (format csv, header false)"
            )
            with (
                cursor.copy("copy raw.raw_prices from stdin (format csv)") as copy,
                csv.open("rb") as file,
            ):
                while block := file.read(1 << 20):
                    copy.write(block)
            csv.unlink()
            bars += cursor.rowcount
    return bars


def largest_difference(
    database: Database, file: Path, columns: Sequence[str]
) -> tuple[str, float]:
    """The column in which one symbol's values differ most, and by how much of them."""
    query = (
        f"select {', '.join(columns)} from intermediate.int_indicators"
        f" where symbol = '{COMPARED}' order by bar_date"
    )
    with database.connect() as conn:
        ours = np.array(conn.execute(query.encode()).fetchall(), dtype=float)
    with duckdb.connect(str(file), read_only=True) as conn_duckdb:
        theirs = np.array(conn_duckdb.execute(query).fetchall(), dtype=float)
    assert (np.isnan(ours) == np.isnan(theirs)).all()
    size = np.maximum(np.abs(ours), 1e-3)
    differences = np.nanmax(np.abs(ours - theirs) / size, axis=0)
    worst = int(differences.argmax())
    return columns[worst], float(differences[worst])
