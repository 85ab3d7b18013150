"""Restatements: what the ledger said that today's data would not say, and why."""

from datetime import date
from pathlib import Path

import pytest

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from executor.publish import publish
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

DAY = date(2013, 2, 13)  # sma_cross buys IBM
RESTATEMENTS = "select * from marts.restatements order by signal_key"


@pytest.fixture
def published(built: Database, copies: CopyDatabase) -> Database:
    """A desk that published that day's signals."""
    database = copies(built)
    publish(database, evening_of(DAY))
    return database


def correct_close(
    database: Database, symbol: str, close: float, day: date = DAY
) -> None:
    """The vendor corrects that day's bar, as a load would store it."""
    with database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.raw_price_revisions (symbol, bar_date, open, high, low,"
            " close, volume, source, known_at, superseded_at)"
            " select *, known_at + interval '1 day' from raw.raw_prices"
            " where symbol = %s and bar_date = %s",
            [symbol, day],
        )
        conn.execute(
            "update raw.raw_prices set close = %s, low = least(low, %s),"
            " known_at = known_at + interval '1 day'"
            " where symbol = %s and bar_date = %s",
            [close, close, symbol, day],
        )


def test_a_ledger_that_todays_data_would_repeat_has_no_restatements(
    published: Database,
) -> None:
    assert rows_of(published, "select 1 from trading.signals")
    assert rows_of(published, RESTATEMENTS) == []


def test_a_corrected_bar_restates_what_was_published_from_it(
    published: Database, tmp_path: Path
) -> None:
    (was,) = rows_of(
        published,
        "select close, low from raw.raw_prices where symbol = 'IBM' and bar_date = %s",
        DAY,
    )
    ledger = rows_of(published, "select * from trading.signals order by signal_key")
    correct_close(published, "IBM", 180)
    build(Settings(home=tmp_path), published, select=["+restatements"])

    restated = {row["signal_key"]: row for row in rows_of(published, RESTATEMENTS)}
    row = restated[f"sma_cross|IBM|{DAY}"]
    assert (row["kind"], row["published_side"], row["side"]) == (
        "withdrawn",
        "buy",
        None,
    )
    assert row["published_sentence"].startswith("IBM: SMA 50 (")
    assert (row["cause"], row["changes"], row["first_changed_date"]) == ("data", 1, DAY)
    (change,) = row["changed_bars"]
    assert (change["date"], change["kind"]) == (DAY.isoformat(), "bar")
    assert (change["was"]["close"], change["became"]["close"]) == (was["close"], 180)
    missed = restated[f"donchian|IBM|{DAY}"]
    assert (missed["kind"], missed["side"], missed["cause"]) == (
        "missed",
        "sell",
        "data",
    )
    assert all("|IBM|" in key for key in restated)
    assert ledger == rows_of(
        published, "select * from trading.signals order by signal_key"
    )


def test_a_rank_is_restated_by_another_symbols_bar(
    built: Database, copies: CopyDatabase, tmp_path: Path
) -> None:
    database = copies(built)
    ranked = date(2013, 2, 1)  # dual_momentum sells AAPL, third after GOOG and IBM
    publish(database, evening_of(ranked))
    correct_close(database, "GOOG", 1, ranked)
    build(Settings(home=tmp_path), database, select=["+restatements"])
    restated = {row["signal_key"]: row for row in rows_of(database, RESTATEMENTS)}
    row = restated[f"dual_momentum|AAPL|{ranked}"]
    assert (row["kind"], row["published_side"]) == ("withdrawn", "sell")
    assert (row["cause"], row["changes"]) == ("data", 1)
    (change,) = row["changed_bars"]
    assert (change["symbol"], change["date"]) == ("GOOG", ranked.isoformat())


def test_a_signal_no_strategy_gives_any_more_is_blamed_on_the_code(
    published: Database,
) -> None:
    with published.connect("executor") as conn:
        conn.execute(
            "insert into trading.signals (signal_key, strategy, symbol, bar_date, side,"
            " close, details, run_id, published_at, valid_until)"
            " select 'gone|MSFT|' || bar_date, 'gone', 'MSFT', bar_date, 'buy', 28,"
            " '{}', run_id, published_at, valid_until from trading.signals limit 1"
        )
    (row,) = rows_of(published, RESTATEMENTS)
    assert (row["signal_key"], row["kind"]) == (f"gone|MSFT|{DAY}", "withdrawn")
    assert (row["cause"], row["changes"], row["changed_bars"]) == ("code", 0, [])
