"""No model looks ahead: data cut at t gives the full build's rows up to t."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desk.database import Database
from desk.settings import Settings
from flows.parsed import DBT_PROJECT
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

# Rows of bars up to the cut. The benchmark's portfolio knows its universe beforehand:
# each symbol's share waits for its first bar.
BARS = "bar_date <= %s"
TABLES = {
    "intermediate.int_bars": BARS,
    "intermediate.int_indicators": BARS,
    **{
        f"intermediate.{path.stem}": f"{BARS} and side in ('buy', 'sell')"
        for path in (DBT_PROJECT / "models" / "strategies").glob("*.sql")
    },
    "marts.signals": BARS,
    "marts.equity_curve": BARS
    + " and (strategy, symbol) <> ('buy_and_hold', 'portfolio')",
    "marts.trades": "exit_date <= %s",
}
# In today's terms, which end at the cut.
RESTATED = {"adjusted_entry_price", "adjusted_exit_price"}


def rows_up_to(database: Database, table: str, cut: date) -> list[dict[str, Any]]:
    found = rows_of(
        database, f"select * from {table} as t where {TABLES[table]} order by t", cut
    )
    return [{k: v for k, v in row.items() if k not in RESTATED} for row in found]


@pytest.mark.parametrize(
    ("last_session", "actions_are_announced"),
    [
        # The session before AAPL's second split, which is known already.
        (date(2005, 2, 25), True),
        # The ex-date of MSFT's three dollars; what comes after is unknown.
        pytest.param(date(2004, 11, 15), False, marks=pytest.mark.slow),
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
    build(Settings(home=tmp_path), cut, select=["+signals", "+equity_curve", "+trades"])

    for table in TABLES:
        actual = rows_up_to(cut, table, last_session)
        assert actual, table
        assert actual == rows_up_to(built, table, last_session), table
