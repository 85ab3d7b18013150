"""The backtest in SQL against the independent replay, on markets nobody drew."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.database import Database
from tests.dbt.event_replay import replay
from tests.dbt.market import (
    Bar,
    Compiled,
    Costs,
    Exits,
    Market,
    backtested,
    compile_backtest,
    rows,
)

COSTS = Costs(
    commission_bps=10,
    slippage_bps=20,
    commission_per_share=0.01,
    commission_minimum=1,
    starting_cash=5_000,
    position_weight=0.6,
    max_positions=2,
    borrow_bps=300,
)
NAMES = ("sma_cross", "rsi_reversal")  # any two: their rules play no part
CENT = 0.005
FIRST = date(2020, 1, 1)


WHOLE = replace(COSTS, whole_shares=True)


@pytest.fixture(scope="module")
def compiled(dbt: Any) -> dict[Costs, Compiled]:
    return {costs: compile_backtest(dbt, costs) for costs in (COSTS, WHOLE)}


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Three symbols with gaps, splits, dividends, ends; signals of two strategies."""
    bars, sides = [], {}
    level = st.integers(80, 120)
    for symbol in "ABC":
        scale = 1.0
        for day in range(draw(st.integers(2, 16))):
            session = FIRST + timedelta(days=day)
            if day > 0 and draw(st.integers(0, 6)) == 0:
                continue
            opened, closed = draw(level), draw(level)
            high = max(opened, closed) + draw(st.integers(0, 6))
            low = min(opened, closed) - draw(st.integers(0, 6))
            factor = draw(st.sampled_from((1.0,) * 8 + (2.0, 1.02)))
            scale *= factor
            top, bottom = high / scale, low / scale
            bars.append(
                Bar(
                    symbol,
                    session,
                    opened / scale,
                    top,
                    bottom,
                    closed / scale,
                    factor,
                )
            )
            for name in NAMES:
                if side := draw(st.sampled_from(("", "buy", "buy", "sell"))):
                    sides[name, symbol, session] = side
    percent = st.sampled_from((None, 0.1, 3, 5, 12.5))
    most_bars = draw(st.sampled_from((None, 1, 2, 5)))
    exits = Exits(
        draw(percent), draw(percent), draw(percent), most_bars, draw(st.booleans())
    )
    plain = Exits(has_shorts=draw(st.booleans()))
    return Market(bars, sides, {NAMES[0]: plain, NAMES[1]: exits})


@settings(
    max_examples=2 * settings().max_examples,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(market=markets(), costs=st.sampled_from((COSTS, WHOLE)))
def test_any_market_gives_the_replays_trades_and_equity_to_the_cent(
    migrated: Database,
    compiled: dict[Costs, Compiled],
    market: Market,
    costs: Costs,
) -> None:
    expected = replay(market, costs, NAMES)
    with backtested(migrated, compiled[costs], market) as conn:
        trades = rows(conn, "select * from marts.trades")
        curve = rows(
            conn,
            "select * from marts.equity_curve "
            "where strategy in ('buy_and_hold', 'sma_cross', 'rsi_reversal')",
        )
        outcomes = rows(conn, "select * from intermediate.int_positions")

    ours = {}
    for row in trades:
        place = "portfolio" if row["account"] == "portfolio" else row["symbol"]
        key = (row["strategy"], place, row["trade_key"])
        ours[key] = (row["entry_date"], row["exit_date"], row["exit_reason"])
        assert pytest.approx(_pnl(expected, key), abs=CENT) == row["pnl"]
    assert ours == {
        (*account, trade.key): (trade.entry_date, trade.exit_date, trade.reason)
        for account, replayed in expected.items()
        for trade in replayed.trades
    }
    assert {
        (
            row["strategy"],
            "portfolio" if row["account"] == "portfolio" else row["symbol"],
            row["signal_key"],
        ): row["outcome"]
        for row in outcomes
    } == {
        (*account, key): outcome
        for account, replayed in expected.items()
        for key, outcome in replayed.outcomes.items()
    }
    assert len(curve) == sum(len(account.curve) for account in expected.values())
    for row in curve:
        account = expected[row["strategy"], row["symbol"]]
        cash, value = account.curve[row["bar_date"]]
        assert row["cash"] == pytest.approx(cash, abs=CENT)
        assert row["position_value"] == pytest.approx(value, abs=CENT)


def _pnl(expected: Any, key: tuple[str, str, str]) -> float:
    found = {trade.key: trade.pnl for trade in expected[key[:2]].trades}
    return float(found[key[2]])
