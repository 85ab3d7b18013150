"""Send: claimed orders to the broker, and what became of those already sent."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from desk.calendar import Clock
from executor.broker import (
    Broker,
    BrokerOrder,
    BrokerUnclearError,
    DuplicateOrderError,
    NewOrder,
    OrderRefusedError,
)
from executor.ledger import adopt
from executor.records import Order, differs
from executor.statements import Connection, run

MAX_ATTEMPTS = 3
GRACE = timedelta(minutes=15)

log = structlog.get_logger()


def send(
    conn: Connection, broker: Broker, clock: Clock, orders: Sequence[Order]
) -> None:
    """Send what is `submitting`, in order, until an outcome is unclear.

    Those sent before come first and are looked up: only what the broker does not
    have is sent again, under the same id, unless another process is just sending
    it. What is stale or was tried too often is given up, if it was sent after a
    grace in which it may turn up.
    """
    for order in sorted(orders, key=lambda order: order.attempts == 0):
        if order.state == "submitting" and not _settle(conn, broker, clock, order):
            return


def _settle(conn: Connection, broker: Broker, clock: Clock, order: Order) -> bool:
    """One order, as far as it gets; False when its outcome is unclear."""
    if order.attempts > 0:
        try:
            found = broker.find_order(order.client_order_id)
            if found is not None:
                _adopt(conn, order, found, clock)
                return True
        except BrokerUnclearError as unclear:
            log.warning("order_unclear", signal=order.signal_key, reason=str(unclear))
            return False
    hopeless = _why_hopeless(order, clock)
    if hopeless is not None:
        last = order.last_attempt_at
        if last is not None and clock.now - last < GRACE:
            return False
        _close(conn, order, order.attempts, "abandoned", hopeless, clock)
        return True
    return _submit(conn, broker, clock, order)


def _why_hopeless(order: Order, clock: Clock) -> str | None:
    if clock.now > order.valid_until:
        return f"stale: valid until {order.valid_until:%Y-%m-%d %H:%M} UTC"
    if order.attempts >= MAX_ATTEMPTS:
        return f"given up after {order.attempts} attempts"
    return None


def _submit(conn: Connection, broker: Broker, clock: Clock, order: Order) -> bool:
    attempt = {"id": order.id, "attempts": order.attempts, "now": clock.now}
    if run(conn, "count_attempt", **attempt, lease_seconds=broker.lease_seconds) == 0:
        # Halted, or another process is sending it, or it may be on its way.
        return order.attempts == 0
    try:
        _adopt(conn, order, _answer(broker, order), clock)
    except OrderRefusedError as refused:
        reason = f"refused: {refused}"
        _close(conn, order, order.attempts + 1, "rejected", reason, clock)
    except BrokerUnclearError as unclear:
        _note(conn, order, order.attempts + 1, str(unclear), clock)
        return False
    else:
        log.info("order_sent", signal=order.signal_key, qty=f"{order.qty:f}")
    return True


def _answer(broker: Broker, order: Order) -> BrokerOrder:
    """The order as booked; a refusal is raised only if a look-up confirms it."""
    name = order.client_order_id
    try:
        return broker.submit(NewOrder(name, order.symbol, order.side, order.qty))
    except OrderRefusedError as refused:
        found = broker.find_order(name)
        if found is not None:
            return found
        if isinstance(refused, DuplicateOrderError):
            raise BrokerUnclearError(f"{refused}, yet it shows none") from None
        raise


def _adopt(conn: Connection, order: Order, told: BrokerOrder, clock: Clock) -> None:
    if told.client_order_id != order.client_order_id:
        raise BrokerUnclearError(f"the broker answered for {told.client_order_id}")
    if differs(told, order):
        raise BrokerUnclearError(
            f"the broker has it as {told.side} {told.qty} {told.symbol}"
        )
    adopt(conn, order.id, told, clock.now)


def _close(
    conn: Connection, order: Order, attempts: int, state: str, reason: str, clock: Clock
) -> None:
    parameters = {"id": order.id, "state": state, "reason": reason}
    run(conn, "close_unbooked", **parameters, attempts=attempts, now=clock.now)
    log.warning("order_not_booked", **parameters)


def _note(
    conn: Connection, order: Order, attempts: int, answer: str, clock: Clock
) -> None:
    parameters = {"id": order.id, "attempts": attempts, "answer": answer}
    run(conn, "note_answer", **parameters, now=clock.now)
    log.warning("order_unclear", signal=order.signal_key, reason=answer)
