from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine

from desk.calendar import desk_clock, evening_of, sessions_between, store_sessions
from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings


def test_now_on_the_sample_is_the_evening_of_its_last_session(tmp_path: Path) -> None:
    clock = desk_clock(Settings(home=tmp_path, price_source="sample"))

    assert clock.session == date(2013, 3, 1)
    assert clock.now == datetime(2013, 3, 2, 1, 0, tzinfo=UTC)  # 20:00 in New York


def test_as_of_sets_the_clock_for_any_source(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, price_source="yfinance", as_of=date(2020, 8, 31))

    assert desk_clock(settings).session == date(2020, 8, 31)


@pytest.mark.parametrize("day", [date(1980, 1, 2), date(2100, 1, 4)])
def test_a_day_outside_the_calendar_is_refused(day: date, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"DESK_AS_OF={day}: "):
        desk_clock(Settings(home=tmp_path, as_of=day))


@pytest.mark.parametrize(
    ("day", "session"),
    [
        (date(2012, 11, 22), date(2012, 11, 21)),  # Thanksgiving
        (date(2012, 11, 23), date(2012, 11, 23)),  # closes at 13:00
        (date(2012, 11, 25), date(2012, 11, 23)),  # Sunday
        (date(2012, 10, 29), date(2012, 10, 26)),  # hurricane Sandy
    ],
)
def test_the_last_session_of_an_evening(day: date, session: date) -> None:
    assert evening_of(day).session == session


@time_machine.travel("2026-07-01 19:59:59Z", tick=False)
def test_a_session_counts_only_after_its_close(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, price_source="yfinance")
    assert desk_clock(settings).session == date(2026, 6, 30)

    with time_machine.travel("2026-07-01 20:00:00Z", tick=False):
        assert desk_clock(settings).session == date(2026, 7, 1)


def test_half_days_close_at_one(tmp_path: Path) -> None:
    (half_day,) = sessions_between(date(2012, 11, 22), date(2012, 11, 25))

    assert half_day.closes_at == datetime(2012, 11, 23, 18, 0, tzinfo=UTC)


def test_the_stored_calendar_is_mended_when_the_exchange_changes_it(
    database: Database,
) -> None:
    query = "select * from raw.exchange_sessions order by 1"
    with database.connect("owner") as conn:
        stored = conn.execute(query).fetchall()
        conn.execute("delete from raw.exchange_sessions where session_date = now()")
        conn.execute(
            "update raw.exchange_sessions set closes_at = closes_at + interval '1 hour'"
            " where session_date = '2012-11-23'"
        )
        conn.execute(
            "insert into raw.exchange_sessions values"
            " ('2012-10-29', '2012-10-29 13:30Z', '2012-10-29 20:00Z')"
        )

        store_sessions(conn)

        assert conn.execute(query).fetchall() == stored
    assert len([row for row in stored if row[0].year == 2012]) == 250
