"""Stops, targets, gaps and missing bars on candles drawn by hand, without costs."""

from datetime import date, timedelta
from typing import Any

import pytest

from desk.database import Database
from tests.dbt.market import (
    Bar,
    Compiled,
    Costs,
    Exits,
    Market,
    Rows,
    backtested,
    compile_backtest,
    rows,
)

NAME = "sma_cross"  # any strategy: its rule plays no part
Candle = tuple[float, float, float, float]  # open, high, low, close
CALM: Candle = (100, 101, 99, 100)


@pytest.fixture(scope="module")
def compiled(dbt: Any) -> Compiled:
    return compile_backtest(dbt, Costs())


def day(number: int) -> date:
    return date(2020, 1, 1) + timedelta(days=number)


def bars_of(symbol: str, candles: dict[int, Candle]) -> list[Bar]:
    return [Bar(symbol, day(number), *candle) for number, candle in candles.items()]


def trades_of(
    migrated: Database,
    compiled: Compiled,
    candles: list[Candle],
    exits: Exits,
    sides: dict[int, str] | None = None,
) -> Rows:
    """Bought at 100 on the second bar (day 1); the trades of the symbol's account."""
    bars = bars_of("A", dict(enumerate([CALM, *candles])))
    signals = {(NAME, "A", day(n)): s for n, s in ({0: "buy"} | (sides or {})).items()}
    with backtested(migrated, compiled, Market(bars, signals, {NAME: exits})) as conn:
        return rows(
            conn,
            "select * from marts.trades where account = 'symbol' order by entry_date",
        )


BOTH = Exits(stop_loss_pct=5, take_profit_pct=10)
TRAILED = Exits(trailing_stop_pct=10)


@pytest.mark.parametrize(
    ("case", "candles", "exits", "expected"),
    [
        ("stop", [CALM, (98, 99, 94, 96)], BOTH, (2, 95, "stop_loss")),
        ("stop, touched", [CALM, (98, 99, 95, 96)], BOTH, (2, 95, "stop_loss")),
        ("gap below the stop", [CALM, (90, 97, 88, 96)], BOTH, (2, 90, "stop_loss")),
        ("target", [CALM, (105, 112, 104, 106)], BOTH, (2, 110, "take_profit")),
        ("gap above it", [CALM, (115, 116, 90, 99)], BOTH, (2, 115, "take_profit")),
        ("both in a bar", [CALM, (100, 112, 94, 105)], BOTH, (2, 95, "stop_loss")),
        ("on the entry's bar", [(100, 101, 94, 99)], BOTH, (1, 95, "stop_loss")),
        # 120 is the high before; the day's own 140 comes too late for its stop.
        (
            "trailing stop",
            [(100, 120, 100, 118), (125, 140, 107, 130)],
            TRAILED,
            (2, 108, "trailing_stop"),
        ),
        (
            "held long enough",
            [CALM, CALM, (97, 98, 96, 97)],
            Exits(max_holding_bars=2),
            (3, 97, "max_bars"),
        ),
    ],
)
def test_a_trade_ends_where_the_candle_says(
    migrated: Database,
    compiled: Compiled,
    case: str,
    candles: list[Candle],
    exits: Exits,
    expected: tuple[int, float, str],
) -> None:
    (trade,) = trades_of(migrated, compiled, candles, exits)
    assert trade["entry_date"] == day(1)
    assert trade["exit_date"] == day(expected[0])
    assert trade["exit_price"] == pytest.approx(expected[1])
    assert trade["exit_reason"] == expected[2]
    assert trade["exit_signal_key"] is None


SHORT = Exits(stop_loss_pct=5, take_profit_pct=10, has_shorts=True)


@pytest.mark.parametrize(
    ("case", "candles", "exits", "expected"),
    [
        ("stop", [CALM, (102, 106, 101, 104)], SHORT, (2, 105, "stop_loss")),
        ("stop, touched", [CALM, (102, 105, 101, 104)], SHORT, (2, 105, "stop_loss")),
        (
            "gap above the stop",
            [CALM, (110, 112, 98, 99)],
            SHORT,
            (2, 110, "stop_loss"),
        ),
        ("target", [CALM, (95, 96, 88, 94)], SHORT, (2, 90, "take_profit")),
        ("gap below it", [CALM, (85, 99, 84, 98)], SHORT, (2, 85, "take_profit")),
        ("both in a bar", [CALM, (100, 106, 88, 95)], SHORT, (2, 105, "stop_loss")),
        ("on the entry's bar", [(100, 106, 99, 101)], SHORT, (1, 105, "stop_loss")),
        # 80 is the low before; the day's own 60 comes too late for its stop.
        (
            "trailing stop",
            [(100, 100, 80, 82), (75, 89, 60, 70)],
            Exits(trailing_stop_pct=10, has_shorts=True),
            (2, 88, "trailing_stop"),
        ),
        (
            "margin call",
            [CALM, (150, 155, 149, 151)],
            Exits(has_shorts=True),
            (2, 200 / 1.3, "margin_call"),
        ),
        (
            "gap beyond the margin",
            [CALM, (230, 240, 220, 230)],
            Exits(has_shorts=True),
            (2, 230, "margin_call"),
        ),
        (
            "owed long enough",
            [CALM, CALM, (97, 98, 96, 97)],
            Exits(max_holding_bars=2, has_shorts=True),
            (3, 97, "max_bars"),
        ),
    ],
)
def test_a_short_ends_where_the_candle_says(
    migrated: Database,
    compiled: Compiled,
    case: str,
    candles: list[Candle],
    exits: Exits,
    expected: tuple[int, float, str],
) -> None:
    (trade,) = trades_of(migrated, compiled, candles, exits, {0: "sell"})
    assert (trade["side"], trade["entry_date"]) == ("short", day(1))
    assert trade["exit_date"] == day(expected[0])
    assert trade["exit_price"] == pytest.approx(expected[1])
    assert trade["exit_reason"] == expected[2]
    assert trade["qty"] == pytest.approx(100)
    assert trade["pnl"] == pytest.approx(100 * (100 - expected[1]))


def test_an_opposite_signal_turns_the_position_at_one_open(
    migrated: Database, compiled: Compiled
) -> None:
    candles = [CALM, (110, 111, 109, 110), (88, 89, 87, 88)]
    sides = {1: "sell", 2: "buy"}
    trades = trades_of(migrated, compiled, candles, Exits(has_shorts=True), sides)
    told = [(t["side"], t["entry_price"], t["exit_price"]) for t in trades]
    assert told == [("long", 100, 110), ("short", 110, 88)]
    assert [trade["exit_reason"] for trade in trades] == ["signal", "signal"]
    assert [trade["pnl"] for trade in trades] == pytest.approx([1_000, 2_200])


def test_a_sell_opens_nothing_unless_the_strategy_has_shorts(
    migrated: Database, compiled: Compiled
) -> None:
    assert trades_of(migrated, compiled, [CALM] * 3, BOTH, {0: "sell", 1: "buy"}) == []


def test_a_shorts_account_shows_its_proceeds_and_what_it_owes(
    migrated: Database, compiled: Compiled
) -> None:
    bars = bars_of("A", {0: CALM, 1: CALM, 2: (95, 96, 89, 90)})
    market = Market(bars, {(NAME, "A", day(0)): "sell"}, {NAME: Exits(has_shorts=True)})
    with backtested(migrated, compiled, market) as conn:
        curve = rows(
            conn,
            "select cash, position_value from marts.equity_curve "
            f"where strategy = '{NAME}' and symbol = 'A' order by bar_date",
        )
    assert [(row["cash"], row["position_value"]) for row in curve] == [
        (10_000, 0),
        (20_000, -10_000),
        (20_000, -9_000),
    ]


def test_a_sell_signals_open_comes_before_that_bars_stop(
    migrated: Database, compiled: Compiled
) -> None:
    candles = [CALM, (90, 91, 80, 85)]
    (trade,) = trades_of(migrated, compiled, candles, BOTH, {1: "sell"})
    assert (trade["exit_reason"], trade["exit_price"]) == ("signal", 90)
    assert trade["exit_signal_key"] == f"{NAME}|A|{day(1)}"


def test_after_a_stop_the_next_buy_counts_and_one_before_it_does_not(
    migrated: Database, compiled: Compiled
) -> None:
    candles = [CALM, (98, 99, 94, 96), CALM, (98, 99, 94, 96)]
    trades = trades_of(migrated, compiled, candles, BOTH, {1: "buy", 2: "buy"})
    assert [trade["entry_date"] for trade in trades] == [day(1), day(3)]
    assert [trade["exit_date"] for trade in trades] == [day(2), day(4)]


def test_a_symbol_that_ends_keeps_its_last_value_and_never_trades_again(
    migrated: Database, compiled: Compiled
) -> None:
    """A is bought on day 1, misses day 2, and has no bar after day 3."""
    ended = bars_of("A", {0: CALM, 1: CALM, 3: (100, 121, 99, 120)})
    lives = bars_of("B", dict.fromkeys(range(6), CALM))
    sides = {
        (NAME, "A", day(0)): "buy",
        (NAME, "A", day(3)): "sell",
        (NAME, "B", day(5)): "buy",
    }
    with backtested(migrated, compiled, Market([*ended, *lives], sides)) as conn:
        assert rows(conn, "select * from marts.trades") == []
        curve = rows(
            conn,
            "select bar_date, cash, position_value from marts.equity_curve "
            f"where strategy = '{NAME}' and symbol = 'portfolio' order by bar_date",
        )
    values = [0, 5_000, 5_000, 6_000, 6_000, 6_000]
    assert [row["position_value"] for row in curve] == values
    assert [row["cash"] for row in curve] == [10_000] + [5_000] * 5


def test_when_cash_or_slots_are_short_the_key_decides_who_buys(
    migrated: Database, compiled: Compiled
) -> None:
    """Half the equity each, two positions at most: C comes too late."""
    bars = [
        bar
        for symbol in "ABC"
        for bar in bars_of(symbol, dict.fromkeys(range(3), CALM))
    ]
    sides = {(NAME, symbol, day(0)): "buy" for symbol in "CBA"}
    with backtested(migrated, compiled, Market(bars, sides)) as conn:
        outcomes = rows(
            conn,
            "select symbol, outcome, entry_value from intermediate.int_positions "
            f"where account = 'portfolio' and strategy = '{NAME}' order by symbol",
        )
    assert [(r["symbol"], r["outcome"], r["entry_value"]) for r in outcomes] == [
        ("A", "filled", 5_000),
        ("B", "filled", 5_000),
        ("C", "no slot", None),
    ]
