"""Research on each engine: the report and the trials of a build of the desk's own."""

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from flows.backtest import Backtest, Row, read_backtest
from flows.research import researched
from tests.conftest import CopyDatabase, url_of
from tests.dbt.engines import differences
from tests.dbt.rows import rows_of
from tests.test_cli import desk

TRIALS = "select * from research.trials order by strategy, settings::text, trial_id"


def counted(database: Database) -> int:
    return len(rows_of(database, TRIALS))


def plain(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [dict(row) for row in rows]


def assert_same(one: Backtest, other: Backtest) -> None:
    for ours, theirs in (
        (one.metrics, other.metrics),
        (one.trades, other.trades),
        (one.curves, other.curves),
    ):
        assert differences(plain(ours), plain(theirs)) == []


@pytest.mark.slow
def test_other_settings_are_other_trials_the_same_ones_on_both_engines(
    built: Database, built_settings: Settings, copies: CopyDatabase
) -> None:
    database = copies(built)
    before = counted(database)
    dearer = built_settings.model_copy(update={"commission_bps": 25})
    with researched(dearer, database, "duckdb") as own:
        on_duckdb = read_backtest(own)
    strategies = len(on_duckdb.metrics) - 1  # buying and holding is no trial
    assert counted(database) == before + strategies
    with researched(dearer, database, "postgres") as own:
        assert_same(on_duckdb, read_backtest(own))
    assert counted(database) == before + strategies
    assert read_backtest(built).metrics != on_duckdb.metrics


def test_what_dbt_says_on_duckdb_is_told_and_nothing_is_left(
    built: Database,
    built_settings: Settings,
    copies: CopyDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = copies(built)
    before = counted(database)
    settings = built_settings.model_copy(
        update={"strategy_parameters": {"sma_cross": {"fast_bars": 1}}}
    )
    with (
        pytest.raises(DeskError, match=r"on DuckDB failed.*fast_bars is 1"),
        researched(settings, database, "duckdb"),
    ):
        pytest.fail("it was built")
    monkeypatch.setattr("flows.engines.find_spec", lambda _: None)
    with (
        pytest.raises(DeskError, match=r"desk\[duckdb\]"),
        researched(built_settings, database, "duckdb"),
    ):
        pytest.fail("it was built")
    monkeypatch.setattr("flows.engines.DBT_OF_SPARK", Path("/nowhere/dbt"))
    with (
        pytest.raises(DeskError, match=r"--engine spark needs .* make spark"),
        researched(built_settings, database, "spark"),
    ):
        pytest.fail("it was built")
    monkeypatch.setattr("flows.engines.DBT_OF_SPARK", Path(sys.executable))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("flows.engines.which", lambda _: None)
    with (
        pytest.raises(DeskError, match="--engine spark needs a Java"),
        researched(built_settings, database, "spark"),
    ):
        pytest.fail("it was built")
    assert counted(database) == before


def test_without_prices_there_is_nothing_to_research(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, as_of=date(2013, 3, 1))
    with (
        pytest.raises(DeskError, match="no prices to research; run desk load"),
        researched(settings, database, "duckdb"),
    ):
        pytest.fail("it was built")


@pytest.mark.slow
def test_the_command_reports_what_was_built_and_adds_no_trial_that_is_there(
    built: Database, tmp_path: Path
) -> None:
    before = counted(built)
    told = []
    for command in (["backtest"], ["research", "--engine", "duckdb"]):
        arguments = (*command, "sma_cross", "--json")
        done = desk(*arguments, home=tmp_path, DESK_DATABASE_URL=url_of(built))
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout))
    for part in ("metrics", "trades", "curves"):
        assert differences(told[0][part], told[1][part]) == []
    assert before == counted(built) > 0
    beside = "select 1 from pg_database where datname like %s"
    assert rows_of(built, beside, f"{built.parameters['dbname']}_%") == []


def test_an_engine_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = desk("research", "--engine", "oracle", home=tmp_path)
    assert done.returncode == 2
    assert "'oracle' is not one of 'postgres', 'duckdb', 'spark'" in done.stderr
