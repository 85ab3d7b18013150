from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from psycopg import errors

from desk.calendar import Clock
from desk.locks import LEDGER_LOCK
from desk.settings import Settings
from executor.dry_run import open_dry_run
from executor.execute import PassReport, execute, run_pass
from executor.publish import publish
from tests.crashes import SavedTables
from tests.executor.brokers import (
    Submit,
    UnreliableBroker,
    lost_after_booking,
    lost_before_booking,
    refuses,
    refuses_what_it_booked,
)
from tests.executor.market import (
    FRI,
    MON,
    TUE,
    WED,
    Market,
    evening,
    free_settings,
)

Pass = Callable[..., tuple[PassReport, UnreliableBroker]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return free_settings(settings)


@pytest.fixture
def market(market: Market) -> Market:
    for symbol in ("AAPL", "IBM", "MSFT"):
        market.flat_bars(symbol, 100)
    return market


@pytest.fixture
def one_pass(market: Market, settings: Settings) -> Iterator[Pass]:
    """A pass against a broker that fails in some way."""
    with (
        market.database.connect("executor", autocommit=True) as conn,
        market.database.connect("executor", autocommit=True) as broker_conn,
    ):

        def run(
            day: date = MON, *faults: Submit, is_blind: bool = False, **later: int
        ) -> tuple[PassReport, UnreliableBroker]:
            at = evening(day)
            clock = Clock(at.now + timedelta(**later), at.session)
            real = open_dry_run(broker_conn, settings, clock)
            broker = UnreliableBroker(real, list(faults), is_blind=is_blind)
            return run_pass(conn, broker, settings, clock), broker

        yield run


def buy(market: Market, *symbols: str, day: date = MON) -> None:
    for symbol in symbols:
        market.signal(symbol, day, "buy", 100)
    publish(market.database, evening(day))


def booked(market: Market) -> list[tuple[object, ...]]:
    return market.rows("select symbol, qty from trading.sim_orders order by sequence")


def test_a_published_signal_becomes_one_order(
    market: Market, settings: Settings
) -> None:
    buy(market, "IBM")

    first = execute(settings, market.database, evening(MON))
    second = execute(settings, market.database, evening(MON))

    assert (first.placed, second.placed) == (1, 0)
    assert second.orders == ()
    assert market.orders() == [("IBM", "buy", 95, "open", None)]
    assert booked(market) == [("IBM", 95)]


def test_the_client_order_id_is_derived_from_the_signal(
    market: Market, settings: Settings
) -> None:
    buy(market, "IBM")
    execute(settings, market.database, evening(MON))

    assert market.rows(
        "select client_order_id = 'desk-' || left(encode(sha256("
        "convert_to(signal_key, 'UTF8')), 'hex'), 40), signal ->> 'close'"
        " from trading.orders"
    ) == [(True, "100")]


def test_entry_and_exit_end_with_the_cash_of_both_fills(
    market: Market, settings: Settings
) -> None:
    buy(market, "IBM")
    execute(settings, market.database, evening(MON))
    market.signal("IBM", TUE, "sell", 100)
    publish(market.database, evening(TUE))

    entered = execute(settings, market.database, evening(TUE))
    left = execute(settings, market.database, evening(WED))

    assert (entered.fills, entered.placed, left.fills) == (1, 1, 1)
    assert market.orders() == [
        ("IBM", "buy", 95, "filled", None),
        ("IBM", "sell", 95, "filled", None),
    ]
    publish(market.database, evening(WED))
    assert market.rows(
        "select cash, position_value, equity from trading.account_equity"
        " order by session_date"
    ) == [(100_000, 0, 100_000), (90_500, 9_500, 100_000), (100_000, 0, 100_000)]


def test_every_step_of_an_order_is_recorded(market: Market, settings: Settings) -> None:
    buy(market, "IBM")
    execute(settings, market.database, evening(MON))
    execute(settings, market.database, evening(TUE))

    assert market.rows(
        "select old_state, new_state, attempts, answer, filled_qty, happened_at"
        " from trading.order_events order by event_id"
    ) == [
        (None, "submitting", 0, None, 0, evening(MON).now),
        ("submitting", "submitting", 1, None, 0, evening(MON).now),
        ("submitting", "open", 1, "new", 0, evening(MON).now),
        ("open", "filled", 1, "filled", 95, evening(TUE).now),
    ]


def test_a_strategy_never_sells_what_another_bought(
    market: Market, settings: Settings
) -> None:
    buy(market, "IBM")
    execute(settings, market.database, evening(MON))
    market.signal("IBM", TUE, "sell", 100, strategy="rsi_reversal")
    publish(market.database, evening(TUE))

    execute(settings, market.database, evening(TUE))

    assert market.orders()[1] == (
        "IBM",
        "sell",
        0,
        "blocked",
        "nothing to sell: rsi_reversal holds no IBM",
    )


def test_two_strategies_buying_one_symbol_open_one_position(
    market: Market, settings: Settings
) -> None:
    market.signal("IBM", MON, "buy", 100, strategy="rsi_reversal")
    buy(market, "IBM")

    execute(settings, market.database, evening(MON))

    assert market.orders() == [
        ("IBM", "buy", 95, "open", None),
        ("IBM", "buy", 0, "blocked", "already buying IBM"),
    ]


def test_cash_that_live_buys_may_take_is_not_spent_twice(
    market: Market, settings: Settings
) -> None:
    settings = settings.model_copy(update={"position_weight": Decimal("0.4")})
    buy(market, "AAPL", "IBM", "MSFT")

    report = execute(settings, market.database, evening(MON))

    assert (report.placed, report.blocked) == (2, 1)
    assert market.orders()[2] == (
        "MSFT",
        "buy",
        0,
        "blocked",
        "cash: 39,900.00 needed, 20,200.00 free",
    )


def test_sixty_stale_signals_are_sixty_blocked_rows_and_no_order(
    market: Market, settings: Settings
) -> None:
    for number in range(60):
        market.signal("IBM", MON, "buy", 100, strategy=f"strategy_{number}")
    publish(market.database, evening(MON))

    report = execute(settings, market.database, evening(FRI))

    assert (report.placed, report.blocked) == (0, 60)
    assert booked(market) == []
    assert market.rows("select distinct state, reason from trading.orders") == [
        ("blocked", "stale: valid until 2013-02-05 16:00 New York")
    ]


def test_a_restated_signal_changes_no_order(market: Market, settings: Settings) -> None:
    buy(market, "IBM")
    execute(settings, market.database, evening(MON))
    before = market.rows("select * from trading.orders")
    market.run("update marts.signals set side = 'sell', close = 1", "dbt")

    publish(market.database, evening(MON))
    report = execute(settings, market.database, evening(MON))

    assert report.orders == ()
    assert market.rows("select * from trading.orders") == before


def test_a_signal_deferred_by_the_kill_switch_is_taken_up_afterwards(
    market: Market, settings: Settings
) -> None:
    buy(market, "IBM")
    market.run("update trading.control set kill = 'all', reason = 'audit'")
    halted = execute(settings, market.database, evening(MON))
    market.run("update trading.control set kill = 'off', reason = null")

    resumed = execute(settings, market.database, evening(MON))

    assert (halted.placed, halted.deferred, halted.orders) == (0, 1, ())
    assert (resumed.placed, resumed.deferred) == (1, 0)


@pytest.mark.parametrize("fault", [lost_before_booking, lost_after_booking])
def test_an_unclear_answer_keeps_cash_reserved_and_stops_everything_else(
    market: Market, one_pass: Pass, fault: Submit
) -> None:
    buy(market, "AAPL", "IBM")

    report, broker = one_pass(MON, fault)

    assert len(broker.submitted) == 1
    assert (report.placed, report.unresolved) == (0, 1)
    assert market.rows(
        "select state, attempts, qty * price from trading.orders order by id"
    ) == [
        ("submitting", 1, 9_975),
        ("submitting", 0, 9_975),
    ]


@pytest.mark.parametrize("fault", [lost_before_booking, lost_after_booking])
def test_an_unclear_order_is_booked_once_in_the_end(
    market: Market, one_pass: Pass, fault: Submit
) -> None:
    buy(market, "AAPL", "IBM")
    one_pass(MON, fault)

    report, _ = one_pass(MON)

    assert (report.placed, report.unresolved) == (2, 0)
    assert booked(market) == [("AAPL", 95), ("IBM", 95)]
    assert [order[3] for order in market.orders()] == ["open", "open"]


def test_while_an_order_is_unclear_new_signals_wait(
    market: Market, one_pass: Pass
) -> None:
    buy(market, "AAPL")
    one_pass(MON, lost_after_booking)
    market.signal("IBM", TUE, "buy", 100)
    publish(market.database, evening(TUE))

    report, broker = one_pass(TUE, is_blind=True)

    assert broker.submitted == []
    assert [deferral.signal_key for deferral in report.deferrals] == [
        "sma_cross|IBM|2013-02-05"
    ]
    assert "unresolved" in report.deferrals[0].reason


def test_a_refusal_is_believed_when_a_look_up_finds_nothing(
    market: Market, one_pass: Pass
) -> None:
    buy(market, "AAPL", "IBM")

    report, _ = one_pass(MON, refuses)

    assert report.placed == 1
    assert market.orders() == [
        ("AAPL", "buy", 95, "rejected", "refused: asset is not tradable"),
        ("IBM", "buy", 95, "open", None),
    ]


def test_a_refusal_of_an_order_that_was_booked_is_not_believed(
    market: Market, one_pass: Pass
) -> None:
    buy(market, "AAPL")

    report, _ = one_pass(MON, refuses_what_it_booked)

    assert report.placed == 1
    assert market.orders() == [("AAPL", "buy", 95, "open", None)]


def test_an_order_is_sent_three_times_at_most_and_given_up_after_a_grace(
    market: Market, one_pass: Pass
) -> None:
    buy(market, "AAPL")
    sent = [len(one_pass(MON, lost_before_booking)[1].submitted) for _ in range(4)]
    early = market.orders()

    one_pass(MON, minutes=20)

    assert sent == [1, 1, 1, 0]
    assert early == [("AAPL", "buy", 95, "submitting", None)]
    assert market.orders() == [
        ("AAPL", "buy", 95, "abandoned", "given up after 3 attempts")
    ]


def test_giving_up_is_undone_when_the_order_turns_up(
    market: Market, one_pass: Pass
) -> None:
    buy(market, "AAPL")
    for _ in range(3):
        _, broker = one_pass(MON, lost_before_booking)
    one_pass(MON, minutes=20)
    broker.real.submit(broker.submitted[0])

    one_pass(MON, minutes=30)

    assert market.orders() == [("AAPL", "buy", 95, "open", None)]


def test_a_claim_that_was_never_sent_is_not_sent_when_stale(
    market: Market, one_pass: Pass
) -> None:
    buy(market, "AAPL", "IBM")
    one_pass(MON, lost_after_booking)

    _, broker = one_pass(WED)

    assert broker.submitted == []
    assert [(order[0], order[3]) for order in market.orders()] == [
        ("AAPL", "filled"),
        ("IBM", "abandoned"),
    ]


def test_an_order_the_ledger_does_not_know_stops_everything(
    market: Market, one_pass: Pass, settings: Settings
) -> None:
    market.run(
        "insert into trading.sim_accounts values ('sim:desk', 100000, '2013-02-01');"
        "insert into trading.sim_orders (broker_order_id, account_id, client_order_id,"
        " symbol, side, qty, submitted_at, submitted_session) values"
        " (gen_random_uuid(), 'sim:desk', 'desk-lost', 'IBM', 'buy', 1,"
        " '2013-02-01 22:00+00', '2013-02-01')"
    )
    buy(market, "AAPL")

    report, broker = one_pass(MON)

    assert broker.submitted == []
    assert (report.control.kill, report.deferred) == ("all", 1)
    assert report.control.reason == (
        "sim:desk has order desk-lost, which the ledger doesn't know"
    )
    assert market.orders() == []


def test_an_order_somebody_else_placed_by_hand_is_none_of_our_business(
    market: Market, one_pass: Pass
) -> None:
    buy(market, "AAPL")
    one_pass(MON)
    market.run(
        "insert into trading.sim_orders (broker_order_id, account_id, client_order_id,"
        " symbol, side, qty, submitted_at, submitted_session) values"
        " (gen_random_uuid(), 'sim:desk', 'by-hand', 'IBM', 'buy', 1,"
        " '2013-02-04 23:00+00', '2013-02-04')"
    )

    report, _ = one_pass(TUE)

    assert report.control.kill == "off"


def test_rivals_without_the_lock_place_one_order_per_signal(
    market: Market, settings: Settings
) -> None:
    symbols = ("AAPL", "IBM", "MSFT")
    buy(market, *symbols)
    saved = SavedTables(market.database, "trading")

    for _ in range(10):
        saved.restore()
        race(market, settings, rivals=4)
        execute(settings, market.database, evening(MON))  # what a rival left unclear

        assert sorted(booked(market)) == [(symbol, 95) for symbol in symbols]
        assert sorted(order[:4] for order in market.orders()) == [
            (symbol, "buy", 95, "open") for symbol in symbols
        ]


def race(market: Market, settings: Settings, rivals: int) -> None:
    """Passes over one database that all start at the same moment."""
    start = Barrier(rivals)

    def rival(_: int) -> None:
        with (
            market.database.connect("executor", autocommit=True) as conn,
            market.database.connect("executor", autocommit=True) as broker_conn,
        ):
            broker = open_dry_run(broker_conn, settings, evening(MON))
            start.wait()
            run_pass(conn, broker, settings, evening(MON))

    with ThreadPoolExecutor(rivals) as pool:
        list(pool.map(rival, range(rivals)))


def test_two_desks_executing_at_once_take_turns(
    market: Market, settings: Settings
) -> None:
    buy(market, "AAPL", "IBM", "MSFT")

    with ThreadPoolExecutor(4) as pool:
        reports = list(
            pool.map(
                lambda _: execute(settings, market.database, evening(MON)), range(4)
            )
        )

    assert sorted(report.placed for report in reports) == [0, 0, 0, 3]


def test_no_fill_is_taken_back_and_no_end_reopened(
    market: Market, settings: Settings
) -> None:
    buy(market, "AAPL")
    execute(settings, market.database, evening(MON))
    execute(settings, market.database, evening(TUE))

    for change in (
        "state = 'open'",
        "filled_qty = 1",
        "qty = 96",
        "signal_key = 'x'",
        "attempts = 0",
    ):
        with pytest.raises(errors.RaiseException):
            market.run(f"update trading.orders set {change}")


def test_a_pass_takes_its_time_once_no_other_is_under_way(
    market: Market, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(market, "IBM")
    held: list[object] = []

    def late(_: Settings) -> Clock:
        held.append(market.rows(
            "select count(*) from pg_locks where locktype = 'advisory'"
            f" and objid = {LEDGER_LOCK} and granted"
        ))  # fmt: skip
        return evening(WED)

    monkeypatch.setattr("executor.execute.desk_clock", late)

    execute(settings, market.database)

    assert held == [[(1,)]]
    assert market.orders()[0][3] == "blocked"
    assert market.orders()[0][4].startswith("stale")
