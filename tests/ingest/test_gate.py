"""The quality gate lets real prices through and stops broken ones with the reason."""

from datetime import date

import pytest

from desk.calendar import Clock, evening_of
from desk.database import Database
from desk.settings import Settings
from ingest.gate import QUERIES, SHORTEST_WINDOW_SESSIONS, GateFailed, check
from tests.ingest.conftest import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    LoadGiven,
    a_bar,
    given,
    rows_of,
)

TWENTY_SESSIONS_BEFORE = date(2013, 2, 1)


def outcomes(database: Database) -> list[str]:
    query = "select gate_outcome from raw.ingest_runs order by started_at"
    return [outcome for (outcome,) in rows_of(database, query)]


def window_start(database: Database, clock: Clock) -> date:
    with database.connect("ingest") as conn:
        _, start = QUERIES.gate_window(
            conn, session=clock.session, shortest=SHORTEST_WINDOW_SESSIONS
        )
    assert isinstance(start, date)
    return start


def edit(database: Database, statement: str) -> None:
    with database.connect("owner") as conn:
        conn.execute(statement.encode())


def test_the_whole_sample_passes_with_its_real_crashes(
    settings: Settings, loaded: Database, clock: Clock
) -> None:
    report = check(settings, loaded, clock)

    assert (report.window_start, report.window_end) == (
        date(2000, 3, 1),
        date(2013, 3, 1),
    )
    assert (report.rows, report.expectations) == (12154, 19)
    assert outcomes(loaded) == ["passed"]
    assert report.docs_path == settings.home / "data_docs" / "index.html"
    assert "last_bars" in report.docs_path.read_text()
    assert {path.name for path in settings.home.iterdir()} == {"data_docs"}
    # Judged once: the next window is the shortest.
    assert window_start(loaded, clock) == TWENTY_SESSIONS_BEFORE


def test_a_hundredfold_bar_stops_the_desk_until_it_is_corrected(
    settings: Settings, loaded: Database, clock: Clock
) -> None:
    hundredfold = """
        update raw.raw_prices
        set open = open * 100, high = high * 100, low = low * 100, close = close * 100
        where symbol = 'IBM' and bar_date = '2007-05-08'
    """
    edit(loaded, hundredfold)
    for _ in range(2):  # A failure stays one when asked again.
        with pytest.raises(GateFailed) as failed:
            check(settings, loaded, clock)
        assert str(failed.value) == (
            "the quality gate failed: the move from bar to bar, splits and dividends "
            "undone, is between -75% and +300%: not for IBM on 2007-05-08 (99.5197), "
            "IBM on 2007-05-09 (-0.989894); see "
            f"{settings.home / 'data_docs' / 'index.html'}"
        )
        assert outcomes(loaded) == ["failed"]
    edit(loaded, hundredfold.replace("*", "/"))
    assert check(settings, loaded, clock).rows == 12154
    assert outcomes(loaded) == ["passed"]


def test_a_split_nobody_told_of_a_gap_and_a_stale_symbol_are_named(
    settings: Settings, loaded: Database, clock: Clock
) -> None:
    edit(
        loaded,
        """
        update raw.corporate_actions set value = 20
        where symbol = 'MSFT' and kind = 'split';
        delete from raw.raw_prices
        where symbol = 'FB' and bar_date between '2012-07-02' and '2012-07-10';
        delete from raw.raw_prices where symbol = 'GOOG' and bar_date > '2013-02-21';
        """,
    )
    with pytest.raises(GateFailed) as failed:
        check(settings, loaded, clock)
    reason = str(failed.value)
    assert "+300%: not for MSFT on 2003-02-18 (9.33" in reason
    assert (
        "at most 5 sessions are missing before a bar: not for FB on 2012-07-11 (6)"
        in (reason)
    )
    assert "the last bar is at most 5 sessions old: not for GOOG on 2013-02-21 (6)" in (
        reason
    )


def test_an_empty_window_does_not_pass(
    settings: Settings, database: Database, clock: Clock
) -> None:
    with pytest.raises(GateFailed, match="not so: the window holds bars"):
        check(settings, database, clock)


def test_the_window_starts_at_the_earliest_change_not_yet_judged(
    database: Database, load_given: LoadGiven
) -> None:
    clock = evening_of(WEDNESDAY)
    long_ago = a_bar(bar_date="2010-06-01")
    load_given(given(long_ago, a_bar()), TUESDAY)
    load_given(given(a_bar(bar_date=WEDNESDAY)))
    assert window_start(database, clock) == date(2010, 6, 1)

    edit(database, "update raw.ingest_runs set gate_outcome = 'passed'")
    assert window_start(database, clock) == date(2012, 12, 11)  # 20 sessions
    load_given(given(long_ago))  # Nothing changed.
    assert window_start(database, clock) == date(2012, 12, 11)
    load_given(given(long_ago._replace(volume=5)))
    assert window_start(database, clock) == date(2010, 6, 1)


def test_a_load_that_knows_a_later_session_is_judged_on_that_session(
    database: Database, load_given: LoadGiven
) -> None:
    load_given(given(a_bar(bar_date="2010-06-01")))
    assert window_start(database, evening_of(MONDAY)) == date(2012, 12, 7)
    assert window_start(database, evening_of(WEDNESDAY)) == date(2010, 6, 1)
