"""Loading: what is received becomes new, changed, same or rejected, never lost."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from desk.calendar import desk_clock, evening_of, sessions_between
from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.locks import LOAD_LOCK
from desk.settings import Settings
from ingest.load import LoadReport, load
from ingest.sources import Action, Bar, Batch
from tests.ingest.conftest import (
    ACTIONS,
    MONDAY,
    PRICES,
    TUESDAY,
    WEDNESDAY,
    GivenSource,
    LoadGiven,
    a_bar,
    given,
    rows_of,
)

DIVIDEND = Action("AAPL", TUESDAY, "dividend", 0.5)


def fates(report: LoadReport) -> tuple[int, int, int, int]:
    return (
        report.rows_new,
        report.rows_changed,
        report.rows_same,
        report.rows_rejected,
    )


def test_the_sample_loads_whole_and_a_second_load_changes_nothing(
    settings: Settings, database: Database
) -> None:
    clock = desk_clock(settings)
    first = load(settings, database, clock)
    before = rows_of(database, PRICES), rows_of(database, ACTIONS)
    second = load(settings, database, replace(clock, now=clock.now.replace(minute=59)))

    assert fates(first) == (12154, 0, 0, 0)
    assert (first.actions_new, first.earliest_change_date) == (95, date(2000, 3, 1))
    assert fates(second) == (0, 0, 12154, 0)
    assert (second.actions_same, second.earliest_change_date) == (95, None)
    # Down to known_at: what did not change has been known since the first load.
    assert (rows_of(database, PRICES), rows_of(database, ACTIONS)) == before
    assert rows_of(database, "select from raw.raw_price_revisions") == []


def test_one_more_session_loads_one_bar_per_symbol(
    settings: Settings, database: Database
) -> None:
    load(settings, database, evening_of(date(2013, 2, 28)))
    report = load(settings, database, evening_of(date(2013, 3, 1)))
    assert fates(report) == (5, 0, 12149, 0)
    assert report.earliest_change_date == date(2013, 3, 1)


def test_only_the_symbols_asked_for_are_loaded_from_the_first_session_on(
    settings: Settings, database: Database
) -> None:
    narrow = settings.model_copy(
        update={"symbols": ("FB", "MSFT"), "since": date(2013, 2, 19)}
    )
    report = load(narrow, database, desk_clock(narrow))
    assert (report.rows_new, report.actions_new) == (18, 1)


def test_a_corrected_bar_becomes_current_and_the_old_one_a_revision(
    database: Database, load_given: LoadGiven
) -> None:
    load_given(given(a_bar(), a_bar("MSFT"), a_bar(bar_date=TUESDAY)), TUESDAY)
    report = load_given(given(a_bar(close=10.9), a_bar("MSFT")))

    assert fates(report) == (0, 1, 1, 0)
    assert report.earliest_change_date == MONDAY
    known, corrected = evening_of(TUESDAY).now, evening_of(WEDNESDAY).now
    assert rows_of(
        database,
        "select symbol, close, known_at from raw.raw_prices order by bar_date, symbol",
    ) == [
        ("AAPL", 10.9, corrected),
        ("MSFT", 10.75, known),
        ("AAPL", 10.75, known),
    ]
    assert rows_of(
        database,
        "select symbol, bar_date, open, high, low, close, volume, source, known_at,"
        " superseded_at from raw.raw_price_revisions",
    ) == [
        ("AAPL", MONDAY, 10.5, 11, 10, 10.75, 1000, "given", known, corrected),
    ]


def test_a_corrected_action_becomes_current_and_the_old_one_a_revision(
    database: Database, load_given: LoadGiven
) -> None:
    split = Action("MSFT", MONDAY, "split", 2)
    load_given(given(actions=[DIVIDEND, split]), TUESDAY)
    report = load_given(given(actions=[DIVIDEND._replace(value="0.55"), split]))

    assert (report.actions_new, report.actions_changed, report.actions_same) == (
        0,
        1,
        1,
    )
    assert report.earliest_change_date == TUESDAY
    known, corrected = evening_of(TUESDAY).now, evening_of(WEDNESDAY).now
    assert rows_of(database, ACTIONS) == [
        ("AAPL", TUESDAY, "dividend", 0.55, "given", corrected),
        ("MSFT", MONDAY, "split", 2, "given", known),
    ]
    assert rows_of(
        database,
        "select symbol, ex_date, kind, value, known_at, superseded_at"
        " from raw.corporate_action_revisions",
    ) == [("AAPL", TUESDAY, "dividend", 0.5, known, corrected)]


REFUSED = [
    (a_bar(symbol=None), ["symbol is missing"]),
    (a_bar(symbol="TSLA"), ["symbol was not asked for"]),
    (a_bar(bar_date=None), ["date is missing"]),
    (a_bar(bar_date="07/01/2013"), ["date is not YYYY-MM-DD"]),
    (a_bar(bar_date="today"), ["date is not YYYY-MM-DD"]),
    (a_bar(bar_date="2013-02-30"), ["date is not YYYY-MM-DD"]),
    (a_bar(bar_date=date(2013, 1, 6)), ["date is not an exchange session"]),
    (a_bar(bar_date=date(2013, 1, 10)), ["date is after the last session"]),
    (a_bar(open=None), ["open is missing"]),
    (a_bar(open="n/a"), ["open is not a number"]),
    (a_bar(open=float("nan")), ["open is not finite", "open is outside low to high"]),
    (a_bar(open=0), ["open is not positive", "open is outside low to high"]),
    (a_bar(high=None), ["high is missing"]),
    (a_bar(high="11,0"), ["high is not a number"]),
    (a_bar(high=float("inf")), ["high is not finite"]),
    (
        a_bar(high=-1),
        [
            "high is not positive",
            "high is below low",
            "open is outside low to high",
            "close is outside low to high",
        ],
    ),
    (a_bar(low=""), ["low is missing"]),
    (a_bar(low="ten"), ["low is not a number"]),
    (a_bar(low=float("-inf")), ["low is not finite"]),
    (a_bar(low=0), ["low is not positive"]),
    (a_bar(close=None), ["close is missing"]),
    (a_bar(close="1e999"), ["close is not a number"]),
    (
        a_bar(close=float("nan")),
        ["close is not finite", "close is outside low to high"],
    ),
    (a_bar(close=-10.5), ["close is not positive", "close is outside low to high"]),
    (a_bar(open=11.5), ["open is outside low to high"]),
    (a_bar(close=9.5), ["close is outside low to high"]),
    (
        a_bar(high=10.25, low=10.5, open=10.25, close=10.5),
        [
            "high is below low",
            "open is outside low to high",
            "close is outside low to high",
        ],
    ),
    (a_bar(volume=None), ["volume is missing"]),
    (a_bar(volume="1k"), ["volume is not a number"]),
    (a_bar(volume=float("inf")), ["volume is not finite"]),
    (a_bar(volume=-1), ["volume is negative"]),
    (a_bar(volume=0.5), ["volume is not a whole number"]),
    # Finite, but their squares are not.
    (a_bar(high=1e200), ["high is not below 1e9"]),
    (a_bar(low=1e-200), ["low is below 1e-9"]),
    (a_bar(volume=1e200), ["volume is not below 1e15"]),
    (
        Bar(None, None, None, None, None, None, None),
        [
            "symbol is missing",
            "date is missing",
            "open is missing",
            "high is missing",
            "low is missing",
            "close is missing",
            "volume is missing",
        ],
    ),
    # What Postgres' text can't hold, and what could break out of a CSV.
    (a_bar(symbol="AA\0PL"), ["symbol was not asked for"]),
    (a_bar(symbol="AA\udcffPL"), ["symbol was not asked for"]),
    (a_bar(symbol='A"A,\r\nP;\\.L'), ["symbol was not asked for"]),
]


def test_a_bad_bar_is_kept_as_received_with_every_reason(
    database: Database, load_given: LoadGiven
) -> None:
    report = load_given(given(a_bar(), *(bar for bar, _ in REFUSED)))

    assert fates(report) == (1, 0, 0, len(REFUSED))
    kept = rows_of(
        database,
        "select received, reasons, run_id, rejected_at from raw.rejected_prices",
    )
    expected = [(as_received(bar), reasons) for bar, reasons in REFUSED]
    as_text = partial(json.dumps, sort_keys=True)
    assert sorted(as_text(row[:2]) for row in kept) == sorted(map(as_text, expected))
    assert {row[2:] for row in kept} == {(report.run_id, evening_of(WEDNESDAY).now)}


def as_received(bar: Bar) -> dict[str, Any]:
    shown = {"AA\0PL": "AA\\0PL", "AA\udcffPL": "AA\\udcffPL", "": None, None: None}
    return {name: shown.get(value, str(value)) for name, value in bar._asdict().items()}


def test_what_only_looks_odd_is_accepted(
    database: Database, load_given: LoadGiven
) -> None:
    odd = [
        a_bar(volume=0),
        a_bar("MSFT", open=10, high=10, low=10, close=10),
        a_bar(bar_date="2013-01-08", open="1e1", volume="1000.0"),
        a_bar(bar_date=WEDNESDAY, open=0.0001, high=700_000.5, low=0.0001, close=5),
    ]
    assert fates(load_given(given(*odd))) == (4, 0, 0, 0)


def test_tickers_that_look_like_other_things_survive(
    database: Database, load_given: LoadGiven
) -> None:
    tickers = ("ALL", "TRUE", "NAN", "NULL", "ON", "BRK-B", "^GSPC", "1E5", "\\N")
    load_given(given(*map(a_bar, tickers), symbols=tickers))
    stored = rows_of(database, "select symbol from raw.raw_prices")
    assert {symbol for (symbol,) in stored} == set(tickers)


def test_a_bad_action_is_kept_as_received_with_every_reason(
    database: Database, load_given: LoadGiven
) -> None:
    report = load_given(
        given(
            actions=[
                DIVIDEND,
                DIVIDEND._replace(ex_date=date(2013, 1, 10)),
                DIVIDEND._replace(kind="spinoff", value=0),
                DIVIDEND._replace(value="nan", ex_date=None),
                DIVIDEND._replace(symbol="TSLA", value=None),
                DIVIDEND._replace(value=1e200),
            ]
        )
    )
    assert (report.actions_new, report.actions_rejected) == (1, 5)
    assert rows_of(
        database,
        "select reasons from raw.rejected_corporate_actions order by reasons",
    ) == [
        (["ex-date is after the last session"],),
        (["ex-date is missing", "value is not finite"],),
        (["kind is neither split nor dividend", "value is not positive"],),
        (["symbol was not asked for", "value is missing"],),
        (["value is not below 1e9"],),
    ]


def test_a_row_given_twice_is_stored_once(
    database: Database, load_given: LoadGiven
) -> None:
    report = load_given(
        given(a_bar(), a_bar(open="10.50", volume=1000.0), actions=[DIVIDEND, DIVIDEND])
    )
    assert fates(report) == (1, 0, 0, 1)
    assert (report.actions_new, report.actions_rejected) == (1, 1)
    assert rows_of(database, "select reasons from raw.rejected_prices") == [
        (["repeats another row of this load"],)
    ]


def test_rows_that_contradict_each_other_are_all_refused(
    database: Database, load_given: LoadGiven
) -> None:
    broken = a_bar(close=None)  # not one of the two versions
    report = load_given(
        given(a_bar(), a_bar(), a_bar(close=10.9), broken, a_bar("MSFT"))
    )
    assert fates(report) == (1, 0, 0, 4)
    assert rows_of(
        database, "select reasons[1], count(*) from raw.rejected_prices group by 1"
    ) == [
        ("another row of this load differs for the same bar", 3),
        ("close is missing", 1),
    ]


def test_a_symbol_that_fails_is_reported_and_stops_no_other(
    database: Database, load_given: LoadGiven
) -> None:
    batches = [
        Batch(symbols=("MSFT",), failures={"MSFT": "no such symbol"}),
        Batch(symbols=("AAPL",), bars=[a_bar()]),
    ]
    report = load_given(GivenSource(batches))
    assert fates(report) == (1, 0, 0, 0)
    assert report.failed_symbols == {"MSFT": "no such symbol"}
    assert report.said.endswith("; no data for MSFT: no such symbol")
    assert rows_of(database, "select outcome, failed_symbols from raw.ingest_runs") == [
        ("succeeded", {"MSFT": "no such symbol"})
    ]


def test_a_source_that_gives_nothing_at_all_fails_the_load(
    database: Database, load_given: LoadGiven
) -> None:
    failures = {"AAPL": "no answer", "MSFT": "no answer"}
    with pytest.raises(DeskError, match="given gave nothing for AAPL: no answer"):
        load_given(GivenSource([Batch(symbols=("AAPL", "MSFT"), failures=failures)]))
    ((outcome, error),) = rows_of(
        database, "select outcome, error from raw.ingest_runs"
    )
    assert (outcome, error) == (
        "failed",
        "given gave nothing for AAPL: no answer (and 1 more)",
    )


def test_a_load_that_breaks_leaves_no_row_behind(
    database: Database, load_given: LoadGiven
) -> None:
    def breaking() -> Iterator[Batch]:
        yield Batch(symbols=("AAPL",), bars=[a_bar(), a_bar(close=None)])
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="broke"):
        load_given(GivenSource(breaking()))
    assert rows_of(database, PRICES) == []
    assert rows_of(database, "select from raw.rejected_prices") == []
    assert rows_of(
        database, "select outcome, error, rows_received from raw.ingest_runs"
    ) == [("failed", "the source broke", 0)]


def test_every_row_is_accounted_for_in_the_database(
    database: Database, load_given: LoadGiven
) -> None:
    load_given(given(a_bar(), a_bar("MSFT"), a_bar(close=0)), TUESDAY)
    load_given(given(a_bar(), a_bar("MSFT", volume=5), a_bar(close=0)))
    assert rows_of(
        database,
        """
        select rows_received, rows_new, rows_changed, rows_same, rows_rejected, (
            select count(*) from raw.rejected_prices
            where rejected_prices.run_id = ingest_runs.run_id
        )
        from raw.ingest_runs order by started_at
        """,
    ) == [(3, 2, 0, 0, 1, 1), (3, 0, 1, 1, 1, 1)]
    with (
        database.connect("owner") as conn,
        pytest.raises(Exception, match="ingest_runs_check"),
    ):
        conn.execute("update raw.ingest_runs set rows_same = rows_same + 1")


def test_a_vendor_is_asked_again_for_the_last_ten_sessions_only(
    load_given: LoadGiven, settings: Settings
) -> None:
    days = [
        s.session_date for s in sessions_between(date(2012, 12, 3), date(2013, 1, 9))
    ]
    apple = [a_bar(bar_date=day) for day in days]
    failed = Batch(symbols=("MSFT",), failures={"MSFT": "no answer"})
    first = GivenSource([Batch(symbols=("AAPL",), bars=apple), failed], is_local=False)
    load_given(first)
    assert {window.start for window in first.asked} == {settings.since}

    again = replace(first, symbols=("AAPL", "MSFT", "IBM"))
    load_given(again, date(2013, 1, 10))
    starts = {window.symbol: window.start for window in again.asked}
    assert starts == {
        "AAPL": days[-10],
        "MSFT": settings.since,  # failed before
        "IBM": settings.since,  # not asked for before
    }
    assert {window.end for window in again.asked} == {date(2013, 1, 10)}


def test_an_earlier_first_session_is_asked_for(
    settings: Settings, database: Database
) -> None:
    clock = evening_of(WEDNESDAY)
    source = given(a_bar(), a_bar("MSFT"), is_local=False)
    later = settings.model_copy(update={"since": date(2013, 1, 2)})
    load(later, database, clock, source=source)
    load(settings, database, clock, source=source)
    assert {window.start for window in source.asked} == {settings.since}


def test_another_source_starts_from_the_beginning(
    load_given: LoadGiven, settings: Settings
) -> None:
    load_given(given(a_bar(), a_bar("MSFT"), is_local=False))
    other = given(a_bar(), a_bar("MSFT"), is_local=False, name="other")
    report = load_given(other)
    assert {window.start for window in other.asked} == {settings.since}
    assert fates(report) == (0, 0, 2, 0)


def test_a_run_that_died_is_found_by_the_next(
    database: Database, load_given: LoadGiven
) -> None:
    with database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.ingest_runs"
            " (run_id, source, symbols, window_end, started_at)"
            " values (gen_random_uuid(), 'given', '{}', '2013-01-08', now())"
        )
    load_given(given(a_bar()))
    assert rows_of(
        database, "select outcome from raw.ingest_runs order by started_at"
    ) == [("died",), ("succeeded",)]


def test_two_loads_take_turns(
    database: Database, load_given: LoadGiven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.load.LOCK_SECONDS", 0.1)
    with database.connect("ingest", autocommit=True) as conn:
        conn.execute("select pg_advisory_lock(%s)", [LOAD_LOCK])
        with pytest.raises(DeskError, match="another load is running"):
            load_given(given(a_bar()))
    assert fates(load_given(given(a_bar()))) == (1, 0, 0, 0)


def test_a_first_session_in_the_future_is_refused(
    settings: Settings, database: Database
) -> None:
    future = settings.model_copy(update={"since": date(2013, 3, 4)})
    with pytest.raises(SettingError) as refused:
        load(future, database, desk_clock(future))
    assert str(refused.value) == (
        "DESK_SINCE=2013-03-04: is after the last session, 2013-03-01"
    )
    assert rows_of(database, "select from raw.ingest_runs") == []


def test_progress_names_each_symbol(settings: Settings, database: Database) -> None:
    heard: list[str] = []
    load(settings, database, desk_clock(settings), heard.append)
    assert heard[:2] == ["AAPL: 3,270 bars", "FB: 196 bars"]
