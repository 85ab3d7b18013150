"""The simulated broker: its book is in Postgres, its fills are at the next open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from desk.calendar import Clock
from desk.settings import Settings
from executor.broker import (
    Account,
    Asset,
    BrokerOrder,
    DuplicateOrderError,
    NewOrder,
    Position,
    Side,
)
from executor.statements import Connection, fetch, fetch_value, run

ACCOUNT_ID = "sim:desk"


@dataclass(frozen=True, slots=True)
class DryRunBroker:
    """A cash account as it stands at a clock, over a connection of its own.

    An order fills at the open of the first session after it came in, once that
    session has closed: worsened by `slippage_bps`, at `commission_bps` of its
    value. Then a buy without the cash or a sell without the shares is rejected,
    and an order whose symbol did not trade expires. Splits multiply the shares
    held; dividends credit cash on the ex-date. Orders that come after the clock
    are not there yet, so an earlier session can be walked again.
    """

    conn: Connection
    settings: Settings
    clock: Clock

    @property
    def account_id(self) -> str:
        """The one simulated account."""
        return ACCOUNT_ID

    @property
    def lease_seconds(self) -> float:
        """Its calls are statements in this database."""
        return 60.0

    def account(self) -> Account:
        """Cash and equity after the clock's session."""
        (account,) = fetch(self.conn, "sim_account", Account, **self._at_session())
        return account

    def positions(self) -> Sequence[Position]:
        """Symbols held after the clock's session."""
        return fetch(self.conn, "sim_positions", Position, **self._at_session())

    def asset(self, symbol: str) -> Asset:
        """Any symbol that has traded, in any fraction."""
        known = fetch_value(
            self.conn, "has_bars", symbol=symbol, session=self.clock.session
        )
        return Asset(trouble=None if known else f"{symbol} has never traded")

    def orders_since(self, since: datetime) -> Sequence[BrokerOrder]:
        """Orders submitted from a moment up to the clock, oldest first."""
        return self._booked(since=since)

    def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """The order booked under a client order id, whenever it came in."""
        found = self._booked(client_order_id=client_order_id)
        return found[0] if found else None

    def submit(self, order: NewOrder) -> BrokerOrder:
        """Book an order; `DuplicateOrderError` when its client order id is known."""
        booked = fetch_value(
            self.conn,
            "book_order",
            account_id=ACCOUNT_ID,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            qty=order.qty,
            now=self.clock.now,
            session=self.clock.session,
        )
        if booked is None:
            raise DuplicateOrderError("client_order_id must be unique")
        (answer,) = self._booked(client_order_id=order.client_order_id)
        return answer

    def _booked(
        self, since: datetime | None = None, client_order_id: str | None = None
    ) -> list[BrokerOrder]:
        return fetch(
            self.conn,
            "booked_orders",
            BrokerOrder,
            **self._at_session(),
            now=self.clock.now,
            since=since,
            client_order_id=client_order_id,
        )

    def _at_session(self) -> dict[str, object]:
        return {"account_id": ACCOUNT_ID, "session": self.clock.session}


@dataclass(frozen=True, slots=True)
class _DueOrder:
    broker_order_id: UUID
    symbol: str
    side: Side
    qty: Decimal
    submitted_session: date
    session_date: date
    opens_at: datetime
    price: Decimal | None
    value: Decimal | None
    commission: Decimal | None


def open_dry_run(conn: Connection, settings: Settings, clock: Clock) -> DryRunBroker:
    """The broker at a clock: account open, orders that were due by then settled.

    The connection must be in autocommit mode and not the executor's own: what
    the broker has booked stays booked, whatever becomes of the executor.
    """
    run(
        conn,
        "open_account",
        account_id=ACCOUNT_ID,
        starting_cash=settings.starting_cash,
        now=clock.now,
    )
    with conn.transaction():
        run(conn, "lock_account", account_id=ACCOUNT_ID)
        due = fetch(
            conn,
            "due_orders",
            _DueOrder,
            account_id=ACCOUNT_ID,
            now=clock.now,
            session=clock.session,
            slippage_bps=settings.slippage_bps,
            commission_bps=settings.commission_bps,
        )
        for order in due:
            _close(conn, order)
    return DryRunBroker(conn, settings, clock)


def _close(conn: Connection, order: _DueOrder) -> None:
    status, reason = _outcome(conn, order)
    is_filled = status == "filled"
    run(
        conn,
        "close_order",
        broker_order_id=order.broker_order_id,
        status=status,
        reason=reason,
        session=order.session_date,
        filled_at=order.opens_at if is_filled else None,
        price=order.price if is_filled else None,
        commission=order.commission if is_filled else Decimal(0),
    )


def _outcome(conn: Connection, order: _DueOrder) -> tuple[str, str | None]:
    if order.value is None or order.commission is None:
        return "expired", f"{order.symbol} did not trade on {order.session_date}"
    at = {"account_id": ACCOUNT_ID, "session": order.session_date}
    if order.side == "buy":
        cost = order.value + order.commission
        cash = fetch_value(conn, "least_cash", **at)
        if cost > cash:
            return "rejected", f"cash: {cost:,.2f} needed, {cash:,.2f} there"
    else:
        terms = {"symbol": order.symbol, "submitted_session": order.submitted_session}
        held = fetch_value(conn, "held_qty", **terms, **at) or Decimal(0)
        if order.qty > held:
            return "rejected", f"shares: {order.qty:f} to sell, {held:f} held"
    return "filled", None
