"""A dry run is the same desk: same verdicts, reasons and states as at Alpaca."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from desk.settings import Settings
from executor.execute import execute
from executor.publish import publish
from tests.conftest import CopyDatabase
from tests.executor.fake_alpaca import FakeAlpaca, alpaca_settings, running_fake
from tests.executor.market import MON, THU, TUE, WED, Market, evening, free_settings

TOLD = (
    "select signal_key, side, qty, price, state, reason, checks, filled_qty,"
    " filled_avg_price from trading.orders order by signal_key"
)
STEPS = (
    "select signal_key, old_state, new_state, events.filled_qty, events.reason"
    " from trading.order_events as events"
    " inner join trading.orders on events.order_id = orders.id order by event_id"
)
DAYS = (MON, TUE, WED, THU)


def fill_at_the_open(fake: FakeAlpaca) -> None:
    for order in fake.orders:
        if order["status"] == "accepted":
            fake.fill(order["symbol"], order["qty"])


@pytest.fixture
def busy(market: Market) -> Market:
    """Days that end in most of the verdicts there are."""
    for symbol in ("AAPL", "FB", "GOOG", "IBM", "MSFT"):
        market.flat_bars(symbol, 100)
    market.signal("AAPL", MON, "buy", 100)
    market.signal("AAPL", MON, "buy", 100, strategy="rsi_reversal")
    market.signal("IBM", MON, "buy", 100)
    market.signal("MSFT", MON, "buy", float("nan"))
    market.signal("AAPL", TUE, "buy", 100)
    market.signal("FB", TUE, "sell", 100)
    market.signal("GOOG", TUE, "buy", 100, strategy="untraded")
    market.signal("MSFT", TUE, "buy", 1_000_000)
    market.signal("AAPL", WED, "sell", 100)
    market.signal("AAPL", WED, "sell", 100, strategy="rsi_reversal")
    market.signal("GOOG", WED, "buy", 100)
    with market.database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.symbol_marks"
            " (symbol, rule, bar_date, value, detail, marked_at)"
            " values ('GOOG', 'gap', '2013-01-02', 5, 'a gap', now())"
        )
    return market


def run_days(
    market: Market, settings: Settings, before_each: Callable[[], None] = lambda: None
) -> list[object]:
    for day in DAYS:
        before_each()
        publish(market.database, evening(day))
        execute(settings, market.database, evening(day))
    return [market.rows(TOLD), market.rows(STEPS)]


def test_a_dry_run_ends_like_alpaca_and_asks_nobody(
    busy: Market, copies: CopyDatabase, settings: Settings
) -> None:
    settings = free_settings(
        settings,
        traded_strategies=("sma_cross", "rsi_reversal"),
        position_weight=Decimal("0.4"),
    )
    other = Market(copies(busy.database))
    with running_fake() as fake:
        at_alpaca = run_days(
            busy, alpaca_settings(settings, fake), lambda: fill_at_the_open(fake)
        )
        asked = len(fake.asked)
        dry = run_days(other, alpaca_settings(settings, fake, broker="dry-run"))

        assert dry == at_alpaca
        assert asked > 0
        assert len(fake.asked) == asked
    states = {(row[4], (row[5] or "").split(":")[0]) for row in other.rows(TOLD)}
    assert states == {
        ("filled", ""),
        ("blocked", "already buying AAPL"),
        ("blocked", "already holds 380 AAPL"),
        ("blocked", "malformed"),
        ("blocked", "nothing to sell"),
        ("blocked", "size"),
        ("blocked", "strategy"),
        ("blocked", "data quality"),
    }
