"""Indicators against TA-Lib: every column, every bar of the sample."""

from typing import Any

import numpy as np
import pytest
import talib

from desk.database import Database
from tests.dbt.rows import Series, by_symbol, column, rows_of

RELATIVE_ERROR = 1e-9
SCALE_FREE = {"rsi_14"}


def oracle(high: Series, low: Series, close: Series) -> dict[str, Series]:
    """TA-Lib's values; MACD "classic": differences and averages of its EMAs."""
    upper, middle, lower = talib.BBANDS(close, timeperiod=20, nbdevup=2, nbdevdn=2)
    macd = talib.EMA(close, 12) - talib.EMA(close, 26)
    signal = np.full_like(close, np.nan)
    warm = ~np.isnan(macd)
    signal[warm] = talib.EMA(macd[warm], 9)
    return {
        "sma_20": talib.SMA(close, 20),
        "sma_50": talib.SMA(close, 50),
        "sma_200": talib.SMA(close, 200),
        "ema_12": talib.EMA(close, 12),
        "ema_26": talib.EMA(close, 26),
        "macd": macd,
        "macd_signal": signal,
        "macd_histogram": macd - signal,
        "rsi_14": talib.RSI(close, 14),
        "bollinger_upper_20": upper,
        "bollinger_middle_20": middle,
        "bollinger_lower_20": lower,
        "atr_14": talib.ATR(high, low, close, 14),
    }


INDICATORS = tuple(oracle(*[np.arange(300.0)] * 3))


@pytest.fixture(scope="module")
def bars(built: Database) -> dict[str, list[dict[str, Any]]]:
    """Indicators beside their bars, forward-adjusted and in today's terms."""
    return by_symbol(
        rows_of(
            built,
            """
            select
                bars.high, bars.low, bars.close, forward.*,
                symbols.cumulative_factor as latest_factor,
                row_to_json(today.*) as today
            from intermediate.int_bars as bars
            join intermediate.int_indicators as forward using (symbol, bar_date)
            join intermediate.int_symbols as symbols using (symbol)
            join marts.indicators as today using (symbol, bar_date)
            order by symbol, bar_date
            """,
        )
    )


@pytest.mark.parametrize("indicator", INDICATORS)
@pytest.mark.parametrize("symbol", ["AAPL", "FB", "GOOG", "IBM", "MSFT"])
def test_an_indicator_equals_ta_lib_on_every_bar(
    bars: dict[str, list[dict[str, Any]]], symbol: str, indicator: str
) -> None:
    rows = bars[symbol]
    high, low, close = (column(rows, name) for name in ("high", "low", "close"))
    expected = oracle(high, low, close)[indicator]
    actual = column(rows, indicator)
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    # MACD is a small difference of prices, so its error is measured in prices.
    scale = close if indicator.startswith("macd") else np.abs(expected)
    error = np.abs(actual - expected) / scale
    assert np.nanmax(error, initial=0) < RELATIVE_ERROR

    latest_factor = 1.0 if indicator in SCALE_FREE else rows[0]["latest_factor"]
    today = column([row["today"] for row in rows], indicator)
    np.testing.assert_allclose(today * latest_factor, actual, rtol=1e-12)
