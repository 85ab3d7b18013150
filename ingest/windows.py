"""From which session on each symbol is asked for."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import aiosql
import psycopg

from ingest.sources import Source, Window

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "windows.sql", "psycopg")


def plan_windows(
    conn: psycopg.Connection[Any],
    source: Source,
    symbols: Sequence[str],
    *,
    since: date,
    session: date,
    overlap_sessions: int,
    full: bool = False,
) -> list[Window]:
    """A window for each symbol, in the order given, up to `session`.

    A symbol that an earlier load has had from this source continues
    `overlap_sessions` before its last bar, so that the vendor's corrections are
    seen; any other starts at `since`, and so do all when `full` or when the source
    is local.
    """
    if full or source.is_local:
        return [Window(symbol, since, session) for symbol in symbols]
    starts = QUERIES.window_starts(
        conn,
        source=source.name,
        symbols=list(symbols),
        since=since,
        session=session,
        overlap_sessions=overlap_sessions,
    )
    return [Window(symbol, min(start, session), session) for symbol, start in starts]
