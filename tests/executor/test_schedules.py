"""Any schedule of lies, fills, halts, restarts and new signals, by Hypothesis.

Whatever happens, in whatever order: one order at the broker for each signal at
most, and a ledger that agrees with the broker once the broker is itself again.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as within
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from desk.calendar import Clock
from desk.errors import DeskError
from desk.settings import Settings
from executor.publish import publish
from tests.crashes import SavedTables
from tests.executor.deaths import one_pass
from tests.executor.fake_alpaca import FAULTS, alpaca_settings, running_fake
from tests.executor.market import MON, Market, evening

SYMBOLS = ("AAPL", "FB", "GOOG", "IBM")
QUICK = [name for name, fault in FAULTS.items() if not fault.hangs]


class Died(BaseException):
    """The pass is gone, in the middle of whatever it did."""


@contextmanager
def dying_at(statement: int) -> Iterator[None]:
    """A pass whose n-th statement is never run."""
    from executor import statements

    text, left = statements.text_of, statement

    def counted(name: str) -> bytes:
        nonlocal left
        left -= 1
        if left == 0:
            raise Died
        return text(name)

    with pytest.MonkeyPatch.context() as patch, suppress(Died):
        patch.setattr(statements, "text_of", counted)
        yield


class Schedule(RuleBasedStateMachine):
    """A desk, its broker, and all that may happen between them."""

    market: Market
    ledger: SavedTables
    base: Settings

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.fake = self.stack.enter_context(running_fake())
        self.desk = alpaca_settings(self.base, self.fake)
        self.now = evening(MON).now

    @initialize()
    def begin(self) -> None:
        self.ledger.restore()

    @rule(statement=st.integers(0, 40), fault=st.sampled_from(QUICK))
    def run(self, statement: int, fault: str) -> None:
        """A pass, that may die, at a broker that may lie."""
        self.fake.faults.clear()
        self.fake.fail(fault)
        with dying_at(statement), suppress(DeskError):
            self.one_pass()

    @rule(symbol=st.sampled_from(SYMBOLS), part=st.integers(1, 95))
    def fill(self, symbol: str, part: int) -> None:
        for order in self.fake.orders:
            is_live = order["status"] in ("accepted", "partially_filled")
            more = Decimal(part) > Decimal(order["filled_qty"])
            if order["symbol"] == symbol and is_live and more:
                self.fake.fill(symbol, str(part))

    @rule(symbol=st.sampled_from(SYMBOLS), end=st.sampled_from(["canceled", "expired"]))
    def end(self, symbol: str, end: str) -> None:
        for order in self.fake.orders:
            if order["symbol"] == symbol and order["status"] != "filled":
                order["status"] = end

    @rule(kill=st.sampled_from(["entries", "all", "off"]))
    def halt(self, kill: str) -> None:
        self.market.run(f"update trading.control set kill = '{kill}', reason = 'x'")

    @rule(status=st.sampled_from([404, 429, 500]), times=st.integers(1, 6))
    def reads_fail(self, status: int, times: int) -> None:
        self.fake.get_faults.extend([status] * times)

    @invariant()
    def one_order_a_signal_and_none_unclaimed(self) -> None:
        booked = [order["client_order_id"] for order in self.fake.orders]
        claimed = self.market.rows("select client_order_id from trading.orders")
        assert len(booked) == len(set(booked))
        assert {(name,) for name in booked} <= set(claimed)

    @invariant()
    def what_was_not_refused_is_not_given_up(self) -> None:
        assert not self.market.rows(
            "select from trading.orders where state = 'rejected'"
            " or (state = 'abandoned' and attempts < 3)"
        )

    @invariant()
    def no_post_without_an_attempt(self) -> None:
        posted = [post["client_order_id"] for post in self.fake.posts]
        told = "select client_order_id, attempts from trading.orders"
        attempts: dict[str, int] = dict(self.market.rows(told))
        assert all(posted.count(name) <= attempts[name] for name in set(posted))

    def teardown(self) -> None:
        """The broker is itself again: the ledger must come to agree with it."""
        self.fake.faults.clear()
        self.fake.get_faults.clear()
        self.halt("off")
        for _ in range(12):
            self.one_pass()
        self.now += timedelta(minutes=20)  # what was tried too often is given up
        self.one_pass()
        truth = {
            (o["client_order_id"], o["id"], Decimal(o["filled_qty"]))
            for o in self.fake.orders
        }
        ledger = self.market.rows(
            "select client_order_id, broker_order_id, filled_qty from trading.orders"
            " where state not in ('blocked', 'abandoned', 'rejected')"
        )
        assert truth == set(ledger)
        assert self.market.rows("select kill from trading.control") == [("off",)]
        self.stack.close()

    def one_pass(self) -> None:
        clock = Clock(self.now, MON)
        one_pass(self.market.database, self.desk, clock)


def test_any_schedule_ends_in_one_order_a_signal_and_an_honest_ledger(
    market: Market, settings: Settings
) -> None:
    for symbol in SYMBOLS:
        market.flat_bars(symbol, 100)
        market.signal(symbol, MON, "buy", 100)
    publish(market.database, evening(MON))
    Schedule.market, Schedule.base = market, settings
    Schedule.ledger = SavedTables(market.database, "trading")
    run_state_machine_as_test(
        Schedule,
        settings=within(
            stateful_step_count=15, suppress_health_check=list(HealthCheck)
        ),
    )
