"""The backtest of symbols a bar or two old, and of accounts that lost all they had."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import repeat

import pytest

from desk.calendar import sessions_between
from desk.database import Database
from desk.settings import Settings
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

SESSIONS = sessions_between(date(2010, 1, 4), date(2014, 12, 31))
MODELS = ("+path:models/backtest", "+board_curves")

# Open, high, low and close. DOUBLED opens at twice the price it was sold short at.
FLAT = (10, 10, 10, 10)
PRICES: dict[str, Sequence[tuple[float, float, float, float]]] = {
    "DOUBLED": [
        *repeat(FLAT, 60),
        (10, 10, 9, 9),
        FLAT,
        *repeat((20, 20, 20, 20), 900),
    ],
    "FELL": [(10, 10.5, 9, 10), (10, 10.5, 0.4, 0.5)],
    "FLAT": [*repeat(FLAT, 60)],
    "ROSE": [(1, 1, 1, 1), (1, 20, 1, 20)],
}


def _bars() -> Iterator[tuple[object, ...]]:
    for symbol, prices in PRICES.items():
        for session, bar in zip(SESSIONS, prices, strict=False):
            yield symbol, session.session_date, *bar


@pytest.fixture(scope="module")
def ruined(
    migrated: Database,
    templates: CopyDatabase,
    tmp_path_factory: pytest.TempPathFactory,
) -> Database:
    """Those prices, built with shorts and without costs."""
    database = templates(migrated)
    with database.connect() as conn, conn.cursor() as cursor:
        cursor.executemany(
            "insert into raw.raw_prices values "
            "(%s, %s, %s, %s, %s, %s, 1000, 'made-up', now())",
            list(_bars()),
        )
    settings = Settings(
        home=tmp_path_factory.mktemp("ruined"),
        commission_bps=0,
        slippage_bps=0,
        strategy_parameters={"donchian": {"has_shorts": True}},
    )
    build(settings, database, select=MODELS)
    return database


def test_a_growth_rate_no_number_holds_is_left_out(ruined: Database) -> None:
    rows = rows_of(
        ruined,
        "select symbol, total_return, cagr, calmar from marts.backtest_metrics "
        "where strategy = 'buy_and_hold' and symbol <> 'portfolio' order by symbol",
    )
    rates = {row.pop("symbol"): tuple(row.values()) for row in rows}
    assert rates["FELL"] == (pytest.approx(-0.95), None, None)
    assert rates["FLAT"] == (0, 0, None)
    assert rates["ROSE"] == (pytest.approx(19), None, None)
    assert rates["DOUBLED"][1] is not None


def test_an_account_at_zero_has_no_returns_after_it(ruined: Database) -> None:
    curve = rows_of(
        ruined,
        "select * from marts.equity_curve "
        "where strategy = 'donchian' and symbol = 'DOUBLED' order by bar_date",
    )
    assert [row["equity"] for row in curve] == [100_000] * 62 + [0] * 900
    assert [row["daily_return"] for row in curve[61:64]] == [0, -1, None]
    months = rows_of(
        ruined,
        "select monthly_return from marts.monthly_returns "
        "where strategy = 'donchian' and symbol = 'DOUBLED' order by month_date",
    )
    assert [row["monthly_return"] for row in months[:5]] == [0, 0, 0, -1, None]
    shown = rows_of(
        ruined,
        "select growth, drawdown from marts.board_curves "
        "where strategy = 'Donchian' and account = 'DOUBLED' order by session_date",
    )
    assert len(shown) == len(months)
    assert shown[-1] == {"growth": pytest.approx(-1), "drawdown": pytest.approx(-1)}


def test_an_account_at_zero_is_compared_with_no_benchmark(ruined: Database) -> None:
    (row,) = rows_of(
        ruined,
        "select total_return, cagr, max_drawdown, alpha, beta "
        "from marts.backtest_metrics "
        "where strategy = 'donchian' and symbol = 'DOUBLED'",
    )
    assert (row["total_return"], row["cagr"], row["max_drawdown"]) == (-1, -1, -1)
    assert (row["alpha"], row["beta"]) == (None, None)
