"""Real daily prices of five symbols, 2000-2013, shipped in `bokeh_sampledata`.

Bars are as traded. Corporate actions are not given: they are read from the
vendor's adjusted close, see `actions_of`.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby, pairwise
from typing import NamedTuple

from desk.errors import SettingError
from ingest.sources import Action, Bar, Batch, Window

SMALLEST_SPLIT = 1.5
SMALLEST_STEP = 1e-6


class SampleBar(NamedTuple):
    """One line of the file, as text."""

    symbol: str
    bar_date: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    adjusted_close: str


class SampleSource:
    """The shipped sample; no network."""

    name = "sample"
    is_local = True

    def universe(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        """The symbols asked for, or all that the sample has."""
        held = tuple(read_sample())
        symbols = tuple(dict.fromkeys(symbol.upper() for symbol in asked)) or held
        if unknown := [symbol for symbol in symbols if symbol not in held]:
            raise SettingError(
                "DESK_SYMBOLS",
                ",".join(asked),
                f"the sample has no {', '.join(unknown)}; it has {', '.join(held)}",
            )
        return symbols

    def fetch(self, windows: Iterable[Window]) -> Iterator[Batch]:
        """Each symbol's bars and actions within its window."""
        for window in windows:
            first, last = window.start.isoformat(), window.end.isoformat()
            bars = read_sample()[window.symbol]
            yield Batch(
                symbols=(window.symbol,),
                bars=[Bar(*bar[:7]) for bar in bars if first <= bar.bar_date <= last],
                actions=[
                    action
                    for action in actions_of(bars)
                    if first <= str(action.ex_date) <= last
                ],
            )


def actions_of(bars: Sequence[SampleBar]) -> Iterator[Action]:
    """Splits and dividends behind one symbol's adjusted closes.

    Adjusted close / close is constant between two actions and steps at one. The
    vendor steps by the split ratio, or by 1 + dividend / close of the ex-date,
    so the dividend follows to the cent. Each action is read from two neighbouring
    bars only: no later price has a say in it.
    """
    for before, bar in pairwise(bars):
        close = float(bar.close)
        step = (float(bar.adjusted_close) / close) / (
            float(before.adjusted_close) / float(before.close)
        )
        if step >= SMALLEST_SPLIT:
            yield Action(bar.symbol, bar.bar_date, "split", round(step))
        elif step - 1 > SMALLEST_STEP:
            dividend = round(close * (step - 1), 2)
            yield Action(bar.symbol, bar.bar_date, "dividend", dividend)


@cache
def read_sample() -> dict[str, list[SampleBar]]:
    """All of the sample's bars by symbol, in order of date."""
    path = files("bokeh_sampledata") / "_data" / "stocks.csv.gz"
    with path.open("rb") as packed, gzip.open(packed, "rt", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        bars = sorted(SampleBar(*row) for row in rows)
    return {
        symbol: list(grouped)
        for symbol, grouped in groupby(bars, lambda bar: bar.symbol)
    }
