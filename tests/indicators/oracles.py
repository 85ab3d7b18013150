"""What the oracles of several families share: plain loops over a series."""

from collections.abc import Callable

import numpy as np

from tests.indicators.case import Series


def rolling(function: Callable[..., float], period: int, *columns: Series) -> Series:
    """The function of each window of `period` bars; NaN until it is full."""
    result = np.full(len(columns[0]), np.nan)
    for bar in range(period - 1, len(result)):
        windows = [column[bar - period + 1 : bar + 1] for column in columns]
        if not any(np.isnan(window).any() for window in windows):
            result[bar] = function(*windows)
    return result


def before(column: Series, bars: int = 1) -> Series:
    """The column so many bars ago; NaN at the start."""
    shifted = np.full(len(column), np.nan)
    shifted[bars:] = column[: max(len(column) - bars, 0)]
    return shifted


def from_first(function: Callable[[Series], Series], column: Series) -> Series:
    """A function of the column without the NaNs it starts with."""
    result = np.full(len(column), np.nan)
    there = ~np.isnan(column)
    if there.any():
        result[there] = function(column[there])
    return result


def deviation(window: Series, ddof: int = 0) -> float:
    """The standard deviation; exactly 0 when all values are the same."""
    return 0.0 if np.ptp(window) == 0 else float(np.std(window, ddof=ddof))
