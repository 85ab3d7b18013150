from datetime import date
from time import perf_counter

import pytest

from desk.calendar import sessions_between
from desk.errors import DeskError
from desk.settings import Settings
from executor.execute import execute
from executor.publish import publish
from executor.replay import ReplayedSession, replay, resume_replay
from tests.executor.market import (
    FRI,
    MON,
    NEXT_MON,
    THU,
    TUE,
    WED,
    Market,
    Row,
    evening,
    free_settings,
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return free_settings(settings)


@pytest.fixture
def market(market: Market) -> Market:
    market.flat_bars("IBM", 100)
    market.signal("IBM", MON, "buy", 100)
    market.signal("IBM", WED, "sell", 100)
    market.signal("IBM", FRI, "buy", 100)
    return market


def ledger(market: Market) -> list[Row]:
    return market.rows("select * from trading.orders order by id") + market.rows(
        "select * from trading.order_events order by event_id"
    )


def test_a_replay_does_what_the_desk_would_have_done_evening_by_evening(
    market: Market, settings: Settings
) -> None:
    told: list[ReplayedSession] = []

    report = replay(settings, market.database, evening(FRI), 5, told.append)

    assert (report.first_session, report.last_session) == (MON, FRI)
    assert (report.signals, report.placed, report.fills) == (3, 3, 2)
    assert market.rows(
        "select signal ->> 'bar_date', state, created_at, filled_at"
        " from trading.orders order by id"
    ) == [
        (str(MON), "filled", evening(MON).now, opening(TUE)),
        (str(WED), "filled", evening(WED).now, opening(THU)),
        (str(FRI), "open", evening(FRI).now, None),
    ]
    assert [str(session) for session in told][::4] == [
        "2013-02-04 (1 of 5)",
        "2013-02-08 (5 of 5)",
    ]
    assert market.rows(
        "select first_session, replay_from, replay_until from trading.control"
    ) == [(MON, None, None)]


def opening(day: date) -> object:
    return sessions_between(day, day)[0].opens_at


def test_replaying_again_changes_nothing(market: Market, settings: Settings) -> None:
    replay(settings, market.database, evening(FRI), 5)
    before = ledger(market)

    report = replay(settings, market.database, evening(FRI), 5)

    assert (report.signals, report.placed, report.fills) == (0, 0, 0)
    assert ledger(market) == before


def test_a_daily_run_goes_on_where_a_replay_ended(
    market: Market, settings: Settings
) -> None:
    replay(settings, market.database, evening(FRI), 5)
    same_day = execute(settings, market.database, evening(FRI))

    publish(market.database, evening(NEXT_MON))
    next_day = execute(settings, market.database, evening(NEXT_MON))

    assert (same_day.placed, same_day.fills) == (0, 0)
    assert (next_day.placed, next_day.fills) == (0, 1)


def test_replaying_further_back_extends_the_ledger_and_keeps_its_decisions(
    market: Market, settings: Settings
) -> None:
    replay(settings, market.database, evening(FRI), 3)
    before = market.rows("select * from trading.orders order by id")

    report = replay(settings, market.database, evening(FRI), 5)

    assert "nothing to sell: sma_cross holds no IBM" in before[0]
    assert (report.signals, report.placed) == (1, 1)
    assert (
        market.rows(
            f"select * from trading.orders where signal ->> 'bar_date' > '{MON}'"
            " order by id"
        )
        == before
    )
    assert market.rows("select min(cash) >= 0 from trading.account_equity") == [(True,)]


def test_cash_that_later_orders_spent_is_not_spent_again_by_earlier_ones(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("AAPL", 100)
    market.signal("AAPL", TUE, "buy", 100)
    settings = settings.model_copy(
        update={"position_weight": settings.position_weight * 9}
    )
    replay(settings, market.database, evening(FRI), 4)

    replay(settings, market.database, evening(FRI), 5)

    assert market.rows(
        "select symbol, state, reason from trading.orders"
        f" where signal ->> 'bar_date' < '{WED}' order by id"
    ) == [
        ("AAPL", "filled", None),
        ("IBM", "rejected", "cash: 85,700.00 needed, 14,300.00 there"),
    ]


def test_an_interrupted_replay_comes_before_anything_newer(
    market: Market, settings: Settings
) -> None:
    def stop_on_wednesday(session: ReplayedSession) -> None:
        if session.session_date == WED:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(settings, market.database, evening(FRI), 5, stop_on_wednesday)

    for act in (
        lambda: publish(market.database, evening(FRI)),
        lambda: execute(settings, market.database, evening(FRI)),
    ):
        with pytest.raises(DeskError, match="interrupted at 2013-02-07"):
            act()
    report = resume_replay(settings, market.database, evening(FRI))
    assert report is not None
    assert (report.first_session, report.sessions) == (THU, 2)
    assert resume_replay(settings, market.database, evening(FRI)) is None
    assert publish(market.database, evening(FRI)).sessions == 0


def test_a_replay_before_anything_is_built_says_so(
    market: Market, settings: Settings
) -> None:
    with pytest.raises(DeskError, match="no bars up to 2012-12-31"):
        replay(settings, market.database, evening(date(2012, 12, 31)), 5)


def test_sixty_sessions_take_a_few_seconds(market: Market, settings: Settings) -> None:
    days = [
        session.session_date
        for session in sessions_between(date(2012, 10, 1), date(2013, 2, 1))
    ]
    for number in range(20):
        symbol = f"S{number}"
        market.flat_bars(symbol, 100, days)
        for position, day in enumerate(days[number::10]):
            market.signal(symbol, day, "sell" if position % 2 else "buy", 100)

    started = perf_counter()
    report = replay(settings, market.database, evening(days[-1]), 60)

    assert report.placed > 60
    assert perf_counter() - started < 20
