"""Rows of a table as the tests compare them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import dict_row

from desk.database import Database

Series = NDArray[np.float64]


def rows_of(database: Database, query: str, *parameters: Any) -> list[dict[str, Any]]:
    """All rows of a query, with the reader's rights."""
    with database.connect("reader", row_factory=dict_row) as conn:
        return conn.execute(query.encode(), parameters or None).fetchall()


def by_symbol(
    rows: Sequence[dict[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    """Rows that are ordered by symbol, apart for each."""
    return {
        symbol: list(group) for symbol, group in groupby(rows, lambda r: r["symbol"])
    }


def column(rows: Sequence[dict[str, Any]], name: str) -> Series:
    """A column as an array; NULL is NaN."""
    return np.array([row[name] for row in rows], dtype=np.float64)
