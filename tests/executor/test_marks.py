"""What the quality gate marks, the executor does not buy."""

from datetime import UTC, datetime

from desk.settings import Settings
from executor.execute import execute
from executor.publish import publish
from tests.executor.market import FRI, MON, TUE, WED, Market, evening, free_settings

MARKED_AT = datetime(2013, 3, 2, 1, tzinfo=UTC)


def mark(market: Market, symbol: str, rule: str, bar_date: object) -> None:
    with market.database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.symbol_marks"
            " (symbol, rule, bar_date, value, detail, marked_at)"
            " values (%s, %s, %s, 99.5197, 'moved', %s)",
            [symbol, rule, bar_date, MARKED_AT],
        )


def test_an_entry_is_blocked_while_its_symbol_is_marked_and_says_why(
    market: Market, settings: Settings
) -> None:
    for symbol in ("IBM", "MSFT"):
        market.flat_bars(symbol, 100)
        market.signal(symbol, MON, "buy", 100)
    # Two marks, set after the signal's day: the first bar's is told.
    mark(market, "IBM", "gap", FRI)
    mark(market, "IBM", "jump_without_action", WED)

    published = publish(market.database, evening(MON))
    execute(free_settings(settings), market.database, evening(MON))

    assert published.signals == 2
    assert [
        (symbol, state, reason) for symbol, _, _, state, reason in market.orders()
    ] == [
        ("IBM", "blocked", "data quality: jump_without_action on 2013-02-06 (99.5)"),
        ("MSFT", "open", None),
    ]


def test_an_exit_of_a_marked_symbol_passes_and_a_cleared_mark_holds_nothing_back(
    market: Market, settings: Settings
) -> None:
    market.flat_bars("IBM", 100)
    market.signal("IBM", MON, "buy", 100)
    market.signal("IBM", TUE, "sell", 100)
    mark(market, "IBM", "gap", MON)
    market.run("update raw.symbol_marks set cleared_at = marked_at", role="ingest")
    publish(market.database, evening(MON))
    execute(free_settings(settings), market.database, evening(MON))
    mark(market, "IBM", "flat_run", TUE)
    publish(market.database, evening(TUE))
    execute(free_settings(settings), market.database, evening(TUE))

    assert [(side, state) for _, side, _, state, _ in market.orders()] == [
        ("buy", "filled"),
        ("sell", "open"),
    ]
