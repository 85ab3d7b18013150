"""The order ledger: signals to decide on, orders, and the desk's controls."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Literal

import psycopg
import structlog

from desk.calendar import Clock
from desk.database import Database
from desk.errors import DeskError
from desk.locks import LEDGER_LOCK
from executor.broker import BrokerOrder, BrokerUnclearError
from executor.records import Control, KnownOrder, Order, Signal, State
from executor.statements import Connection, fetch, fetch_value, run

CLIENT_ORDER_ID_PREFIX = "desk-"

log = structlog.get_logger()

LIVE: tuple[State, ...] = ("submitting", "open", "partially_filled")

# Every status that is not here is one of an order that still works.
ENDED: dict[str, State] = {
    "filled": "filled",
    "canceled": "canceled",
    "expired": "expired",
    "rejected": "rejected",
    # Whoever replaces an order at the broker has taken it over.
    "replaced": "canceled",
}


@contextmanager
def held_ledger(database: Database) -> Iterator[Connection]:
    """An autocommit connection that holds the ledger's lock.

    Whoever else wants it waits; it is free again when the process dies. It only
    keeps passes apart: an order is booked once without it, too.
    """
    with database.connect("executor", autocommit=True) as conn:
        run(conn, "take_ledger", key=LEDGER_LOCK)
        yield conn


def client_order_id(signal_key: str) -> str:
    """The same id for the same signal, always."""
    return CLIENT_ORDER_ID_PREFIX + sha256(signal_key.encode()).hexdigest()[:40]


def read_control(conn: Connection) -> Control:
    """The kill switch and what a replay has left to do."""
    (control,) = fetch(conn, "control", Control)
    return control


def refuse_during_replay(conn: Connection, clock: Clock) -> None:
    """Raise `DeskError` if an interrupted replay has not come to this session.

    Acting before it would make the signals it still has to walk stale.
    """
    control = read_control(conn)
    if control.replay_from is not None and control.replay_from <= clock.session:
        raise DeskError(
            f"the replay up to {control.replay_until} was interrupted at "
            f"{control.replay_from}: run `desk run` to finish it"
        )


def undecided_signals(conn: Connection, account_id: str, clock: Clock) -> list[Signal]:
    """Signals published by the clock without a verdict, oldest and exits first."""
    return fetch(
        conn, "undecided_signals", Signal, account_id=account_id, now=clock.now
    )


def orders_of(
    conn: Connection,
    account_id: str,
    clock: Clock,
    states: Sequence[State] = (),
    ids: Sequence[int] = (),
) -> list[Order]:
    """Orders decided by the clock that are in some states or have some ids."""
    return fetch(
        conn,
        "orders",
        Order,
        account_id=account_id,
        now=clock.now,
        states=list(states),
        ids=list(ids),
    )


def claim(
    conn: Connection,
    account_id: str,
    signal: Signal,
    clock: Clock,
    *,
    qty: Decimal = Decimal(0),
    price: Decimal | None = None,
    blocked: str | None = None,
    checks: Sequence[str] = (),
) -> Order | None:
    """Claim a signal, as an order to send or blocked for a reason.

    None: somebody else has claimed it already.
    """
    order_id = fetch_value(
        conn,
        "claim",
        account_id=account_id,
        signal_key=signal.signal_key,
        client_order_id=client_order_id(signal.signal_key),
        qty=qty,
        price=price,
        state="submitting" if blocked is None else "blocked",
        reason=blocked,
        checks=list(checks),
        now=clock.now,
    )
    if order_id is None:
        return None
    return orders_of(conn, account_id, clock, ids=[order_id])[0]


def known_orders(
    conn: Connection, account_id: str, client_order_ids: Sequence[str]
) -> dict[str, KnownOrder]:
    """By client order id, what the ledger has of some."""
    rows = fetch(
        conn,
        "known_orders",
        KnownOrder,
        account_id=account_id,
        client_order_ids=list(client_order_ids),
    )
    return {row.client_order_id: row for row in rows}


def signal_behind(
    conn: Connection, client_order_id: str, clock: Clock
) -> Signal | None:
    """The published signal that a client order id is derived from."""
    found = fetch(
        conn,
        "signal_behind",
        Signal,
        client_order_id=client_order_id,
        now=clock.now,
    )
    return found[0] if found else None


def adopt(conn: Connection, order_id: int, told: BrokerOrder, now: datetime) -> bool:
    """Take over what the broker says of an order; whether it filled any further."""
    state = ENDED.get(told.status, "open")
    reason = told.reason
    if state == "rejected" and reason is None:
        reason = "rejected by the broker"
    try:
        has_filled = fetch_value(
            conn,
            "adopt",
            id=order_id,
            state=state,
            reason=reason,
            answer=told.status,
            broker_order_id=told.id,
            filled_qty=told.filled_qty,
            filled_avg_price=told.filled_avg_price,
            filled_at=told.filled_at,
            now=now,
        )
    except psycopg.errors.UniqueViolation:
        raise BrokerUnclearError(
            f"the broker gives two orders the id {told.id}"
        ) from None
    return bool(has_filled)


def set_kill(conn: Connection, kill: Literal["entries", "all"], reason: str) -> None:
    """Halt; who halted everything before keeps his reason."""
    run(conn, "set_kill", kill=kill, reason=reason)
    log.error("halted", kill=kill, reason=reason)
