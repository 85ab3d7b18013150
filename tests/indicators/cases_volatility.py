"""Cases of the volatility indicators."""

import talib

from tests.indicators.case import Case

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
        absolute=1.0,
    ),
)
