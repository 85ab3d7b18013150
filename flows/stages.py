"""The stages of a trading day as plain functions, and one pass over them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog

from desk.calendar import Clock
from desk.database import Database
from desk.locks import DAY_LOCK
from desk.settings import Settings
from desk.tidy import tidy_files
from flows.diary import bury_dead_stages, forget_old_stages, noted

if TYPE_CHECKING:
    from ingest.load import LoadStep
    from ingest.parts import Workers

FIRST_REPLAY_SESSIONS = 60

log = structlog.get_logger()

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every stage works on.

    `first_replay`: sessions to walk when the ledger is still empty (0: none).
    `full_refresh`: calculate everything anew. `full_load`: ask for each symbol's
    whole history. `on_share`: told the share of a long stage that is done.
    """

    settings: Settings
    database: Database
    clock: Clock
    first_replay: int = 0
    full_refresh: bool = False
    full_load: bool = False
    load_workers: "Workers | None" = None
    progress: Progress = field(default=lambda _: None)
    on_share: Callable[[float], None] = field(default=lambda _: None)


@dataclass(frozen=True, slots=True)
class StageReport:
    """One stage that was done: its name, what it says of itself, and seconds."""

    stage: str
    said: str
    seconds: float


def load(desk: Desk) -> str:
    """Prices and corporate actions from the source into `raw`."""
    from ingest.load import load

    def on_step(step: "LoadStep") -> None:
        desk.on_share(step.symbols_done / max(step.symbols_asked, 1))

    return load(
        desk.settings,
        desk.database,
        desk.clock,
        desk.progress,
        full=desk.full_load,
        on_step=on_step,
        workers=desk.load_workers,
    ).said


def gate(desk: Desk) -> str:
    """Great Expectations on what was loaded; raises when one fails."""
    from ingest.gate import check

    return check(desk.settings, desk.database, desk.clock).said


def build(desk: Desk) -> str:
    """dbt: bars, indicators, strategies, signals, backtest, and their tests."""
    from flows.transform import build

    report = build(
        desk.settings,
        desk.database,
        full_refresh=desk.full_refresh,
        on_node=lambda name, status: desk.progress(f"{name} {status}"),
    )
    return report.said


def replay(desk: Desk) -> str:
    """Finish a replay that was interrupted; on an empty ledger, the first one."""
    from executor.replay import replay, resume_replay

    arguments = (desk.settings, desk.database, desk.clock)

    def told(session: object) -> None:
        desk.progress(str(session))

    done = resume_replay(*arguments, on_session=told)
    if done is None and desk.first_replay and _ledger_is_empty(desk.database):
        done = replay(*arguments, desk.first_replay, on_session=told)
    return "nothing to replay" if done is None else done.said


def publish(desk: Desk) -> str:
    """New signals into the append-only ledger."""
    from executor.publish import publish

    return publish(desk.database, desk.clock).said


def execute(desk: Desk) -> str:
    """Published signals into orders."""
    from executor.execute import execute

    # On its own clock, not on the one the desk was opened with: a load takes hours.
    return execute(desk.settings, desk.database).said


STAGES: tuple[Callable[[Desk], str], ...] = (
    load,
    gate,
    build,
    replay,
    publish,
    execute,
)


def run_stage(stage: Callable[[Desk], str], desk: Desk) -> StageReport:
    """One stage, timed, and noted in `trading.stage_runs`."""
    started = monotonic()
    name, session = stage.__name__, desk.clock.session
    with (
        structlog.contextvars.bound_contextvars(stage=name),
        noted(desk.database, name, session) as say,
    ):
        say(said := stage(desk))
        report = StageReport(name, said, monotonic() - started)
        log.info("stage_ended", said=said, seconds=round(report.seconds, 3))
    return report


def tidy(desk: Desk) -> None:
    """Remove what is older than DESK_KEEP_DAYS: the end of a pass."""
    tidy_files(desk.settings)
    forget_old_stages(desk.database, desk.settings.keep_days)


@contextmanager
def one_at_a_time(
    database: Database, on_wait: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold the desk's lock: passes over one database wait for each other.

    The lock belongs to a connection, so it ends with the process.
    """
    with database.connect(autocommit=True) as conn:
        held = conn.execute("select pg_try_advisory_lock(%s)", [DAY_LOCK])
        if held.fetchone() == (False,):
            on_wait()
            conn.execute("select pg_advisory_lock(%s)", [DAY_LOCK])
        bury_dead_stages(database)
        yield


def _ledger_is_empty(database: Database) -> bool:
    with database.connect("executor") as conn:
        row: Any = conn.execute("select first_session from trading.control").fetchone()
    return row[0] is None
