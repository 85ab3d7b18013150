"""Cases of the momentum indicators."""

import numpy as np
import talib
from talib._ta_lib import MA_Type

from tests.indicators.case import Bars, Case, Series
from tests.indicators.oracles import before, from_first, rolling

RSI = {"rsi_14": "indicators.rsi('close', 14)"}
FAST_K = {"fast_k_14": "indicators.stochastic_fast_k('high', 'low', 'close', 14)"}
SLOW_K = {"slow_k_14": "indicators.sma('fast_k_14', 3)"}


def macd(bars: Bars) -> Series:
    """Classic: TA-Lib's averages, each seeded at its own period."""
    slow: Series = talib.EMA(bars.close, 26)
    return talib.EMA(bars.close, 12) - slow


def moves(bars: Bars, sign: int) -> Series:
    """The average gain (1) or loss (-1) of 14 changes."""
    sizes = np.maximum(sign * (bars.close - before(bars.close)), 0)
    return from_first(lambda column: talib.RMA(column, 14), sizes)


def stochastic(bars: Bars, smooth_k: int, smooth_d: int) -> Series:
    """Slow %D of TA-Lib; with a smoothing of 1 it is slow, then fast %K."""
    _, line = talib.STOCH(
        bars.high,
        bars.low,
        bars.close,
        fastk_period=14,
        slowk_period=smooth_k,
        slowk_matype=MA_Type.SMA,
        slowd_period=smooth_d,
        slowd_matype=MA_Type.SMA,
    )
    return line


def stochastic_rsi(bars: Bars, smooth_d: int) -> Series:
    """%D of TA-Lib; with a smoothing of 1 it is %K."""
    _, line = talib.STOCHRSI(
        bars.close,
        14,
        fastk_period=14,
        fastd_period=smooth_d,
        fastd_matype=MA_Type.SMA,
    )
    return line


def ultimate_oscillator(bars: Bars) -> Series:
    """TA-Lib on each window alone: its running sums keep the rounding of old ones."""

    def line(high: Series, low: Series, close: Series) -> float:
        return float(talib.ULTOSC(high, low, close, 7, 14, 28)[-1])

    return rolling(line, 29, bars.high, bars.low, bars.close)


CASES = (
    Case(
        name="macd_12_26",
        ctes=({"macd_12_26": "indicators.macd('close', 12, 26)"},),
        oracle=macd,
        oracle_name="TA-Lib EMA",
        convention='"classic": each average is seeded at its own period',
        elsewhere=(
            "TA-Lib MACD: both averages start at the slow one's first bar; "
            "NULL until the signal line is there too"
        ),
        absolute="close",
    ),
    Case(
        name="macd_signal_9",
        ctes=({"macd_signal_9": "indicators.macd_signal('close', 12, 26, 9)"},),
        oracle=lambda bars: from_first(lambda line: talib.EMA(line, 9), macd(bars)),
        oracle_name="TA-Lib EMA",
        convention="of the classic macd, seeded by the mean of its first n values",
        elsewhere="TA-Lib MACD: see macd; ta: the first value is the seed",
        absolute="close",
    ),
    Case(
        name="macd_fast_12",
        ctes=({"macd_fast_12": "indicators.macd_fast('close', 12, 26, 9)"},),
        oracle=lambda bars: talib.EMA(bars.close, 12),
        oracle_name="TA-Lib EMA",
        convention="the macd's fast average",
        absolute="close",
    ),
    Case(
        name="macd_slow_26",
        ctes=({"macd_slow_26": "indicators.macd_slow('close', 12, 26, 9)"},),
        oracle=lambda bars: talib.EMA(bars.close, 26),
        oracle_name="TA-Lib EMA",
        convention="the macd's slow average",
        absolute="close",
    ),
    Case(
        name="apo_12_26",
        ctes=({"apo_12_26": "indicators.apo('close', 12, 26)"},),
        oracle=lambda bars: talib.APO(bars.close, 12, 26, matype=MA_Type.EMA),
        oracle_name="TA-Lib APO, matype=1",
        convention="exponential averages, each seeded at its own period",
        elsewhere="TA-Lib until 0.6, LEAN: simple averages",
        absolute="close",
    ),
    Case(
        name="ppo_12_26",
        ctes=({"ppo_12_26": "indicators.ppo('close', 12, 26)"},),
        oracle=lambda bars: talib.PPO(bars.close, 12, 26, matype=MA_Type.EMA),
        oracle_name="TA-Lib PPO, matype=1",
        convention="exponential averages, each seeded at its own period",
        elsewhere="TA-Lib until 0.6, LEAN: simple averages",
        absolute=1.0,
    ),
    Case(
        name="rsi_14",
        ctes=(RSI,),
        oracle=lambda bars: talib.RSI(bars.close, 14),
        oracle_name="TA-Lib RSI",
        convention="Wilder's averages, seeded by the mean of n changes; flat is 0",
        elsewhere="ta, ta4j: from a change of 0 on bar 0; Cutler: simple averages",
        absolute=1.0,
    ),
    Case(
        name="average_gain_14",
        ctes=({"average_gain_14": "indicators.average_gain('close', 14)"},),
        oracle=lambda bars: moves(bars, 1),
        oracle_name="TA-Lib RMA",
        convention="Wilder's average of the ups, seeded by the mean of n changes",
        absolute="close",
    ),
    Case(
        name="average_loss_14",
        ctes=({"average_loss_14": "indicators.average_loss('close', 14)"},),
        oracle=lambda bars: moves(bars, -1),
        oracle_name="TA-Lib RMA",
        convention="Wilder's average of the downs, positive; seeded alike",
        absolute="close",
    ),
    Case(
        name="cmo_14",
        ctes=({"cmo_14": "indicators.cmo('close', 14)"},),
        oracle=lambda bars: talib.CMO(bars.close, 14),
        oracle_name="TA-Lib CMO",
        convention="Wilder's averages",
        elsewhere="Chande, Skender, TTR, Tulip: sums of the last n changes",
        absolute=1.0,
    ),
    Case(
        name="stochastic_fast_k_14",
        ctes=(
            {
                "stochastic_fast_k_14": (
                    "indicators.stochastic_fast_k('high', 'low', 'close', 14)"
                )
            },
        ),
        oracle=lambda bars: stochastic(bars, 1, 1),
        oracle_name="TA-Lib STOCH",
        convention="0 to 100; NULL until its own window is full; no range is 0",
        elsewhere="TA-Lib: NULL until %D is there too; TTR: 0 to 1",
        absolute=1.0,
    ),
    Case(
        name="stochastic_slow_k_14",
        ctes=(FAST_K, {"stochastic_slow_k_14": "indicators.sma('fast_k_14', 3)"}),
        oracle=lambda bars: stochastic(bars, 3, 1),
        oracle_name="TA-Lib STOCH",
        convention="sma of fast %K; NULL until it is full",
        elsewhere="TA-Lib: NULL until %D is there too",
        absolute=1.0,
    ),
    Case(
        name="stochastic_slow_d_14",
        ctes=(
            FAST_K,
            SLOW_K,
            {"stochastic_slow_d_14": "indicators.sma('slow_k_14', 3)"},
        ),
        oracle=lambda bars: stochastic(bars, 3, 3),
        oracle_name="TA-Lib STOCH",
        convention="sma of slow %K",
        absolute=1.0,
    ),
    Case(
        name="stochastic_rsi_14",
        ctes=(RSI, {"stochastic_rsi_14": "indicators.stochastic_rsi('rsi_14', 14)"}),
        oracle=lambda bars: stochastic_rsi(bars, 1),
        oracle_name="TA-Lib STOCHRSI",
        convention="0 to 100, not smoothed; NULL until its own window is full",
        elsewhere="TA-Lib: 5 bars by default; TradingView: %K smoothed over 3",
        absolute=1.0,
    ),
    Case(
        name="stochastic_rsi_d_14",
        ctes=(
            RSI,
            {"fast_k": "indicators.stochastic_rsi('rsi_14', 14)"},
            {"stochastic_rsi_d_14": "indicators.sma('fast_k', 3)"},
        ),
        oracle=lambda bars: stochastic_rsi(bars, 3),
        oracle_name="TA-Lib STOCHRSI",
        convention="sma of %K",
        absolute=1.0,
    ),
    Case(
        name="williams_r_14",
        ctes=({"williams_r_14": "indicators.williams_r('high', 'low', 'close', 14)"},),
        oracle=lambda bars: talib.WILLR(bars.high, bars.low, bars.close, 14),
        oracle_name="TA-Lib WILLR",
        convention="-100 to 0; no range is 0",
        elsewhere="TTR: 0 to 1",
        absolute=1.0,
    ),
    Case(
        name="cci_20",
        ctes=({"cci_20": "indicators.cci('high', 'low', 'close', 20)"},),
        oracle=lambda bars: talib.CCI(bars.high, bars.low, bars.close, 20),
        oracle_name="TA-Lib CCI",
        convention="mean deviation around the current average; no move is 0",
        elsewhere="backtrader, cinar: around each bar's own average",
        absolute=100.0,
    ),
    Case(
        name="momentum_10",
        ctes=({"momentum_10": "indicators.momentum('close', 10)"},),
        oracle=lambda bars: talib.MOM(bars.close, 10),
        oracle_name="TA-Lib MOM",
        convention="in dollars",
        absolute="close",
    ),
    Case(
        name="roc_10",
        ctes=({"roc_10": "indicators.roc('close', 10)"},),
        oracle=lambda bars: talib.ROC(bars.close, 10),
        oracle_name="TA-Lib ROC",
        convention="percent",
        elsewhere="backtrader, cinar, TTR: a fraction",
        absolute=1.0,
    ),
    Case(
        name="trix_15",
        ctes=({"trix_15": "indicators.trix('close', 15)"},),
        oracle=lambda bars: talib.TRIX(bars.close, 15),
        oracle_name="TA-Lib TRIX",
        convention="percent; each average seeded by the mean of its first n values",
        elsewhere="Skender: inner averages seeded otherwise",
        absolute=1.0,
    ),
    Case(
        name="buying_pressure",
        ctes=({"buying_pressure": "indicators.buying_pressure('low', 'close')"},),
        oracle=lambda bars: bars.close - np.minimum(bars.low, before(bars.close)),
        oracle_name="Python loop",
        convention="NULL on the first bar, which has no close before it",
        absolute="close",
    ),
    Case(
        name="ultimate_oscillator",
        ctes=(
            {
                "pressure": "indicators.buying_pressure('low', 'close')",
                "true_range": "indicators.true_range('high', 'low', 'close')",
            },
            {
                "ultimate_oscillator": (
                    "indicators.ultimate_oscillator('pressure', 'true_range')"
                )
            },
        ),
        oracle=ultimate_oscillator,
        oracle_name="TA-Lib ULTOSC, window by window",
        convention="7, 14 and 28 bars; a span without range counts 0",
        absolute=1.0,
    ),
    Case(
        name="aroon_up_14",
        ctes=({"aroon_up_14": "indicators.aroon_up('high', 14)"},),
        oracle=lambda bars: talib.AROON(bars.high, bars.low, 14)[1],
        oracle_name="TA-Lib AROON",
        convention="over n + 1 bars; of equal highs the newest counts",
        elsewhere="Skender: the oldest of equal highs",
        absolute=1.0,
    ),
    Case(
        name="aroon_down_14",
        ctes=({"aroon_down_14": "indicators.aroon_down('low', 14)"},),
        oracle=lambda bars: talib.AROON(bars.high, bars.low, 14)[0],
        oracle_name="TA-Lib AROON",
        convention="over n + 1 bars; of equal lows the newest counts",
        elsewhere="Skender: the oldest of equal lows",
        absolute=1.0,
    ),
    Case(
        name="aroon_oscillator_14",
        ctes=(
            {"aroon_oscillator_14": "indicators.aroon_oscillator('high', 'low', 14)"},
        ),
        oracle=lambda bars: talib.AROONOSC(bars.high, bars.low, 14),
        oracle_name="TA-Lib AROONOSC",
        convention="aroon up - aroon down",
        absolute=1.0,
    ),
    Case(
        name="awesome_oscillator",
        ctes=(
            {
                "awesome_oscillator": (
                    "indicators.awesome_oscillator('high', 'low', 5, 34)"
                )
            },
        ),
        oracle=lambda bars: talib.AO(bars.high, bars.low, 5, 34),
        oracle_name="TA-Lib AO",
        convention="simple averages of the bars' middles",
        absolute="close",
    ),
    Case(
        name="tsi_25_13",
        ctes=({"tsi_25_13": "indicators.tsi('close', 25, 13)"},),
        oracle=lambda bars: talib.TSI(bars.close, 25, 13),
        oracle_name="TA-Lib TSI",
        convention="-100 to 100; each average seeded by the mean of its first values",
        elsewhere="TradingView: -1 to 1, averages seeded by their first value",
        absolute=1.0,
    ),
)
