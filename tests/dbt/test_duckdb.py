"""The same models on DuckDB, from a snapshot of the sample, and on Postgres."""

import json

import pytest

from desk.database import Database
from desk.settings import Settings
from desk.snapshot import snapshot
from flows.transform import compiled
from tests.dbt.engines import DuckDb, differences
from tests.dbt.rows import rows_of


@pytest.fixture(scope="module")
def duck(built: Database, tmp_path_factory: pytest.TempPathFactory) -> DuckDb:
    """The sample, built on DuckDB."""
    folder = tmp_path_factory.mktemp("duckdb")
    snapshot(built, str(folder / "snapshot"))
    duck = DuckDb(folder, folder / "snapshot")
    results = duck.dbt(
        "build", "--select", "+marts.indicators", "+marts.bars",
        "--exclude-resource-type", "unit_test",
    )  # fmt: skip
    failed = [r for r in results if r.status not in ("success", "pass")]
    assert not failed, [(r.node.name, r.message) for r in failed]
    return duck


@pytest.mark.parametrize(
    "table",
    [
        "intermediate.int_corporate_actions",
        "intermediate.int_bars",
        "intermediate.int_symbols",
        "intermediate.int_indicators",
        "marts.bars",
        "marts.indicators",
    ],
)
def test_a_table_on_duckdb_is_the_one_on_postgres(
    built: Database, duck: DuckDb, table: str
) -> None:
    query = f"select * from {table} order by 1, 2, 3"
    assert differences(rows_of(built, query), duck.rows_of(query)) == []


def test_a_difference_is_found() -> None:
    same = [{"symbol": "A", "close": 1.0, "sma": None}]
    assert differences(same, [{"symbol": "A", "close": 1 + 1e-12, "sma": None}]) == []
    for other in ({"close": 1 + 1e-8}, {"close": 1}, {"sma": 0.0}, {"symbol": "B"}):
        assert len(differences(same, [same[0] | other])) == 1


# What strategies ask for with parameters of their own: see computed_indicators.
ASKED_FOR = """
    select
        symbol,
        bar_date,
        {%- for name in computed_indicators() %}
        {{ computed_value(name ~ '_17').sql }} as {{ name }}_17,
        {%- endfor %}
        {{ computed_value('ema_5').sql }} as ema_5,
        bar_number

    from {{ indicators.walked('bars') }}
"""


def test_what_strategies_compute_for_themselves_is_the_same_too(
    built: Database, built_settings: Settings, duck: DuckDb
) -> None:
    jinja = f"with bars as (select * from {{{{ ref('int_bars') }}}}) {ASKED_FOR}"
    on_duckdb = duck.dbt("compile", "--inline", jinja)[0].node.compiled_code
    on_postgres = compiled(built_settings, built, jinja)
    assert (
        differences(
            rows_of(built, f"{on_postgres} order by 1, 2"),
            duck.rows_of(f"{on_duckdb} order by 1, 2"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("macro", "given", "said"),
    [
        ("kama", {"column": "close"}, "kama: not to be had on duckdb"),
        ("wma", {"column": "close", "period": 9}, "wma: not to be had on duckdb"),
        (
            "ema",
            {"column": "close", "period": 9, "resume": "stored"},
            "resume: not to be had on duckdb",
        ),
        (
            "peak",
            {"column": "close", "resume": "stored"},
            "resume: not to be had on duckdb",
        ),
    ],
)
def test_what_duckdb_has_no_form_for_stops_the_compilation(
    duck: DuckDb, macro: str, given: dict[str, object], said: str
) -> None:
    name = f"indicators.{macro}"
    errors: list[str] = []
    duck.dbt("run-operation", name, "--args", json.dumps(given), said=errors)
    assert said in "".join(errors)
