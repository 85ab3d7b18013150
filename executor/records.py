"""Rows of the ledger as Python sees them: signals, orders, the desk's controls."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from executor.broker import BrokerOrder, Side

State = Literal[
    "blocked",
    "submitting",
    "open",
    "partially_filled",
    "filled",
    "canceled",
    "expired",
    "rejected",
    "abandoned",
]


@dataclass(frozen=True, slots=True)
class Control:
    """The one row of `trading.control`."""

    kill: Literal["off", "entries", "all"]
    reason: str | None
    first_session: date | None
    replay_from: date | None
    replay_until: date | None


@dataclass(frozen=True, slots=True)
class Signal:
    """A published signal; `close` in US dollars as traded that session."""

    signal_key: str
    strategy: str
    symbol: str
    bar_date: date
    side: Side
    close: Decimal
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """A row of `trading.orders`: an order, or why there is none."""

    id: int
    signal_key: str
    client_order_id: str
    strategy: str
    symbol: str
    side: Side
    qty: Decimal
    price: Decimal | None
    valid_until: datetime
    state: State
    reason: str | None
    attempts: int
    last_attempt_at: datetime | None
    broker_order_id: str | None
    filled_qty: Decimal
    filled_avg_price: Decimal | None


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order the ledger has, to hold against what the broker has."""

    id: int
    client_order_id: str
    symbol: str
    side: Side
    qty: Decimal
    state: State


def is_another(told: BrokerOrder, own: Order | KnownOrder) -> bool:
    """Whether the broker's order is of another symbol or the other side."""
    return told.symbol not in (None, own.symbol) or told.side not in (None, own.side)


def differs(told: BrokerOrder, own: Order | KnownOrder) -> bool:
    """Whether the broker's order is not the one the ledger has under its id."""
    return (
        is_another(told, own)
        or told.qty not in (None, own.qty)
        or told.filled_qty > own.qty
    )


def money(amount: Decimal) -> str:
    """An amount as reasons show it: 9,850.00."""
    return f"{amount:,.2f}"
