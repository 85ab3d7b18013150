"""A vendor's load that ends half-way keeps what it had, and the next goes on."""

from collections.abc import Iterator
from datetime import date

import pytest

from desk.database import Database
from ingest.sources import Action, Batch
from tests.ingest.conftest import (
    MONDAY,
    TUESDAY,
    GivenSource,
    LoadGiven,
    a_bar,
    rows_of,
)

DONE = "select symbol from raw.loaded_symbols"
SYMBOLS = ("AAPL", "IBM", "MSFT")
RUNS = """
select outcome, rows_received, rows_new, rows_same, rows_rejected
from raw.ingest_runs order by started_at
"""


def answers() -> list[Batch]:
    """One symbol each: two bars, one of them bad, and a dividend."""
    return [
        Batch(
            symbols=(symbol,),
            bars=[a_bar(symbol), a_bar(symbol, TUESDAY, close=None)],
            actions=[Action(symbol, MONDAY, "dividend", 0.5)],
        )
        for symbol in SYMBOLS
    ]


def vendor(batches: list[Batch] | Iterator[Batch]) -> GivenSource:
    return GivenSource(batches, symbols=SYMBOLS, is_local=False)


@pytest.fixture(autouse=True)
def _a_chunk_per_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.chunks.CHUNK_BARS", 1)


def breaking(after: int) -> Iterator[Batch]:
    yield from answers()[:after]
    raise RuntimeError("the vendor went away")


def test_finished_chunks_stay_and_every_row_of_them_is_counted(
    database: Database, load_given: LoadGiven
) -> None:
    with pytest.raises(RuntimeError, match="went away"):
        load_given(vendor(breaking(2)))
    assert rows_of(database, "select symbol from raw.raw_prices order by 1") == [
        ("AAPL",),
        ("IBM",),
    ]
    assert rows_of(database, RUNS) == [("failed", 4, 2, 0, 2)]
    assert rows_of(database, "select earliest_change_date from raw.ingest_runs") == [
        (MONDAY,)
    ]


def test_the_next_load_of_the_session_asks_only_for_the_rest(
    database: Database, load_given: LoadGiven
) -> None:
    with pytest.raises(RuntimeError):
        load_given(vendor(breaking(2)))
    rest = vendor(answers()[2:])
    report = load_given(rest)
    assert [window.symbol for window in rest.asked] == ["MSFT"]
    assert (report.rows_received, report.rows_new) == (2, 1)
    assert report.symbols == list(SYMBOLS)

    # A load that ended well is no reason to skip anything.
    again = vendor(answers())
    load_given(again)
    assert [window.symbol for window in again.asked] == list(SYMBOLS)


def test_a_load_of_the_next_session_asks_for_all(load_given: LoadGiven) -> None:
    with pytest.raises(RuntimeError):
        load_given(vendor(breaking(2)))
    tomorrow = vendor(answers())
    load_given(tomorrow, date(2013, 1, 10))
    assert [window.symbol for window in tomorrow.asked] == list(SYMBOLS)


def test_a_load_that_died_after_its_last_chunk_leaves_nothing_to_do(
    database: Database, load_given: LoadGiven
) -> None:
    with pytest.raises(RuntimeError):
        load_given(vendor(breaking(3)))
    rest = vendor([])
    load_given(rest)
    assert rest.asked == []
    assert rows_of(database, RUNS) == [
        ("failed", 6, 3, 0, 3),
        ("succeeded", 0, 0, 0, 0),
    ]


def test_a_batch_may_hold_only_its_own_symbols(
    database: Database, load_given: LoadGiven
) -> None:
    stray = Batch(symbols=("AAPL",), bars=[a_bar("AAPL"), a_bar("IBM", close=10.9)])
    load_given(vendor([stray, *answers()[1:]]))
    assert rows_of(
        database, "select close from raw.raw_prices where symbol = 'IBM'"
    ) == [(10.75,)]
