"""The dry-run broker behind a wire that fails, one call at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from executor.broker import (
    Account,
    Asset,
    Broker,
    BrokerOrder,
    BrokerUnclearError,
    NewOrder,
    OrderRefusedError,
    Position,
)

Submit = Callable[[Broker, NewOrder], BrokerOrder]


def answers(broker: Broker, order: NewOrder) -> BrokerOrder:
    return broker.submit(order)


def lost_before_booking(broker: Broker, order: NewOrder) -> BrokerOrder:
    raise BrokerUnclearError("timed out")


def lost_after_booking(broker: Broker, order: NewOrder) -> BrokerOrder:
    broker.submit(order)
    raise BrokerUnclearError("timed out")


def refuses(broker: Broker, order: NewOrder) -> BrokerOrder:
    raise OrderRefusedError("asset is not tradable")


def refuses_what_it_booked(broker: Broker, order: NewOrder) -> BrokerOrder:
    broker.submit(order)
    raise OrderRefusedError("client_order_id must be unique")


@dataclass(slots=True)
class UnreliableBroker:
    """Does as `faults` say, call by call, and then as the real one."""

    real: Broker
    faults: list[Submit] = field(default_factory=list)
    submitted: list[NewOrder] = field(default_factory=list)
    is_blind: bool = False

    @property
    def account_id(self) -> str:
        return self.real.account_id

    @property
    def lease_seconds(self) -> float:
        return self.real.lease_seconds

    def asset(self, symbol: str) -> Asset:
        return self.real.asset(symbol)

    def account(self) -> Account:
        return self.real.account()

    def positions(self) -> Sequence[Position]:
        return self.real.positions()

    def orders_since(self, since: datetime) -> Sequence[BrokerOrder]:
        return [] if self.is_blind else self.real.orders_since(since)

    def find_order(self, client_order_id: str) -> BrokerOrder | None:
        if self.is_blind:
            raise BrokerUnclearError("timed out")
        return self.real.find_order(client_order_id)

    def submit(self, order: NewOrder) -> BrokerOrder:
        self.submitted.append(order)
        fault = self.faults.pop(0) if self.faults else answers
        return fault(self.real, order)
