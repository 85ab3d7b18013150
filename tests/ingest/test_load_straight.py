"""Typed bars go straight in where nothing is stored, and end as any others would."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as within
from hypothesis import strategies as st

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from ingest import straight
from ingest.load import LoadReport, load
from ingest.sources import Bar, BarLines, Batch
from tests.ingest.conftest import (
    MONDAY,
    PRICES,
    TUESDAY,
    WEDNESDAY,
    GivenSource,
    a_bar,
    rows_of,
)
from tests.ingest.test_load_anyhow import DECIDED, empty

REASONS = """
select symbol, bar_date, reasons from raw.rejected_prices order by 1, 2, 3
"""

odd = st.sampled_from([10.5, 10.75, 0, -1, None, float("nan"), float("inf"), 99])
bars = st.builds(
    a_bar,
    symbol=st.sampled_from(["AAPL", "MSFT", "TSLA", "", None]),
    bar_date=st.sampled_from(
        [MONDAY, TUESDAY, WEDNESDAY, "2013-01-06", "2013-01-10", "1969-12-31", None]
    ),
    open=odd,
    high=st.sampled_from([11, 11, 11, 10.6, None, float("inf")]),
    low=st.sampled_from([10, 10, 10, 0, None, float("nan")]),
    close=odd,
    volume=st.sampled_from([0, 1000, 1000, 0.5, -1, None, float("nan")]),
)


def lines(bars: Sequence[Bar], *, is_typed: bool = True) -> Batch:
    text = "".join(
        ",".join("" if value is None else str(value) for value in bar) + "\n"
        for bar in bars
    )
    given = BarLines(text.encode(), len(bars), is_typed)
    return Batch(symbols=("AAPL", "MSFT"), bars=given)


def loaded(database: Database, *batches: Batch, is_local: bool = True) -> LoadReport:
    source = GivenSource(batches, is_local=is_local)
    return load(Settings(), database, evening_of(WEDNESDAY), source=source)


def tables(database: Database) -> list[list[tuple[Any, ...]]]:
    return [rows_of(database, query) for query in (PRICES, REASONS, DECIDED)]


@within(max_examples=2 * within().max_examples)
@given(bars=st.lists(bars, max_size=8), data=st.data())
@example(bars=[a_bar(), a_bar(bar_date=TUESDAY, close=None)], data=None)
def test_typed_lines_end_in_the_same_tables_as_text(
    database: Database, bars: list[Bar], data: st.DataObject | None
) -> None:
    empty(database)
    loaded(database, lines(bars, is_typed=False))
    as_text = tables(database)

    empty(database)
    shuffled = data.draw(st.permutations(bars)) if data else bars
    cut = data.draw(st.integers(0, len(bars))) if data else 1
    loaded(database, lines(shuffled[:cut]), lines(shuffled[cut:]))
    assert tables(database) == as_text


def test_new_bars_are_not_staged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    original = straight.Straight.copy

    def copy(self: straight.Straight, bars: BarLines) -> None:
        original(self, bars)
        seen.append(self.copied)

    monkeypatch.setattr(straight.Straight, "copy", copy)
    ghost = a_bar(bar_date="2013-01-06")
    report = loaded(database, lines([a_bar(), ghost]), lines([a_bar("MSFT")]))
    assert seen == [1, 2]
    assert (report.rows_new, report.rows_rejected) == (2, 1)
    assert report.earliest_change_date == MONDAY

    # Where something is stored, each row is compared.
    again = loaded(database, lines([a_bar(), ghost, a_bar("MSFT", volume=5)]))
    assert seen == [1, 2]
    assert (again.rows_same, again.rows_changed, again.rows_rejected) == (1, 1, 1)


def test_a_typed_row_refused_is_kept_as_it_came(database: Database) -> None:
    loaded(database, lines([a_bar(), a_bar(bar_date=TUESDAY, close=99.5)]))
    assert rows_of(database, "select received from raw.rejected_prices") == [
        (
            {
                "symbol": "AAPL",
                "bar_date": "2013-01-08",
                "open": "10.5",
                "high": "11",
                "low": "10",
                "close": "99.5",
                "volume": "1000",
            },
        )
    ]


def test_a_symbol_with_a_line_break_does_not_break_the_lines(
    database: Database,
) -> None:
    csv = b'"AA\nPL",2013-01-07,10.5,11,10,10.75,1000\n'
    batch = replace(lines([]), bars=BarLines(csv, 1, is_typed=True))
    report = loaded(database, batch)
    assert report.rows_rejected == 1
    assert rows_of(database, "select symbol, reasons from raw.rejected_prices") == [
        ("AA\nPL", ["symbol was not asked for"])
    ]


def test_text_after_typed_lines_begins_the_load_again(database: Database) -> None:
    other = a_bar(close=10.9)
    batch = Batch(symbols=("AAPL",), bars=[other])
    report = loaded(database, lines([a_bar(), a_bar("MSFT")]), batch)
    assert (report.rows_received, report.rows_new, report.rows_rejected) == (3, 1, 2)
