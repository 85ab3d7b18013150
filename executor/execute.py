"""One pass of the executor: reconcile, resolve what is unclear, decide, send."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import structlog

from desk.calendar import Clock
from desk.database import Database
from desk.settings import Settings
from executor.broker import Broker
from executor.dry_run import open_dry_run
from executor.ledger import (
    LIVE,
    claim,
    held_ledger,
    marked_symbols,
    orders_of,
    read_control,
    refuse_during_replay,
    strategy_holdings,
    undecided_signals,
)
from executor.reconcile import reconcile
from executor.records import Control, Order
from executor.risk import Block, Book, Defer, Place, decide
from executor.send import send
from executor.statements import Connection

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Deferral:
    """A signal the pass left undecided, and why."""

    signal_key: str
    reason: str


@dataclass(frozen=True, slots=True)
class PassReport:
    """What one pass did.

    `placed`: orders the broker has now and had not confirmed before. `fills`:
    orders that filled further. `unresolved`: orders the broker may or may not
    have. `orders`: every ledger row the pass wrote or changed, as it is now.
    """

    placed: int
    blocked: int
    fills: int
    unresolved: int
    deferrals: tuple[Deferral, ...]
    orders: tuple[Order, ...]
    control: Control

    @property
    def deferred(self) -> int:
        """Signals that will be asked again."""
        return len(self.deferrals)

    @property
    def said(self) -> str:
        """The report as a line."""
        told = f"{self.placed} orders placed, {self.blocked} blocked"
        if self.fills:
            told += f", {self.fills} filled"
        if self.deferred:
            told += f", {self.deferred} deferred ({self.deferrals[0].reason})"
        if self.unresolved:
            told += f", {self.unresolved} unresolved"
        return told


def execute(settings: Settings, database: Database, clock: Clock) -> PassReport:
    """Turn published signals into orders at the broker: one pass.

    A second pass at the same clock places nothing. Raises `DeskError` when the
    broker can't be read, or while a replay is unfinished.
    """
    with held_ledger(database) as conn:
        refuse_during_replay(conn, clock)
        with opened_broker(settings, database, clock) as broker:
            return run_pass(conn, broker, settings, clock)


@contextmanager
def opened_broker(
    settings: Settings, database: Database, clock: Clock
) -> Iterator[Broker]:
    """The broker of the settings, over a connection of its own."""
    with database.connect("executor", autocommit=True) as conn:
        yield open_dry_run(conn, settings, clock)


def run_pass(
    conn: Connection, broker: Broker, settings: Settings, clock: Clock
) -> PassReport:
    """One pass over an autocommit connection, against any broker.

    May die between any two statements; the next pass takes up from what is
    committed.
    """
    account_id = broker.account_id
    pending = {o.id for o in orders_of(conn, account_id, clock, ["submitting"])}
    filled = reconcile(conn, broker, clock)
    control = read_control(conn)
    left_over = orders_of(conn, account_id, clock, ["submitting"])
    send(conn, broker, control, clock, left_over)
    decided, deferrals = _decide_all(conn, broker, control, settings, clock)
    claimed = orders_of(conn, account_id, clock, ids=decided)
    send(conn, broker, control, clock, claimed)
    touched = pending | set(filled) | set(decided)
    orders = orders_of(conn, account_id, clock, ids=sorted(touched))
    asked = pending | set(decided)
    report = PassReport(
        placed=sum(o.id in asked and o.broker_order_id is not None for o in orders),
        blocked=sum(o.state == "blocked" for o in orders),
        fills=len(filled),
        unresolved=sum(o.state == "submitting" and o.attempts > 0 for o in orders),
        deferrals=tuple(deferrals),
        orders=tuple(orders),
        control=control,
    )
    log.info("pass_ended", session=str(clock.session), said=report.said)
    return report


def _decide_all(
    conn: Connection, broker: Broker, control: Control, settings: Settings, clock: Clock
) -> tuple[list[int], list[Deferral]]:
    """Judge every undecided signal; ids of the rows written, and who waits."""
    signals = undecided_signals(conn, broker.account_id, clock)
    if not signals:
        return [], []
    book = read_book(conn, broker, clock)
    decided: list[int] = []
    deferrals: list[Deferral] = []
    for signal in signals:
        verdict = decide(signal, book, control, settings, clock)
        if isinstance(verdict, Defer):
            deferrals.append(Deferral(signal.signal_key, verdict.reason))
            continue
        row = claim(
            conn,
            broker.account_id,
            signal,
            clock,
            qty=verdict.qty if isinstance(verdict, Place) else Decimal(0),
            price=verdict.price if isinstance(verdict, Place) else None,
            blocked=verdict.reason if isinstance(verdict, Block) else None,
        )
        if row is None:
            continue  # another process was first
        decided.append(row.id)
        if isinstance(verdict, Place):
            book = book.with_order(row)
    return decided, deferrals


def read_book(conn: Connection, broker: Broker, clock: Clock) -> Book:
    """What the account has and has under way."""
    return Book(
        account=broker.account(),
        positions={held.symbol: held.qty for held in broker.positions()},
        holdings=strategy_holdings(conn, broker.account_id, clock),
        live=tuple(orders_of(conn, broker.account_id, clock, LIVE)),
        marks=marked_symbols(conn),
    )
