"""A backtest as of a moment knows what was known then, and leaves the desk alone."""

from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from desk.calendar import evening_of
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from flows.as_of import backtested_as_of, moment_of
from flows.backtest import Backtest, read_backtest
from flows.transform import build
from ingest.load import load
from ingest.sources import Bar, Batch
from tests.dbt.rows import rows_of
from tests.ingest.conftest import GivenSource

FRIDAY, MONDAY = date(2013, 3, 1), date(2013, 3, 4)
CORRECTED = date(2012, 6, 7)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, symbols=("IBM",), since=date(2011, 1, 3))


def correct_a_bar(settings: Settings, database: Database) -> None:
    """On Monday the vendor sends half of the price that it sent before."""
    (row,) = rows_of(
        database, "select * from raw.raw_prices where bar_date = %s", CORRECTED
    )
    low, high = row["low"] / 2, row["high"] / 2
    bar = Bar("IBM", CORRECTED, low, high, low, high, row["volume"])
    source = GivenSource([Batch(("IBM",), [bar])], symbols=("IBM",))
    report = load(settings, database, evening_of(MONDAY), source=source)
    assert report.rows_changed == 1


def as_of(settings: Settings, database: Database, moment: str) -> Backtest:
    with backtested_as_of(settings, database, moment_of(moment)) as own:
        return read_backtest(own)


def databases_beside(database: Database) -> list[str]:
    rows = rows_of(
        database,
        "select datname from pg_database where datname like %s",
        f"{database.parameters['dbname']}_%",
    )
    return [row["datname"] for row in rows]


@pytest.mark.slow
def test_before_a_correction_the_old_backtest_and_after_it_the_new_one(
    database: Database, settings: Settings
) -> None:
    load(settings, database, evening_of(FRIDAY))
    build(settings, database)
    known_on_friday = read_backtest(database)
    assert known_on_friday.trades
    correct_a_bar(settings, database)

    assert as_of(settings, database, "2013-03-01") == known_on_friday
    assert read_backtest(database) == known_on_friday
    assert databases_beside(database) == []

    as_of_monday = as_of(settings, database, "2013-03-05T01:00:00Z")
    build(settings, database, full_refresh=True)
    known_on_monday = read_backtest(database)
    assert known_on_monday.metrics != known_on_friday.metrics
    assert as_of_monday == known_on_monday


@pytest.mark.slow
def test_a_backtest_as_of_a_moment_is_in_the_trial_ledger_once(
    database: Database, settings: Settings
) -> None:
    load(settings, database, evening_of(FRIDAY))
    for _ in range(2):
        as_of(settings, database, "2013-03-01")
    build(settings, database)
    trials = rows_of(
        database, "select strategy, count(*)::int as n from research.trials group by 1"
    )
    assert len(trials) == 7
    assert {row["n"] for row in trials} == {1}


def test_what_a_killed_backtest_left_goes_with_the_next(
    database: Database, settings: Settings
) -> None:
    load(settings, database, evening_of(FRIDAY))
    left = f"{database.parameters['dbname']}_as_of_killed"
    running = f"{database.parameters['dbname']}_as_of_running"
    with database.connect(autocommit=True) as conn:
        for name in (left, running):
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    with psycopg.connect(**{**database.parameters, "dbname": running}):  # type: ignore[arg-type]
        with pytest.raises(DeskError, match="no price was known at 2013-02-28"):
            as_of(settings, database, "2013-02-28T12:00")
        assert databases_beside(database) == [running]
    with database.connect(autocommit=True) as conn:
        conn.execute(sql.SQL("drop database {}").format(sql.Identifier(running)))


def test_a_moment_is_a_dates_evening_or_a_time() -> None:
    assert moment_of("2013-03-01") == datetime(2013, 3, 2, 1, tzinfo=UTC)
    assert moment_of("2013-03-01T18:00") == datetime(2013, 3, 1, 18, tzinfo=UTC)
    assert moment_of("2013-03-01 18:00:00-05:00") == datetime(
        2013, 3, 1, 23, tzinfo=UTC
    )
    with pytest.raises(DeskError, match="--as-of tomorrow: must be a date or a time"):
        moment_of("tomorrow")


def test_a_moment_may_lie_outside_of_the_exchange_calendar() -> None:
    assert moment_of("1980-01-01") == datetime(1980, 1, 2, 1, tzinfo=UTC)
    assert moment_of("0001-01-01").year == 1
    for never in ("9999-12-31", "9999-12-31T23:00:00-05:00", "0001-01-01T00:00+02:00"):
        with pytest.raises(DeskError, match=r"must be in the years 1 to 9999, in UTC$"):
            moment_of(never)
