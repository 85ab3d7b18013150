"""Weekly and monthly bars: continuous aggregates of TimescaleDB, else plain views."""

from pathlib import Path
from typing import Any

import psycopg

from desk.database import Database, may_migrate

FOLDER = Path(__file__).parent / "sql"
NAMES = ("bars_weekly", "bars_monthly")

Connection = psycopg.Connection[Any]


def store_longer_bars(database: Database) -> None:
    """Make `raw.bars_weekly` and `raw.bars_monthly`, where they are not yet.

    Views that were made before the extension came give way to aggregates, and what
    dbt built upon them goes with them until its next build.
    """
    with database.connect("owner", autocommit=True) as conn:
        kept = continuous_aggregates(conn)
        if kept is None:
            if not _exists(conn):
                conn.execute((FOLDER / "bars_views.sql").read_bytes())
        elif not kept:
            for name in NAMES:
                conn.execute(f"drop view if exists raw.{name} cascade".encode())
            conn.execute((FOLDER / "bars_continuous.sql").read_bytes())


def refresh_longer_bars(database: Database) -> None:
    """Let the aggregates take in corrections of prices; of views nothing is kept.

    New bars show without this; a corrected one only after it. TimescaleDB goes over
    the periods that changed, not over history. Only their owner may; where no
    owner ever builds, nothing is materialised and all of it is aggregated when read.
    """
    with database.connect(autocommit=True) as conn:
        names = continuous_aggregates(conn)
        if not names or not may_migrate(conn):
            return
        conn.execute("set role desk_owner")
        for name in names:
            conn.execute(
                "call refresh_continuous_aggregate(%s, null, null)", [f"raw.{name}"]
            )


def continuous_aggregates(conn: Connection) -> list[str] | None:
    """Names of those there are; None where there is no TimescaleDB."""
    extension = conn.execute("select from pg_extension where extname = 'timescaledb'")
    if extension.rowcount == 0:
        return None
    found = conn.execute(
        "select view_name from timescaledb_information.continuous_aggregates"
        " where view_schema = 'raw' order by view_name"
    )
    return [name for (name,) in found]


def _exists(conn: Connection) -> bool:
    found = conn.execute("select to_regclass('raw.bars_weekly') is not null").fetchone()
    return found == (True,)
