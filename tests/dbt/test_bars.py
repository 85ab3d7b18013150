"""Bars: as traded, forward-adjusted, in today's terms."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from desk.database import Database
from ingest.sources.sample import read_sample
from tests.dbt.rows import by_symbol, column, rows_of


def factors_by_hand(
    bars: list[dict[str, Any]], actions: list[dict[str, Any]]
) -> list[float]:
    """Cumulative factor of each bar, one bar and one action at a time."""
    factor, factors = 1.0, [1.0]
    for before, bar in pairwise(bars):
        share = 1.0  # what one share of the bar before has become
        for action in actions:
            if not before["bar_date"] < action["ex_date"] <= bar["bar_date"]:
                continue
            if action["kind"] == "split":
                share *= action["value"]
            else:
                previous = before["close"] / share
                factor *= previous / (previous - action["value"])
        factor *= share
        factors.append(factor)
    return factors


def test_every_split_and_dividend_of_the_sample_is_applied_once(
    built: Database,
) -> None:
    bars = by_symbol(rows_of(built, "select * from marts.bars order by 1, 2"))
    forward = by_symbol(
        rows_of(built, "select * from intermediate.int_bars order by 1, 2")
    )
    for symbol, rows in bars.items():
        # Splits before dividends: a dividend is paid per share of its own day.
        actions = rows_of(
            built,
            "select * from raw.corporate_actions where symbol = %s "
            "order by ex_date, kind desc",
            symbol,
        )
        factors = np.array(factors_by_hand(rows, actions))
        close = column(rows, "close")
        np.testing.assert_allclose(
            column(forward[symbol], "close"), close * factors, rtol=1e-12
        )
        np.testing.assert_allclose(
            column(rows, "adjusted_close"), close * factors / factors[-1], rtol=1e-12
        )
        assert [row["bar_number"] for row in rows] == list(range(1, len(rows) + 1))


def test_total_returns_agree_with_the_vendors_adjusted_close(built: Database) -> None:
    bars = by_symbol(rows_of(built, "select * from marts.bars order by 1, 2"))
    for symbol, rows in bars.items():
        vendors = np.array([float(b.adjusted_close) for b in read_sample()[symbol]])
        ours = column(rows, "adjusted_close")
        # The vendor takes a dividend's share of the close after, we of the one
        # before, and its amounts are to the cent.
        daily = (ours[1:] / ours[:-1]) / (vendors[1:] / vendors[:-1])
        np.testing.assert_allclose(daily, 1, atol=6e-3)
        assert ours[-1] / ours[0] == pytest.approx(vendors[-1] / vendors[0], rel=0.02)


def test_the_latest_bar_is_adjusted_by_nothing(built: Database) -> None:
    latest = rows_of(
        built,
        "select distinct on (symbol) * from marts.bars order by symbol, bar_date desc",
    )
    assert len(latest) == 5
    for row in latest:
        for name in ("open", "high", "low", "close", "volume"):
            assert row[f"adjusted_{name}"] == pytest.approx(row[name], rel=1e-12)
