"""The columns of `int_indicators` in Python: TA-Lib, and numpy where it has none."""

import numpy as np
import talib
from numpy.typing import NDArray

Series = NDArray[np.float64]


def indicators(
    high: Series, low: Series, close: Series, volume: Series
) -> dict[str, Series]:
    """Every column for one symbol's bars, in order; NaN until warm."""
    return (
        _trend(high, low, close)
        | _momentum(high, low, close)
        | _volatility(high, low, close)
        | _volume(high, low, close, volume)
    )


def _trend(high: Series, low: Series, close: Series) -> dict[str, Series]:
    made = {f"sma_{n}": talib.SMA(close, n) for n in (20, 50, 200)}
    made |= {f"ema_{n}": talib.EMA(close, n) for n in (12, 26, 200)}
    macd = made["ema_12"] - made["ema_26"]
    signal = talib.EMA(macd, 9)
    return made | {
        "macd": macd,
        "macd_signal": signal,
        "macd_histogram": macd - signal,
        "adx_14": talib.ADX(high, low, close, 14),
        "plus_di_14": talib.PLUS_DI(high, low, close, 14),
        "minus_di_14": talib.MINUS_DI(high, low, close, 14),
    }


def _momentum(high: Series, low: Series, close: Series) -> dict[str, Series]:
    slow_k, slow_d = talib.STOCH(
        high, low, close, fastk_period=14, slowk_period=3, slowd_period=3
    )
    return {
        "rsi_14": talib.RSI(close, 14),
        "cmo_14": talib.CMO(close, 14),
        "stochastic_k_14": slow_k,
        "stochastic_d_14": slow_d,
        "williams_r_14": talib.WILLR(high, low, close, 14),
        "momentum_10": talib.MOM(close, 10),
        "roc_10": talib.ROC(close, 10),
        "roc_252": talib.ROC(close, 252),
    }


def _volatility(high: Series, low: Series, close: Series) -> dict[str, Series]:
    upper, middle, lower = talib.BBANDS(close, 20, 2, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent_b = (close - lower) / (upper - lower)
    average, reach = talib.EMA(close, 20), 2 * talib.ATR(high, low, close, 10)
    peak = np.maximum.accumulate(close)
    returns = np.diff(np.log(close), prepend=np.nan)
    of_a_sample = np.sqrt(20 / 19)
    return {
        "atr_14": talib.ATR(high, low, close, 14),
        "natr_14": talib.NATR(high, low, close, 14),
        "stddev_20": talib.STDDEV(close, 20),
        "bollinger_upper_20": upper,
        "bollinger_middle_20": middle,
        "bollinger_lower_20": lower,
        "bollinger_percent_b_20": percent_b,
        "bollinger_width_20": (upper - lower) / middle,
        "keltner_upper_20": average + reach,
        "keltner_lower_20": average - reach,
        "donchian_upper_20": talib.MAX(high, 20),
        "donchian_lower_20": talib.MIN(low, 20),
        "historical_volatility_20": (
            talib.STDDEV(returns, 20) * of_a_sample * np.sqrt(252)
        ),
        "high_252": talib.MAX(high, 252),
        "low_252": talib.MIN(low, 252),
        "peak": peak,
        "drawdown": close / peak - 1,
    }


def _volume(
    high: Series, low: Series, close: Series, volume: Series
) -> dict[str, Series]:
    spread = np.where(high > low, high - low, np.inf)
    flow = volume * ((close - low) - (high - close)) / spread
    traded = talib.SUM(volume, 20)
    typical = (high + low + close) / 3
    return {
        "obv": talib.OBV(close, volume),
        "ad_line": talib.AD(high, low, close, volume),
        "chaikin_money_flow_20": talib.SUM(flow, 20) / traded,
        "mfi_14": talib.MFI(high, low, close, volume, 14),
        "force_index_13": talib.EMA(np.diff(close, prepend=np.nan) * volume, 13),
        "volume_sma_20": talib.SMA(volume, 20),
        "vwap_20": talib.SUM(typical * volume, 20) / traded,
    }
