"""Whatever dies, and wherever: running again ends as if nothing had happened."""

from itertools import count

import pytest

from desk.database import Database
from desk.settings import Settings
from executor.execute import execute
from executor.publish import publish
from executor.replay import replay, resume_replay
from tests.crashes import SavedTables, Work, killed_at
from tests.executor.market import MON, TUE, WED, Market, Row, evening

TABLES = (
    "select signal_key, side, published_at, valid_until from trading.signals",
    "select * from trading.published_sessions",
    "select * from trading.control",
    "select account_id, signal_key, client_order_id, side, qty, price, state, reason,"
    " broker_order_id, filled_qty, filled_avg_price, filled_at, created_at, updated_at"
    " from trading.orders",
    "select orders.signal_key, old_state, new_state, events.filled_qty, events.reason,"
    " happened_at from trading.order_events as events"
    " inner join trading.orders on events.order_id = orders.id"
    " where old_state is distinct from new_state",
    "select account_id, starting_cash, opened_at from trading.sim_accounts",
    "select broker_order_id, account_id, client_order_id, symbol, side, qty, status,"
    " submitted_at, filled_at, filled_avg_price, commission from trading.sim_orders",
    "select * from trading.account_equity",
    "select * from trading.account_snapshots",
    "select * from trading.position_snapshots",
)


def state_of(market: Market) -> list[list[Row]]:
    """All the desk wrote; without counters, and attempts, which tell of deaths."""
    return [sorted(market.rows(table), key=repr) for table in TABLES]


def trade_tuesday(database: Database) -> None:
    settings = Settings(_env_file=None)
    publish(database, evening(TUE))
    execute(settings, database, evening(TUE))


def walk_three_sessions(database: Database) -> None:
    settings = Settings(_env_file=None)
    if resume_replay(settings, database, evening(WED)) is None:
        replay(settings, database, evening(WED), 3)


@pytest.fixture
def market(market: Market) -> Market:
    """Entries on Monday; on Tuesday an exit, an entry and one without cash."""
    for symbol in ("AAPL", "IBM", "MSFT"):
        market.flat_bars(symbol, 100)
    market.signal("AAPL", MON, "buy", 100)
    market.signal("AAPL", TUE, "sell", 100)
    market.signal("IBM", TUE, "buy", 100)
    market.signal("MSFT", TUE, "buy", 1_000_000)
    return market


def differences(market: Market, work: Work, every: int) -> tuple[int, list[int]]:
    """Kill the work at every n-th step and do it again; steps tried, and those
    after which the desk is not as an undisturbed run leaves it."""
    saved = SavedTables(market.database, "trading")
    work(market.database)
    expected = state_of(market)
    wrong: list[int] = []
    for step in count(1, every):
        saved.restore()
        if not killed_at(step, work, market.database):
            return step, wrong
        work(market.database)
        if state_of(market) != expected:
            wrong.append(step)
    raise AssertionError("unreachable")


def test_a_trading_day_killed_at_any_step_ends_the_same_when_run_again(
    market: Market, settings: Settings, one_in: int
) -> None:
    publish(market.database, evening(MON))
    execute(settings, market.database, evening(MON))

    steps, wrong = differences(market, trade_tuesday, every=one_in)

    assert steps > 40
    assert wrong == []


def test_a_replay_killed_at_any_step_ends_the_same_when_resumed(
    market: Market, one_in: int
) -> None:
    steps, wrong = differences(market, walk_three_sessions, every=3 * one_in)

    assert steps > 80
    assert wrong == []
