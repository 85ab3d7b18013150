"""A sweep trades as the backtest does, at every point, and says what it can't do."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from psycopg.rows import dict_row
from rich.console import Console

from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.settings import Settings
from flows.grid import Point, declared_parameters, make_grid, windows_of
from flows.parsed import DBT_PROJECT
from flows.sweep import Sweep, SweepEngine, sweep
from flows.sweep_duckdb import on_duckdb
from flows.sweep_report import render_sweep, write_csv, write_json
from flows.sweep_statements import render
from flows.sweep_workers import add_trades, connect
from flows.transform import build
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

# Of every strategy other parameters than the declared ones, and every kind of exit.
OTHERS: dict[str, Point] = {
    "bollinger_breakout": {"period_bars": 30, "take_profit_pct": 6},
    "donchian": {"entry_bars": 15, "exit_bars": 40, "stop_loss_pct": 4.5},
    "dual_momentum": {"positions": 1},
    "ema_cross": {"fast_bars": 9, "slow_bars": 21, "trend_bars": 100},
    "macd_cross": {"max_holding_bars": 8, "trailing_stop_pct": 7},
    "rsi_reversal": {"period_bars": 10, "oversold": 40, "overbought": 60.5},
    "sma_cross": {
        "fast_bars": 10,
        "slow_bars": 30,
        "stop_loss_pct": 8,
        "take_profit_pct": 25,
        "trailing_stop_pct": 10,
        "max_holding_bars": 25,
    },
}
ENGINES: tuple[SweepEngine, ...] = ("postgres", "duckdb")

BUILT = """
select
    symbol, entry_date, exit_date, exit_reason, entry_value, exit_value
from marts.trades
where account = 'symbol' and strategy = %s
order by symbol, entry_date
"""
SWEPT = """
select
    trades.symbol, entries.bar_date as entry_date, exits.bar_date as exit_date,
    trades.exit_reason, trades.entry_value, trades.exit_value
from pg_temp.swept_trades as trades
inner join intermediate.int_bars as entries
on trades.symbol = entries.symbol and trades.entry_bar_number = entries.bar_number
inner join intermediate.int_bars as exits
on trades.symbol = exits.symbol and trades.exit_bar_number = exits.bar_number
where trades.point = %s
order by trades.symbol, entry_date
"""


def swept_trades(
    settings: Settings,
    database: Database,
    strategy: str,
    points: list[Point],
    engine: SweepEngine,
) -> list[list[dict[str, Any]]]:
    """Closed trades of each point, all symbols."""
    statements = render(settings, database, strategy, points, engine=engine)
    symbols = [row["symbol"] for row in rows_of(database, ALL_SYMBOLS)]
    if engine == "duckdb":
        with (
            connect(database) as into,
            on_duckdb(settings, database, symbols, SESSIONS) as place,
        ):
            place.evaluate(into, statements, len(points), lambda _: None)
            query = SWEPT.replace("pg_temp.", "").replace("%s", "?")
            return [
                place.conn.sql(query, params=[number]).to_arrow_table().to_pylist()
                for number in range(1, len(points) + 1)
            ]
    chunks: SimpleQueue[Sequence[str]] = SimpleQueue()
    for chunk in (symbols[:2], symbols[2:]):
        chunks.put(chunk)
    with connect(database, row_factory=dict_row) as conn:
        assert add_trades(conn, statements, chunks, lambda _: None) == symbols
        return [
            conn.execute(SWEPT, [number]).fetchall()
            for number in range(1, len(points) + 1)
        ]


# Of the sample; on DuckDB more symbols at a time than are in it would be no test.
SESSIONS = 3270

UP_TO_TRADES = [
    *(
        "path:models/strategies",
        "int_strategies",
        "signals",
        "int_fills",
    ),
    *("int_planned_exits", "int_candidates", "int_positions", "trades"),
]
ALL_SYMBOLS = "select symbol from intermediate.int_symbols order by symbol"


def assert_same(swept: list[dict[str, Any]], built: list[dict[str, Any]]) -> None:
    money = ("entry_value", "exit_value")
    for row in (*swept, *built):
        row["money"] = [row.pop(name) for name in money]
    assert [row["money"] for row in swept] == [
        pytest.approx(row["money"], rel=1e-12) for row in built
    ]
    assert [{**row, "money": None} for row in swept] == [
        {**row, "money": None} for row in built
    ]
    assert built


@pytest.fixture(scope="module")
def database(built: Database, templates: CopyDatabase) -> Database:
    """The built sample, for sweeps to leave their trials in."""
    return templates(built)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("strategy", sorted(OTHERS))
def test_the_declared_parameters_trade_as_the_built_backtest(
    database: Database, built_settings: Settings, strategy: str, engine: SweepEngine
) -> None:
    declared = declared_parameters(
        (DBT_PROJECT / "dbt_project.yml").read_text(), strategy
    )
    (found,) = swept_trades(built_settings, database, strategy, [declared], engine)
    assert_same(found, rows_of(database, BUILT, strategy))


@pytest.mark.slow
@pytest.mark.parametrize("whole_shares", [False, True])
def test_other_parameters_trade_as_a_build_with_them(
    built: Database,
    copies: CopyDatabase,
    project: Path,
    tmp_path: Path,
    whole_shares: bool,
) -> None:
    path = project / "dbt_project.yml"
    text = path.read_text()
    for strategy, point in OTHERS.items():
        text = re.sub(
            rf"^    {strategy}: .*$",
            f"    {strategy}: {json.dumps(point)}",
            text,
            flags=re.MULTILINE,
        )
    path.write_text(text)
    database = copies(built)
    settings = Settings(
        home=tmp_path,
        commission_minimum=1,
        commission_per_share="0.005",
        whole_shares=whole_shares,
    )
    build(settings, database, select=UP_TO_TRADES)
    for strategy, point in OTHERS.items():
        decoy = {**point, "max_holding_bars": 3}
        for engine in ENGINES:
            found = swept_trades(settings, database, strategy, [decoy, point], engine)
            assert_same(found[1], rows_of(database, BUILT, strategy))
            assert found[0] != found[1]


def test_one_symbols_figures_are_those_of_its_account(
    database: Database, built_settings: Settings
) -> None:
    found = sweep(
        built_settings, database, "donchian", ["entry=10,20"], symbols=["GOOG"]
    )
    assert len(found.points) == 2
    (swept,) = (row for row in found.points if row["parameters"]["entry_bars"] == 20)
    (account,) = rows_of(
        database,
        "select * from marts.backtest_metrics "
        "where strategy = 'donchian' and symbol = 'GOOG'",
    )
    for name in ("trades", "total_return", "sharpe", "max_drawdown", "exposure"):
        assert swept[name] == pytest.approx(account[name], rel=1e-9), name


def test_all_symbols_figures_are_those_of_the_accounts_sum(
    database: Database, built_settings: Settings
) -> None:
    found = sweep(built_settings, database, "sma_cross", ["fast=50"])
    curve = rows_of(
        database,
        """
        with sessions as (select distinct bar_date from intermediate.int_bars)
        select
            sessions.bar_date,
            sum(coalesce((
                select equity from marts.equity_curve as curve
                where
                    curve.strategy = 'sma_cross'
                    and curve.symbol = symbols.symbol
                    and curve.bar_date <= sessions.bar_date
                order by curve.bar_date desc limit 1
            ), 100000)) as equity
        from sessions
        cross join intermediate.int_symbols as symbols
        where sessions.bar_date >= '2012-01-01'
        group by sessions.bar_date order by sessions.bar_date
        """,
    )
    equity = np.array([row["equity"] for row in curve])
    assert found.points[0]["total_return"] == pytest.approx(equity[-1] / 500_000 - 1)
    sessions = found.sessions
    walked = sweep(
        built_settings,
        database,
        "sma_cross",
        ["fast=50"],
        walk_forward=f"train={sessions - 200},test=200",
    )
    (fold,) = walked.folds
    returns = equity[-200:] / equity[-201:-1] - 1
    sharpe = returns.mean() / returns.std(ddof=1) * np.sqrt(252)
    assert fold.test["sharpe"] == pytest.approx(sharpe)
    assert walked.test_sharpe == pytest.approx(sharpe)
    assert fold.test["total_return"] == pytest.approx(equity[-1] / equity[-201] - 1)


def test_a_windows_drawdown_is_from_the_windows_own_peak(
    database: Database, built_settings: Settings
) -> None:
    windows = "train=756,test=252"
    found = sweep(
        built_settings,
        database,
        "sma_cross",
        ["fast=50"],
        symbols=["IBM"],
        walk_forward=windows,
    )
    curve = rows_of(
        database,
        "select equity from marts.equity_curve "
        "where strategy = 'sma_cross' and symbol = 'IBM' order by bar_date",
    )
    equity = np.array([row["equity"] for row in curve])

    def deepest(first: int, last: int) -> float:
        own = equity[max(first - 2, 0) : last]
        return float((own / np.maximum.accumulate(own) - 1).min())

    told = [
        row["max_drawdown"] for fold in found.folds for row in (fold.train, fold.test)
    ]
    assert told == [
        pytest.approx(deepest(window.first, window.last))
        for window in windows_of(found.sessions, windows)[1:]
    ]


@pytest.mark.slow
def test_the_walk_forward_takes_the_best_of_each_training(
    database: Database, built_settings: Settings
) -> None:
    windows = "train=1000,test=500"

    def walk(*grid: str) -> Any:
        return sweep(
            built_settings, database, "sma_cross", grid, walk_forward=windows
        ).folds

    together = walk("fast=5,20,50")
    alone = [walk(f"fast={fast}") for fast in (5, 20, 50)]
    assert len(together) == (3270 - 1000) // 500
    for number, fold in enumerate(together):
        best = max((folds[number] for folds in alone), key=lambda f: f.train["sharpe"])
        assert fold.parameters == best.parameters
        assert fold.test["sharpe"] == pytest.approx(best.test["sharpe"])
        assert fold.test["observations"] == 500


def test_duckdb_gives_the_same_figures_and_the_same_trials(
    database: Database, built_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.sweep_duckdb.BARS_AT_A_TIME", 2 * SESSIONS)
    steps: list[tuple[int, int]] = []

    def swept(engine: SweepEngine) -> Sweep:
        return sweep(
            built_settings,
            database,
            "rsi_reversal",
            ["period=5,14", "oversold=20..40:10"],
            symbols=["AAPL", "GOOG", "IBM"],
            walk_forward="train=1000,test=500",
            engine=engine,
            on_step=lambda *step: steps.append(step),
        )

    on_duckdb = swept("duckdb")
    assert steps == [(1, 2), (2, 2)]
    on_postgres = swept("postgres")
    assert len(on_duckdb.points) == 6
    for ours, theirs in zip(on_duckdb.points, on_postgres.points, strict=True):
        assert ours["parameters"] == theirs["parameters"]
        for name in ours.keys() - {"parameters"}:
            assert ours[name] == pytest.approx(theirs[name], rel=1e-9), name
    assert on_duckdb.test_sharpe == pytest.approx(on_postgres.test_sharpe, rel=1e-9)


def test_a_sweep_on_duckdb_says_what_it_lacks(
    database: Database, built_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swept() -> Sweep:
        return sweep(built_settings, database, "sma_cross", ["fast=5"], engine="duckdb")

    monkeypatch.setenv("DUCKDB_MEMORY", "much")
    with pytest.raises(SettingError, match=r"^DUCKDB_MEMORY=much: must be a size"):
        swept()
    monkeypatch.setenv("DUCKDB_MEMORY", "3MB")
    with pytest.raises(SettingError, match=r"^DUCKDB_MEMORY=3MB: too little for the"):
        swept()
    monkeypatch.setattr("flows.engines.find_spec", lambda _: None)
    with pytest.raises(DeskError, match=r"pip install 'desk\[duckdb\]'$"):
        swept()


def test_a_sweep_twice_is_counted_once(
    database: Database, built_settings: Settings
) -> None:

    def sweep_it() -> tuple[int, int]:
        found = sweep(
            built_settings, database, "ema_cross", ["fast=12,30", "slow=26,40"]
        )
        assert (len(found.points), found.skipped) == (3, 1)
        (ledger,) = rows_of(database, "select count(*) as trials from research.trials")
        return ledger["trials"], found.points[0]["trials_in_ledger"]

    (before,) = rows_of(
        database,
        "select count(*) as rows, (select trials from marts.trials limit 1) as trials "
        "from research.trials",
    )
    # The build had 12 and 26 bars: another account of theirs, but nothing new tried.
    assert sweep_it() == (before["rows"] + 3, before["trials"] + 2)
    assert sweep_it() == (before["rows"] + 3, before["trials"] + 2)


@pytest.mark.slow
def test_a_point_that_would_buy_and_sell_on_one_bar_is_left_out(
    built: Database, copies: CopyDatabase, project: Path, tmp_path: Path
) -> None:
    (project / "models" / "strategies" / "calm.sql").write_text(
        """{% set p = parameters(low=[1, 99], high=[1, 99]) %}
        {{ strategy(
            buy=above('rsi_14', p.low), sell=below('rsi_14', p.high), parameters=p
        ) }}"""
    )
    path = project / "dbt_project.yml"
    listed = "  strategies:\n    calm: {low: 60, high: 40}\n"
    path.write_text(path.read_text().replace("  strategies:\n", listed, 1))
    database = copies(built)
    for engine in ENGINES:
        found = sweep(
            Settings(home=tmp_path), database, "calm", ["low=30,60"], engine=engine
        )
        assert [row["parameters"]["low"] for row in found.points] == [60]
        assert found.both_sides == [{"low": 30, "high": 40}]
        assert found.points[0]["trades"] > 0


@pytest.mark.parametrize(
    ("strategy", "grid", "reason"),
    [
        ("sma_cros", ["fast=5"], "there is no strategy sma_cros; known are bollinger"),
        ("sma_cross", [], "at least one --grid"),
        ("sma_cross", ["fast=1..3"], "sma_cross.sql: fast_bars is 1, must be a whole"),
        ("sma_cross", ["fast=5,900"], "sma_cross.sql: fast_bars is 900, must be"),
        ("sma_cross", ["fast=1..1e8"], "fast=1..1e8: more than 100,000 points; take"),
        (
            "sma_cross",
            ["fast=1..400", "slow=1..400"],
            "--grid fast=1..400 slow=1..400: more than 100,000 points",
        ),
        ("sma_cross", ["fast=5:0"], "--grid fast=5:0: write name=5..50:5"),
        ("sma_cross", ["fast=9..5"], "--grid fast=9..5: write"),
        ("sma_cross", ["fast=x"], "--grid fast=x: write"),
        ("sma_cross", ["fast=5", "fast_bars=6"], "fast_bars is given twice"),
        ("sma_cross", ["fast=300"], "no point is left: fast has to be below slow"),
        ("sma_cross", ["medium=3"], "sma_cross.sql: there is no parameter medium"),
        ("macd_cross", ["fast=3"], "macd_cross.sql: there is no parameter fast; known"),
    ],
)
def test_what_cannot_be_swept_is_refused_with_the_reason(
    database: Database,
    built_settings: Settings,
    strategy: str,
    grid: list[str],
    reason: str,
) -> None:
    with pytest.raises(DeskError, match=re.escape(reason)):
        sweep(built_settings, database, strategy, grid)


def test_a_strategy_that_goes_short_is_refused(
    database: Database, built_settings: Settings
) -> None:
    short = built_settings.model_copy(
        update={"strategy_parameters": {"sma_cross": {"has_shorts": True}}}
    )
    with pytest.raises(DeskError, match=r"sma_cross\.sql: a sweep trades long only"):
        sweep(short, database, "sma_cross", ["fast=5"])


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"symbols": ["IBM", "NONE"]}, "no bars of NONE"),
        ({"walk_forward": "train=10"}, "write train=756,test=252"),
        (
            {"walk_forward": "train=3000,test=271"},
            "3271 sessions are needed, there are",
        ),
    ],
)
def test_symbols_and_windows_have_to_be_there(
    database: Database, built_settings: Settings, options: Any, reason: str
) -> None:
    with pytest.raises(DeskError, match=re.escape(reason)):
        sweep(built_settings, database, "sma_cross", ["fast=5"], **options)


def test_ranges_and_lists_make_every_combination() -> None:
    declared = {"fast_bars": 50, "slow_bars": 200, "width": 2}
    grid = make_grid("x", declared, ["fast=5..15:5,40", "width=1..2:0.5"])
    assert [(p["fast_bars"], p["width"]) for p in grid.points] == [
        (fast, width) for fast in (5, 10, 15, 40) for width in (1, 1.5, 2)
    ]
    assert all(type(point["fast_bars"]) is int for point in grid.points)


def test_people_and_machines_are_told_the_same(
    database: Database, built_settings: Settings
) -> None:
    found = sweep(
        built_settings,
        database,
        "rsi_reversal",
        ["oversold=20..40:10"],
        walk_forward="train=1000,test=1000",
    )
    told: list[str] = []
    writers: list[Callable[..., None]] = [write_json, write_csv]
    for write in writers:
        out = io.StringIO()
        write(found, 2, out)
        told.append(out.getvalue())
    as_json, lines = json.loads(told[0]), list(csv.DictReader(io.StringIO(told[1])))
    assert as_json["evaluated"] == 3
    assert len(as_json["points"]) == len(lines) == 2
    assert float(lines[0]["sharpe"]) == as_json["points"][0]["sharpe"]
    assert lines[0]["oversold"] == str(found.points[0]["parameters"]["oversold"])
    out = io.StringIO()
    Console(file=out, width=120).print(render_sweep(found, 2))
    best = found.points[0]
    assert f"{best['sharpe']:.2f}" in out.getvalue()
    assert f"{best['deflated_sharpe']:,.1%}" in out.getvalue()
    assert f"{found.test_sharpe:.2f}" in out.getvalue()
