"""Seconds that qlib takes for fourteen features, in an environment of its own.

Run by benchmarks.features: FOLDER (qlib's storage) SYMBOL FEATURES.csv. One process,
no cache, the median of three runs; the features of one symbol are written to compare.
"""

import json
import statistics
import sys
import time
import warnings

warnings.simplefilter("ignore")
import qlib  # noqa: E402
from qlib.data import D  # noqa: E402

RETURN = "$close / Ref($close, 1) - 1"
CHANGE = "($close - Ref($close, 1))"
FEATURES = {
    "roc_1": RETURN,
    "body": "($close - $open) / $open",
    "spread": "($high - $low) / $open",
    "sma_5": "Mean($close, 5) / $close",
    "sma_20": "Mean($close, 20) / $close",
    "sma_60": "Mean($close, 60) / $close",
    "deviation_20": "Std($close, 20) / $close",
    "high_20": "Max($high, 20) / $close",
    "low_20": "Min($low, 20) / $close",
    "volume_5": "Mean($volume, 5) / $volume",
    "volatility_20": f"Std({RETURN}, 20)",
    "volume_correlation_20": "Corr($close, Log($volume + 1), 20)",
    "slope_20": "Slope($close, 20) / $close",
    "gains_14": f"Sum(Greater({CHANGE}, 0), 14) / Sum(Abs({CHANGE}), 14)",
}

folder, symbol, out = sys.argv[1:]
qlib.init(
    provider_uri=folder,
    expression_cache=None,
    dataset_cache=None,
    kernels=1,
    logging_level="ERROR",
)


def features(symbols):
    return D.features(symbols, list(FEATURES.values()), freq="day", disk_cache=0)


one = features([symbol]).droplevel("instrument")
one.columns = list(FEATURES)
one.to_csv(out)
taken = []
for _ in range(3):
    begun = time.perf_counter()
    table = features(D.instruments("all"))
    taken.append(time.perf_counter() - begun)
told = {
    "seconds": statistics.median(taken),
    "rows": len(table),
    "version": qlib.__version__,
}
print(json.dumps(told))
