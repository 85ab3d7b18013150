"""The dbt project as a whole: repeatable, safe to start twice, early errors."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from desk.database import Database
from desk.settings import Settings
from flows import parsed
from flows.engines import Engine
from flows.parsed import DBT_PROJECT
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.conftest import Dbt
from tests.dbt.rows import rows_of

Compile = Callable[[str], str]

TABLES = (
    "intermediate.int_corporate_actions",
    "intermediate.int_bars",
    "intermediate.int_indicators",
    "marts.bars",
    "marts.indicators",
    "marts.signals",
    "marts.trades",
    "marts.equity_curve",
    "marts.backtest_metrics",
)


def digests(database: Database) -> dict[str, str]:
    """A hash of every table's rows, whatever their order."""
    return {
        table: rows_of(
            database,
            f"select md5(string_agg(rows::text, '' order by rows::text)) as digest "
            f"from {table} as rows",
        )[0]["digest"]
        for table in TABLES
    }


@pytest.fixture(scope="module")
def manifest(dbt: Dbt) -> Any:
    """The parsed project."""
    return dbt("parse")


@pytest.fixture(scope="module")
def compiled(dbt: Dbt, manifest: Any) -> Compile:
    """A function that compiles Jinja within the project to SQL."""

    def compile_inline(jinja: str) -> str:
        done = dbt("compile", "--inline", jinja, manifest=manifest)
        return str(done.results[0].node.compiled_code)

    return compile_inline


def test_building_twice_gives_identical_rows(
    built: Database, copies: CopyDatabase, tmp_path: Path
) -> None:
    again = copies(built)
    for full_refresh in (False, True):
        report = build(Settings(home=tmp_path), again, full_refresh=full_refresh)
        assert report.models >= 15
        assert digests(again) == digests(built)


def test_the_models_unit_tests_hold(
    built: Database, copies: CopyDatabase, tmp_path: Path, manifest: Any
) -> None:
    data_tests = [n for n in manifest.nodes.values() if n.resource_type == "test"]
    report = build(Settings(home=tmp_path), copies(built), unit_tests=True)
    assert report.tests == len(data_tests) + len(manifest.unit_tests)


def test_a_desk_without_prices_builds_empty_tables(
    database: Database, settings: Settings
) -> None:
    build(settings, database)
    assert rows_of(database, "select * from marts.backtest_metrics") == []


def test_builds_may_start_at_once_on_a_new_database(
    database: Database, compiled: Compile
) -> None:
    statement = compiled("{{ create_aggregates() }}").encode()
    starters = 8
    together = Barrier(starters)

    def start(_: int) -> None:
        with database.connect("dbt") as conn:
            together.wait()
            conn.execute(statement)

    with ThreadPoolExecutor(starters) as pool:
        list(pool.map(start, range(starters)))
    (row,) = rows_of(
        database, "select intermediate.product(x) from (values (2), (3)) as v (x)"
    )
    assert row["product"] == 6


@pytest.mark.slow
def test_the_parsed_project_is_kept_until_a_file_of_it_changes(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)

    def parse_as_another_process() -> int:
        monkeypatch.setattr(parsed, "kept_manifests", {})
        parsed.parse(settings, database)
        return len(times)

    times: list[str] = []
    parse_anew = parsed._parse_anew

    def parse_noted(settings: Settings, database: Database, engine: Engine) -> Any:
        times.append("once more")
        return parse_anew(settings, database, engine)

    monkeypatch.setattr(parsed, "_parse_anew", parse_noted)
    assert parse_as_another_process() == 1
    assert parse_as_another_process() == 1
    build(settings, database, select=["int_strategies"])
    (kept,) = tmp_path.glob("dbt/target/manifest.pickle")
    kept.write_bytes(kept.read_bytes()[:-9])
    times.clear()
    assert parse_as_another_process() == 1
    files = parsed.project_files()
    monkeypatch.setattr(parsed, "project_files", lambda: files[:-1])
    assert parse_as_another_process() == 2


def test_every_strategy_is_in_the_signals(built: Database) -> None:
    models = {
        path.stem for path in (DBT_PROJECT / "models" / "strategies").glob("*.sql")
    }
    rows = rows_of(built, "select distinct strategy from marts.signals")
    assert {row["strategy"] for row in rows} == models


def test_every_model_says_its_grain_and_describes_its_columns(manifest: Any) -> None:
    models = [n for n in manifest.nodes.values() if n.resource_type == "model"]
    assert models
    for model in models:
        last_sentence = model.description.strip().split(". ")[-1]
        assert last_sentence.startswith("One row per "), model.name
        for column in model.columns.values():
            assert column.description, f"{model.name}.{column.name}"


def test_a_bar_on_which_both_sides_are_true_is_no_buy_and_no_sell(
    built: Database, compiled: Compile
) -> None:
    """Buys and sells that partly fall on the same bars."""

    def sides(buy: str, sell: str) -> dict[tuple[str, date], str]:
        query = compiled(f"{{{{ strategy({buy}, {sell}, {{}}) }}}}")
        return {
            (row["symbol"], row["bar_date"]): row["side"]
            for row in rows_of(built, query)
            if row["side"] != "none"
        }

    buy, sell = "crosses_above('close', 'sma_20')", "crosses_above('close', 'sma_50')"
    never = "crosses_above('rsi_14', 101)"
    buys, sells = sides(buy, never), sides(never, sell)
    both = buys.keys() & sells.keys()
    assert both
    expected = dict.fromkeys(buys.keys() - both, "buy")
    expected |= dict.fromkeys(sells.keys() - both, "sell")
    expected |= dict.fromkeys(both, "both")
    assert sides(buy, sell) == expected


@pytest.mark.parametrize(
    ("macro", "complaint"),
    [
        ("crosses_above('sma_x', 30)", "crosses_above: there is no value sma_x"),
        ("crosses_above('no_51', 30)", "crosses_above: there is no value no_51"),
        ("below('sma_0', 30)", "sma: period must be a whole number of bars"),
        ("above('close', none)", "above: there is no value None"),
        ("between('close', 'low', true)", "between: there is no value True"),
        ("all_of(above('close', 1), 'low')", "all_of: low is no rule"),
        ("any_of()", "any_of: no rule"),
        (
            "strategy(above('close', 1), above('close', 1), {})",
            "buys and sells by the same rule: close is above 1",
        ),
        ("strategy(above('close', 1), 'x', {})", "there is no sell rule"),
        ("crosses_below('close', 'x')", "crosses_below: there is no value x"),
    ],
)
def test_a_wrong_argument_stops_the_compilation_and_is_named(
    compiled: Compile, macro: str, complaint: str
) -> None:
    with pytest.raises(Exception, match=complaint):
        compiled("{{ " + macro + " }}")
