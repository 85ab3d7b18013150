"""Replay: the last sessions walked one by one, as the clock would have."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import psycopg

from desk.calendar import Clock, evening_of
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from executor.dry_run import open_dry_run
from executor.execute import PassReport, run_pass
from executor.ledger import held_ledger, read_control
from executor.publish import PublishReport, publish_sessions
from executor.statements import Connection, fetch, run


@dataclass(frozen=True, slots=True)
class ReplayedSession:
    """One session of a walk, the `number`th of `total`."""

    session_date: date
    number: int
    total: int
    published: PublishReport
    executed: PassReport

    def __str__(self) -> str:
        return f"{self.session_date} ({self.number} of {self.total})"


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a walk did over all its sessions."""

    first_session: date
    last_session: date
    sessions: int
    signals: int
    placed: int
    blocked: int
    fills: int

    @property
    def said(self) -> str:
        """The report as a line."""
        return (
            f"{self.sessions} sessions walked, {self.first_session} to "
            f"{self.last_session}: {self.signals} signals published, "
            f"{self.placed} orders placed, {self.blocked} blocked, "
            f"{self.fills} filled"
        )


OnSession = Callable[[ReplayedSession], None]


@dataclass(frozen=True, slots=True)
class _SessionWithBars:
    session_date: date


def replay(
    settings: Settings,
    database: Database,
    clock: Clock,
    sessions: int,
    on_session: OnSession | None = None,
) -> ReplayReport:
    """Walk the last `sessions` sessions with bars, up to the clock's, in a dry run.

    On each session's evening: what was queued fills at its open, its signals
    are published, its orders placed. Sessions already walked change nothing;
    earlier ones extend the ledger backwards, and decisions made stand. A walk
    that dies is finished by `resume_replay`. Raises `DeskError` when nothing is
    built.
    """
    with held_ledger(database) as conn:
        last = _sessions(
            conn, "last_sessions", session=clock.session, sessions=sessions
        )
        if last:
            run(conn, "begin_replay", replay_from=last[0], replay_until=last[-1])
            done = _walk(conn, settings, database, clock, on_session)
            if done is not None:
                return done
        raise DeskError(f"no bars up to {clock.session}: run `desk build` first")


def resume_replay(
    settings: Settings,
    database: Database,
    clock: Clock,
    on_session: OnSession | None = None,
) -> ReplayReport | None:
    """Finish a replay that was interrupted; None when there is none."""
    with held_ledger(database) as conn:
        replay_from = read_control(conn).replay_from
        if replay_from is None or replay_from > clock.session:
            return None
        return _walk(conn, settings, database, clock, on_session)


def _walk(
    conn: Connection,
    settings: Settings,
    database: Database,
    clock: Clock,
    on_session: OnSession | None,
) -> ReplayReport | None:
    left = _sessions(conn, "sessions_to_replay", session=clock.session)
    walked = []
    with database.connect("executor", autocommit=True) as broker_conn:
        for number, session in enumerate(left, start=1):
            evening = evening_of(session)
            broker = open_dry_run(broker_conn, settings, evening)
            published = publish_sessions(conn, evening)
            executed = run_pass(conn, broker, settings, evening)
            run(conn, "session_replayed", session=session)
            walked.append(
                ReplayedSession(session, number, len(left), published, executed)
            )
            if on_session is not None:
                on_session(walked[-1])
    run(conn, "end_replay", session=clock.session)
    if not walked:
        return None
    return ReplayReport(
        first_session=left[0],
        last_session=left[-1],
        sessions=len(left),
        signals=sum(one.published.signals for one in walked),
        placed=sum(one.executed.placed for one in walked),
        blocked=sum(one.executed.blocked for one in walked),
        fills=sum(one.executed.fills for one in walked),
    )


def _sessions(conn: Connection, statement: str, **parameters: object) -> list[date]:
    try:
        rows = fetch(conn, statement, _SessionWithBars, **parameters)
    except psycopg.errors.UndefinedTable:
        raise DeskError("nothing is built yet: run `desk build` first") from None
    return [row.session_date for row in rows]
