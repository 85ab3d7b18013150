"""Signals: what they say, and that they follow from the bars before."""

import operator
from typing import Any

import numpy as np
import pytest
import talib

from desk.database import Database
from tests.dbt.rows import Series, by_symbol, column, rows_of

SIGNALS = "select * from marts.signals order by signal_key"
OPERATORS = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def crossings(left: Series, right: Series) -> tuple[list[int], list[int]]:
    """Where `left` came to stand above `right`, and where below."""
    above, below = left > right, left < right
    known = ~np.isnan(left[:-1]) & ~np.isnan(right[:-1])
    up = np.flatnonzero(above[1:] & ~above[:-1] & known) + 1
    down = np.flatnonzero(below[1:] & ~below[:-1] & known) + 1
    return up.tolist(), down.tolist()


def test_the_signals_are_the_crossings_that_ta_lib_sees(built: Database) -> None:
    bars = by_symbol(
        rows_of(built, "select * from intermediate.int_bars order by symbol, bar_date")
    )
    expected = set()
    for symbol, rows in bars.items():
        close = column(rows, "close")
        rsi = talib.RSI(close, 14)
        rules = {
            "sma_cross": crossings(talib.SMA(close, 50), talib.SMA(close, 200)),
            "rsi_reversal": (
                crossings(rsi, np.full_like(rsi, 30))[0],
                crossings(rsi, np.full_like(rsi, 70))[1],
            ),
        }
        for strategy, (buys, sells) in rules.items():
            for side, positions in (("buy", buys), ("sell", sells)):
                expected |= {
                    (strategy, symbol, rows[p]["bar_date"], side) for p in positions
                }
    given = [
        (row["strategy"], row["symbol"], row["bar_date"], row["side"])
        for row in rows_of(built, SIGNALS)
    ]
    assert len(given) > 400
    assert len(given) == len(set(given))
    assert set(given) == expected


def test_a_signals_details_explain_it_to_a_person_and_to_a_program(
    built: Database,
) -> None:
    for row in rows_of(built, SIGNALS):
        details = row["details"]
        assert row["signal_key"] == "|".join(
            [row["strategy"], row["symbol"], row["bar_date"].isoformat()]
        )
        assert details["sentence"].startswith(f"{row['symbol']}: ")
        assert f" on {row['bar_date'].isoformat()}; " in details["sentence"]
        for predicate in details["predicates"]:
            holds = OPERATORS[predicate["operator"]]
            assert predicate["outcome"] is True
            assert holds(predicate["left_value"], predicate["right_value"])
        told = {p["left"]: p["left_value"] for p in details["predicates"]}
        for name, value in details["previous"].items():
            assert told.get(f"previous {name}", value) == value


def test_a_signal_is_told_in_the_prices_of_its_own_day(built: Database) -> None:
    """AAPL split 2:1 on 2005-02-28: averages of the days before count in old shares."""
    rows = rows_of(
        built,
        """
        select signals.*, bars.close_as_traded, bars.cumulative_factor,
            indicators.sma_50, indicators.sma_200
        from marts.signals as signals
        join intermediate.int_bars as bars using (symbol, bar_date)
        join intermediate.int_indicators as indicators using (symbol, bar_date)
        where strategy = 'sma_cross'
        """,
    )
    assert rows
    for row in rows:
        first = row["details"]["predicates"][0]
        factor = row["cumulative_factor"]
        assert row["close"] == row["close_as_traded"]
        assert first["left_value"] == pytest.approx(row["sma_50"] / factor, rel=1e-12)
        assert first["right_value"] == pytest.approx(row["sma_200"] / factor, rel=1e-12)
        assert 0.5 < first["left_value"] / row["close"] < 2


def test_a_strategys_version_is_one_short_hash(built: Database) -> None:
    versions: dict[str, Any] = {
        row["strategy"]: row["versions"]
        for row in rows_of(
            built,
            "select strategy, array_agg(distinct details ->> 'version') as versions "
            "from marts.signals group by strategy",
        )
    }
    assert versions["sma_cross"] != versions["rsi_reversal"]
    for (version,) in versions.values():
        assert len(version) == 12
        assert int(version, 16)
