"""Bars and corporate actions from the source into `raw`, nothing lost."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiosql
import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from desk.calendar import Clock, store_sessions
from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.settings import Settings
from ingest.sources import Source, Window, open_source

QUERIES = aiosql.from_path(Path(__file__).parent / "sql", "psycopg")
LOAD_LOCK = 0x6465736D
LOCK_SECONDS = 60
# How far back a vendor is asked again, to notice corrections.
TRAILING_SESSIONS = 10

Connection = psycopg.Connection[Any]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did: the run's row of `raw.ingest_runs`. Rows are bars."""

    run_id: UUID
    source: str
    symbols: Sequence[str]
    window_start: date
    window_end: date
    rows_received: int
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_rejected: int
    actions_received: int
    actions_new: int
    actions_changed: int
    actions_same: int
    actions_rejected: int
    failed_symbols: Mapping[str, str]
    earliest_change_date: date | None

    @property
    def said(self) -> str:
        """The report as one line."""
        bars = (
            f"{self.rows_new:,} new bars, {self.rows_changed:,} changed, "
            f"{self.rows_same:,} same, {self.rows_rejected:,} rejected"
        )
        actions = f"{self.actions_new:,} new corporate actions"
        if self.actions_changed:
            actions += f", {self.actions_changed:,} changed"
        if self.actions_rejected:
            actions += f", {self.actions_rejected:,} rejected"
        failed = [f"no data for {s}: {why}" for s, why in self.failed_symbols.items()]
        return "; ".join([bars, actions, *failed])


def load(
    settings: Settings,
    database: Database,
    clock: Clock,
    on_progress: Progress = lambda _: None,
    *,
    source: Source | None = None,
) -> LoadReport:
    """Load each symbol up to the clock's session, from `settings`' source or another.

    Everything one load changes is one transaction; only its run row is written
    before. Another load on the same database is waited for. Raises `DeskError`
    when the source gives nothing at all, `SettingError` for settings it can't serve.
    """
    source = source or open_source(settings)
    symbols = source.universe(settings.symbols)
    if settings.since > clock.session:
        raise SettingError(
            "DESK_SINCE", settings.since, f"is after the last session, {clock.session}"
        )
    with database.connect("ingest", autocommit=True) as conn:
        _hold_lock(conn)
        store_sessions(conn)
        QUERIES.bury_dead_runs(conn)
        windows = _windows(conn, settings, clock, source, symbols)
        run_id = uuid4()
        QUERIES.start_run(
            conn,
            run_id=run_id,
            source=source.name,
            symbols=list(symbols),
            window_start=min(window.start for window in windows),
            window_end=clock.session,
        )
        try:
            received = _receive(conn, source, windows, on_progress)
            with conn.transaction():
                return _merge(conn, clock, source, run_id, symbols, received)
        except BaseException as failed:
            # A run that can't even say so is found dead by the next one.
            with suppress(psycopg.Error):
                error = str(failed) or type(failed).__name__
                QUERIES.fail_run(conn, run_id=run_id, error=error)
            raise


def _hold_lock(conn: Connection) -> None:
    """Until the connection ends; that of a killed load may linger a bit."""
    conn.execute(f"set lock_timeout = '{LOCK_SECONDS}s'")
    try:
        QUERIES.hold_lock(conn, key=LOAD_LOCK)
    except psycopg.errors.LockNotAvailable:
        raise DeskError("another load is running on this database") from None
    conn.execute("reset lock_timeout")


def _windows(
    conn: Connection,
    settings: Settings,
    clock: Clock,
    source: Source,
    symbols: Sequence[str],
) -> list[Window]:
    if source.is_local:
        return [Window(symbol, settings.since, clock.session) for symbol in symbols]
    starts = QUERIES.windows(
        conn,
        source=source.name,
        symbols=list(symbols),
        since=settings.since,
        trailing=TRAILING_SESSIONS,
    )
    return [
        Window(symbol, min(start, clock.session), clock.session)
        for symbol, start in starts
    ]


@dataclass(frozen=True, slots=True)
class _Received:
    bars: int
    actions: int
    failures: Mapping[str, str]


def _receive(
    conn: Connection, source: Source, windows: Sequence[Window], on_progress: Progress
) -> _Received:
    """What the source gives, as text, into temporary tables."""
    QUERIES.create_bar_tables(conn)
    QUERIES.create_action_tables(conn)
    bars = actions = 0
    failures: dict[str, str] = {}
    for batch in source.fetch(windows):
        _copy(conn, "copy received_bars from stdin (format csv)", batch.bars)
        _copy(conn, "copy received_actions from stdin (format csv)", batch.actions)
        bars += len(batch.bars)
        actions += len(batch.actions)
        failures.update(batch.failures)
        on_progress(f"{', '.join(batch.symbols)}: {len(batch.bars):,} bars")
    if failures and len(failures) == len(windows):
        symbol, reason = next(iter(failures.items()))
        others = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise DeskError(f"{source.name} gave nothing for {symbol}: {reason}{others}")
    return _Received(bars, actions, failures)


def _copy(conn: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    text = StringIO()
    csv.writer(text).writerows(rows)
    # What Postgres' text can't hold arrives escaped, to be judged like the rest.
    lines = text.getvalue().encode(errors="backslashreplace").replace(b"\0", b"\\0")
    with conn.cursor().copy(statement.encode()) as copy:
        copy.write(lines)


def _merge(
    conn: Connection,
    clock: Clock,
    source: Source,
    run_id: UUID,
    symbols: Sequence[str],
    received: _Received,
) -> LoadReport:
    conn.execute("analyze received_bars, received_actions")
    asked = {"symbols": list(symbols), "session": clock.session}
    QUERIES.judge_bars(conn, **asked)
    QUERIES.judge_actions(conn, **asked)
    conn.execute("analyze judged_bars, judged_actions")
    QUERIES.reject_bars(conn, run_id=run_id, now=clock.now)
    QUERIES.reject_actions(conn, run_id=run_id, now=clock.now)
    QUERIES.revise_bars(conn, now=clock.now)
    QUERIES.revise_actions(conn, now=clock.now)
    written = {"source": source.name, "now": clock.now}
    QUERIES.update_bars(conn, **written)
    QUERIES.update_actions(conn, **written)
    QUERIES.insert_bars(conn, **written)
    QUERIES.insert_actions(conn, **written)
    conn.row_factory = class_row(LoadReport)
    report: LoadReport = QUERIES.finish_run(
        conn,
        run_id=run_id,
        rows_received=received.bars,
        actions_received=received.actions,
        failed_symbols=Jsonb(dict(received.failures)),
    )
    return report
