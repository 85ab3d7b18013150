"""What a signal is judged by, and the verdicts there are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from desk.calendar import Clock
from desk.settings import Settings
from executor.broker import Account, Asset, BrokerOrder
from executor.records import Control, Order, Signal

# Cash is reserved as if the next open were 5 % above the last close: a market
# order fills at whatever the open is, and costs and slippage come on top.
WORST_OPEN = Decimal("1.05")
CENT = Decimal("0.01")
FRACTION = Decimal("0.000000001")
SHARE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Order `qty` shares, reserving `price` US dollars for each."""

    qty: Decimal
    price: Decimal
    checks: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """No order, for good. `checks`: those passed before; `halts_entries`: nor any
    other entry until a person resumes."""

    reason: str
    checks: tuple[str, ...] = field(default=(), compare=False)
    halts_entries: bool = field(default=False, compare=False)


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
    still fill. `marks`: what the quality gate holds against a symbol. `assets`:
    what the broker lets be done with a symbol. `foreign`: live orders that are not
    the desk's. `orders_today`: orders decided today.
    """

    account: Account
    positions: Mapping[str, Decimal]
    holdings: Mapping[tuple[str, str], Decimal]
    live: tuple[Order, ...]
    marks: Mapping[str, str] = field(default_factory=dict)
    assets: Mapping[str, Asset] = field(default_factory=dict)
    foreign: tuple[BrokerOrder, ...] = ()
    orders_today: int = 0

    def with_order(self, order: Order) -> "Book":
        """The book after one more order."""
        return replace(
            self, live=(*self.live, order), orders_today=self.orders_today + 1
        )

    @property
    def free_cash(self) -> Decimal:
        """What an entry may spend, US dollars.

        Cash minus what live buys may still take; at most the broker's buying power
        minus the buys it has not confirmed, which it can't have taken off.
        """
        buys = [order for order in self.live if order.side == "buy"]
        free = self.account.cash - _to_pay(buys)
        if self.account.buying_power is None:
            return free
        unconfirmed = [order for order in buys if order.state == "submitting"]
        return min(free, self.account.buying_power - _to_pay(unconfirmed))


@dataclass(frozen=True, slots=True)
class Case:
    """One undecided signal and everything it is judged by."""

    signal: Signal
    book: Book
    control: Control
    settings: Settings
    clock: Clock

    @property
    def is_entry(self) -> bool:
        """Whether the signal opens a position."""
        return self.signal.side == "buy"

    @property
    def live(self) -> list[Order]:
        """The desk's orders of the symbol that may still fill."""
        return [o for o in self.book.live if o.symbol == self.signal.symbol]

    @property
    def foreign(self) -> list[BrokerOrder]:
        """Others' orders of the symbol that may still fill."""
        return [o for o in self.book.foreign if o.symbol == self.signal.symbol]

    @property
    def held(self) -> Decimal:
        """Shares of the symbol on the account, whoever bought them."""
        return self.book.positions.get(self.signal.symbol, Decimal(0))

    @property
    def asset(self) -> Asset:
        """What the broker lets be done with the symbol."""
        unknown = Asset(trouble=f"the broker was not asked for {self.signal.symbol}")
        return self.book.assets.get(self.signal.symbol, unknown)

    @property
    def price(self) -> Decimal:
        """Worst price of a share, US dollars."""
        return worst_price(self.signal)

    @property
    def target(self) -> Decimal:
        """What an entry is to be worth, US dollars."""
        return self.book.account.equity * self.settings.position_weight

    @property
    def unsold(self) -> Decimal:
        """Shares of its own that the strategy may sell: there, and not on sale."""
        own = self.book.holdings.get(
            (self.signal.strategy, self.signal.symbol), Decimal(0)
        )
        own -= _shares(o for o in self.live if o.strategy == self.signal.strategy)
        on_sale = sum((o.left for o in self.foreign if o.side == "sell"), Decimal(0))
        return min(own, self.held - _shares(self.live) - on_sale)

    @property
    def qty(self) -> Decimal:
        """Shares to order, in the steps the broker takes."""
        in_fractions = self.asset.is_fractionable and (
            self.settings.fractional or not self.is_entry
        )
        step = FRACTION if in_fractions else SHARE
        wanted = self.target / self.price if self.is_entry else self.unsold
        return wanted.quantize(step, ROUND_DOWN)

    @property
    def cost(self) -> Decimal:
        """What the order may take, US dollars."""
        return self.qty * self.price


def worst_price(signal: Signal) -> Decimal:
    """What a share may cost, or for an exit what it last brought, US dollars."""
    if signal.side == "sell":
        return signal.close
    return (signal.close * WORST_OPEN).quantize(CENT, ROUND_UP)


def _shares(orders: Iterable[Order]) -> Decimal:
    """Shares that orders may still move."""
    return sum((order.qty - order.filled_qty for order in orders), Decimal(0))


def _to_pay(buys: Iterable[Order]) -> Decimal:
    """What buys may still take, US dollars."""
    return sum(
        ((buy.qty - buy.filled_qty) * (buy.price or 0) for buy in buys), Decimal(0)
    )
