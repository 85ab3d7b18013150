"""Bars and corporate actions from the source into `raw`, nothing lost."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiosql
import psycopg
from psycopg.rows import class_row

from desk.calendar import Clock, store_sessions
from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.locks import LOAD_LOCK
from desk.settings import Settings
from ingest.chunks import BARS, Run, create_tables
from ingest.parts import PARTS, Workers
from ingest.receiving import batch_said, receive
from ingest.sources import Batch, Source, Window, open_source
from ingest.straight import NotStraight, open_straight
from ingest.together import load_together, opened
from ingest.universe import asked_symbols
from ingest.windows import plan_windows

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "runs.sql", "psycopg")
LOCK_SECONDS = 60

Connection = psycopg.Connection[Any]
Progress = Callable[[str], None]
# A report names so many failed symbols; `raw.ingest_runs` has all.
NAMED_FAILURES = 5


@dataclass(frozen=True, slots=True)
class LoadStep:
    """How far a load has come: symbols with an answer, of all, and bars received."""

    symbols_done: int
    symbols_asked: int
    bars: int


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
    rows_outside: int
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
        if self.rows_outside:
            bars += f", {self.rows_outside:,} outside the window"
        actions = f"{self.actions_new:,} new corporate actions"
        if self.actions_changed:
            actions += f", {self.actions_changed:,} changed"
        if self.actions_rejected:
            actions += f", {self.actions_rejected:,} rejected"
        failed = [f"no data for {s}: {why}" for s, why in self.failed_symbols.items()]
        if more := failed[NAMED_FAILURES:]:
            failed[NAMED_FAILURES:] = [f"no data for {len(more):,} more"]
        return "; ".join([bars, actions, *failed])


def load(
    settings: Settings,
    database: Database,
    clock: Clock,
    on_progress: Progress = lambda _: None,
    *,
    source: Source | None = None,
    full: bool = False,
    on_step: Callable[[LoadStep], None] = lambda _: None,
    workers: Workers | None = None,
) -> LoadReport:
    """Load each symbol up to the clock's session, from `settings`' source or another.

    `full`: ask for each symbol's whole history again, not for what is new only.
    `workers`: processes that share a vendor's load; None: this one alone.
    A local source is loaded in one transaction. A vendor's symbols are committed in
    chunks, so a source must give all of a symbol in one batch; a load that died goes
    on with the next one of the same session. Another load on the same database is
    waited for. Raises `DeskError` when the source gives nothing at all,
    `SettingError` for settings it can't serve.
    """
    given, source = source, source or open_source(settings)
    symbols = source.universe(asked_symbols(settings))
    if settings.since > clock.session:
        raise SettingError(
            "DESK_SINCE", settings.since, f"is after the last session, {clock.session}"
        )
    with database.connect("ingest", autocommit=True) as conn:
        _hold_lock(conn)
        store_sessions(conn)
        QUERIES.bury_dead_runs(conn)
        PARTS.forget_windows(conn)
        windows = plan_windows(
            conn,
            source,
            symbols,
            since=settings.since,
            session=clock.session,
            overlap_sessions=settings.overlap_sessions,
            full=full,
        )
        run = Run(uuid4(), source.name, settings.since, clock.session, clock.now)
        QUERIES.start_run(
            conn,
            run_id=run.run_id,
            source=source.name,
            symbols=list(symbols),
            window_start=min((w.start for w in windows), default=clock.session),
            window_end=clock.session,
            known_at=clock.now,
        )
        try:
            create_tables(conn)
            if workers is None or source.is_local or not windows:
                told = _telling(len(windows), on_progress, on_step)
                _take_in(conn, source, run, windows, told)
            else:
                told = _telling_of_all(conn, run, len(windows), on_progress, on_step)
                shared = opened(settings, database, given)
                load_together(conn, shared, run, windows, workers, told)
                _check_given(conn, run, windows)
        except BaseException as failed:
            # A run that can't even say so is found dead by the next one.
            with suppress(psycopg.Error):
                error = str(failed) or type(failed).__name__
                QUERIES.fail_run(conn, run_id=run.run_id, error=error)
            raise
        conn.row_factory = class_row(LoadReport)
        report: LoadReport = QUERIES.finish_run(conn, run_id=run.run_id)
        return report


def _hold_lock(conn: Connection) -> None:
    """Until the connection ends; that of a killed load may linger a bit."""
    conn.execute(f"set lock_timeout = '{LOCK_SECONDS}s'")
    try:
        QUERIES.hold_lock(conn, key=LOAD_LOCK)
    except psycopg.errors.LockNotAvailable:
        raise DeskError("another load is running on this database") from None
    conn.execute("reset lock_timeout")


def _take_in(
    conn: Connection,
    source: Source,
    run: Run,
    windows: Sequence[Window],
    on_batch: Callable[[Batch], None],
) -> None:
    """What is local and new goes straight where it belongs, if it can."""
    asked = [window.symbol for window in windows]
    if source.is_local and not BARS.has_bars(conn, symbols=asked):
        straight = open_straight(conn, BARS, run.source, run.session, run.now)
        with suppress(NotStraight, psycopg.errors.UniqueViolation):
            with conn.transaction():
                receive(conn, source, run, windows, on_batch, straight)
                _check_given(conn, run, windows)
            return
    receive(conn, source, run, windows, on_batch)
    _check_given(conn, run, windows)


def _telling(
    asked: int, on_progress: Progress, on_step: Callable[[LoadStep], None]
) -> Callable[[Batch], None]:
    done: set[str] = set()
    bars = 0

    def told(batch: Batch) -> None:
        nonlocal bars
        on_progress(batch_said(batch))
        done.update(batch.symbols)
        bars += len(batch.bars)
        on_step(LoadStep(len(done), asked, bars))

    return told


def _telling_of_all(
    conn: Connection,
    run: Run,
    asked: int,
    on_progress: Progress,
    on_step: Callable[[LoadStep], None],
) -> Callable[[Batch], None]:
    """Steps are those of all processes: what they have merged."""

    def told(batch: Batch) -> None:
        on_progress(batch_said(batch))
        bars, left = PARTS.progress(conn, run_id=run.run_id)
        on_step(LoadStep(asked - left, asked, bars))

    return told


def _check_given(conn: Connection, run: Run, windows: Sequence[Window]) -> None:
    failures: dict[str, str] = QUERIES.failures(conn, run_id=run.run_id)
    if windows and all(window.symbol in failures for window in windows):
        symbol = windows[0].symbol
        others = f" (and {len(failures) - 1:,} more)" if len(failures) > 1 else ""
        raise DeskError(
            f"{run.source} gave nothing for {symbol}: {failures[symbol]}{others}"
        )
