"""From an order back to the code that published its signal."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from psycopg.rows import dict_row
from rich.console import Console

from desk.calendar import desk_clock
from desk.code_version import code_version
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from executor.replay import replay
from flows.trace import read_trace, render_trace
from tests.conftest import CopyDatabase


@pytest.fixture(scope="module")
def traded(
    built: Database, templates: CopyDatabase, built_settings: Settings
) -> Database:
    """The built sample after ten replayed sessions, the last bar corrected since."""
    database = templates(built)
    clock = desk_clock(built_settings)
    replay(built_settings, database, clock, 10)
    with database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.raw_price_revisions (symbol, bar_date, open, high, low,"
            " close, volume, source, known_at, superseded_at)"
            " select *, %s from raw.raw_prices"
            " where symbol = 'AAPL' and bar_date = '2013-03-01'",
            [clock.now + timedelta(days=1)],
        )
        conn.execute(
            "update raw.raw_prices set close = close + 1, known_at = %s"
            " where symbol = 'AAPL' and bar_date = '2013-03-01'",
            [clock.now + timedelta(days=1)],
        )
    return database


def rows(database: Database, query: str) -> list[dict[str, Any]]:
    with database.connect(row_factory=dict_row) as conn:
        return conn.execute(query.encode()).fetchall()


def test_every_order_is_traced_to_its_signal_bar_load_and_code(
    traded: Database,
) -> None:
    lineage = rows(traded, "select * from marts.lineage")
    (orders,) = rows(
        traded,
        "select array_agg(id order by id) as ids from trading.orders",
    )
    (load,) = rows(traded, "select run_id from raw.ingest_runs")

    assert sorted(row["order_id"] for row in lineage) == orders["ids"]
    for row in lineage:
        assert row["bar_run_id"] == row["published_run_id"] == load["run_id"]
        assert row["code_version"] == code_version()
        assert row["indicators"]["rsi_14"] is not None
        assert row["bar_close"] is not None
        assert row["strategy_version"]


def test_the_code_version_is_gits_commit() -> None:
    assert len(code_version().removesuffix("-modified")) == 40 or code_version() in (
        "release 0.1.0",
    )


def test_a_signal_is_traced_to_the_bar_as_it_was_when_published(
    traded: Database,
) -> None:
    (now,) = rows(
        traded,
        "select close from raw.raw_prices"
        " where symbol = 'AAPL' and bar_date = '2013-03-01'",
    )
    row, *_ = rows(
        traded,
        "select * from marts.lineage where symbol = 'AAPL' and bar_date = '2013-03-01'",
    )
    assert row["bar_close"] == now["close"] - 1
    assert row["bar_superseded_at"] is not None


@pytest.mark.parametrize("name", ["order_id", "client_order_id", "signal_key"])
def test_an_order_is_found_by_each_of_its_names(name: str, traded: Database) -> None:
    (row,) = rows(
        traded,
        "select * from marts.lineage where filled_qty > 0 order by order_id limit 1",
    )
    (found,) = read_trace(traded, str(row[name]))
    output = StringIO()
    Console(file=output, width=200).print(render_trace([found]))
    told = output.getvalue()

    assert found["order_id"] == row["order_id"]
    for value in ("signal_key", "client_order_id", "bar_run_id", "code_version"):
        assert str(row[value]) in told


def test_an_unknown_order_is_told_in_a_sentence(traded: Database) -> None:
    with pytest.raises(DeskError, match="no order or published signal is called 0"):
        read_trace(traded, "0")
