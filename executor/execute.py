"""One pass of the executor: reconcile, resolve what is unclear, decide, send."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import structlog

from desk.calendar import Clock, desk_clock
from desk.database import Database
from desk.settings import Settings
from executor.broker import Account, Asset, Broker, BrokerUnclearError, Position
from executor.case import Block, Book, Defer, Place
from executor.dry_run import open_dry_run
from executor.holdings import (
    keep_snapshot,
    marked_symbols,
    orders_of_the_day,
    strategy_holdings,
)
from executor.ledger import (
    LIVE,
    claim,
    held_ledger,
    orders_of,
    read_control,
    refuse_during_replay,
    set_kill,
    undecided_signals,
)
from executor.reconcile import Reconciled, reconcile
from executor.records import Control, Order
from executor.risk import decide, decide_alone
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
        if self.control.kill != "off":
            told += f"; halted ({self.control.kill}): {self.control.reason}"
        return told


def execute(
    settings: Settings, database: Database, clock: Clock | None = None
) -> PassReport:
    """Turn published signals into orders at the broker: one pass.

    A second pass at the same clock places nothing. `clock`: the desk's if None,
    read when no other pass is under way: what was fresh before a wait may be stale
    after it. Raises `DeskError` when the broker can't be read, or while a replay
    is unfinished.
    """
    with held_ledger(database) as conn:
        clock = clock or desk_clock(settings)
        refuse_during_replay(conn, clock)
        with opened_broker(settings, database, clock) as broker:
            return run_pass(conn, broker, settings, clock)


@contextmanager
def opened_broker(
    settings: Settings, database: Database, clock: Clock
) -> Iterator[Broker]:
    """The broker of the settings; the dry run's has a connection of its own."""
    if settings.broker == "alpaca":
        from executor.alpaca import AlpacaBroker  # 0.7 s of import

        yield AlpacaBroker(settings)
        return
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
    found = reconcile(conn, broker, clock)
    left_over = orders_of(conn, account_id, clock, ["submitting"])
    send(conn, broker, clock, left_over)
    decided, deferrals = _decide_all(conn, broker, found, settings, clock)
    send(conn, broker, clock, orders_of(conn, account_id, clock, ids=decided))
    touched = pending | set(found.filled) | set(decided)
    orders = orders_of(conn, account_id, clock, ids=sorted(touched))
    asked = pending | set(decided)
    report = PassReport(
        placed=sum(o.id in asked and o.broker_order_id is not None for o in orders),
        blocked=sum(o.state == "blocked" for o in orders),
        fills=len(found.filled),
        unresolved=sum(o.state == "submitting" and o.attempts > 0 for o in orders),
        deferrals=tuple(deferrals),
        orders=tuple(orders),
        control=read_control(conn),
    )
    log.info(
        "pass_ended",
        account_id=account_id,
        session=str(clock.session),
        placed=report.placed,
        blocked=report.blocked,
        filled=report.fills,
        deferred=report.deferred,
        unresolved=report.unresolved,
        kill=report.control.kill,
    )
    return report


def _decide_all(
    conn: Connection,
    broker: Broker,
    found: Reconciled,
    settings: Settings,
    clock: Clock,
) -> tuple[list[int], list[Deferral]]:
    """Judge every undecided signal; ids of the rows written, and who waits."""
    account_id = broker.account_id
    account, positions = broker.account(), broker.positions()
    keep_snapshot(conn, account_id, account, positions, clock)
    signals = undecided_signals(conn, account_id, clock)
    control = read_control(conn)
    to_look_up = {
        signal.symbol
        for signal in signals
        if decide_alone(signal, control, settings, clock) is None
    }
    assets: dict[str, Asset] = {}
    for symbol in sorted(to_look_up):
        try:
            assets[symbol] = broker.asset(symbol)
        except BrokerUnclearError as error:
            assets[symbol] = Asset(trouble=str(error), is_unclear=True)
    book = _read_book(conn, account_id, account, positions, assets, found, clock)
    decided: list[int] = []
    deferrals: list[Deferral] = []
    for signal in signals:
        verdict = decide(signal, book, control, settings, clock)
        if isinstance(verdict, Defer):
            deferrals.append(Deferral(signal.signal_key, verdict.reason))
            continue
        row = claim(
            conn,
            account_id,
            signal,
            clock,
            qty=verdict.qty if isinstance(verdict, Place) else Decimal(0),
            price=verdict.price if isinstance(verdict, Place) else None,
            blocked=verdict.reason if isinstance(verdict, Block) else None,
            checks=verdict.checks,
        )
        if isinstance(verdict, Block) and verdict.halts_entries:
            set_kill(conn, "entries", verdict.reason)
            control = read_control(conn)
        if row is None:
            continue  # another process was first
        decided.append(row.id)
        if isinstance(verdict, Place):
            book = book.with_order(row)
    return decided, deferrals


def _read_book(
    conn: Connection,
    account_id: str,
    account: Account,
    positions: Sequence[Position],
    assets: Mapping[str, Asset],
    found: Reconciled,
    clock: Clock,
) -> Book:
    """What the account has and has under way."""
    return Book(
        account=account,
        positions={held.symbol: held.qty for held in positions},
        holdings=strategy_holdings(conn, account_id, clock),
        live=tuple(orders_of(conn, account_id, clock, LIVE)),
        marks=marked_symbols(conn),
        assets=assets,
        foreign=found.foreign,
        orders_today=orders_of_the_day(conn, account_id, clock),
    )
