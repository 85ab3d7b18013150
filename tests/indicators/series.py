"""The series that indicators are tried on: real ones and made-up ones."""

from datetime import date, timedelta

import numpy as np
import psycopg

from ingest.sources.sample import read_sample
from tests.indicators.case import COLUMNS, Bars, Series

FIRST_DAY = date(2000, 1, 1)
LENGTH = 320


def sample_series() -> dict[str, Bars]:
    """The sample's five symbols as traded; the benchmark is IBM (for IBM, MSFT)."""
    closes = {
        symbol: {bar.bar_date: float(bar.close) for bar in bars}
        for symbol, bars in read_sample().items()
    }
    series = {}
    for symbol, bars in read_sample().items():
        other = closes["MSFT" if symbol == "IBM" else "IBM"]
        columns = {
            name: np.array([float(getattr(bar, name)) for bar in bars])
            for name in COLUMNS
            if name != "benchmark"
        }
        benchmark = np.array([other[bar.bar_date] for bar in bars])
        series[symbol] = Bars(**columns, benchmark=benchmark)
    return series


def bars_around(close: Series, seed: int = 1) -> Bars:
    """Bars with these closes, a range of about 2 % and volume in whole shares."""
    random = np.random.default_rng(seed)
    n = len(close)
    opened = close * (1 + 0.01 * random.uniform(-1, 1, n))
    return Bars(
        open=opened,
        high=np.maximum(opened, close) * (1 + 0.01 * random.uniform(0, 1, n)),
        low=np.minimum(opened, close) * (1 - 0.01 * random.uniform(0, 1, n)),
        close=close,
        volume=random.integers(1_000, 9_000_000, n).astype(np.float64),
        benchmark=50 * np.exp(np.cumsum(0.01 * random.standard_normal(n))),
    )


def walk(length: int = LENGTH, start: float = 100, seed: int = 2) -> Series:
    """Closes that wander by about 2 % a bar."""
    steps = 0.02 * np.random.default_rng(seed).standard_normal(length)
    return start * np.exp(np.cumsum(steps))


def made_up_series() -> dict[str, Bars]:
    """Series of the kinds that make indicators stumble."""
    flat = np.full(LENGTH, 37.5)
    ramp = np.arange(1.0, LENGTH + 1)
    gaps = walk(seed=3) * np.where(np.arange(LENGTH) // 40 % 2, 3.0, 1.0)
    steady = bars_around(walk(seed=4))
    no_range = walk(seed=5)
    quiet = np.where(np.arange(LENGTH) % 3, steady.volume, 0)
    quiet[100:150] = 0
    pauses = walk(seed=6)[np.arange(LENGTH) // 25 * 25]

    def of_one_price(close: Series) -> Bars:
        return Bars(close, close, close, close, steady.volume, flat)

    return {
        "flat": of_one_price(flat),
        "rising": Bars(ramp, ramp + 1, ramp - 0.5, ramp, steady.volume, ramp),
        "falling": bars_around(ramp[::-1] + 9),
        "gaps": bars_around(gaps),
        "tiny": bars_around(walk(seed=7)).scaled(1e-6),
        "huge": bars_around(walk(seed=8)).scaled(1e4),
        "short": bars_around(walk(7)),
        "single": bars_around(walk(1)),
        "no_volume": Bars(
            **{name: getattr(steady, name) for name in COLUMNS if name != "volume"},
            volume=np.zeros(LENGTH),
        ),
        "some_volume": Bars(
            **{name: getattr(steady, name) for name in COLUMNS if name != "volume"},
            volume=quiet,
        ),
        "no_range": of_one_price(no_range),
        "pauses": of_one_price(pauses),
    }


def insert(conn: psycopg.Connection, series: dict[str, Bars]) -> None:
    """Series as rows of the foreign project's table, a day apart; NaN is NULL."""
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    statement = f"copy market.bars (ticker, traded_on, {columns}) from stdin"
    with conn.cursor().copy(statement.encode()) as copy:
        for ticker, bars in series.items():
            values = np.column_stack([getattr(bars, name) for name in COLUMNS])
            for number, row in enumerate(values.tolist()):
                day = FIRST_DAY + timedelta(days=number)
                copy.write_row([ticker, day, *(None if x != x else x for x in row)])
    conn.execute("analyze market.bars")
