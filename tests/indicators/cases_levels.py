"""Cases of the levels, and of a symbol beside its benchmark."""

import numpy as np
import talib

from tests.indicators.case import Bars, Case, Series
from tests.indicators.oracles import before, deviation, rolling

LOOP = "Python loop"
SMALLEST_DEVIATION = 1e-12  # of returns; below it there is rounding only
RETURNS = {
    "daily_return": "indicators.simple_return('close')",
    "benchmark_return": "indicators.simple_return('benchmark')",
}


def returns(bars: Bars) -> tuple[Series, Series]:
    return (
        bars.close / before(bars.close) - 1,
        bars.benchmark / before(bars.benchmark) - 1,
    )


def correlation(bars: Bars) -> Series:
    def pearson(own: Series, market: Series) -> float:
        if min(deviation(own), deviation(market)) < SMALLEST_DEVIATION:
            return 0
        together = np.mean((own - own.mean()) * (market - market.mean()))
        return float(together / (deviation(own) * deviation(market)))

    return rolling(pearson, 60, *returns(bars))


def beta(bars: Bars) -> Series:
    """TA-Lib's; 0 where it divides rounding by rounding."""
    result: Series = talib.BETA(bars.benchmark, bars.close, 60)
    spread = rolling(deviation, 60, returns(bars)[1])
    return np.where(spread < SMALLEST_DEVIATION, 0, result)


def peak(bars: Bars) -> Series:
    highest = bars.close.copy()
    for bar in range(1, len(highest)):
        highest[bar] = max(highest[bar], highest[bar - 1])
    return highest


CASES = (
    Case(
        name="high_52_weeks",
        ctes=({"high_52_weeks": "indicators.high_52_weeks('high', 252)"},),
        oracle=lambda bars: talib.MAX(bars.high, 252),
        oracle_name="TA-Lib MAX",
        convention="252 bars, the current one included, of highs",
        elsewhere="some charts: of closes, or of 365 days",
    ),
    Case(
        name="low_52_weeks",
        ctes=({"low_52_weeks": "indicators.low_52_weeks('low', 252)"},),
        oracle=lambda bars: talib.MIN(bars.low, 252),
        oracle_name="TA-Lib MIN",
        convention="252 bars, the current one included, of lows",
        elsewhere="some charts: of closes, or of 365 days",
    ),
    Case(
        name="peak",
        ctes=({"peak": "indicators.peak('close')"},),
        oracle=peak,
        oracle_name=LOOP,
        convention="since the symbol's first bar",
    ),
    Case(
        name="drawdown",
        ctes=({"drawdown": "indicators.drawdown('close')"},),
        oracle=lambda bars: bars.close / peak(bars) - 1,
        oracle_name=LOOP,
        convention="a share of the peak, 0 or below",
        absolute=1.0,
    ),
    Case(
        name="correlation_60",
        ctes=(
            RETURNS,
            {
                "correlation_60": (
                    "indicators.correlation('daily_return', 'benchmark_return', 60)"
                )
            },
        ),
        oracle=correlation,
        oracle_name=LOOP,
        convention="Pearson's, of simple returns; 0 when either didn't vary",
        elsewhere="TA-Lib CORREL: of what it is given, usually prices",
        absolute=1.0,
    ),
    Case(
        name="beta_60",
        ctes=(
            RETURNS,
            {"beta_60": "indicators.beta('daily_return', 'benchmark_return', 60)"},
        ),
        oracle=beta,
        oracle_name="TA-Lib BETA",
        convention="of simple returns; 0 when the benchmark didn't vary",
        absolute=1.0,
    ),
)
