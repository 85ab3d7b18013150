"""Send: claimed orders to the broker, and what became of those already sent."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from desk.calendar import Clock
from executor.broker import (
    Broker,
    BrokerOrder,
    BrokerUnclearError,
    NewOrder,
    OrderRefusedError,
)
from executor.ledger import adopt
from executor.records import Control, Order
from executor.risk import is_halted
from executor.statements import Connection, run

MAX_ATTEMPTS = 3
GRACE = timedelta(minutes=15)

log = structlog.get_logger()


def send(
    conn: Connection,
    broker: Broker,
    control: Control,
    clock: Clock,
    orders: Sequence[Order],
) -> None:
    """Send what is `submitting`, in order, until an outcome is unclear.

    An order that was sent before is looked up first: only what the broker does
    not have is sent again, under the same id. What is stale or was tried too
    often is given up, if it was sent after a grace in which it may turn up.
    """
    for order in orders:
        if order.state != "submitting":
            continue
        try:
            is_clear = _settle(conn, broker, control, clock, order)
        except BrokerUnclearError as unclear:
            log.warning("order_unclear", id=order.client_order_id, reason=str(unclear))
            is_clear = False
        if not is_clear:
            return


def _settle(
    conn: Connection, broker: Broker, control: Control, clock: Clock, order: Order
) -> bool:
    """One order, as far as it gets; False when its outcome is unclear."""
    if order.attempts > 0:
        found = broker.find_order(order.client_order_id)
        if found is not None:
            adopt(conn, order.id, found, clock.now)
            return True
    hopeless = _why_hopeless(order, clock)
    if hopeless is not None:
        last = order.last_attempt_at
        if last is not None and clock.now - last < GRACE:
            return False
        _close(conn, order, "abandoned", hopeless, clock)
        return True
    if is_halted(order.side, control):
        return order.attempts == 0
    return _submit(conn, broker, clock, order)


def _why_hopeless(order: Order, clock: Clock) -> str | None:
    if clock.now > order.valid_until:
        return f"stale: valid until {order.valid_until:%Y-%m-%d %H:%M} UTC"
    if order.attempts >= MAX_ATTEMPTS:
        return f"given up after {order.attempts} attempts"
    return None


def _submit(conn: Connection, broker: Broker, clock: Clock, order: Order) -> bool:
    attempt = {"id": order.id, "attempts": order.attempts, "now": clock.now}
    if run(conn, "count_attempt", **attempt) == 0:
        return True  # another process is sending it
    answer: BrokerOrder | None
    try:
        answer = broker.submit(
            NewOrder(order.client_order_id, order.symbol, order.side, order.qty)
        )
    except OrderRefusedError as refused:
        answer = broker.find_order(order.client_order_id)
        if answer is None:
            _close(conn, order, "rejected", f"refused: {refused}", clock)
            return True
    if answer.client_order_id != order.client_order_id:
        raise BrokerUnclearError(f"the broker answered for {answer.client_order_id}")
    adopt(conn, order.id, answer, clock.now)
    log.info("order_submitted", symbol=order.symbol, side=order.side, qty=order.qty)
    return True


def _close(
    conn: Connection, order: Order, state: str, reason: str, clock: Clock
) -> None:
    parameters = {"id": order.id, "state": state, "reason": reason}
    run(conn, "close_unbooked", **parameters, now=clock.now)
    log.warning("order_not_booked", **parameters)
