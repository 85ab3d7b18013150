"""Weekly and monthly bars are what pandas makes of the daily ones."""

import pandas as pd
import pytest

from desk.database import Database
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of


@pytest.mark.parametrize(("period", "rule"), [("week", "W-SUN"), ("month", "ME")])
def test_longer_bars_are_the_daily_ones_put_together(
    built: Database, period: str, rule: str
) -> None:
    daily = pd.DataFrame(rows_of(built, "select * from marts.bars"))
    daily["day"] = pd.to_datetime(daily["bar_date"])
    expected = (
        daily.sort_values("day")
        .set_index("day")
        .groupby("symbol")
        .resample(rule)
        .agg(
            bars=("bar_date", "count"),
            first_bar_date=("bar_date", "first"),
            last_bar_date=("bar_date", "last"),
            adjusted_open=("adjusted_open", "first"),
            adjusted_high=("adjusted_high", "max"),
            adjusted_low=("adjusted_low", "min"),
            adjusted_close=("adjusted_close", "last"),
            adjusted_volume=("adjusted_volume", "sum"),
        )
        .query("bars > 0")
        .reset_index(level="symbol")
        .reset_index(drop=True)
    )

    found = pd.DataFrame(
        rows_of(
            built, f"select * from marts.bars_{period}ly order by symbol, last_bar_date"
        )
    )

    starts = pd.to_datetime(found[f"{period}_start"])
    assert (
        starts.dt.day_of_week == 0 if period == "week" else starts.dt.day == 1
    ).all()
    assert (starts <= pd.to_datetime(found["first_bar_date"])).all()
    pd.testing.assert_frame_equal(
        found[expected.columns], expected, check_dtype=False, rtol=1e-12
    )
    # Both ways of putting a bar together were used: AAPL split on 2005-02-28.
    assert {"AAPL", "FB"} <= set(found["symbol"])


def test_what_is_loaded_and_not_built_yet_hides_no_bar(
    built: Database, copies: CopyDatabase
) -> None:
    last = "select max(last_bar_date) from marts.bars_weekly where symbol = 'AAPL'"
    database = copies(built)
    with database.connect() as conn:
        conn.execute(
            "insert into raw.raw_prices select symbol, bar_date + 3, open, high, low,"
            " close, volume, source, known_at from raw.raw_prices"
            " where bar_date = '2013-03-01'"
        )

    assert rows_of(database, last) == rows_of(built, last)
