"""The backtest against an independent replay and against quantstats."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pytest
import quantstats

from desk.database import Database
from tests.dbt.rows import by_symbol, rows_of
from tests.dbt.test_bars import factors_by_hand

COMMISSION = 1 / 10_000
SLIPPAGE = 5 / 10_000
CASH_OF_A_SYMBOL = 100_000 / 5


@dataclass
class Account:
    """Money in one symbol, traded as a broker would: real shares, real prices."""

    cash: float = CASH_OF_A_SYMBOL
    shares: float = 0.0
    paid: float = 0.0

    def buy(self, opened: float) -> None:
        self.paid = self.cash
        self.shares = self.cash / (opened * (1 + SLIPPAGE) * (1 + COMMISSION))
        self.cash = 0.0

    def sell(self, opened: float) -> None:
        self.cash = self.shares * opened * (1 - SLIPPAGE) * (1 - COMMISSION)
        self.shares = 0.0


@dataclass
class Trade:
    entry_date: date
    exit_date: date
    pnl: float


def replay(
    bars: list[dict[str, Any]], factors: list[float], sides: dict[date, str]
) -> tuple[list[Trade], list[float]]:
    """Walk the bars once, as traded; splits and dividends become shares."""
    account, trades, equity = Account(), [], []
    entered, waiting, factor = None, None, 1.0
    for bar, new_factor in zip(bars, factors, strict=True):
        account.shares *= new_factor / factor
        factor = new_factor
        if waiting == "buy" and entered is None:
            account.buy(bar["open"])
            entered = bar["bar_date"]
        elif waiting == "sell" and entered is not None:
            account.sell(bar["open"])
            pnl = account.cash - account.paid
            trades.append(Trade(entered, bar["bar_date"], pnl))
            entered = None
        equity.append(account.cash + account.shares * bar["close"])
        waiting = sides.get(bar["bar_date"])
    return trades, equity


@dataclass(frozen=True)
class Replayed:
    strategy: str
    symbol: str
    trades: list[Trade]
    equity: dict[date, float]


@pytest.fixture(scope="module")
def replays(built: Database) -> list[Replayed]:
    return list(replay_all(built))


def replay_all(built: Database) -> Iterator[Replayed]:
    bars = by_symbol(rows_of(built, "select * from marts.bars order by 1, 2"))
    signals = rows_of(built, "select * from marts.signals")
    for symbol, rows in bars.items():
        actions = rows_of(
            built,
            "select * from raw.corporate_actions where symbol = %s "
            "order by ex_date, kind desc",
            symbol,
        )
        factors = factors_by_hand(rows, actions)
        for strategy in ("sma_cross", "rsi_reversal", "buy_and_hold"):
            sides = {
                signal["bar_date"]: signal["side"]
                for signal in signals
                if (signal["strategy"], signal["symbol"]) == (strategy, symbol)
            }
            if strategy == "buy_and_hold":
                sides = {rows[0]["bar_date"]: "buy"}
            trades, equity = replay(rows, factors, sides)
            dates = [row["bar_date"] for row in rows]
            yield Replayed(
                strategy, symbol, trades, dict(zip(dates, equity, strict=True))
            )


def test_an_independent_replay_makes_the_same_trades(
    built: Database, replays: list[Replayed]
) -> None:
    trades = rows_of(built, "select * from marts.trades order by entry_date")
    assert len(trades) > 50
    assert sum(len(one.trades) for one in replays) == len(trades)
    for one in replays:
        ours = [
            trade
            for trade in trades
            if (trade["strategy"], trade["symbol"]) == (one.strategy, one.symbol)
        ]
        assert [(t["entry_date"], t["exit_date"]) for t in ours] == [
            (t.entry_date, t.exit_date) for t in one.trades
        ]
        assert [t["pnl"] for t in ours] == pytest.approx(
            [t.pnl for t in one.trades], rel=1e-9, abs=1e-9 * CASH_OF_A_SYMBOL
        )


def test_an_independent_replay_has_the_same_equity_on_every_session(
    built: Database, replays: list[Replayed]
) -> None:
    curve = {
        (row["strategy"], row["symbol"], row["bar_date"]): row["equity"]
        for row in rows_of(built, "select * from marts.equity_curve")
    }
    sessions = {session for one in replays for session in one.equity}
    assert len(curve) == sum(len(one.equity) for one in replays) + 3 * len(sessions)
    for one in replays:
        for session, equity in one.equity.items():
            ours = curve[one.strategy, one.symbol, session]
            assert ours == pytest.approx(equity, rel=1e-9)

    last = dict.fromkeys([(one.strategy, one.symbol) for one in replays], 20_000.0)
    for session in sorted(sessions):
        for one in replays:
            if session in one.equity:
                last[one.strategy, one.symbol] = one.equity[session]
        for strategy in ("sma_cross", "rsi_reversal", "buy_and_hold"):
            portfolio = sum(v for (name, _), v in last.items() if name == strategy)
            ours = curve[strategy, "portfolio", session]
            assert ours == pytest.approx(portfolio, rel=1e-9)


def test_metrics_equal_quantstats(built: Database) -> None:
    metrics = rows_of(built, "select * from marts.backtest_metrics")
    assert len(metrics) == 3 * 6
    for row in metrics:
        curve = rows_of(
            built,
            "select * from marts.equity_curve where strategy = %s and symbol = %s "
            "order by bar_date",
            row["strategy"],
            row["symbol"],
        )
        equity = pd.Series(
            [point["equity"] for point in curve],
            index=pd.DatetimeIndex([point["bar_date"] for point in curve]),
        )
        returns = equity.pct_change().dropna()
        stats = quantstats.stats
        expected = {
            "total_return": stats.comp(returns),
            "cagr": stats.cagr(returns, periods=252),
            "volatility": stats.volatility(returns, periods=252),
            "max_drawdown": stats.max_drawdown(equity),
        }
        if returns.any():
            expected["sharpe"] = stats.sharpe(returns, periods=252)
        else:
            assert row["sharpe"] is None
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name
        held = [point["position_value"] > 0 for point in curve]
        assert row["exposure"] == pytest.approx(sum(held) / len(held))
        assert row["first_session"] == curve[0]["bar_date"]
        assert row["last_session"] == curve[-1]["bar_date"]


def test_trades_and_win_rates_are_counted_from_the_trades(built: Database) -> None:
    trades = rows_of(built, "select * from marts.trades")
    for row in rows_of(built, "select * from marts.backtest_metrics"):
        pnls = [
            trade["pnl"]
            for trade in trades
            if trade["strategy"] == row["strategy"]
            and row["symbol"] in (trade["symbol"], "portfolio")
        ]
        assert row["trades"] == len(pnls)
        if pnls:
            assert row["win_rate"] == sum(pnl > 0 for pnl in pnls) / len(pnls)
        else:
            assert row["win_rate"] is None


def test_a_trades_own_figures_agree_with_each_other(built: Database) -> None:
    for row in rows_of(built, "select * from marts.trades"):
        assert row["qty"] * row["entry_price"] * (1 + COMMISSION) == pytest.approx(
            row["entry_value"]
        )
        assert row["pnl"] == pytest.approx(row["exit_value"] - row["entry_value"])
        gross = row["adjusted_exit_price"] / row["adjusted_entry_price"]
        net = gross * (1 - COMMISSION) / (1 + COMMISSION)
        assert row["trade_return"] == pytest.approx(net - 1)
        opened = rows_of(
            built,
            "select open, adjusted_open from marts.bars "
            "where symbol = %s and bar_date = %s",
            row["symbol"],
            row["entry_date"],
        )[0]
        assert row["entry_price"] == pytest.approx(opened["open"] * (1 + SLIPPAGE))
        assert row["adjusted_entry_price"] == pytest.approx(
            opened["adjusted_open"] * (1 + SLIPPAGE)
        )
