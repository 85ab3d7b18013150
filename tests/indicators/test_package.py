"""The package by itself: its README's examples work and its tables are complete."""

import re

import numpy as np
import psycopg
import pytest
import talib

from tests.indicators.case import CASES, FAMILIES, LIMIT, Bars
from tests.indicators.foreign import PACKAGE, ForeignProject, values_of
from tests.indicators.macros import PARTS, arguments, parameters, purpose

README = PACKAGE / "README.md"
BLOCK = re.compile(r"(?<=<!-- macros -->\n)(.*?)(?=<!-- end -->)", re.DOTALL)
EXAMPLE = re.compile(r"```sql\n-- models/(\w+)\.sql: .*?\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def examples(foreign: ForeignProject) -> ForeignProject:
    """The foreign project with the README's examples built in it."""
    for name, model in EXAMPLE.findall(README.read_text()):
        (foreign.folder / "models" / f"{name}.sql").write_text(model)
    foreign.dbt("run", "--select", "pullbacks", "betas")
    return foreign


def test_the_readmes_first_example_finds_pullbacks(
    examples: ForeignProject, conn: psycopg.Connection, series: dict[str, Bars]
) -> None:
    rows = conn.execute(
        "select rsi_14, stop from indicators.pullbacks "
        "where ticker = 'IBM' order by traded_on"
    ).fetchall()
    bars = series["IBM"]
    rsi = talib.RSI(bars.close, 14)
    stop = bars.close - 2 * talib.ATR(bars.high, bars.low, bars.close, 14)
    found = (bars.close > talib.SMA(bars.close, 200)) & (rsi < 30)
    assert found.any()
    np.testing.assert_allclose(
        np.array(rows), np.column_stack([rsi, stop])[found], rtol=LIMIT
    )


def test_the_readmes_second_example_gives_betas(
    examples: ForeignProject, conn: psycopg.Connection, series: dict[str, Bars]
) -> None:
    rows = conn.execute(
        "select beta_252 from indicators.betas where ticker = 'AAPL' order by traded_on"
    ).fetchall()
    beta = talib.BETA(series["IBM"].close, series["AAPL"].close, 252)
    actual = np.array(rows, dtype=np.float64)[:, 0]
    np.testing.assert_allclose(actual, beta, rtol=LIMIT)


def test_the_readme_lists_every_macro(
    conn: psycopg.Connection, request: pytest.FixtureRequest
) -> None:
    warm_up: dict[str, str] = {}
    for case in CASES.values():
        values = values_of(conn, case)["AAPL"]
        first = int(np.argmax(~np.isnan(values)))
        given = re.sub(r"'[^']*'(, )?", "", case.call.partition("(")[2][:-1])
        text = f"{first} ({given})" if given and first else f"{first}"
        warm_up.setdefault(arguments(case.call)[0], text)

    lines = ["| macro | what it says | NULL bars |\n|---|---|---:|\n"]
    for family in FAMILIES:
        for path in sorted((PACKAGE / "macros" / family).iterdir()):
            if path.stem not in PARTS:
                call = f"`{path.stem}({parameters(path.stem)})`"
                nulls = warm_up.get(path.stem, "")
                lines.append(f"| {call} | {purpose(path.stem)} | {nulls} |\n")
    table = "".join(lines)

    if request.config.getoption("--write-readme"):
        before, _, after = BLOCK.split(README.read_text())
        README.write_text(before + table + after)
    assert BLOCK.split(README.read_text())[1] == table


def test_the_functions_live_in_the_schema_that_is_set_whatever_its_name(
    foreign: ForeignProject, conn: psycopg.Connection
) -> None:
    foreign.dbt("run", "--select", "rsi_14")
    schemas = conn.execute(
        "select distinct pronamespace::regnamespace::text from pg_proc "
        "where proname in ('gains_and_losses', 'indicators_release')"
    ).fetchall()
    assert schemas == [('"The functions"',)]
