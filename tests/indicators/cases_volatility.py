"""Cases of the volatility indicators."""

import numpy as np
import talib

from tests.indicators.case import Bars, Case, Oracle, Series
from tests.indicators.oracles import before, deviation, rolling

LOOP = "Python loop"
HLC = "'high', 'low', 'close'"
BANDS = "population deviation (divided by n), on the close"
BANDS_ELSEWHERE = "TTR, plotly: around the mean of high, low and close"


def bands(line: int) -> Oracle:
    """A line of the Bollinger bands: upper, middle, lower."""
    return lambda bars: talib.BBANDS(bars.close, 20, 2, 2)[line]


def width(bars: Bars) -> Series:
    return rolling(lambda w: 4 * deviation(w) / float(np.mean(w)), 20, bars.close)


def percent_b(bars: Bars) -> Series:
    def position(window: Series) -> float:
        if not (spread := 2 * deviation(window)):
            return np.nan
        lower = np.mean(window) - spread
        return float((window[-1] - lower) / (2 * spread))

    return rolling(position, 20, bars.close)


def z_score(bars: Bars) -> Series:
    def score(window: Series) -> float:
        spread = deviation(window)
        return float((window[-1] - np.mean(window)) / spread) if spread else np.nan

    return rolling(score, 20, bars.close)


def keltner(multiple: int) -> Oracle:
    def line(bars: Bars) -> Series:
        middle: Series = talib.EMA(bars.close, 20)
        return middle + multiple * talib.ATR(bars.high, bars.low, bars.close, 10)

    return line


def donchian(line: int) -> Oracle:
    return lambda bars: talib.DONCHIAN(bars.high, bars.low, 20)[line]


def historical_volatility(bars: Bars) -> Series:
    returns = np.log(bars.close / before(bars.close))
    return rolling(lambda w: np.std(w, ddof=1) * np.sqrt(252), 20, returns)


def rolling_drawdown(bars: Bars) -> Series:
    return rolling(lambda w: 100 * (w[-1] / np.max(w) - 1), 14, bars.close)


def ulcer_index(bars: Bars) -> Series:
    return rolling(lambda w: np.sqrt(np.mean(w**2)), 14, rolling_drawdown(bars))


CASES = (
    Case(
        name="true_range",
        ctes=({"true_range": "indicators.true_range('high', 'low', 'close')"},),
        oracle=lambda bars: talib.TRANGE(bars.high, bars.low, bars.close),
        oracle_name="TA-Lib TRANGE",
        convention="NULL on the first bar, which has no close before it",
        elsewhere="StockCharts, ta, ta4j, Tulip: high - low on the first bar",
        absolute="close",
    ),
    Case(
        name="atr_14",
        ctes=({"atr_14": "indicators.atr('high', 'low', 'close', 14)"},),
        oracle=lambda bars: talib.ATR(bars.high, bars.low, bars.close, 14),
        oracle_name="TA-Lib ATR",
        convention="Wilder's average, seeded by the mean of true ranges 1 to n",
        elsewhere="StockCharts, ta: seeded by true ranges 0 to n - 1",
        absolute="close",
    ),
    Case(
        name="natr_14",
        ctes=({"natr_14": "indicators.natr('high', 'low', 'close', 14)"},),
        oracle=lambda bars: talib.NATR(bars.high, bars.low, bars.close, 14),
        oracle_name="TA-Lib NATR",
        convention="atr in percent of the close",
        elsewhere="TA-Lib with a period of 1: the true range, not in percent",
        absolute=1.0,
    ),
    Case(
        name="average_range_10",
        ctes=({"average_range_10": "indicators.average_range('high', 'low', 10)"},),
        oracle=lambda bars: talib.EMA(bars.high - bars.low, 10),
        oracle_name="TA-Lib EMA",
        convention="exponential average, seeded by the mean of the first n",
        absolute="close",
    ),
    Case(
        name="chaikin_volatility_10",
        ctes=(
            {"average_range": "indicators.average_range('high', 'low', 10)"},
            {
                "chaikin_volatility_10": (
                    "indicators.chaikin_volatility('average_range', 10)"
                )
            },
        ),
        oracle=lambda bars: talib.CVI(bars.high, bars.low, 10, 10),
        oracle_name="TA-Lib CVI",
        convention="percent; the average seeded by the mean of its first n",
        absolute=1.0,
    ),
    Case(
        name="standard_deviation_20",
        ctes=({"standard_deviation_20": "indicators.standard_deviation('close', 20)"},),
        oracle=lambda bars: talib.STDDEV(bars.close, 20),
        oracle_name="TA-Lib STDDEV",
        convention="the population's (divided by n); `sample` divides by n - 1",
        elsewhere="spreadsheets' STDEV, pandas: the sample's",
        absolute="close",
    ),
    Case(
        name="standard_deviation_sample_20",
        ctes=(
            {
                "standard_deviation_sample_20": (
                    "indicators.standard_deviation('close', 20, sample=true)"
                )
            },
        ),
        oracle=lambda bars: rolling(lambda w: deviation(w, 1), 20, bars.close),
        oracle_name=LOOP,
        convention="divided by n - 1",
        absolute="close",
    ),
    Case(
        name="variance_20",
        ctes=({"variance_20": "indicators.variance('close', 20)"},),
        oracle=lambda bars: talib.VAR(bars.close, 20),
        oracle_name="TA-Lib VAR",
        convention="the population's (divided by n); `sample` divides by n - 1",
        absolute=lambda bars: bars.close**2,
    ),
    Case(
        name="z_score_20",
        ctes=({"z_score_20": "indicators.z_score('close', 20)"},),
        oracle=z_score,
        oracle_name=LOOP,
        convention="population deviation; NULL when all values are the same",
        absolute=1.0,
    ),
    Case(
        name="bollinger_upper_20",
        ctes=({"bollinger_upper_20": "indicators.bollinger('close', 20, 2)"},),
        oracle=bands(0),
        oracle_name="TA-Lib BBANDS",
        convention=BANDS,
        elsewhere=BANDS_ELSEWHERE,
        absolute="close",
    ),
    Case(
        name="bollinger_lower_20",
        ctes=({"bollinger_lower_20": "indicators.bollinger('close', 20, -2)"},),
        oracle=bands(2),
        oracle_name="TA-Lib BBANDS",
        convention=BANDS,
        elsewhere=BANDS_ELSEWHERE,
        absolute="close",
    ),
    Case(
        name="bollinger_percent_b_20",
        ctes=(
            {"bollinger_percent_b_20": "indicators.bollinger_percent_b('close', 20)"},
        ),
        oracle=percent_b,
        oracle_name=LOOP,
        convention="0 on the lower, 1 on the upper band; NULL without a width",
        elsewhere="some charts: times 100",
        absolute=1.0,
    ),
    Case(
        name="bollinger_width_20",
        ctes=({"bollinger_width_20": "indicators.bollinger_width('close', 20, 2)"},),
        oracle=width,
        oracle_name=LOOP,
        convention="a share of the middle band",
        elsewhere="StockCharts: times 100",
        absolute=1.0,
    ),
    Case(
        name="keltner_upper_20",
        ctes=({"keltner_upper_20": f"indicators.keltner({HLC}, 20, 2, 10)"},),
        oracle=keltner(2),
        oracle_name="TA-Lib EMA + 2 * ATR",
        convention="exponential average of the close, Wilder's atr of its own period",
        elsewhere="Keltner's own: plain averages of typical price and of the range",
        absolute="close",
    ),
    Case(
        name="keltner_lower_20",
        ctes=({"keltner_lower_20": (f"indicators.keltner({HLC}, 20, -2, 10)")},),
        oracle=keltner(-2),
        oracle_name="TA-Lib EMA - 2 * ATR",
        convention="exponential average of the close, Wilder's atr of its own period",
        elsewhere="Keltner's own: plain averages of typical price and of the range",
        absolute="close",
    ),
    Case(
        name="donchian_upper_20",
        ctes=({"donchian_upper_20": "indicators.donchian_upper('high', 20)"},),
        oracle=donchian(0),
        oracle_name="TA-Lib DONCHIAN",
        convention="the current bar included",
        elsewhere="Skender: the n bars before it",
    ),
    Case(
        name="donchian_middle_20",
        ctes=({"donchian_middle_20": "indicators.donchian_middle('high', 'low', 20)"},),
        oracle=donchian(1),
        oracle_name="TA-Lib DONCHIAN",
        convention="the current bar included",
        elsewhere="Skender: the n bars before it",
    ),
    Case(
        name="donchian_lower_20",
        ctes=({"donchian_lower_20": "indicators.donchian_lower('low', 20)"},),
        oracle=donchian(2),
        oracle_name="TA-Lib DONCHIAN",
        convention="the current bar included",
        elsewhere="Skender: the n bars before it",
    ),
    Case(
        name="simple_return",
        ctes=({"simple_return": "indicators.simple_return('close')"},),
        oracle=lambda bars: bars.close / before(bars.close) - 1,
        oracle_name=LOOP,
        convention="a share: 0.01 is 1 %",
        absolute=1.0,
    ),
    Case(
        name="log_return",
        ctes=({"log_return": "indicators.log_return('close')"},),
        oracle=lambda bars: np.log(bars.close) - np.log(before(bars.close)),
        oracle_name=LOOP,
        convention="natural logarithm",
        absolute=1.0,
    ),
    Case(
        name="historical_volatility_20",
        ctes=(
            {"log_return": "indicators.log_return('close')"},
            {
                "historical_volatility_20": (
                    "indicators.historical_volatility('log_return', 20)"
                )
            },
        ),
        oracle=historical_volatility,
        oracle_name=LOOP,
        convention="sample deviation of log returns, a year of 252 bars, as a share",
        elsewhere="some charts: times 100, or a year of 365 days",
        absolute=1.0,
    ),
    Case(
        name="rolling_drawdown_14",
        ctes=({"rolling_drawdown_14": "indicators.rolling_drawdown('close', 14)"},),
        oracle=rolling_drawdown,
        oracle_name=LOOP,
        convention="percent below the highest close of the last n",
        absolute=1.0,
    ),
    Case(
        name="ulcer_index_14",
        ctes=(
            {"rolling_drawdown": "indicators.rolling_drawdown('close', 14)"},
            {"ulcer_index_14": "indicators.ulcer_index('rolling_drawdown', 14)"},
        ),
        oracle=ulcer_index,
        oracle_name=LOOP,
        convention="each bar against the high of its own last n bars",
        elsewhere="Skender: against the high of the window so far",
        absolute=1.0,
    ),
)
