"""The trial ledger counts honestly, and Sharpe ratios are deflated by its count."""

from math import e, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg.types.json import Jsonb

from desk.database import Database
from desk.settings import Settings
from flows.backtest import read_backtest
from flows.transform import build, compiled
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

EULER = 0.5772156649015329
NORMAL = NormalDist()
INSERT = """
insert into research.trials (
    strategy, version, parameters, accounts, settings, first_session, last_session,
    data_fingerprint, code, observations, sharpe, skewness, kurtosis, metrics
)
values (
    'made_up', %(version)s, %(parameters)s, 'portfolio', '{}', '2000-01-03',
    '2004-12-31', %(data)s, 'code', 1250, %(sharpe)s, %(skewness)s, %(kurtosis)s, '{}'
)
"""


def add_trial(database: Database, **given: Any) -> None:
    """A trial as a build would write it."""
    row = {
        "version": "v1",
        "parameters": Jsonb({"bars": 1}),
        "data": "a",
        "sharpe": 0.05,
        "skewness": 0.0,
        "kurtosis": 3.0,
    }
    with database.connect("dbt") as conn:
        conn.execute(INSERT, row | given)


def judged(database: Database) -> list[dict[str, Any]]:
    return rows_of(database, "select * from marts.trials order by trial_id")


def probability(sharpe: float, row: dict[str, Any], benchmark: float) -> float:
    """Bailey and López de Prado 2012, with per-day Sharpe ratios."""
    spread = 1 - row["skewness"] * sharpe + (row["kurtosis"] - 1) / 4 * sharpe**2
    return NORMAL.cdf(
        (sharpe - benchmark) * sqrt(row["observations"] - 1) / sqrt(spread)
    )


def expected_maximum(sharpes: list[float]) -> float:
    """Bailey and López de Prado 2014."""
    count = len(sharpes)
    return float(np.std(sharpes, ddof=1)) * (
        (1 - EULER) * NORMAL.inv_cdf(1 - 1 / count)
        + EULER * NORMAL.inv_cdf(1 - 1 / (count * e))
    )


def test_a_build_records_each_strategy_once(
    built: Database, copies: CopyDatabase, built_settings: Settings
) -> None:
    database = copies(built)
    before = judged(database)
    metrics = rows_of(
        database,
        "select * from marts.backtest_metrics inner join intermediate.int_strategies "
        "using (strategy) where symbol = 'portfolio' order by strategy",
    )
    assert [row["strategy"] for row in before] == [row["strategy"] for row in metrics]
    for trial, row in zip(before, metrics, strict=True):
        assert trial["parameters"] == row["parameters"]
        assert trial["version"] == row["version"]
        assert trial["metrics"]["total_return"] == row["total_return"]
        assert trial["last_session"] == row["last_session"]
        assert trial["settings"]["commission_bps"] == 1
    build(built_settings, database, select=["backtest_metrics"])
    assert judged(database) == before
    dear = built_settings.model_copy(update={"commission_bps": 20})
    build(dear, database, select=["backtest_metrics"])
    after = judged(database)
    assert len(after) == 2 * len(before)
    assert {row["trials"] for row in after} == {len(before)}


def test_the_ratios_are_those_of_the_returns(built: Database) -> None:
    trials = judged(built)
    curves = rows_of(
        built,
        "select strategy, daily_return from marts.equity_curve "
        "where symbol = 'portfolio' and daily_return is not null order by bar_date",
    )
    sharpes = []
    for trial in trials:
        own = [r["daily_return"] for r in curves if r["strategy"] == trial["strategy"]]
        returns = np.array(own)
        assert trial["observations"] == len(returns)
        sharpes.append(float(returns.mean() / returns.std(ddof=1)))
        left = returns - returns.mean()
        assert trial["sharpe"] == pytest.approx(sharpes[-1] * sqrt(252))
        assert trial["skewness"] == pytest.approx((left**3).mean() / left.std() ** 3)
        assert trial["kurtosis"] == pytest.approx((left**4).mean() / left.std() ** 4)
    benchmark = expected_maximum(sharpes)
    for trial, sharpe in zip(trials, sharpes, strict=True):
        assert trial["probabilistic_sharpe"] == pytest.approx(
            probability(sharpe, trial, 0)
        )
        assert trial["deflated_sharpe"] == pytest.approx(
            probability(sharpe, trial, benchmark)
        )
        assert trial["expected_maximum"] == pytest.approx(benchmark * sqrt(252))


def test_the_example_of_the_paper_comes_out(
    built: Database, copies: CopyDatabase
) -> None:
    """The Deflated Sharpe Ratio (2014): 2.5 a year over five years of 250 days, 100
    trials with a variance of 1/2, skewness -3 and kurtosis 10: 0.1132 and 0.9004."""
    database = copies(built)
    with database.connect() as conn:
        conn.execute("alter table research.trials disable trigger all")
        conn.execute("delete from research.trials")
    wave = np.sin(np.arange(100.0))
    sharpes = (wave - wave[0]) / wave.std(ddof=1) * sqrt(0.5 / 250) + 2.5 / sqrt(250)
    for number, sharpe in enumerate(sharpes):
        add_trial(
            database,
            parameters=Jsonb({"bars": number}),
            sharpe=sharpe,
            skewness=-3,
            kurtosis=10,
        )
    first = judged(database)[0]
    assert first["trials"] == 100
    assert first["expected_maximum"] / sqrt(252) == pytest.approx(0.1132, abs=5e-5)
    assert first["deflated_sharpe"] == pytest.approx(0.9004, abs=5e-5)


def test_a_configuration_counts_once_whatever_the_data(
    built: Database, copies: CopyDatabase
) -> None:
    database = copies(built)

    def count() -> int:
        return int(judged(database)[0]["trials"])

    before = count()
    add_trial(database)
    assert count() == before + 1
    add_trial(database, data="another day's")
    assert count() == before + 1
    add_trial(database, parameters=Jsonb({"bars": 1.0}), data="a third")
    assert count() == before + 1
    add_trial(database, parameters=Jsonb({"bars": 2}))
    add_trial(database, version="v2")
    add_trial(database, version="v3", sharpe=None, skewness=None, kurtosis=None)
    assert count() == before + 4
    assert judged(database)[-1]["deflated_sharpe"] is None
    sharpes = [row["sharpe"] for row in judged(database)]
    newest = [*sharpes[:before], *sharpes[before + 2 : -1], 0]
    assert judged(database)[0]["expected_maximum"] == pytest.approx(
        expected_maximum([sharpe / sqrt(252) for sharpe in newest]) * sqrt(252)
    )


def test_the_same_trial_is_refused_and_none_is_changed(
    built: Database, copies: CopyDatabase
) -> None:
    database = copies(built)
    add_trial(database)
    with pytest.raises(psycopg.errors.UniqueViolation):
        add_trial(database)
    for statement in (
        "update research.trials set sharpe = 9",
        "truncate research.trials",
    ):
        with (
            database.connect("dbt") as conn,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            conn.execute(statement)
        with (
            database.connect("owner") as conn,
            pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        ):
            conn.execute(statement)
    with (
        database.connect("reader") as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute("delete from research.trials")


def test_the_normal_quantile_is_right_to_the_last_digits(
    built: Database, built_settings: Settings
) -> None:
    near = np.linspace(0.001, 0.999, 997)
    probabilities = [1e-10, *near, 1 - 1e-6, 1 - 1e-10]
    sql = compiled(
        built_settings,
        built,
        "select {{ normal_quantile('p') }} from unnest(%s::float8[]) "
        "with ordinality as ps (p, place) order by place",
    )
    with built.connect("reader") as conn:
        found = [row[0] for row in conn.execute(sql.encode(), [probabilities])]
    assert found == pytest.approx(
        [NORMAL.inv_cdf(p) for p in probabilities], rel=1e-12, abs=1e-15
    )


def test_the_fingerprint_is_that_of_every_price(
    built: Database, copies: CopyDatabase, built_settings: Settings
) -> None:
    database = copies(built)
    sql = compiled(built_settings, built, "{{ data_fingerprint() }}")
    sql = sql.replace(f'"{built.parameters["dbname"]}".', "")
    seen = set()
    with database.connect("dbt") as conn:

        def fingerprint() -> str:
            row = conn.execute(sql.encode()).fetchone()
            assert row is not None
            return str(row[0])

        seen.add(fingerprint())
        assert fingerprint() in seen
        for column in ("open", "high", "low", "close", "volume"):
            conn.execute(
                f"update intermediate.int_bars set {column} = {column} + 1e-6 "
                "where symbol = 'IBM' and bar_date = '2005-06-01'"
            )
            seen.add(fingerprint())
        conn.execute(
            "delete from intermediate.int_bars "
            "where symbol = 'IBM' and bar_date = '2006-06-01'"
        )
        seen.add(fingerprint())
        conn.rollback()
    assert len(seen) == 7


def test_the_backtest_shows_what_is_left_of_its_sharpe_ratios(built: Database) -> None:
    trials = {row["strategy"]: row for row in judged(built)}
    for row in read_backtest(built).metrics:
        trial = trials.get(row["strategy"], {"deflated_sharpe": None})
        assert row["deflated_sharpe"] == trial["deflated_sharpe"]
    assert len(trials) == 7
