from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import errors

from desk.database import Database
from desk.errors import DeskError
from executor.publish import PublishReport, publish
from tests.executor.market import FRI, MON, NEXT_MON, THU, TUE, WED, Market, evening


@pytest.fixture
def market(market: Market) -> Market:
    market.flat_bars("AAPL", 100)
    return market


def test_a_session_is_published_once(market: Market) -> None:
    market.signal("AAPL", MON, "buy", 100)

    first = publish(market.database, evening(MON))
    second = publish(market.database, evening(MON))

    assert first == PublishReport(sessions=1, signals=1)
    assert second == PublishReport(sessions=0, signals=0)


def test_publishing_starts_with_the_first_session_the_desk_runs_on(
    market: Market,
) -> None:
    market.signal("AAPL", MON, "buy", 100)
    market.signal("AAPL", TUE, "sell", 100)

    publish(market.database, evening(TUE))

    assert market.rows("select first_session from trading.control") == [(TUE,)]
    assert market.rows("select bar_date, side from trading.signals") == [(TUE, "sell")]


def test_sessions_without_signals_are_recorded_and_missed_ones_caught_up(
    market: Market,
) -> None:
    publish(market.database, evening(MON))
    market.signal("AAPL", WED, "buy", 100)

    report = publish(market.database, evening(THU))

    assert report == PublishReport(sessions=3, signals=1)
    assert market.rows(
        "select session_date, signals from trading.published_sessions order by 1"
    ) == [(MON, 0), (TUE, 0), (WED, 1), (THU, 0)]


def test_a_session_without_bars_is_not_published(market: Market) -> None:
    market.run(f"delete from marts.bars where bar_date = '{TUE}'", "dbt")
    publish(market.database, evening(MON))

    report = publish(market.database, evening(TUE))

    assert report.sessions == 0


def test_a_signal_is_valid_until_the_next_session_closes(market: Market) -> None:
    market.signal("AAPL", FRI, "buy", 100)

    publish(market.database, evening(FRI))

    assert market.rows(
        "select valid_until = closes_at, published_at from trading.signals,"
        f" raw.exchange_sessions where session_date = '{NEXT_MON}'"
    ) == [(True, evening(FRI).now)]


def test_each_published_signal_is_announced_with_its_sequence(market: Market) -> None:
    market.signal("AAPL", MON, "buy", 100)
    market.signal("AAPL", MON, "buy", 100, strategy="rsi_reversal")
    with market.database.connect("reader", autocommit=True) as listener:
        listener.execute("listen desk_signals")

        publish(market.database, evening(MON))

        told = [n.payload for n in listener.notifies(timeout=5, stop_after=2)]
    assert told == [
        str(sequence)
        for (sequence,) in market.rows(
            "select sequence from trading.signals order by 1"
        )
    ]


def test_a_restated_signal_never_edits_the_ledger(market: Market) -> None:
    market.signal("AAPL", MON, "buy", 100)
    publish(market.database, evening(MON))
    market.run("update marts.signals set side = 'sell', close = 1", "dbt")
    market.signal("AAPL", MON, "buy", 100, strategy="late")

    report = publish(market.database, evening(TUE))

    assert report == PublishReport(sessions=1, signals=0)
    assert market.rows("select strategy, side, close from trading.signals") == [
        ("sma_cross", "buy", 100)
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "update trading.signals set side = 'sell'",
        "delete from trading.signals",
        "truncate trading.signals cascade",
    ],
)
def test_published_signals_cannot_be_changed_by_anyone(
    market: Market, statement: str
) -> None:
    market.signal("AAPL", MON, "buy", 100)
    publish(market.database, evening(MON))

    with pytest.raises(errors.RaiseException, match="append-only"):
        market.run(statement, "owner")


def test_publishing_before_anything_is_built_says_so(
    database: Database, market: Market
) -> None:
    Market(database).run(
        "insert into raw.ingest_runs (run_id, source, symbols, window_end, started_at,"
        " finished_at, outcome) values (gen_random_uuid(), 'test', '{}', '2013-03-01',"
        " now(), now(), 'succeeded')",
        "ingest",
    )
    with pytest.raises(DeskError, match="nothing is built yet: run `desk build` first"):
        publish(database, evening(MON))

    assert Market(database).rows("select first_session from trading.control") == [
        (None,)
    ]


def test_publishing_waits_for_a_publisher_that_has_not_committed(
    market: Market,
) -> None:
    market.signal("AAPL", MON, "buy", 100)

    def one(_: int) -> PublishReport:
        return publish(market.database, evening(MON))

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(one, range(4)))

    assert sorted(report.signals for report in reports) == [0, 0, 0, 1]
