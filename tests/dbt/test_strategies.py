"""Strategies: new ones by the documented recipe, bad ones, and what rules mean."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.settings import PROJECT, Settings
from flows.parsed import DBT_PROJECT
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

NewStrategy = Callable[[str, str, str], None]
SMA_CROSS, DUAL_MOMENTUM = (
    (DBT_PROJECT / "models" / "strategies" / f"{name}.sql").read_text()
    for name in ("sma_cross", "dual_momentum")
)
RULES = """
{{{{
    strategy(
        buy={buy},
        sell={sell},
    )
}}}}
"""


def list_strategy(project: Path, line: str) -> None:
    """A line under vars: strategies."""
    path = project / "dbt_project.yml"
    text = path.read_text()
    assert "  strategies:\n" in text
    path.write_text(text.replace("  strategies:\n", f"  strategies:\n{line}\n", 1))


def write_strategy(project: Path, name: str, rules: str, parameters: str) -> None:
    folder = project / "models" / "strategies"
    (folder / f"{name}.sql").write_text(rules)
    described = (folder / "donchian.yml").read_text()
    (folder / f"{name}.yml").write_text(described.replace("donchian", name))
    list_strategy(project, f"    {name}: {parameters}")


def test_the_recipe_for_a_strategy_works_as_it_is_written(
    built: Database, copies: CopyDatabase, project: Path, tmp_path: Path
) -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text()
    recipe = page[page.index("* **A strategy**") : page.index("* **An indicator**")]
    (target,) = re.findall(r"to `dbt_project/(.*\.sql)`", recipe)
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", recipe, re.DOTALL))
    assert blocks.keys() == {"sql", "sh", "yaml"}

    (project / target).write_text(dedent(blocks["sql"]))
    subprocess.run(
        ["/bin/sh", "-euc", dedent(blocks["sh"])],
        cwd=project / "models" / "strategies",
        check=True,
    )
    line = dedent(" " * 5 + blocks["yaml"].strip("\n ")).strip()
    list_strategy(project, f"    {line}")
    database = copies(built)
    build(Settings(home=tmp_path), database, select=["+signals", "+near_misses"])

    sides = rows_of(
        database,
        "select side, count(*) as signals from marts.signals "
        "where strategy = 'week_breakout' group by side",
    )
    assert {row["side"] for row in sides} == {"buy", "sell"}
    assert all(row["signals"] > 50 for row in sides)
    assert rows_of(
        database, "select 1 from marts.near_misses where strategy = 'week_breakout'"
    )
    described = (project / target).with_suffix(".yml").read_text()
    assert "What it does." in described
    assert "turtles" not in described


@pytest.mark.parametrize(
    ("rules", "parameters", "complaint"),
    [
        (
            RULES.format(buy="above('sma_x', 1)", sell="below('close', 1)"),
            "{}",
            "above: there is no value sma_x; known are open, high",
        ),
        ("{{ strategy(sell=below('close', 1)) }}", "{}", "there is no buy rule"),
        (
            SMA_CROSS,
            "{fast_bars: 1, slow_bars: 200}",
            "fast_bars is 1, must be a whole number from 2 to 400",
        ),
        (
            SMA_CROSS,
            "{fast_bars: 20.5, slow_bars: 200}",
            "fast_bars is 20.5, must be a whole number from 2 to 400",
        ),
        (SMA_CROSS, "{fast_bars: 20}", "slow_bars is missing under vars: strategies"),
        (
            SMA_CROSS,
            "{fast_bars: 200, slow_bars: 200}",
            "fast_bars is 200, must be below slow_bars, 200",
        ),
        (
            DUAL_MOMENTUM,
            "{positions: 1.5}",
            "positions is 1.5, must be a whole number from 1 to 1000",
        ),
        ("-- Nothing yet.\n{# Or is\nthere? #}", "{}", "there is no rule in it"),
        (
            SMA_CROSS,
            "{fast_bars: 20, slow_bars: 200, stop_loss_pct: 100}",
            "stop_loss_pct is 100, must be a number from 0.1 to 99",
        ),
        (
            RULES.format(buy="above('close', 1)", sell="below('close', 1)"),
            "{bars: 3}",
            "there is no parameter bars; known are stop_loss_pct",
        ),
    ],
)
def test_a_bad_strategy_stops_the_build_with_its_file_and_the_reason(
    database: Database,
    project: Path,
    tmp_path: Path,
    rules: str,
    parameters: str,
    complaint: str,
) -> None:
    write_strategy(project, "bad", rules, parameters)
    with pytest.raises(DeskError) as stopped:
        build(Settings(home=tmp_path), database)
    said = " ".join(str(stopped.value).split())
    assert f"models/strategies/bad.sql: {complaint}" in said


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("fast_bars", 0, "fast_bars is 0, must be a whole number from 2 to 400"),
        ("bars", 5, "there is no parameter bars; known are stop_loss_pct, "),
    ],
)
def test_a_bad_parameter_from_the_environment_is_a_setting_to_correct(
    database: Database, tmp_path: Path, name: str, value: int, complaint: str
) -> None:
    given = {"sma_cross": {name: value}}
    with pytest.raises(SettingError) as refused:
        build(Settings(home=tmp_path, strategy_parameters=given), database)
    said = f"DESK_STRATEGY_PARAMETERS=sma_cross.{name}={value}: {complaint}"
    assert str(refused.value).startswith(said)
    assert "> in macro" not in str(refused.value)


def test_a_strategy_may_not_be_called_as_the_benchmark(
    database: Database, project: Path, tmp_path: Path
) -> None:
    write_strategy(project, "buy_and_hold", SMA_CROSS, "{fast_bars: 5, slow_bars: 9}")
    with pytest.raises(DeskError, match=r"buy_and_hold\.sql: buy_and_hold is the"):
        build(Settings(home=tmp_path), database)


@pytest.mark.parametrize(
    ("listed", "complaint"),
    [
        ("    bad: 5", "vars: strategies: bad is 5, must be its parameters, as {"),
        ("    bad: [5]", "vars: strategies: bad is [5], must be its parameters, as {"),
        ("    - bad", "vars: strategies must be names with their parameters, as donc"),
    ],
)
def test_a_bad_list_of_strategies_stops_the_build_with_the_reason(
    database: Database, project: Path, tmp_path: Path, listed: str, complaint: str
) -> None:
    path = project / "dbt_project.yml"
    if listed.startswith("    - "):
        text = re.sub(r"(?<=  strategies:\n)(    \w+: .*\n)+", "", path.read_text())
        path.write_text(text)
    list_strategy(project, listed)
    with pytest.raises(DeskError) as stopped:
        build(Settings(home=tmp_path), database)
    said = " ".join(str(stopped.value).split())
    assert f"dbt_project.yml: {complaint}" in said


def test_a_strategy_nobody_listed_stops_the_build(
    database: Database, project: Path, tmp_path: Path
) -> None:
    copied = project / "models" / "strategies" / "unlisted.sql"
    copied.write_text(RULES.format(buy="above('close', 1)", sell="below('close', 1)"))
    with pytest.raises(DeskError, match=r"strategies/unlisted\.sql: the strategy"):
        build(Settings(home=tmp_path), database)


def test_a_strategy_that_buys_and_sells_on_one_bar_stops_the_build_and_trades_nothing(
    built: Database, copies: CopyDatabase, project: Path, tmp_path: Path
) -> None:
    write_strategy(
        project,
        "bad",
        RULES.format(buy="above('close', 1)", sell="crosses_above('rsi_14', 99)"),
        "{}",
    )
    list_strategy(project, "    worse: {}")
    (project / "models/strategies/worse.sql").write_text(
        RULES.format(buy="above('close', 600)", sell="crosses_below('rsi_14', 70)")
    )
    described = (project / "models/strategies/bad.yml").read_text()
    (project / "models/strategies/worse.yml").write_text(
        described.replace("bad", "worse")
    )
    database = copies(built)
    before = rows_of(database, "select * from marts.signals order by signal_key")
    with pytest.raises(
        DeskError,
        match=r"models/strategies/worse\.sql: buys and sells on one bar: \w+ on \d{4}-",
    ):
        build(Settings(home=tmp_path), database, select=["+signals"])
    assert rows_of(database, "select to_regclass('intermediate.worse') as it") == [
        {"it": None}
    ]
    assert (
        rows_of(database, "select * from marts.signals order by signal_key") == before
    )
