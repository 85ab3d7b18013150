"""Publish: what the desk says, into the append-only ledger."""

from dataclasses import dataclass

import psycopg

from desk.calendar import Clock
from desk.code_version import code_version
from desk.database import Database
from desk.errors import DeskError
from desk.locks import LEDGER_LOCK
from executor.ledger import refuse_during_replay
from executor.statements import Connection, fetch, fetch_value, run


@dataclass(frozen=True, slots=True)
class PublishReport:
    """How many sessions were recorded, and how many signals they had."""

    sessions: int
    signals: int

    @property
    def said(self) -> str:
        """The report as a line."""
        return (
            f"{self.signals} new signals published, {self.sessions} sessions recorded"
        )


def publish(database: Database, clock: Clock) -> PublishReport:
    """Append the signals of sessions not published yet, up to the clock's.

    Counts from the desk's first session on, which is the clock's if there is
    none yet. What is published never changes, whatever happens to the marts.
    Raises `DeskError` when nothing is built, or when a replay is unfinished.
    """
    with database.connect("executor", autocommit=True) as conn:
        return publish_sessions(conn, clock, may_overtake_replay=False)


def publish_sessions(
    conn: Connection, clock: Clock, *, may_overtake_replay: bool = True
) -> PublishReport:
    """`publish` over an open connection; one transaction."""
    with conn.transaction():
        # A statement of its own: the next one must see what others committed.
        run(conn, "wait_for_ledger", key=LEDGER_LOCK)
        if not may_overtake_replay:
            refuse_during_replay(conn, clock)
        run_id = fetch_value(conn, "last_load")
        if run_id is None:
            raise DeskError("nothing is loaded yet: run `desk load` first")
        run(conn, "begin_publishing", session=clock.session)
        try:
            (report,) = fetch(
                conn,
                "publish",
                PublishReport,
                session=clock.session,
                now=clock.now,
                run_id=run_id,
                code_version=code_version(),
            )
        except psycopg.errors.UndefinedTable:
            raise DeskError("nothing is built yet: run `desk build` first") from None
    return report
