"""Steps that must not happen can't, whoever writes to the ledger."""

import pytest
from psycopg import errors

from desk.settings import Settings
from executor.execute import execute
from executor.publish import publish
from tests.executor.market import MON, Market, evening

STATES = (
    "blocked",
    "submitting",
    "open",
    "partially_filled",
    "filled",
    "canceled",
    "expired",
    "rejected",
    "abandoned",
)
REFUSED = (errors.RaiseException, errors.CheckViolation, errors.NotNullViolation)
BOOKED = "attempts = 1, last_attempt_at = now(), broker_order_id = 'b-1'"
LEGAL = {
    "submitting": {*STATES} - {"blocked"},
    "open": {
        "open",
        "partially_filled",
        "filled",
        "canceled",
        "expired",
        "rejected",
    },
    "partially_filled": {
        "partially_filled",
        "filled",
        "canceled",
        "expired",
        "rejected",
    },
    "abandoned": {
        "abandoned",
        "open",
        "partially_filled",
        "filled",
        "canceled",
        "expired",
        "rejected",
    },
    "blocked": {"blocked"},
    "filled": {"filled"},
    "canceled": {"canceled"},
    "expired": {"expired"},
}


@pytest.fixture
def claimed(market: Market) -> Market:
    """A claim that was never sent."""
    market.flat_bars("IBM", 100)
    market.signal("IBM", MON, "buy", 100)
    publish(market.database, evening(MON))
    market.run(CLAIM.format(state="submitting", reason="null"))
    return market


CLAIM = """
insert into trading.orders (
    account_id, signal_key, client_order_id, signal, strategy, symbol, side, qty,
    price, valid_until, state, reason, created_at, updated_at
)
select
    'sim:test', signal_key,
    'desk-' || left(encode(sha256(convert_to(signal_key, 'UTF8')), 'hex'), 40),
    '{{}}', strategy, symbol, side, 95, 100, valid_until, '{state}', {reason},
    published_at, published_at
from trading.signals
"""


def step(state: str) -> str:
    """A change of state with all that belongs to it."""
    filled = {"filled": 95, "partially_filled": 40}.get(state, "filled_qty")
    unbooked = state in ("blocked", "submitting", "abandoned")
    broker = "broker_order_id = broker_order_id" if unbooked else BOOKED
    return (
        f"update trading.orders set state = '{state}', filled_qty = {filled},"
        f" reason = 'told', {broker}"
    )


@pytest.mark.parametrize("before", LEGAL)
def test_only_the_steps_of_the_design_can_be_written(
    claimed: Market, before: str
) -> None:
    possible = set()
    with claimed.database.connect() as conn:
        if before == "blocked":
            conn.execute("set session_replication_role = replica")
            conn.execute("delete from trading.orders")
            conn.execute("set session_replication_role = origin")
            conn.execute(CLAIM.format(state="blocked", reason="'told'"))
        else:
            conn.execute(step(before))
        for after in STATES:
            try:
                with conn.transaction():
                    conn.execute(step(after))
                    possible.add(after)
                    raise InterruptedError  # undo it
            except (InterruptedError, *REFUSED):
                continue

    # A filled quantity that shrinks is refused whatever the state.
    assert possible == LEGAL[before]


@pytest.mark.parametrize(
    "change",
    [
        "attempts = 2",
        "attempts = -1",
        "attempts = 1",  # without its time
        "broker_order_id = 'b-1'",  # never sent
        "filled_qty = 1",  # not at the broker
        "qty = 96",
        "price = 1",
        "side = 'sell'",
        "symbol = 'MSFT'",
        "strategy = 'other'",
        "account_id = 'alpaca:other'",
        "valid_until = now()",
        "checks = '{none}'",
        "client_order_id = 'desk-1'",
        "state = 'filled', filled_qty = 94, " + BOOKED,
        "state = 'open'",  # without the broker's id
        "state = 'rejected'",  # without a reason
    ],
)
def test_what_was_decided_and_what_was_never_sent_can_not_be_rewritten(
    claimed: Market, change: str
) -> None:
    with pytest.raises(REFUSED):
        claimed.run(f"update trading.orders set {change}")


@pytest.mark.parametrize(
    "change", ["filled_qty = 39", "broker_order_id = 'b-2'", "attempts = 3"]
)
def test_what_the_broker_said_does_not_shrink_or_change(
    claimed: Market, change: str
) -> None:
    claimed.run(step("partially_filled"))

    with pytest.raises(REFUSED):
        claimed.run(f"update trading.orders set {change}")


@pytest.mark.parametrize(
    "statement",
    [
        "delete from trading.orders",
        "truncate trading.orders cascade",
        "delete from trading.order_events",
        "update trading.order_events set reason = 'x'",
        "delete from trading.signals",
    ],
)
def test_nothing_is_ever_taken_out_not_even_by_a_superuser(
    claimed: Market, statement: str
) -> None:
    with claimed.database.connect() as conn, pytest.raises(errors.RaiseException):
        conn.execute(statement)


@pytest.mark.parametrize("state", ["open", "filled", "rejected", "abandoned"])
def test_an_order_begins_as_a_claim(claimed: Market, state: str) -> None:
    with pytest.raises(REFUSED):
        claimed.run(
            CLAIM.format(state=state, reason="'x'").replace("sim:test", "sim:other")
        )


def test_an_id_that_is_not_derived_from_its_signal_is_refused(claimed: Market) -> None:
    with pytest.raises(errors.CheckViolation, match="the_id_is_derived"):
        claimed.run(
            CLAIM.format(state="submitting", reason="null")
            .replace("sim:test", "sim:other")
            .replace("'desk-' ||", "'desk-x' ||")
        )


def test_an_event_is_written_for_each_attempt_and_answer(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("IBM", 100)
    market.signal("IBM", MON, "buy", 100)
    publish(market.database, evening(MON))
    execute(settings, market.database, evening(MON))

    assert market.rows(
        "select count(*), max(attempts), max(answer) from trading.order_events"
    ) == [(3, 1, "new")]
