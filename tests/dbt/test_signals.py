"""Signals: what they say, and that they follow from the bars before."""

import operator
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import talib

from desk.database import Database
from tests.dbt.rows import Series, by_symbol, column, rows_of

Rows = list[dict[str, Any]]
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


def classic_macd(close: Series) -> tuple[Series, Series]:
    """MACD and signal line, each average seeded at its own period."""
    macd = talib.EMA(close, 12) - talib.EMA(close, 26)
    known = macd[~np.isnan(macd)]
    signal = np.full_like(macd, np.nan)
    signal[len(macd) - len(known) :] = talib.EMA(known, 9)
    return macd, signal


def before(series: Series) -> Series:
    """Each bar's value of the bar before."""
    return np.concatenate(([np.nan], series[:-1]))


def expected_crossings(rows: Rows) -> dict[str, tuple[list[int], list[int]]]:
    """Buys and sells of a symbol, as positions, by every strategy of crossings."""
    close, high, low = (column(rows, name) for name in ("close", "high", "low"))
    rsi = talib.RSI(close, 14)
    upper, middle, _ = talib.BBANDS(close, 20)
    up, down = crossings(talib.EMA(close, 12), talib.EMA(close, 26))
    trend = talib.EMA(close, 200)
    return {
        "sma_cross": crossings(talib.SMA(close, 50), talib.SMA(close, 200)),
        "ema_cross": ([p for p in up if close[p] > trend[p]], down),
        "macd_cross": crossings(*classic_macd(close)),
        "rsi_reversal": (
            crossings(rsi, np.full_like(rsi, 30))[0],
            crossings(rsi, np.full_like(rsi, 70))[1],
        ),
        "bollinger_breakout": (
            crossings(close, upper)[0],
            crossings(close, middle)[1],
        ),
        "donchian": (
            crossings(close, before(talib.MAX(high, 20)))[0],
            crossings(close, before(talib.MIN(low, 10)))[1],
        ),
    }


def bars_of(built: Database) -> dict[str, Rows]:
    return by_symbol(
        rows_of(built, "select * from intermediate.int_bars order by symbol, bar_date")
    )


def test_the_signals_are_the_crossings_that_ta_lib_sees(built: Database) -> None:
    expected = set()
    for symbol, rows in bars_of(built).items():
        for strategy, (buys, sells) in expected_crossings(rows).items():
            for side, positions in (("buy", buys), ("sell", sells)):
                expected |= {
                    (strategy, symbol, rows[p]["bar_date"], side) for p in positions
                }
    given = [
        (row["strategy"], row["symbol"], row["bar_date"], row["side"])
        for row in rows_of(built, SIGNALS)
        if row["strategy"] != "dual_momentum"
    ]
    assert len(given) > 4000
    assert len(given) == len(set(given))
    assert set(given) == expected


def test_dual_momentum_changes_hands_on_a_months_first_session(built: Database) -> None:
    """Walked month by month: the two strongest of the year, unless they lost."""
    returns = {
        (symbol, rows[p]["bar_date"]): rows[p]["close"] / rows[p - 252]["close"] - 1
        for symbol, rows in bars_of(built).items()
        for p in range(252, len(rows))
    }
    sessions = sorted({day for _, day in returns})
    firsts = [
        day
        for earlier, day in pairwise([date.min, *sessions])
        if (earlier.year, earlier.month) != (day.year, day.month)
    ]
    expected = []
    bought: dict[str, bool] = {}
    for day in firsts:
        there = {symbol: value for (symbol, on), value in returns.items() if on == day}
        strongest = sorted(there, key=lambda symbol: -there[symbol])[:2]
        for symbol, value in sorted(there.items()):
            buys = symbol in strongest and value > 0
            if bought.get(symbol) is not buys:
                expected.append((day, symbol, "buy" if buys else "sell"))
            bought[symbol] = buys
    given = [
        (row["bar_date"], row["symbol"], row["side"])
        for row in rows_of(built, SIGNALS)
        if row["strategy"] == "dual_momentum"
    ]
    assert len(given) > 50
    assert sorted(given) == sorted(expected)


def test_a_signals_details_explain_it_to_a_person_and_to_a_program(
    built: Database,
) -> None:
    for row in rows_of(built, SIGNALS):
        details = row["details"]
        assert row["signal_key"] == "|".join(
            [row["strategy"], row["symbol"], row["bar_date"].isoformat()]
        )
        assert details["sentence"].startswith(f"{row['symbol']}: ")
        assert f" on {row['bar_date'].isoformat()}" in details["sentence"]
        assert details["sentence"].endswith(".")
        outcomes = []
        for predicate in details["predicates"]:
            holds = OPERATORS[predicate["operator"]]
            outcomes.append(holds(predicate["left_value"], predicate["right_value"]))
            assert predicate["outcome"] is outcomes[-1]
        # Only dual momentum sells for one reason or another.
        one_will_do = (row["strategy"], row["side"]) == ("dual_momentum", "sell")
        assert any(outcomes) if one_will_do else all(outcomes)
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
    assert len({version for (version,) in versions.values()}) == len(versions)
    assert versions == {
        row["strategy"]: [row["version"]]
        for row in rows_of(built, "select * from intermediate.int_strategies")
    }
    for (version,) in versions.values():
        assert len(version) == 12
        assert int(version, 16)
