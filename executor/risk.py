"""Whether a signal becomes an order: pure checks, in a fixed order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from desk.calendar import NEW_YORK, Clock
from desk.settings import Settings
from executor.broker import Account
from executor.records import Control, Order, Signal, money

# Cash is reserved as if the next open were 5 % above the last close: a market
# order fills at whatever the open is, and costs and slippage come on top.
WORST_OPEN = Decimal("1.05")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Place:
    """Order `qty` shares, reserving `price` US dollars for each."""

    qty: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Block:
    """No order, for good."""

    reason: str


@dataclass(frozen=True, slots=True)
class Defer:
    """No order in this pass; the signal is asked again."""

    reason: str


Verdict = Place | Block | Defer


@dataclass(frozen=True, slots=True)
class Book:
    """What an account has and has under way when a signal is judged.

    `positions`: shares by symbol, as the broker counts. `holdings`: shares by
    strategy and symbol, from that strategy's own fills. `live`: orders that may
    still fill. `marks`: what the quality gate holds against a symbol.
    """

    account: Account
    positions: Mapping[str, Decimal]
    holdings: Mapping[tuple[str, str], Decimal]
    live: tuple[Order, ...]
    marks: Mapping[str, str] = field(default_factory=dict)

    def with_order(self, order: Order) -> "Book":
        """The book after one more order."""
        return replace(self, live=(*self.live, order))

    @property
    def free_cash(self) -> Decimal:
        """Cash minus what live buys may still take, US dollars."""
        reserved = (
            (order.qty - order.filled_qty) * order.price
            for order in self.live
            if order.side == "buy" and order.price is not None
        )
        return self.account.cash - sum(reserved, Decimal(0))


def is_halted(side: str, control: Control) -> bool:
    """Whether the kill switch holds a side back; `entries` lets exits pass."""
    return control.kill == "all" or (control.kill == "entries" and side == "buy")


def decide(
    signal: Signal, book: Book, control: Control, settings: Settings, clock: Clock
) -> Verdict:
    """The verdict on one undecided signal; the first check that fails gives it.

    The order of the checks is fixed: what stops everything, what is wrong with
    the signal, what is unclear, whether the symbol can be trusted, what the account
    holds, what it can pay.
    """
    if is_halted(signal.side, control):
        return Defer(f"kill switch ({control.kill}): {control.reason}")
    if not signal.close.is_finite() or signal.close <= 0:
        return Block(f"malformed: close is {signal.close}")
    if clock.now > signal.valid_until:
        until = signal.valid_until.astimezone(NEW_YORK)
        return Block(f"stale: valid until {until:%Y-%m-%d %H:%M} New York")
    if signal.bar_date > clock.session:
        return Block(f"from the future: {signal.bar_date} has not closed")
    unclear = [o for o in book.live if o.state == "submitting" and o.attempts > 0]
    if unclear:
        return Defer(f"unresolved: the broker may have {unclear[0].signal_key}")
    if signal.side == "buy" and signal.symbol in book.marks:
        return Block(f"data quality: {book.marks[signal.symbol]}")
    live = [order for order in book.live if order.symbol == signal.symbol]
    if any(order.side != signal.side for order in live):
        return Block(f"opposite order live: {live[0].side} {signal.symbol}")
    if signal.side == "sell":
        return _exit(signal, book, live)
    if live:
        return Block(f"already buying {signal.symbol}")
    return _entry(signal, book, settings)


def _exit(signal: Signal, book: Book, live: list[Order]) -> Verdict:
    """Sell what the strategy's own entries hold and nobody is selling yet."""
    own = book.holdings.get((signal.strategy, signal.symbol), Decimal(0))
    own -= _pending(order for order in live if order.strategy == signal.strategy)
    there = book.positions.get(signal.symbol, Decimal(0)) - _pending(live)
    qty = min(own, there)
    if qty <= 0:
        return Block(f"nothing to sell: {signal.strategy} holds no {signal.symbol}")
    return Place(qty, signal.close)


def _entry(signal: Signal, book: Book, settings: Settings) -> Verdict:
    """Buy whole shares for the position weight, if the cash is there."""
    held = book.positions.get(signal.symbol, Decimal(0))
    if held:
        return Block(f"already holds {held:f} {signal.symbol}")
    price = (signal.close * WORST_OPEN).quantize(CENT, ROUND_UP)
    value = book.account.equity * settings.position_weight
    qty = (value / price).to_integral_value(ROUND_DOWN)
    if qty < 1:
        return Block(f"size: {money(value)} buys no whole share at {money(price)}")
    cost = qty * price
    if cost > book.free_cash:
        return Block(f"cash: {money(cost)} needed, {money(book.free_cash)} free")
    return Place(qty, price)


def _pending(orders: Iterable[Order]) -> Decimal:
    return sum((order.qty - order.filled_qty for order in orders), Decimal(0))
