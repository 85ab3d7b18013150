"""The quality gate lets real prices through, marks series that look wrong, and stops
the desk with the reason when a load can't be trusted."""

from datetime import date

import pytest

from desk.calendar import Clock, evening_of
from desk.database import Database
from desk.settings import Settings
from ingest.gate import SHORTEST_WINDOW_SESSIONS, GateFailed, check
from ingest.marks import QUERIES
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
    assert (report.rows, report.expectations, report.marks) == (12154, 27, ())
    assert report.said == (
        "12,154 bars from 2000-03-01 to 2013-03-01 met 27 expectations"
    )
    assert outcomes(loaded) == ["passed"]
    assert report.docs_path == settings.home / "data_docs" / "index.html"
    assert "ends" in report.docs_path.read_text()
    assert {path.name for path in settings.home.iterdir()} == {"data_docs"}
    # Judged once: the next window is the shortest.
    assert window_start(loaded, clock) == TWENTY_SESSIONS_BEFORE


def test_a_hundredfold_bar_marks_its_symbol_until_it_is_corrected(
    settings: Settings, loaded: Database, clock: Clock
) -> None:
    hundredfold = """
        update raw.raw_prices
        set open = open * 100, high = high * 100, low = low * 100, close = close * 100
        where symbol = 'IBM' and bar_date = '2007-05-08'
    """
    edit(loaded, hundredfold)
    # Not only the load that brought it: the mark stays when days go by.
    for rows in (12154, 1545):
        report = check(settings, loaded, clock)
        assert report.rows == rows
        assert report.said.endswith(
            "judged by 27 expectations; 1 of 5 symbols marked, which open no new "
            "position: IBM (jump_without_action on 2007-05-08 (99.5))"
        )
        assert outcomes(loaded) == ["passed"]
        assert [(m.symbol, m.rule, str(m.bar_date)) for m in report.marks] == [
            ("IBM", "jump_without_action", "2007-05-08"),
            ("IBM", "reversed_move", "2007-05-08"),
            ("IBM", "jump_without_action", "2007-05-09"),
        ]
    edit(loaded, hundredfold.replace("*", "/"))
    assert check(settings, loaded, clock).marks == ()
    history = rows_of(
        loaded, "select cleared_at is not null, dismissed_reason from raw.symbol_marks"
    )
    assert history == [(True, None)] * 3


def test_marks_on_more_than_a_fifth_of_the_symbols_stop_the_desk(
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
    for _ in range(2):  # A failure stays one when asked again.
        with pytest.raises(GateFailed) as failed:
            check(settings, loaded, clock)
        assert str(failed.value) == (
            "the quality gate failed: 3 of 5 symbols are marked, more than 20%: "
            "GOOG (stale_last_bar on 2013-02-21 (6)), FB (gap on 2012-07-11 (6)), "
            "MSFT (action_without_jump on 2003-02-18 (-0.95)); see "
            f"{settings.home / 'data_docs' / 'index.html'}"
        )
        assert outcomes(loaded) == ["failed"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (
            "update raw.raw_prices set low = 0 where {bar}",
            "low is positive: not for IBM on 2013-02-05 (0)",
        ),
        (
            "update raw.raw_prices set high = low - 1 where {bar}",
            "high is at least open: not for IBM on 2013-02-05",
        ),
        (
            "update raw.raw_prices set bar_date = '2013-02-18' where {bar}",
            "every bar is on an exchange session: not for IBM on 2013-02-18 (False)",
        ),
    ],
)
def test_a_bar_that_cannot_be_stops_the_desk(
    broken: str, reason: str, settings: Settings, loaded: Database, clock: Clock
) -> None:
    edit(loaded, broken.format(bar="symbol = 'IBM' and bar_date = '2013-02-05'"))
    with pytest.raises(GateFailed, match="the quality gate failed") as failed:
        check(settings, loaded, clock)
    assert reason in str(failed.value)
    assert outcomes(loaded) == ["failed"]


def test_prices_that_have_all_ended_do_not_pass(
    settings: Settings, loaded: Database
) -> None:
    with pytest.raises(GateFailed, match="no symbol has a bar in the last 20 sessions"):
        check(settings, loaded, evening_of(date(2013, 4, 30)))


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
