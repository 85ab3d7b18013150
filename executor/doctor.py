"""Doctor: what stands between the desk and an order, found without sending any."""

from collections.abc import Iterator
from dataclasses import dataclass

from desk.calendar import Clock
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from executor.broker import Broker
from executor.execute import opened_broker
from executor.ledger import (
    CLIENT_ORDER_ID_PREFIX,
    known_orders,
    orders_of,
    read_control,
)
from executor.reconcile import LISTED_BACK
from executor.records import money
from executor.statements import Connection

RETRY_BROKER = (
    "mend what it says, or trade nothing for real: `export DESK_BROKER=dry-run`"
)
ASK_BROKER = "`desk execute` asks the broker again"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, whether it is as it should be, and else how to mend it."""

    what: str
    told: str
    is_well: bool = True
    advice: str = ""


def examine(settings: Settings, database: Database, clock: Clock) -> list[Finding]:
    """Everything worth knowing before the next pass; no order is sent or changed."""
    with database.connect("executor", autocommit=True) as conn:
        findings = list(_desk(conn, settings, clock))
        try:
            with opened_broker(settings, database, clock) as broker:
                findings += _broker(conn, broker, settings, clock)
        except DeskError as broken:
            findings.append(Finding("broker", str(broken), False, RETRY_BROKER))
    return findings


def _desk(conn: Connection, settings: Settings, clock: Clock) -> Iterator[Finding]:
    yield Finding("clock", f"{clock.now:%Y-%m-%d %H:%M} UTC, session {clock.session}")
    control = read_control(conn)
    if control.kill == "off":
        yield Finding("kill switch", "off")
    else:
        told = f"{control.kill}: {control.reason}"
        yield Finding("kill switch", told, False, "if you have looked: `desk resume`")
    if control.replay_from is not None:
        told = f"stopped at {control.replay_from}"
        yield Finding("replay", told, False, "`desk run` finishes it")
    traded = ", ".join(settings.traded_strategies) or "all"
    yield Finding("strategies", f"{traded} may trade")


def _broker(
    conn: Connection, broker: Broker, settings: Settings, clock: Clock
) -> Iterator[Finding]:
    account = broker.account()
    yield Finding("broker", f"{settings.broker} answers")
    told = f"{broker.account_id}, {money(account.cash)} cash of {money(account.equity)}"
    if account.trouble:
        told = f"{told}, but {account.trouble}"
        yield Finding("account", told, False, "see the account at the broker")
    else:
        yield Finding("account", told)
    listed = {o.client_order_id for o in broker.orders_since(clock.now - LISTED_BACK)}
    ours = [name for name in listed if name.startswith(CLIENT_ORDER_ID_PREFIX)]
    lost = set(ours) - set(known_orders(conn, broker.account_id, ours))
    for name in sorted(lost):
        told = f"doesn't know the broker's {name}"
        advice = "look at it at the broker, then `desk resume` takes it over"
        yield Finding("ledger", told, False, advice)
    live = orders_of(conn, broker.account_id, clock, ["open", "partially_filled"])
    for order in live:
        name = order.client_order_id
        if name not in listed and broker.find_order(name) is None:
            told = f"{order.signal_key} is not at the broker"
            yield Finding("ledger", told, False, ASK_BROKER)
    for order in orders_of(conn, broker.account_id, clock, ["submitting"]):
        told = f"sent {order.attempts} times, outcome unknown"
        yield Finding("order", f"{order.signal_key} {told}", False, ASK_BROKER)
    yield Finding("ledger", f"{len(live)} live orders, {len(ours)} ours at the broker")
