"""Every macro that DuckDB has, beside Postgres'."""

import re

import duckdb
import pytest

from desk.database import Database
from desk.settings import Settings
from flows.parsed import DBT_PROJECT
from flows.transform import compiled
from tests.dbt.engines import DuckDb, differences
from tests.dbt.every_macro import CALLS, every_macro
from tests.dbt.rows import rows_of

ENGINES = DBT_PROJECT / "indicators" / "macros" / "checks" / "check_engine.sql"

GAP = """
with bars as (
    select
        'A' as symbol,
        date '2020-01-01' + bar_number as bar_date,
        bar_number,
        1.5 as close
    from (values (1), (2), (4)) as numbers (bar_number)
)

select {{ indicators.ema('close', 2) }} as average from {{ indicators.walked('bars') }}
"""


@pytest.fixture(scope="module")
def empty_duck(tmp_path_factory: pytest.TempPathFactory) -> DuckDb:
    """DuckDB with a file and no build."""
    folder = tmp_path_factory.mktemp("duckdb")
    duck = DuckDb(folder, folder)
    duck.dbt("run-operation", "create_aggregates")
    return duck


def test_every_macro_that_duckdb_has_is_compared() -> None:
    listed = ENGINES.read_text().split("duckdb__macros_here()")[1].split("]")[0]
    assert set(re.findall(r"'(\w+)'", listed)) == set(CALLS)


def test_a_macro_on_duckdb_gives_what_it_gives_on_postgres(
    built: Database, built_settings: Settings, empty_duck: DuckDb
) -> None:
    on_postgres = compiled(built_settings, built, every_macro())
    on_duckdb = empty_duck.dbt("compile", "--inline", every_macro())[
        0
    ].node.compiled_code
    ours = rows_of(built, f"{on_postgres} order by 1, 2")
    assert differences(ours, empty_duck.rows_of(f"{on_duckdb} order by 1, 2")) == []
    assert all(any(row[f"{name}_value"] for row in ours) for name in CALLS)


def test_a_gap_in_the_numbers_of_bars_stops_a_walk(empty_duck: DuckDb) -> None:
    walk = empty_duck.dbt("compile", "--inline", GAP)[0].node.compiled_code
    with pytest.raises(duckdb.Error, match="walked: gaps among the bars of A"):
        empty_duck.rows_of(walk)
    assert len(empty_duck.rows_of(walk.replace("(4)", "(3)"))) == 3
