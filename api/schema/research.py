"""Strategies and their backtests."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from msgspec import Struct

from api.schema.fields import (
    Adjusted,
    BarDate,
    Dollars,
    Fraction,
    PerShare,
    Shares,
    Strategy,
    Symbol,
    about,
)

Account = Annotated[str, about("A symbol, or portfolio: all share the cash.", "AAPL")]
Percent = Annotated[float | None, about("Percent; null: it has none.", 5)]


class StrategyCard(Struct, frozen=True):
    """What a strategy is."""

    strategy: Strategy
    description: Annotated[str | None, about("What it does, in words.")]
    version: Annotated[str, about("Hash of its model's code.", "ed8579771bbd")]
    parameters: Annotated[Mapping[str, Any], about("Its parameters and exits.")]
    stop_loss_pct: Percent
    take_profit_pct: Percent
    trailing_stop_pct: Percent
    max_holding_bars: Annotated[int | None, about("Bars; null: no limit.", 20)]


class Metrics(Struct, frozen=True):
    """How a strategy did, costs taken off; a year is 252 bars."""

    strategy: Annotated[str, about("Strategy, or buy_and_hold.", "sma_cross")]
    symbol: Account
    trades: Annotated[int, about("Closed trades.", 32)]
    total_return: Fraction
    cagr: Annotated[float | None, about("Compound annual growth, a fraction.", 0.05)]
    volatility: Annotated[float | None, about("Of daily returns, a year.", 0.2)]
    sharpe: Annotated[float | None, about("No risk-free rate.", 0.63)]
    sortino: Annotated[float | None, about("As Sharpe, losses only.", 0.9)]
    calmar: Annotated[float | None, about("cagr over the deepest drawdown.", 0.26)]
    max_drawdown: Annotated[
        float, about("Deepest fall, 0 to -1 or, of shorts, below.", -0.209)
    ]
    max_drawdown_bars: Annotated[int, about("Longest time below a peak, bars.", 410)]
    var_95: Annotated[float | None, about("5th percentile of daily returns.", -0.02)]
    cvar_95: Annotated[float | None, about("Mean of the worst twentieth.", -0.03)]
    exposure: Annotated[float, about("Share of sessions with a position.", 0.792)]
    turnover: Annotated[float | None, about("Of mean equity, a year.", 1.5)]
    costs: Annotated[float, about("Fees and slippage, US dollars.", 812.4)]
    win_rate: Annotated[float | None, about("Share of trades that gained.", 0.5)]
    profit_factor: Annotated[float | None, about("Gains over losses.", 1.9)]
    payoff: Annotated[float | None, about("Mean gain over mean loss.", 1.7)]
    expectancy: Annotated[float | None, about("Mean return of a trade.", 0.03)]
    sqn: Annotated[float | None, about("System quality number.", 1.6)]
    mean_bars_held: Annotated[float | None, about("Bars, entry to exit.", 61.5)]
    best_trade: Annotated[float | None, about("Largest return, a fraction.", 0.8)]
    worst_trade: Annotated[float | None, about("Smallest return, a fraction.", -0.1)]
    alpha: Annotated[float | None, about("A year, against buy and hold.", 0.02)]
    beta: Annotated[float | None, about("Against buy and hold.", 0.55)]
    first_session: date
    last_session: date


class Trade(Struct, frozen=True):
    """A closed round trip of a backtest."""

    account: Annotated[str, about("symbol, or portfolio: all share the cash.")]
    trade_key: Annotated[str, about("The entry's signal_key.")]
    strategy: Strategy
    symbol: Symbol
    entry_signal_key: str
    exit_signal_key: Annotated[str | None, about("null: no signal ended it.")]
    entry_date: BarDate
    exit_date: BarDate
    exit_reason: Annotated[
        str,
        about("signal, max_bars, stop_loss, trailing_stop or take_profit.", "signal"),
    ]
    bars_held: int
    qty: Shares
    entry_price: PerShare
    exit_price: PerShare
    adjusted_entry_price: Adjusted
    adjusted_exit_price: Adjusted
    pnl: Annotated[float, about("Profit or loss after costs, US dollars.", 812.4)]
    trade_return: Fraction
    costs: Dollars


class EquityPoint(Struct, frozen=True):
    """What a backtest's money is worth at one close."""

    bar_date: BarDate
    cash: Dollars
    position_value: Dollars
    equity: Dollars
    daily_return: Annotated[Fraction | None, about("null on the first session.")]


class Backtest(Struct, frozen=True):
    """A strategy's backtest in one account."""

    metrics: Metrics
    trades: Annotated[list[Trade], about("Oldest first.")]
    equity: Annotated[list[EquityPoint], about("Oldest first.")]
