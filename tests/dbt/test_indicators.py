"""Indicators against TA-Lib: every column, every bar of the sample."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import talib

from desk.database import Database
from tests.dbt.rows import Series, by_symbol, column, rows_of

RELATIVE_ERROR = 1e-9


def rolled(series: Series, period: int, measure: Callable[..., Any]) -> Series:
    """A measure of the last `period` values; NaN until there are so many."""
    padded = np.concatenate([np.full(period - 1, np.nan), series])
    windows = np.lib.stride_tricks.sliding_window_view(padded, period)
    return np.asarray(measure(windows, axis=1), dtype=np.float64)


def money_flow(high: Series, low: Series, close: Series, volume: Series) -> Series:
    spread = np.where(high > low, high - low, np.inf)
    return ((close - low) - (high - close)) / spread * volume


def oracle(bars: dict[str, Series]) -> dict[str, tuple[str, Series]]:
    """Terms and values by column: TA-Lib's where it has them; MACD "classic"."""
    high, low, close, volume = (bars[n] for n in ("high", "low", "close", "volume"))
    upper, middle, lower = talib.BBANDS(close, timeperiod=20, nbdevup=2, nbdevdn=2)
    macd = talib.EMA(close, 12) - talib.EMA(close, 26)
    signal = np.full_like(close, np.nan)
    warm = ~np.isnan(macd)
    signal[warm] = talib.EMA(macd[warm], 9)
    fast_k, _ = talib.STOCHF(high, low, close, fastk_period=14, fastd_period=1)
    slow_k = rolled(fast_k, 3, np.mean)
    stddev = rolled(close, 20, np.std)
    returns = np.diff(np.log(close), prepend=np.nan)
    typical = (high + low + close) / 3
    traded = rolled(volume, 20, np.sum)
    peak = np.maximum.accumulate(close)
    force = np.diff(close, prepend=np.nan) * volume
    force_index = np.full_like(close, np.nan)
    force_index[1:] = talib.EMA(force[1:], 13)
    return {
        "sma_20": ("price", talib.SMA(close, 20)),
        "sma_50": ("price", talib.SMA(close, 50)),
        "sma_200": ("price", talib.SMA(close, 200)),
        "ema_12": ("price", talib.EMA(close, 12)),
        "ema_26": ("price", talib.EMA(close, 26)),
        "ema_200": ("price", talib.EMA(close, 200)),
        "macd": ("price", macd),
        "macd_signal": ("price", signal),
        "macd_histogram": ("price", macd - signal),
        "adx_14": ("ratio", talib.ADX(high, low, close, 14)),
        "plus_di_14": ("ratio", talib.PLUS_DI(high, low, close, 14)),
        "minus_di_14": ("ratio", talib.MINUS_DI(high, low, close, 14)),
        "rsi_14": ("ratio", talib.RSI(close, 14)),
        "cmo_14": ("ratio", talib.CMO(close, 14)),
        "stochastic_k_14": ("ratio", slow_k),
        "stochastic_d_14": ("ratio", rolled(slow_k, 3, np.mean)),
        "williams_r_14": ("ratio", talib.WILLR(high, low, close, 14)),
        "momentum_10": ("price", talib.MOM(close, 10)),
        "roc_10": ("ratio", talib.ROC(close, 10)),
        "roc_252": ("ratio", talib.ROC(close, 252)),
        "atr_14": ("price", talib.ATR(high, low, close, 14)),
        "natr_14": ("ratio", talib.NATR(high, low, close, 14)),
        "stddev_20": ("price", stddev),
        "bollinger_upper_20": ("price", upper),
        "bollinger_middle_20": ("price", middle),
        "bollinger_lower_20": ("price", lower),
        "bollinger_percent_b_20": ("ratio", (close - lower) / (upper - lower)),
        "bollinger_width_20": ("ratio", (upper - lower) / middle),
        "donchian_upper_20": ("price", talib.MAX(high, 20)),
        "donchian_lower_20": ("price", talib.MIN(low, 20)),
        "historical_volatility_20": (
            "ratio",
            rolled(returns, 20, partial(np.std, ddof=1)) * np.sqrt(252),
        ),
        "high_252": ("price", talib.MAX(high, 252)),
        "low_252": ("price", talib.MIN(low, 252)),
        "peak": ("price", peak),
        "drawdown": ("ratio", close / peak - 1),
        "obv": ("volume", talib.OBV(close, volume)),
        "ad_line": ("volume", talib.AD(high, low, close, volume)),
        "chaikin_money_flow_20": (
            "ratio",
            rolled(money_flow(high, low, close, volume), 20, np.sum) / traded,
        ),
        "mfi_14": ("ratio", talib.MFI(high, low, close, volume, 14)),
        "force_index_13": ("money", force_index),
        "volume_sma_20": ("volume", talib.SMA(volume, 20)),
        "vwap_20": ("price", rolled(typical * volume, 20, np.sum) / traded),
    }


# Small differences of prices or of volumes: their error is measured against those.
MEASURED_AGAINST = {
    "macd": "close",
    "macd_signal": "close",
    "macd_histogram": "close",
    "momentum_10": "close",
    "stddev_20": "close",
    "obv": "total_volume",
    "ad_line": "total_volume",
    "force_index_13": "volume",
}
LEAST = {"ratio": 0.01}


@pytest.fixture(scope="module")
def rows(built: Database) -> dict[str, list[dict[str, Any]]]:
    """Indicators beside their bars, forward-adjusted and in today's terms."""
    return by_symbol(
        rows_of(
            built,
            """
            select
                bars.high, bars.low, bars.close, bars.volume, forward.*,
                symbols.cumulative_factor as latest_factor,
                symbols.split_factor as latest_split_factor,
                row_to_json(today.*) as today
            from intermediate.int_bars as bars
            join intermediate.int_indicators as forward using (symbol, bar_date)
            join intermediate.int_symbols as symbols using (symbol)
            join marts.indicators as today using (symbol, bar_date)
            order by symbol, bar_date
            """,
        )
    )


@pytest.mark.parametrize("symbol", ["AAPL", "FB", "GOOG", "IBM", "MSFT"])
def test_every_indicator_equals_its_oracle_on_every_bar(
    rows: dict[str, list[dict[str, Any]]], symbol: str
) -> None:
    bars = {n: column(rows[symbol], n) for n in ("high", "low", "close", "volume")}
    bars["total_volume"] = np.cumsum(bars["volume"])
    expected = oracle(bars)
    today = rows[symbol][0]["today"]
    assert set(today) - {"symbol", "bar_date"} == set(expected)
    for indicator, (terms, values) in expected.items():
        actual = column(rows[symbol], indicator)
        np.testing.assert_array_equal(np.isnan(actual), np.isnan(values), indicator)
        scale = (
            bars[MEASURED_AGAINST[indicator]]
            if indicator in MEASURED_AGAINST
            else (np.maximum(np.abs(values), LEAST.get(terms, 0)))
        )
        error = np.nanmax(np.abs(actual - values) / scale, initial=0)
        assert error < RELATIVE_ERROR, (indicator, error)

        factor = rows[symbol][0]["latest_factor"]
        splits = rows[symbol][0]["latest_split_factor"]
        to_today = {
            "price": 1 / factor,
            "volume": splits,
            "money": splits / factor,
            "ratio": 1,
        }[terms]
        of_today = column([row["today"] for row in rows[symbol]], indicator)
        np.testing.assert_allclose(of_today, actual * to_today, rtol=1e-12)
