"""What the executor asks of a broker. Names and values are the broker's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from desk.errors import DeskError

Side = Literal["buy", "sell"]


class OrderRefusedError(Exception):
    """The broker says it did not take an order. Believed only after a look-up."""


class DuplicateOrderError(OrderRefusedError):
    """The broker says it has the order already."""


class BrokerUnclearError(DeskError):
    """No answer, or none that settles whether the broker took the order."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account's money, US dollars; `trouble`: why it may not trade.

    `last_equity`: after the session before; `buying_power`: what the broker lets
    it spend, orders it knows of taken off. None: not told.
    """

    cash: Decimal
    equity: Decimal
    last_equity: Decimal | None = None
    buying_power: Decimal | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """What may be done with a symbol; `trouble`: why it may not be traded.

    `is_unclear`: the trouble is that the broker did not say.
    """

    is_fractionable: bool = True
    trouble: str | None = None
    is_unclear: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Shares of one symbol, and their value at the last price, US dollars."""

    symbol: str
    qty: Decimal
    market_value: Decimal


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A market order for the next open, valid that day."""

    client_order_id: str
    symbol: str
    side: Side
    qty: Decimal


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """An order in the broker's book. `status` is the broker's own word.

    None: the broker did not say.
    """

    id: str
    client_order_id: str
    symbol: str | None
    side: str | None
    qty: Decimal | None
    status: str
    reason: str | None
    filled_qty: Decimal
    filled_avg_price: Decimal | None
    filled_at: datetime | None
    submitted_at: datetime | None = None

    @property
    def left(self) -> Decimal:
        """Shares it may still move; 0 if the broker did not say of how many."""
        return max((self.qty or Decimal(0)) - self.filled_qty, Decimal(0))


class Broker(Protocol):
    """One account at one broker.

    Any call may raise `BrokerUnclearError`; only `submit` raises `OrderRefusedError`.
    """

    @property
    def account_id(self) -> str:
        """The account, as `trading.orders.account_id` has it."""

    @property
    def lease_seconds(self) -> float:
        """How long a call of `submit` may last."""

    def account(self) -> Account:
        """Cash and equity."""

    def positions(self) -> Sequence[Position]:
        """Symbols held, with a quantity other than zero."""

    def asset(self, symbol: str) -> Asset:
        """Whether a symbol can be traded, and how finely."""

    def orders_since(self, since: datetime) -> Sequence[BrokerOrder]:
        """Orders submitted at or after a moment, and older ones that still work."""

    def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """The order booked under a client order id; None: there is none."""

    def submit(self, order: NewOrder) -> BrokerOrder:
        """Book an order and return it as booked."""
