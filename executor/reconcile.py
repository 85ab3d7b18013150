"""Reconcile: the broker's word on orders it has, taken over into the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    read_control,
    set_kill,
    signal_behind,
)
from executor.records import KnownOrder, differs
from executor.statements import Connection

LISTED_BACK = timedelta(days=7)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a look at the broker's orders gave.

    `filled`: ledger ids of orders that filled further. `foreign`: live orders of
    others on the account, as symbol and side.
    """

    filled: tuple[int, ...]
    foreign: tuple[tuple[str, str], ...]


def reconcile(conn: Connection, broker: Broker, clock: Clock) -> Reconciled:
    """Adopt the broker's state of our orders.

    An order with our prefix that the ledger doesn't know, or knows otherwise,
    means one of the two is wrong: the kill switch then stops everything until a
    person has looked.
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
    vouched_until = read_control(conn).resumed_at
    booked: dict[str, str] = {}
    filled = []
    for told in ours:
        own = known.get(told.client_order_id)
        trouble = _contradiction(told, own, booked)
        booked[told.client_order_id] = told.id
        if trouble is None and own is not None:
            if adopt(conn, own.id, told, clock.now):
                filled.append(own.id)
        elif vouched_until is None or not _is_older(told, vouched_until):
            set_kill(conn, "all", f"{account_id} has order {trouble}")
        elif own is None:
            _take_over(conn, account_id, told, clock)
    foreign = [o for o in listed if o not in ours and o.status not in ENDED]
    return Reconciled(
        filled=tuple(filled),
        foreign=tuple((o.symbol or "", o.side or "") for o in foreign),
    )


def _contradiction(
    told: BrokerOrder, own: KnownOrder | None, booked: Mapping[str, str]
) -> str | None:
    name = told.client_order_id
    if own is None:
        return f"{name}, which the ledger doesn't know"
    if booked.get(name, told.id) != told.id:
        return f"{name} twice"
    if own.state == "blocked":
        return f"{name}, which the ledger blocked"
    if differs(told, own):
        return (
            f"{name} as {told.side} {told.qty} {told.symbol}, "
            f"the ledger as {own.side} {own.qty} {own.symbol}"
        )
    return None


def _is_older(told: BrokerOrder, moment: datetime) -> bool:
    return told.submitted_at is not None and told.submitted_at <= moment


def _take_over(
    conn: Connection, account_id: str, told: BrokerOrder, clock: Clock
) -> None:
    """Give a lost order its row again, if its signal is published."""
    signal = signal_behind(conn, told.client_order_id, clock)
    if signal is None or not told.qty:
        return
    if (told.symbol, told.side) != (signal.symbol, signal.side):
        return
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
        if row is not None:
            adopt(conn, row.id, told, clock.now)
            log.warning("order_taken_over", signal_key=signal.signal_key)
