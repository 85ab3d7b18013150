"""Orders, fills, positions, accounts, and the kill switch."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from api.schema.fields import (
    Account,
    BarDate,
    Dollars,
    Moment,
    PerShare,
    Shares,
    Side,
    SignalKey,
    Strategy,
    Symbol,
    about,
)

OrderState = Literal[
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
State = Annotated[OrderState, about("Where the order stands.", "filled")]
Reason = Annotated[
    str | None, about("Why it is blocked, rejected or abandoned.", "not enough cash")
]


class Order(Struct, frozen=True):
    """A decided signal: an order, or why there is none."""

    order_id: Annotated[int, about("The ledger's number.", 17)]
    account_id: Account
    signal_key: SignalKey
    client_order_id: Annotated[str, about("Derived from the signal, never random.")]
    broker_order_id: Annotated[str | None, about("The broker's id; null: none yet.")]
    strategy: Strategy
    symbol: Symbol
    side: Side
    qty: Shares
    price: Annotated[
        PerShare | None, about("Worst price the cash check reserved, a share.", 451.99)
    ]
    valid_until: Moment
    state: State
    reason: Reason
    checks: Annotated[list[str], about("Risk checks it passed, with figures.")]
    answer: Annotated[str | None, about("What the broker last said.", "filled")]
    attempts: Annotated[int, about("Times it was sent.", 1)]
    filled_qty: Shares
    filled_avg_price: Annotated[
        PerShare | None, about("What it filled at, a share; null: nothing filled.", 27)
    ]
    filled_at: Annotated[datetime | None, about("When it filled (UTC).")]
    created_at: Moment
    updated_at: Moment


class OrderPage(Struct, frozen=True):
    """Some orders, newest first, and how to go on."""

    orders: list[Order]
    next_cursor: Annotated[
        int | None, about("Ask with ?cursor=… for older ones; null: there are none.")
    ]


class OrderStep(Struct, frozen=True):
    """One attempt, answer or change of an order."""

    order_id: int
    happened_at: Moment
    old_state: Annotated[OrderState | None, about("null: it began.", "open")]
    new_state: State
    attempts: int
    answer: Annotated[str | None, about("What the broker said.", "filled")]
    reason: Reason
    filled_qty: Shares
    filled_avg_price: PerShare | None


class Fill(Struct, frozen=True):
    """What an order filled at, against the open it was meant for."""

    order_id: int
    account_id: Account
    fill_session: Annotated[date, about("Session whose open it was meant for.")]
    filled_qty: Shares
    filled_avg_price: PerShare
    expected_price: Annotated[
        PerShare | None, about("That session's open, a share; null: not loaded.", 27.35)
    ]
    slippage_bps: Annotated[
        float | None, about("What that cost, basis points; negative: better.", 5)
    ]


class Position(Struct, frozen=True):
    """Shares an account holds after its last session."""

    account_id: Account
    session_date: BarDate
    symbol: Symbol
    qty: Shares
    close: PerShare
    market_value: Dollars


class AccountEquity(Struct, frozen=True):
    """What an account was worth at one session's close."""

    account_id: Account
    session_date: BarDate
    cash: Dollars
    position_value: Dollars
    equity: Annotated[float, about("cash + position_value, US dollars.", 99793.52)]


class Control(Struct, frozen=True):
    """The kill switch."""

    kill: Annotated[
        Literal["off", "entries", "all"],
        about("What is held back: nothing, orders that open a position, or all."),
    ]
    reason: Annotated[str | None, about("Why.", "halted by hand")]


class AccountState(Struct, frozen=True):
    """The accounts after their last session, and the kill switch."""

    control: Control
    accounts: list[AccountEquity]


class Halt(Struct, frozen=True):
    """What to hold back, and why."""

    scope: Annotated[
        Literal["entries", "all"], about("Orders that open a position, or all.", "all")
    ] = "all"
    reason: Annotated[
        str,
        Meta(
            description="Shown wherever it holds something back.",
            examples=["earnings tonight"],
            min_length=1,
            max_length=200,
            pattern=r"^[^\x00-\x1f]*$",
        ),
    ] = "halted over the API"
