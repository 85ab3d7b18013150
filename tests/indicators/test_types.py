"""Whole and decimal numbers give the values that double precision gives."""

import re

import numpy as np
import psycopg
import pytest

from tests.indicators.case import CASES, COLUMNS
from tests.indicators.foreign import Render
from tests.indicators.series import bars_around, insert, walk

BARS = re.compile(r'"[^"]*"\."market"\."bars"')


@pytest.mark.parametrize("data_type", ["integer", "bigint", "numeric"])
def test_a_column_of_another_type_counts_like_double_precision(
    data_type: str, conn: psycopg.Connection, render: Render
) -> None:
    conn.execute("truncate market.bars")
    insert(conn, {"ANY": bars_around(walk(300, start=400))})
    columns = ", ".join(f"round({name})::{{}} as {name}" for name in COLUMNS)
    for table, column_type in (("doubles", "double precision"), ("others", data_type)):
        conn.execute(
            f"create temporary table {table} as select ticker, traded_on, "
            f"{columns.replace('{}', column_type)} from market.bars".encode()
        )

    def values(name: str, table: str) -> list[float]:
        query = BARS.sub(table, render(name, CASES[name].model()))
        return [
            np.nan if value is None else float(value)
            for _, _, value in conn.execute(f"{query} order by 2".encode())
        ]

    for name in CASES:
        expected = values(name, "doubles")
        np.testing.assert_allclose(
            values(name, "others"), expected, rtol=1e-9, atol=1e-9, err_msg=name
        )
