"""Seconds that `backtesting` takes for some of the pairs, in an environment of its own.

Run by benchmarks.sweep: BARS.csv POINTS.json RUNS. The runs are spread evenly over
symbols and pairs, one process, without the package's plotting and its first run.
"""

import json
import sys
import time
import warnings

import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

warnings.simplefilter("ignore")


def sma(values, bars):
    return pd.Series(values).rolling(bars).mean()


class SmaCross(Strategy):
    fast_bars = 50
    slow_bars = 200

    def init(self):
        self.fast = self.I(sma, self.data.Close, self.fast_bars)
        self.slow = self.I(sma, self.data.Close, self.slow_bars)

    def next(self):
        if crossover(self.fast, self.slow):
            self.buy()
        elif crossover(self.slow, self.fast):
            self.position.close()


path, points, asked = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
bars = pd.read_csv(path, parse_dates=["bar_date"], index_col="bar_date")
bars.columns = [column.capitalize() for column in bars.columns]
symbols = bars["Symbol"].unique()
pairs = [(symbol, point) for point in points for symbol in symbols]
runs = min(asked, len(pairs))
chosen = [pairs[i * len(pairs) // runs] for i in range(runs)]
series = {
    symbol: rows.drop(columns="Symbol") for symbol, rows in bars.groupby("Symbol")
}
costs = {"cash": 100_000_000, "commission": 0.0001, "spread": 0.0005}
Backtest(series[symbols[0]], SmaCross, **costs).run()
begun = time.perf_counter()
for symbol, point in chosen:
    Backtest(series[symbol], SmaCross, **costs).run(**point)
print(json.dumps({"seconds": time.perf_counter() - begun, "runs": runs}))
