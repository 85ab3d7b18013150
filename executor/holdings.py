"""What is known of an account besides its orders: holdings, marks, snapshots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from desk.calendar import NEW_YORK, Clock
from executor.broker import Account, Position
from executor.statements import Connection, fetch, fetch_value, run


@dataclass(frozen=True, slots=True)
class _Holding:
    strategy: str
    symbol: str
    qty: Decimal


@dataclass(frozen=True, slots=True)
class _Mark:
    symbol: str
    rule: str
    bar_date: date
    value: float


def orders_of_the_day(conn: Connection, account_id: str, clock: Clock) -> int:
    """Orders decided since midnight in New York."""
    midnight = datetime.combine(clock.now.astimezone(NEW_YORK), time(), NEW_YORK)
    count: int = fetch_value(
        conn, "orders_between", account_id=account_id, since=midnight, now=clock.now
    )
    return count


def strategy_holdings(
    conn: Connection, account_id: str, clock: Clock
) -> dict[tuple[str, str], Decimal]:
    """Shares by strategy and symbol that the strategy's own fills left it with."""
    rows = fetch(
        conn,
        "strategy_holdings",
        _Holding,
        account_id=account_id,
        now=clock.now,
        session=clock.session,
    )
    return {(row.strategy, row.symbol): row.qty for row in rows}


def marked_symbols(conn: Connection) -> dict[str, str]:
    """What the quality gate holds against each symbol, whatever the clock.

    A replay, too, knows today which bars are wrong.
    """
    return {
        mark.symbol: f"{mark.rule} on {mark.bar_date} ({mark.value:.3g})"
        for mark in fetch(conn, "marked_symbols", _Mark)
    }


def keep_snapshot(
    conn: Connection,
    account_id: str,
    account: Account,
    positions: Sequence[Position],
    clock: Clock,
) -> None:
    """Remember how the broker showed the account, one picture a session."""
    at = {"account_id": account_id, "session": clock.session}
    with conn.transaction():
        kept = run(
            conn,
            "keep_account",
            **at,
            cash=account.cash,
            equity=account.equity,
            buying_power=account.buying_power,
            now=clock.now,
        )
        if kept:
            run(
                conn,
                "keep_positions",
                **at,
                symbols=[held.symbol for held in positions],
                qtys=[held.qty for held in positions],
                market_values=[held.market_value for held in positions],
            )
