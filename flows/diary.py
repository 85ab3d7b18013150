"""The diary of stages: `trading.stage_runs`, a row for each stage that began."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import aiosql
import psycopg

from desk.database import Database

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "stage_runs.sql", "psycopg")


@contextmanager
def noted(
    database: Database, stage: str, session: date
) -> Iterator[Callable[[str], None]]:
    """Note that a stage begins, and how it ends.

    Yields a function that takes what the stage says it did. An exception is noted
    and goes on; a killed process leaves a row that `bury_dead_stages` finds.
    """
    said = "done"

    def say(words: str) -> None:
        nonlocal said
        said = words

    with database.connect("executor", autocommit=True) as conn:
        stage_run_id = QUERIES.begin_stage(conn, stage=stage, session=session)
    outcome = "succeeded"
    try:
        yield say
    except BaseException as failure:
        outcome, said = "failed", str(failure) or type(failure).__name__
        raise
    finally:
        # A database that is gone can't be told; the stage's own error matters more.
        with (
            suppress(*([psycopg.OperationalError] if outcome == "failed" else [])),
            database.connect("executor", autocommit=True) as conn,
        ):
            QUERIES.end_stage(
                conn, stage_run_id=stage_run_id, outcome=outcome, said=said
            )


def bury_dead_stages(database: Database) -> int:
    """Stages whose process ended without a word; ask while holding the desk's lock."""
    with database.connect("executor", autocommit=True) as conn:
        return int(QUERIES.bury_dead_stages(conn))


def is_session_done(database: Database, session: date) -> bool:
    """Whether a session's pass came to its end: signals, orders and backtest."""
    with database.connect("executor") as conn:
        return bool(QUERIES.is_session_done(conn, session=session))


def forget_old_stages(database: Database, days: int) -> None:
    """Take stages that began more than `days` ago off the diary."""
    with database.connect("executor", autocommit=True) as conn:
        QUERIES.forget_stages(conn, days=days)
