"""Processes that kill themselves (SIGKILL) at a chosen step of their work."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from desk.database import Database

Work = Callable[[Database], None]

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["executor.replay", "tests.executor.market"])


def killed_at(step: int, work: Work, database: Database) -> bool:
    """Do some work in a process that dies at a step; False if it came to an end.

    A step is the moment before any statement, or after one whose transaction is
    not committed yet.
    """
    process = _CONTEXT.Process(
        target=_work_and_die, args=(step, work, dict(database.parameters))
    )
    process.start()
    process.join(timeout=60)
    assert process.exitcode in (0, -signal.SIGKILL), f"exit code {process.exitcode}"
    return process.exitcode != 0


class SavedLedger:
    """The rows of schema trading as they are now, to go back to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.connect() as conn:
            self._tables = [
                name
                for (name,) in conn.execute(
                    "select tablename from pg_tables where schemaname = 'trading'"
                )
            ]
            conn.execute("create schema saved")
            for name in self._tables:
                conn.execute(f"create table saved.{name} as table trading.{name}")

    def restore(self) -> None:
        """Bring the saved rows back, past every trigger (as a superuser)."""
        with self._database.connect() as conn:
            conn.execute("set session_replication_role = replica")
            named = ", ".join(f"trading.{name}" for name in self._tables)
            conn.execute(f"truncate {named}")
            for name in self._tables:
                conn.execute(
                    f"insert into trading.{name} overriding system value"
                    f" table saved.{name}"
                )


def _work_and_die(step: int, work: Work, parameters: Mapping[str, str]) -> None:
    left = step
    execute = psycopg.Cursor.execute

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(cursor: Any, *args: Any, **options: Any) -> Any:
        count()
        done = execute(cursor, *args, **options)
        if cursor.connection.info.transaction_status == TransactionStatus.INTRANS:
            count()
        return done

    psycopg.Cursor.execute = counted  # type: ignore
    work(Database(parameters))
