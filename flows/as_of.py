"""The desk as it was known at a moment, in a database of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import aiosql
import psycopg
from psycopg import sql

from desk.calendar import evening
from desk.database import Database
from desk.errors import DeskError
from desk.locks import AS_OF_LOCK
from desk.migrate import migrate
from desk.settings import Settings
from flows.transform import build

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "as_of.sql", "psycopg")
BACKTEST = ("+path:models/backtest", "trials")

Connection = psycopg.Connection[Any]


def moment_of(text: str) -> datetime:
    """A date's evening, as DESK_AS_OF means it, or a time (UTC unless it says)."""
    try:
        return _evening_or_time(text)
    except OverflowError:
        raise DeskError(
            f"--as-of {text}: must be in the years 1 to 9999, in UTC"
        ) from None
    except ValueError:
        raise DeskError(
            f"--as-of {text}: must be a date or a time, as 2013-03-01 or "
            "2013-03-01T18:00:00-05:00"
        ) from None


def _evening_or_time(text: str) -> datetime:
    try:
        return evening(date.fromisoformat(text))
    except ValueError:
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


@contextmanager
def backtested_as_of(
    settings: Settings, database: Database, moment: datetime
) -> Iterator[Database]:
    """A database with the backtest of what was known then; it goes afterwards.

    Of the desk's own tables only the trial ledger is written to. Raises `DeskError`
    if no price was known then, or if the account may not create databases.
    """
    with own_database(database) as own, TemporaryDirectory(prefix="desk-") as home:
        migrate(own)
        if not _take_known(database, own, moment):
            raise DeskError(f"no price was known at {moment:%Y-%m-%d %H:%M %Z}")
        take_trials(database, own)
        apart = settings.model_copy(update={"home": Path(home)})
        build(apart, own, select=BACKTEST)
        take_trials(own, database)
        yield own


def _take_known(database: Database, own: Database, moment: datetime) -> int:
    """Copies prices and actions; gives the number of prices."""
    with database.connect("reader") as source, own.connect("ingest") as target:
        source.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        known = {"moment": moment}
        given, taken = QUERIES.corporate_actions_known, QUERIES.take_corporate_actions
        _copy(source, given.sql, known, target, taken.sql)
        given, taken = QUERIES.prices_known, QUERIES.take_prices
        return _copy(source, given.sql, known, target, taken.sql)


def take_trials(database: Database, other: Database) -> None:
    """Adds the trials of one ledger to another, which may have them already."""
    with database.connect("reader") as source, other.connect("dbt") as target:
        QUERIES.create_taken_trials(target)
        _copy(source, QUERIES.trials.sql, {}, target, QUERIES.take_trials.sql)
        QUERIES.record_trials(target)


def _copy(
    source: Connection,
    given: str,
    parameters: Mapping[str, object],
    target: Connection,
    taken: str,
) -> int:
    cursor = target.cursor()
    with (
        source.cursor().copy(given.encode(), parameters) as rows,
        cursor.copy(taken.encode()) as copy,
    ):
        for row in rows:
            copy.write(row)
    return cursor.rowcount


@contextmanager
def own_database(database: Database) -> Iterator[Database]:
    """An empty database beside the desk's, dropped afterwards.

    A connection to it is held all the while: one without any is a killed backtest's
    and is dropped by the next.
    """
    prefix = f"{database.parameters['dbname']}_as_of_"
    name = prefix + uuid4().hex[:12]
    own = Database({**database.parameters, "dbname": name})
    with database.connect(autocommit=True) as admin:
        admin.execute("select pg_advisory_lock(%s)", [AS_OF_LOCK])
        pattern = prefix.replace("_", r"\_") + "%"
        for (abandoned,) in list(QUERIES.abandoned(admin, pattern=pattern)):
            _drop(admin, abandoned)
        try:
            admin.execute(
                sql.SQL("create database {} template template0").format(
                    sql.Identifier(name)
                )
            )
        except psycopg.errors.InsufficientPrivilege:
            raise DeskError(
                "research is done in a database of its own, but the account in "
                "DESK_DATABASE_URL may not create one (createdb)"
            ) from None
        try:
            with own.connect(autocommit=True):
                admin.execute("select pg_advisory_unlock(%s)", [AS_OF_LOCK])
                yield own
        finally:
            _drop(admin, name)


def _drop(admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    admin.execute(
        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    )
