"""No model looks ahead: data cut at t gives the full build's rows up to t."""

from datetime import date
from pathlib import Path

import pytest

from desk.database import Database
from desk.settings import Settings
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

TABLES = ("intermediate.int_bars", "intermediate.int_indicators", "marts.signals")


@pytest.mark.parametrize(
    ("last_session", "actions_are_announced"),
    [
        # The session before AAPL's second split, which is known already.
        (date(2005, 2, 25), True),
        # The ex-date of MSFT's three dollars; what comes after is unknown.
        (date(2004, 11, 15), False),
    ],
)
def test_a_build_on_cut_data_equals_the_full_builds_rows(
    built: Database,
    copies: CopyDatabase,
    tmp_path: Path,
    last_session: date,
    actions_are_announced: bool,
) -> None:
    cut = copies(built)
    with cut.connect() as conn:
        conn.execute("delete from raw.raw_prices where bar_date > %s", [last_session])
        if not actions_are_announced:
            conn.execute(
                "delete from raw.corporate_actions where ex_date > %s", [last_session]
            )
    build(Settings(home=tmp_path), cut, select=["+signals"])

    for table in TABLES:
        expected = rows_of(
            built,
            f"select * from {table} where bar_date <= %s order by symbol, bar_date, 1",
            last_session,
        )
        actual = rows_of(cut, f"select * from {table} order by symbol, bar_date, 1")
        assert len(actual) > 90
        assert actual == expected
