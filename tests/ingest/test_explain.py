"""`desk load --explain SYMBOL`: the story of a symbol's data, in one page."""

from datetime import date

import pytest
from rich.console import Console

from desk.calendar import Clock, evening_of
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from ingest.explain import explain
from ingest.gate import check
from ingest.sources import Action, Batch
from tests.ingest.conftest import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    GivenSource,
    LoadGiven,
    a_bar,
    given,
)

THURSDAY = date(2013, 1, 10)


def told(database: Database, clock: Clock, symbol: str) -> list[str]:
    """The page, a line each, runs of blanks as one."""
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        console.print(explain(database, clock, symbol))
    return [" ".join(line.split()) for line in captured.get().splitlines()]


def test_the_story_tells_bars_gaps_actions_corrections_refusals_and_loads(
    database: Database, load_given: LoadGiven
) -> None:
    load_given(
        given(
            a_bar(),
            a_bar(bar_date=WEDNESDAY, close=10.8),
            a_bar(bar_date=TUESDAY, low=-1),
            actions=[Action("AAPL", WEDNESDAY, "dividend", 0.5)],
        )
    )
    load_given(
        given(
            a_bar(bar_date=WEDNESDAY, close=10.9, volume=1200),
            actions=[Action("AAPL", WEDNESDAY, "dividend", 0.55)],
            name="other",
        ),
        THURSDAY,
    )

    page = told(database, evening_of(THURSDAY), "AAPL")

    assert page[:5] == [
        "AAPL: 2 bars from 2013-01-07 to 2013-01-09",
        "The last bar is 1 session old.",
        "1 session between has no bar: 2013-01-08",
        "1 correction of bars.",
        "Not judged by the quality gate yet.",
    ]
    for line in (
        "given 1 2013-01-07 2013-01-07 2013-01-10 01:00",
        "other 1 2013-01-09 2013-01-09 2013-01-11 01:00",
        "2013-01-09 dividend 0.55 0.5 other 2013-01-11 01:00",
        "2013-01-09 2013-01-11 01:00 close 10.8 → 10.9, volume 1,000 → 1,200, "
        "given → other",
    ):
        assert line in page
    refused = [line for line in page if line.startswith("bar low is not positive 1")]
    assert len(refused) == 1
    assert '"low": "-1"' in refused[0]
    assert "Loads (2)" in page


def test_the_story_tells_open_marks_and_cleared_ones(
    settings: Settings, loaded: Database, clock: Clock
) -> None:
    for factor in (100, 0.01):
        with loaded.connect("owner") as conn:
            conn.execute(
                "update raw.raw_prices set open = open * %(by)s, high = high * %(by)s,"
                " low = low * %(by)s, close = close * %(by)s"
                " where symbol = 'IBM' and bar_date = '2007-05-08'",
                {"by": factor},
            )
        check(settings, loaded, clock)
        page = told(loaded, clock, "IBM")
        (mark,) = [
            line for line in page if "jump_without_action 2007-05-08 99.5" in line
        ]
        assert mark.endswith("open" if factor > 1 else "2013-03-02 01:00")
    assert "Splits and dividends (52)" in page
    assert page[1:3] == [
        "The last bar is of the last session.",
        "No session between is missing.",
    ]


def test_a_symbol_that_gave_nothing_tells_why(
    database: Database, load_given: LoadGiven
) -> None:
    bars = Batch(symbols=("AAPL",), bars=[a_bar()], actions=[])
    nothing = Batch(("MSFT",), [], [], failures={"MSFT": "no such symbol"})
    load_given(GivenSource([bars, nothing]))

    page = told(database, evening_of(MONDAY), "MSFT")

    assert page[0] == "MSFT: no bars up to the last session"
    assert page[-1].endswith("no such symbol")


def test_an_unknown_symbol_is_refused(database: Database, clock: Clock) -> None:
    with pytest.raises(DeskError, match=r"XYZ: .* no load has asked for it"):
        explain(database, clock, "XYZ")
