"""Series that Hypothesis makes up."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.indicators.case import Bars, Series

FARTHEST = 3.0  # log of the way a price may go: 1 to 20


@st.composite
def any_bars(draw: st.DrawFn, longest: int = 130) -> Bars:
    """Bars of any scale: quiet, wild, with pauses, gaps, ties, without volume.

    Prices that differ differ by 0.01 % or more, and volumes by a thousand times or
    less: a difference in the last digits is the rounding of the input, for an oracle
    as for SQL, and rolling sums keep the rounding of the largest value they had.
    """
    n = draw(st.integers(1, longest))

    def whole(*elements: st.SearchStrategy[int]) -> Series:
        drawn = arrays.arrays(np.int64, n, elements=st.one_of(*elements))
        return draw(drawn).astype(np.float64)

    def prices(step: float, gap: int) -> Series:
        start = 10 ** draw(st.floats(-2.6, 4.6))  # 1e-4 to 1e6 on the way
        moves = whole(st.just(0), st.integers(-30, 30), st.sampled_from([-gap, gap]))
        farthest = FARTHEST / (step or 1)
        path = np.clip(np.cumsum(moves), -farthest, farthest)
        return start * np.exp(step * path)

    step = draw(st.sampled_from([0.0, 1e-4, 1e-3]))
    close = prices(step, draw(st.sampled_from([0, 700])))
    if draw(st.booleans()):  # ticks, so that prices are equal by chance
        tick = 10 ** np.floor(np.log10(close[0])) / 100
        close = np.maximum(np.round(close / tick), 1) * tick
    share = st.sampled_from([0, 0, 1, 2, 5, 20, 50])
    opened, above, below = whole(share) - whole(share), whole(share), whole(share)
    bars = Bars(
        open=close * (1 + opened / 1000),
        high=close * (1 + (np.maximum(opened, 0) + above) / 1000),
        low=close * (1 + (np.minimum(opened, 0) - below) / 1000),
        close=close,
        volume=whole(st.just(0), st.integers(10**6, 10**9)),
        benchmark=prices(1e-3, 0),
    )
    if draw(st.booleans()):
        return bars
    return replace(bars, open=close, high=close, low=close)
