"""However the rows come, the tables end the same."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from ingest.load import load
from ingest.sources import Action, Bar, Batch
from tests.ingest.conftest import (
    ACTIONS,
    MONDAY,
    PRICES,
    TUESDAY,
    WEDNESDAY,
    GivenSource,
    a_bar,
    rows_of,
)

REJECTED = "select received::text, reasons from raw.rejected_prices order by 1, 2"
DECIDED = (
    "select outcome, rows_received, rows_new, rows_changed, rows_same, rows_rejected"
    " from raw.ingest_runs where outcome = 'succeeded'"
)

bars = st.builds(
    a_bar,
    symbol=st.sampled_from(["AAPL", "MSFT", "TSLA", None]),
    bar_date=st.sampled_from([MONDAY, TUESDAY, WEDNESDAY, "2013-01-06"]),
    close=st.sampled_from([10.5, 10.75, 99, None]),
    volume=st.sampled_from([0, 1000, "x"]),
)
actions = st.builds(
    Action,
    symbol=st.sampled_from(["AAPL", "MSFT"]),
    ex_date=st.sampled_from([MONDAY, TUESDAY]),
    kind=st.sampled_from(["split", "dividend"]),
    value=st.sampled_from([0, 0.5, 2]),
)


def tables(database: Database) -> list[list[tuple[Any, ...]]]:
    return [rows_of(database, query) for query in (PRICES, ACTIONS, REJECTED, DECIDED)]


def empty(database: Database) -> None:
    with database.connect("owner") as conn:
        conn.execute(
            "truncate raw.raw_prices, raw.corporate_actions, raw.raw_price_revisions,"
            " raw.corporate_action_revisions, raw.ingest_runs cascade"
        )


@given(
    bars=st.lists(bars, max_size=8),
    actions=st.lists(actions, max_size=4),
    data=st.data(),
)
def test_any_order_and_any_split_into_batches_ends_in_the_same_tables(
    database: Database, bars: list[Bar], actions: list[Action], data: st.DataObject
) -> None:
    def loaded(batches: Sequence[Batch]) -> list[list[tuple[Any, ...]]]:
        empty(database)
        load(
            Settings(),
            database,
            evening_of(WEDNESDAY),
            source=GivenSource(batches),
        )
        return tables(database)

    together = loaded([Batch(symbols=("AAPL",), bars=bars, actions=actions)])
    shuffled = data.draw(st.permutations(bars))
    cut = data.draw(st.integers(0, len(bars)))
    apart = loaded(
        [
            Batch(symbols=("AAPL",), bars=shuffled[:cut]),
            Batch(
                symbols=("AAPL",),
                bars=shuffled[cut:],
                actions=data.draw(st.permutations(actions)),
            ),
        ]
    )
    assert apart == together
