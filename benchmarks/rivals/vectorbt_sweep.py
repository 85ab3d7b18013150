"""Seconds that vectorbt takes for all pairs, in an environment of its own.

Run by benchmarks.sweep: BARS.csv POINTS.json RUNS (not used: it runs them all).
Signals of one bar are filled at the next one's open, one pair at a time for memory's
sake, after a first pair that compiles. Its portfolios refer to themselves: they are
collected after each pair, outside of the time, or a thousand pairs fill 20 GB.
"""

import gc
import json
import sys
import time
import warnings

import pandas as pd

warnings.simplefilter("ignore")
import vectorbt as vbt  # noqa: E402

bars = pd.read_csv(sys.argv[1], parse_dates=["bar_date"])
points = json.loads(sys.argv[2])
close = bars.pivot_table(index="bar_date", columns="symbol", values="close")
opens = bars.pivot_table(index="bar_date", columns="symbol", values="open")


def average(bars_of):
    return vbt.MA.run(close, bars_of).ma.to_numpy()


def sharpe(fast, slow):
    above, below = fast > slow, fast < slow
    entries = pd.DataFrame(above, close.index, close.columns)
    exits = pd.DataFrame(below, close.index, close.columns)
    portfolio = vbt.Portfolio.from_signals(
        close,
        entries.vbt.signals.fshift(1),
        exits.vbt.signals.fshift(1),
        price=opens,
        fees=0.0001,
        slippage=0.0005,
        init_cash=100_000,
        freq="1D",
    )
    return portfolio.sharpe_ratio()


sharpe(average(points[0]["fast_bars"]), average(points[0]["slow_bars"]))
begun = time.perf_counter()
averages = {bars_of: average(bars_of) for p in points for bars_of in p.values()}
seconds = time.perf_counter() - begun
for point in points:
    begun = time.perf_counter()
    sharpe(averages[point["fast_bars"]], averages[point["slow_bars"]])
    seconds += time.perf_counter() - begun
    gc.collect()
print(json.dumps({"seconds": seconds, "runs": len(points) * close.shape[1]}))
