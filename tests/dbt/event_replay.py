"""An independent replay: one event after the other, real shares, prices as traded."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.dbt.market import Bar, Costs, Exits, Market


@dataclass
class Position:
    """Shares held, or owed, and what its levels rest on, in the terms of the day."""

    key: str
    way: int  # 1 long, -1 short
    shares: float
    paid: float
    margin: float  # a short's proceeds and as much again
    entry_date: date
    price: float
    best: float
    bars: int = 0


@dataclass(frozen=True)
class Trade:
    key: str
    entry_date: date
    exit_date: date
    reason: str
    pnl: float


@dataclass
class Account:
    """Cash and positions of one strategy, in one symbol or in all."""

    strategy: str
    costs: Costs
    exits: Exits
    weight: float | None  # None: all cash each time
    share: float | None = None  # dollars of each entry, whatever the equity
    slots: float = float("inf")
    cash: float = 0.0
    equity: float = 0.0
    positions: dict[str, Position] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    pending: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    curve: dict[date, tuple[float, float]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)

    def fee(self, value: float, shares: float) -> float:
        costs = self.costs
        charged = value * costs.commission_bps / 1e4
        charged += shares * costs.commission_per_share
        return max(costs.commission_minimum, charged)

    def session(self, day: date, bars: Sequence[Bar]) -> None:
        """One day: adjust, sell at the open, buy, then stops and targets."""
        for bar in bars:
            if held := self.positions.get(bar.symbol):
                held.shares *= bar.factor
                held.price /= bar.factor
                held.best /= bar.factor
                held.bars += 1
        for bar in bars:
            if bar.symbol in self.positions:
                self._leave_at_open(bar)
        wanted = self.equity * self.weight if self.weight else self.cash
        for bar in sorted(bars, key=lambda bar: self._order(bar.symbol)):
            side, key, held_way = self.pending.pop(bar.symbol, ("", "", 0))
            way = {"buy": 1, "sell": -1}.get(side, 0)
            if way == 1 or (way == -1 and self.exits.has_shorts):
                self._enter(bar, key, way, held_way == way, self.share or wanted)
        for bar in bars:
            if bar.symbol in self.positions:
                self._watch(bar)
        for bar in bars:
            self.last[bar.symbol] = bar.close
            if held := self.positions.get(bar.symbol):
                if held.way == 1:
                    held.best = max(held.best, bar.high)
                else:
                    held.best = min(held.best, bar.low)
        value = sum(p.way * p.shares * self.last[s] for s, p in self.positions.items())
        cash = self.cash + sum(held.margin for held in self.positions.values())
        self.equity = cash + value
        self.curve[day] = (cash, value)

    def _order(self, symbol: str) -> str:
        return self.pending.get(symbol, ("", "", 0))[1]

    def _levels(self, held: Position) -> tuple[float | None, str, float | None]:
        """The stop nearest to the market, why it is one, and the target."""
        exits, way = self.exits, held.way
        stops = []
        if exits.stop_loss_pct is not None:
            stops.append(
                (held.price * (1 - way * exits.stop_loss_pct / 100), "stop_loss")
            )
        if exits.trailing_stop_pct is not None:
            trailed = held.best * (1 - way * exits.trailing_stop_pct / 100)
            stops.append((trailed, "trailing_stop"))
        if way == -1:
            stops.append((held.price * 2 / 1.3, "margin_call"))
        stop, reason = max(stops, key=lambda s: s[0] * way, default=(None, ""))
        target = None
        if exits.take_profit_pct is not None:
            target = held.price * (1 + way * exits.take_profit_pct / 100)
        return stop, reason, target

    def _leave_at_open(self, bar: Bar) -> None:
        held = self.positions[bar.symbol]
        stop, reason, target = self._levels(held)
        if self.pending.get(bar.symbol, ("",))[0] == ("sell", "buy")[held.way == -1]:
            self._leave(bar, bar.open, "signal")
        elif held.bars == self.exits.max_holding_bars:
            self._leave(bar, bar.open, "max_bars")
        elif stop is not None and (bar.open - stop) * held.way <= 0:
            self._leave(bar, bar.open, reason)
        elif target is not None and (bar.open - target) * held.way >= 0:
            self._leave(bar, bar.open, "take_profit")

    def _watch(self, bar: Bar) -> None:
        held = self.positions[bar.symbol]
        stop, reason, target = self._levels(held)
        worst, best = (bar.low, bar.high)[:: held.way]
        if stop is not None and (worst - stop) * held.way <= 0:
            gapped = (bar.open - stop) * held.way <= 0
            self._leave(bar, bar.open if gapped else stop, reason)
        elif target is not None and (best - target) * held.way >= 0:
            gapped = (bar.open - target) * held.way >= 0
            self._leave(bar, bar.open if gapped else target, "take_profit")

    def _leave(self, bar: Bar, price: float, reason: str) -> None:
        held = self.positions.pop(bar.symbol)
        if reason != "take_profit":
            price *= 1 - held.way * self.costs.slippage_bps / 1e4
        value = held.shares * price
        rent = held.margin / 2 * self.costs.borrow_bps / 1e4 * held.bars / 252
        got = held.margin + held.way * value - self.fee(value, held.shares) - rent
        self.cash += got
        self.trades.append(
            Trade(held.key, held.entry_date, bar.bar_date, reason, got - held.paid)
        )

    def _enter(
        self, bar: Bar, key: str, way: int, was_held: bool, wanted: float
    ) -> None:
        costs = self.costs
        price = bar.open * (1 + way * costs.slippage_bps / 1e4)
        paid = min(wanted, self.cash)
        each = price * (1 + costs.commission_bps / 1e4) + costs.commission_per_share
        shares = min(paid / each, (paid - costs.commission_minimum) / price)
        if costs.whole_shares:
            shares = math.floor(shares + 1e-9)
            paid = shares * price + self.fee(shares * price, shares)
        if was_held:
            self.outcomes[key] = "held"
        elif len(self.positions) >= self.slots:
            self.outcomes[key] = "no slot"
        elif self.cash < wanted / 2 or shares <= 0:
            self.outcomes[key] = "no cash"
        else:
            self.outcomes[key] = "filled"
            self.cash -= paid
            margin = 2 * shares * price if way == -1 else 0.0
            self.positions[bar.symbol] = Position(
                key, way, shares, paid, margin, bar.bar_date, price, price
            )

    def hear(self, symbol: str, side: str, key: str) -> None:
        """A signal at the close; it waits for the symbol's next bar."""
        held = self.positions.get(symbol)
        self.pending[symbol] = (side, key, held.way if held else 0)


def replay(
    market: Market, costs: Costs, strategies: Iterable[str]
) -> dict[tuple[str, str], Account]:
    """Every account after the market's last session, by strategy and symbol."""
    symbols = sorted({bar.symbol for bar in market.bars})
    days: dict[date, list[Bar]] = {}
    for bar in market.bars:
        days.setdefault(bar.bar_date, []).append(bar)
    accounts = {}
    sides = dict(market.sides)
    for symbol in symbols:
        first = min(b.bar_date for b in market.bars if b.symbol == symbol)
        sides["buy_and_hold", symbol, first] = "buy"
    for strategy in ("buy_and_hold", *strategies):
        exits = market.exits.get(strategy, Exits())
        whole = strategy == "buy_and_hold"
        accounts[strategy, "portfolio"] = Account(
            strategy,
            costs,
            exits,
            costs.position_weight,
            share=costs.starting_cash / len(symbols) if whole else None,
            slots=float("inf") if whole else costs.max_positions,
        )
        for symbol in symbols:
            accounts[strategy, symbol] = Account(strategy, costs, exits, None)
    for (strategy, place), account in accounts.items():
        account.cash = account.equity = costs.starting_cash
        for day in sorted(days):
            bars = [b for b in days[day] if place in ("portfolio", b.symbol)]
            if not bars:
                continue
            account.session(day, bars)
            for bar in bars:
                account.pending.pop(bar.symbol, None)
                if side := sides.get((strategy, bar.symbol, day)):
                    key = f"{strategy}|{bar.symbol}|{day}"
                    account.hear(bar.symbol, side, key)
    return accounts
