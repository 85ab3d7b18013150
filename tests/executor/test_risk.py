"""The checks are pure: no database here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as within
from hypothesis import strategies as st

from desk.calendar import Clock
from desk.settings import Settings
from executor.broker import Account, Asset, BrokerOrder, Side
from executor.case import Block, Book, Defer, Place
from executor.records import Control, Order, Signal, State
from executor.risk import decide
from tests.executor.market import MON, THU, TUE, WED, evening

SETTINGS = Settings.model_construct(position_weight=Decimal("0.1"))
OFF = Control("off", None, MON, None, None)
ASSETS = {symbol: Asset() for symbol in ("IBM", "MSFT")}
EMPTY = Book(Account(Decimal(100_000), Decimal(100_000)), {}, {}, (), assets=ASSETS)
BY_HAND = BrokerOrder(
    "1", "hand", "IBM", "buy", Decimal(1), "new", None, Decimal(0), None, None
)
TUESDAY_CLOSE = datetime(2013, 2, 5, 21, tzinfo=UTC)
CLOCK = evening(MON)

BUY = Signal(
    "sma_cross|IBM|2013-02-04",
    "sma_cross",
    "IBM",
    MON,
    "buy",
    Decimal(100),
    TUESDAY_CLOSE,
)
SELL = replace(BUY, side="sell")
MARKED = {"IBM": "jump_without_action on 2013-02-28 (99.5)"}


def an_order(
    side: Side,
    *,
    symbol: str = "IBM",
    state: State = "open",
    qty: int = 10,
    price: int = 100,
    attempts: int = 1,
) -> Order:
    return Order(
        id=1,
        signal_key=f"sma_cross|{symbol}|2013-02-01",
        client_order_id="desk-1",
        strategy="sma_cross",
        symbol=symbol,
        side=side,
        qty=Decimal(qty),
        price=Decimal(price),
        valid_until=TUESDAY_CLOSE,
        state=state,
        reason=None,
        attempts=attempts,
        last_attempt_at=None,
        broker_order_id="1",
        filled_qty=Decimal(0),
        filled_avg_price=None,
    )


def holding(qty: Decimal | int, *, there: int | None = None) -> Book:
    """A book in which sma_cross bought IBM; `there`: what the broker counts."""
    return replace(
        EMPTY,
        holdings={("sma_cross", "IBM"): Decimal(qty)},
        positions={"IBM": Decimal(qty if there is None else there)},
    )


def test_an_entry_takes_its_weight_of_equity_in_whole_shares_at_the_worst_open() -> (
    None
):
    # 10 % of 100,000 at 105.00 a share are 95.2 shares.
    assert decide(BUY, EMPTY, OFF, SETTINGS, CLOCK) == Place(
        Decimal(95), Decimal("105.00")
    )


def test_an_exit_sells_all_its_strategy_holds() -> None:
    assert decide(SELL, holding(95), OFF, SETTINGS, CLOCK) == Place(
        Decimal(95), Decimal(100)
    )


def test_an_exit_never_sells_more_than_the_broker_has() -> None:
    assert decide(SELL, holding(95, there=40), OFF, SETTINGS, CLOCK) == Place(
        Decimal(40), Decimal(100)
    )


@pytest.mark.parametrize(
    ("signal", "book", "reason"),
    [
        (
            replace(BUY, close=Decimal("NaN")),
            EMPTY,
            "malformed: close is NaN",
        ),
        (
            replace(BUY, valid_until=CLOCK.now.replace(hour=0)),
            EMPTY,
            "stale: valid until 2013-02-04 19:00 New York",
        ),
        (
            replace(BUY, bar_date=TUE),
            EMPTY,
            "from the future: 2013-02-05 has not closed",
        ),
        (
            BUY,
            replace(EMPTY, marks=MARKED),
            "data quality: jump_without_action on 2013-02-28 (99.5)",
        ),
        (
            BUY,
            replace(holding(95), marks=MARKED, live=(an_order("sell"),)),
            "data quality: jump_without_action on 2013-02-28 (99.5)",
        ),
        (
            BUY,
            replace(EMPTY, account=replace(EMPTY.account, trouble="status CLOSED")),
            "account: status CLOSED",
        ),
        (
            SELL,
            replace(holding(95), assets={"IBM": Asset(trouble="IBM is inactive")}),
            "asset: IBM is inactive",
        ),
        (
            SELL,
            replace(holding(Decimal("0.5")), assets={"IBM": Asset(False)}),
            "precision: 0.5 IBM is no whole share",
        ),
        (
            SELL,
            replace(holding(95), foreign=(BY_HAND,)),
            "opposite order live: buy IBM, not the desk's",
        ),
        (
            BUY,
            replace(EMPTY, foreign=(BY_HAND,)),
            "already buying IBM, not the desk's order",
        ),
        (
            BUY,
            replace(EMPTY, orders_today=100),
            "orders per day: 100 today, limit 100",
        ),
        (
            BUY,
            replace(
                EMPTY,
                account=replace(EMPTY.account, last_equity=Decimal(120_000)),
            ),
            "daily loss: 16.7%, limit 10.0%",
        ),
        (
            BUY,
            replace(EMPTY, account=Account(Decimal(3_000_000), Decimal(3_000_000))),
            "order value: 299,985.00, limit 100,000.00",
        ),
        (
            BUY,
            replace(
                EMPTY,
                account=replace(EMPTY.account, buying_power=Decimal(9_000)),
            ),
            "cash: 9,975.00 needed, 9,000.00 free",
        ),
        (
            replace(BUY, bar_date=TUE),
            replace(EMPTY, marks=MARKED),
            "from the future: 2013-02-05 has not closed",
        ),
        (
            BUY,
            replace(EMPTY, live=(an_order("sell"),)),
            "opposite order live: sell IBM",
        ),
        (BUY, holding(95), "already holds 95 IBM"),
        (BUY, replace(EMPTY, live=(an_order("buy"),)), "already buying IBM"),
        (SELL, EMPTY, "nothing to sell: sma_cross holds no IBM"),
        (
            SELL,
            replace(holding(10), live=(an_order("sell", qty=10),)),
            "nothing to sell: sma_cross holds no IBM",
        ),
        (
            SELL,
            replace(EMPTY, holdings={("rsi_reversal", "IBM"): Decimal(9)}),
            "nothing to sell: sma_cross holds no IBM",
        ),
        (
            replace(BUY, close=Decimal(20_000)),
            EMPTY,
            "size: 10,000.00 buys no whole share at 21,000.00",
        ),
        (
            BUY,
            replace(EMPTY, account=Account(Decimal(9_000), Decimal(100_000))),
            "cash: 9,975.00 needed, 9,000.00 free",
        ),
        (
            BUY,
            replace(EMPTY, live=(an_order("buy", symbol="MSFT", qty=999, price=100),)),
            "cash: 9,975.00 needed, 100.00 free",
        ),
    ],
)
def test_a_signal_is_blocked_for_a_plain_reason(
    signal: Signal, book: Book, reason: str
) -> None:
    assert decide(signal, book, OFF, SETTINGS, CLOCK) == Block(reason)


def test_the_kill_switch_defers_and_lets_exits_pass_when_it_stops_entries() -> None:
    everything = replace(OFF, kill="all", reason="audit")
    entries = replace(OFF, kill="entries", reason="audit")

    assert decide(SELL, holding(9), everything, SETTINGS, CLOCK) == Defer(
        "kill switch (all): audit"
    )
    assert decide(BUY, EMPTY, entries, SETTINGS, CLOCK) == Defer(
        "kill switch (entries): audit"
    )
    assert isinstance(decide(SELL, holding(9), entries, SETTINGS, CLOCK), Place)


def test_a_marked_symbol_still_lets_its_exits_and_other_symbols_pass() -> None:
    book = replace(holding(95), marks=MARKED)

    assert isinstance(decide(SELL, book, OFF, SETTINGS, CLOCK), Place)
    other = replace(BUY, symbol="MSFT")
    assert isinstance(decide(other, book, OFF, SETTINGS, CLOCK), Place)


def test_a_marked_symbol_waits_like_others_while_entries_are_halted() -> None:
    entries = replace(OFF, kill="entries", reason="audit")
    book = replace(EMPTY, marks=MARKED)

    assert isinstance(decide(BUY, book, entries, SETTINGS, CLOCK), Defer)


def test_while_an_order_is_unresolved_every_signal_waits() -> None:
    unclear = an_order("buy", symbol="MSFT", state="submitting")
    book = replace(EMPTY, live=(unclear,))

    assert decide(BUY, book, OFF, SETTINGS, CLOCK) == Defer(
        "unresolved: the broker may have sma_cross|MSFT|2013-02-01"
    )


def test_a_stale_signal_is_blocked_rather_than_kept_waiting_for_an_unclear_order() -> (
    None
):
    book = replace(EMPTY, live=(an_order("buy", state="submitting"),))

    assert isinstance(decide(BUY, book, OFF, SETTINGS, evening(WED)), Block)
    assert isinstance(decide(BUY, book, OFF, SETTINGS, evening(THU)), Block)


@within(max_examples=4 * within().max_examples)
@given(
    cash=st.decimals(0, 1_000_000, places=2),
    positions=st.decimals(0, 1_000_000, places=2),
    close=st.decimals("0.0001", 5_000, places=4),
    weight=st.decimals("0.01", 1, places=2),
)
def test_an_entry_never_reserves_more_than_the_cash_or_its_weight(
    cash: Decimal, positions: Decimal, close: Decimal, weight: Decimal
) -> None:
    account = Account(cash, cash + positions)
    settings = SETTINGS.model_copy(update={"position_weight": weight})

    verdict = decide(
        replace(BUY, close=close),
        replace(EMPTY, account=account),
        OFF,
        settings,
        CLOCK,
    )

    if isinstance(verdict, Place):
        cost = verdict.qty * verdict.price
        assert verdict.qty >= 1
        assert verdict.qty == verdict.qty.to_integral_value()
        assert cost <= cash
        assert cost <= account.equity * weight


def test_only_listed_strategies_trade() -> None:
    settings = SETTINGS.model_copy(update={"traded_strategies": ("rsi_reversal",)})

    assert decide(BUY, EMPTY, OFF, settings, CLOCK) == Block(
        "strategy: sma_cross is not among rsi_reversal"
    )


def test_a_position_is_worth_no_more_than_its_share_of_the_account() -> None:
    settings = SETTINGS.model_copy(update={"max_position_weight": Decimal("0.05")})

    assert decide(BUY, EMPTY, OFF, settings, CLOCK) == Block(
        "position weight: 10.0%, limit 5.0%"
    )


def test_orders_wait_for_the_exchange_to_open_when_told_to() -> None:
    settings = SETTINGS.model_copy(update={"trading_hours": "open"})
    tuesday_noon = Clock(TUESDAY_CLOSE - timedelta(hours=4), MON)

    assert decide(BUY, EMPTY, OFF, settings, CLOCK) == Defer(
        "market closed: opens 2013-02-05 09:30 New York"
    )
    assert isinstance(decide(BUY, EMPTY, OFF, settings, tuesday_noon), Place)


def test_buying_power_is_less_what_the_broker_has_not_confirmed() -> None:
    unsent = an_order("buy", symbol="MSFT", state="submitting", attempts=0)
    confirmed = an_order("buy", symbol="AAPL", qty=50)
    account = Account(Decimal(100_000), Decimal(100_000), None, Decimal(12_000))
    book = replace(EMPTY, account=account, live=(unsent, confirmed))

    assert book.free_cash == 11_000


def test_no_limit_holds_an_exit_back() -> None:
    account = Account(Decimal(0), Decimal(1), Decimal(100_000), Decimal(0))
    book = replace(holding(95), account=account, orders_today=1_000)
    entries = replace(OFF, kill="entries", reason="daily loss")

    assert isinstance(decide(SELL, book, entries, SETTINGS, CLOCK), Place)


def test_fractions_have_nine_decimals() -> None:
    settings = SETTINGS.model_copy(update={"fractional": True})
    whole_only = replace(EMPTY, assets={"IBM": Asset(is_fractionable=False)})

    assert decide(BUY, EMPTY, OFF, settings, CLOCK) == Place(
        Decimal("95.238095238"), Decimal("105.00")
    )
    assert decide(BUY, whole_only, OFF, settings, CLOCK) == Place(
        Decimal(95), Decimal("105.00")
    )


def test_the_first_check_that_fails_gives_the_reason_and_those_before_are_kept() -> (
    None
):
    verdict = decide(BUY, replace(holding(95), orders_today=100), OFF, SETTINGS, CLOCK)

    assert isinstance(verdict, Block)
    assert verdict.reason == "already holds 95 IBM"
    assert [check.split(":")[0] for check in verdict.checks] == [
        "kill switch",
        "well-formed",
        "fresh",
        "strategy",
        "unresolved orders",
        "trading hours",
        "account",
        "data quality",
        "asset",
        "opposite orders",
    ]
