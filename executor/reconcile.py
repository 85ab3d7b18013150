"""Reconcile: the broker's word on orders it has, taken over into the ledger."""

from datetime import timedelta

import structlog

from desk.calendar import Clock
from executor.broker import Broker
from executor.ledger import CLIENT_ORDER_ID_PREFIX, adopt, known_orders, orders_of
from executor.statements import Connection, run

LISTED_BACK = timedelta(days=7)

log = structlog.get_logger()


def reconcile(conn: Connection, broker: Broker, clock: Clock) -> list[int]:
    """Adopt the broker's state of our orders; ids of those that filled further.

    An order with our prefix that the ledger doesn't know means the ledger has
    been lost: the kill switch then stops everything until a person has looked.
    """
    account_id = broker.account_id
    told = {o.client_order_id: o for o in broker.orders_since(clock.now - LISTED_BACK)}
    for order in orders_of(conn, account_id, clock, ["open", "partially_filled"]):
        if order.client_order_id not in told:  # older than what was listed
            found = broker.find_order(order.client_order_id)
            if found is not None:
                told[order.client_order_id] = found
    known = known_orders(conn, account_id, list(told))
    filled = []
    for client_order_id, answer in told.items():
        if client_order_id in known:
            order_id = known[client_order_id]
            if adopt(conn, order_id, answer, clock.now):
                filled.append(order_id)
        elif client_order_id.startswith(CLIENT_ORDER_ID_PREFIX):
            stop_everything(conn, account_id, client_order_id)
    return filled


def stop_everything(conn: Connection, account_id: str, client_order_id: str) -> None:
    """Set the kill switch because of an order that nobody here decided."""
    reason = f"{account_id} has order {client_order_id}, which the ledger doesn't know"
    run(conn, "set_kill", kill="all", reason=reason)
    log.error("ledger_lost", account_id=account_id, client_order_id=client_order_id)
