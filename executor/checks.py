"""The risk checks. Each says what it found: a text if passed, a verdict if not,
None if it does not concern the signal."""

from collections.abc import Callable

from desk.calendar import NEW_YORK, next_open
from executor.case import Block, Case, Defer
from executor.records import Control, money

Finding = str | Block | Defer | None
Check = Callable[[Case], Finding]


def is_halted(side: str, control: Control) -> bool:
    """Whether the kill switch holds a side back; `entries` lets exits pass."""
    return control.kill == "all" or (control.kill == "entries" and side == "buy")


def kill_switch(case: Case) -> Finding:
    """`trading.control`, set by desk halt and by the desk itself."""
    control = case.control
    if is_halted(case.signal.side, control):
        return Defer(f"kill switch ({control.kill}): {control.reason}")
    return f"kill switch: {control.kill}"


def well_formed(case: Case) -> Finding:
    """A price that can be one."""
    close = case.signal.close
    if not close.is_finite() or close <= 0:
        return Block(f"malformed: close is {close}")
    return f"well-formed: {case.signal.side} at a close of {close:f}"


def fresh(case: Case) -> Finding:
    """Neither too late nor too early."""
    until = f"valid until {case.signal.valid_until.astimezone(NEW_YORK):%Y-%m-%d %H:%M}"
    if case.clock.now > case.signal.valid_until:
        return Block(f"stale: {until} New York")
    if case.signal.bar_date > case.clock.session:
        return Block(f"from the future: {case.signal.bar_date} has not closed")
    return f"fresh: {until} New York"


def strategy(case: Case) -> Finding:
    """`DESK_TRADED_STRATEGIES`."""
    traded, name = case.settings.traded_strategies, case.signal.strategy
    if traded and name not in traded:
        return Block(f"strategy: {name} is not among {', '.join(traded)}")
    return f"strategy: {name} may trade"


def unresolved(case: Case) -> Finding:
    """Nothing new while the broker may have an order we don't know of."""
    unclear = [o for o in case.book.live if o.state == "submitting" and o.attempts > 0]
    if unclear:
        return Defer(f"unresolved: the broker may have {unclear[0].signal_key}")
    return "unresolved orders: none"


def trading_hours(case: Case) -> Finding:
    """`DESK_TRADING_HOURS`."""
    if case.settings.trading_hours == "any":
        return "trading hours: any"
    opens_at = next_open(case.clock.now)
    if opens_at is not None:
        return Defer(f"market closed: opens {opens_at:%Y-%m-%d %H:%M} New York")
    return "trading hours: the exchange is open"


def account_active(case: Case) -> Finding:
    """The broker lets the account trade."""
    if case.book.account.trouble:
        return Block(f"account: {case.book.account.trouble}")
    return "account: active"


def data_quality(case: Case) -> Finding:
    """No open mark of the quality gate on what is bought."""
    mark = case.book.marks.get(case.signal.symbol)
    if not case.is_entry:
        return None
    return "data quality: no mark" if mark is None else Block(f"data quality: {mark}")


def asset(case: Case) -> Finding:
    """The broker lets the symbol be traded, in steps it names."""
    if case.asset.is_unclear:
        return Defer(f"asset: {case.asset.trouble}")
    if case.asset.trouble:
        return Block(f"asset: {case.asset.trouble}")
    steps = "fractions" if case.asset.is_fractionable else "whole shares only"
    return f"asset: tradable, {steps}"


def no_opposite_order(case: Case) -> Finding:
    """No order of the symbol the other way, the desk's or not."""
    symbol, side = case.signal.symbol, case.signal.side
    if opposite := [order.side for order in case.live if order.side != side]:
        return Block(f"opposite order live: {opposite[0]} {symbol}")
    if opposite_foreign := [o.side for o in case.foreign if o.side != side]:
        return Block(
            f"opposite order live: {opposite_foreign[0]} {symbol}, not the desk's"
        )
    return "opposite orders: none"


def shares_to_sell(case: Case) -> Finding:
    """An exit sells what its own strategy's entries hold."""
    signal = case.signal
    if case.is_entry:
        return None
    if case.unsold <= 0:
        return Block(f"nothing to sell: {signal.strategy} holds no {signal.symbol}")
    if case.qty <= 0:
        return Block(f"precision: {case.unsold:f} {signal.symbol} is no whole share")
    return f"shares: {case.qty:f} to sell, {case.held:f} held"


def no_position(case: Case) -> Finding:
    """An entry opens a position, it never adds to one."""
    symbol = case.signal.symbol
    if not case.is_entry:
        return None
    if case.live:
        return Block(f"already buying {symbol}")
    if any(order.side == "buy" for order in case.foreign):
        return Block(f"already buying {symbol}, not the desk's order")
    if case.held:
        return Block(f"already holds {case.held:f} {symbol}")
    return "position: none yet"


def size(case: Case) -> Finding:
    """`DESK_POSITION_WEIGHT` of the equity buys at least one step."""
    if not case.is_entry:
        return None
    told = f"size: {money(case.target)} buys"
    if case.qty <= 0:
        return Block(f"{told} no whole share at {money(case.price)}")
    return f"{told} {case.qty:f} at {money(case.price)}"


def orders_per_day(case: Case) -> Finding:
    """`DESK_MAX_ORDERS_PER_DAY`."""
    count, limit = case.book.orders_today, case.settings.max_orders_per_day
    if not case.is_entry:
        return None
    if count >= limit:
        return Block(f"orders per day: {count} today, limit {limit}")
    return f"orders per day: {count} of {limit}"


def daily_loss(case: Case) -> Finding:
    """`DESK_MAX_DAILY_LOSS`; halts entries when it is reached."""
    account, limit = case.book.account, case.settings.max_daily_loss
    if not case.is_entry or not account.last_equity:
        return None
    lost = 1 - account.equity / account.last_equity
    told = f"daily loss: {max(lost, 0):.1%}, limit {limit:.1%}"
    return Block(told, halts_entries=True) if lost >= limit else told


def order_value(case: Case) -> Finding:
    """`DESK_MAX_ORDER_VALUE`."""
    limit = case.settings.max_order_value
    if not case.is_entry:
        return None
    told = f"order value: {money(case.cost)}, limit {money(limit)}"
    return Block(told) if case.cost > limit else told


def position_weight(case: Case) -> Finding:
    """`DESK_MAX_POSITION_WEIGHT`."""
    equity, limit = case.book.account.equity, case.settings.max_position_weight
    if not case.is_entry:
        return None
    told = f"position weight: {case.cost / equity:.1%}, limit {limit:.1%}"
    return Block(told) if case.cost > equity * limit else told


def cash(case: Case) -> Finding:
    """Paid from what no live buy may still take."""
    if not case.is_entry:
        return None
    told = f"cash: {money(case.cost)} needed, {money(case.book.free_cash)} free"
    return Block(told) if case.cost > case.book.free_cash else told


# These need no look at the account.
EARLY: tuple[Check, ...] = (kill_switch, well_formed, fresh, strategy)
LATER: tuple[Check, ...] = (
    unresolved,
    trading_hours,
    account_active,
    data_quality,
    asset,
    no_opposite_order,
    shares_to_sell,
    no_position,
    size,
    orders_per_day,
    daily_loss,
    order_value,
    position_weight,
    cash,
)
