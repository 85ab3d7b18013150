"""The page on adding an indicator, followed as it is written."""

import re
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import numpy as np
import talib

from desk.database import Database
from desk.settings import PROJECT, Settings
from flows.transform import build, compiled
from tests.conftest import CopyDatabase
from tests.dbt.rows import column, rows_of
from tests.indicators.case import Bars, Case

PAGE = (PROJECT / "docs" / "adding_an_indicator.md").read_text()
NAME = "rolling_range_20"


def insert(path: Path, before: str, text: str) -> None:
    """Lines before the first one that starts with some text, indented like it."""
    given = path.read_text()
    found = re.search(rf"^( *){re.escape(before)}", given, re.MULTILINE)
    assert found, (path, before)
    lines = indent(text, found[1])
    path.write_text(given[: found.start()] + lines + given[found.start() :])


def test_the_page_on_indicators_works_as_it_is_written(
    built: Database, copies: CopyDatabase, project: Path, tmp_path: Path
) -> None:
    blocks = [dedent(text) for text in re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL)]
    macro, case, computed, terms, described, known, called = blocks
    (target,) = re.findall(r"`dbt_project/(indicators/macros/\w+/\w+\.sql)`", PAGE)
    models, macros = project / "models", project / "macros"

    (project / target).write_text(macro)
    family = models / "intermediate" / "int_volatility.sql"
    insert(family, "{{ indicators.standard_deviation(", computed)
    insert(family, "stddev_20,", f"{NAME},\n")
    insert(macros / "indicator_columns.sql", "'stddev_20': ", terms)
    for path in (
        family.with_suffix(".yml"),
        models / "intermediate" / "int_indicators.yml",
        models / "marts" / "indicators.yml",
    ):
        insert(path, "- name: stddev_20", described)
    insert(macros / "strategies" / "known_values.sql", "'donchian_lower': ", known)
    insert(
        macros / "strategies" / "known_values.sql",
        "{%- elif indicator == 'donchian_lower'",
        called,
    )
    database, settings = copies(built), Settings(home=tmp_path)
    build(settings, database, select=["int_volatility", "int_indicators", "indicators"])

    rows = rows_of(
        database,
        f"select bars.*, {NAME} from intermediate.int_bars as bars "
        f"join intermediate.int_indicators using (symbol, bar_date) "
        f"where symbol = 'AAPL' order by bar_date",
    )
    given: Any = {name: column(rows, name) for name in ("open", "high", "low")}
    close, volume = column(rows, "close"), column(rows, "volume")
    bars = Bars(**given, close=close, volume=volume, benchmark=close)
    expected = eval(case, {"Case": Case, "talib": talib})  # noqa: S307
    np.testing.assert_allclose(column(rows, NAME), expected.oracle(bars), rtol=1e-9)
    assert rows_of(database, f"select 1 from marts.indicators where {NAME} > 0")
    for rule in (f"above('{NAME}', 5)", "above('rolling_range_30', 5)"):
        assert "range" in compiled(settings, database, f"{{{{ {rule} }}}}")
