"""Every macro that DuckDB has, where prices stand still, tie and are missing."""

import re

import pytest

from desk.database import Database
from desk.settings import Settings
from flows.parsed import DBT_PROJECT
from flows.transform import compiled
from tests.dbt.engines import DuckDb, differences
from tests.dbt.rows import rows_of

ENGINES = DBT_PROJECT / "indicators" / "macros" / "checks" / "check_engine.sql"
HLC = "'high', 'low', 'close'"
CALLS = {
    **dict.fromkeys(("adx", "plus_di", "minus_di", "true_range_sum"), f"{HLC}, 5"),
    **dict.fromkeys(("atr", "natr"), f"{HLC}, 5"),
    **dict.fromkeys(("stochastic_fast_k", "williams_r"), f"{HLC}, 5"),
    **dict.fromkeys(("average_gain", "average_loss", "cmo", "rsi"), "'close', 5"),
    **dict.fromkeys(("ema", "sma", "momentum", "roc"), "'close', 5"),
    **dict.fromkeys(("macd_fast", "macd_signal", "macd_slow"), "'close', 3, 6, 4"),
    "macd": "'close', 3, 6",
    **dict.fromkeys(("bollinger", "standard_deviation"), "'close', 5"),
    **dict.fromkeys(("bollinger_percent_b", "bollinger_width"), "'close', 5"),
    **dict.fromkeys(("rolling_max", "rolling_min", "rolling_sum"), "'close', 5"),
    "donchian_upper": "'high', 5",
    "donchian_lower": "'low', 5",
    **dict.fromkeys(("drawdown", "peak", "log_return"), "'close'"),
    **dict.fromkeys(("chaikin_money_flow", "vwap"), f"{HLC}, 'volume', 5"),
    **dict.fromkeys(("ad_line", "money_flow", "money_flow_volume"), f"{HLC}, 'volume'"),
    **dict.fromkeys(("force", "obv"), "'close', 'volume'"),
    "typical_price": HLC,
    # Over columns that others make: here any will do.
    "historical_volatility": "'change', 5",
    "mfi": "'change', 5",
}
SERIES = """
with numbered as (
    select
        symbol,
        cast(bar_number as integer) as bar_number,
        cast(bar_number * 7919 % 101 as double precision) / 8 as luck
    from generate_series(1, 60) as days (bar_number)
    cross join (values ('still'), ('missing'), ('tied'), ('wild')) as s (symbol)
),

priced as (
    select
        *,
        date '2020-01-01' + bar_number as bar_date,
        case symbol
            when 'still' then 10
            when 'missing' then case when bar_number % 7 > 1 then 50 + luck end
            when 'tied' then 50 + bar_number % 3
            else 50 + luck
        end as close,
        case when bar_number % 5 = 0 then 0 else 100 * luck end as volume
    from numbered
),

bars as (
    select
        *,
        close + case symbol when 'wild' then luck / 3 else 0 end as high,
        close - case symbol when 'wild' then luck / 5 else 0 end as low,
        case when bar_number > 2 then close - 50 end as change
    from priced
)
"""


@pytest.fixture(scope="module")
def empty_duck(tmp_path_factory: pytest.TempPathFactory) -> DuckDb:
    """DuckDB without a build."""
    folder = tmp_path_factory.mktemp("duckdb")
    return DuckDb(folder, folder)


def test_every_macro_that_duckdb_has_is_compared() -> None:
    listed = ENGINES.read_text().split("duckdb__macros_here()")[1].split("]")[0]
    assert set(re.findall(r"'(\w+)'", listed)) == set(CALLS)


def test_a_macro_on_duckdb_gives_what_it_gives_on_postgres(
    built: Database, built_settings: Settings, empty_duck: DuckDb
) -> None:
    calls = (
        f"{{{{ indicators.{name}({given}) }}}} as {name}_value"
        for name, given in CALLS.items()
    )
    jinja = f"""
        {SERIES}
        select symbol, bar_number, {", ".join(calls)}
        from {{{{ indicators.walked('bars') }}}}
    """
    on_postgres = compiled(built_settings, built, jinja)
    on_duckdb = empty_duck.dbt("compile", "--inline", jinja)[0].node.compiled_code
    ours = rows_of(built, f"{on_postgres} order by 1, 2")
    empty_duck.dbt("run-operation", "create_aggregates")  # makes the file
    assert differences(ours, empty_duck.rows_of(f"{on_duckdb} order by 1, 2")) == []
    assert all(any(row[f"{name}_value"] for row in ours) for name in CALLS)
