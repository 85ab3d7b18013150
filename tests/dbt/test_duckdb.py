"""The same models on DuckDB, from a snapshot of the sample, and on Postgres."""

import json
import shutil
from pathlib import Path

import pytest

from desk.database import Database
from desk.settings import Settings
from desk.snapshot import snapshot
from flows.parsed import DBT_PROJECT, variables
from flows.transform import build, compiled
from tests.conftest import CopyDatabase
from tests.dbt.engines import (
    BACKTEST,
    EVERY_EXIT,
    EXIT_REASONS,
    OF_CASH,
    OUTCOMES,
    TABLES,
    DuckDb,
    differences,
    same_details,
)
from tests.dbt.rows import rows_of


def everything_built(duck: DuckDb, settings: Settings, **given: int) -> DuckDb:
    """All that DuckDB builds of a snapshot, with the tests of it passed."""
    results = duck.dbt(
        "build", "--exclude-resource-type", "unit_test",
        "--vars", json.dumps(variables(settings) | given),
    )  # fmt: skip
    failed = [r for r in results if r.status not in ("success", "pass")]
    assert not failed, [(r.node.name, r.message) for r in failed]
    return duck


@pytest.fixture(scope="module")
def duck(
    built: Database, built_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> DuckDb:
    """The sample, built on DuckDB."""
    folder = tmp_path_factory.mktemp("duckdb")
    snapshot(built, str(folder / "snapshot"))
    return everything_built(DuckDb(folder, folder / "snapshot"), built_settings)


@pytest.mark.parametrize("table", [*TABLES, *BACKTEST])
def test_a_table_on_duckdb_is_the_one_on_postgres(
    built: Database, duck: DuckDb, table: str
) -> None:
    query = f"select * from {table} order by {(TABLES | BACKTEST)[table]}"
    assert differences(rows_of(built, query), duck.rows_of(query)) == []


def test_equity_on_duckdb_is_that_on_postgres(built: Database, duck: DuckDb) -> None:
    query = "select * from marts.equity_curve order by strategy, symbol, bar_date"
    ours, theirs = rows_of(built, query), duck.rows_of(query)
    for column in ("cash", "position_value", "equity"):
        one = [row.pop(column) for row in ours]
        other = [row.pop(column) for row in theirs]
        assert other == pytest.approx(one, rel=1e-9, abs=OF_CASH), column
    assert differences(ours, theirs) == []


def test_signals_on_duckdb_say_what_they_say_on_postgres(
    built: Database, duck: DuckDb
) -> None:
    query = "select * from marts.signals order by signal_key"
    ours, theirs = rows_of(built, query), duck.rows_of(query)
    said = [(row.pop("details"), json.loads(other.pop("details")))
            for row, other in zip(ours, theirs, strict=True)]  # fmt: skip
    assert differences(ours, theirs) == []
    assert [pair for pair in said if not same_details(*pair)] == []


def test_details_that_differ_are_found() -> None:
    told = {"sentence": "close (608.75) rose", "left_value": 608.75, "outcome": True}
    assert same_details(told, told | {"left_value": 608.75 + 1e-9})
    for other in (
        {"sentence": "close (608.76) rose"},
        {"left_value": 608.76},
        {"left_value": None},
        {"outcome": False},
    ):
        assert not same_details(told, told | other)


@pytest.mark.slow
@pytest.mark.parametrize("is_whole", [False, True])
def test_every_exit_cost_and_limit_is_the_same_too_built_in_parts(
    built: Database,
    duck: DuckDb,
    copies: CopyDatabase,
    tmp_path_factory: pytest.TempPathFactory,
    is_whole: bool,
) -> None:
    folder = tmp_path_factory.mktemp("duckdb")
    settings = Settings(home=folder / "home", whole_shares=is_whole, **EVERY_EXIT)
    database = copies(built)
    build(settings, database)
    # Symbols by symbols, as it builds what does not fit into memory.
    parts = {"bars_at_once": 3_000}
    other = everything_built(DuckDb(folder, duck.snapshot), settings, **parts)
    for table, order in (TABLES | BACKTEST).items():
        query = f"select * from {table} order by {order}"
        assert differences(rows_of(database, query), other.rows_of(query)) == [], table
    reasons = other.rows_of("select distinct exit_reason from marts.trades")
    assert {row["exit_reason"] for row in reasons} >= EXIT_REASONS
    outcomes = other.rows_of("select distinct outcome from intermediate.int_positions")
    assert {row["outcome"] for row in outcomes} == OUTCOMES


def test_a_difference_is_found() -> None:
    same = [{"symbol": "A", "close": 1.0, "sma": None}]
    assert differences(same, [{"symbol": "A", "close": 1 + 1e-12, "sma": None}]) == []
    for other in ({"close": 1 + 1e-8}, {"close": 1}, {"sma": 0.0}, {"symbol": "B"}):
        assert len(differences(same, [same[0] | other])) == 1


# A value, the one beside it, and how a sentence tells the first.
TOLD = {
    (25.894, 25.884): "25.89",
    (25.89, 25.8925): "25.8900",
    (25.8924, 25.8923): "25.8924",
    (25.89240001, 25.89239999): "25.89240001",
    (25.89239999, 25.89240001): "25.89239999",
    (25.8924000000001, 25.8924): "25.89",
    (25.8924, 26.0): "25.89",
}


def test_numbers_that_differ_are_told_apart_on_both(
    built: Database, built_settings: Settings, duck: DuckDb
) -> None:
    pairs = ", ".join(f"({value}, {beside})" for value, beside in TOLD)
    jinja = f"""
        select cast({{{{ rounded('number', 'beside') }}}} as text) as told
        from (
            select
                cast(column1 as double precision) as number,
                cast(column2 as double precision) as beside
            from (values {pairs}) as pairs (column1, column2)
        ) as pairs
    """
    on_duckdb = duck.dbt("compile", "--inline", jinja)[0].node.compiled_code
    told = [{"told": words} for words in TOLD.values()]
    assert rows_of(built, compiled(built_settings, built, jinja)) == told
    assert duck.rows_of(on_duckdb) == told


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


@pytest.mark.slow
def test_a_model_for_one_engine_only_fails_and_its_construct_is_named(
    duck: DuckDb, tmp_path: Path
) -> None:
    project = shutil.copytree(DBT_PROJECT, tmp_path / "dbt_project")
    model = project / "models" / "marts" / "for_postgres_only.sql"
    model.write_text(
        "select jsonb_build_object('close', close) as told from {{ ref('bars') }}"
    )
    errors: list[str] = []
    copied = DuckDb(tmp_path, duck.snapshot, project)
    copied.dbt("build", "--select", "+for_postgres_only", said=errors)
    assert "for_postgres_only" in "".join(errors)
    assert "function with name jsonb_build_object" in "".join(errors).lower()
