"""Cases of the trend indicators."""

import numpy as np
import talib

from tests.indicators.case import Bars, Case, Oracle, Series
from tests.indicators.oracles import before, rolling

SEED = "seeded by the mean of the first n values"
SEED_ELSEWHERE = "ta4j, Tulip, ta: the first value is the seed"
CHAIN = "each average seeded by the mean of its own first n values"
CHAIN_ELSEWHERE = "Skender: the inner averages start at the first one's first value"
DIRECTIONAL = "Wilder's sums start with n - 1 changes"
DIRECTIONAL_ELSEWHERE = "StockCharts, Skender, LEAN, ta: the first sums hold n changes"


def average(
    macro: str,
    function: str,
    convention: str,
    elsewhere: str = "",
    absolute: str | float = 0.0,
) -> Case:
    """A moving average of the close over 10 bars that TA-Lib has too."""
    name = f"{macro}_10"
    return Case(
        name=name,
        ctes=({name: f"indicators.{macro}('close', 10)"},),
        oracle=lambda bars: getattr(talib, function)(bars.close, 10),
        oracle_name=f"TA-Lib {function}",
        convention=convention,
        elsewhere=elsewhere,
        absolute=absolute,
    )


def directional(macro: str, function: str) -> Case:
    """A column of Wilder's directional movement over 14 bars."""
    name = f"{macro}_14"
    return Case(
        name=name,
        ctes=({name: f"indicators.{macro}('high', 'low', 'close', 14)"},),
        oracle=lambda bars: getattr(talib, function)(
            bars.high, bars.low, bars.close, 14
        ),
        oracle_name=f"TA-Lib {function}",
        convention=DIRECTIONAL,
        elsewhere=DIRECTIONAL_ELSEWHERE,
        absolute=1.0,
    )


def supertrend(line: int) -> Oracle:
    """The stop (0) or the direction (1), which TA-Lib has 0 before the first stop."""

    def oracle(bars: Bars) -> Series:
        lines = talib.SUPERTREND(bars.high, bars.low, bars.close, 10, 3)
        return np.where(np.isnan(lines[0]), np.nan, lines[line])

    return oracle


def vwma(bars: Bars) -> Series:
    """TA-Lib on each window alone: its running sums keep the rounding of old ones."""

    def line(close: Series, volume: Series) -> float:
        return float(talib.VWMA(close, volume, 20)[-1]) if volume.any() else np.nan

    return rolling(line, 20, bars.close, bars.volume)


def true_range_sum(bars: Bars) -> Series:
    result = np.full(len(bars), np.nan)
    ranges = talib.TRANGE(bars.high, bars.low, bars.close)
    total = 0.0
    for bar in range(1, len(bars)):
        total += ranges[bar] - (total / 14 if bar >= 14 else 0)
        if bar >= 14:
            result[bar] = total
    return result


def heikin_ashi(name: str, line: int, convention: str) -> Case:
    """A price of the heikin-ashi candle."""
    return Case(
        name=name,
        ctes=({name: f"indicators.{name}('open', 'high', 'low', 'close')"},),
        oracle=lambda bars: talib.HA(bars.open, bars.high, bars.low, bars.close)[line],
        oracle_name="TA-Lib HA",
        convention=convention,
        absolute="close",
    )


def middle(bars: Bars, period: int) -> Series:
    line: Series = talib.MIDPRICE(bars.high, bars.low, period)
    return line


CASES = (
    average("sma", "SMA", "NULL until n values", "ta4j: partial windows"),
    average("ema", "EMA", SEED, SEED_ELSEWHERE),
    average("rma", "RMA", SEED, SEED_ELSEWHERE),
    average("wma", "WMA", "weights 1 to n", absolute="close"),
    average("dema", "DEMA", CHAIN, CHAIN_ELSEWHERE),
    average("tema", "TEMA", CHAIN, CHAIN_ELSEWHERE),
    average("trima", "TRIMA", "sma of an sma, n / 2 and n / 2 + 1", absolute="close"),
    average("kama", "KAMA", "2 and 30; seeded by the value before", absolute="close"),
    average("hma", "HMA", "half and root rounded down", absolute="close"),
    Case(
        name="trima_9",
        ctes=({"trima_9": "indicators.trima('close', 9)"},),
        oracle=lambda bars: talib.TRIMA(bars.close, 9),
        oracle_name="TA-Lib TRIMA",
        convention="of an odd n: sma of an sma, both over (n + 1) / 2",
        absolute="close",
    ),
    Case(
        name="vwma_20",
        ctes=({"vwma_20": "indicators.vwma('close', 'volume', 20)"},),
        oracle=vwma,
        oracle_name="TA-Lib VWMA, window by window",
        convention="NULL when nothing was traded",
    ),
    directional("plus_di", "PLUS_DI"),
    directional("minus_di", "MINUS_DI"),
    Case(
        name="true_range_sum_14",
        ctes=(
            {"true_range_sum_14": "indicators.true_range_sum('high', 'low', 'close')"},
        ),
        oracle=true_range_sum,
        oracle_name="Python loop",
        convention=DIRECTIONAL,
        absolute="close",
    ),
    directional("dx", "DX"),
    directional("adx", "ADX"),
    Case(
        name="adxr_14",
        ctes=(
            {"adx_14": "indicators.adx('high', 'low', 'close', 14)"},
            {"adxr_14": "indicators.adxr('adx_14', 14)"},
        ),
        oracle=lambda bars: talib.ADXR(bars.high, bars.low, bars.close, 14),
        oracle_name="TA-Lib ADXR",
        convention="mean of adx now and n - 1 bars ago",
        elsewhere="Skender, backtrader: n bars ago",
        absolute=1.0,
    ),
    Case(
        name="psar",
        ctes=({"psar": "indicators.psar('high', 'low', 0.02, 0.2)"},),
        oracle=lambda bars: talib.SAR(bars.high, bars.low, 0.02, 0.2),
        oracle_name="TA-Lib SAR",
        convention="the first two bars' directional movement chooses the side",
        elsewhere="others start long, or by the closes",
    ),
    Case(
        name="supertrend_10",
        ctes=(
            {"supertrend_10": "indicators.supertrend('high', 'low', 'close', 10, 3)"},
        ),
        oracle=supertrend(0),
        oracle_name="TA-Lib SUPERTREND",
        convention="on atr; the trend is up at first",
        elsewhere="TradingView: the trend is down at first",
        absolute="close",
    ),
    Case(
        name="supertrend_direction_10",
        ctes=(
            {
                "supertrend_direction_10": (
                    "indicators.supertrend_direction('high', 'low', 'close', 10, 3)"
                )
            },
        ),
        oracle=supertrend(1),
        oracle_name="TA-Lib SUPERTREND",
        convention="1 is up, -1 is down",
        elsewhere="TradingView: -1 is up, 1 is down",
    ),
    Case(
        name="ichimoku_conversion",
        ctes=(
            {"ichimoku_conversion": "indicators.ichimoku_conversion('high', 'low')"},
        ),
        oracle=lambda bars: middle(bars, 9),
        oracle_name="TA-Lib MIDPRICE",
        convention="9 bars",
    ),
    Case(
        name="ichimoku_base",
        ctes=({"ichimoku_base": "indicators.ichimoku_base('high', 'low')"},),
        oracle=lambda bars: middle(bars, 26),
        oracle_name="TA-Lib MIDPRICE",
        convention="26 bars",
    ),
    Case(
        name="ichimoku_span_a",
        ctes=({"ichimoku_span_a": "indicators.ichimoku_span_a('high', 'low')"},),
        oracle=lambda bars: before((middle(bars, 9) + middle(bars, 26)) / 2, 26),
        oracle_name="TA-Lib MIDPRICE",
        convention="the cloud that stands at the bar, known 26 bars before",
        elsewhere="TradingView: shifted by 25; others give the newest, unshifted",
    ),
    Case(
        name="ichimoku_span_b",
        ctes=({"ichimoku_span_b": "indicators.ichimoku_span_b('high', 'low')"},),
        oracle=lambda bars: before(middle(bars, 52), 26),
        oracle_name="TA-Lib MIDPRICE",
        convention="the cloud that stands at the bar, known 26 bars before",
        elsewhere="TradingView: shifted by 25; others give the newest, unshifted",
    ),
    Case(
        name="ichimoku_lagging",
        ctes=({"ichimoku_lagging": "indicators.ichimoku_lagging('close')"},),
        oracle=lambda bars: talib.MOM(bars.close, 26),
        oracle_name="TA-Lib MOM",
        convention="the close above that of 26 bars ago; nothing of the future",
        elsewhere="others: the close of 26 bars later, which a bar can't know",
        absolute="close",
    ),
    Case(
        name="linear_regression_14",
        ctes=({"linear_regression_14": "indicators.linear_regression('close', 14)"},),
        oracle=lambda bars: talib.LINEARREG(bars.close, 14),
        oracle_name="TA-Lib LINEARREG",
        convention="the line's end, at the current bar",
        absolute="close",
    ),
    Case(
        name="linear_regression_slope_14",
        ctes=(
            {
                "linear_regression_slope_14": (
                    "indicators.linear_regression_slope('close', 14)"
                )
            },
        ),
        oracle=lambda bars: talib.LINEARREG_SLOPE(bars.close, 14),
        oracle_name="TA-Lib LINEARREG_SLOPE",
        convention="dollars a bar",
        absolute="close",
    ),
    heikin_ashi("heikin_ashi_open", 0, "the first bar's is (open + close) / 2"),
    heikin_ashi("heikin_ashi_high", 1, "the bar's high, or the candle's end"),
    heikin_ashi("heikin_ashi_low", 2, "the bar's low, or the candle's end"),
    heikin_ashi("heikin_ashi_close", 3, "mean of the four prices"),
)
