"""A vendor's load by several processes: the one that begins it, and those that help."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from uuid import UUID

from desk.database import Database
from desk.errors import SettingError
from desk.locks import LOAD_LOCK
from desk.settings import Settings
from ingest.chunks import Run, RunEnded, create_tables
from ingest.parts import PARTS, Connection, Workers, claimed_parts, share_out
from ingest.receiving import batch_said, receive
from ingest.sources import Batch, Source, Window

Progress = Callable[[str], None]


def load_together(
    conn: Connection,
    opened: AbstractContextManager[Source],
    run: Run,
    windows: Sequence[Window],
    workers: Workers,
    on_batch: Callable[[Batch], None],
) -> None:
    """Take in all windows, with whoever comes to help; ends when none is left."""
    share_out(conn, run, windows, workers.count)
    with opened as source, workers.called(run.run_id):
        for part in claimed_parts(conn, run.run_id, to_the_end=True):
            receive(conn, source, run, part, on_batch)


def help_with_load(
    settings: Settings,
    database: Database,
    run_id: UUID,
    on_progress: Progress = lambda _: None,
    *,
    source: Source | None = None,
) -> str:
    """Take in parts of a run that nobody holds, until there are none or the run has
    ended; what was done, as one line.

    The vendor's address and keys are this process's own settings. `SettingError` when
    these name another source than the run's.
    """
    with database.connect("ingest", autocommit=True) as conn:
        found = PARTS.shared_run(conn, run_id=run_id)
        if found is None:
            return "nothing left to do"
        run = Run(*found)
        if run.source != (source.name if source else settings.price_source):
            raise SettingError(
                "DESK_PRICE_SOURCE",
                settings.price_source,
                f"the load to help with is from {run.source}",
            )
        PARTS.notice_dead_machines(conn)
        create_tables(conn)
        with opened(settings, database, source) as source:
            return _take_parts(conn, source, run, on_progress)


def opened(
    settings: Settings, database: Database, source: Source | None
) -> AbstractContextManager[Source]:
    """The source given, or that of `settings` with the rate limit of all processes."""
    if source is not None:
        return nullcontext(source)
    from ingest.limits import open_shared_source  # its pool is of no use alone

    return open_shared_source(settings, database)


def _take_parts(
    conn: Connection, source: Source, run: Run, on_progress: Progress
) -> str:
    symbols = bars = 0

    def told(batch: Batch) -> None:
        nonlocal bars
        bars += len(batch.bars)
        on_progress(batch_said(batch))
        _check_going_on(conn, run)

    ending = ""
    try:
        for windows in claimed_parts(conn, run.run_id):
            _check_going_on(conn, run)
            receive(conn, source, run, windows, told)
            symbols += len(windows)
    except RunEnded as ended:
        ending = f"; {ended}"
    return f"{symbols:,} symbols, {bars:,} bars{ending}"


def _check_going_on(conn: Connection, run: Run) -> None:
    if not PARTS.is_going_on(conn, run_id=run.run_id, lock=LOAD_LOCK):
        raise RunEnded("the load has ended meanwhile")
