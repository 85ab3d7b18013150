"""Processes that kill themselves (SIGKILL) at a chosen step of their work."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

from desk.database import Database

Work = Callable[[Database], object]

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "tests.executor.test_crashes",
        "tests.ingest.test_load_killed",
        "tests.ingest.wide",
    ]
)


def killed_at(step: int, work: Work, database: Database) -> bool:
    """Do some work in a process that dies at a step; False if it came to an end.

    A step is the moment before any statement or end of a transaction, or with a
    COPY's rows sent and not yet taken.
    """
    process = CONTEXT.Process(
        target=_work_and_die, args=(step, work, dict(database.parameters))
    )
    process.start()
    process.join(timeout=60)
    assert process.exitcode in (0, -signal.SIGKILL), f"exit code {process.exitcode}"
    return process.exitcode != 0


class SavedTables:
    """The rows of a schema's tables as they are now, to go back to."""

    def __init__(self, database: Database, schema: str) -> None:
        self._database = database
        self._schema = schema
        with database.connect() as conn:
            self._tables = [
                name
                for (name,) in conn.execute(
                    "select tablename from pg_tables where schemaname = %s", [schema]
                )
            ]
            conn.execute("create schema saved")
            for name in self._tables:
                conn.execute(f"create table saved.{name} as table {schema}.{name}")

    def restore(self) -> None:
        """Bring the saved rows back, past every trigger (as a superuser)."""
        with self._database.connect() as conn:
            conn.execute("set session_replication_role = replica")
            named = ", ".join(f"{self._schema}.{name}" for name in self._tables)
            conn.execute(f"truncate {named}")
            for name in self._tables:
                conn.execute(
                    f"insert into {self._schema}.{name} overriding system value"
                    f" table saved.{name}"
                )


def _work_and_die(step: int, work: Work, parameters: Mapping[str, str]) -> None:
    left = step

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted_call(*args: Any, **options: Any) -> Any:
            count()
            return call(*args, **options)

        return counted_call

    copy = counted(psycopg.Cursor.copy)

    @contextmanager
    def counted_copy(*args: Any, **options: Any) -> Iterator[Any]:
        with copy(*args, **options) as rows:
            yield rows
            count()

    psycopg.Cursor.copy = counted_copy  # type: ignore
    for kind, name in (
        (psycopg.Cursor, "execute"),
        (psycopg.Transaction, "__exit__"),
        (psycopg.Connection, "commit"),
    ):
        setattr(kind, name, counted(getattr(kind, name)))
    work(Database(parameters))
