"""Published signals, why they were said, and what became of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Struct

from api.schema.fields import (
    BarDate,
    Moment,
    PerShare,
    Sequence,
    Shares,
    Side,
    SignalKey,
    Strategy,
    Symbol,
    about,
)
from api.schema.ledger import Fill, Order, OrderStep
from api.schema.market import Bar


class Predicate(Struct, frozen=True):
    """One comparison of a rule."""

    left: Annotated[str, about("What was compared.", "close")]
    operator: Annotated[str, about("How.", ">")]
    right: Annotated[str, about("With what.", "sma_200")]
    left_value: Annotated[float | None, about("Its value, as traded.", 430.47)]
    right_value: Annotated[float | None, about("The other's value.", 480.09)]
    outcome: Annotated[bool | None, about("Whether it held; null: not known.", True)]


class Details(Struct, frozen=True):
    """Why a signal was given, in the prices of its own day."""

    sentence: Annotated[
        str, about("In plain words.", "AAPL: RSI 14 fell below 30.")
    ] = ""
    rule: Annotated[str, about("The strategy's whole rule.")] = ""
    parameters: Annotated[Mapping[str, Any], about("The strategy's parameters.")] = {}
    predicates: Annotated[list[Predicate], about("Each value compared.")] = []
    previous: Annotated[
        Mapping[str, float | None], about("The values of the bar before.")
    ] = {}
    version: Annotated[str, about("Hash of the strategy's code.", "ed8579771bbd")] = ""


class Signal(Struct, frozen=True):
    """One published signal, and what became of it."""

    signal_key: SignalKey
    strategy: Strategy
    symbol: Symbol
    bar_date: BarDate
    side: Side
    close: PerShare
    details: Details
    published_at: Moment
    valid_until: Annotated[
        datetime,
        about(
            "Close of the next session (UTC): not to be acted on after it.",
            "2013-03-04T21:00:00Z",
        ),
    ]
    executed: Annotated[
        str | None,
        about("State of its newest order; null: nothing is decided yet.", "filled"),
    ]
    executed_reason: Annotated[
        str | None, about("Why that order was blocked or rejected.", "not enough cash")
    ]
    filled_qty: Annotated[Shares | None, about("Shares that order has filled.", 21)]
    filled_avg_price: Annotated[
        PerShare | None, about("At which price, US dollars a share.", 458.73)
    ]


class Latest(Struct, frozen=True):
    """The newest signals, newest first."""

    session_date: Annotated[
        date | None, about("Last published session; null before the first.")
    ]
    sequence: Annotated[
        Sequence, about("The live feed up to here is in it: follow with ?after=…", 4711)
    ]
    signals: list[Signal]


class SignalPage(Struct, frozen=True):
    """Some signals, newest first, and how to go on."""

    signals: list[Signal]
    next_cursor: Annotated[
        str | None, about("Ask with ?cursor=… for older ones; null: there are none.")
    ]


class SignalStory(Struct, frozen=True):
    """All that is known of one signal."""

    signal: Signal
    bars: Annotated[list[Bar], about("60 bars up to the signal's own, oldest first.")]
    indicators: Annotated[
        Mapping[str, float | None],
        about("All indicators at its bar, in today's terms; null until warm."),
    ]
    orders: Annotated[list[Order], about("At most one for each account.")]
    steps: Annotated[list[OrderStep], about("All that happened to them, in order.")]
    fills: Annotated[list[Fill], about("What they filled at, and what that cost.")]


class NearMiss(Struct, frozen=True):
    """What a symbol's last bar lacked for a signal."""

    strategy: Strategy
    symbol: Symbol
    bar_date: BarDate
    side: Annotated[Literal["buy", "sell"], about("The signal that was missed.")]
    missing: Annotated[str, about("In plain words.", "RSI 14 is 31.20, needs < 30")]
    unmet: Annotated[int, about("Comparisons that did not hold.", 1)]
    predicates: list[Predicate]
