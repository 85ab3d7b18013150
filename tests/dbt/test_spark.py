"""The same models on Spark, through `desk research`, and on Postgres."""

import json
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from desk.database import Database
from desk.settings import Settings
from flows.backtest import Backtest, read_backtest
from flows.parsed import DBT_PROJECT
from flows.research import researched
from flows.transform import compiled
from tests.conftest import CopyDatabase
from tests.dbt.engines import (
    BACKTEST,
    EVERY_EXIT,
    EXIT_REASONS,
    OF_CASH,
    OUTCOMES,
    TABLES,
    differences,
    same_details,
)
from tests.dbt.every_macro import every_macro
from tests.dbt.rows import rows_of
from tests.dbt.spark import FRUGAL, Built, Cluster, cluster, is_installed
from tests.processes import within

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not is_installed(),
        reason=".venv-spark is not installed (make spark needs a Java 17)",
    ),
]

# int_indicators is a view, and marts.indicators has all that it has.
WRITTEN = TABLES.keys() - {"intermediate.int_indicators"} | BACKTEST.keys()
# One that can't be, one with all macros, and a strategy that buys and sells at once.
MODELS = {
    "marts/for_postgres_only":
        "select jsonb_build_object('close', close) as told from {{ ref('bars') }}",
    "marts/every_macro": every_macro("explode(sequence(1, 60))"),
    "strategies/macd_cross":
        "{{ strategy(buy=above('close', 1), sell=above('close', 2)) }}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Both:
    """One research on Spark and on Postgres, and what dbt said of some more models."""

    spark: Built
    postgres: Database
    reports: tuple[Backtest, Backtest]
    trials_added: tuple[int, int]
    workers_left: int
    said: Mapping[str, tuple[str, str]]


def trials(database: Database) -> int:
    return len(rows_of(database, "select 1 from research.trials"))


def lose_a_machine(machines: Cluster, folder: Path) -> int:
    """Kill a worker while int_trend is built; gives how many are left."""
    begun = "START sql incremental model intermediate.int_trend"

    def is_time() -> bool:
        return any(begun in log.read_text() for log in folder.glob("desk-*/logs/*.log"))

    assert within(300, is_time)
    machines.kill(worker=1)
    assert within(30, lambda: machines.alive() == 1)
    return machines.alive()


@pytest.fixture(scope="module")
def both(
    built: Database, templates: CopyDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    """The sample with every exit, cost and limit; Spark loses one of two machines."""
    folder = tmp_path_factory.mktemp("spark")
    parameters = EVERY_EXIT["strategy_parameters"] | {"ema_cross": {"fast_bars": 5}}
    settings = Settings(
        home=folder / "home",
        whole_shares=True,
        **EVERY_EXIT | {"strategy_parameters": parameters},
    )
    database = templates(built)
    before = trials(database)
    project = Path(shutil.copytree(DBT_PROJECT, folder / "dbt_project"))
    for name, jinja in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(f"{jinja}\n")
    with (
        pytest.MonkeyPatch.context() as patch,
        cluster(folder) as machines,
        ThreadPoolExecutor(1) as aside,
    ):
        patch.setattr("tempfile.tempdir", str(folder))
        for name, value in {**FRUGAL, "SPARK_MASTER": machines.url}.items():
            patch.setenv(name, value)
        left = aside.submit(lose_a_machine, machines, folder)
        with researched(settings, database, "spark") as on_spark:
            added = trials(database) - before
            (place,) = folder.glob("desk-*")
            no_backtest_needs = ("bars", "int_volume", "int_indicators", "indicators")
            said = Built(place).dbt_build(
                project, *no_backtest_needs, *(Path(name).name for name in MODELS)
            )
            with researched(settings, database, "postgres") as on_postgres:
                yield Both(
                    Built(place),
                    on_postgres,
                    (read_backtest(on_spark), read_backtest(on_postgres)),
                    (added, trials(database) - before),
                    left.result(),
                    said,
                )


def test_research_outlives_a_machine_and_reports_what_it_does_on_postgres(
    both: Both,
) -> None:
    assert both.workers_left == 1
    ours, theirs = both.reports
    for one, other in (
        (ours.metrics, theirs.metrics),
        (ours.trades, theirs.trades),
        (ours.curves, theirs.curves),
    ):
        assert differences([dict(r) for r in one], [dict(r) for r in other]) == []
    strategies = len(ours.metrics) - 1  # buying and holding is no trial
    assert both.trials_added == (strategies, strategies)


@pytest.mark.parametrize("table", sorted(WRITTEN))
def test_a_table_on_spark_is_the_one_on_postgres(
    both: Both, built: Database, table: str
) -> None:
    order = (TABLES | BACKTEST)[table]
    # What no setting changes is the desk's own.
    postgres = both.postgres if table in BACKTEST else built
    ours = rows_of(postgres, f"select * from {table} order by {order}")
    assert differences(ours, both.spark.rows_of(table, order)) == []


def test_every_way_out_is_taken_and_every_refusal_given(both: Both) -> None:
    trades = both.spark.rows_of("marts.trades", "1, 2")
    assert {row["exit_reason"] for row in trades} >= EXIT_REASONS
    positions = both.spark.rows_of("intermediate.int_positions", "1, 2")
    assert {row["outcome"] for row in positions} == OUTCOMES


def test_equity_on_spark_is_that_on_postgres(both: Both) -> None:
    order = "strategy, symbol, bar_date"
    ours = rows_of(both.postgres, f"select * from marts.equity_curve order by {order}")
    theirs = both.spark.rows_of("marts.equity_curve", order)
    for column in ("cash", "position_value", "equity"):
        one = [row.pop(column) for row in ours]
        other = [row.pop(column) for row in theirs]
        assert other == pytest.approx(one, rel=1e-9, abs=OF_CASH), column
    assert differences(ours, theirs) == []


def test_signals_on_spark_say_what_they_say_on_postgres(both: Both) -> None:
    ours = rows_of(both.postgres, "select * from marts.signals order by signal_key")
    theirs = both.spark.rows_of("marts.signals", "signal_key")
    said = [(row.pop("details"), json.loads(other.pop("details")))
            for row, other in zip(ours, theirs, strict=True)]  # fmt: skip
    assert differences(ours, theirs) == []
    assert [pair for pair in said if not same_details(*pair)] == []


def test_a_macro_on_spark_gives_what_it_gives_on_postgres(
    both: Both, built: Database, built_settings: Settings
) -> None:
    on_postgres = compiled(built_settings, built, every_macro())
    ours = rows_of(built, f"{on_postgres} order by 1, 2")
    assert differences(ours, both.spark.rows_of("marts.every_macro", "1, 2")) == []


def test_other_models_are_built_beside(both: Both) -> None:
    failed = {name for name, (how, _) in both.said.items() if how != "success"}
    assert failed == {"for_postgres_only", "macd_cross"}


def test_a_model_for_one_engine_only_fails_and_its_construct_is_named(
    both: Both,
) -> None:
    status, said = both.said["for_postgres_only"]
    assert status == "error"
    assert "Cannot resolve routine `jsonb_build_object`" in said


def test_buying_and_selling_on_one_bar_stops_the_build(both: Both) -> None:
    """Where a hook's query is not run by itself."""
    status, said = both.said["macd_cross"]
    assert status == "error"
    assert "macd_cross.sql: buys and sells on one bar: AAPL on 2000-03-01" in said
