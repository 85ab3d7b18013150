"""Reconcile: the broker's word on orders it has, taken over into the ledger."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import structlog

from desk.calendar import Clock
from executor.broker import Broker, BrokerOrder
from executor.case import worst_price
from executor.ledger import (
    CLIENT_ORDER_ID_PREFIX,
    ENDED,
    adopt,
    claim,
    known_orders,
    orders_of,
    set_kill,
    signal_behind,
)
from executor.records import KnownOrder, Order, differs, is_another
from executor.statements import Connection, fetch_value

LISTED_BACK = timedelta(days=7)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look at the broker's orders gave.

    `filled`: ledger ids of orders that filled further. `foreign`: live orders on
    the account that no row of the ledger stands for.
    """

    filled: tuple[int, ...]
    foreign: tuple[BrokerOrder, ...]


def reconcile(conn: Connection, broker: Broker, clock: Clock) -> Reconciled:
    """Adopt the broker's state of our orders.

    An order with our prefix that the ledger doesn't know, or knows otherwise,
    means one of the two is wrong: the kill switch then stops everything until a
    person has looked. Once one has, as much of it is booked as can be ours.
    """
    account_id = broker.account_id
    listed = list(broker.orders_since(clock.now - LISTED_BACK))
    seen = {order.client_order_id for order in listed}
    for order in orders_of(conn, account_id, clock, ["open", "partially_filled"]):
        if order.client_order_id not in seen:  # older than what was listed
            found = broker.find_order(order.client_order_id)
            if found is None:
                log.error("order_missing", client_order_id=order.client_order_id)
            else:
                listed.append(found)
    known = known_orders(conn, account_id, [o.client_order_id for o in listed])
    ours = [o for o in listed if o.client_order_id.startswith(CLIENT_ORDER_ID_PREFIX)]
    booked: dict[str, str] = {}
    explained = set()
    filled = []
    for told in ours:
        own = known.get(told.client_order_id)
        is_first = booked.setdefault(told.client_order_id, told.id) == told.id
        wrong = _contradiction(told, own, is_first=is_first)
        trouble = f"{account_id} has order {wrong}" if wrong else None
        if trouble and not _note(conn, account_id, told, trouble):
            set_kill(conn, "all", trouble)
        elif own is None:
            if _take_over(conn, account_id, told, clock):
                explained.add(told.id)
        elif is_first and own.state != "blocked":
            if adopt(conn, own.id, _as_ours(told, own, trouble), clock.now):
                filled.append(own.id)
            if not is_another(told, own):
                explained.add(told.id)
    live = [order for order in listed if order.status not in ENDED]
    return Reconciled(
        filled=tuple(filled),
        foreign=tuple(order for order in live if order.id not in explained),
    )


def _contradiction(
    told: BrokerOrder, own: KnownOrder | None, *, is_first: bool
) -> str | None:
    name = told.client_order_id
    if own is None:
        return f"{name}, which the ledger doesn't know"
    if not is_first:
        return f"{name} twice"
    if own.state == "blocked":
        return f"{name}, which the ledger blocked"
    if differs(told, own):
        filled = f" with {told.filled_qty} filled" if told.filled_qty > own.qty else ""
        return (
            f"{name} as {told.side} {told.qty} {told.symbol}{filled}, "
            f"the ledger as {own.side} {own.qty} {own.symbol}"
        )
    return None


def _note(conn: Connection, account_id: str, told: BrokerOrder, trouble: str) -> bool:
    """Keep a trouble; whether a person has resumed the desk since it halted over it."""
    return bool(
        fetch_value(
            conn,
            "note_trouble",
            account_id=account_id,
            broker_order_id=told.id,
            trouble=trouble,
        )
    )


def _as_ours(
    told: BrokerOrder, own: KnownOrder | Order, trouble: str | None
) -> BrokerOrder:
    """What of an order can be the ledger's: no more shares, and none of another's."""
    if trouble is None:
        return told
    seen = replace(told, reason=trouble)
    if is_another(told, own):
        return replace(
            seen,
            status="canceled",
            filled_qty=Decimal(0),
            filled_avg_price=None,
            filled_at=None,
        )
    filled = min(told.filled_qty, own.qty)
    has_ended_short = told.status == "filled" and filled < own.qty
    return replace(
        seen,
        status="canceled" if has_ended_short else told.status,
        filled_qty=filled,
    )


def _take_over(
    conn: Connection, account_id: str, told: BrokerOrder, clock: Clock
) -> bool:
    """Give a lost order its row again, if its signal is published."""
    signal = signal_behind(conn, told.client_order_id, clock)
    if signal is None or told.qty is None or told.qty <= 0:
        return False
    if (told.symbol, told.side) != (signal.symbol, signal.side):
        return False
    with conn.transaction():
        row = claim(
            conn,
            account_id,
            signal,
            clock,
            qty=told.qty,
            price=worst_price(signal),
            checks=("taken over from the broker",),
        )
        if row is None:
            return False
        odd = f"{account_id} filled {told.filled_qty} of {told.qty}"
        trouble = odd if differs(told, row) else None
        adopt(conn, row.id, _as_ours(told, row, trouble), clock.now)
        log.warning("order_taken_over", signal_key=signal.signal_key)
    return True
