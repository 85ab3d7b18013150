"""The backtest of the sample against an independent replay and against quantstats."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import quantstats

from desk.database import Database
from tests.dbt.event_replay import Account, replay
from tests.dbt.market import Bar, Costs, Exits, Market
from tests.dbt.rows import by_symbol, rows_of
from tests.dbt.test_bars import factors_by_hand

COSTS = Costs(
    commission_bps=1,
    slippage_bps=5,
    starting_cash=100_000,
    position_weight=0.2,
    max_positions=5,
)
CENT = 0.005

Accounts = dict[tuple[str, str], Account]


@pytest.fixture(scope="module")
def replayed(built: Database) -> Accounts:
    """Every account of the sample, walked bar by bar."""
    bars = []
    for symbol, stored in by_symbol(
        rows_of(built, "select * from marts.bars order by 1, 2")
    ).items():
        actions = rows_of(
            built,
            "select * from raw.corporate_actions where symbol = %s "
            "order by ex_date, kind desc",
            symbol,
        )
        before = 1.0
        for row, factor in zip(stored, factors_by_hand(stored, actions), strict=True):
            prices = {name: row[name] for name in ("open", "high", "low", "close")}
            bars.append(Bar(symbol, row["bar_date"], **prices, factor=factor / before))
            before = factor
    sides = {
        (row["strategy"], row["symbol"], row["bar_date"]): row["side"]
        for row in rows_of(built, "select * from marts.signals")
    }
    exits = {
        row["strategy"]: Exits(
            row["stop_loss_pct"],
            row["take_profit_pct"],
            row["trailing_stop_pct"],
            row["max_holding_bars"],
        )
        for row in rows_of(built, "select * from intermediate.int_strategies")
    }
    return replay(Market(bars, sides, exits), COSTS, sorted(exits))


def place(row: dict[str, Any]) -> str:
    return str("portfolio" if row["account"] == "portfolio" else row["symbol"])


def test_an_independent_replay_makes_the_same_trades(
    built: Database, replayed: Accounts
) -> None:
    trades = rows_of(built, "select * from marts.trades")
    assert len(trades) > 100
    ours: dict[tuple[str, str, str], Any] = {
        (row["strategy"], place(row), row["trade_key"]): (
            row["entry_date"],
            row["exit_date"],
            row["exit_reason"],
            pytest.approx(row["pnl"], abs=CENT),
        )
        for row in trades
    }
    assert ours == {
        (*account, trade.key): (
            trade.entry_date,
            trade.exit_date,
            trade.reason,
            trade.pnl,
        )
        for account, walked in replayed.items()
        for trade in walked.trades
    }


def test_an_independent_replay_has_the_same_equity_on_every_session(
    built: Database, replayed: Accounts
) -> None:
    curve = rows_of(built, "select * from marts.equity_curve")
    assert len(curve) == sum(len(account.curve) for account in replayed.values())
    for row in curve:
        cash, value = replayed[row["strategy"], row["symbol"]].curve[row["bar_date"]]
        assert abs(row["cash"] - cash) < CENT
        assert abs(row["position_value"] - value) < CENT
        assert row["equity"] == row["cash"] + row["position_value"]


def returns_of(
    built: Database, strategy: str, symbol: str
) -> tuple[pd.Series, pd.Series]:
    """Equity, and daily returns."""
    curve = rows_of(
        built,
        "select bar_date, equity from marts.equity_curve "
        "where strategy = %s and symbol = %s order by bar_date",
        strategy,
        symbol,
    )
    equity = pd.Series(
        [point["equity"] for point in curve],
        index=pd.DatetimeIndex([point["bar_date"] for point in curve]),
    )
    return equity, equity.pct_change().dropna()


def test_metrics_equal_quantstats_where_both_define_the_same(built: Database) -> None:
    stats = quantstats.stats
    for row in rows_of(built, "select * from marts.backtest_metrics"):
        equity, returns = returns_of(built, row["strategy"], row["symbol"])
        expected = {
            "total_return": stats.comp(returns),
            "cagr": stats.cagr(returns, periods=252),
            "volatility": stats.volatility(returns, periods=252),
            "max_drawdown": stats.max_drawdown(equity),
            "var_95": np.percentile(returns, 5),
            "cvar_95": np.sort(returns)[: int((len(returns) - 1) * 0.05) + 1].mean(),
        }
        if returns.any():
            _, benchmark = returns_of(built, "buy_and_hold", row["symbol"])
            greeks = stats.greeks(  # type: ignore[no-untyped-call]
                returns, benchmark, periods=252
            )
            expected |= {
                "sharpe": stats.sharpe(returns, periods=252),
                "sortino": stats.sortino(returns, periods=252),
                "calmar": row["cagr"] / -stats.max_drawdown(equity),
                "alpha": greeks["alpha"],
                "beta": greeks["beta"],
            }
        else:
            assert row["sharpe"] is None
            assert row["sortino"] is None
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name
        below = (equity < equity.cummax()).astype(int)
        stretches = below.groupby((below == 0).cumsum()).sum()
        assert row["max_drawdown_bars"] == stretches.max()
        assert row["first_session"] == equity.index[0].date()
        assert row["last_session"] == equity.index[-1].date()


def test_trade_metrics_are_counted_from_the_trades(built: Database) -> None:
    trades = pd.DataFrame(rows_of(built, "select * from marts.trades"))
    trades["place"] = trades["symbol"].where(
        trades["account"] == "symbol", other="portfolio"
    )
    counted = 0
    for row in rows_of(built, "select * from marts.backtest_metrics"):
        own = trades[
            (trades["strategy"] == row["strategy"]) & (trades["place"] == row["symbol"])
        ]
        assert row["trades"] == len(own)
        if own.empty:
            assert row["win_rate"] is None
            continue
        counted += 1
        pnl, gains, losses = own["pnl"], *(own["pnl"].clip(0), own["pnl"].clip(upper=0))
        assert row["win_rate"] == pytest.approx((pnl > 0).mean())
        assert row["expectancy"] == pytest.approx(own["trade_return"].mean())
        assert row["best_trade"] == own["trade_return"].max()
        assert row["worst_trade"] == own["trade_return"].min()
        assert row["mean_bars_held"] == pytest.approx(own["bars_held"].mean())
        if losses.any():
            assert row["profit_factor"] == pytest.approx(-gains.sum() / losses.sum())
        if losses.any() and gains.any():
            payoff = -pnl[pnl > 0].mean() / pnl[pnl < 0].mean()
            assert row["payoff"] == pytest.approx(payoff)
        if len(own) > 1:
            sqn = np.sqrt(len(own)) * pnl.mean() / pnl.std()
            assert row["sqn"] == pytest.approx(sqn)
    assert counted > 5


def test_buy_and_hold_pays_its_costs_once(built: Database) -> None:
    (row,) = rows_of(
        built,
        "select * from marts.backtest_metrics "
        "where strategy = 'buy_and_hold' and symbol = 'IBM'",
    )
    invested = 100_000 / 1.0001
    costs = 100_000 - invested / 1.0005
    assert row["costs"] == pytest.approx(costs)
    equity, _ = returns_of(built, "buy_and_hold", "IBM")
    years = (len(equity) - 1) / 252
    assert row["turnover"] == pytest.approx(100_000 / 2 / equity.mean() / years)


def test_monthly_returns_compound_to_the_total(built: Database) -> None:
    months = pd.DataFrame(rows_of(built, "select * from marts.monthly_returns"))
    equity, _ = returns_of(built, "buy_and_hold", "IBM")
    own = months[(months["strategy"] == "buy_and_hold") & (months["symbol"] == "IBM")]
    returns = own.sort_values("month_date")["monthly_return"].to_numpy()
    monthly = equity.resample("ME").last().pct_change().dropna()
    assert returns[1:] == pytest.approx(monthly.to_numpy())
    assert np.prod(1 + returns) == pytest.approx(equity.iloc[-1] / equity.iloc[0])
