"""The simulated broker's sums, against sums done by hand and by a plain walk."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from desk.calendar import sessions_between
from desk.settings import Settings
from executor.dry_run import open_dry_run
from executor.execute import execute
from executor.publish import publish
from executor.replay import replay
from tests.executor.market import (
    FRI,
    MON,
    THU,
    TUE,
    WED,
    WEEK,
    Market,
    Row,
    evening,
    free_settings,
)

CENT = Decimal("0.01")
IBM = {MON: (99.0, 100.0), TUE: (101.0, 102.0), WED: (103.0, 104.0)}


def run_desk(market: Market, settings: Settings, *days: date) -> None:
    for day in days:
        publish(market.database, evening(day))
        execute(settings, market.database, evening(day))


def equity(market: Market) -> list[tuple[object, ...]]:
    return market.rows(
        "select session_date, cash, position_value, equity"
        " from trading.account_equity order by session_date"
    )


def test_a_round_trip_pays_slippage_and_commission_to_the_cent(
    market: Market, settings: Settings
) -> None:
    market.bars("IBM", IBM)
    market.signal("IBM", MON, "buy", 100)
    market.signal("IBM", TUE, "sell", 102)

    run_desk(market, settings, MON, TUE, WED)

    # Buy 95 at 101 + 5 bps = 101.0505: 9,599.80, commission 1 bps: 0.96.
    # Sell 95 at 103 - 5 bps = 102.9485: 9,780.11, commission 1 bps: 0.98.
    assert market.rows(
        "select qty, filled_avg_price, commission from trading.sim_orders"
        " order by sequence"
    ) == [
        (95, Decimal("101.0505"), Decimal("0.96")),
        (95, Decimal("102.9485"), Decimal("0.98")),
    ]
    assert equity(market) == [
        (MON, 100_000, 0, 100_000),
        (TUE, Decimal("90399.24"), 9_690, Decimal("100089.24")),
        (WED, Decimal("100178.37"), 0, Decimal("100178.37")),
    ]


def test_the_ledger_has_the_brokers_fills(market: Market, settings: Settings) -> None:
    market.bars("IBM", IBM)
    market.signal("IBM", MON, "buy", 100)

    run_desk(market, settings, MON, TUE)

    assert market.rows(
        "select filled_qty, filled_avg_price, filled_at = opens_at from trading.orders,"
        f" raw.exchange_sessions where session_date = '{TUE}'"
    ) == [(95, Decimal("101.0505"), True)]


@pytest.mark.parametrize(
    ("ratio", "qty", "close"), [(2, 190, 50), (0.1, Decimal("9.5"), 1000)]
)
def test_a_split_while_holding_multiplies_the_shares_and_keeps_the_value(
    market: Market, settings: Settings, ratio: float, qty: Decimal, close: int
) -> None:
    market.flat_bars("AAPL", 100, (MON, TUE))
    market.flat_bars("AAPL", close, (WED, THU))
    market.action("AAPL", WED, "split", ratio)
    market.signal("AAPL", MON, "buy", 100)
    market.signal("AAPL", WED, "sell", close)

    run_desk(market, free_settings(settings), MON, TUE, WED, THU)

    assert market.rows(
        "select session_date, qty, market_value from trading.positions order by 1"
    ) == [(TUE, 95, 9_500), (WED, qty, 9_500)]
    assert market.orders()[1] == ("AAPL", "sell", qty, "filled", None)
    assert equity(market)[-1] == (THU, 100_000, 0, 100_000)


def test_a_split_between_order_and_fill_changes_no_value(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("AAPL", 100, (MON,))
    market.flat_bars("AAPL", 50, (TUE, WED))
    market.flat_bars("AAPL", 25, (THU,))
    market.action("AAPL", TUE, "split", 2)
    market.action("AAPL", THU, "split", 2)
    market.signal("AAPL", MON, "buy", 100)
    market.signal("AAPL", WED, "sell", 50)

    run_desk(market, free_settings(settings), MON, TUE, WED, THU)

    assert market.rows(
        "select session_date, qty, market_value from trading.positions order by 1"
    ) == [(TUE, 190, 9_500), (WED, 190, 9_500)]
    assert equity(market)[-1] == (THU, 100_000, 0, 100_000)


def test_a_split_in_thirds_leaves_no_dust_behind(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("AAPL", 100, (MON, TUE))
    market.flat_bars("AAPL", 300, (WED, THU))
    market.action("AAPL", WED, "split", 1 / 3)
    market.signal("AAPL", MON, "buy", 100)
    market.signal("AAPL", WED, "sell", 300)

    run_desk(market, free_settings(settings), MON, TUE, WED, THU)

    assert [order[3] for order in market.orders()] == ["filled", "filled"]
    assert equity(market)[-1] == (THU, 100_000, 0, 100_000)


@pytest.mark.parametrize(
    ("ex_date", "cash"),
    [(TUE, 100_000), (WED, Decimal("100047.50")), (THU, Decimal("100047.50"))],
)
def test_a_dividend_is_paid_on_shares_held_before_the_ex_date(
    market: Market, settings: Settings, ex_date: date, cash: Decimal
) -> None:
    # 95 shares, bought at Tuesday's open and sold at Thursday's.
    market.flat_bars("IBM", 100)
    market.action("IBM", ex_date, "dividend", 0.5)
    market.signal("IBM", MON, "buy", 100)
    market.signal("IBM", WED, "sell", 100)

    run_desk(market, free_settings(settings), MON, TUE, WED, THU, FRI)

    assert equity(market)[-1] == (FRI, cash, 0, cash)


def test_a_buy_without_the_cash_at_the_open_is_rejected(
    market: Market, settings: Settings
) -> None:
    market.bars("IBM", {MON: (100, 100), TUE: (120, 120)})
    market.signal("IBM", MON, "buy", 100)
    settings = settings.model_copy(update={"position_weight": Decimal(1)})

    run_desk(market, free_settings(settings), MON, TUE)

    assert market.orders() == [
        ("IBM", "buy", 952, "rejected", "cash: 114,240.00 needed, 100,000.00 there")
    ]
    assert equity(market)[-1] == (TUE, 100_000, 0, 100_000)


def test_an_order_for_a_symbol_that_does_not_trade_expires(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("AAPL", 100)
    market.flat_bars("IBM", 100, (MON,))
    market.signal("IBM", MON, "buy", 100)

    run_desk(market, settings, MON, TUE)

    assert market.orders() == [
        ("IBM", "buy", 95, "expired", "IBM did not trade on 2013-02-05")
    ]


def test_an_order_waits_while_the_sessions_bars_have_not_been_loaded(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("IBM", 100, (MON,))
    market.signal("IBM", MON, "buy", 100)
    run_desk(market, settings, MON, TUE)
    before = market.orders()
    market.flat_bars("IBM", 100, (TUE,))

    run_desk(market, settings, TUE)

    assert before == [("IBM", "buy", 95, "open", None)]
    assert market.orders() == [("IBM", "buy", 95, "filled", None)]


def test_the_broker_shows_its_book_as_it_stood_at_the_clock(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("IBM", 100)
    market.signal("IBM", MON, "buy", 100)
    run_desk(market, free_settings(settings), MON, TUE, WED)
    with market.database.connect("executor", autocommit=True) as conn:
        monday = open_dry_run(conn, settings, evening(MON))
        friday_before = open_dry_run(conn, settings, evening(date(2013, 2, 1)))
        long_ago = evening(MON).now - timedelta(days=30)

        (order,) = monday.orders_since(long_ago)

        assert (order.status, order.filled_qty) == ("new", Decimal(0))
        assert not monday.positions()
        assert monday.account().cash == 100_000
        assert friday_before.orders_since(long_ago) == []


def test_a_missing_bar_values_a_position_at_its_last_close(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("AAPL", 100)
    market.bars("IBM", {MON: (100, 100), TUE: (100, 110), THU: (100, 120)})
    market.signal("IBM", MON, "buy", 100)

    run_desk(market, free_settings(settings), MON, TUE, WED, THU)

    assert market.rows(
        "select session_date, close, market_value from trading.positions order by 1"
    ) == [(TUE, 110, 10_450), (WED, 110, 10_450), (THU, 120, 11_400)]


@pytest.mark.parametrize("seed", range(3))
def test_equity_is_cash_plus_positions_on_every_session(
    market: Market, settings: Settings, seed: int
) -> None:
    days = [s.session_date for s in sessions_between(date(2013, 1, 2), WEEK[-1])]
    closes, actions = random_market(market, days, random.Random(seed))  # noqa: S311

    replay(settings, market.database, evening(days[-1]), len(days))

    fills = market.rows(
        "select symbol, closed_session, submitted_session, side, qty,"
        " filled_avg_price, commission from trading.sim_orders"
        " where status = 'filled'"
    )
    assert len(fills) > 10
    assert equity(market) == walked_equity(days, closes, actions, fills)


Actions = dict[date, list[tuple[str, str, Decimal]]]
Closes = dict[str, dict[date, Decimal]]


def random_market(
    market: Market, days: list[date], chance: random.Random
) -> tuple[Closes, Actions]:
    """Prices, splits, dividends and signals without sense."""
    closes: Closes = {}
    actions: Actions = defaultdict(list)
    for symbol in ("AAPL", "IBM", "MSFT"):
        price, prices = 100.0, {}
        for day in days:
            if chance.random() < 0.15:
                ratio = chance.choice([2, 3, 0.5, 1.5])
                actions[day].append((symbol, "split", Decimal(str(ratio))))
                market.action(symbol, day, "split", ratio)
                price /= ratio
            if chance.random() < 0.15:
                actions[day].append((symbol, "dividend", Decimal("0.37")))
                market.action(symbol, day, "dividend", 0.37)
            opened = round(price * chance.uniform(0.97, 1.03), 2)
            price = round(opened * chance.uniform(0.97, 1.03), 2)
            prices[day] = (opened, price)
            if chance.random() < 0.5:
                market.signal(symbol, day, chance.choice(["buy", "sell"]), price)
        market.bars(symbol, prices)
        closes[symbol] = {
            day: Decimal(str(close)) for day, (_, close) in prices.items()
        }
    return closes, actions


def walked_equity(
    days: list[date],
    closes: Closes,
    actions: Actions,
    fills: list[Row],
) -> list[tuple[date, Decimal, Decimal, Decimal]]:
    """The same sums day by day, the way a bookkeeper would."""
    cash, shares = Decimal(100_000), defaultdict[str, Decimal](Decimal)
    told = []
    for day in days:
        splits = {s: ratio for s, kind, ratio in actions[day] if kind == "split"}
        for symbol, ratio in splits.items():
            shares[symbol] *= ratio
        for symbol, kind, amount in actions[day]:
            if kind == "dividend":
                cash += (shares[symbol] * amount).quantize(CENT, ROUND_HALF_UP)
        for symbol, filled_on, ordered_on, side, qty, price, commission in fills:
            if filled_on == day:
                assert ordered_on == days[days.index(day) - 1]
                sign = 1 if side == "buy" else -1
                shares[symbol] += sign * qty * splits.get(symbol, Decimal(1))
                cash -= sign * (qty * price).quantize(CENT, ROUND_HALF_UP) + commission
        value = sum(
            (
                (held * closes[s][day]).quantize(CENT, ROUND_HALF_UP)
                for s, held in shares.items()
            ),
            Decimal(0),
        )
        told.append((day, cash, value, cash + value))
    return told
